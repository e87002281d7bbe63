// Owns: one stream of heads or events as its reader sees it: order, exactly once, bounded memory.
// Not here: the socket (web-socket.ts).
import { NodeError } from '../core/base/errors.ts'
import type { Json } from '../core/codec/schema.ts'

/** What a stream is about: every head, events, or events that name one account. */
export type StreamTopic = 'heads' | 'events' | 'account'

/** Events of these names (`room.*` is a whole room), naming this account, about this merchant; nothing set wants all. */
export type StreamFilter = { readonly names?: readonly string[]; readonly account?: string; readonly merchant?: string }

/** A wish for a stream: from after the cursor of any node, or from the head on where it is null. */
export type StreamOptions = { readonly topic: StreamTopic; readonly filter: StreamFilter; readonly from: string | null }

/** One head or event. A stream begun at `cursor` repeats at most what the same delivery held before this item. */
export type StreamItem = { readonly item: Json; readonly height: number; readonly cursor: string }

/**
 * Items in order, each exactly once over any number of reconnections; one reader. Ends by `close`; throws where it cannot go on.
 */
export type Stream = AsyncIterable<StreamItem> & {
  /** Everything up to here has been handed to the reader; null before the node told its place. */
  readonly cursor: () => string | null
  readonly close: () => void
}

/** A `sub_event` notification. */
export type Delivery = {
  readonly subscription: string
  readonly seq: number
  readonly cursor: string
  readonly height: number
  readonly items: readonly Json[]
}

/**
 * What the connection has to do after a delivery: nothing, subscribe anew from the cursor, or stop until the reader caught up.
 */
export type DeliveryVerdict = 'taken' | 'lost' | 'full'

/** The connection's side of a stream. */
export type StreamSource = {
  readonly stream: Stream
  /** Parameters of `sub_subscribe` from the present place. */
  readonly params: () => object
  readonly onSubscribed: (resumedFrom: string) => void
  readonly onDelivery: (delivery: Delivery) => DeliveryVerdict
  /** Ends the stream with an error for its reader. */
  readonly fail: (error: Error) => void
  /** True while more than the bound waits for the reader. */
  readonly isFull: () => boolean
}

/** What the connection wants to hear: the reader has room again, or has gone. */
export type StreamListener = { readonly onDrained: () => void; readonly onClosed: () => void }

/** Items that wait for a slow reader before the stream is stopped and later resumed. */
const QUEUE_ITEMS_MAX = 4_096

type Position = readonly [height: number, index: number]

function parsePosition(cursor: string): Position {
  const match = /^c1\.(\d{1,16})\.(\d{1,10})$/.exec(cursor)
  if (match === null) throw new NodeError('RPC_BAD_ANSWER', `${JSON.stringify(cursor.slice(0, 64))} is no stream cursor`)
  return [Number(match[1]), Number(match[2])]
}

function isAfter(cursor: string, other: string): boolean {
  const [height, index] = parsePosition(cursor)
  const [otherHeight, otherIndex] = parsePosition(other)
  return height === otherHeight ? index > otherIndex : height > otherHeight
}

type StreamState = {
  readonly queue: StreamItem[]
  readonly listener: StreamListener
  /** Place after the last delivery taken; the reader's own is `readAt`. */
  takenAt: string | null
  readAt: string | null
  seq: number
  full: boolean
  closed: boolean
  error: Error | null
  wake: (() => void) | null
}

function wakeReader(state: StreamState): void {
  const { wake } = state
  state.wake = null
  wake?.()
}

function takeDelivery(state: StreamState, { seq, cursor, height, items }: Delivery): DeliveryVerdict {
  if (state.full || state.closed) return 'full'
  if (seq !== state.seq + 1) return 'lost'
  state.seq = seq
  const before = state.takenAt
  // A repeated delivery, from a node that resumed too early: nothing of it is new.
  if (before !== null && !isAfter(cursor, before)) return 'taken'
  state.takenAt = cursor
  items.forEach((item, index) => {
    state.queue.push({ item, height, cursor: index === items.length - 1 ? cursor : (before ?? cursor) })
  })
  if (items.length === 0 && state.queue.length === 0) state.readAt = cursor
  state.full = state.queue.length > QUEUE_ITEMS_MAX
  wakeReader(state)
  return state.full ? 'full' : 'taken'
}

async function nextItem(state: StreamState): Promise<IteratorResult<StreamItem>> {
  for (;;) {
    const next = state.queue.shift()
    if (next !== undefined) {
      state.readAt = state.queue.length === 0 ? state.takenAt : next.cursor
      if (state.full && state.queue.length === 0) {
        state.full = false
        state.listener.onDrained()
      }
      return { done: false, value: next }
    }
    if (state.error !== null) throw state.error
    if (state.closed) return { done: true, value: undefined }
    await new Promise<void>((resolve) => {
      state.wake = resolve
    })
  }
}

/** A stream that its connection fills. */
export function createStreamSource(options: StreamOptions, listener: StreamListener): StreamSource {
  const state: StreamState = {
    queue: [],
    listener,
    takenAt: options.from,
    readAt: options.from,
    seq: 0,
    full: false,
    closed: false,
    error: null,
    wake: null,
  }
  const close = (): void => {
    if (state.closed) return
    state.closed = true
    state.queue.length = 0
    wakeReader(state)
    listener.onClosed()
  }
  const finish = async (): Promise<IteratorResult<StreamItem>> => {
    close()
    return { done: true, value: undefined }
  }
  return {
    stream: {
      cursor: () => state.readAt,
      close,
      [Symbol.asyncIterator]: () => ({ next: () => nextItem(state), return: finish }),
    },
    params: () => ({ topic: options.topic, filter: options.filter, ...(state.takenAt === null ? {} : { from: state.takenAt }) }),
    onSubscribed: (resumedFrom) => {
      state.seq = 0
      state.takenAt ??= resumedFrom
      state.readAt ??= resumedFrom
    },
    onDelivery: (delivery) => takeDelivery(state, delivery),
    fail: (error) => {
      if (state.closed) return
      state.error = error
      wakeReader(state)
    },
    isFull: () => state.full,
  }
}
