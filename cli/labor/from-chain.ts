// Owns: wages and payslips of a contract on a chain, as a payslip says them. Not here: what is shown (sdk/payslip/), the reads
// (modules/labor/pay-queries.ts).
import { readFileSync } from 'node:fs'
import { isCivilMonth, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import type { Infer, Json } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { BreakdownResult } from '../../modules/labor/compute-result.ts'
import { PayslipSchema } from '../../modules/labor/pay-schema.ts'
import type { Payslip } from '../../modules/labor/pay-schema.ts'
import { articleOf } from '../../modules/labor/wage/lines.ts'
import { isLabourDay } from '../../modules/labor/wage/law.ts'
import type {
  HolidayKind,
  WageBreakdown,
  WageFlagCode,
  WageLine,
  WageLineCode,
  WeekStatus,
} from '../../modules/labor/wage/types.ts'
import { contractHash } from '../../sdk/payslip/contract-text.ts'
import type { PayslipContract, PayslipFacts, PayslipSum } from '../../sdk/payslip/document.ts'
import { won } from '../../sdk/payslip/words.ts'
import type { PayslipLang } from '../../sdk/payslip/words.ts'
import type { CommandCall } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { readAs } from '../signed-read.ts'

// Neither of the two answers holds an account, so that any network's texts read them.
const TEXT = textContextOf('devnet')

type Read<T> = { readonly context: { readonly height: number; readonly time: number }; readonly value: T }
type ContractJson = { readonly employer: string; readonly worker: string; readonly docHash: string }

/** The engine's breakdown out of the answer of labor_compute. */
export function breakdownFromJson(json: Json): WageBreakdown {
  const { from, to, gross, lines, days, weeks, flags } = BreakdownResult.fromJson(json, TEXT, 'labor_compute')
  const lineOf = ({ krw, isCut: _cut, formula: _formula, code, ...line }: (typeof lines)[number]): WageLine => {
    return { ...line, code: code as WageLineCode, won: krw }
  }
  return {
    period: { from, to },
    lines: lines.filter(({ isCut }) => !isCut).map(lineOf),
    cuts: lines.filter(({ isCut }) => isCut).map(lineOf),
    gross,
    days: days.map((day) => ({ ...day, holiday: day.holiday as HolidayKind | null })),
    weeks: weeks.map((week) => ({ ...week, status: week.status as WeekStatus })),
    flags: flags.map((flag) => ({ ...flag, code: flag.code as WageFlagCode })),
  }
}

/** Lines of a payslip on the chain, with their articles; hours, weeks and flags as they count now. */
export function breakdownOfPayslip(payslip: Payslip, now: WageBreakdown): WageBreakdown {
  const lineOf = ({ krw, isCut: _cut, code, ...line }: Payslip['lines'][number]): WageLine => {
    const law = code === 'PAID_HOLIDAY' && isLabourDay(line.from) ? 'LDA' : articleOf(code as WageLineCode)
    return { ...line, code: code as WageLineCode, won: krw, law }
  }
  const lines = payslip.lines.filter(({ isCut }) => !isCut).map(lineOf)
  const cuts = payslip.lines.filter(({ isCut }) => isCut).map(lineOf)
  // The record holds the first so many lines; its sum is of all of them.
  const gross = payslip.gross - payslip.extras.reduce((total, { krw }) => total + krw, 0n)
  return { ...now, lines, cuts, gross }
}

/** The month that a command names. */
export function monthOption(call: CommandCall): CivilMonth {
  const text = (call.options['month'] as string | undefined) ?? refuseUsage('--month is missing')
  const month = Number(text.replaceAll('-', ''))
  return isCivilMonth(month) ? month : refuseUsage(`--month is such as 2026-11, not ${JSON.stringify(text)}`)
}

function contractTextOf(call: CommandCall, chainHash: string): PayslipContract | null {
  const file = call.options['contract'] as string | undefined
  if (file === undefined) return null
  try {
    const text = readFileSync(file, 'utf8')
    return { text, hash: contractHash(text), chainHash }
  } catch (error) {
    return refuseUsage(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const OPEN = {
  ko: '이 달이 끝나지 않아, 아직 오지 않은 날은 일하지 않은 날로 계산했습니다.',
  en: 'The month is not over: days to come count as days without work.',
} as const

const SINCE = {
  ko: (amount: string) => `이 명세서 이후 확정된 기록에 따르면 임금 총액은 ${amount}입니다.`,
  en: (amount: string) => `By the records that came to count since this payslip the wage is ${amount}.`,
} as const

type Base = Pick<PayslipFacts, 'employer' | 'worker' | 'contractId' | 'contract' | 'source' | 'employerSums'>

async function readBase(call: CommandCall, contractId: string): Promise<Base> {
  const found = await readAs<Read<ContractJson>>(call, 'labor_contract', { contractId })
  const { employer, worker, docHash } = found.value
  return {
    employer: (call.options['employer'] as string | undefined) ?? employer,
    worker: (call.options['worker'] as string | undefined) ?? worker,
    contract: contractTextOf(call, docHash),
    source: `height ${found.context.height}`,
    ...{ contractId, employerSums: [] },
  }
}

/** The wage of a month as it counts now. */
export async function readComputed(
  call: CommandCall,
  contractId: string,
  ym: CivilMonth,
  lang: PayslipLang,
): Promise<PayslipFacts> {
  const base = await readBase(call, contractId)
  const { value, context } = await readAs<Read<Json>>(call, 'labor_compute', { contractId, ym })
  const breakdown = breakdownFromJson(value)
  const notes = kstDate(context.time) <= breakdown.period.to ? [OPEN[lang]] : []
  return { ...base, kind: 'COMPUTED', breakdown, dueOn: null, extras: [], deductions: [], notes }
}

const sumOf = ({ code, krw }: Infer<typeof PayslipSchema>['deductions'][number]): PayslipSum => ({ code, won: krw })

/** A payslip of a month, the last one unless its number is given. */
export async function readPayslip(
  call: CommandCall,
  contractId: string,
  ym: CivilMonth,
  lang: PayslipLang,
): Promise<PayslipFacts> {
  const number = call.options['number'] as string | undefined
  if (number !== undefined && !/^[1-9]\d{0,4}$/.test(number)) return refuseUsage(`--number is a whole number, not ${number}`)
  const computed = await readComputed(call, contractId, ym, lang)
  const ask = { contractId, ym, seq: number === undefined ? null : Number(number) }
  const found = await readAs<Read<{ seq: number; payslip: Json }>>(call, 'labor_payslip', ask)
  const payslip = PayslipSchema.fromJson(found.value.payslip, TEXT, 'labor_payslip')
  const due = await readAs<Read<{ due: { dueOn: CivilDate } }>>(call, 'labor_due', { contractId, ym })
  const breakdown = breakdownOfPayslip(payslip, computed.breakdown)
  return {
    ...computed,
    ...{ kind: 'PAYSLIP', breakdown, dueOn: due.value.due.dueOn },
    source: `${computed.source ?? ''}, payslip ${found.value.seq} (${payslip.state})`,
    extras: payslip.extras.map(sumOf),
    deductions: payslip.deductions.map(sumOf),
    notes: breakdown.gross === computed.breakdown.gross ? [] : [SINCE[lang](won(computed.breakdown.gross, lang))],
  }
}
