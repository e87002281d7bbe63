// Owns: what always holds over the whole state of governance (domain.md 10, invariant 18).
// Not here: who checks it (tests, audits).
import { decodeTrusted } from '../../core/codec/schema.ts'
import { checkCouncil, checkScope } from './actions.ts'
import { paramRuleOf } from './param-keys.ts'
import { cityCouncil, currentValidators, params, roles } from './store.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** One sentence per breach. */
export function checkGovernanceInvariants(scan: Scan): readonly string[] {
  const broken: string[] = []
  for (const [key, bytes] of scan(`${params.prefix}/`)) {
    const { entries } = decodeTrusted(params.schema, bytes)
    const isOrdered = entries.every((entry, i) => i === 0 || (entries[i - 1]?.effectiveFrom ?? 0) <= entry.effectiveFrom)
    if (!isOrdered) broken.push(`${key}: values do not stand in the order of their dates`)
    if (paramRuleOf(key.slice(params.prefix.length + 1)) === null) broken.push(`${key}: no rule reads this parameter`)
  }
  for (const [key, bytes] of scan(`${roles.prefix}/`)) {
    const held = decodeTrusted(roles.schema, bytes).roles
    if (held.some((role) => checkScope(role) !== null)) broken.push(`${key}: a role that could not be granted`)
  }
  for (const [key, bytes] of scan(cityCouncil.keyOf(null))) {
    if (checkCouncil(decodeTrusted(cityCouncil.schema, bytes)) !== null) broken.push(`${key}: the council cannot decide`)
  }
  for (const [key, bytes] of scan(currentValidators.keyOf(null))) {
    if (key === currentValidators.keyOf(null) && decodeTrusted(currentValidators.schema, bytes).length === 0) {
      broken.push(`${key}: no validator is left`)
    }
  }
  return broken
}
