// Owns: the words of a payslip in Korean and English: lines, flags, articles, hours, dates. Not here: what stands where
// (document.ts).
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { Fraction } from '../../modules/labor/wage/fraction.ts'
import type { HolidayKind, WageFlagCode, WageLine, WageLineCode, WeekStatus } from '../../modules/labor/wage/types.ts'

/** Languages of a payslip. */
export type PayslipLang = 'ko' | 'en'
/** One text in each. */
export type Both = Readonly<Record<PayslipLang, string>>

const both = (ko: string, en: string): Both => ({ ko, en })

/** Names of lines. */
export const LINE_WORDS: Readonly<Record<WageLineCode, Both>> = {
  BASE: both('기본급 (실제 근로시간)', 'Hours worked'),
  MONTHLY_PAY: both('월급', 'Monthly pay'),
  EXCESS: both('초과(연장)근로 가산수당', 'Surcharge for excess hours'),
  NIGHT: both('야간근로 가산수당 (22시~06시)', 'Surcharge for night work (22:00-06:00)'),
  HOLIDAY: both('휴일근로 가산수당 (8시간 이내)', 'Surcharge for holiday work (first 8 hours)'),
  HOLIDAY_OVER_8H: both('휴일근로 가산수당 (8시간 초과)', 'Surcharge for holiday work (beyond 8 hours)'),
  PAID_HOLIDAY: both('유급휴일수당 (공휴일)', 'Paid public holiday'),
  PAID_LEAVE: both('유급휴가수당', 'Paid leave'),
  CLOSURE: both('휴업수당', 'Closure allowance'),
  WEEKLY_HOLIDAY: both('주휴수당', 'Weekly holiday (juhyu)'),
  ALLOWANCE: both('수당', 'Allowance'),
  ABSENCE: both('미근로 시간 공제', 'Time not worked'),
}

/** Names of deductions and of what an employer pays beside the wage; a code without a name stands for itself. */
export const SUM_WORDS: Readonly<Record<string, Both>> = {
  PENSION: both('국민연금', 'National Pension'),
  HEALTH: both('건강보험', 'Health insurance'),
  CARE: both('장기요양보험', 'Long-term care insurance'),
  EMPLOYMENT: both('고용보험', 'Employment insurance'),
  STABILISATION: both('고용안정·직업능력개발', 'Employment stabilisation'),
  ACCIDENT: both('산재보험', 'Industrial accident insurance'),
  WAGE_CLAIM_LEVY: both('임금채권부담금', 'Wage claim levy'),
  INCOME_TAX: both('소득세', 'Income tax'),
  LOCAL_INCOME_TAX: both('지방소득세', 'Local income tax'),
}

const SUM_LAWS_KO: Readonly<Record<string, string>> = {
  PENSION: '국민연금법 제88조제3항',
  HEALTH: '국민건강보험법 제69조, 제76조',
  CARE: '노인장기요양보험법 제9조',
  EMPLOYMENT: '고용산재보험료징수법 제13조',
  STABILISATION: '고용산재보험료징수법 제13조',
  ACCIDENT: '고용산재보험료징수법 제13조제5항, 제14조',
  WAGE_CLAIM_LEVY: '임금채권보장법 제9조',
}

/** Where a deduction stands in law. */
export function sumLawWords(code: string, law: string, lang: PayslipLang): string {
  return lang === 'ko' ? (SUM_LAWS_KO[code] ?? lawWords(law, lang)) : lawWords(law, lang)
}

