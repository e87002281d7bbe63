// The vectors of domain.md 15.7, and what the proofs must refuse.
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8ToBytes } from '../../../core/base/bytes.ts'
import { sha256Bytes } from '../../../core/crypto/hash.ts'
import { addCiphers, encryptBit, proveBit, proveSum, verifyBit, verifySum } from './ballot.ts'
import type { BitRandomness, Ciphertext } from './ballot.ts'
import { commitPolynomial, isShareOf, pollKey, shareFor, verificationKey } from './feldman.ts'
import { BASE, ORDER, ZERO, hashToScalar, readAnyPoint, readPoint, readScalar, reduce, scalarBytes, timesBase } from './group.ts'
import { imageBase, keyImage, signRing, verifyRing } from './ring.ts'
import { proveRollKey, proveTrusteeKey, signCast, verifyCast, verifyRollKey, verifyTrusteeKey } from './schnorr.ts'
import { combineShares, decryptShare, findCount, isCount, verifyShare } from './tally.ts'

const det = (label: string): bigint => hashToScalar('test-rng', utf8ToBytes(label))
const hexOf = (value: bigint): string => toHex(scalarBytes(value))
const eh = sha256Bytes('election-manifest-test-1')
const POLYNOMIALS = [1, 2, 3].map((i) => [0, 1].map((m) => det(`a${i}${m}`)))
const DEALINGS = POLYNOMIALS.map(commitPolynomial)
const Y = pollKey(DEALINGS)
const secretOf = (trustee: number): bigint => reduce(POLYNOMIALS.reduce((sum, f) => sum + shareFor(f, trustee), 0n))
const contextOf = (voter: number) => ({ eh, ctx: sha256Bytes(`voter-tag-${voter}`), key: Y })
const chances = (voter: number, option: number): BitRandomness => {
  const of = (name: string): bigint => det(`${name}${voter}${option}`)
  return { r: of('r'), w: of('w'), fakeC: of('cf'), fakeZ: of('zf') }
}

const ballotOf = (voter: number, bits: readonly (0 | 1)[]) =>
  bits.map((bit, option) => {
    const random = chances(voter, option)
    const cipher = encryptBit(Y, bit, random.r)
    return { cipher, proof: proveBit({ ...contextOf(voter), option, cipher }, bit, random) }
  })

describe('the group', () => {
  it('hashes to scalars as the vectors of 15.7', () => {
    expect(hexOf(hashToScalar('x'))).toBe('85f760b50885b97171429fde3316390fe1812e5c366a5f91e8c8711a3722fc05')
    const three = hashToScalar('seoul-vote-v1/test', fromHex('010203'))
    expect(hexOf(three)).toBe('9f348b5ea8cf6c73427bf605dd409bd5d015a677248a3a103a0935300df82d06')
  })

  it('takes canonical encodings alone', () => {
    expect(readPoint(BASE.toBytes())?.equals(BASE)).toBe(true)
    expect(readPoint(ZERO.toBytes())).toBe(null)
    expect(readAnyPoint(ZERO.toBytes())?.is0()).toBe(true)
    expect(readPoint(new Uint8Array(32).fill(0xff))).toBe(null)
    expect(readPoint(BASE.toBytes().subarray(1))).toBe(null)
    expect(readScalar(scalarBytes(ORDER - 1n))).toBe(ORDER - 1n)
    expect(readScalar(scalarBytes(ORDER))).toBe(null)
    expect(readScalar(new Uint8Array(31))).toBe(null)
  })
})

describe('the key of the trustees', () => {
  it('is Y, V1 and V3 of 15.7', () => {
    expect(Y.toHex()).toBe('224a5345480ff7946cfb6c0418c1f40040ea866ff566a9396b6f13109827a323')
    expect(verificationKey(DEALINGS, 1).toHex()).toBe('88684b878a481eaae89558a07aeed4455888081b52e1766554ca417a9be83464')
    expect(verificationKey(DEALINGS, 3).toHex()).toBe('c01c9a0ce7600deb54db3d95324b9165fb2dca691479583d143224035341612c')
    expect(verificationKey(DEALINGS, 3).equals(timesBase(secretOf(3)))).toBe(true)
  })

  it('is proved by each trustee, as 15.7 says', () => {
    const secret = det('a10')
    const proof = proveTrusteeKey(eh, 1, secret, det('k-pok'))
    expect(hexOf(proof.c)).toBe('4f0c4598920fc571f53e674c7e898c15cd7fcdde3bcf82c57854d45f18fc8d01')
    expect(hexOf(proof.z)).toBe('dde13aacaf7e432324de95b6be3044b8ba69c0c8fa2166e523c3bade60acb209')
    expect(verifyTrusteeKey(eh, 1, timesBase(secret), proof)).toBe(true)
    expect(verifyTrusteeKey(eh, 2, timesBase(secret), proof)).toBe(false)
    expect(verifyTrusteeKey(sha256Bytes('another'), 1, timesBase(secret), proof)).toBe(false)
    expect(verifyTrusteeKey(eh, 1, timesBase(secret + 1n), proof)).toBe(false)
  })

  it('has shares that fit the commitments, and no other', () => {
    const [polynomial = [], dealing = []] = [POLYNOMIALS[0], DEALINGS[0]]
    expect(isShareOf(dealing, 2, shareFor(polynomial, 2))).toBe(true)
    expect(isShareOf(dealing, 3, shareFor(polynomial, 2))).toBe(false)
    expect(isShareOf(dealing, 2, reduce(shareFor(polynomial, 2) + 1n))).toBe(false)
  })
})

