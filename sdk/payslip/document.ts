// Owns: what stands on a payslip, in which order, for any way of showing it (LSA 48(2), decree 27-2). Not here: words
// (words.ts), markup (html.ts), pages (cli/labor/pdf.ts).
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { WageBreakdown, WageLine } from '../../modules/labor/wage/types.ts'
import {
  FLAG_WORDS,
  HOLIDAY_WORDS,
  LINE_WORDS,
  SUM_WORDS,
  WEEK_WORDS,
  dateText,
  formulaText,
  hours,
  lawWords,
  quantityText,
  spanText,
  sumLawWords,
  won,
} from './words.ts'
import type { Both, PayslipLang } from './words.ts'

/** An amount with its reason: a deduction, an extra, what the employer pays beside the wage. */
export type PayslipSum = { readonly code: string; readonly won: bigint; readonly formula?: string; readonly law?: string }

/** The contract text that both parties hold, its hash, and the hash that the chain has. */
export type PayslipContract = { readonly text: string; readonly hash: string; readonly chainHash: string | null }

/** Everything that a payslip says. Names are the parties' own; the chain has none. */
export type PayslipFacts = {
  readonly kind: 'PAYSLIP' | 'COMPUTED' | 'SIMULATION'
  readonly breakdown: WageBreakdown
  readonly employer: string
  readonly worker: string
  /** Name of the contract on the chain. */
  readonly contractId: string | null
  readonly dueOn: CivilDate | null
  readonly extras: readonly PayslipSum[]
  readonly deductions: readonly PayslipSum[]
  readonly employerSums: readonly PayslipSum[]
  readonly contract: PayslipContract | null
  /** Where the figures were read, such as a chain and a height. */
  readonly source: string | null
  readonly notes: readonly string[]
}

/** A table; numbers stand right. */
export type PayslipTable = {
  readonly caption: string
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean }[]
  readonly rows: readonly (readonly string[])[]
  /** The last row. */
  readonly total: readonly string[] | null
}

/** A payslip to be shown. */
export type PayslipDocument = {
  readonly lang: PayslipLang
  readonly title: string
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly tables: readonly PayslipTable[]
  readonly notes: readonly string[]
  readonly contract: { readonly caption: string; readonly text: string; readonly hashLine: string } | null
}

const LABELS = {
  PAYSLIP: { ko: '임금명세서', en: 'Payslip' },
  COMPUTED: { ko: '임금 계산서', en: 'Wage calculation' },
  SIMULATION: { ko: '임금 모의계산서 (계약 전)', en: 'Wage simulation (before signing)' },
  employer: { ko: '사업주', en: 'Employer' },
  worker: { ko: '근로자', en: 'Worker' },
  contractId: { ko: '계약', en: 'Contract' },
  period: { ko: '임금 산정기간', en: 'Period' },
  dueOn: { ko: '임금 지급일', en: 'Payday' },
  gross: { ko: '임금 총액', en: 'Gross wage' },
  deducted: { ko: '공제 총액', en: 'Deductions' },
  net: { ko: '실지급액', en: 'Net pay' },
  workedDays: { ko: '근로일수', en: 'Days worked' },
  worked: { ko: '근로시간', en: 'Hours worked' },
  source: { ko: '출처', en: 'Source' },
  earnings: { ko: '임금 항목과 계산방법', en: 'Earnings, and how each is calculated' },
  deductions: { ko: '공제 항목', en: 'Deductions' },
  employerSums: { ko: '사업주가 따로 부담하는 금액', en: 'What the employer pays besides' },
  weeks: { ko: '주휴일', en: 'Weekly holidays' },
  days: { ko: '날짜별 근로시간', en: 'Hours by day' },
  flags: { ko: '법 위반 또는 유의사항', en: 'What the law sees' },
  item: { ko: '항목', en: 'Item' },
  days_: { ko: '기간', en: 'Days' },
  quantity: { ko: '시간(일수)', en: 'Quantity' },
  formula: { ko: '계산식', en: 'Formula' },
  amount: { ko: '금액', en: 'Amount' },
  law: { ko: '근거 법령', en: 'Law' },
  total: { ko: '합계', en: 'Total' },
  week: { ko: '주', en: 'Week' },
  holidayOn: { ko: '주휴일', en: 'Holiday' },
  why: { ko: '판정', en: 'Finding' },
  rest: { ko: '주휴시간', en: 'Paid time' },
  day: { ko: '날짜', en: 'Day' },
  planned: { ko: '소정', en: 'Agreed' },
  work: { ko: '근로', en: 'Worked' },
  excess: { ko: '초과', en: 'Excess' },
  night: { ko: '야간', en: 'Night' },
  holiday: { ko: '휴일', en: 'Holiday' },
  paid: { ko: '유급', en: 'Paid rest' },
  note: { ko: '비고', en: 'Note' },
  contract: { ko: '근로계약서 (표준근로계약서 서식)', en: 'Contract text (standard form)' },
  hash: { ko: '계약서 해시 (SHA-256)', en: 'Hash of the text (SHA-256)' },
  same: { ko: '체인에 기록된 해시와 같습니다', en: 'equal to the hash on the chain' },
  differs: { ko: '주의: 체인에 기록된 해시와 다릅니다', en: 'WARNING: differs from the hash on the chain' },
} as const satisfies Readonly<Record<string, Both>>

