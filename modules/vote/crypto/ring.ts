// Owns: linkable ring signatures, which hide who of a roll took part and show who did so twice (5.3, 8). Not here: ballots.
import { ristretto255_hasher } from '@noble/curves/ed25519.js'
import { concatBytes } from '../../../core/base/bytes.ts'
import { sha256Bytes } from '../../../core/crypto/hash.ts'
import { hashToScalar, reduce, times, timesBase, timesSecret } from './group.ts'
import type { Point } from './group.ts'

/** What a ring signs: manifest, the keys in order, the hash of the ballot. */
export type RingStatement = { readonly eh: Uint8Array; readonly keys: readonly Point[]; readonly message: Uint8Array }

/** A signature with its key image; one response for each key. */
export type RingSignature = { readonly image: Point; readonly c0: bigint; readonly responses: readonly bigint[] }

/** Hp: a point of the poll whose logarithm nobody knows. */
export function imageBase(eh: Uint8Array): Point {
  return ristretto255_hasher.hashToCurve(eh, { DST: 'seoul-vote-v1/hp' }) as Point
}

/** I = x Hp: the same for one key in one poll, unlinkable between polls. */
export function keyImage(eh: Uint8Array, secret: bigint): Point {
  return timesSecret(imageBase(eh), secret)
}

/** The hash of a ring: its keys in order. */
export function ringHash(keys: readonly Point[]): Uint8Array {
  return sha256Bytes(concatBytes(...keys.map((key) => key.toBytes())))
}

type Chain = { readonly eh: Uint8Array; readonly ring: Uint8Array; readonly image: Point; readonly message: Uint8Array }

function link({ eh, ring, image, message }: Chain, left: Point, right: Point): bigint {
  return hashToScalar('seoul-vote-v1/lsag', eh, ring, image, message, left, right)
}

/** Signs for the key at `signer`; `fakes` has a scalar for each key, the signer's own unused. */
export function signRing(
  { eh, keys, message }: RingStatement,
  { secret, signer }: { secret: bigint; signer: number },
  { nonce, fakes }: { nonce: bigint; fakes: readonly bigint[] },
): RingSignature {
  const base = imageBase(eh)
  const image = timesSecret(base, secret)
  const chain = { eh, ring: ringHash(keys), image, message }
  const challenges = new Array<bigint>(keys.length).fill(0n)
  const responses = [...fakes]
  let c = link(chain, timesBase(nonce), timesSecret(base, nonce))
  for (let step = 1; step <= keys.length; step++) {
    const i = (signer + step) % keys.length
    challenges[i] = c
    if (i === signer) break
    const s = fakes[i] as bigint
    c = link(chain, timesBase(s).add(times(keys[i] as Point, c)), times(base, s).add(times(image, c)))
  }
  responses[signer] = reduce(nonce - (challenges[signer] as bigint) * secret)
  return { image, c0: challenges[0] as bigint, responses }
}

/** Checks that somebody of the ring signed, and that the image is that key's. */
export function verifyRing({ eh, keys, message }: RingStatement, { image, c0, responses }: RingSignature): boolean {
  if (keys.length === 0 || responses.length !== keys.length || image.is0()) return false
  const base = imageBase(eh)
  const chain = { eh, ring: ringHash(keys), image, message }
  const last = keys.reduce((c, key, i) => {
    const s = responses[i] as bigint
    return link(chain, timesBase(s).add(times(key, c)), times(base, s).add(times(image, c)))
  }, c0)
  return last === c0
}
