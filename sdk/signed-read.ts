// Owns: signing a read, so that a node shows restricted records to whom they concern. Not here: sending it (client.ts), who may
// read (the rooms).
import { toHex } from '../core/base/bytes.ts'
import { readBytes } from '../core/chain/read-request.ts'
import type { Json } from '../core/codec/schema.ts'
import type { Hash32 } from '../core/base/ids.ts'
import type { Wallet } from './wallet.ts'

/** Who reads, on which chain (a ChainRef, for example). */
export type Reader = { readonly wallet: Wallet; readonly chain: { readonly chainId: string; readonly genesisHash: Hash32 } }

/** Member `auth` of a JSON-RPC request. */
export type ReadAuthJson = {
  readonly account: string
  readonly keyId: string
  readonly time: number
  readonly nonce: string
  readonly signature: string
}

/** A call to be signed; `time` is that of the node's clock, ms. */
export type SignedCall = { readonly method: string; readonly params: object; readonly time: number }

/** Signs one call: it is good for that method with those parameters, at about that time, once. */
export function signRead({ wallet, chain }: Reader, { method, params, time }: SignedCall): ReadAuthJson {
  const { account, address, keyId } = wallet
  const nonce = crypto.getRandomValues(new Uint8Array(16))
  const { chainId, genesisHash } = chain
  // As they will arrive: without members that JSON leaves out.
  const sent = JSON.parse(JSON.stringify(params)) as Json
  const message = readBytes({ chainId, genesisHash, account, keyId, time, nonce, method, params: sent })
  return { account: address, keyId, time, nonce: `0x${toHex(nonce)}`, signature: `0x${toHex(wallet.sign(message))}` }
}
