// Owns: what JSON-RPC needs from a node, as types. Not here: the node's answer to it (node/api.ts), the methods (rpc/methods).
import type { Block, Header } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ChainParams } from '../core/chain/params.ts'
import type { Recovery } from '../core/chain/recovery.ts'
import type { ChainEvent, Receipt } from '../core/chain/receipt.ts'
import type { SetChange } from '../core/chain/set-change.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import type { Transaction, TxBody } from '../core/chain/transaction.ts'
import type { Failure } from '../core/base/errors.ts'
import type { Address, BlockId, Hash32, Height, TimeMs, TxId } from '../core/base/ids.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { ReadView } from '../core/state/view.ts'

/** Where an answer comes from: the final head it was read at. */
export type Context = { readonly height: Height; readonly hash: BlockId; readonly time: TimeMs }

/** A transaction always ends final, rejected or expired (interfaces.md 2.6). */
export type TxStatus =
  | { readonly status: 'unknown' }
  | { readonly status: 'pending'; readonly validUntil: Height }
  | { readonly status: 'final'; readonly height: Height; readonly index: number; readonly receipt: Receipt }
  | { readonly status: 'rejected'; readonly failure: Failure }
  | { readonly status: 'expired'; readonly height: Height }

/** A final transaction with its place and what it did. */
export type TxInBlock = { readonly tx: Transaction; readonly height: Height; readonly index: number; readonly receipt: Receipt }

/** Inclusion of a transaction or its receipt under a final header. */
export type ListProof = { readonly index: number; readonly count: number; readonly siblings: readonly Hash32[] }

/** Proof of a state record (present or absent) under `header.stateRoot`, with the certificate that makes the header final. */
export type StateProof = {
  readonly key: string
  readonly value: Uint8Array | null
  /** Encoded by core/state/tree-proof.ts. */
  readonly proof: Uint8Array
  readonly header: Header
  readonly commit: Certificate
}

/** An event with its place; `txId` is ZERO_HASH for what fell due by block time. */
export type EventRecord = {
  readonly height: Height
  readonly txIndex: number
  readonly eventIndex: number
  readonly txId: TxId
  readonly event: ChainEvent
}

/** A header with a certificate that makes it final. */
export type FinalHeader = { readonly header: Header; readonly commit: Certificate }

/** Why a node is not ready: a stable code and a sentence. */
export type HealthReason = { readonly code: string; readonly text: string }

/** Every cause that a diagnosis can name; the list is closed, so that programs may rely on it. */
export const CAUSES = [
  'progressing',
  'idle',
  'nothingReady',
  'faultyThird',
  'invalidHere',
  'signingPaused',
  'twin',
  'signingRefused',
  'waitingForOthers',
  'notValidator',
  'ownClock',
  'syncing',
  'syncStuck',
  'isolated',
  'partitioned',
  'unreachable',
  'silent',
  'peersBehind',
  'bodyMissing',
  'slowDisk',
  'slowExecution',
  'peerClock',
  'proposalInvalid',
  'proposerDown',
  'proposerSilent',
  'notVoting',
  'splitVotes',
  'slowNetwork',
  'unknown',
] as const

/** Name of a cause. */
export type Cause = (typeof CAUSES)[number]

/** One thing that was found: whom it names, in one sentence, and what to do. */
export type Finding = {
  readonly cause: Cause
  readonly validators: readonly string[]
  readonly sentence: string
  readonly fix: string
}

/** Why the chain stands still or not, as this node sees it; `also` is what else was found, in order of weight. */
export type Diagnosis = Finding & {
  readonly state: 'ok' | 'degraded' | 'stalled'
  readonly height: Height
  readonly round: number
  readonly step: string
  /** Wall time, ms, since which the head has not moved. */
  readonly sinceMs: TimeMs
  /** Validators whose messages reach this node, itself included. */
  readonly reachable: number
  readonly quorum: number
  readonly validatorCount: number
  readonly also: readonly Finding[]
}

/** One criterion of readiness with what was seen. */
export type Criterion = { readonly name: 'peers' | 'synced' | 'fresh'; readonly holds: boolean; readonly text: string }

/** Readiness and what explains it: age of the head in ms, present round and step, names of validators whose votes are missing. */
export type NodeHealth = {
  readonly ready: boolean
  readonly reasons: readonly HealthReason[]
  readonly criteria: readonly Criterion[]
  readonly height: Height
  readonly headAgeMs: number
  readonly peers: number
  readonly round: number
  readonly step: string
  readonly missingVotes: readonly string[]
}

/** A connected peer; `name` is the validator's, or null. */
export type PeerInfo = {
  readonly peer: string
  readonly name: string | null
  readonly address: string
  readonly direction: 'in' | 'out'
  readonly height: Height
  readonly queuedBytes: number
}

/** One read of a restricted record, as it stands in the log of one subject. */
export type AccessEntry = {
  readonly at: TimeMs
  readonly height: Height
  readonly subject: Address
  readonly reader: Address
  /** As what the reader was allowed to, and in which case where that took one. */
  readonly role: string
  readonly caseId: string | null
  /** Kind of record, what it was about, and the method that showed it. */
  readonly record: string
  readonly ref: string
  readonly method: string
}

/** This node's log of reads. Other nodes have their own: a read is no transaction. */
export type AccessLog = {
  /** Resolves once the entries are on disk. Rejects when they cannot be. */
  readonly append: (entries: readonly AccessEntry[]) => Promise<void>
  /** Newest first, at most `limit`, older than `before`. */
  readonly read: (
    subject: Address,
    page: { readonly before: string | null; readonly limit: number },
  ) => Promise<readonly (AccessEntry & { readonly cursor: string })[]>
}

