// Owns: which roles there are and which scopes they take (domain.md 3). Not here: who holds them (store.ts).

/**
 * What a role's scope is: nothing, one of Seoul's gu or the whole city, a code that must be given, or a code that may be
 * given.
 */
export type ScopeRule = 'none' | 'gu' | 'required' | 'optional'

const RULES: ReadonlyMap<string, ScopeRule> = new Map<string, ScopeRule>([
  ['CITY_GOV', 'none'],
  ['REG_AUTH', 'gu'],
  ['ONBOARDING', 'none'],
  ['ISSUER', 'optional'],
  ['VERIFIER', 'optional'],
  ['PROG_OP', 'required'],
  ['TREASURY', 'optional'],
  ['AUDITOR', 'optional'],
  ['BANK', 'required'],
  ['PSP', 'optional'],
  ['INSPECTOR', 'optional'],
  ['LABOR_CENTRE', 'none'],
  ['INS_NPS', 'none'],
  ['INS_NHIS', 'none'],
  ['INS_COMWEL', 'none'],
  ['ELECTION_OFFICE', 'optional'],
  ['SURVEY_OFFICE', 'optional'],
  ['TRUSTEE', 'optional'],
  ['DPO', 'none'],
])

// Administrative codes of the 25 gu, from 11110 Jongno to 11740 Gangdong.
const GU_CODES: ReadonlySet<string> = new Set(
  (
    '11110 11140 11170 11200 11215 11230 11260 11290 11305 11320 11350 11380 11410 ' +
    '11440 11470 11500 11530 11545 11560 11590 11620 11650 11680 11710 11740'
  ).split(' '),
)

/** True for a role that can be granted. */
export function isRole(role: string): boolean {
  return RULES.has(role)
}

/** True for the code of one of Seoul's 25 gu. */
export function isGuCode(scope: string): boolean {
  return GU_CODES.has(scope)
}

/** Whether a known role may be granted with this scope. */
export function isScopeOf(role: string, scope: string | null): boolean {
  const rule = RULES.get(role)
  if (rule === undefined) return false
  if (scope === null) return rule !== 'required'
  return rule === 'gu' ? isGuCode(scope) : rule !== 'none'
}
