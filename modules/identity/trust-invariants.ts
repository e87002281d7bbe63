// Owns: what always holds over issuers, schemas and status lists. Not here: that revocation bits are monotone: that takes two
// states (workload.test.ts).
import { sha256 } from '../../core/crypto/hash.ts'
import { recordsOf } from './scan.ts'
import type { Scan } from './scan.ts'
import { issuers, issuersByType, schemaHeads, schemas, statusLists, statusPages } from './store.ts'
import { PAGE_BYTES, STATUS_BITS } from './trust-schema.ts'

/** One sentence per breach. */
export function checkTrust(scan: Scan): readonly string[] {
  return [...checkIssuers(scan), ...checkSchemas(scan), ...checkLists(scan)]
}

// Invariant 19: nobody is accredited but by a decision, and the index says who.
function checkIssuers(scan: Scan): readonly string[] {
  const broken: string[] = []
  const expected = new Set<string>()
  for (const [did, { status, types, spans, decidedAt, assurance }] of recordsOf(scan, issuers)) {
    const isAccredited = status === 'ACCREDITED'
    if (isAccredited) for (const type of types) expected.add(`${type} ${did}`)
    if (isAccredited !== (spans.at(-1)?.to === null)) broken.push(`${did}: ${status}, but its last accreditation says otherwise`)
    if (spans.slice(0, -1).some(({ to }) => to === null)) broken.push(`${did}: two accreditations at a time`)
    if (status !== 'PROPOSED' && decidedAt === null) broken.push(`${did}: ${status} without a decision`)
    if (isAccredited && (assurance < 1 || assurance > 3)) broken.push(`${did}: assurance ${assurance}`)
  }
  for (const [type, { issuers: listed }] of recordsOf(scan, issuersByType)) {
    for (const did of listed)
      if (!expected.delete(`${type} ${did}`)) broken.push(`${type}: lists ${did}, which is not accredited`)
  }
  for (const missing of expected) broken.push(`${missing}: accredited, but not listed`)
  return broken
}

function checkSchemas(scan: Scan): readonly string[] {
  const count = new Map<string, number>()
  for (const [key] of recordsOf(scan, schemas)) {
    const schemaId = key.slice(0, key.lastIndexOf('/'))
    count.set(schemaId, (count.get(schemaId) ?? 0) + 1)
  }
  const heads = [...recordsOf(scan, schemaHeads)]
  return heads.flatMap(([id, { latest }]) =>
    count.get(id) === latest ? [] : [`schema ${id}: versions up to ${latest} do not stand`],
  )
}

function checkLists(scan: Scan): readonly string[] {
  const bitsOf = new Map<string, Uint8Array>()
  for (const [key, { bits }] of recordsOf(scan, statusPages)) {
    const at = key.lastIndexOf('/')
    const list = key.slice(0, at)
    const all = bitsOf.get(list) ?? new Uint8Array(STATUS_BITS / 8)
    all.set(bits, Number(`0x${key.slice(at + 1)}`) * PAGE_BYTES)
    bitsOf.set(list, all)
  }
  const broken: string[] = []
  for (const [list, { digest }] of recordsOf(scan, statusLists)) {
    if (sha256(bitsOf.get(list) ?? new Uint8Array(STATUS_BITS / 8)) !== digest)
      broken.push(`status list ${list}: digest and bits differ`)
    bitsOf.delete(list)
  }
  for (const list of bitsOf.keys()) broken.push(`status list ${list}: bits without a head`)
  return broken
}
