// Owns: Chaum-Pedersen proofs that two points have one logarithm (5.3, 4 and 6). Not here: what they are used for.
import { BASE, hashToScalar, reduce, times, timesBase, timesSecret } from './group.ts'
import type { HashField, Point } from './group.ts'
import type { Proof } from './schnorr.ts'

/** log_G(first) = log_base(second), under a tag and with what the hash covers before the four points. */
export type EqualLog = {
  readonly tag: string
  readonly before: readonly HashField[]
  readonly first: Point
  readonly base: Point
  readonly second: Point
}

function challenge({ tag, before, first, base, second }: EqualLog, t1: Point, t2: Point): bigint {
  return hashToScalar(tag, ...before, BASE, first, base, second, t1, t2)
}

/** Proves it with the logarithm. */
export function proveEqualLog(statement: EqualLog, secret: bigint, nonce: bigint): Proof {
  const c = challenge(statement, timesBase(nonce), timesSecret(statement.base, nonce))
  return { c, z: reduce(nonce + c * secret) }
}

/** Checks it. */
export function verifyEqualLog(statement: EqualLog, { c, z }: Proof): boolean {
  const { first, base, second } = statement
  const t1 = timesBase(z).subtract(times(first, c))
  const t2 = times(base, z).subtract(times(second, c))
  return challenge(statement, t1, t2) === c
}
