// Owns: membership, thresholds and rotation. Not here: how the set changes (modules/governance).
import { describe, expect, it } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { asAddress } from '../base/ids.ts'
import { buildValidatorSet, proposerOf, validatorOf } from './validator-set.ts'
import type { Validator } from './validator-set.ts'

const member = (i: number): Validator => ({
  authority: asAddress(i.toString(16).padStart(40, '0')),
  publicKey: new Uint8Array(32).fill(i),
  name: `v${i}`,
  peerId: `peer${i}`,
  addresses: ['/ip4/127.0.0.1/tcp/1'],
})
const members = (n: number): readonly Validator[] => Array.from({ length: n }, (_, i) => member(i + 1))

// n: [quorum, skip] by hand: the least number above 2n/3 and above n/3.
const THRESHOLDS: readonly (readonly [n: number, quorum: number, skip: number])[] = [
  [1, 1, 1],
  [2, 2, 1],
  [3, 3, 2],
  [4, 3, 2],
  [5, 4, 2],
  [6, 5, 3],
  [7, 5, 3],
  [8, 6, 3],
  [9, 7, 4],
  [10, 7, 4],
  [11, 8, 4],
  [12, 9, 5],
  [13, 9, 5],
  [14, 10, 5],
  [15, 11, 6],
  [16, 11, 6],
  [17, 12, 6],
  [18, 13, 7],
  [19, 13, 7],
  [20, 14, 7],
  [21, 15, 8],
  [22, 15, 8],
  [23, 16, 8],
  [24, 17, 9],
  [25, 17, 9],
  [26, 18, 9],
  [27, 19, 10],
  [28, 19, 10],
  [29, 20, 10],
  [30, 21, 11],
]

describe('a validator set', () => {
  it.each(THRESHOLDS)('of %i decides by %i and skips by %i', (n, quorum, skip) => {
    const set = buildValidatorSet(members(n))
    expect([set.quorum, set.skip]).toEqual([quorum, skip])
    // More than two thirds, more than one third, and two quorums share an honest member whenever f < n/3.
    expect(3 * quorum).toBeGreaterThan(2 * n)
    expect(3 * (quorum - 1)).toBeLessThanOrEqual(2 * n)
    expect(3 * skip).toBeGreaterThan(n)
    expect(3 * (skip - 1)).toBeLessThanOrEqual(n)
    const faulty = Math.ceil(n / 3) - 1
    expect(2 * quorum - n).toBeGreaterThan(faulty)
    expect(n - faulty).toBeGreaterThanOrEqual(quorum)
  })

  it('is sorted by authority whatever the order of its members', () => {
    const sorted = buildValidatorSet(members(7))
    const turned = buildValidatorSet([...members(7)].reverse())
    expect(turned.validators).toEqual(sorted.validators)
    expect(turned.hash).toBe(sorted.hash)
    expect(sorted.validators.map(({ name }) => name)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7'])
  })

  it('has a hash that changes with every field of a member', () => {
    const [first, ...rest] = members(4) as [Validator, ...Validator[]]
    const variants: readonly Validator[] = [
      first,
      { ...first, authority: asAddress('f'.repeat(40)) },
      { ...first, publicKey: new Uint8Array(32).fill(99) },
      { ...first, name: 'other' },
      { ...first, peerId: 'other' },
      { ...first, addresses: [] },
    ]
    const hashes = variants.map((variant) => buildValidatorSet([variant, ...rest]).hash)
    expect(new Set(hashes).size).toBe(variants.length)
  })

  it('finds its members and nobody else', () => {
    const set = buildValidatorSet(members(4))
    for (const validator of members(4)) expect(validatorOf(set, validator.authority)).toEqual(validator)
    expect(validatorOf(set, asAddress('f'.repeat(40)))).toBeNull()
    expect(set.indexByAuthority.get(member(3).authority)).toBe(2)
  })

  it('is never empty and holds no authority and no key twice', () => {
    expect(() => buildValidatorSet([])).toThrow(new AssertionFault('a validator set has at least one member'))
    expect(() => buildValidatorSet([member(1), { ...member(2), authority: member(1).authority }])).toThrow(
      new AssertionFault('an authority stands in the set once'),
    )
    expect(() => buildValidatorSet([member(1), { ...member(2), publicKey: member(1).publicKey }])).toThrow(
      new AssertionFault('a consensus key stands in the set once'),
    )
  })
})

describe('the proposer', () => {
  it('rotates with height and round over the sorted set', () => {
    const set = buildValidatorSet(members(4))
    const names = (height: number): string[] => [0, 1, 2, 3, 4].map((round) => proposerOf(set, { height, round }).name)
    expect(names(1)).toEqual(['v2', 'v3', 'v4', 'v1', 'v2'])
    expect(names(2)).toEqual(['v3', 'v4', 'v1', 'v2', 'v3'])
    expect(names(4)).toEqual(['v1', 'v2', 'v3', 'v4', 'v1'])
  })

  it('is each member equally often over n heights and over n rounds', () => {
    for (let n = 1; n <= 30; n++) {
      const set = buildValidatorSet(members(n))
      const turns = Array.from({ length: n }, (_, i) => i)
      expect(new Set(turns.map((i) => proposerOf(set, { height: 1_000 + i, round: 3 }).name)).size).toBe(n)
      expect(new Set(turns.map((i) => proposerOf(set, { height: 1_000, round: i }).name)).size).toBe(n)
    }
  })

  it('exists for the largest height and round', () => {
    const set = buildValidatorSet(members(30))
    expect(proposerOf(set, { height: 2 ** 48, round: 2 ** 32 - 1 }).name).toMatch(/^v\d+$/)
  })

  it('is nobody who was absent for long in rounds below n, and anybody from round n on', () => {
    const inactive = [member(2).authority]
    const set = buildValidatorSet(members(4), { inactive, barred: [] })
    const turns = (from: number): readonly string[] =>
      Array.from({ length: 4 }, (_, i) => proposerOf(set, { height: 5, round: from + i }).name)
    expect(turns(0)).not.toContain('v2')
    expect([...turns(4)].sort()).toEqual(['v1', 'v2', 'v3', 'v4'])
    expect(set.hash).toBe(buildValidatorSet(members(4)).hash)
    expect(set.quorum).toBe(3)
  })

  it('is never one that signed against the rules, unless there is nobody else', () => {
    const set = buildValidatorSet(members(4), { inactive: [member(1).authority], barred: [member(3).authority] })
    const all = Array.from({ length: 40 }, (_, i) => proposerOf(set, { height: 7, round: i }).name)
    expect(all).not.toContain('v3')
    expect(new Set(all)).toEqual(new Set(['v1', 'v2', 'v4']))
    const everyone = members(3).map(({ authority }) => authority)
    const none = buildValidatorSet(members(3), { inactive: everyone, barred: everyone })
    expect(new Set([0, 1, 2].map((round) => proposerOf(none, { height: 1, round }).name)).size).toBe(3)
  })
})
