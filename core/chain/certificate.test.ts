// Owns: certificates: every reason to refuse one, bitmaps, hashes. Not here: gathering votes (consensus).
import { describe, expect, it } from 'vitest'
import { asAddress, asHash32, ZERO_HASH } from '../base/ids.ts'
import { decode, encode } from '../codec/schema.ts'
import { createSigner, verifySignature } from '../crypto/keys.ts'
import { buildCertificate, CertificateSchema, certificateHash, certificateSigners, checkCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { buildValidatorSet } from './validator-set.ts'
import type { ValidatorSet } from './validator-set.ts'
import { consensusSigningBytes } from './vote.ts'
import type { Vote } from './vote.ts'

const CHAIN = 'naru-test'
const BLOCK = asHash32('ab'.repeat(32))
const signers = Array.from({ length: 10 }, (_, i) => createSigner(new Uint8Array(32).fill(i + 1)))
const authorityOf = (i: number) => asAddress((i + 1).toString(16).padStart(40, '0'))
const setOf = (n: number): ValidatorSet =>
  buildValidatorSet(
    signers
      .slice(0, n)
      .map(({ publicKey }, i) => ({ authority: authorityOf(i), publicKey, name: `v${i}`, peerId: `p${i}`, addresses: [] })),
  )
const voteOf = (i: number, content: Partial<Vote> = {}): Vote => {
  const unsigned = {
    type: 'precommit' as const,
    height: 5,
    round: 2,
    blockId: BLOCK,
    validRound: -1,
    validator: authorityOf(i),
    ...content,
  }
  const signature = (signers[i] as (typeof signers)[0]).sign(consensusSigningBytes(CHAIN, unsigned.type, unsigned))
  return { ...unsigned, signature }
}
const certificateOf = (n: number, voters: readonly number[], content: Partial<Vote> = {}): Certificate =>
  buildCertificate(
    setOf(n),
    voters.map((i) => voteOf(i, content)),
  )
const check = (n: number, certificate: Certificate, chainId = CHAIN): string | null =>
  checkCertificate({ chainId, set: setOf(n), certificate, checkSignature: verifySignature })

describe('a certificate', () => {
  const good = certificateOf(4, [3, 0, 2])

  it('of a quorum proves the block, whatever the order of the votes', () => {
    expect(good.bitmap).toEqual(Uint8Array.of(0b1011_0000))
    expect(good.signatures).toHaveLength(3)
    expect(check(4, good)).toBeNull()
    expect(certificateSigners(setOf(4), good)?.map(({ name }) => name)).toEqual(['v0', 'v2', 'v3'])
    expect(good).toEqual(certificateOf(4, [0, 2, 3]))
  })

  it('of a single validator and of all of ten proves the block', () => {
    expect(check(1, certificateOf(1, [0]))).toBeNull()
    const ten = certificateOf(10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(ten.bitmap).toEqual(Uint8Array.of(0xff, 0b1100_0000))
    expect(check(10, ten)).toBeNull()
  })

  it('of prevotes may carry a valid round below its own', () => {
    expect(check(4, certificateOf(4, [0, 1, 2], { type: 'prevote', validRound: 1 }))).toBeNull()
    expect(check(4, certificateOf(4, [0, 1, 2], { type: 'prevote' }))).toBeNull()
  })

  it('counts one vote of a validator that voted twice', () => {
    const twice = certificateOf(4, [0, 0, 1])
    expect(check(4, twice)).toBe('2 signatures, 3 needed')
  })

  it('is read back from its bytes', () => {
    expect(decode(CertificateSchema, encode(CertificateSchema, good), 10_000)).toEqual(good)
  })
})

describe('a certificate is refused', () => {
  const good = certificateOf(4, [0, 1, 2])
  const [first, second, third] = good.signatures as [Uint8Array, Uint8Array, Uint8Array]

  it('when its bitmap has another length than the set needs', () => {
    expect(check(4, { ...good, bitmap: new Uint8Array(0) })).toBe('the bitmap does not fit the validator set')
    expect(check(4, { ...good, bitmap: Uint8Array.of(0b1110_0000, 0) })).toBe('the bitmap does not fit the validator set')
    expect(check(10, good)).toBe('the bitmap does not fit the validator set')
  })

  it('when a bit stands beyond the set', () => {
    expect(check(4, { ...good, bitmap: Uint8Array.of(0b1110_1000) })).toBe('the bitmap does not fit the validator set')
    expect(check(4, { ...good, bitmap: Uint8Array.of(0b1110_0001) })).toBe('the bitmap does not fit the validator set')
  })

  it('when bits and signatures differ in number', () => {
    expect(check(4, { ...good, signatures: [first, second] })).toBe('3 bits but 2 signatures')
    expect(check(4, { ...good, signatures: [first, second, third, third] })).toBe('3 bits but 4 signatures')
  })

  it('when fewer than a quorum signed', () => {
    expect(check(4, certificateOf(4, [0, 1]))).toBe('2 signatures, 3 needed')
    expect(check(10, certificateOf(10, [0, 1, 2, 3, 4, 5]))).toBe('6 signatures, 7 needed')
    expect(check(4, { ...good, bitmap: Uint8Array.of(0), signatures: [] })).toBe('0 signatures, 3 needed')
  })

  it('when a precommit carries a valid round', () => {
    expect(check(4, certificateOf(4, [0, 1, 2], { validRound: 1 }))).toBe('a precommit carries no valid round')
  })

  it('when the valid round is not below the round', () => {
    expect(check(4, certificateOf(4, [0, 1, 2], { type: 'prevote', validRound: 2 }))).toBe(
      'the valid round is not below the round',
    )
    expect(check(4, certificateOf(4, [0, 1, 2], { type: 'prevote', validRound: 3 }))).toBe(
      'the valid round is not below the round',
    )
  })

  it('when a signature is not that of its bit', () => {
    expect(check(4, { ...good, signatures: [second, first, third] })).toBe('the signature of v0 is not valid')
    expect(check(4, { ...good, bitmap: Uint8Array.of(0b1101_0000) })).toBe('the signature of v3 is not valid')
    const broken = third.slice()
    broken[63] = (broken[63] as number) ^ 1
    expect(check(4, { ...good, signatures: [first, second, broken] })).toBe('the signature of v2 is not valid')
    expect(check(4, { ...good, signatures: [first, first, first] })).toBe('the signature of v1 is not valid')
  })

  it('when it says something else than was signed', () => {
    const others: readonly Partial<Certificate>[] = [
      { height: 6 },
      { round: 3 },
      { blockId: asHash32('cd'.repeat(32)) },
      { type: 'prevote' },
      { type: 'prevote', validRound: 0 },
    ]
    for (const other of others) expect(check(4, { ...good, ...other })).toBe('the signature of v0 is not valid')
  })

  it('on another chain', () => {
    expect(check(4, good, 'naru-other')).toBe('the signature of v0 is not valid')
  })

  it('when prevotes for nil stand in it', () => {
    expect(() => certificateOf(4, [0, 1, 2], { blockId: null })).toThrow('a certificate is for a block')
  })
})

describe('the hash of a certificate', () => {
  it('is zero where there is none and changes with everything else', () => {
    expect(certificateHash(null)).toBe(ZERO_HASH)
    const good = certificateOf(4, [0, 1, 2])
    const all: readonly Certificate[] = [
      good,
      { ...good, type: 'prevote' },
      { ...good, height: 6 },
      { ...good, round: 3 },
      { ...good, blockId: ZERO_HASH },
      { ...good, validRound: 0 },
      { ...good, bitmap: Uint8Array.of(0b1101_0000) },
      { ...good, signatures: [...good.signatures].reverse() },
      certificateOf(4, [0, 1, 2, 3]),
    ]
    expect(new Set(all.map(certificateHash)).size).toBe(all.length)
  })
})
