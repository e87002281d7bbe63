// The fast arithmetic against @noble/curves, and the fast checks against the reference ones.
import { ed25519, ristretto255 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { sha256Bytes } from '../../../core/crypto/hash.ts'
import { encryptBit, proveBit, proveSum, verifyBit, verifySum } from './ballot.ts'
import { addBytes, badBallot, checkEqualLog, checkHeld, checkRing, readFast, readRing } from './checks.ts'
import type { ReadOption, ReadPoint } from './checks.ts'
import { addTo, createScratch, createSummand, double, isSamePoint, toSummand } from './edwards.ts'
import { decodePoint, encodeDoubled, encodePoint } from './encoding.ts'
import { add, createFe, feOf, multiply, PRIME, square, subtract, numberIn } from './field.ts'
import type { Fe } from './field.ts'
import { BASE, ORDER, ZERO, hashToScalar, readAnyPoint, reduce, scalarBytes, timesBase } from './group.ts'
import type { Point } from './group.ts'
import { baseTable, encodeSums, sumsOf, tableOf } from './multiples.ts'
import { keyImage, signRing, verifyRing } from './ring.ts'
import { castClaim, proveRollKey, rollClaim, signCast, verifyRollKey } from './schnorr.ts'
import { decryptShare, shareClaim, verifyShare } from './tally.ts'

const det = (label: string): bigint => hashToScalar('test-rng', new TextEncoder().encode(label))
const field = (label: string): bigint => (det(label) * 13n + det(`${label}'`)) % PRIME
/** Values at which limbs are as large or as small as they get. */
const EDGES = [0n, 1n, 2n, 19n, PRIME - 1n, PRIME - 19n, 2n ** 254n, 2n ** 255n - 20n, (2n ** 255n - 1n) / 3n, 2n ** 127n - 1n]
const SAMPLES = [...EDGES, ...Array.from({ length: 40 }, (_, i) => field(`f${i}`))]
const must = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new Error('a value')
  return value
}
const fast = (point: Point): ReadPoint => must(readFast(point.toBytes(), true))

describe('the field of numbers', () => {
  it('multiplies and squares as bigint does, sums of sums included', () => {
    const [h, s, t] = [createFe(), createFe(), createFe()]
    for (const a of SAMPLES) {
      square(h, feOf(a))
      expect(numberIn(h)).toBe((a * a) % PRIME)
      for (const b of SAMPLES) {
        const [f, g] = [feOf(a), feOf(b)]
        multiply(h, f, g)
        expect(numberIn(h)).toBe((a * b) % PRIME)
        add(s, f, g)
        add(s, s, f)
        subtract(t, f, g)
        multiply(h, s, t)
        const expected = ((2n * a + b) * (a - b)) % PRIME
        expect(numberIn(h)).toBe(expected < 0n ? expected + PRIME : expected)
        square(h, t)
        expect(numberIn(h)).toBe(((a - b) * (a - b)) % PRIME)
      }
    }
  })

  it('stays exact where every limb is at its bound, in each sign, over and over', () => {
    const places = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255]
    const worst = (signs: number): Fe =>
      places.slice(0, 12).map((_, i) => {
        const half = 2 ** ((places[i + 1] as number) - 1) * (1 + 2 ** -6)
        return ((signs >> i) & 1) === 1 ? -half : half
      }) as Fe
    const exact = (f: Fe): bigint => f.reduce((sum, limb) => sum + BigInt(limb), 0n)
    for (const signs of [0, 0xfff, 0xaaa, 0x555, 0x0f0, 0x731]) {
      for (const others of [0, 0xfff, 0xaaa, 0x2c5]) {
        const [f, g] = [worst(signs), worst(others)]
        const [three, two, h] = [createFe(), createFe(), createFe()]
        add(three, f, f)
        add(three, three, f)
        add(two, g, g)
        multiply(h, three, two)
        const product = (((exact(f) * 3n * exact(g) * 2n) % PRIME) + PRIME) % PRIME
        expect(numberIn(h)).toBe(product)
        square(h, two)
        expect(numberIn(h)).toBe((exact(g) * exact(g) * 4n) % PRIME)
      }
    }
  })

  it('keeps a long chain of products right', () => {
    const h = feOf(field('start'))
    let expected = field('start')
    for (let i = 0; i < 2_000; i++) {
      square(h, h)
      expected = (expected * expected) % PRIME
    }
    expect(numberIn(h)).toBe(expected)
  })
})

