// Owns: the key layout of identity. Not here: what the records mean (schema.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { Address } from '../../core/base/ids.ts'
import { defineStore } from '../../core/state/store.ts'
import { DidSchema, RetiredSchema } from './schema.ts'

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
