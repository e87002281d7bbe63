// Owns: whether a sealed ballot is valid in its place, and its hash against copies. Not here: who authorised it (proofs.ts).
import { concatBytes, fromHex } from '../../core/base/bytes.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { createHasher } from '../../core/crypto/hash.ts'
import type { Ballot, SealedOption } from './ballot-schema.ts'
import { verifyBit, verifySum } from './crypto/ballot.ts'
import type { Ciphertext } from './crypto/ballot.ts'
import { readPoint, readScalar } from './crypto/group.ts'
import { contextOf, readProof } from './proofs.ts'
import type { CastPlace } from './proofs.ts'
import type { Manifest } from './schema.ts'

type Sealed = Extract<Ballot, { kind: 'secret' }>

const hashSealed = createHasher('naru/vote-sealed/v1')

/** The hash of a ballot's ciphertexts. */
export function sealedHash({ options }: Sealed): Hash32 {
  return hashSealed(concatBytes(...options.flatMap(({ a, b }) => [a, b])))
}

/** Ciphertexts of a ballot: one an option, and as many again as selections may be missing from maxSel. */
export function ciphersOf({ options, minSel, maxSel }: Manifest): number {
  return options.length + maxSel - minSel
}

/** The name of the proof that does not verify, or null where all do. */
export function badProof(manifest: Manifest, { key, ...place }: CastPlace & { key: Uint8Array }, ballot: Sealed): string | null {
  const pollKey = readPoint(key)
  if (pollKey === null) return 'key'
  const context = { eh: fromHex(place.eh), ctx: contextOf(place), key: pollKey }
  const ciphers: Ciphertext[] = []
  for (const [option, bytes] of ballot.options.entries()) {
    const read = readOption(bytes)
    if (read === null || !verifyBit({ ...context, option, cipher: read.cipher }, read.proof)) return `option ${option}`
    ciphers.push(read.cipher)
  }
  const proof = readProof(ballot.sum)
  return proof !== null && verifySum(context, { ciphers, selections: manifest.maxSel }, proof) ? null : 'sum'
}

function readOption(bytes: SealedOption) {
  const [a, b] = [readPoint(bytes.a), readPoint(bytes.b)]
  const [c0, c1, z0, z1] = [readScalar(bytes.c0), readScalar(bytes.c1), readScalar(bytes.z0), readScalar(bytes.z1)]
  if (a === null || b === null || c0 === null || c1 === null || z0 === null || z1 === null) return null
  return { cipher: { a, b }, proof: { c0, c1, z0, z1 } }
}
