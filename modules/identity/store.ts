// Owns: the key layout of identity. Not here: what the records mean (schema.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { defineStore } from '../../core/state/store.ts'
import { ConsentSchema, PairwiseSchema, PolicySchema } from './consent-schema.ts'
import {
  AgendaCursorSchema,
  AgendaDaySchema,
  AgendaItemSchema,
  LifeSchema,
  NextPolicySchema,
  PendingRecoverySchema,
  StatusChangeSchema,
  SuspensionSchema,
} from './life-schema.ts'
import { DidSchema, RetiredSchema } from './schema.ts'
import {
  AnchorSchema,
  CredentialSchema,
  IssuerIndexSchema,
  IssuerSchema,
  SchemaHeadSchema,
  StatusListSchema,
  StatusPageSchema,
} from './trust-schema.ts'

/** The present version of each DID. */
export const dids = defineStore({ prefix: 'identity/did', key: (did: Address) => did, value: DidSchema })

/** Every earlier version in full, so that old signatures stay verifiable. */
export const history = defineStore({
  prefix: 'identity/history',
  key: ({ did, versionId }: { did: Address; versionId: number }) => `${did}/${sortableHex(versionId)}`,
  value: DidSchema,
})

/** Public keys that left a full record; `mark` is the key's 64 hex digits. */
export const retiredKeys = defineStore({
  prefix: 'identity/retiredKey',
  key: ({ did, mark }: { did: Address; mark: string }) => `${did}/${mark}`,
  value: RetiredSchema,
})

/** Key names that left a full record; `mark` is the kid. */
export const retiredKids = defineStore({
  prefix: 'identity/retiredKid',
  key: ({ did, mark }: { did: Address; mark: string }) => `${did}/${mark}`,
  value: RetiredSchema,
})

/** Why a DID is suspended; there while it is. */
export const suspensions = defineStore({ prefix: 'identity/suspension', key: (did: Address) => did, value: SuspensionSchema })

/** How long the log of states of a DID is; absent while it was never anything but ACTIVE. */
export const lives = defineStore({ prefix: 'identity/life', key: (did: Address) => did, value: LifeSchema })

/** The log of states: every change but the first ACTIVE. */
export const statusChanges = defineStore({
  prefix: 'identity/statusChange',
  key: ({ did, index }: { did: Address; index: number }) => `${did}/${sortableHex(index)}`,
  value: StatusChangeSchema,
})

/** Recovery policies that were set and may not be in force yet. */
export const nextPolicies = defineStore({ prefix: 'identity/nextPolicy', key: (did: Address) => did, value: NextPolicySchema })

/** Recoveries under way. */
export const recoveries = defineStore({ prefix: 'identity/recovery', key: (did: Address) => did, value: PendingRecoverySchema })

/** Days on which something falls due. */
export const agendaDays = defineStore({
  prefix: 'identity/agendaDay',
  key: (day: CivilDate) => String(day),
  value: AgendaDaySchema,
})

/** What falls due on a day, in the order of scheduling. */
export const agendaItems = defineStore({
  prefix: 'identity/agendaItem',
  key: ({ day, index }: { day: CivilDate; index: number }) => `${day}/${sortableHex(index)}`,
  value: AgendaItemSchema,
})

/** Where the agenda stands, one record. */
export const agendaCursor = defineStore({ prefix: 'identity', key: (_: null) => 'agendaCursor', value: AgendaCursorSchema })

/** Issuers, candidates included. */
export const issuers = defineStore({ prefix: 'identity/issuer', key: (did: Address) => did, value: IssuerSchema })

/** Accredited issuers by credential type. */
export const issuersByType = defineStore({
  prefix: 'identity/issuersByType',
  key: (type: string) => type,
  value: IssuerIndexSchema,
})

/** Versions of credential schemas. */
export const schemas = defineStore({
  prefix: 'identity/schema',
  key: ({ schemaId, version }: { schemaId: string; version: number }) => `${schemaId}/${sortableHex(version)}`,
  value: CredentialSchema,
})

/** The latest version of each schema. */
export const schemaHeads = defineStore({
  prefix: 'identity/schemaHead',
  key: (schemaId: string) => schemaId,
  value: SchemaHeadSchema,
})

/** A status list by its issuer and number. */
export type StatusListKey = { readonly issuer: Address; readonly listId: bigint }

/** Heads of status lists. */
export const statusLists = defineStore({
  prefix: 'identity/statusList',
  key: ({ issuer, listId }: StatusListKey) => `${issuer}/${sortableHex(listId)}`,
  value: StatusListSchema,
})

/** Bits of status lists, 2,048 a record; an absent page is all zeros. */
export const statusPages = defineStore({
  prefix: 'identity/statusPage',
  key: ({ issuer, listId, page }: StatusListKey & { readonly page: number }) =>
    `${issuer}/${sortableHex(listId)}/${sortableHex(page)}`,
  value: StatusPageSchema,
})

/** Anchored batches of credentials. */
export const anchors = defineStore({
  prefix: 'identity/anchor',
  key: ({ issuer, root }: { issuer: Address; root: Hash32 }) => `${issuer}/${root}`,
  value: AnchorSchema,
})

/** Verification policies, the present version of each. */
export const policies = defineStore({ prefix: 'identity/policy', key: (policyId: string) => policyId, value: PolicySchema })

/** Earlier versions of policies. */
export const policyVersions = defineStore({
  prefix: 'identity/policyVersion',
  key: ({ policyId, version }: { policyId: string; version: number }) => `${policyId}/${sortableHex(version)}`,
  value: PolicySchema,
})

/** Consents by their receipts. */
export const consents = defineStore({
  prefix: 'identity/consent',
  key: (receiptCommit: Hash32) => receiptCommit,
  value: ConsentSchema,
})

/** Which verifier a pairwise DID is for. */
export const pairwise = defineStore({ prefix: 'identity/pairwise', key: (did: Address) => did, value: PairwiseSchema })
