// Owns: streams of heads and events: position, order, bounds, slow clients. Not here: sockets (web-socket.ts, event-stream.ts).
import type { Height } from '../core/base/ids.ts'
import { formatCursor } from './cursors.ts'
import type { Position } from './cursors.ts'
import { refuseCall } from './errors.ts'
import { isWanted } from './feed.ts'
import type { EventFilter, Feed, FeedBlock } from './feed.ts'
import type { RpcLimits } from './limits.ts'
import { refuseBehind } from './render.ts'

/** What a stream is about. */
export type Topic = 'heads' | 'events' | 'account'

/** Why a stream ends before its client asked. */
export type GapReason = 'slow-consumer' | 'pruned' | 'shutdown'

/** One delivery; `items` are JSON texts, `cursor` the place after the last of them. An empty one is a heartbeat. */
export type Delivery = {
  readonly subscription: string
  readonly seq: number
  readonly cursor: string
  readonly height: Height
  readonly items: readonly string[]
}

/** The writing end of a client. */
export type Sink = {
  readonly deliver: (delivery: Delivery) => void
  readonly tellGap: (gap: { readonly subscription: string; readonly resumeFrom: string; readonly reason: GapReason }) => void
  readonly queuedBytes: () => number
  /** Ends the connection. */
  readonly close: () => void
}

/** A wish for a stream: from after `from`, or from the head on. */
export type StreamRequest = { readonly topic: Topic; readonly filter: EventFilter; readonly from: Position | null }

/** One connection's streams. */
export type StreamClient = {
  /** Begins a stream; nothing is delivered before `start` is called. Throws RpcError. */
  readonly subscribe: (request: StreamRequest) => {
    readonly id: string
    readonly resumedFrom: string
    readonly start: () => void
  }
  readonly unsubscribe: (id: string) => boolean
  /** Forgets the client; called when its connection has ended. */
  readonly leave: () => void
}

/** All streams of a listener. */
export type Subscriptions = {
  readonly openClient: (sink: Sink) => StreamClient
  /** A block has been committed. */
  readonly onCommit: () => void
  /** Goes on with streams whose clients have read, repeats cursors, cuts off clients that do not read. */
  readonly sweep: (nowMs: number) => void
  /** Tells every client where to resume and closes it. */
  readonly closeAll: () => void
  readonly counters: () => { readonly clients: number; readonly subscriptions: number; readonly gaps: number }
}

type Stream = {
  readonly id: string
  readonly request: StreamRequest
  next: { height: Height; index: number }
  at: Position
  seq: number
  started: boolean
  scheduled: boolean
  toldAtMs: number
}

type Client = { readonly sink: Sink; readonly streams: Map<string, Stream>; fullSinceMs: number; open: boolean }

type Hub = {
  readonly feed: Feed
  readonly limits: RpcLimits
  readonly nowMs: () => number
  readonly clients: Set<Client>
  lastId: number
  gaps: number
  commitScheduled: boolean
  /** Streams that catch up, one after another; a few per turn of the loop. */
  readonly line: { readonly client: Client; readonly stream: Stream }[]
  lineScheduled: boolean
}

/** Blocks handled before other work gets its turn, and items in one delivery. */
const BLOCKS_PER_TURN = 64
const ITEMS_PER_DELIVERY = 256

function lastPosition(block: FeedBlock): Position {
  return { height: block.height, index: Math.max(0, block.events.length - 1) }
}

function wantedItems(block: FeedBlock, stream: Stream): { index: number; text: string }[] {
  const { topic, filter } = stream.request
  const first = block.height === stream.next.height ? stream.next.index : 0
  if (topic === 'heads') return first === 0 ? [{ index: 0, text: block.headText }] : []
  const items: { index: number; text: string }[] = []
  for (let index = first; index < block.events.length && items.length < ITEMS_PER_DELIVERY; index++) {
    const event = block.events[index]
    if (event !== undefined && isWanted(event, filter)) items.push({ index, text: event.text })
  }
  return items
}

function isFull(hub: Hub, client: Client): boolean {
  return client.sink.queuedBytes() > hub.limits.clientQueueBytesMax
}

function closeWithGap(hub: Hub, client: Client, reason: GapReason): void {
  if (!client.open) return
  client.open = false
  hub.clients.delete(client)
  for (const { id, at } of client.streams.values()) {
    hub.gaps += 1
    client.sink.tellGap({ subscription: id, resumeFrom: formatCursor(at), reason })
  }
  client.sink.close()
}

function deliver(hub: Hub, client: Client, stream: Stream, items: readonly string[]): void {
  stream.seq += 1
  stream.toldAtMs = hub.nowMs()
  const { id, seq, at } = stream
  client.sink.deliver({ subscription: id, seq, cursor: formatCursor(at), height: at.height, items })
}

/** Delivers what the next block holds for the stream; how many events that is, null when the block is not there any more. */
function tellBlock(hub: Hub, client: Client, stream: Stream): number | null {
  const block = hub.feed.read(stream.next.height)
  if (block === null) return null
  const items = wantedItems(block, stream)
  const last = items.at(-1)
  const isCut = items.length === ITEMS_PER_DELIVERY && last !== undefined && last.index < block.events.length - 1
  stream.at = isCut ? { height: block.height, index: last.index } : lastPosition(block)
  stream.next = isCut ? { height: block.height, index: last.index + 1 } : { height: block.height + 1, index: 0 }
  if (last === undefined) return block.events.length
  deliver(
    hub,
    client,
    stream,
    items.map(({ text }) => text),
  )
  return block.events.length
}