describe('points', () => {
  const points = [BASE, ZERO, ...Array.from({ length: 20 }, (_, i) => timesBase(det(`p${i}`)))]

  it('are decoded and encoded as @noble/curves does, alone and doubled together', () => {
    for (const point of points) expect(encodePoint(fast(point).point)).toEqual(point.toBytes())
    const doubled = encodeDoubled(points.map((point) => fast(point).point))
    expect(doubled).toEqual(points.map((point) => point.double().toBytes()))
    expect(encodeDoubled([])).toEqual([])
  })

  it('are refused exactly where @noble/curves refuses', () => {
    const candidates = Array.from({ length: 400 }, (_, i) => scalarBytes((field(`c${i}`) >> 1n) << 1n))
    for (const edge of EDGES) candidates.push(scalarBytes(edge % 2n ** 255n))
    candidates.push(new Uint8Array(32).fill(0xff), scalarBytes(PRIME), scalarBytes(PRIME + 1n), new Uint8Array(31))
    let good = 0
    for (const bytes of candidates) {
      const expected = readAnyPoint(bytes)
      expect(decodePoint(bytes) === null).toBe(expected === null)
      if (expected !== null) good += 1
      if (expected !== null) expect(encodePoint(must(decodePoint(bytes)))).toEqual(expected.toBytes())
    }
    expect(good).toBeGreaterThan(20)
  })

  it('are added, taken away and doubled, the identity and equal ones included', () => {
    for (const a of points.slice(0, 6)) {
      for (const b of points.slice(0, 6)) {
        expect(addBytes(a.toBytes(), b.toBytes(), 1)).toEqual(a.add(b).toBytes())
        expect(addBytes(a.toBytes(), b.toBytes(), -1)).toEqual(a.subtract(b).toBytes())
        expect(isSamePoint(fast(a).point, fast(b).point)).toBe(a.equals(b))
      }
    }
    expect(addBytes(new Uint8Array(32).fill(1), BASE.toBytes(), 1)).toBe(null)
    const scratch = createScratch()
    const { point } = fast(BASE)
    double(point, false, scratch)
    double(point, true, scratch)
    const summand = createSummand()
    toSummand(summand, fast(BASE).point)
    addTo(point, summand, false, scratch)
    expect(encodePoint(point)).toEqual(timesBase(5n).toBytes())
  })

  it('have multiples by tables and together, for scalars at every edge', () => {
    const scalars = [0n, 1n, 2n, 8n, 9n, 15n, 16n, ORDER - 1n, ORDER - 8n, (ORDER - 1n) / 2n, 2n ** 252n, det('s1'), det('s2')]
    const point = timesBase(det('P'))
    const read = fast(point)
    const table = tableOf(read.point, 4)
    for (const a of scalars) {
      for (const b of [0n, 1n, ORDER - 1n, det('s3')]) {
        const expected = timesBase(a).add(point.multiplyUnsafe(b)).toBytes()
        const sums = [
          [
            { scalar: a, of: baseTable() },
            { scalar: b, of: read.point },
          ],
          [
            { scalar: a, of: baseTable() },
            { scalar: b, of: table },
          ],
          [{ scalar: b, of: read.point }],
        ]
        expect(encodeSums(sums)).toEqual([expected, expected, point.multiplyUnsafe(b).toBytes()])
        expect(sumsOf(sums).map(encodePoint)).toEqual([expected, expected, point.multiplyUnsafe(b).toBytes()])
      }
    }
  })

  it('name the base that Ed25519 has', () => {
    expect(ristretto255.Point.BASE.toBytes()).toEqual(BASE.toBytes())
    expect(ed25519.Point.CURVE().p).toBe(PRIME)
  })
})

