// Owns: which derived claims an agency may ask for a purpose: the least that the purpose needs (domain.md 4.6).
// Not here: what a policy asks (policy-register.ts).

// A purpose is added by a release: widening what may be asked of citizens is not a matter of configuration.
const CLAIMS_BY_PURPOSE: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  [
    'YOUTH_ALLOWANCE',
    [
      ...['age_ge_19', 'age_ge_30', 'age_ge_35', 'resident_seoul', 'resident_ge_3m', 'resident_ge_12m'],
      ...['income_le_100', 'income_le_150', 'unemployed', 'weekly_hours_le_30', 'contract_le_3m'],
    ],
  ],
  ['AUDIT_REQUEST', ['age_ge_18', 'resident_seoul']],
  ['GU_SURVEY', ['age_ge_14', 'resident_gu']],
  ['CITY_SURVEY', ['age_ge_14', 'resident_seoul']],
  ['RESIDENT_VOTE', ['age_ge_18', 'age_ge_19', 'resident_seoul', 'resident_gu', 'resident_ge_3m', 'foreign_registered']],
  ['RESIDENT_SERVICE', ['age_ge_14', 'resident_seoul', 'resident_gu', 'resident_ge_3m', 'resident_ge_12m']],
  ['INCOME_SUPPORT', ['resident_seoul', 'income_le_100', 'income_le_150', 'unemployed']],
  ['EMPLOYMENT', ['age_ge_14', 'age_ge_18', 'foreign_registered']],
  ['AGE_CHECK', ['age_ge_14', 'age_ge_18', 'age_ge_19']],
])

/** Every purpose that a policy may name. */
export const PURPOSES: readonly string[] = [...CLAIMS_BY_PURPOSE.keys()]

/** Whether a policy of this purpose may ask for this claim. */
export function mayAsk(purposeCode: string, claim: string): boolean {
  return CLAIMS_BY_PURPOSE.get(purposeCode)?.includes(claim) ?? false
}