/** Everything a public JSON-RPC method may ask. Reads are synchronous where they serve the head; history is asynchronous. */
export type NodeApi = {
  readonly chainId: string
  readonly network: NetworkName
  readonly genesisHash: Hash32
  readonly genesisJson: () => unknown
  readonly registry: Registry
  readonly version: string
  readonly nowMs: () => TimeMs
  readonly head: () => { readonly header: Header; readonly blockId: BlockId; readonly commit: Certificate | null }
  readonly params: () => ChainParams
  readonly validators: (height?: Height) => ValidatorSet | null
  /** The changes of the set that headers `from..to` name, in rising order, at most `limit`. */
  readonly setChangesBetween: (from: Height, to: Height, limit: number) => Promise<readonly SetChange[]>
  /** Records and alarms two final headers of one height; a sentence when they are no evidence, null when they are. */
  readonly reportFork: (evidence: { readonly first: FinalHeader; readonly second: FinalHeader }) => Promise<string | null>
  readonly blockAt: (height: Height) => { readonly block: Block; readonly blockId: BlockId } | null
  readonly headerAt: (height: Height) => { readonly header: Header; readonly blockId: BlockId } | null
  readonly heightOf: (blockId: BlockId) => Height | null
  readonly certificateAt: (height: Height) => Certificate | null
  /** The recovery with which a final height began. */
  readonly recoveryAt: (height: Height) => Recovery | null
  readonly receiptsAt: (height: Height) => readonly Receipt[] | null
  /** The committed state at the head. */
  readonly state: () => ReadView
  /** Proof of one record at the head. */
  readonly proveState: (key: string) => StateProof
  readonly submitTransaction: (bytes: Uint8Array) => Promise<{ readonly txId: TxId } | Failure>
  /** Takes evidence against a validator; a Failure names what is wrong with it. */
  readonly submitEvidence: (bytes: Uint8Array) => { readonly evidenceId: Hash32 } | Failure
  /** Runs a transaction on a throw-away copy of the head state, signatures unchecked. */
  readonly simulate: (body: TxBody) => { readonly receipt: Receipt } | Failure
  readonly txStatus: (txId: TxId) => TxStatus
  readonly findTransaction: (txId: TxId) => TxInBlock | null
  readonly proveTransaction: (
    txId: TxId,
  ) => { readonly header: Header; readonly commit: Certificate; readonly tx: ListProof; readonly receipt: ListProof } | null
  /** Resolves when the transaction reaches an end state, or with its present state at the deadline. */
  readonly waitForTransaction: (txId: TxId, timeoutMs: number) => Promise<TxStatus>
  /** Ids of an account's transactions, newest first, at most `limit`, starting below `before` (`height.index` order). */
  readonly accountHistory: (
    account: Address,
    options: { readonly before: string | null; readonly limit: number },
  ) => Promise<readonly { readonly txId: TxId; readonly height: Height; readonly index: number; readonly cursor: string }[]>
  /** Events of blocks `from..to` in order. */
  readonly eventsBetween: (from: Height, to: Height) => readonly EventRecord[]
  /** Called after each commit, in order, never before the block is durable. Returns the unsubscriber. */
  readonly onCommit: (listener: (block: { readonly height: Height }) => void) => () => void
  readonly mempool: () => { readonly count: number; readonly bytes: number; readonly countMax: number; readonly bytesMax: number }
  readonly mempoolIds: (limit: number) => readonly TxId[]
  readonly pendingNonce: (account: Address, lane: number) => bigint
  readonly peers: () => readonly PeerInfo[]
  readonly syncState: () => {
    readonly syncing: boolean
    readonly height: Height
    readonly bestPeerHeight: Height
    readonly oldestHeight: Height
  }
  readonly health: () => NodeHealth
  readonly accessLog: AccessLog
  /** Why the chain stands still or not, as this node sees it. */
  readonly diagnose: () => Diagnosis
}

/** Names of the levels of a node's log, from talkative to quiet. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Name of a level. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What the operator's unix socket may ask besides. */
export type AdminApi = {
  readonly status: () => { readonly [key: string]: unknown }
  readonly consensusState: () => { readonly [key: string]: unknown }
  readonly setLogLevel: (level: LogLevel) => void
  readonly setLinkFault: (
    peer: string,
    fault: { drop: boolean; delayMs: number; jitterMs: number; lossPercent: number | null } | null,
  ) => void
  readonly setClockOffset: (offsetMs: number) => void
  readonly addPeer: (address: string) => void
  /** Signs nothing until `resumeSigning`; the reason is shown to whoever asks why. */
  readonly pauseSigning: (reason: string) => void
  /** Signs again; what had paused it, or null where nothing had. */
  readonly resumeSigning: () => { readonly [key: string]: unknown } | null
  /** What the running node tells naru doctor. */
  readonly doctor: () => { readonly [key: string]: unknown }
  /** Sizes on disk, snapshots on offer, and the snapshot, pruning or compaction that runs or ran last. */
  readonly upkeep: () => { readonly [key: string]: unknown }
  /** Each begins work in the background and resolves; rejects with a NodeError where it cannot begin. */
  readonly beginSnapshot: (out: string | null) => Promise<void>
  readonly beginPrune: (keepBlocks: number) => Promise<void>
  readonly beginCompact: () => Promise<void>
  readonly shutdown: () => void
  readonly metrics: () => Promise<string>
}
