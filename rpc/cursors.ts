// Owns: the texts that say where a stream or a page goes on. Not here: streams (subscriptions.ts), pages (methods).
import { utf8ToBytes } from '../core/base/bytes.ts'
import type { Height } from '../core/base/ids.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { refuseCall } from './errors.ts'

/** Everything up to and including item `index` of block `height` has been delivered. The same on every node. */
export type Position = { readonly height: Height; readonly index: number }

const STREAM = /^c1\.(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,9})$/

/** Text of a stream position: `c1.<height>.<index>`. */
export function formatCursor({ height, index }: Position): string {
  return `c1.${height}.${index}`
}

/** Position of a stream cursor. Throws RpcError CURSOR_INVALID. */
export function parseCursor(text: string): Position {
  const [, height, index] = STREAM.exec(text) ?? []
  const position = { height: Number(height), index: Number(index) }
  if (!Number.isSafeInteger(position.height) || !Number.isSafeInteger(position.index)) {
    return refuseCall('CURSOR_INVALID', 'A stream cursor reads c1.<height>.<index>.', { got: text.slice(0, 64) })
  }
  return position
}

/** 16 hex digits that bind a page cursor to the method and filter that it was given for. */
export function hashFilter(filter: unknown): string {
  return sha256(utf8ToBytes(JSON.stringify(filter))).slice(0, 16)
}

/** Text of a page cursor over the given filter; `parts` say where to go on. */
export function formatPageCursor(filterHash: string, parts: readonly (string | number)[]): string {
  return ['p1', filterHash, ...parts].join('.')
}

/** The parts of a page cursor. Throws RpcError CURSOR_INVALID when it is of another filter or form. */
export function parsePageCursor(text: string, filterHash: string, count: number): readonly string[] {
  const [version, hash, ...parts] = text.length <= 256 ? text.split('.') : []
  if (version !== 'p1' || parts.length !== count) return refuseCall('CURSOR_INVALID')
  if (hash !== filterHash) return refuseCall('CURSOR_INVALID', 'The cursor was given for another filter.')
  return parts
}
