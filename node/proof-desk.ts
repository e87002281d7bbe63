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

type Task = ProofTask & { readonly key: string; readonly waiters: (() => void)[] }
type Seat = { thread: ProofThread; held: number }

type Lines = Readonly<Record<ProofLine, Task[]>>
/** Tasks on threads: given from the lines as long as there is a seat. */
type Crew = {
  readonly work: () => void
  readonly held: () => number
  readonly isGone: () => boolean
  /** True once a thread has answered; before, `warm` starts one for what comes later. */
  readonly isReady: () => boolean
  readonly warm: () => void
  readonly stop: () => void
}

// A machine without a thread to give does not end the node: such a one ends at once, and what it held is judged in place.
function startSafely(start: StartProofThread, on: Parameters<StartProofThread>[0]): ProofThread {
  try {
    return start(on)
  } catch {
    queueMicrotask(on.onEnd)
    return { post: () => undefined, stop: () => undefined }
  }
}

function createCrew(parts: ProofDeskParts, lines: Lines, onDone: (task: Task) => void): Crew {
  const held = new Map<number, { task: Task; seat: Seat }>()
  const seats: Seat[] = []
  let ends = 0
  let isReady = false
  let stopped = false

  const finish = (task: Task): void => {
    held.delete(task.id)
    onDone(task)
  }
  const onAnswer = ({ id, isMade, verdict }: ProofAnswer): void => {
    const entry = held.get(id)
    if (entry === undefined || stopped) return
    isReady = true
    entry.seat.held--
    if (isMade) parts.memory.keep(entry.task.key, verdict)
    finish(entry.task)
    work()
  }
  const onEnd = (seat: Seat): void => {
    ends++
    seats.splice(seats.indexOf(seat), 1)
    for (const entry of [...held.values()].filter((given) => given.seat === seat)) finish(entry.task)
    if (ends <= ENDS_MAX) work()
    else for (const line of Object.values(lines)) for (const task of line.splice(0)) onDone(task)
  }
  const openSeat = (): Seat => {
    const thread = startSafely(parts.startThread, { onAnswer, onEnd: () => onEnd(seat) })
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
    isReady: () => isReady,
    warm: () => void (seats.length === 0 && openSeat()),
    isGone: () => stopped || ends > ENDS_MAX || parts.threadsMax === 0,
    stop() {
      stopped = true
      for (const seat of seats) seat.thread.stop()
    },
  }
}

/**
 * Opens a desk; threads are started when they are first needed. A proposed block waits for none to start: until one has answered,
 * its statements are judged in place.
 */
export function createProofDesk(parts: ProofDeskParts): ProofDesk {
  const lines: Lines = { block: [], waiting: [] }
  const tasks = new Map<string, Task>()
  const crew = createCrew(parts, lines, (task) => {
    tasks.delete(task.key)
    for (const tell of task.waiters) tell()
  })
  let next = 0
  // One statement is one task, however many wait for it; what a block needs goes to its line.
  const taskOf = (line: ProofLine, { key, type, statement }: Open): Task => {
    const known = tasks.get(key)
    const at = known === undefined || line === 'waiting' ? -1 : lines.waiting.indexOf(known)
    if (at !== -1) lines.block.push(...lines.waiting.splice(at, 1))
    if (known !== undefined) return known
    const task: Task = { id: next++, key, type, statement, waiters: [] }
    tasks.set(key, task)
    lines[line].push(task)
    return task
  }
  return {
    count: () => tasks.size,
    judge(line, txs) {
      if (crew.isGone()) return null
      const open = txs.flatMap((checked) => openStatement(parts, checked))
      if (open.length === 0 || tasks.size + open.length > WAITING_MAX) return null
      if (line === 'block' && !crew.isReady()) {
        crew.warm()
        return null
      }
      const waits = open.map((wanted) => new Promise<void>((tell) => taskOf(line, wanted).waiters.push(tell)))
      crew.work()
      return Promise.all(waits).then(() => undefined)
    },
    stop: crew.stop,
  }
}

type Open = { readonly key: string; readonly type: number; readonly statement: Uint8Array }

// What a transaction will ask at the head, unless it is known. A room that fails on it fails again where it is caught.
function openStatement({ memory, state }: ProofDeskParts, { definition, payload }: CheckedTransaction): readonly Open[] {
  const { type, costly } = definition
  if (costly === undefined) return []
  try {
    const statement = costly.statementOf(state, payload)
    if (statement === null) return []
    const key = memory.keyOf(type, statement)
    return memory.has(key) ? [] : [{ key, type, statement }]
  } catch (error) {
    if (error instanceof NodeError) throw error
    return []
  }
}
