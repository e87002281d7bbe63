// Owns: what always holds over the whole state of identity (domain.md 10, invariant 16). Not here: who checks it (tests, audits).
import { toHex } from '../../core/base/bytes.ts'
import { decodeTrusted } from '../../core/codec/schema.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { hasPurpose } from './keyset.ts'
import type { Did } from './schema.ts'
import { dids, history } from './store.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** One sentence per breach: versions without gaps, revoked keys never live again, every ACTIVE DID can still be changed. */
export function checkIdentityInvariants(scan: Scan): readonly string[] {
  const broken: string[] = []
  for (const [key, bytes] of scan(`${dids.prefix}/`)) {
    const did = key.slice(dids.prefix.length + 1)
    const current = decodeTrusted(dids.schema, bytes)
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
