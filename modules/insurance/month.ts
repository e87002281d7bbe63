// Owns: a contract's premium of one month: what is insured in it, its lines, writing it. Not here: formulas (premium/premium.ts).
import { kstDate, monthOf } from '../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import { isFailure } from '../../core/base/errors.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramOn } from '../governance/keeper.ts'
import { FIELD, INSURANCE_OF } from './enrolment.ts'
import { PremiumPosted } from './events.ts'
import { blindOf, readFacts, readParties } from './facts.ts'
import { INSURANCES } from './premium/duty.ts'
import type { Insurance } from './premium/duty.ts'
import { addToMonth, lastDayOfMonth } from './premium/months.ts'
import { computePremium, PREMIUM_CODES } from './premium/premium.ts'
import type { Cover as PremiumCover } from './premium/premium.ts'
import { chainRates } from './premium/rates.ts'
import type { Enrolment, PremiumLineRecord, PremiumRecord } from './schema.ts'
import { covers, premiums, workplaces } from './store.ts'

const NOTHING: PremiumCover = { pension: false, health: false, employment: false, unemployment: false, accident: false }
/** What a month lacks where its workplace has no class. */
export const NO_CLASS = 'insurance.workplace'

/** A month's pay. */
export type MonthPay = { readonly contractId: Hash32; readonly ym: CivilMonth; readonly pay: bigint; readonly block: BlockEnv }
/** A month's lines and what could not be computed. */
export type MonthLines = { readonly lines: readonly PremiumLineRecord[]; readonly missing: readonly string[] }

/** Whether an insurance is owed a premium for a month: reported or confirmed, begun, and not over before. */
function isInsured(
  view: ReadView,
  { insurance, enrolment, ym }: { insurance: Insurance; enrolment: Enrolment; ym: CivilMonth },
): boolean {
  const { state, from, lostOn } = enrolment
  if (state !== 'REPORTED' && state !== 'CONFIRMED' && state !== 'LOST') return false
  if (lostOn !== null && monthOf(lostOn) < ym) return false
  return firstMonthOf(view, insurance, from) <= ym
}

// Pension and health are owed from the month after joining, unless that was its first day (Health Insurance Act 69(2), National
// Pension Act 17) [M].
function firstMonthOf(view: ReadView, insurance: Insurance, from: CivilDate): CivilMonth {
  const isLater = (insurance === 'PENSION' || insurance === 'HEALTH') && from % 100 !== 1
  return isLater && paramOn(view, 'insurance.duty.fromNextMonth', from) === 1n ? addToMonth(monthOf(from), 1) : monthOf(from)
}

/** The lines of a month by the rates of that month; an agency's notice of it stays. */
export function computeMonth(view: ReadView, { contractId, ym, pay }: Omit<MonthPay, 'block'>): MonthLines {
  const cover = covers.get(view, contractId)
  const parties = readParties(view, contractId)
  if (cover === null || parties === null) return { lines: [], missing: [] }
  const place = workplaces.get(view, parties)
  const { industry, size } = place ?? { industry: 'NONE', size: 'UNDER_150' as const }
  const undecided = paramOn(view, 'insurance.undecided', ym * 100 + 1) === 1n ? ('latest' as const) : ('refuse' as const)
  const question = { month: ym, pay, industry, size, undecided, source: chainRates(view) }
  // Whoever was hired at 65 or later has no unemployment part, whatever an agency decided besides.
  const unemployment = readFacts(view, { contractId, on: lastDayOfMonth(ym) }).age !== 'FROM_65'
  const missing: string[] = []
  const computed: PremiumLineRecord[] = []
  for (const insurance of INSURANCES) {
    if (!isInsured(view, { insurance, enrolment: cover[FIELD[insurance]], ym })) continue
    // Nobody knows the accident rate of a workplace without a class.
    if (insurance === 'ACCIDENT' && place === null) {
      missing.push(NO_CLASS)
      continue
    }
    const found = computePremium({ ...question, cover: onlyOf(insurance, unemployment) })
    if (isFailure(found)) missing.push(String(found.detail?.['key'] ?? found.code))
    else for (const { law: _law, ...line } of found.lines) computed.push({ ...line, isNotice: false })
  }
  return { lines: withNotice(computed, premiums.get(view, { contractId, ym })), missing }
}

function onlyOf(insurance: Insurance, unemployment: boolean): PremiumCover {
  if (insurance === 'PENSION') return { ...NOTHING, pension: true }
  if (insurance === 'HEALTH') return { ...NOTHING, health: true }
  if (insurance === 'ACCIDENT') return { ...NOTHING, accident: true }
  return { ...NOTHING, employment: true, unemployment }
}

/** Lines of a notice stand in for computed ones of their code. */
function withNotice(computed: readonly PremiumLineRecord[], before: PremiumRecord | null): readonly PremiumLineRecord[] {
  const noticed = before?.lines.filter((line) => line.isNotice) ?? []
  return inOrder([...noticed, ...computed.filter(({ code }) => !noticed.some((line) => line.code === code))])
}

/** In the order of a payslip. */
export function inOrder(lines: readonly PremiumLineRecord[]): readonly PremiumLineRecord[] {
  return PREMIUM_CODES.flatMap((code) => lines.filter((line) => line.code === code))
}

/** Sums of lines; the levy stands apart. */
export function totalsOf(lines: readonly PremiumLineRecord[]): Pick<PremiumRecord, 'workerTotal' | 'employerTotal' | 'levy'> {
  let [workerTotal, employerTotal, levy] = [0n, 0n, 0n]
  for (const { code, worker, employer } of lines) {
    workerTotal += worker
    if (code === 'WAGE_CLAIM_LEVY') levy += employer
    else employerTotal += employer
  }
  return { workerTotal, employerTotal, levy }
}

/** Computes and writes a month. */
export function postMonth(context: ApplyContext, { contractId, ym, pay, block }: MonthPay): void {
  writeMonth(context, { contractId, ym, pay, block }, computeMonth(context.view, { contractId, ym, pay }))
}

/** Writes a month with these lines. */
export function writeMonth(
  { view, emit }: ApplyContext,
  { contractId, ym, pay, block }: MonthPay,
  { lines, missing }: MonthLines,
): void {
  const before = premiums.get(view, { contractId, ym })
  const blind = before?.blind ?? blindOf(view, { contractId, on: kstDate(block.time), what: `premium/${ym}` })
  const times = Math.min((before?.times ?? 0) + 1, 0xffff)
  premiums.set(view, { contractId, ym }, { pay, lines, ...totalsOf(lines), missing, times, postedAt: block.time, blind })
  emit(PremiumPosted, { contractId, ym, isMissing: missing.length > 0 })
}

/** The insurances that have a line of these codes. */
export function insurancesOf(lines: readonly { readonly code: PremiumLineRecord['code'] }[]): readonly Insurance[] {
  return [...new Set(lines.map(({ code }) => INSURANCE_OF[code]))]
}
