// Owns: proof that whoever registers a key holds it, and which keys are too weak to register. Not here: key sets (keyset.ts).
import { equalBytes, fromHex } from '../../core/base/bytes.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { SIGN_TAGS, signingBytes } from '../../core/chain/signing.ts'
import { encode } from '../../core/codec/schema.ts'
import { isCanonicalKeyAndSignature } from '../../core/crypto/ed25519-rule.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { IdentityError } from './errors.ts'
import { PossessionSchema } from './schema.ts'
import type { NewKey } from './schema.ts'

/** What a new key of this DID signs. */
export function possessionBytes(claim: {
  genesisHash: Hash32
  did: Address
  key: Pick<NewKey, 'kid' | 'pub' | 'rel'>
}): Uint8Array {
  const { genesisHash, did, key } = claim
  return signingBytes(
    SIGN_TAGS.possession,
    encode(PossessionSchema, { genesisHash, did, kid: key.kid, pub: key.pub, rel: key.rel }),
  )
}

/** IDENTITY_KEY_WEAK or, for the presence of a proof, IDENTITY_KEY_POP_INVALID; needs neither state nor chain. */
export function checkNewKeys(keys: readonly NewKey[]): Failure | null {
  for (const key of keys) {
    if (isWeakKey(key)) return failure(IdentityError.KEY_WEAK, { kid: key.kid })
    const hasProof = key.proof !== null
    if (hasProof !== (key.type === 'ED25519')) return failure(IdentityError.KEY_POP_INVALID, { kid: key.kid })
  }
  return null
}

/** IDENTITY_KEY_POP_INVALID unless every signing key signed for this chain, DID, name and purposes. */
export function checkPossession(claim: { genesisHash: Hash32; did: Address; keys: readonly NewKey[] }): Failure | null {
  const { genesisHash, did, keys } = claim
  for (const key of keys) {
    if (key.proof === null) continue
    const message = possessionBytes({ genesisHash, did, key })
    if (!verifySignature({ publicKey: key.pub, message, signature: key.proof })) {
      return failure(IdentityError.KEY_POP_INVALID, { kid: key.kid })
    }
  }
  return null
}

/** Signature checks that these keys cost. */
export function countProofs(keys: readonly NewKey[]): number {
  return keys.filter((key) => key.proof !== null).length
}

// R with y = 3 and S = 1 pass the pre-check of signatures, so that it judges the key alone.
const PASSING_SIGNATURE = new Uint8Array(64)
PASSING_SIGNATURE[0] = 3
PASSING_SIGNATURE[32] = 1

// The points of low order of Curve25519 that are reduced: u = 0, 1, two of order 8, p - 1; little-endian.
const LOW_ORDER_U: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex)

/** True for an ED25519 key that the strict rule refuses, or an X25519 key outside its field or of low order (RFC 7748 6.1). */
export function isWeakKey({ type, pub }: Pick<NewKey, 'type' | 'pub'>): boolean {
  if (type === 'ED25519') return !isCanonicalKeyAndSignature(pub, PASSING_SIGNATURE)
  return LOW_ORDER_U.some((low) => equalBytes(low, pub)) || !isReducedU(pub)
}

function isReducedU(u: Uint8Array): boolean {
  if (((u[31] as number) & 0x80) !== 0) return false
  if (u[31] !== 0x7f || u.subarray(1, 31).some((byte) => byte !== 0xff)) return true
  return (u[0] as number) < 0xed
}
