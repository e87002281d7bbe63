// Owns: what an audit says about the first wrong record, and reading records strictly. Not here: which ones are read (audit.ts).
import { equalBytes, toHex } from '../../core/base/bytes.ts'
import { CodecError } from '../../core/base/errors.ts'
import type { Height } from '../../core/base/ids.ts'
import { decode } from '../../core/codec/schema.ts'
import type { Schema } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { Store } from '../storage/level.ts'

/** The first wrong record: its key in the store, the height it belongs to, what should be there and what is. */
export type Finding = {
  readonly key: string
  readonly record: string
  readonly height: Height | null
  readonly what: string
  readonly expected: string
  readonly found: string
}

/** Ends an audit; caught where it began. */
export class AuditFault extends Error {
  override readonly name = 'AuditFault'
  readonly finding: Finding

  constructor(finding: Finding) {
    super(`${finding.key}: ${finding.what}`)
    this.finding = finding
  }
}

const RECORDS: Readonly<Record<string, string>> = {
  'b/': 'block',
  'h/': 'header',
  'c/': 'certificate',
  'r/': 'receipts',
  'u/': 'undo',
  'v/': 'validators',
  'i/': 'block index',
  't/': 'transaction index',
  'a/': 'account history',
  's/': 'state',
  'm/': 'meta',
}

/** The kind of record by the first two characters of its key. */
export function recordOf(key: string): string {
  return RECORDS[key.slice(0, 2)] ?? 'unknown'
}

/** Ends the audit with this finding. */
export function refuseRecord(finding: Omit<Finding, 'record'>): never {
  throw new AuditFault({ ...finding, record: recordOf(finding.key) })
}

const SHOWN_BYTES = 48

/** Bytes as people compare them: length, hash, beginning. */
export function describeBytes(bytes: Uint8Array | null): string {
  if (bytes === null) return 'nothing'
  const start = toHex(bytes.subarray(0, SHOWN_BYTES))
  return `${bytes.length} bytes, sha256 0x${sha256(bytes).slice(0, 16)}…, beginning 0x${start}`
}

/** Ends the audit unless the store holds exactly these bytes. */
export function assertRecord(store: Store, at: { key: string; height: Height | null; value: Uint8Array }): void {
  const { key, height, value } = at
  const found = store.get(key)
  if (found !== null && equalBytes(found, value)) return
  const what = found === null ? 'the record is missing' : `the record differs at byte ${firstDifference(found, value)}`
  refuseRecord({ key, height, what, expected: describeBytes(value), found: describeBytes(found) })
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return at
}

/** A record that must be there in its canonical form. */
export function readRecord<T>(store: Store, at: { key: string; height: Height; schema: Schema<T>; bytesMax: number }): T {
  const { key, height, schema, bytesMax } = at
  const found = store.get(key)
  if (found === null) refuseRecord({ key, height, what: 'the record is missing', expected: recordOf(key), found: 'nothing' })
  try {
    return decode(schema, found, bytesMax)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    const what = `not a ${recordOf(key)} record: ${error.message}`
    return refuseRecord({ key, height, what, expected: 'a canonical encoding', found: describeBytes(found) })
  }
}
