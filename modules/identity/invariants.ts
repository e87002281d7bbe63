// Owns: what always holds over the versions of DIDs, and the list of what holds in identity (domain.md 10, 16).
// Not here: states and agenda (life-invariants.ts), trust and consents, who checks it (tests, audits).
import { toHex } from '../../core/base/bytes.ts'
import { decodeTrusted } from '../../core/codec/schema.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { checkConsents } from './consent-invariants.ts'
import { hasPurpose } from './keyset.ts'
import { checkLives } from './life-invariants.ts'
import { recordsOf } from './scan.ts'
import type { Scan } from './scan.ts'
import type { Did } from './schema.ts'
import { dids, history } from './store.ts'
import { checkTrust } from './trust-invariants.ts'

/** One sentence per breach. */
export function checkIdentityInvariants(scan: Scan): readonly string[] {
  return [...checkDids(scan), ...checkLives(scan), ...checkTrust(scan), ...checkConsents(scan)]
}

// Invariant 16: versions without gaps, revoked keys never live again, every ACTIVE DID can still be changed.
function checkDids(scan: Scan): readonly string[] {
  const broken: string[] = []
  for (const [did, current] of recordsOf(scan, dids)) {
    const versions = [...scan(`${history.prefix}/${did}/`)].map(([, old]) => decodeTrusted(history.schema, old))
    versions.sort((a, b) => a.versionId - b.versionId)
    broken.push(...checkVersions(did, [...versions, current]))
    if (current.status === 'ACTIVE' && !hasPurpose(current.keys, KEY_PURPOSES.invocation)) {
      broken.push(`${did}: no live key of purpose 8`)
    }
  }
  return broken
}

function checkVersions(did: string, versions: readonly Did[]): readonly string[] {
  const broken: string[] = []
  const revoked = new Set<string>()
  versions.forEach((version, index) => {
    if (version.versionId !== index + 1) broken.push(`${did}: version ${version.versionId} stands in place ${index + 1}`)
    for (const key of version.keys) {
      const mark = toHex(key.pub)
      if (key.revokedAt !== null) revoked.add(mark)
      else if (revoked.has(mark)) broken.push(`${did}: revoked key ${key.kid} lives again in version ${version.versionId}`)
    }
  })
  return broken
}
