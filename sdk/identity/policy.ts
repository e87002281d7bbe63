// Owns: what a verification policy asks, judged over claims: whether it holds, and the least that shows it.
// Not here: whether the claims can be believed (check.ts).
import type { Json } from '../../core/codec/schema.ts'
import type { Clause, Policy } from '../../modules/identity/consent-schema.ts'

/** Claims by name, of one credential or of several. */
export type Claims = Readonly<Record<string, Json>>

type Literal = Clause['anyOf'][number]

function holds({ claim, isTrue, value }: Literal, claims: Claims): boolean {
  if (!Object.hasOwn(claims, claim)) return false
  return value === null ? claims[claim] === isTrue : (claims[claim] === value) === isTrue
}

/** The clauses that the claims do not meet, each as the names of its alternatives; none where the policy holds. */
export function unmetClauses({ predicates }: Pick<Policy, 'predicates'>, claims: Claims): readonly (readonly string[])[] {
  return predicates
    .filter(({ anyOf }) => !anyOf.some((literal) => holds(literal, claims)))
    .map(({ anyOf }) => anyOf.map(({ claim }) => claim))
}

/**
 * For each credential the claims to disclose: one alternative of each clause, the first that holds. Where none holds, every
 * alternative that there is, so that the verifier can say why.
 */
export function chooseDisclosures(
  { predicates }: Pick<Policy, 'predicates'>,
  credentials: readonly Claims[],
): readonly (readonly string[])[] {
  const chosen = credentials.map(() => new Set<string>())
  const disclose = (claim: string, isWanted: (claims: Claims) => boolean): boolean => {
    const index = credentials.findIndex(isWanted)
    if (index >= 0) chosen[index]?.add(claim)
    return index >= 0
  }
  for (const { anyOf } of predicates) {
    const isShown = anyOf.some((literal) => disclose(literal.claim, (claims) => holds(literal, claims)))
    if (!isShown) for (const { claim } of anyOf) disclose(claim, (claims) => Object.hasOwn(claims, claim))
  }
  return chosen.map((names) => [...names].sort())
}
