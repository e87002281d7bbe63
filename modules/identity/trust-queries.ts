// Owns: what can be read of issuers, schemas, status lists and anchors over JSON-RPC. Not here: DIDs (queries.ts).
import { failure } from '../../core/base/errors.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { address, code, hash32, u32, u64 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { isAccredited } from './accreditation.ts'
import { IdentityError } from './errors.ts'
import { readBits } from './status-list.ts'
import { anchors, issuers, issuersByType, schemaHeads, schemas, statusLists } from './store.ts'
import { AnchorSchema, IssuerIndexSchema, IssuerResult, SchemaResult, StatusListResult } from './trust-schema.ts'

/** An issuer with its accreditations. */
export const issuer = defineQuery({
  name: 'identity_issuer',
  about: 'An issuer: types, assurance, accreditations over time, compromise, whether it is accredited today.',
  params: struct({ did: address }),
  result: IssuerResult,
  run: (view, { did }, block) => {
    const record = issuers.get(view, did)
    if (record === null) return failure(IdentityError.ISSUER_UNKNOWN)
    return { ...record, isAccredited: isAccredited(view, { issuer: did, type: null, block }) }
  },
  keyOf: ({ did }) => issuers.keyOf(did),
})

/** Who is accredited for a type; last days may have passed. */
export const issuersOfType = defineQuery({
  name: 'identity_issuersByType',
  about: 'The issuers that the city accredited for a credential type.',
  params: struct({ vct: code(32) }),
  result: IssuerIndexSchema,
  run: (view, { vct }) => issuersByType.get(view, vct) ?? { issuers: [] },
  keyOf: ({ vct }) => issuersByType.keyOf(vct),
})

/** A version of a schema, the latest by default. */
export const schema = defineQuery({
  name: 'identity_schema',
  about: 'A credential schema, its latest version by default.',
  params: struct({ schemaId: code(32), version: option(u32) }),
  result: SchemaResult,
  run: (view, { schemaId, version }) => {
    const latest = schemaHeads.get(view, schemaId)?.latest ?? 0
    const found = schemas.get(view, { schemaId, version: version ?? latest })
    return found === null ? failure(IdentityError.SCHEMA_UNKNOWN) : { version: version ?? latest, latest, ...found }
  },
  keyOf: ({ schemaId, version }) => (version === null ? schemaHeads.keyOf(schemaId) : schemas.keyOf({ schemaId, version })),
})

/** A whole status list: whoever reads one entry tells the node whom it checks. */
export const statusList = defineQuery({
  name: 'identity_statusList',
  about: 'A whole status list as raw bits with its digest; there is no way to ask for one entry.',
  params: struct({ issuer: address, listId: u64 }),
  result: StatusListResult,
  run: (view, key) => {
    const head = statusLists.get(view, key)
    if (head === null) return failure(IdentityError.STATUS_UNKNOWN)
    const { purpose, size, seq, digest, updatedAt } = head
    return { purpose, size, seq, digest, updatedAt, bits: readBits(view, key) }
  },
  keyOf: (key) => statusLists.keyOf(key),
})

/** An anchored batch. */
export const anchor = defineQuery({
  name: 'identity_anchor',
  about: 'A batch of credentials that an issuer anchored, by its root.',
  params: struct({ issuer: address, root: hash32 }),
  result: AnchorSchema,
  run: (view, key) => anchors.get(view, key) ?? failure(IdentityError.ANCHOR_UNKNOWN),
  keyOf: (key) => anchors.keyOf(key),
})