describe('the fast checks', () => {
  const eh = sha256Bytes('manifest')
  const ctx = sha256Bytes('voter')
  const Y = timesBase(det('Y'))
  const ballot = ([1, 0, 1] as const).map((bit, option) => {
    const chances = { r: det(`r${option}`), w: det(`w${option}`), fakeC: det(`c${option}`), fakeZ: det(`z${option}`) }
    const cipher = encryptBit(Y, bit, chances.r)
    return { cipher, proof: proveBit({ eh, ctx, key: Y, option, cipher }, bit, chances), r: chances.r }
  })
  const ciphers = ballot.map(({ cipher }) => cipher)
  const r = reduce(ballot.reduce((sum, option) => sum + option.r, 0n))
  const proof = proveSum({ eh, ctx, key: Y }, { ciphers, selections: 2 }, { r, w: det('ws') })
  const options: readonly ReadOption[] = ballot.map((option) => ({
    a: fast(option.cipher.a),
    b: fast(option.cipher.b),
    proof: option.proof,
  }))
  const place = { eh, ctx, key: fast(Y) }

  it('take a good ballot, and name the first proof that is changed in any part', () => {
    expect(badBallot(place, options, { selections: 2, proof })).toBe(null)
    for (const option of [0, 1, 2]) {
      for (const part of ['c0', 'c1', 'z0', 'z1'] as const) {
        const given = must(options[option])
        const changed = { ...given, proof: { ...given.proof, [part]: reduce(given.proof[part] + 1n) } }
        const all = options.map((same, i) => (i === option ? changed : same))
        expect(badBallot(place, all, { selections: 2, proof })).toBe(option)
        expect(verifyBit({ eh, ctx, key: Y, option, cipher: must(ciphers[option]) }, changed.proof)).toBe(false)
      }
    }
    for (const wrong of [
      { selections: 1, proof },
      { selections: 2, proof: { ...proof, z: reduce(proof.z + 1n) } },
    ]) {
      expect(badBallot(place, options, wrong)).toBe('sum')
      expect(verifySum({ eh, ctx, key: Y }, { ciphers, selections: wrong.selections }, wrong.proof)).toBe(false)
    }
    expect(badBallot({ ...place, ctx: eh }, options, { selections: 2, proof })).toBe(0)
  })

  it('say the same of keys, casts and shares as the reference', () => {
    const x = det('x')
    const key = fast(timesBase(x))
    const held = proveRollKey(eh, x, det('k'))
    expect([checkHeld(rollClaim(eh), key, held), verifyRollKey(eh, timesBase(x), held)]).toEqual([true, true])
    const wrong = { ...held, c: reduce(held.c + 1n) }
    expect([checkHeld(rollClaim(eh), key, wrong), verifyRollKey(eh, timesBase(x), wrong)]).toEqual([false, false])
    const said = { eh, ctx, ballotHash: sha256Bytes('ballot') }
    expect(checkHeld(castClaim(said), key, signCast(said, x, det('k2')))).toBe(true)
    expect(checkHeld(castClaim(said), fast(BASE), signCast(said, x, det('k2')))).toBe(false)
    for (const sum of [timesBase(det('A')), ZERO]) {
      const statement = { eh, trustee: 2, verificationKey: timesBase(x), sum }
      const share = decryptShare(statement, x, det('kd'))
      const claim = { ...shareClaim(eh, 2), first: fast(timesBase(x)), base: fast(sum) }
      expect(checkEqualLog({ ...claim, second: fast(share.share) }, share.proof)).toBe(true)
      expect(checkEqualLog({ ...claim, second: fast(share.share.add(BASE)) }, share.proof)).toBe(false)
      expect(verifyShare(statement, share.share.add(BASE), share.proof)).toBe(false)
    }
  })

  it.each([1, 4, 16])('say the same of a ring of %i', (size) => {
    const secrets = Array.from({ length: size }, (_, i) => det(`ring${i}`))
    const keys = secrets.map(timesBase)
    const message = sha256Bytes('said')
    const signer = size - 1
    const fakes = secrets.map((_, i) => det(`fake${i}`))
    const signed = signRing({ eh, keys, message }, { secret: must(secrets[signer]), signer }, { nonce: det('n'), fakes })
    const ring = must(readRing(eh, keys.map(fast)))
    const wire = { ...signed, image: fast(signed.image) }
    expect([checkRing(ring, message, wire), verifyRing({ eh, keys, message }, signed)]).toEqual([true, true])
    const other = { ...wire, image: fast(keyImage(eh, det('another'))) }
    const fewer = { ...wire, responses: wire.responses.slice(1) }
    const changed = { ...wire, responses: wire.responses.map((s, i) => (i === 0 ? reduce(s + 1n) : s)) }
    for (const bad of [other, fewer, changed, { ...wire, c0: reduce(wire.c0 + 1n) }])
      expect(checkRing(ring, message, bad)).toBe(false)
    expect(checkRing(ring, sha256Bytes('else'), wire)).toBe(false)
  })
})
