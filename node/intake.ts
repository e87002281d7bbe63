// Owns: the order in which transactions are checked, a few per turn of the event loop, so that a flood of them never keeps
// consensus waiting. Not here: the check itself (admission-desk.ts), batches on the wire (tx-relay.ts).
import type { Failure } from '../core/base/errors.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import type { Clock } from './ports.ts'

/** Where transactions come from; the two take turns, so that neither can starve the other. */
export type IntakeSource = 'client' | 'peer'

/** What became of one transaction: checked and taken in, or the failure that refused it. */
export type Outcome = CheckedTransaction | Failure

/** Transactions on their way to the mempool. */
export type Intake = {
  /** The outcome of each in order, or null when this source has as many waiting as allowed. */
  readonly take: (source: IntakeSource, wires: readonly Uint8Array[]) => Promise<readonly Outcome[]> | null
  /** Nothing more is checked: the store behind the checks is about to close. What waits stays without an outcome. */
  readonly stop: () => void
}

/** What the intake needs: a check, and turns of the event loop. */
export type IntakeParts = {
  readonly clock: Clock
  /** The outcome, or a promise of it where part of the check is done on another thread. It never rejects. */
  readonly admit: (wire: Uint8Array) => Outcome | Promise<Outcome>
}

/** Checked before other work gets its turn: about a millisecond. */
const CHECKED_PER_TURN = 12
/** Transactions of one source that may wait. */
const WAITING_MAX = 8_192
/** Their bytes, 32 MiB: as many of the largest would be half a gigabyte. */
export const WAITING_BYTES_MAX = 33_554_432

type Waiting = {
  readonly wires: readonly Uint8Array[]
  readonly outcomes: Outcome[]
  readonly tell: (outcomes: readonly Outcome[]) => void
  /** Wires whose check has begun, and of them those that have an outcome. */
  begun: number
  ended: number
}
/** `unbegun` of the wires in the queue wait for their turn; `waiting` and `bytes` count those with no outcome yet. */
type Line = { readonly queue: Waiting[]; at: number; unbegun: number; waiting: number; bytes: number }

/** Builds an empty intake. */
export function createIntake(parts: IntakeParts): Intake {
  const lines: Readonly<Record<IntakeSource, Line>> = { client: createLine(), peer: createLine() }
  let turn: IntakeSource = 'client'
  let running = false
  let stopped = false

  const work = (): void => {
    if (stopped) return
    for (let left = CHECKED_PER_TURN; left > 0; left--) {
      turn = turn === 'client' ? 'peer' : 'client'
      const line = lines[turn].unbegun > 0 ? lines[turn] : lines[turn === 'client' ? 'peer' : 'client']
      if (line.unbegun === 0) break
      checkNext(line, parts.admit)
    }
    running = lines.client.unbegun + lines.peer.unbegun > 0
    if (running) parts.clock.startTimer(0, work)
  }

  return {
    take(source, wires) {
      const line = lines[source]
      const bytes = wires.reduce((sum, wire) => sum + wire.length, 0)
      if (stopped || line.waiting + wires.length > WAITING_MAX || line.bytes + bytes > WAITING_BYTES_MAX) return null
      if (wires.length === 0) return Promise.resolve([])
      return new Promise((tell) => {
        line.queue.push({ wires, outcomes: [], tell, begun: 0, ended: 0 })
        line.unbegun += wires.length
        line.waiting += wires.length
        line.bytes += bytes
        if (running) return
        running = true
        parts.clock.startTimer(0, work)
      })
    },
    stop() {
      stopped = true
    },
  }
}

function createLine(): Line {
  return { queue: [], at: 0, unbegun: 0, waiting: 0, bytes: 0 }
}

function checkNext(line: Line, admit: IntakeParts['admit']): void {
  const first = line.queue[line.at] as Waiting
  const index = first.begun++
  const wire = first.wires[index] as Uint8Array
  line.unbegun--
  if (first.begun === first.wires.length) line.at++
  if (line.at > 1_024 || line.at === line.queue.length) {
    line.queue.splice(0, line.at)
    line.at = 0
  }
  const outcome = admit(wire)
  const end = (found: Outcome): void => {
    first.outcomes[index] = found
    first.ended++
    line.waiting--
    line.bytes -= wire.length
    if (first.ended === first.wires.length) first.tell(first.outcomes)
  }
  if (outcome instanceof Promise) void outcome.then(end)
  else end(outcome)
}
