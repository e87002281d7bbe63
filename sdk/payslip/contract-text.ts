// Owns: the text of a part-timer's contract in the fields of the ministry's standard form (2025-03), Korean and English, and its
// hash. Not here: agreed terms on the chain (modules/labor), its place on a payslip (document.ts).
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../../core/base/bytes.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { breakMinutes, netMinutes } from '../../modules/labor/wage/shift-minutes.ts'
import type { WageTerms, WageTimes } from '../../modules/labor/wage/types.ts'
import { clock, dateText, grouped, hours, percent } from './words.ts'
import type { PayslipLang } from './words.ts'

/** What stands in the form beside the terms. The chain has none of it. */
export type ContractPrivate = {
  readonly employer: string
  readonly employerPhone: string
  readonly employerAddress: string
  readonly representative: string
  readonly worker: string
  readonly workerPhone: string
  readonly workerAddress: string
  readonly place: string
  readonly duties: string
  /** A number that nobody can guess, so that the hash tells nothing about the text. */
  readonly documentNumber: string
  readonly signedOn: CivilDate
}

/** The terms that the form names. */
export type ContractTerms = WageTerms & {
  readonly startOn: CivilDate
  readonly endOn: CivilDate | null
  readonly payDay: number
  readonly payMonthOffset: number
  readonly payMethod: 'DEPOSIT_TOKEN' | 'ACCOUNT' | 'CASH'
  /** Insurances that the employer reports: pension, health, employment, accident. */
  readonly insurances: {
    readonly pension: boolean
    readonly health: boolean
    readonly employment: boolean
    readonly accident: boolean
  }
}

const DAYS = {
  ko: ['월', '화', '수', '목', '금', '토', '일'],
  en: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
} as const

const KIND = {
  ko: { HOURLY: '시급', DAILY: '일급', MONTHLY: '월급' },
  en: { HOURLY: 'hour', DAILY: 'day', MONTHLY: 'month' },
} as const

const METHOD = {
  ko: {
    DEPOSIT_TOKEN: '근로자 본인 명의의 예금토큰 계좌로 지급',
    ACCOUNT: '근로자 명의 예금통장에 입금',
    CASH: '근로자에게 직접 지급',
  },
  en: {
    DEPOSIT_TOKEN: 'deposit tokens to the worker’s own account',
    ACCOUNT: 'the worker’s own bank account',
    CASH: 'in cash to the worker',
  },
} as const

const PER = {
  ko: { PER_HOUR: '시간당', PER_DAY: '일당', PER_MONTH: '월' },
  en: { PER_HOUR: 'an hour', PER_DAY: 'a day', PER_MONTH: 'a month' },
} as const

function dayLine(times: WageTimes, dow: number, lang: PayslipLang): string {
  const breaks = times.breaks.map(({ startMin, endMin }) => `${clock(startMin)}~${clock(endMin)}`).join(', ')
  const time = (minutes: number): string => hours({ num: BigInt(minutes), den: 1n }, lang)
  const [day, net, rest] = [DAYS[lang][dow] ?? '', time(netMinutes(times)), time(breakMinutes(times))]
  const span = `${clock(times.startMin)}~${clock(times.endMin)}`
  return lang === 'ko'
    ? `   ${day}요일: ${span}, 근로시간 ${net}, 휴게시간 ${rest}${breaks === '' ? '' : ` (${breaks})`}`
    : `   ${day}: ${span}, ${net} of work, ${rest} of breaks${breaks === '' ? '' : ` (${breaks})`}`
}

function wageLine(terms: ContractTerms, lang: PayslipLang): string {
  const amount = grouped(terms.wageKind === 'HOURLY' ? terms.ordinaryHourly : terms.fixedPay)
  const kind = KIND[lang][terms.wageKind]
  return lang === 'ko' ? `   - ${kind}: ${amount}원` : `   - ${amount} won a${kind === 'hour' ? 'n' : ''} ${kind}`
}

function componentLines({ components }: ContractTerms, lang: PayslipLang): string[] {
  if (components.length === 0) return [lang === 'ko' ? '   - 기타급여(제수당 등): 없음' : '   - Other pay (allowances): none']
  return components.map(({ code, krw, basis }) =>
    lang === 'ko'
      ? `   - 기타급여(제수당 등): ${code} ${PER.ko[basis]} ${grouped(krw)}원`
      : `   - Other pay: ${code}, ${grouped(krw)} won ${PER.en[basis]}`,
  )
}