type Say = (label: keyof typeof LABELS) => string

function total(sums: readonly PayslipSum[]): bigint {
  return sums.reduce((sum, { won: amount }) => sum + amount, 0n)
}

function columns(say: Say, ...titles: (keyof typeof LABELS)[]): PayslipTable['columns'] {
  const numbers: ReadonlySet<string> = new Set([
    ...['quantity', 'amount', 'rest', 'planned', 'work', 'excess', 'night', 'holiday', 'paid'],
  ])
  return titles.map((title) => ({ title: say(title), isNumber: numbers.has(title) }))
}

function sumWords(code: string, lang: PayslipLang): string {
  return SUM_WORDS[code]?.[lang] ?? code
}

function lineRow(line: WageLine, isCut: boolean, lang: PayslipLang): string[] {
  const name = line.name === '' ? LINE_WORDS[line.code][lang] : `${LINE_WORDS[line.code][lang]}: ${line.name}`
  const amount = isCut ? -line.won : line.won
  return [
    ...[name, spanText(line.from, line.to), quantityText(line, lang), formulaText(line, lang), won(amount, lang)],
    lawWords(line.law, lang),
  ]
}

function earnings({ breakdown, extras }: PayslipFacts, gross: bigint, lang: PayslipLang, say: Say): PayslipTable {
  const rows = [
    ...breakdown.lines.map((line) => lineRow(line, false, lang)),
    ...breakdown.cuts.map((line) => lineRow(line, true, lang)),
    ...extras.map((extra) => [sumWords(extra.code, lang), '', '', '', won(extra.won, lang), '']),
  ]
  return {
    caption: say('earnings'),
    columns: columns(say, 'item', 'days_', 'quantity', 'formula', 'amount', 'law'),
    rows,
    total: [say('total'), '', '', '', won(gross, lang), ''],
  }
}

function sumsTable(
  caption: 'deductions' | 'employerSums',
  sums: readonly PayslipSum[],
  lang: PayslipLang,
  say: Say,
): PayslipTable[] {
  if (sums.length === 0) return []
  const rows = sums.map((sum) => [
    ...[sumWords(sum.code, lang), sum.formula ?? '', won(sum.won, lang), sumLawWords(sum.code, sum.law ?? '', lang)],
  ])
  const last = [say('total'), '', won(total(sums), lang), '']
  return [{ caption: say(caption), columns: columns(say, 'item', 'formula', 'amount', 'law'), rows, total: last }]
}

