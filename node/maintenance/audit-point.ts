// Owns: the file in which an audit keeps how far it came, so that one of many hours goes on after it was broken off.
// Not here: the audit (audit.ts). The file is the auditor's own: it vouches for what lies below it.
import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { equalBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { BlockId, Hash32, Height } from '../../core/base/ids.ts'

/** The executed state after a height whose records were all found right, and what was counted so far. */
export type AuditPoint = {
  readonly height: Height
  readonly blockId: BlockId
  readonly txs: number
  readonly counts: readonly (readonly [prefix: string, count: number])[]
  readonly records: ReadonlyMap<string, Uint8Array>
}

const FORMAT = 1
const HASH_BYTES = 32
const HEAD_BYTES = 8

type Head = Omit<AuditPoint, 'records'> & { readonly format: number; readonly genesisHash: Hash32; readonly records: number }

/** Keeps a point in place of the one before it; a crash leaves one of the two. */
export function saveAuditPoint(path: string, genesisHash: Hash32, point: AuditPoint): void {
  const { records, ...rest } = point
  const head: Head = { format: FORMAT, genesisHash, ...rest, records: records.size }
  const hash = createHash('sha256')
  const file = openSync(`${path}.new`, 'w', 0o600)
  const encoder = new TextEncoder()
  const write = (bytes: Uint8Array): void => {
    hash.update(bytes)
    writeSync(file, bytes)
  }
  try {
    write(encoder.encode(`${JSON.stringify(head)}\n`))
    for (const [key, value] of records) write(encodeRecord(encoder.encode(key), value))
    writeSync(file, new Uint8Array(hash.digest()))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
}

function encodeRecord(key: Uint8Array, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEAD_BYTES + key.length + value.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, key.length)
  view.setUint32(4, value.length)
  out.set(key, HEAD_BYTES)
  out.set(value, HEAD_BYTES + key.length)
  return out
}

/** The point that was kept, or null where the file is not there. Throws NodeError AUDIT_RESUME for a damaged or foreign one. */
export function loadAuditPoint(path: string, genesisHash: Hash32): AuditPoint | null {
  if (!existsSync(path)) return null
  const refuse = (text: string): never => {
    throw new NodeError('AUDIT_RESUME', `${path} ${text}: remove it and begin again`)
  }
  const content = new Uint8Array(readFileSync(path))
  const body = content.subarray(0, Math.max(0, content.length - HASH_BYTES))
  if (!equalBytes(new Uint8Array(createHash('sha256').update(body).digest()), content.subarray(body.length)))
    return refuse('is damaged')
  const end = body.indexOf(10)
  const head = JSON.parse(new TextDecoder().decode(body.subarray(0, end))) as Head
  if (head.format !== FORMAT) refuse(`has format ${String(head.format)}, this version reads ${FORMAT}`)
  if (head.genesisHash !== genesisHash) refuse(`is of genesis 0x${head.genesisHash}`)
  const { height, blockId, txs, counts } = head
  return { height, blockId, txs, counts, records: readRecords(body.subarray(end + 1)) }
}

function readRecords(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const decoder = new TextDecoder()
  const records = new Map<string, Uint8Array>()
  for (let at = 0; at < bytes.length; ) {
    const valueAt = at + HEAD_BYTES + view.getUint32(at)
    const end = valueAt + view.getUint32(at + 4)
    records.set(decoder.decode(bytes.subarray(at + HEAD_BYTES, valueAt)), bytes.slice(valueAt, end))
    at = end
  }
  return records
}
