// Owns: who validates at a height: membership, thresholds, proposer rotation (R15). Not here: how the set changes (governance).
import { compareText, toHex } from '../base/bytes.ts'
import { assert, must } from '../base/assert.ts'
import { list, struct } from '../codec/compound.ts'
import { address, code, fixedBytes, text } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { createHasher } from '../crypto/hash.ts'
import { LIMITS } from '../base/limits.ts'
import type { Address, Hash32, Height, Round } from '../base/ids.ts'

/** A validator: its authority's account, its consensus key, its name for people, its libp2p identity and where to dial it. */
export const ValidatorSchema = struct({
  authority: address,
  publicKey: fixedBytes(32),
  name: code(32),
  peerId: code(64),
  addresses: list(text(128), 4),
})

/** The validators of one height in canonical order; its encoding is what a header commits to. */
export const ValidatorListSchema = list(ValidatorSchema, LIMITS.validatorsMax)

export type Validator = Infer<typeof ValidatorSchema>

/** The set of one height, sorted by authority (G7: never by insertion). */
export type ValidatorSet = {
  readonly validators: readonly Validator[]
  readonly hash: Hash32
  /** More than two thirds: floor(2n/3)+1. */
  readonly quorum: number
  /** More than one third: floor(n/3)+1. */
  readonly skip: number
  readonly indexByAuthority: ReadonlyMap<Address, number>
  /** Whose turn it can be to propose in rounds below n: the members that were not absent for long (R15, G10). */
  readonly eligible: readonly Validator[]
  /** Whose turn it can be from round n on: every member but those that signed against the rules (G9). */
  readonly fallback: readonly Validator[]
}

/** Members that do not propose; they count and vote like all others. */
export type Standing = {
  /** Absent for long: skipped while others propose. */
  readonly inactive: readonly Address[]
  /** Proved to have signed against the rules: skipped always. */
  readonly barred: readonly Address[]
}

const GOOD_STANDING: Standing = { inactive: [], barred: [] }

const hashSet = createHasher('naru/validators/v1')

/**
 * Builds the set of the given validators; their order does not matter. At least one, no authority or key twice. Who may not
 * propose is no part of the hash: it says nothing about who signs.
 */
export function buildValidatorSet(members: readonly Validator[], standing: Standing = GOOD_STANDING): ValidatorSet {
  const validators = [...members].sort((a, b) => compareText(a.authority, b.authority))
  assert(validators.length > 0, 'a validator set has at least one member')
  const indexByAuthority = new Map(validators.map((validator, index) => [validator.authority, index]))
  assert(indexByAuthority.size === validators.length, 'an authority stands in the set once')
  // One key behind two seats would count twice towards a quorum.
  const keys = new Set(validators.map((validator) => toHex(validator.publicKey)))
  assert(keys.size === validators.length, 'a consensus key stands in the set once')
  const fallback = orAll(
    validators.filter(({ authority }) => !standing.barred.includes(authority)),
    validators,
  )
  return {
    validators,
    eligible: orAll(
      fallback.filter(({ authority }) => !standing.inactive.includes(authority)),
      fallback,
    ),
    fallback,
    hash: hashSet(encode(ValidatorListSchema, validators)),
    quorum: Math.floor((2 * validators.length) / 3) + 1,
    skip: Math.floor(validators.length / 3) + 1,
    indexByAuthority,
  }
}

/** The set of a list that came from outside, or null where it is empty or holds an authority or a key twice. */
export function readValidatorSet(members: readonly Validator[]): ValidatorSet | null {
  const authorities = new Set(members.map(({ authority }) => authority))
  const keys = new Set(members.map(({ publicKey }) => toHex(publicKey)))
  const isSound = members.length > 0 && authorities.size === members.length && keys.size === members.length
  return isSound ? buildValidatorSet(members) : null
}

// A set of which nobody could propose would stand still for ever.
function orAll(some: readonly Validator[], all: readonly Validator[]): readonly Validator[] {
  return some.length === 0 ? all : some
}

/** Proposer of a round: (height + round) mod those who propose; from round n on nobody is skipped for absence (R15). */
export function proposerOf(set: ValidatorSet, at: { height: Height; round: Round }): Validator {
  const turns = at.round < set.validators.length ? set.eligible : set.fallback
  return must(turns[(at.height + at.round) % turns.length], 'a set has a proposer for every round')
}

/** The member with this authority, or null. */
export function validatorOf(set: ValidatorSet, authority: Address): Validator | null {
  const index = set.indexByAuthority.get(authority)
  return index === undefined ? null : (set.validators[index] ?? null)
}