describe('a ballot', () => {
  it('is the ballot of 15.7', () => {
    const [first] = ballotOf(0, [1, 0])
    expect(first?.cipher.a.toHex()).toBe('b63f669c477967c2e7d82570de0c4774c9040fd325b1ca8af2694c950fecb705')
    expect(first?.cipher.b.toHex()).toBe('c61c2cfcf1e526bd638194bc3d84abd49a71dcca2624c2da46a5f5356d6db07d')
    expect(first && hexOf(first.proof.c0)).toBe('24bde6afcdd8520f404200be599382e265a25cf8f68eddc0918badb38ab0060d')
    expect(first && hexOf(first.proof.c1)).toBe('eb1f80d454b049036ec5d7903c96aa3c2a629d48ae406972ec5ed905247e1400')
    expect(first && hexOf(first.proof.z0)).toBe('2023cacd7729345b30a104963905fc52f8bb9bc37cfa53677ecbb173bc1bba04')
    expect(first && hexOf(first.proof.z1)).toBe('cf6be009ab832808f343d50b83bae7a8df2d5279f9a346bb4c405a17554e4d04')
  })

  it('holds under its own voter and place alone', () => {
    const [first, second] = ballotOf(0, [1, 0])
    if (first === undefined || second === undefined) throw new Error('two options')
    expect(verifyBit({ ...contextOf(0), option: 0, cipher: first.cipher }, first.proof)).toBe(true)
    expect(verifyBit({ ...contextOf(0), option: 1, cipher: second.cipher }, second.proof)).toBe(true)
    expect(verifyBit({ ...contextOf(1), option: 0, cipher: first.cipher }, first.proof)).toBe(false)
    expect(verifyBit({ ...contextOf(0), option: 1, cipher: first.cipher }, first.proof)).toBe(false)
    const swapped = { ...first.proof, c0: first.proof.c1, c1: first.proof.c0 }
    expect(verifyBit({ ...contextOf(0), option: 0, cipher: first.cipher }, swapped)).toBe(false)
  })

  it('cannot hold a thousand votes, nor minus one', () => {
    const random = chances(0, 0)
    for (const value of [1_000n, ORDER - 1n, 2n]) {
      const plain = encryptBit(Y, 0, random.r)
      const cipher = { a: plain.a, b: plain.b.add(timesBase(value)) }
      for (const bit of [0, 1] as const) {
        expect(
          verifyBit({ ...contextOf(0), option: 0, cipher }, proveBit({ ...contextOf(0), option: 0, cipher }, bit, random)),
        ).toBe(false)
      }
    }
  })

  it('proves how many options are chosen', () => {
    const ciphers = ballotOf(0, [1, 0, 1]).map(({ cipher }) => cipher)
    const r = reduce([0, 1, 2].reduce((sum, option) => sum + chances(0, option).r, 0n))
    const proof = proveSum(contextOf(0), { ciphers, selections: 2 }, { r, w: det('ws0') })
    expect(verifySum(contextOf(0), { ciphers, selections: 2 }, proof)).toBe(true)
    expect(verifySum(contextOf(0), { ciphers, selections: 1 }, proof)).toBe(false)
    expect(verifySum(contextOf(1), { ciphers, selections: 2 }, proof)).toBe(false)
    const lie = proveSum(contextOf(0), { ciphers, selections: 3 }, { r, w: det('ws0') })
    expect(verifySum(contextOf(0), { ciphers, selections: 3 }, lie)).toBe(false)
  })

  it('is authorised by its election key', () => {
    const said = { eh, ctx: contextOf(0).ctx, ballotHash: sha256Bytes('ballot') }
    const proof = signCast(said, det('x'), det('k'))
    expect(verifyCast(said, timesBase(det('x')), proof)).toBe(true)
    expect(verifyCast(said, timesBase(det('y')), proof)).toBe(false)
    expect(verifyCast({ ...said, ballotHash: sha256Bytes('other') }, timesBase(det('x')), proof)).toBe(false)
    const held = proveRollKey(eh, det('x'), det('k'))
    expect(verifyRollKey(eh, timesBase(det('x')), held)).toBe(true)
    expect(verifyRollKey(sha256Bytes('another poll'), timesBase(det('x')), held)).toBe(false)
  })
})

