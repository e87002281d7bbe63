// Owns: one key of one account: deriving the account, signing with the key.
// Not here: what is signed (transaction.ts), key files (cli).
import type { Address, Hash32 } from '../core/base/ids.ts'
import { deriveAddress, formatAddress, formatDid, NETWORKS } from '../core/crypto/address.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { createSigner, publicKeyOf } from '../core/crypto/keys.ts'
import { GENESIS_ACCOUNT_HASH } from '../core/execution/init-genesis.ts'

/** A key that signs for an account. The seed stays inside. */
export type Wallet = {
  readonly account: Address
  /** The account as bech32m text, and as DID. */
  readonly address: string
  readonly did: string
  readonly keyId: string
  readonly network: NetworkName
  readonly publicKey: Uint8Array
  /** The 64-byte Ed25519 signature of a message. */
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** `seed`: 32 bytes of RFC 8032. Without `account` it is the genesis account of the key. */
export type WalletOptions = {
  readonly seed: Uint8Array
  readonly account?: Address
  readonly keyId: string
  readonly network: NetworkName
}

/** A wallet over a seed. Throws AssertionFault unless the seed is 32 bytes. */
export function createWallet({ seed, account, keyId, network }: WalletOptions): Wallet {
  const { publicKey, sign } = createSigner(seed)
  const own = account ?? deriveGenesisAccount(publicKey)
  const { hrp, netId } = NETWORKS[network]
  return { account: own, address: formatAddress(own, hrp), did: formatDid(own, netId), keyId, network, publicKey, sign }
}

/** Account of a key in a genesis document, which does not depend on the document's hash. */
export function deriveGenesisAccount(publicKey: Uint8Array, nonce = 0n): Address {
  return deriveAddress({ genesisHash: GENESIS_ACCOUNT_HASH, publicKey, nonce })
}

/** Account that `identity.did.create` gives to its first invocation key on this chain; known, and payable, before it exists. */
export function deriveNewAccount(input: { genesisHash: Hash32; publicKey: Uint8Array; nonce?: bigint }): Address {
  return deriveAddress({ genesisHash: input.genesisHash, publicKey: input.publicKey, nonce: input.nonce ?? 0n })
}

/** Public key of a 32-byte seed. Throws AssertionFault unless the seed is 32 bytes. */
export function derivePublicKey(seed: Uint8Array): Uint8Array {
  return publicKeyOf(seed)
}
