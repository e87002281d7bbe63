// Owns: one block's heads and events as JSON text, made once for all streams. Not here: who gets them (subscriptions.ts).
import type { Address, Height } from '../core/base/ids.ts'
import type { NodeApi } from './node-api.ts'
import { renderEventRecord, renderHeader } from './render.ts'
import type { Forms } from './render.ts'

/** One event as JSON text; its index counts the events of the block. */
export type FeedEvent = {
  readonly text: string
  readonly name: string
  readonly accounts: ReadonlySet<Address>
  readonly merchantId: string | null
}

/** What streams may tell of a block. */
export type FeedBlock = { readonly height: Height; readonly headText: string; readonly events: readonly FeedEvent[] }

/** Blocks kept as text. */
const FEED_BLOCKS = 32

/** Reads blocks for streams; null for a height that the node does not hold. */
export type Feed = {
  readonly read: (height: Height) => FeedBlock | null
  readonly head: () => Height
  readonly oldest: () => Height
}

/** Which events a stream or page wants: of these names (`room.*` is a whole room), naming this account, of this merchant. */
export type EventFilter = {
  readonly names: readonly string[] | null
  readonly account: Address | null
  readonly merchant?: string | null
}

/** True when the filter wants the event. */
export function isWanted(event: FeedEvent, { names, account, merchant = null }: EventFilter): boolean {
  if (merchant !== null && event.merchantId !== merchant) return false
  if (account !== null && !event.accounts.has(account)) return false
  return (
    names === null ||
    names.some((name) => name === event.name || (name.endsWith('.*') && event.name.startsWith(name.slice(0, -1))))
  )
}

/** A reader of the node's blocks with the newest ones at hand. */
export function createFeed(node: NodeApi, forms: Forms): Feed {
  const blocks = new Map<Height, FeedBlock>()
  const read = (height: Height): FeedBlock | null => {
    const known = blocks.get(height)
    if (known !== undefined) return known
    const found = node.headerAt(height)
    if (found === null) return null
    const events = node.eventsBetween(height, height).map((record) => {
      const { json, ...about } = renderEventRecord(record, forms)
      return { text: JSON.stringify(json), ...about }
    })
    const block = { height, headText: JSON.stringify(renderHeader(found.header, found.blockId, forms.text)), events }
    if (blocks.size >= FEED_BLOCKS) blocks.delete(blocks.keys().next().value as Height)
    blocks.set(height, block)
    return block
  }
  return { read, head: () => node.head().header.height, oldest: () => node.syncState().oldestHeight }
}
