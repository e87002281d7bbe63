// Owns: asking a node for proofs. Not here: believing them (verify.ts), which needs no node.
import type { Client } from './client.ts'
import type { ChainRef } from './chain.ts'
import { parseTxId, readStateProof, readTransactionProof } from './proof.ts'
import type { StateProof, TransactionProof } from './proof.ts'

/** Proof of the head's record under a key, or of its absence; not verified yet. Throws RpcError, NodeError and CodecError. */
export async function fetchStateProof(client: Client, chain: ChainRef, key: string): Promise<StateProof> {
  const { value } = await client.call('state_getProof', { key })
  return readStateProof(chain, value)
}

/** Proof of a final transaction and its receipt; not verified yet. Throws RpcError, NodeError and CodecError. */
export async function fetchTransactionProof(client: Client, chain: ChainRef, txId: string): Promise<TransactionProof> {
  return readTransactionProof(chain, await client.call('tx_getProof', { hash: `0x${parseTxId(txId)}` }))
}
