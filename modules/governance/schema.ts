// Owns: payloads, records, events and genesis section of governance: one declaration each.
// Not here: rules (actions.ts), keys (store.ts).
import { choice, list, option, struct, union } from '../../core/codec/compound.ts'
import { address, bool, bytes, code, hash32, text, u8, u16, u32, u53, u64 } from '../../core/codec/fields.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { RootsSchema } from '../../core/chain/recovery.ts'
import { ChainParamsSchema } from '../../core/chain/params.ts'
import { ValidatorListSchema } from '../../core/chain/validator-set.ts'
import { LIMITS } from '../../core/base/limits.ts'
import {
  ChainParamsSetSchema,
  ValidatorAddSchema,
  ValidatorMoveSchema,
  ValidatorRemoveSchema,
  ValidatorRotateSchema,
} from './set-schema.ts'

/** Roles that one account holds at the same time. */
export const ROLES_MAX = 64
/** Values that one parameter takes over its life. */
export const PARAM_VALUES_MAX = 256

/** Who decides: `city` is m of n accounts, `validators` more than two thirds of the validator set's authorities. */
export const CouncilNameSchema = choice({ city: 0, validators: 1 })

/** The city council: `threshold` approvals of `members` decide. */
export const CouncilSchema = struct({ threshold: u16, members: list(address, LIMITS.validatorsMax) })

/** A role with its scope (null: unrestricted) over whole Korean days, both ends included; null is open-ended. */
export const RoleGrantSchema = struct({
  role: code(32),
  did: address,
  scope: option(code(32)),
  validFrom: option(u32),
  validUntil: option(u32),
})

/** Names one grant to end. */
export const RoleRevokeSchema = struct({ role: code(32), did: address, scope: option(code(32)) })

/** A legal parameter's value. Later kinds (lists, tables) get their own tag. */
export const ParamValueSchema = union({ number: [0, struct({ value: u64 })] })

/**
 * `effectiveFrom` is a day yyyymmdd, or a month yyyymm meaning its first day; `sourceRef` names the act, notice or
 * resolution.
 */
export const ParamSetSchema = struct({ key: code(64), effectiveFrom: u32, value: ParamValueSchema, sourceRef: text(128) })

/** Puts an account into a credit class: 0 citizen, 1 organisation, 2 agency. */
export const AccountClassSetSchema = struct({ account: address, creditClass: u8 })

/**
 * Lets one account send one transaction of a room that asks for the city's decision: type number and canonical payload, so
 * that the council decides every word of it. The largest is a batch of 256 grants of points, whose items take up to 175 bytes.
 */
export const MandateSchema = struct({ sender: address, txType: u16, payload: bytes(49_152) })

/** What a proposal does when it is decided. Which council decides follows from the kind (actions.ts). */
export const ActionSchema = union({
  roleGrant: [0, RoleGrantSchema],
  roleRevoke: [1, RoleRevokeSchema],
  paramSet: [2, ParamSetSchema],
  accountClassSet: [3, AccountClassSetSchema],
  councilSet: [4, CouncilSchema],
  mandate: [5, MandateSchema],
  validatorAdd: [6, ValidatorAddSchema],
  validatorRemove: [7, ValidatorRemoveSchema],
  validatorRotate: [8, ValidatorRotateSchema],
  validatorMove: [9, ValidatorMoveSchema],
  chainParamsSet: [10, ChainParamsSetSchema],
})

/** What governance.propose lays before a council. */
export const ProposePayload = struct({ action: ActionSchema })
/** Names the proposal to approve or withdraw. */
export const ProposalRefPayload = struct({ proposalId: hash32 })

/** What became of a proposal; an open one past `expiresAt` counts as expired. */
export const ProposalStatusSchema = choice({ open: 0, executed: 1, withdrawn: 2, expired: 3 })

/** A proposal; its id is the id of the transaction that made it. `expiresAt` is the last height that may approve it. */
export const ProposalSchema = struct({
  action: ActionSchema,
  council: CouncilNameSchema,
  proposer: address,
  proposedAt: u53,
  expiresAt: u53,
  approvals: list(address, LIMITS.validatorsMax),
  status: ProposalStatusSchema,
  decidedAt: option(u53),
})

/** A role as it stands in an account's record. */
export const HeldRoleSchema = struct({ role: code(32), scope: option(code(32)), validFrom: option(u32), validUntil: option(u32) })

/** Every role of one account, in the order of granting. */
export const RolesSchema = struct({ roles: list(HeldRoleSchema, ROLES_MAX) })

/** One value of a parameter from a Korean day on; `setAt` is the height that decided it (0: genesis). */
export const ParamEntrySchema = struct({ effectiveFrom: u32, value: ParamValueSchema, sourceRef: text(128), setAt: u53 })

/** The values of a parameter by effective date; only ever added to (domain.md 10, invariant 18). */
export const ParamSchema = struct({ entries: list(ParamEntrySchema, PARAM_VALUES_MAX) })

/** A mandate in force: decided at a height, good once, up to and including another. */
export const HeldMandateSchema = struct({ decidedAt: u53, usableUntil: u53 })

/** Section `governance` of the genesis document. */
export const GovernanceGenesisSchema = struct({
  councils: struct({ city: CouncilSchema }),
  roles: list(RoleGrantSchema, 100_000),
  validators: ValidatorListSchema,
  params: ChainParamsSchema,
  legalParams: list(ParamSetSchema, 1_024),
  /** The city's offline keys that may replace the validators when too many are lost (G11). */
  roots: option(RootsSchema),
})

/** A new proposal; `expiresAt` is the last height that may approve it. */
export const ProposedEvent = struct({ proposalId: hash32, council: CouncilNameSchema, proposer: address, expiresAt: u53 })
/** An approval; `approvals` counts those of present members, this one included. */
export const ApprovedEvent = struct({ proposalId: hash32, approver: address, approvals: u16 })
/** A proposal that is executed or withdrawn. */
export const DecidedEvent = struct({ proposalId: hash32 })

/** A decided mandate; `payloadHash` is SHA-256 of the payload. */
export const MandatedEvent = struct({ sender: address, txType: u16, payloadHash: hash32, usableUntil: u53 })

/** Answer of governance_getParam; `isInitial` when no council ever set a value that is in force on the day. */
export const ParamResult = struct({ key: code(64), value: ParamValueSchema, effectiveFrom: option(u32), isInitial: bool })

export type CouncilName = Infer<typeof CouncilNameSchema>
export type Council = Infer<typeof CouncilSchema>
export type RoleGrant = Infer<typeof RoleGrantSchema>
export type RoleRevoke = Infer<typeof RoleRevokeSchema>
export type HeldRole = Infer<typeof HeldRoleSchema>
export type ParamSet = Infer<typeof ParamSetSchema>
export type ParamEntry = Infer<typeof ParamEntrySchema>
export type Mandate = Infer<typeof MandateSchema>
export type Action = Infer<typeof ActionSchema>
export type Proposal = Infer<typeof ProposalSchema>
export type GovernanceGenesis = Infer<typeof GovernanceGenesisSchema>