function korean(terms: ContractTerms, own: ContractPrivate): string[] {
  const { startOn, endOn, schedule, insurances, payDay, payMonthOffset, payMethod } = terms
  const check = (is: boolean, name: string): string => `${is ? '[v]' : '[ ]'} ${name}`
  const worked = schedule.flatMap((times, dow) => (times === null ? [] : [dayLine(times, dow, 'ko')]))
  return [
    '단시간근로자 표준근로계약서',
    `문서번호: ${own.documentNumber}`,
    `${own.employer}(이하 "사업주"라 함)과(와) ${own.worker}(이하 "근로자"라 함)은 다음과 같이 근로계약을 체결한다.`,
    `1. 근로개시일: ${dateText(startOn)}부터${endOn === null ? '' : ` ${dateText(endOn)}까지`}`,
    `2. 근무장소: ${own.place}`,
    `3. 업무의 내용: ${own.duties}`,
    '4. 근로일 및 근로일별 근로시간',
    ...worked,
    `   주휴일: 매주 ${DAYS.ko[terms.weeklyHolidayDow] ?? ''}요일`,
    '5. 임금',
    wageLine(terms, 'ko'),
    ...componentLines(terms, 'ko'),
    `   - 초과근로에 대한 가산임금률: ${percent(terms.premiumPpm)}`,
    `   - 임금지급일: ${payMonthOffset === 1 ? '다음 달' : '매월'} ${payDay}일 (휴일의 경우는 전일 지급)`,
    `   - 지급방법: ${METHOD.ko[payMethod]}`,
    ...(terms.probationMonths === 0 ? [] : [`   - 수습기간: ${terms.probationMonths}개월`]),
    '6. 연차유급휴가: 통상근로자의 근로시간에 비례하여 연차유급휴가를 부여함',
    '7. 사회보험 적용여부 (해당란에 체크)',
    `   ${check(insurances.employment, '고용보험')} ${check(insurances.accident, '산재보험')} ` +
      `${check(insurances.pension, '국민연금')} ${check(insurances.health, '건강보험')}`,
    '8. 근로계약서 교부: 사업주는 근로계약을 체결함과 동시에 본 계약서를 사본하여 근로자의 교부요구와 관계없이 근로자에게 교부함',
    '   (근로기준법 제17조 이행)',
    '9. 근로계약, 취업규칙 등의 성실한 이행의무: 사업주와 근로자는 각자가 근로계약, 취업규칙, 단체협약을 지키고 성실하게 이행하여야 함',
    '10. 기타: 이 계약에 정함이 없는 사항은 근로기준법령에 의함',
    dateText(own.signedOn),
    `(사업주) 사업체명: ${own.employer} (전화: ${own.employerPhone})`,
    `         주소: ${own.employerAddress}`,
    `         대표자: ${own.representative}`,
    `(근로자) 주소: ${own.workerAddress}`,
    `         연락처: ${own.workerPhone}`,
    `         성명: ${own.worker}`,
  ]
}

function english(terms: ContractTerms, own: ContractPrivate): string[] {
  const { startOn, endOn, schedule, insurances, payDay, payMonthOffset, payMethod } = terms
  const check = (is: boolean, name: string): string => `${is ? '[v]' : '[ ]'} ${name}`
  const worked = schedule.flatMap((times, dow) => (times === null ? [] : [dayLine(times, dow, 'en')]))
  return [
    'Standard labor contract for part-time workers',
    `Document number: ${own.documentNumber}`,
    `${own.employer} ("the employer") and ${own.worker} ("the worker") conclude this labor contract:`,
    `1. First day: ${dateText(startOn)}${endOn === null ? '' : `, last day ${dateText(endOn)}`}`,
    `2. Place of work: ${own.place}`,
    `3. Duties: ${own.duties}`,
    '4. Days and hours of work',
    ...worked,
    `   Weekly holiday: ${DAYS.en[terms.weeklyHolidayDow] ?? ''}`,
    '5. Wage',
    wageLine(terms, 'en'),
    ...componentLines(terms, 'en'),
    `   - Surcharge for work beyond these hours: ${percent(terms.premiumPpm)}`,
    `   - Payday: day ${payDay} of ${payMonthOffset === 1 ? 'the next' : 'each'} month (the day before, where it is a holiday)`,
    `   - Paid by: ${METHOD.en[payMethod]}`,
    ...(terms.probationMonths === 0 ? [] : [`   - Probation: ${terms.probationMonths} months`]),
    '6. Annual paid leave: in proportion to the hours of full-time workers',
    '7. Social insurances',
    `   ${check(insurances.employment, 'employment')} ${check(insurances.accident, 'industrial accident')} ` +
      `${check(insurances.pension, 'National Pension')} ${check(insurances.health, 'health')}`,
    '8. The employer hands a copy of this contract to the worker when it is concluded, asked or not',
    '   (Labor Standards Act art. 17)',
    '9. Both keep this contract, the rules of employment and collective agreements in good faith',
    '10. What is not settled here follows labor law',
    dateText(own.signedOn),
    `(Employer) ${own.employer} (telephone ${own.employerPhone})`,
    `           ${own.employerAddress}`,
    `           represented by ${own.representative}`,
    `(Worker)   ${own.workerAddress}`,
    `           telephone ${own.workerPhone}`,
    `           ${own.worker}`,
  ]
}

/** The text, lines apart by newlines, one at the end. Both languages are one text each; the parties sign the Korean one. */
export function contractText(terms: ContractTerms, own: ContractPrivate, lang: PayslipLang): string {
  return `${(lang === 'ko' ? korean : english)(terms, own).join('\n')}\n`
}

/** The `docHash` of a text: SHA-256 of its UTF-8 bytes, as any tool makes it. */
export function contractHash(text: string): string {
  return `0x${toHex(sha256(new TextEncoder().encode(text)))}`
}
