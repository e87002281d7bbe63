// Owns: asking a node for proofs; `as` signs, for records that not everybody may read.
// Not here: believing them (verify.ts), which needs no node.
import type { Client } from './client.ts'
import type { ChainRef } from './chain.ts'
import { parseTxId, readStateProof, readTransactionProof } from './proof.ts'
import type { StateProof, TransactionProof } from './proof.ts'
import type { Reader } from './signed-read.ts'

/** Proof of the head's record under a key, or of its absence; not verified yet. Throws RpcError, NodeError and CodecError. */
export async function fetchStateProof(client: Client, chain: ChainRef, key: string, as?: Reader): Promise<StateProof> {
  const { value } = await client.call('state_getProof', { key }, as === undefined ? {} : { as })
  return readStateProof(chain, value)
}

/** Proof of a final transaction and its receipt; not verified yet. Throws RpcError, NodeError and CodecError. */
export async function fetchTransactionProof(
  client: Client,
  chain: ChainRef,
  txId: string,
  as?: Reader,
): Promise<TransactionProof> {
  const hash = `0x${parseTxId(txId)}`
  return readTransactionProof(chain, await client.call('tx_getProof', { hash }, as === undefined ? {} : { as }))
}
