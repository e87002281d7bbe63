// Owns: costly checks on other threads: of waiting transactions before they are admitted, of a proposed block's before it is
// executed. Nothing depends on it but speed: a verdict that is not there is made in place. Not here: the thread
// (proof-worker.ts), the memory (verdict-memory.ts).
import type { CheckedTransaction } from '../core/execution/check.ts'
import type { ReadView } from '../core/state/view.ts'
import { NodeError } from '../core/base/errors.ts'
import type { ProofAnswer, ProofTask } from './proof-worker.ts'
import type { VerdictMemory } from './verdict-memory.ts'

/** A thread that judges: tasks in, answers out. */
export type ProofThread = {
  readonly post: (task: ProofTask) => void
  readonly stop: () => void
}

/** Starts a thread; `onAnswer` gets its answers, `onEnd` is called once when it ends by itself. */
export type StartProofThread = (on: { onAnswer: (answer: ProofAnswer) => void; onEnd: () => void }) => ProofThread

/** What the desk works with. */
export type ProofDeskParts = {
  readonly memory: VerdictMemory
  readonly state: ReadView
  readonly startThread: StartProofThread
  readonly threadsMax: number
}

/** Which line a statement waits in; those of a proposed block go first. */
export type ProofLine = 'block' | 'waiting'

/** Verdicts made elsewhere. */
export type ProofDesk = {
  /** Resolves once verdicts of these are remembered, or cannot be had; null where nothing has to be made or waited for. */
  readonly judge: (line: ProofLine, txs: readonly CheckedTransaction[]) => Promise<void> | null
  /** Statements that wait or are being judged. */
  readonly count: () => number
  readonly stop: () => void
}

/** Statements that may wait: beyond them everything is judged in place, as if there were no threads. */
const WAITING_MAX = 10_000
/** Statements that one thread holds at once: enough not to idle, few enough that a block's come soon. */
const HELD_MAX = 2
/** Threads that may end by themselves before the desk does without. */
const ENDS_MAX = 3

type Task = ProofTask & { readonly done: () => void }
type Seat = { thread: ProofThread; held: number }

type Lines = Readonly<Record<ProofLine, Task[]>>
/** Tasks on threads: given from the lines as long as there is a seat. */
type Crew = { readonly work: () => void; readonly held: () => number; readonly isGone: () => boolean; readonly stop: () => void }

function createCrew(parts: ProofDeskParts, lines: Lines): Crew {
  const held = new Map<number, { task: Task; seat: Seat }>()
  const seats: Seat[] = []
  let ends = 0
  let stopped = false

  const finish = (task: Task): void => {
    held.delete(task.id)
    task.done()
  }
  const onAnswer = ({ id, isMade, verdict }: ProofAnswer): void => {
    const entry = held.get(id)
    if (entry === undefined || stopped) return
    entry.seat.held--
    if (isMade) parts.memory.keep(entry.task.type, entry.task.statement, verdict)
    finish(entry.task)
    work()
  }
  const onEnd = (seat: Seat): void => {
    ends++
    seats.splice(seats.indexOf(seat), 1)
    for (const entry of [...held.values()].filter((given) => given.seat === seat)) finish(entry.task)
    if (ends <= ENDS_MAX) work()
    else for (const line of Object.values(lines)) for (const task of line.splice(0)) task.done()
  }
  const openSeat = (): Seat => {
    const thread = parts.startThread({ onAnswer, onEnd: () => onEnd(seat) })
    const seat: Seat = { thread, held: 0 }
    seats.push(seat)
    return seat
  }
  const freeSeat = (): Seat | undefined =>
    seats.find((seat) => seat.held < HELD_MAX) ?? (seats.length < parts.threadsMax ? openSeat() : undefined)
  const work = (): void => {
    while (!stopped && lines.block.length + lines.waiting.length > 0) {
      const seat = freeSeat()
      if (seat === undefined) return
      const task = (lines.block.shift() ?? lines.waiting.shift()) as Task
      seat.held++
      held.set(task.id, { task, seat })
      seat.thread.post({ id: task.id, type: task.type, statement: task.statement })
    }
  }
  return {
    work,
    held: () => held.size,
    isGone: () => stopped || ends > ENDS_MAX || parts.threadsMax === 0,
    stop() {
      stopped = true
      for (const seat of seats) seat.thread.stop()
    },
  }
}

/** Opens a desk; threads are started when they are first needed. */
export function createProofDesk(parts: ProofDeskParts): ProofDesk {
  const lines: Lines = { block: [], waiting: [] }
  const crew = createCrew(parts, lines)
  let next = 0
  const count = (): number => lines.block.length + lines.waiting.length + crew.held()
  return {
    count,
    judge(line, txs) {
      if (crew.isGone()) return null
      const open = txs.flatMap((checked) => openStatement(parts, checked)).slice(0, Math.max(0, WAITING_MAX - count()))
      if (open.length === 0) return null
      const waits = open.map((statement) => new Promise<void>((done) => lines[line].push({ ...statement, id: next++, done })))
      crew.work()
      return Promise.all(waits).then(() => undefined)
    },
    stop: crew.stop,
  }
}

// What a transaction will ask at the head, unless it is known. A room that fails on it fails again where it is caught.
function openStatement(
  { memory, state }: ProofDeskParts,
  { definition, payload }: CheckedTransaction,
): readonly { type: number; statement: Uint8Array }[] {
  const { type, costly } = definition
  if (costly === undefined) return []
  try {
    const statement = costly.statementOf(state, payload)
    return statement === null || memory.has(type, statement) ? [] : [{ type, statement }]
  } catch (error) {
    if (error instanceof NodeError) throw error
    return []
  }
}
