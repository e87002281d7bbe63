// Owns: the serial loop: one bounded queue, one input at a time, effects in array order (house.md, rules of the loop).
// Not here: what an effect does (effects.ts), what the machine decides (consensus).
import { NodeError } from '../core/base/errors.ts'
import { step } from '../consensus/machine.ts'
import type { ConsensusState } from '../consensus/state.ts'
import type { Effect } from '../consensus/effect.ts'
import type { Input } from '../consensus/input.ts'
import { encodeWalInput, isForeignMessage, isNews } from './wal-records.ts'

/** Items waiting at most; beyond it messages of others are dropped and anti-entropy brings them again. */
export const QUEUE_MAX = 20_000
/** Records of others' messages that one height may add to the log; later ones count but are not logged, which costs no safety. */
export const FOREIGN_RECORDS_MAX = 50_000

type Item = { readonly input: Input; readonly logged: boolean } | { readonly task: () => void | Promise<void> }

/** The machine that the loop drives, and what it does with its effects. */
export type DriverParts = {
  readonly state: ConsensusState
  /** Appends to the WAL's buffer; durable only after a flush. */
  readonly logRecord: (type: number, payload: Uint8Array) => void
  readonly perform: (effect: Effect) => void | Promise<void>
  /** Told once; the node stops. Nothing runs after it. */
  readonly onFatal: (error: unknown) => void
  readonly onDropped: () => void
  /** Told after each step of the machine, before its effects. */
  readonly onStepped?: () => void
}

/** The serial loop: inputs and tasks run one at a time, in the order in which they came. */
export type Driver = {
  /** Queues an input of this node itself, never dropped; `logged` says that the WAL holds it already. */
  readonly enqueue: (input: Input, logged?: boolean) => void
  /** Queues a verified message of a peer; dropped while the queue is full. */
  readonly offer: (input: Input) => void
  /** Queues work that must not run beside inputs: executing a fetched body, committing a synced block. */
  readonly runTask: (task: () => void | Promise<void>) => void
  readonly queueLength: () => number
  /** Resolves when the input at hand is done; later ones are dropped. */
  readonly stop: () => Promise<void>
}

/** Builds the loop; it runs whenever something is queued. */
export function createDriver(parts: DriverParts): Driver {
  const queue: Item[] = []
  let at = 0
  let running: Promise<void> | null = null
  let stopped = false
  const isWorthLogging = createLogFilter(parts.state)

  const runItem = (item: Item): Promise<void> => runOne(parts, item, { isWorthLogging, isStopped: () => stopped })

  const drain = async (): Promise<void> => {
    try {
      while (at < queue.length && !stopped) {
        const item = queue[at++] as Item
        if (at > 1_024) {
          queue.splice(0, at)
          at = 0
        }
        await runItem(item)
      }
    } catch (error) {
      stopped = true
      parts.onFatal(error)
    } finally {
      if (at >= queue.length) queue.length = at = 0
      running = null
    }
  }

  const push = (item: Item): void => {
    if (stopped) return
    queue.push(item)
    running ??= Promise.resolve().then(drain)
  }

  return {
    enqueue: (input, logged = false) => push({ input, logged }),
    offer(input) {
      if (queue.length - at >= QUEUE_MAX) return parts.onDropped()
      push({ input, logged: false })
    },
    runTask: (task) => push({ task }),
    queueLength: () => queue.length - at,
    async stop() {
      stopped = true
      await running
    },
  }
}

type Running = { readonly isWorthLogging: (input: Input) => boolean; readonly isStopped: () => boolean }

async function runOne(parts: DriverParts, item: Item, { isWorthLogging, isStopped }: Running): Promise<void> {
  if ('task' in item) return await item.task()
  if (!item.logged && isWorthLogging(item.input)) {
    const record = encodeWalInput(item.input)
    if (record !== null) parts.logRecord(record.type, record.payload)
  }
  const effects = step(parts.state, item.input)
  parts.onStepped?.()
  for (const effect of effects) {
    // A fatal error may come up between two effects: the next one must not sign.
    if (isStopped()) return
    const pending = parts.perform(effect)
    if (pending !== undefined) await pending
  }
}

// A message that changes nothing explains nothing: a peer that repeats itself must not grow the log.
function createLogFilter(state: ConsensusState): (input: Input) => boolean {
  let foreign = { height: -1, records: 0 }
  return (input) => {
    if (!isNews(state, input)) return false
    if (!isForeignMessage(state, input)) return true
    if (foreign.height !== state.height) foreign = { height: state.height, records: 0 }
    return foreign.records++ < FOREIGN_RECORDS_MAX
  }
}

/** The error as a sentence with its stable code. */
export function describeFatal(error: unknown): { code: string; text: string } {
  if (error instanceof NodeError) return { code: error.code, text: error.message }
  return { code: 'INTERNAL', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