/** A share: per cent where that is finite in six digits, else the fraction. */
export function ratioText(numer: bigint, denom: bigint): string {
  const scaled = numer * 100_000_000n
  if (scaled % denom !== 0n) return `${grouped(numer)} / ${grouped(denom)}`
  const digits = (scaled / denom).toString().padStart(7, '0')
  const decimal = `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '')
  return `${decimal}%`
}

/** Sentences for flags; what follows is the day and the minutes. */
export const FLAG_WORDS: Readonly<Record<WageFlagCode, Both>> = {
  BREAK_MISSING: both(
    '법정 휴게시간이 주어지지 않아 근로시간으로 계산함',
    'A break that the law asks for was not given; it counts as work',
  ),
  OVER_8H: both('1일 8시간 초과 근로', 'More than 8 hours on a day'),
  OVER_40H: both('1주 40시간 초과 근로', 'More than 40 hours in a week'),
  EXCESS_OVER_12H: both('1주 12시간을 넘는 초과근로', 'More than 12 hours a week beyond the agreed ones'),
  NIGHT: both('야간근로', 'Night work'),
  MINOR_NIGHT: both('연소자의 야간근로', 'A minor at work at night'),
  MINOR_HOURS: both('연소자의 근로시간 초과', 'A minor beyond the hours allowed'),
  HOLIDAY_WORK: both('휴일근로', 'Work on a holiday'),
  FLOOR_APPLIED: both(
    '약정 임금이 최저임금보다 낮아 최저임금을 적용함',
    'The agreed wage is below the minimum wage, which is paid instead',
  ),
  HOURS_REACH_15: both(
    '계약은 주 15시간 미만이나 실제 근로는 15시간 이상',
    'Fewer than 15 hours a week agreed, 15 or more worked',
  ),
}

/** Why a week's holiday is paid or not. */
export const WEEK_WORDS: Readonly<Record<WeekStatus, Both>> = {
  PAID: both('개근, 지급', 'kept, paid'),
  ABSENT: both('결근', 'absence'),
  UNDER_15_HOURS: both('4주 평균 주 15시간 미만', 'fewer than 15 hours a week on average'),
  PARTIAL_WEEK: both('재직하지 않은 날이 있는 주', 'not a whole week of service'),
  NOTHING_SCHEDULED: both('소정근로일 없음', 'nothing scheduled'),
  NOTHING_ATTENDED: both('출근한 날 없음', 'no day attended'),
}

/** Kinds of holidays. */
export const HOLIDAY_WORDS: Readonly<Record<HolidayKind, Both>> = {
  WEEKLY: both('주휴일', 'weekly holiday'),
  LABOR_DAY: both('노동절', 'Labour Day'),
  PUBLIC: both('공휴일', 'public holiday'),
}

const ACTS: Readonly<Record<string, Both>> = {
  LSA: both('근로기준법', 'Labor Standards Act'),
  LSAD: both('근로기준법 시행령', 'Decree of the Labor Standards Act'),
  PTA: both('기간제법', 'Act on Fixed-term and Part-time Employees'),
  MWA: both('최저임금법', 'Minimum Wage Act'),
  LDA: both('노동절 제정에 관한 법률', 'Act on Labour Day'),
}

/** An article such as `LSA-56(2)1` in words; a text of another form stands for itself. */
export function articleWords(law: string, lang: PayslipLang): string {
  const match = /^([A-Z]+)(?:-(\d+)(?:\((\d+)\))?(\d+)?)?$/.exec(law)
  const act = ACTS[match?.[1] ?? '']
  if (match === null || act === undefined) return law
  const [, , article, paragraph, item] = match
  if (article === undefined) return act[lang]
  if (lang === 'en') return `${act.en} art. ${article}${paragraph === undefined ? '' : `(${paragraph})`}${item ?? ''}`
  const parts = [`제${article}조`, paragraph === undefined ? '' : `제${paragraph}항`, item === undefined ? '' : `제${item}호`]
  return `${act.ko} ${parts.join('')}`
}

/** Several articles apart by semicolons. */
export function lawWords(law: string, lang: PayslipLang): string {
  return law === ''
    ? ''
    : law
        .split(';')
        .map((one) => articleWords(one, lang))
        .join(', ')
}

/** 1234567 as 1,234,567. */
export function grouped(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().replace(/\B(?=(\d{3})+$)/g, ',')
  return amount < 0n ? `-${digits}` : digits
}

/** Won. */
export function won(amount: bigint, lang: PayslipLang): string {
  return lang === 'ko' ? `${grouped(amount)}원` : `${grouped(amount)} won`
}

/** A fraction as a whole number and what is left of it: `180 3/5`. */
export function mixed({ num, den }: Fraction): string {
  const [whole, rest] = [num / den, num % den]
  if (rest === 0n) return grouped(whole)
  return whole === 0n ? `${rest}/${den}` : `${grouped(whole)} ${rest}/${den}`
}

/** Minutes as hours and minutes. */
export function hours({ num, den }: Fraction, lang: PayslipLang): string {
  const whole = num / (den * 60n)
  const rest = { num: num - whole * 60n * den, den }
  const [hour, minute] = lang === 'ko' ? ['시간', '분'] : [' h', ' min']
  if (rest.num === 0n) return `${whole}${hour}`
  return whole === 0n ? `${mixed(rest)}${minute}` : `${whole}${hour} ${mixed(rest)}${minute}`
}

/** 20261101 as 2026-11-01. */
export function dateText(date: CivilDate): string {
  const digits = String(date).padStart(8, '0')
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
}

/** One day, or the first and the last. */
export function spanText(from: CivilDate, to: CivilDate): string {
  return from === to ? dateText(from) : `${dateText(from)} ~ ${dateText(to)}`
}

/** Minutes from midnight as a clock shows them; above 24:00 on the day after. */
export function clock(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Millionths as per cent. */
export function percent(ppm: number): string {
  const [whole, rest] = [Math.floor(ppm / 10_000), ppm % 10_000]
  return rest === 0 ? `${whole}%` : `${whole}.${String(rest).padStart(4, '0').replace(/0+$/, '')}%`
}

/** How much of what a line pays for. */
export function quantityText({ unit, quantity }: Pick<WageLine, 'unit' | 'quantity'>, lang: PayslipLang): string {
  if (unit === 'MINUTE') return hours(quantity, lang)
  if (unit === 'DAY') return lang === 'ko' ? `${mixed(quantity)}일` : `${mixed(quantity)} days`
  return lang === 'ko' ? `${mixed(quantity)}개월` : `${mixed(quantity)} months`
}

/** The calculation that gives the amount, in numbers. */
export function formulaText(line: Pick<WageLine, 'unit' | 'quantity' | 'rate' | 'ppm'>, lang: PayslipLang): string {
  const { unit, quantity, rate, ppm } = line
  const share = ppm === 1_000_000 ? '' : ` × ${percent(ppm)}`
  if (unit !== 'MINUTE') return `${mixed(rate)} × ${mixed(quantity)}${share}`
  return `${mixed(rate)} × ${mixed(quantity)}${lang === 'ko' ? '분' : ' min'}${share} ÷ 60`
}
