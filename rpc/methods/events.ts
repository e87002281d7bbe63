// Owns: events_query and sub_*: events by page and by stream. Not here: delivery (subscriptions.ts).
import type { Height } from '../../core/base/ids.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, text, u32, u53 } from '../../core/codec/fields.ts'
import type { Json, JsonSchema } from '../../core/codec/schema.ts'
import { merchantNumber } from '../../modules/payment/merchant-schema.ts'
import { formatPageCursor, hashFilter, parseCursor, parsePageCursor } from '../cursors.ts'
import type { Position } from '../cursors.ts'
import { refuseCall } from '../errors.ts'
import { isWanted } from '../feed.ts'
import type { EventFilter } from '../feed.ts'
import { defineMethod, defineRead } from '../method.ts'
import type { Call, Method } from '../method.ts'
import { findNearest } from '../nearest.ts'
import { parsePageLimit } from '../page.ts'
import { refuseHeight, renderEventRecord } from '../render.ts'
import type { StreamRequest, Topic } from '../subscriptions.ts'

const NAMES_MAX = 32
const NAMES = option(list(text(64), NAMES_MAX))
/** Number of a merchant: only events about it. */
const MERCHANT = option(merchantNumber)

/** Refuses names that no room declares; `room.*` stands for all of a room. */
export function assertEventNames(registry: Registry, names: readonly string[] | null): void {
  const known = new Set([...registry.eventByType.values()].map(({ name }) => name))
  const rooms = new Set(registry.modules.map((room) => `${room.name}.*`))
  for (const name of names ?? []) {
    if (known.has(name) || rooms.has(name)) continue
    const nearest = findNearest(name, [...known, ...rooms])
    refuseCall('INVALID_PARAMS', `There is no event ${name}${nearest === null ? '' : `; did you mean ${nearest}?`}`, {
      field: 'names',
      nearest,
    })
  }
}

type Scan = { readonly from: Position; readonly to: Height; readonly filter: EventFilter; readonly count: number }

/** Wanted events in order, at most `count`, and where to go on; null at the end. */
function scanEvents(call: Call, { from, to, filter, count }: Scan): { items: Json[]; next: Position | null } {
  const items: Json[] = []
  const lastHeight = Math.min(to, from.height + call.limits.scanBlocksMax - 1)
  let looked = 0
  for (let height = from.height; height <= lastHeight; height++) {
    const records = call.node.eventsBetween(height, height)
    for (let index = height === from.height ? from.index : 0; index < records.length; index++) {
      const record = records[index]
      if (record === undefined) break
      // A filter that wants little is no cheaper: each event is read to be judged.
      if (looked === call.limits.scanEventsMax) return { items, next: { height, index } }
      looked += 1
      const { json, ...about } = renderEventRecord(record, call.forms)
      if (!isWanted({ text: '', ...about }, filter)) continue
      if (items.length === count) return { items, next: { height, index } }
      items.push(json)
    }
  }
  return { items, next: lastHeight < to ? { height: lastHeight + 1, index: 0 } : null }
}

const PAGE: JsonSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: { type: 'object', description: 'height, txIndex, eventIndex, tx (hash), event (name and its fields)' },
    },
    nextCursor: { type: 'string', description: 'absent at the end' },
  },
  required: ['items'],
}

const eventsQuery = defineRead({
  name: 'events_query',
  about: 'Events of final blocks in order, in pages. Without `to` the first page fixes the end. A page may be empty and go on.',
  params: struct({
    names: NAMES,
    account: option(address),
    merchant: MERCHANT,
    from: option(u53),
    to: option(u53),
    limit: option(u32),
    cursor: option(text(256)),
  }),
  result: PAGE,
  errors: ['CURSOR_INVALID', 'PRUNED'],
  cost: 10,
  run: (call, { names, account, merchant, from, to, limit, cursor }) => {
    assertEventNames(call.forms.registry, names)
    const count = parsePageLimit(call.limits, limit)
    const hash = hashFilter(['events_query', names, account, merchant, from, to])
    const head = call.node.head().header.height
    const parts =
      cursor === null
        ? [from ?? Math.max(1, call.node.syncState().oldestHeight), 0, to ?? head]
        : parsePageCursor(cursor, hash, 3)
    const [height, index, end] = parts.map(Number)
    if (![height, index, end].every((part) => Number.isSafeInteger(part) && Number(part) >= 0))
      return refuseCall('CURSOR_INVALID')
    const start = { height: Math.max(1, height as number), index: index as number }
    if (start.height < call.node.syncState().oldestHeight) return refuseHeight(call.node, start.height)
    if ((end as number) > head) return refuseHeight(call.node, end as number)
    const { items, next } = scanEvents(call, { from: start, to: end as number, filter: { names, account, merchant }, count })
    return next === null ? { items } : { items, nextCursor: formatPageCursor(hash, [next.height, next.index, end as number]) }
  },
})

const TOPICS = choice({ heads: 1, events: 2, account: 3 })
const FILTER = option(struct({ names: NAMES, account: option(address), merchant: MERCHANT }))

/** A stream request of its parts. Throws RpcError when they do not fit together or the cursor is none. */
export function parseStreamRequest(
  registry: Registry,
  wish: { topic: Topic; filter: EventFilter; from: string | null },
): StreamRequest {
  const { topic, filter, from } = wish
  if (topic === 'account' && filter.account === null) {
    return refuseCall('INVALID_PARAMS', 'The topic account needs filter.account.', { field: 'filter.account' })
  }
  assertEventNames(registry, filter.names)
  return { topic, filter, from: from === null || from === 'final' ? null : parseCursor(from) }
}

/** events_query, sub_subscribe, sub_unsubscribe. */
export const eventMethods: readonly Method[] = [
  eventsQuery,
  defineMethod({
    name: 'sub_subscribe',
    about: 'Begins a stream over WebSocket: sub_event after each block, from the head on or after a cursor of any node.',
    params: struct({ topic: TOPICS, filter: FILTER, from: option(text(64)) }),
    result: { type: 'object', properties: { subscription: { type: 'string' }, resumedFrom: { type: 'string' } } },
    errors: ['CURSOR_INVALID', 'NODE_BEHIND', 'PRUNED', 'TOO_LARGE'],
    cost: 5,
    run: ({ streams, forms, afterReply }, { topic, filter, from }) => {
      if (streams === null)
        return refuseCall('METHOD_NOT_FOUND', 'Subscriptions need GET /ws; GET /events streams over plain HTTP.')
      const wish = { topic, filter: filter ?? { names: null, account: null, merchant: null }, from }
      const { id, resumedFrom, start } = streams.subscribe(parseStreamRequest(forms.registry, wish))
      afterReply(start)
      return { subscription: id, resumedFrom }
    },
  }),
  defineMethod({
    name: 'sub_unsubscribe',
    about: 'Ends a stream; true if there was one.',
    params: struct({ subscription: text(32) }),
    result: { type: 'boolean' },
    run: ({ streams }, { subscription }) => streams?.unsubscribe(subscription) ?? false,
  }),
]