describe('the tally', () => {
  const ballots = [ballotOf(0, [1, 0]), ballotOf(1, [0, 1]), ballotOf(2, [1, 0])]
  const sums = [0, 1].map((option) => addCiphers(ballots.map((ballot) => ballot[option]?.cipher as Ciphertext)))
  const openBy = (trustees: readonly number[], cipher: Ciphertext) =>
    trustees.map((trustee) => {
      const statement = { eh, trustee, verificationKey: verificationKey(DEALINGS, trustee), sum: cipher.a }
      return { trustee, statement, ...decryptShare(statement, secretOf(trustee), det(`kd${trustee}`)) }
    })

  it('is [2, 1] with trustees 1 and 3, as 15.7 says, and with any two', () => {
    for (const pair of [
      [1, 3],
      [1, 2],
      [2, 3],
      [1, 2, 3],
    ]) {
      expect(sums.map((cipher) => findCount(combineShares(cipher, openBy(pair, cipher)), 3))).toEqual([2, 1])
    }
  })

  it('tells nothing with fewer than t shares', () => {
    const [cipher] = sums
    if (cipher === undefined) throw new Error('a sum')
    expect(findCount(combineShares(cipher, openBy([1], cipher)), 100)).toBe(null)
  })

  it('refuses a share that is not the trustee’s', () => {
    const [cipher] = sums
    if (cipher === undefined) throw new Error('a sum')
    const [one] = openBy([1], cipher)
    if (one === undefined) throw new Error('a share')
    expect(verifyShare(one.statement, one.share, one.proof)).toBe(true)
    expect(verifyShare(one.statement, one.share.add(BASE), one.proof)).toBe(false)
    expect(verifyShare({ ...one.statement, trustee: 2 }, one.share, one.proof)).toBe(false)
    expect(verifyShare({ ...one.statement, sum: BASE }, one.share, one.proof)).toBe(false)
  })

  it.each([0, 1, 2, 3, 4, 99, 100, 101])('finds the count %i', (count) => {
    expect(findCount(timesBase(BigInt(count)), 100)).toBe(count <= 100 ? count : null)
    expect(isCount(timesBase(BigInt(count)), count)).toBe(true)
    expect(isCount(timesBase(BigInt(count)), count + 1)).toBe(false)
  })
})

describe('a ring', () => {
  const secrets = [0, 1, 2, 3].map((i) => det(`ring${i}`))
  const keys = secrets.map(timesBase)
  const message = sha256Bytes('ballot-bytes')
  const fakes = [0, 1, 2, 3].map((i) => det(`s${i}`))
  const sign = (signer: number) =>
    signRing({ eh, keys, message }, { secret: secrets[signer] as bigint, signer }, { nonce: det('kr'), fakes })

  it('has Hp and I of 15.7', () => {
    expect(imageBase(eh).toHex()).toBe('646f8fa27aa4ffb2a36cd7c63b473eb02de5c11fefde27b2ccb941ee9304156d')
    expect(keyImage(eh, secrets[2] as bigint).toHex()).toBe('cc3961189ea97e18919044f82316091c54636fcc04613e02f4afad951895347a')
  })

  it('is signed by each of its keys, whose image tells a second signature and not the signer', () => {
    for (const signer of [0, 1, 2, 3]) expect(verifyRing({ eh, keys, message }, sign(signer))).toBe(true)
    expect(sign(1).image.equals(sign(1).image)).toBe(true)
    expect(keyImage(sha256Bytes('another poll'), secrets[2] as bigint).equals(sign(2).image)).toBe(false)
  })

  it('refuses another message, ring, image or response', () => {
    const signature = sign(2)
    expect(verifyRing({ eh, keys, message: sha256Bytes('other') }, signature)).toBe(false)
    expect(verifyRing({ eh, keys: [...keys].reverse(), message }, signature)).toBe(false)
    expect(verifyRing({ eh, keys, message }, { ...signature, image: keyImage(eh, det('stranger')) })).toBe(false)
    expect(verifyRing({ eh, keys, message }, { ...signature, image: ZERO })).toBe(false)
    expect(verifyRing({ eh, keys, message }, { ...signature, responses: signature.responses.slice(1) })).toBe(false)
    const outsider = signRing({ eh, keys, message }, { secret: det('stranger'), signer: 1 }, { nonce: det('kr'), fakes })
    expect(verifyRing({ eh, keys, message }, outsider)).toBe(false)
  })
})
