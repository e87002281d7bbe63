// Owns: sealing a ballot on the voter's phone. Not here: authorising it (voter.ts), checking it (modules/vote/sealed.ts).
import { fromHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Ballot, SealedOption } from '../../modules/vote/ballot-schema.ts'
import { encryptBit, proveBit, proveSum } from '../../modules/vote/crypto/ballot.ts'
import { readPoint, reduce, scalarBytes } from '../../modules/vote/crypto/group.ts'
import { anonContextOf, contextOf } from '../../modules/vote/proofs.ts'
import type { Manifest } from '../../modules/vote/schema.ts'
import { proofBytes, randomScalar } from './voter.ts'

/** Where a ballot goes: manifest with its hash, the poll's key, the ballot's sequence, and the voter's number or key image. */
export type SealPlace = {
  readonly manifest: Pick<Manifest, 'options' | 'minSel' | 'maxSel'>
  readonly eh: string
  readonly key: Uint8Array
  readonly seq: number
} & ({ readonly rollIndex: number } | { readonly image: Uint8Array })

/** What every proof of a ballot in a place is bound to. */
export function contextAt(place: SealPlace): Uint8Array {
  return 'image' in place ? anonContextOf(place) : contextOf(place)
}

/** What was sealed and with which chances: whoever has it knows the choice. */
export type Opening = { readonly bits: readonly (0 | 1)[]; readonly r: readonly bigint[] }

/**
 * Seals the chosen options (numbers from 0) for the trustees. Every call draws fresh chances; `random` is for tests.
 * Throws NodeError BALLOT_INVALID for a choice that the poll does not allow, KEY_INVALID for a key that is no point.
 */
export function sealBallot(place: SealPlace, selections: readonly number[], random: () => bigint = randomScalar): Ballot {
  return sealOpenly(place, selections, random).ballot
}

/** As `sealBallot`, with what opens the ballot: for audits of one's own phone (prepare.ts). */
export function sealOpenly(
  place: SealPlace,
  selections: readonly number[],
  random: () => bigint = randomScalar,
): { readonly ballot: Ballot; readonly opening: Opening } {
  const { manifest, eh } = place
  const { options, minSel, maxSel } = manifest
  const chosen = new Set(selections)
  const isKnown = selections.every((option) => Number.isInteger(option) && option >= 0 && option < options.length)
  if (!isKnown || chosen.size < selections.length || chosen.size < minSel || chosen.size > maxSel)
    throw new NodeError('BALLOT_INVALID', `choose ${minSel} to ${maxSel} of the options 0 to ${options.length - 1}, each once`)
  const key = readPoint(place.key)
  if (key === null) throw new NodeError('KEY_INVALID', 'the key of the poll is no point of ristretto255; ask another node')
  const context = { eh: fromHex(eh), ctx: contextAt(place), key }
  // Ones that nobody counts fill up to maxSel, so that how many options are chosen is sealed too.
  const fill = Array.from({ length: maxSel - minSel }, (_, i) => i < maxSel - chosen.size)
  const bits = [...options.map((_, option) => chosen.has(option)), ...fill].map((isOne): 0 | 1 => (isOne ? 1 : 0))
  const sealed = bits.map((bit, option) => {
    const chances = { r: random(), w: random(), fakeC: random(), fakeZ: random() }
    const cipher = encryptBit(key, bit, chances.r)
    return { cipher, r: chances.r, proof: proveBit({ ...context, option, cipher }, bit, chances) }
  })
  const ciphers = sealed.map(({ cipher }) => cipher)
  const r = reduce(sealed.reduce((sum, option) => sum + option.r, 0n))
  const sum = proofBytes(proveSum(context, { ciphers, selections: maxSel }, { r, w: random() }))
  const ballot: Ballot = { kind: 'secret', options: sealed.map(optionBytes), sum }
  return { ballot, opening: { bits, r: sealed.map((option) => option.r) } }
}

function optionBytes({
  cipher,
  proof,
}: {
  cipher: ReturnType<typeof encryptBit>
  proof: ReturnType<typeof proveBit>
}): SealedOption {
  const [c0, c1, z0, z1] = [proof.c0, proof.c1, proof.z0, proof.z1].map(scalarBytes) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  return { a: cipher.a.toBytes(), b: cipher.b.toBytes(), c0, c1, z0, z1 }
}
