// Owns: the types of the JSON-RPC methods that the SDK itself uses. Not here: the rooms' queries (their schemas).
import type { Json } from '../core/codec/schema.ts'

/** Where an answer was read: a final head. Times are ms. */
export type ReadContext = { readonly height: number; readonly hash: string; readonly time: number }

/** Answer of a read of the chain. */
export type Read<V> = { readonly context: ReadContext; readonly value: V; readonly proof?: StateProofJson }

/** Header as JSON; hashes are `0x` hex. */
export type HeaderJson = {
  readonly height: number
  readonly hash: string
  readonly stateRoot: string
  readonly time: number
  readonly chainId: string
  readonly parentId: string
  readonly txCount: number
  readonly validatorsHash: string
  readonly [field: string]: Json
}

/** Proof of a record, present (`existence`) or absent (`nonExistence`), down to the certificate; bytes are `0x` hex. */
export type StateProofJson = {
  readonly spec: string
  readonly key: string
  readonly value: string | null
  readonly existence?: string
  readonly nonExistence?: string
  readonly header: string
  readonly commit: string
}

/** Place of a leaf in an ordered list under a header. */
export type ListProofJson = {
  readonly index: number
  readonly count: number
  readonly leaf: string
  readonly siblings: readonly string[]
}

/** Proof of a transaction and of its receipt, down to the certificate. */
export type TransactionProofJson = {
  readonly hash: string
  readonly height: number
  readonly spec: string
  readonly bytes: string
  readonly receiptBytes: string
  readonly tx: ListProofJson
  readonly receipt: ListProofJson
  readonly header: string
  readonly commit: string
}

/** A header and its certificate in canonical bytes, `0x` hex. */
export type FinalHeaderJson = { readonly header: string; readonly commit: string }

/** A checkpoint's block and the validators behind it, in canonical bytes. */
export type LightBootstrapJson = FinalHeaderJson & {
  readonly height: number
  readonly validators: string
  readonly nextValidators: string | null
}

/** Changes of the validators in rising order, and the head; `more` when not all fitted. */
export type LightUpdatesJson = { readonly changes: readonly string[]; readonly head: FinalHeaderJson; readonly more: boolean }

/** What a transaction did; `code` 0 is success, else `error` is its stable text. */
export type ReceiptJson = {
  readonly code: number
  readonly error?: string
  readonly message?: string
  readonly events: readonly { readonly name: string; readonly [field: string]: Json }[]
}

/** Why a transaction was rejected. */
export type RefusalJson = { readonly code: number; readonly message: string; readonly data?: { readonly code?: string } }

/** Which chain a node is of. */
export type ChainIdJson = {
  readonly chainId: string
  readonly network: 'city' | 'test' | 'devnet'
  readonly genesisHash: string
  readonly chainTag: string
}

/** Where a transaction is in its life; final, rejected and expired are its ends. */
export type TxStatusJson = { readonly hash: string } & (
  | { readonly status: 'unknown' }
  | { readonly status: 'pending'; readonly validUntil: number }
  | { readonly status: 'final'; readonly height: number; readonly index: number; readonly receipt: ReceiptJson }
  | { readonly status: 'rejected'; readonly error: RefusalJson }
  | { readonly status: 'expired'; readonly height: number }
)

/** Parameters and result of each method that is typed; any other is called with `call<T>(name, params)`. */
export type RpcMethods = {
  chain_id: { params: Record<string, never>; result: ChainIdJson }
  chain_head: { params: { atLeast?: number }; result: Read<HeaderJson> }
  chain_getHeader: { params: { height?: number; hash?: string }; result: Read<HeaderJson> }
  chain_getParams: {
    params: Record<string, never>
    result: Read<{ readonly validUntilAheadMax: number; readonly [name: string]: Json }>
  }
  chain_getGenesis: { params: Record<string, never>; result: { readonly genesisHash: string; readonly genesis: Json } }
  light_getBootstrap: { params: { checkpoint: string }; result: LightBootstrapJson }
  light_getUpdates: { params: { from: number; to?: number }; result: LightUpdatesJson }
  light_getHeader: { params: { height: number }; result: FinalHeaderJson }
  light_reportFork: { params: { first: FinalHeaderJson; second: FinalHeaderJson }; result: { readonly height: number } }
  tx_submit: { params: { tx: string }; result: TxStatusJson }
  tx_submitAndWait: { params: { tx: string; timeoutMs?: number }; result: TxStatusJson }
  tx_wait: { params: { hash: string; timeoutMs?: number }; result: TxStatusJson }
  tx_getStatus: { params: { hash: string }; result: TxStatusJson }
  tx_getProof: { params: { hash: string }; result: TransactionProofJson }
  account_getNonce: {
    params: { account: string; lane?: number; atLeast?: number }
    result: Read<{ readonly lane: number; readonly next: string; readonly final: string }>
  }
  state_get: {
    params: { key: string; prove?: boolean; atLeast?: number }
    result: Read<{ readonly key: string; readonly value: string | null }>
  }
  state_getProof: { params: { key: string; atLeast?: number }; result: Read<StateProofJson> }
}
