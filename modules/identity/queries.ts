// Owns: what can be read of identity over JSON-RPC. Not here: the W3C form (did-document.ts), what other rooms read (keeper.ts).
import { must } from '../../core/base/assert.ts'
import { failure } from '../../core/base/errors.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { address, u32 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { ResolutionSchema, buildResolution, isEnd, unresolved, utcTime } from './did-document.ts'
import { didInput } from './did-input.ts'
import { IdentityError } from './errors.ts'
import { readDid, readDidAt, readDidVersion } from './keeper.ts'
import { statusAt } from './life.ts'
import { HistoryResult, RecoveryResult } from './life-schema.ts'
import { policyAt } from './recovery.ts'
import { KeysResult } from './schema.ts'
import { dids, lives, nextPolicies, recoveries, statusChanges } from './store.ts'

/** Versions and changes of state that one answer of identity_history holds. */
export const HISTORY_PAGE = 64

/** W3C DID resolution, of the present version or the one of `versionId` or `versionTime`. */
export const resolve = defineQuery({
  name: 'identity_resolve',
  about: 'DID document and metadata, of the present version or the one of versionId or versionTime.',
  params: struct({ did: didInput, versionId: option(u32), versionTime: option(utcTime) }),
  result: ResolutionSchema,
  run: (view, { did: { did, error }, versionId, versionTime }) => {
    if (did === null) return unresolved(error)
    const current = readDid(view, did)
    const version =
      versionId !== null
        ? readDidVersion(view, did, versionId)
        : versionTime !== null
          ? readDidAt(view, did, versionTime)
          : current
    if (current === null || version === null) return unresolved('notFound')
    const next = readDidVersion(view, did, version.versionId + 1)
    const status = versionId === null && versionTime !== null ? statusAt(view, did, versionTime) : version.status
    return buildResolution({ did, version, next, status, isDeactivated: isEnd(current.status) })
  },
  keyOf: ({ did: { did } }) => (did === null ? dids.prefix : dids.keyOf(did)),
})

/** Every key of one version, revoked ones included. */
export const getKeys = defineQuery({
  name: 'identity_getKeys',
  about: 'The keys of a DID with purposes and times, revoked ones included.',
  params: struct({ did: address, versionId: option(u32) }),
  result: KeysResult,
  run: (view, { did, versionId }) => {
    const current = readDid(view, did)
    if (current === null) return failure(IdentityError.DID_UNKNOWN)
    const version = versionId === null ? current : readDidVersion(view, did, versionId)
    if (version === null) return failure(IdentityError.VERSION_UNKNOWN, { versionId: versionId ?? 0, latest: current.versionId })
    return { versionId: version.versionId, status: version.status, keys: version.keys }
  },
  keyOf: ({ did }) => dids.keyOf(did),
})

/** What a DID was: its versions and its log of states, a page of each. */
export const history = defineQuery({
  name: 'identity_history',
  about: 'Versions of a DID and its log of states, 64 of each from the given numbers on.',
  params: struct({ did: address, fromVersion: option(u32), fromChange: option(u32) }),
  result: HistoryResult,
  run: (view, { did, fromVersion, fromChange }) => {
    const current = readDid(view, did)
    if (current === null) return failure(IdentityError.DID_UNKNOWN)
    const { changes, terminatedOn } = lives.get(view, did) ?? { changes: 0, terminatedOn: null }
    const page = (from: number, end: number): readonly number[] =>
      Array.from({ length: Math.max(0, Math.min(HISTORY_PAGE, end - from)) }, (_, i) => from + i)
    const versions = page(Math.max(1, fromVersion ?? 1), current.versionId + 1).map((versionId) => {
      const version = must(readDidVersion(view, did, versionId), 'a version up to the present one exists')
      const keys = version.keys.filter((key) => key.revokedAt === null).map((key) => key.kid)
      return { versionId, updatedAt: version.updatedAt, status: version.status, keys }
    })
    const states = page(fromChange ?? 0, changes).map((index) => statusChanges.mustGet(view, { did, index }))
    return { latest: current.versionId, status: current.status, terminatedOn, changeCount: changes, versions, changes: states }
  },
})

/** The recovery policy of a DID, the one to come, and the recovery under way. */
export const recovery = defineQuery({
  name: 'identity_recovery',
  about: 'The recovery policy of a DID, one to come, and the recovery under way with its guardians’ approvals.',
  params: struct({ did: address }),
  result: RecoveryResult,
  run: (view, { did }, block) => {
    if (readDid(view, did) === null) return failure(IdentityError.DID_UNKNOWN)
    const next = nextPolicies.get(view, did)
    const isToCome = next !== null && next.effectiveAt > block.time
    return { policy: policyAt(view, did, block.time), next: isToCome ? next : null, pending: recoveries.get(view, did) }
  },
  keyOf: ({ did }) => recoveries.keyOf(did),
})