function weeksTable({ breakdown }: PayslipFacts, lang: PayslipLang, say: Say): PayslipTable[] {
  if (breakdown.weeks.length === 0) return []
  const rows = breakdown.weeks.map(({ from, to, holidayOn, status, absentOn, restMin }) => {
    const why = absentOn === null ? WEEK_WORDS[status][lang] : `${WEEK_WORDS[status][lang]} ${dateText(absentOn)}`
    return [spanText(from, to), dateText(holidayOn), why, status === 'PAID' ? hours(restMin, lang) : '-']
  })
  return [{ caption: say('weeks'), columns: columns(say, 'week', 'holidayOn', 'why', 'rest'), rows, total: null }]
}

function daysTable({ breakdown }: PayslipFacts, lang: PayslipLang, say: Say): PayslipTable[] {
  const time = (minutes: number): string => (minutes === 0 ? '-' : hours({ num: BigInt(minutes), den: 1n }, lang))
  const rows = breakdown.days
    .filter((day) => day.plannedMin + day.workMin + day.leaveMin + day.closureMin > 0)
    .map((day) => [
      ...[dateText(day.date), time(day.plannedMin), time(day.workMin), time(day.excessMin), time(day.nightMin)],
      ...[time(day.holidayMin + day.holidayOverMin), time(day.paidHolidayMin + day.leaveMin)],
      day.holiday === null ? '' : HOLIDAY_WORDS[day.holiday][lang],
    ])
  if (rows.length === 0) return []
  const titles = columns(say, 'day', 'planned', 'work', 'excess', 'night', 'holiday', 'paid', 'note')
  return [{ caption: say('days'), columns: titles, rows, total: null }]
}

function flagsTable({ breakdown }: PayslipFacts, lang: PayslipLang, say: Say): PayslipTable[] {
  if (breakdown.flags.length === 0) return []
  const rows = breakdown.flags.map(({ code, date, minutes }) => [
    ...[dateText(date), FLAG_WORDS[code][lang], minutes === 0 ? '' : hours({ num: BigInt(minutes), den: 1n }, lang)],
  ])
  return [{ caption: say('flags'), columns: columns(say, 'day', 'note', 'quantity'), rows, total: null }]
}

function contractOf({ contract }: PayslipFacts, say: Say): PayslipDocument['contract'] {
  if (contract === null) return null
  const { text, hash, chainHash } = contract
  const verdict = chainHash === null ? '' : ` (${say(chainHash === hash ? 'same' : 'differs')})`
  return { caption: say('contract'), text, hashLine: `${say('hash')}: ${hash}${verdict}` }
}

/** The payslip in one language. */
export function buildPayslip(facts: PayslipFacts, lang: PayslipLang): PayslipDocument {
  const say: Say = (label) => LABELS[label][lang]
  const { breakdown, dueOn, contractId, source } = facts
  const gross = breakdown.gross + total(facts.extras)
  const workedDays = breakdown.days.filter(({ workMin }) => workMin > 0).length
  const worked = breakdown.days.reduce((sum, { workMin }) => sum + workMin, 0)
  const optional = (label: keyof typeof LABELS, value: string | null): [string, string][] =>
    value === null ? [] : [[say(label), value]]
  return {
    lang,
    title: say(facts.kind),
    facts: [
      [say('employer'), facts.employer],
      [say('worker'), facts.worker],
      ...optional('contractId', contractId),
      [say('period'), spanText(breakdown.period.from, breakdown.period.to)],
      ...optional('dueOn', dueOn === null ? null : dateText(dueOn)),
      [say('workedDays'), lang === 'ko' ? `${workedDays}일` : `${workedDays}`],
      [say('worked'), hours({ num: BigInt(worked), den: 1n }, lang)],
      [say('gross'), won(gross, lang)],
      [say('deducted'), won(total(facts.deductions), lang)],
      [say('net'), won(gross - total(facts.deductions), lang)],
      ...optional('source', source),
    ],
    tables: [
      earnings(facts, gross, lang, say),
      ...sumsTable('deductions', facts.deductions, lang, say),
      ...sumsTable('employerSums', facts.employerSums, lang, say),
      ...weeksTable(facts, lang, say),
      ...daysTable(facts, lang, say),
      ...flagsTable(facts, lang, say),
    ],
    notes: facts.notes,
    contract: contractOf(facts, say),
  }
}
