// Owns: the contract of a room: how it declares transactions, queries, events, errors and genesis. Not here: any concrete room.
import { encode } from '../codec/schema.ts'
import type { Schema } from '../codec/schema.ts'
import type { StructSchema } from '../codec/compound.ts'
import type { ErrorDefinition, Failure } from '../base/errors.ts'
import type { Address, BlockId, Hash32, Height, TimeMs, TxId } from '../base/ids.ts'
import type { ChainEvent } from '../chain/receipt.ts'
import type { ChainParams } from '../chain/params.ts'
import type { Certificate, SignatureCheck } from '../chain/certificate.ts'
import type { RecoveryContent, Roots } from '../chain/recovery.ts'
import type { Standing, Validator } from '../chain/validator-set.ts'
import type { ReadView, WriteView } from '../state/view.ts'

/** Relationship bits of a key (domain.md 4.2). A key is used only for its declared purposes. */
export const KEY_PURPOSES = { authentication: 1, assertion: 2, agreement: 4, invocation: 8, delegation: 16 } as const

/** The block that a transaction runs in. Time is the block's own, the only clock there is. */
export type BlockEnv = {
  readonly chainId: string
  readonly genesisHash: Hash32
  readonly height: Height
  readonly time: TimeMs
  readonly params: ChainParams
}

/** What a block brings besides transactions, for the rooms' work before them. */
export type BlockFacts = {
  readonly parentId: BlockId
  /** The canonical certificate of the parent, which this block carries; null in the first block. */
  readonly lastCommit: Certificate | null
}

/** A verdict on a statement: what is wrong, or null. It follows from the bytes alone. */
export type Judge = (statement: Uint8Array) => string | null

/** Checks of a transaction that cost much and depend on nothing but bytes, so that a verdict may be made elsewhere and kept. */
export type CostlyCheck<P> = {
  /** All that the verdict depends on, out of state and payload; null where there is nothing to judge. */
  readonly statementOf: (view: ReadView, payload: P) => Uint8Array | null
  readonly judge: Judge
}

/** What a check sees of a transaction. */
export type TxCall<P> = {
  readonly payload: P
  readonly sender: Address
  readonly keyId: string
  readonly sponsor: Address | null
  readonly txId: TxId
  readonly block: BlockEnv
  /** The type's own judge, which may remember verdicts; absent where nothing is remembered. */
  readonly judge?: Judge
}

/** A declared event. */
export type EventDefinition<E = unknown> = {
  readonly type: number
  readonly name: string
  readonly payload: StructSchema<E>
  readonly about: string
}

/** What `apply` may do: write, and tell. */
export type ApplyContext = {
  readonly view: WriteView
  readonly emit: <E>(event: EventDefinition<E>, payload: E) => void
}

/** Which part of a block a transaction may use (consensus.md 8, lanes). */
export type BlockLane = 'authority' | 'urgent' | 'normal'

/** A transaction type as its room declares it: payload, purpose of the key, checks and transition. */
export type TransactionDefinition<P = unknown> = {
  /** Room number in the high byte, own number in the low byte; never reused. */
  readonly type: number
  /** `room.verb`. */
  readonly name: string
  /** One sentence for people. */
  readonly about: string
  readonly payload: StructSchema<P>
  /** Purpose bit that the signing key must carry. */
  readonly keyPurpose: number
  readonly blockLane?: BlockLane
  /** Verification units beyond the one signature check (decisions 11). */
  readonly operations?: (payload: P) => number
  /** For a sender that does not exist yet: the key that authorises it, taken from the payload; then a sponsor is mandatory. */
  readonly selfKey?: (payload: P, keyId: string) => Uint8Array | null
  /** What of `checkStateful` is costly; the check asks `call.judge` for it, or its own judge where there is none. */
  readonly costly?: CostlyCheck<P>
  readonly checkStateless: (call: Omit<TxCall<P>, 'block'>) => Failure | null
  readonly checkStateful: (view: ReadView, call: TxCall<P>) => Failure | null
  /** May not fail except by assertion. */
  readonly apply: (context: ApplyContext, call: TxCall<P>) => void
}

/** A read method: `namespace_method` over JSON-RPC. `keyOf` names the one record that proves the answer, where there is one. */
export type QueryDefinition<Q = unknown, R = unknown> = {
  readonly name: string
  readonly about: string
  readonly params: StructSchema<Q>
  readonly result: Schema<R>
  readonly run: (view: ReadView, params: Q, block: BlockEnv) => R | Failure
  readonly keyOf?: (params: Q) => string
}

/** A key of an account as the envelope check needs it; null when account or key does not exist. */
export type KeyLookup = {
  readonly publicKey: Uint8Array
  readonly purposes: number
  /** False once revoked, or while the account is suspended or ended. */
  readonly live: boolean
}

/** An evidence record in the block that brings it in, and how signatures are checked there. */
export type EvidenceCall = { readonly bytes: Uint8Array; readonly block: BlockEnv; readonly checkSignature: SignatureCheck }

/** Why somebody may read: as what, and in which case, where it takes one. */
export type ReadRight = { readonly role: string; readonly caseId: string | null }

/** A wish to read the records about one thing. `ref` is what the room calls that thing, such as a contract's id. */
export type ReadQuestion = { readonly account: Address; readonly ref: string; readonly block: BlockEnv }

/** Part of a payload that is restricted: these fields, or all of it where none are named. */
export type RestrictedPart<P = unknown> = {
  readonly fields: readonly string[] | null
  /** What the payload is about; null is about nothing that anybody may read. */
  readonly refOf: (payload: P, txId: TxId) => string | null
}

