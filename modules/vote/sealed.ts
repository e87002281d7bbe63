// Owns: whether a sealed ballot is valid in its place, and its hash against copies. Not here: who authorised it (proofs.ts).
import { concatBytes, fromHex } from '../../core/base/bytes.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { createHasher } from '../../core/crypto/hash.ts'
import type { Ballot, SealedOption } from './ballot-schema.ts'
import { badBallot, readFast } from './crypto/checks.ts'
import type { ReadOption } from './crypto/checks.ts'
import { readScalar } from './crypto/group.ts'
import { readProof } from './proofs.ts'
import type { Manifest } from './schema.ts'

/** A ballot of sealed options. */
export type Sealed = Extract<Ballot, { kind: 'secret' }>

const hashSealed = createHasher('naru/vote-sealed/v1')

/** The hash of a ballot's ciphertexts. */
export function sealedHash({ options }: Sealed): Hash32 {
  return hashSealed(concatBytes(...options.flatMap(({ a, b }) => [a, b])))
}

/** Ciphertexts of a ballot: one an option, and as many again as selections may be missing from maxSel. */
export function ciphersOf({ options, minSel, maxSel }: Manifest): number {
  return options.length + maxSel - minSel
}

/** What every proof of a ballot is bound to: manifest, context, the poll's key; and how many ones it holds. */
export type SealedPlace = {
  readonly eh: string
  readonly ctx: Uint8Array
  readonly key: Uint8Array
  readonly selections: number
}

/** The name of the proof that does not verify, or null where all do. */
export function badProof({ eh, ctx, key, selections }: SealedPlace, ballot: Sealed): string | null {
  const pollKey = readFast(key)
  if (pollKey === null) return 'key'
  const options: ReadOption[] = []
  for (const [option, bytes] of ballot.options.entries()) {
    const read = readOption(bytes)
    if (read === null) return `option ${option}`
    options.push(read)
  }
  const proof = readProof(ballot.sum)
  if (proof === null) return 'sum'
  const bad = badBallot({ eh: fromHex(eh), ctx, key: pollKey }, options, { selections, proof })
  return typeof bad === 'number' ? `option ${bad}` : bad
}

function readOption(bytes: SealedOption): ReadOption | null {
  const [c0, c1, z0, z1] = [readScalar(bytes.c0), readScalar(bytes.c1), readScalar(bytes.z0), readScalar(bytes.z1)]
  if (c0 === null || c1 === null || z0 === null || z1 === null) return null
  const [a, b] = [readFast(bytes.a), readFast(bytes.b)]
  return a === null || b === null ? null : { a, b, proof: { c0, c1, z0, z1 } }
}