/** Goes on with a stream as far as one turn allows; how many events were looked at. */
function pump(hub: Hub, client: Client, stream: Stream): number {
  stream.scheduled = false
  let looked = 0
  for (let turn = 0; client.open && client.streams.has(stream.id) && stream.next.height <= hub.feed.head(); turn++) {
    if (isFull(hub, client)) break
    if (turn >= BLOCKS_PER_TURN || looked >= hub.limits.scanEventsMax) {
      schedule(hub, client, stream)
      break
    }
    const told = tellBlock(hub, client, stream)
    if (told === null) closeWithGap(hub, client, 'pruned')
    else looked += told
  }
  return looked
}

function schedule(hub: Hub, client: Client, stream: Stream): void {
  if (!stream.started || stream.scheduled) return
  stream.scheduled = true
  hub.line.push({ client, stream })
  if (hub.lineScheduled) return
  hub.lineScheduled = true
  setImmediate(pumpLine, hub)
}

// Many that catch up at once, or one whose filter wants nothing, keep consensus waiting no longer than one turn.
function pumpLine(hub: Hub): void {
  const waiting = hub.line.splice(0)
  let looked = 0
  let at = 0
  for (; at < waiting.length && looked < hub.limits.scanEventsMax; at++) {
    const { client, stream } = waiting[at] as (typeof waiting)[number]
    looked += pump(hub, client, stream)
  }
  // Whoever was not reached goes before those that had their turn.
  hub.line.unshift(...waiting.slice(at))
  hub.lineScheduled = hub.line.length > 0
  if (hub.lineScheduled) setImmediate(pumpLine, hub)
}

function pumpAll(hub: Hub): void {
  hub.commitScheduled = false
  for (const client of [...hub.clients]) {
    for (const stream of client.streams.values()) if (stream.started && !stream.scheduled) pump(hub, client, stream)
  }
}

function beginStream(hub: Hub, client: Client, request: StreamRequest): Stream {
  const { feed, limits } = hub
  if (client.streams.size >= limits.subscriptionsPerClientMax) {
    const max = limits.subscriptionsPerClientMax
    refuseCall('TOO_LARGE', `A connection may hold ${max} subscriptions.`, { field: 'subscriptions', max })
  }
  const head = feed.head()
  const { from } = request
  if (from !== null && from.height > head) refuseBehind(head, from.height)
  if (from !== null && Math.max(1, from.height) < feed.oldest()) {
    refuseCall('PRUNED', undefined, { oldest: feed.oldest(), want: from.height })
  }
  hub.lastId += 1
  const newest = feed.read(head)
  const at = from ?? (newest === null ? { height: head, index: 0 } : lastPosition(newest))
  // Nothing happens in the block of genesis, which no node holds.
  const goesOnInside = from !== null && from.height > 0
  const next = goesOnInside ? { height: from.height, index: from.index + 1 } : { height: at.height + 1, index: 0 }
  return { id: `s-${hub.lastId}`, request, next, at, seq: 0, started: false, scheduled: false, toldAtMs: hub.nowMs() }
}

function openClient(hub: Hub, sink: Sink): StreamClient {
  const client: Client = { sink, streams: new Map(), fullSinceMs: -1, open: true }
  hub.clients.add(client)
  return {
    subscribe: (request) => {
      const stream = beginStream(hub, client, request)
      client.streams.set(stream.id, stream)
      const start = (): void => {
        stream.started = true
        schedule(hub, client, stream)
      }
      return { id: stream.id, resumedFrom: formatCursor(stream.at), start }
    },
    unsubscribe: (id) => client.streams.delete(id),
    leave: () => {
      client.open = false
      hub.clients.delete(client)
      client.streams.clear()
    },
  }
}

function sweepClient(hub: Hub, client: Client, now: number): void {
  if (isFull(hub, client)) {
    if (client.fullSinceMs === -1) client.fullSinceMs = now
    else if (now - client.fullSinceMs >= hub.limits.slowClientMs) closeWithGap(hub, client, 'slow-consumer')
    return
  }
  client.fullSinceMs = -1
  for (const stream of client.streams.values()) {
    schedule(hub, client, stream)
    const isIdle = stream.started && stream.next.height > hub.feed.head()
    if (isIdle && now - stream.toldAtMs >= hub.limits.heartbeatMs) deliver(hub, client, stream, [])
  }
}

/** Streams over a feed. `nowMs` is the clock that `sweep` is called with. */
export function createSubscriptions(options: { feed: Feed; limits: RpcLimits; nowMs: () => number }): Subscriptions {
  const hub: Hub = { ...options, clients: new Set(), lastId: 0, gaps: 0, commitScheduled: false, line: [], lineScheduled: false }
  return {
    openClient: (sink) => openClient(hub, sink),
    onCommit: () => {
      if (hub.commitScheduled) return
      hub.commitScheduled = true
      setImmediate(pumpAll, hub)
    },
    sweep: (now) => {
      for (const client of [...hub.clients]) sweepClient(hub, client, now)
    },
    closeAll: () => {
      for (const client of [...hub.clients]) closeWithGap(hub, client, 'shutdown')
    },
    counters: () => {
      let subscriptions = 0
      for (const { streams } of hub.clients) subscriptions += streams.size
      return { clients: hub.clients.size, subscriptions, gaps: hub.gaps }
    },
  }
}