/** Numbers that a room keeps for few eyes. Validators hold the bytes; JSON-RPC shows them to those alone who may read. */
export type Restriction = {
  /** Name of the records in the access log, such as `labor.contract`. */
  readonly name: string
  readonly about: string
  /** Keys of state, by their beginning, and what a key is about. */
  readonly prefixes: readonly string[]
  readonly refOfKey: (key: string) => string | null
  // biome-ignore lint/suspicious/noExplicitAny: payloads of different types stand in one record.
  readonly transactions: Readonly<Record<string, RestrictedPart<any>>>
  // biome-ignore lint/suspicious/noExplicitAny: events of different types stand in one record.
  readonly events: Readonly<Record<string, RestrictedPart<any>>>
  /** Queries that are restricted as a whole. */
  // biome-ignore lint/suspicious/noExplicitAny: parameters of different types stand in one record.
  readonly queries: Readonly<Record<string, (params: any) => string | null>>
  /** Null where the account may not. Pure; asked at the head. */
  readonly mayRead: (view: ReadView, question: ReadQuestion) => ReadRight | null
  /** Whose log a read is written to. */
  readonly subjectsOf: (view: ReadView, ref: string) => readonly Address[]
  /** Whether a subject may know of a read in a case, and so of the case; of every one where this is left out. */
  readonly isTold?: (view: ReadView, read: { readonly account: Address; readonly caseId: string }) => boolean
}

/** A room as the registry takes it: everything that one family of native transactions declares. */
export type ModuleDefinition = {
  readonly name: string
  readonly number: number
  readonly about: string
  // biome-ignore lint/suspicious/noExplicitAny: a list of declarations with different payloads.
  readonly transactions: readonly TransactionDefinition<any>[]
  // biome-ignore lint/suspicious/noExplicitAny: a list of declarations with different parameters.
  readonly queries: readonly QueryDefinition<any, any>[]
  // biome-ignore lint/suspicious/noExplicitAny: a list of declarations with different payloads.
  readonly events: readonly EventDefinition<any>[]
  readonly errors: Readonly<Record<string, ErrorDefinition>>
  /** Its section of the genesis document and how that becomes state. */
  // biome-ignore lint/suspicious/noExplicitAny: each room has its own section type.
  readonly genesis?: { readonly schema: Schema<any>; readonly init: (view: WriteView, section: any, block: BlockEnv) => void }
  /**
   * Work that falls due by block time or height, before the block's transactions; bounded, ordered by the room's own queue.
   * `facts` is null where a transaction is only tried out.
   */
  readonly beginBlock?: (context: ApplyContext, block: BlockEnv, facts: BlockFacts | null) => void
  /** The identity room only: finds an account's key. */
  readonly findKey?: (view: ReadView, account: Address, keyId: string) => KeyLookup | null
  /** The identity room only: whether the sponsor may sponsor the creation of accounts. */
  readonly mayOnboard?: (view: ReadView, sponsor: Address, block: BlockEnv) => boolean
  /** The governance room only: the validators and the consensus parameters that the state names for the next block. */
  readonly readValidators?: (view: ReadView) => readonly Validator[]
  readonly readChainParams?: (view: ReadView) => ChainParams
  /** The governance room only: whether a block may bring in this evidence, and what follows; a refusal changes nothing. */
  readonly checkEvidence?: (view: ReadView, call: EvidenceCall) => Failure | null
  readonly takeEvidence?: (context: ApplyContext, call: EvidenceCall) => Failure | null
  /** The governance room only: who may replace the validators when too many are lost, and doing so (G11). */
  readonly readRoots?: (view: ReadView) => Roots | null
  readonly applyRecovery?: (context: ApplyContext, content: RecoveryContent) => void
  /** The governance room only: who of the next block's validators does not propose. */
  readonly readStanding?: (view: ReadView) => Standing
  /** The governance room only: who signs a height up to the next one; null where that is not known yet. */
  readonly readValidatorsAt?: (view: ReadView, height: Height) => readonly Validator[] | null
  /** The governance room only: validators of now and of decided changes, whom others must be able to reach. */
  readonly readPeers?: (view: ReadView) => readonly Validator[]
  /** The governance room only: whether something decided waits for a height to come. */
  readonly hasPendingChange?: (view: ReadView) => boolean
  /** What of its records not everybody may read over JSON-RPC. */
  readonly restricted?: readonly Restriction[]
  /** Sentences for every broken invariant over the whole of the room's state, for tests and audits. */
  readonly checkInvariants?: (scan: (prefix: string) => Iterable<readonly [string, Uint8Array]>) => readonly string[]
}

/** Declares a transaction type; the payload type follows from its schema. */
export function defineTransaction<P>(definition: TransactionDefinition<P>): TransactionDefinition<P> {
  return definition
}

/** Declares a query. */
export function defineQuery<Q, R>(definition: QueryDefinition<Q, R>): QueryDefinition<Q, R> {
  return definition
}

/** Declares an event. */
export function defineEvent<E>(definition: EventDefinition<E>): EventDefinition<E> {
  return definition
}

/** Declares a room. */
export function defineModule(definition: ModuleDefinition): ModuleDefinition {
  return definition
}

/** The encoded event. */
export function encodeEvent<E>(definition: EventDefinition<E>, payload: E): ChainEvent {
  return { type: definition.type, payload: encode(definition.payload, payload) }
}
