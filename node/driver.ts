// Owns: the serial loop: one bounded queue, one input at a time, effects in array order (house.md, rules of the loop).
// Not here: what an effect does (effects.ts), what the machine decides (consensus).
import { NodeError } from '../core/base/errors.ts'
import { step } from '../consensus/machine.ts'
import type { ConsensusState } from '../consensus/state.ts'
import type { Effect } from '../consensus/effect.ts'
import type { Input } from '../consensus/input.ts'
import { encodeWalInput } from './wal-records.ts'

/** Inputs waiting at most; beyond it votes of others are dropped and anti-entropy brings them again. */
const QUEUE_MAX = 20_000

type Item = { readonly input: Input; readonly logged: boolean } | { readonly task: () => void | Promise<void> }

export type DriverParts = {
  readonly state: ConsensusState
  /** Appends to the WAL's buffer; durable only after a flush. */
  readonly logRecord: (type: number, payload: Uint8Array) => void
  readonly perform: (effect: Effect) => void | Promise<void>
  /** Told once; the node stops. Nothing runs after it. */
  readonly onFatal: (error: unknown) => void
  readonly onDropped: () => void
}

export type Driver = {
  /** Queues an input; `logged` says that the WAL holds it already. */
  readonly enqueue: (input: Input, logged?: boolean) => void
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

  const runItem = async (item: Item): Promise<void> => {
    if ('task' in item) return await item.task()
    if (!item.logged) {
      const record = encodeWalInput(item.input)
      if (record !== null) parts.logRecord(record.type, record.payload)
    }
    for (const effect of step(parts.state, item.input)) {
      const pending = parts.perform(effect)
      if (pending !== undefined) await pending
    }
  }

  const drain = async (): Promise<void> => {
    try {
      while (at < queue.length && !stopped) {
        const item = queue[at++] as Item
        if (at > 1_024) queue.splice(0, at), (at = 0)
        const pending = runItem(item)
        await pending
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
    enqueue(input, logged = false) {
      if (queue.length - at >= QUEUE_MAX && input.kind === 'vote') return parts.onDropped()
      push({ input, logged })
    },
    runTask: (task) => push({ task }),
    queueLength: () => queue.length - at,
    async stop() {
      stopped = true
      await running
    },
  }
}

/** The error as a sentence with its stable code. */
export function describeFatal(error: unknown): { code: string; text: string } {
  if (error instanceof NodeError) return { code: error.code, text: error.message }
  return { code: 'INTERNAL', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}
