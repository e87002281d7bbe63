// Owns: one key and one DID per audience, all derived from the seed of a wallet.
// Not here: putting a DID on chain (sdk/rooms.ts), the wallet's file (wallet.ts).
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { fromHex, u32ToBytes, concatBytes } from '../../core/base/bytes.ts'
import { withTextLength } from '../../core/crypto/hash.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import type { ChainRef } from '../chain.ts'
import { createDid } from '../rooms.ts'
import { createWallet, deriveNewAccount, derivePublicKey } from '../wallet.ts'
import type { Wallet } from '../wallet.ts'

/** Name of the one key of a pairwise DID. */
export const PAIRWISE_KEY_ID = 'k1'

/** Whom a DID is for, and which of several: a new one where an earlier is compromised. */
export type Audience = { readonly audience: string; readonly counter?: number }

const INFO = withTextLength('naru/pairwise/v1')

/**
 * Seed of the key for an audience: HKDF-SHA256 of the wallet's seed, salted with the chain. Nobody without the wallet's seed
 * can tell
 * that two such keys belong together.
 */
export function derivePairwiseSeed(
  chain: Pick<ChainRef, 'genesisHash'>,
  walletSeed: Uint8Array,
  { audience, counter = 0 }: Audience,
): Uint8Array {
  const info = concatBytes(INFO, withTextLength(audience), u32ToBytes(counter))
  return hkdf(sha256, walletSeed, fromHex(chain.genesisHash), info, 32)
}

/** The wallet of an audience's DID, on chain or not yet. */
export function derivePairwise(chain: ChainRef, walletSeed: Uint8Array, audience: Audience): Wallet {
  const seed = derivePairwiseSeed(chain, walletSeed, audience)
  const account = deriveNewAccount({ genesisHash: chain.genesisHash, publicKey: derivePublicKey(seed) })
  return createWallet({ seed, account, keyId: PAIRWISE_KEY_ID, network: chain.network })
}

/** `identity.did.create` of an audience's DID, for a sponsor that may onboard. */
export function createPairwiseDid(
  chain: ChainRef,
  walletSeed: Uint8Array,
  audience: Audience,
): ReturnType<typeof createDid>['action'] {
  const purposes = KEY_PURPOSES.authentication | KEY_PURPOSES.invocation
  const seed = derivePairwiseSeed(chain, walletSeed, audience)
  return createDid(chain, { keys: [{ keyId: PAIRWISE_KEY_ID, seed, purposes }] }).action
}
