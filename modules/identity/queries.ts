// Owns: what can be read of identity over JSON-RPC. Not here: the W3C form (did-document.ts), what other rooms read (keeper.ts).
import { failure } from '../../core/base/errors.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { address, u32 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { NOT_FOUND, ResolutionSchema, buildResolution, utcTime } from './did-document.ts'
import { IdentityError } from './errors.ts'
import { readDid, readDidAt, readDidVersion } from './keeper.ts'
import { KeysResult } from './schema.ts'
import { dids } from './store.ts'

/** W3C DID resolution, of the present version or the one of `versionId` or `versionTime`. */
export const resolve = defineQuery({
  name: 'identity_resolve',
  about: 'DID document and metadata, of the present version or the one of versionId or versionTime.',
  params: struct({ did: address, versionId: option(u32), versionTime: option(utcTime) }),
  result: ResolutionSchema,
  run: (view, { did, versionId, versionTime }) => {
    const version =
      versionId !== null
        ? readDidVersion(view, did, versionId)
        : versionTime !== null
          ? readDidAt(view, did, versionTime)
          : readDid(view, did)
    if (version === null) return NOT_FOUND
    return buildResolution({ did, version, next: readDidVersion(view, did, version.versionId + 1) })
  },
  keyOf: ({ did }) => dids.keyOf(did),
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
