// Owns: this node's log of reads of restricted records, in a store of its own beside the chain's: bounded in number and in time.
// No part of the chain: other nodes have their own. Not here: who may read (rooms), when an entry is made (rpc/read-desk.ts).
import { join } from 'node:path'
import { sortableHex } from '../core/base/bytes.ts'
import { DAY_MS } from '../core/base/civil-time.ts'
import { NodeError } from '../core/base/errors.ts'
import type { Address } from '../core/base/ids.ts'
import { option, struct } from '../core/codec/compound.ts'
import { address, text, u53 } from '../core/codec/fields.ts'
import { decodeTrusted, encode } from '../core/codec/schema.ts'
import type { AccessEntry, AccessLog } from '../rpc/node-api.ts'
import type { Clock } from './ports.ts'
import { openStore } from './storage/level.ts'
import type { Store, StoreChange } from './storage/level.ts'

/** Days that an entry is kept. */
export const ACCESS_LOG_DAYS = 365
/** Entries of one node; beyond them the oldest go. */
export const ACCESS_LOG_ENTRIES_MAX = 2_000_000
/** Old entries that one write takes away at most. */
const SWEEP_MAX = 64

const EntrySchema = struct({
  at: u53,
  height: u53,
  subject: address,
  reader: address,
  role: text(64),
  caseId: option(text(128)),
  record: text(64),
  ref: text(128),
  method: text(64),
})
const CountSchema = struct({ entries: u53, next: u53 })

const COUNT_KEY = 'count'
const timeKey = (at: number, number: number): string => `time/${sortableHex(at)}/${sortableHex(number)}`
const subjectPrefix = (subject: Address): string => `subject/${subject}/`
const subjectKey = (subject: Address, at: number, number: number): string =>
  `${subjectPrefix(subject)}${sortableHex(at)}${sortableHex(number)}`

/** An open log. */
export type OpenAccessLog = AccessLog & { readonly close: () => Promise<void> }

/** A node without a log: what would have to be written is not shown. */
export const NO_ACCESS_LOG: AccessLog = {
  append: () => Promise.reject(new NodeError('STORE_IO', 'this node keeps no log of reads')),
  read: async () => [],
}

/** Bounds of a log; tests take smaller ones. */
export type AccessLogBounds = { readonly days: number; readonly entriesMax: number }

type Books = { entries: number; next: number }

/** Opens the log of a data directory. Throws NodeError when its store cannot be opened. */
export async function openAccessLog(
  dir: string,
  clock: Pick<Clock, 'nowMs'>,
  bounds: AccessLogBounds = { days: ACCESS_LOG_DAYS, entriesMax: ACCESS_LOG_ENTRIES_MAX },
): Promise<OpenAccessLog> {
  const store = await openStore({ dir: join(dir, 'access-log'), cacheBytes: 1024 * 1024, writeBufferBytes: 1024 * 1024 })
  const counted = store.get(COUNT_KEY)
  const books: Books = counted === null ? { entries: 0, next: 0 } : { ...decodeTrusted(CountSchema, counted) }
  let last: Promise<void> = Promise.resolve()
  const write = async (entries: readonly AccessEntry[]): Promise<void> => {
    const added = entries.flatMap((entry) => changesOf(entry, books.next++))
    books.entries += entries.length
    const gone = await findOld(store, books.entries, { oldest: clock.nowMs() - bounds.days * DAY_MS, ...bounds })
    books.entries -= gone.length
    const removed = gone.flatMap((keys) => keys.map((key) => ({ key, value: null })))
    await store.writeBatch([...added, ...removed, { key: COUNT_KEY, value: encode(CountSchema, books) }])
  }
  return {
    // One after the other, so that the count is right; a failure is the caller's and ends nothing for the next one.
    append: (entries) => {
      const mine = last.then(() => write(entries))
      last = mine.catch(() => undefined)
      return mine
    },
    read: (subject, page) => readPage(store, subject, page),
    close: async () => {
      await last
      await store.close()
    },
  }
}

function changesOf(entry: AccessEntry, number: number): readonly StoreChange[] {
  const key = subjectKey(entry.subject, entry.at, number)
  return [
    { key, value: encode(EntrySchema, entry) },
    { key: timeKey(entry.at, number), value: new TextEncoder().encode(key) },
  ]
}

/** Keys of the oldest entries that are too old or too many, a bounded number of them. */
async function findOld(
  store: Store,
  entries: number,
  { oldest, entriesMax }: { oldest: number; entriesMax: number },
): Promise<readonly (readonly string[])[]> {
  const gone: string[][] = []
  for await (const [key, value] of store.range({ gte: 'time/', lt: 'time0', limit: SWEEP_MAX })) {
    const at = Number.parseInt(key.slice('time/'.length), 16)
    if (at >= oldest && entries - gone.length <= entriesMax) break
    gone.push([key, new TextDecoder().decode(value)])
  }
  return gone
}

async function readPage(store: Store, subject: Address, { before, limit }: { before: string | null; limit: number }) {
  const prefix = subjectPrefix(subject)
  const found: (AccessEntry & { readonly cursor: string })[] = []
  const lt = before === null ? `${prefix}~` : prefix + before
  for await (const [key, value] of store.range({ gte: prefix, lt, reverse: true, limit }))
    found.push({ ...decodeTrusted(EntrySchema, value), cursor: key.slice(prefix.length) })
  return found
}
