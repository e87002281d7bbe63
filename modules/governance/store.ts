// Owns: the key layout of governance. Not here: what the records mean (schema.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { Address, Hash32, TxId } from '../../core/base/ids.ts'
import { struct } from '../../core/codec/compound.ts'
import { hash32, u32 } from '../../core/codec/fields.ts'
import { ChainParamsSchema } from '../../core/chain/params.ts'
import type { ChainParams } from '../../core/chain/params.ts'
import { ValidatorListSchema } from '../../core/chain/validator-set.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import { defineStore } from '../../core/state/store.ts'
import { CouncilSchema, HeldMandateSchema, ParamSchema, ProposalSchema, RolesSchema } from './schema.ts'

/** The city council, one record. */
export const cityCouncil = defineStore<null, { threshold: number; members: readonly Address[] }>({
  prefix: 'governance/council',
  key: () => 'city',
  value: CouncilSchema,
})

/** The validators of the next block, sorted by authority, one record; those of every height stand in set-store.ts. */
export const currentValidators = defineStore<null, readonly Validator[]>({
  prefix: 'governance',
  key: () => 'validators',
  value: ValidatorListSchema,
})

/** The consensus parameters, one record. */
export const chainParams = defineStore<null, ChainParams>({
  prefix: 'governance',
  key: () => 'chainParams',
  value: ChainParamsSchema,
})

/** Roles by account. */
export const roles = defineStore({ prefix: 'governance/roles', key: (account: Address) => account, value: RolesSchema })

/** Legal parameters by key. */
export const params = defineStore({ prefix: 'governance/param', key: (key: string) => key, value: ParamSchema })

/** Proposals by id. */
export const proposals = defineStore({
  prefix: 'governance/proposal',
  key: (proposalId: TxId) => proposalId,
  value: ProposalSchema,
})

/** Ids of all proposals by their number from 0, so that they can be listed. */
export const proposalIds = defineStore({
  prefix: 'governance/proposalId',
  key: (number: number) => sortableHex(number),
  value: struct({ proposalId: hash32 }),
})
/** How many proposals there are, one record. */
export const proposalCount = defineStore({ prefix: 'governance', key: (_: null) => 'proposalCount', value: u32 })
/** The newest proposal of each member about a seat or the parameters. */
export const openChanges = defineStore({
  prefix: 'governance/change',
  key: ({ subject, proposer }: { subject: string; proposer: Address }) => `${subject}/${proposer}`,
  value: struct({ proposalId: hash32 }),
})
/** Mandates that were decided and not used, by the hash of what they allow (keeper.ts). */
export const mandates = defineStore({
  prefix: 'governance/mandate',
  key: (mandateHash: Hash32) => mandateHash,
  value: HeldMandateSchema,
})
