// Owns: the story of a month at a café in Mapo and of one that is not paid, each figure checked, on a devnet. Not here: the acts
// (cafe-acts.ts). Run it by `./naru devnet demo cafe-month`, or alone: it then makes a devnet of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { addDays } from '../sdk/index.ts'
import {
  act,
  chainTime,
  commitment,
  daysOf,
  goTo,
  interestOf,
  monthOf,
  MORNING,
  NIGHT,
  nextMonth,
  NO_BREAK,
  personOf,
  readAs,
  record,
  termsOf,
  today,
  won,
  workDays,
} from './cafe-acts.ts'
import type { Cafe } from './cafe-acts.ts'
import { createParty } from './city-acts.ts'
import { openDevnet, runNaru } from './devnet-access.ts'
import { check, refused, WrongTurn } from './story.ts'
import type { Tell } from './story.ts'

type Due = {
  readonly owed: string
  readonly interestSoFar: string
  readonly due: { state: string; dueOn: number; interestDue: string }
}
type Slip = { readonly net: string; readonly isAutomatic: boolean }
type Lines = { readonly gross: string; readonly lines: readonly { code: string; krw: string; formula: string; law: string }[] }

async function hire(cafe: Cafe, tell: Tell): Promise<{ contractId: string; startOn: number }> {
  const startOn = nextMonth(await today(cafe))
  const { value } = await cafe.devnet.client('v1').call<{ value: { krw: string } }>('labor_minWage', { date: startOn })
  const docHash = commitment()
  const offer = (krw: bigint) => ({
    ...{ worker: cafe.worker.wallet.address, brn: '1208147521', workplaceId: 'MAPO-1', minor: null, docHash },
    terms: termsOf(startOn, String(krw)),
  })
  const floor = BigInt(value.krw)
  await refused('an offer below the minimum wage', 'LABOR_BELOW_MIN_WAGE', () =>
    act(cafe.boss, 'labor.offer', offer(floor - 1n) as never),
  )
  const { hash: contractId } = await act(cafe.boss, 'labor.offer', offer(floor) as never)
  await act(cafe.worker, 'labor.accept', { contractId, docHash, isAdult: true })
  await insure(cafe, contractId)
  const facts = { event: 'hired', contractId, startOn, hourly: value.krw }
  const text = `A café in Mapo hires: fifteen hours a week from ${startOn} at ${won(value.krw)} an hour, signed by both.`
  tell(`${text} A won less was refused; four insurances are reported and confirmed.`, facts)
  return { contractId, startOn }
}

// Seventy-eight hours a month: all four insurances are a duty, and deducted once they are reported and confirmed.
async function insure(cafe: Cafe, contractId: string): Promise<void> {
  const agencies = { PENSION: 'nps-1', HEALTH: 'nhis-1', EMPLOYMENT: 'comwel-1', ACCIDENT: 'comwel-1' } as const
  await act(cafe.boss, 'insurance.report', { contractId, insurances: Object.keys(agencies) })
  for (const [insurance, agency] of Object.entries(agencies))
    await act(personOf(cafe.devnet, agency), 'insurance.confirm', { contractId, insurance, noticeCommit: null })
}

// Hours of a whole month: mornings, one with a late shift after it, one without its break, one that the café disputes.
async function workMonth(cafe: Cafe, contractId: string, { startOn, tell }: { startOn: number; tell: Tell }): Promise<void> {
  const last = addDays(nextMonth(startOn), -1)
  const days = workDays(startOn, last)
  await goTo(cafe, last, 1_430)
  const [disputed, unbroken, late] = [days.at(-2) ?? 0, days.at(-3) ?? 0, days.at(-5) ?? 0]
  for (const date of days) {
    await record(cafe, contractId, { date, times: date === unbroken ? NO_BREAK : MORNING })
    const ref = { contractId, date, seq: 0 }
    if (date === disputed) await act(cafe.boss, 'labor.shift.dispute', { ...ref, statement: { kind: 'WORK', times: null } })
    else if (date !== days.at(-1)) await act(cafe.boss, 'labor.shift.confirm', ref)
  }
  await record(cafe, contractId, { date: late, times: NIGHT })
  await act(cafe.boss, 'labor.shift.confirm', { contractId, date: late, seq: 1 })
  await refused('hours that were recorded already', 'LABOR_SHIFT_OVERLAP', () =>
    record(cafe, contractId, { date: late, times: NIGHT }),
  )
  const { flags } = await readAs<{ flags: { code: string }[] }>(cafe, cafe.worker, 'labor_contractFlags', {
    contractId,
    ym: monthOf(startOn),
  })
  const codes = [...new Set(flags.map(({ code }) => code))].sort()
  check(
    'what the law sees',
    ['BREAK_MISSING', 'NIGHT', 'OVER_8H'],
    codes.filter((code) => code !== 'HOLIDAY_WORK'),
  )
  tell(
    `A month of ${days.length} mornings and one late shift is recorded; a missed break and the night are flagged, not refused.`,
    {
      ...{ event: 'worked', days: days.length, flags: codes },
    },
  )
  const wrong = { kind: 'WORK', times: MORNING }
  await refused('a stranger’s decision', 'LABOR_NOT_PARTY', () =>
    act(personOf(cafe.devnet, 'citizen-2'), 'labor.shift.resolve', { contractId, date: disputed, seq: 0, statement: wrong }),
  )
  await act(cafe.inspector, 'labor.shift.resolve', { contractId, date: disputed, seq: 0, statement: wrong })
  tell(`The café says that nobody worked on ${disputed}. An inspector reads both versions and decides for the worker.`, {
    ...{ event: 'resolved', date: disputed },
  })
  // The last morning is never answered: silence confirms it after 72 hours.
  await goTo(cafe, addDays(last, 4), 600)
}

async function payMonth(cafe: Cafe, contractId: string, { ym, tell }: { ym: number; tell: Tell }): Promise<void> {
  const { gross, lines } = await readAs<Lines>(cafe, cafe.worker, 'labor_compute', { contractId, ym })
  check('sum of the lines', gross, String(lines.reduce((sum, { krw }) => sum + BigInt(krw), 0n)))
  for (const code of ['BASE', 'NIGHT', 'WEEKLY_HOLIDAY'])
    check(
      code,
      true,
      lines.some((line) => line.code === code),
    )
  const asked = { contractId, ym, gross }
  const insured = await readAs<{ lines: { code: string; krw: string }[]; sum: string }>(
    cafe,
    cafe.boss,
    'labor_deductions',
    asked,
  )
  const slip = { ...asked, extras: [], deductions: insured.lines }
  await refused('a payslip that is a won short', 'LABOR_PAYSLIP_BELOW_DUE', () =>
    act(cafe.boss, 'labor.payslip.issue', { ...slip, gross: String(BigInt(gross) - 1n) }),
  )
  const broken = [...insured.lines, { code: 'BREAKAGE', krw: '10000' }]
  await refused('broken cups', 'LABOR_DEDUCTION_FORBIDDEN', () =>
    act(cafe.boss, 'labor.payslip.issue', { ...slip, deductions: broken }),
  )
  await act(cafe.boss, 'labor.payslip.issue', slip)
  const net = String(BigInt(gross) - BigInt(insured.sum))
  const wage = { contractId, ym, payee: cafe.worker.wallet.address, currency: 'KRW', amount: net, source: 'WALLET' }
  await refused('a wage in points', 'LABOR_WAGE_NOT_CURRENCY', () =>
    act(cafe.boss, 'labor.wage.pay', { ...wage, currency: 'POINT' }),
  )
  await act(cafe.boss, 'labor.wage.pay', wage)
  // A rate that nobody has decided yet takes nothing off.
  const insurances = insured.lines.map(({ code }) => code)
  const known = ['PENSION', 'HEALTH', 'CARE', 'EMPLOYMENT'].filter((code) => ym < 202701 || insurances.includes(code))
  check('insurances', known, insurances)
  const { due, owed } = await readAs<Due>(cafe, cafe.worker, 'labor_due', { contractId, ym })
  check('the month', ['PAID', '0'], [due.state, owed])
  const { value } = await cafe.devnet.client('v1').call<{ value: { balance: string; locked: string } }>('payment_getBalance', {
    account: cafe.worker.wallet.address,
  })
  check('won of the worker', net, String(BigInt(value.balance) + BigInt(value.locked)))
  const facts = {
    event: 'paid',
    ym,
    gross,
    net,
    deductions: insured.lines,
    lines: lines.map(({ code, krw, law }) => ({ code, krw, law })),
  }
  tell(
    `The payslip of ${ym}: ${won(gross)} gross in ${lines.length} lines, ${won(insured.sum)} of insurance, ${won(net)} paid.`,
    facts,
  )
}

async function miss(
  cafe: Cafe,
  contractId: string,
  { first, tell }: { first: number; tell: Tell },
): Promise<{ ym: number; due: Due }> {
  const ym = monthOf(first)
  const last = addDays(nextMonth(first), -1)
  await goTo(cafe, last, 1_430)
  for (const date of workDays(first, last)) await record(cafe, contractId, { date, times: MORNING })
  // Nobody answers and nobody pays: three days confirm, the payday makes the payslip, the day after it is late.
  await goTo(cafe, addDays(nextMonth(first), 11), 60)
  const due = await readAs<Due>(cafe, cafe.worker, 'labor_due', { contractId, ym })
  check('the unpaid month', 'ARREARS', due.due.state)
  const { payslip } = await readAs<{ payslip: Slip }>(cafe, cafe.worker, 'labor_payslip', {
    contractId,
    ym,
  })
  check('the chain’s own payslip', [true, due.owed], [payslip.isAutomatic, payslip.net])
  tell(`Nobody pays ${ym}. The chain makes the payslip itself on ${due.due.dueOn}: ${won(due.owed)} are overdue the day after.`, {
    ...{ event: 'overdue', ym, owed: due.owed, dueOn: due.due.dueOn },
  })
  return { ym, due }
}

async function claim(cafe: Cafe, contractId: string, { ym, due, tell }: { ym: number; due: Due; tell: Tell }): Promise<void> {
  const { hash: caseId } = await act(cafe.worker, 'labor.claim.file', { contractId, months: [ym], evidenceCommit: commitment() })
  type Claim = { readonly claim: { state: string }; readonly isTaken: boolean }
  const read = (): Promise<Claim> => readAs<Claim>(cafe, cafe.worker, 'labor_claim', { caseId })
  const stateOf = ({ claim: { state }, isTaken }: Claim) => [state, isTaken]
  check('a filing', ['FILED', false], stateOf(await read()))
  await refused('what the employer sees before the notice', 'READ_NOT_PERMITTED', () =>
    readAs(cafe, cafe.boss, 'labor_claim', { caseId }),
  )
  const step = { caseId, caseCommit: commitment() }
  await act(cafe.inspector, 'labor.claim.notify', step)
  check('what an inspector took', ['NOTIFIED', true], stateOf(await read()))
  await act(cafe.inspector, 'labor.claim.investigate', step)
  const payBy = addDays(await today(cafe), 14)
  await act(cafe.inspector, 'labor.claim.order', { ...step, amount: due.owed, dueOn: payBy })
  tell(`The worker files a claim; once an inspector has taken it to the ministry, the café is told to pay by ${payBy}.`, {
    ...{ event: 'ordered', caseId, payBy },
  })
  await goTo(cafe, addDays(payBy, -2), 600)
  const late = daysOf(await today(cafe)) - daysOf(due.due.dueOn)
  const interest = interestOf(BigInt(due.owed), late)
  const now = await readAs<Due>(cafe, cafe.worker, 'labor_due', { contractId, ym })
  check('interest of 20 % a year', String(interest), now.interestSoFar)
  const wage = { contractId, ym, payee: cafe.worker.wallet.address, currency: 'KRW', source: 'WALLET' }
  await act(cafe.boss, 'labor.wage.pay', { ...wage, amount: String(BigInt(due.owed) + interest) })
  check('the followed order', ['PAID', true], stateOf(await read()))
  await act(cafe.inspector, 'labor.claim.close', step)
  const did = cafe.worker.wallet.address
  const arrears = await readAs<{ owed: string; interest: string }>(cafe, cafe.worker, 'labor_arrears', { did })
  check('arrears', ['0', '0'], [arrears.owed, arrears.interest])
  const sums = `${won(due.owed)} and ${won(String(interest))} of interest for ${late} days`
  tell(`The café pays ${sums}. Nothing is open, the case is closed.`, {
    ...{ event: 'settled', interest: String(interest), days: late },
  })
}

async function tellStory(dir: string, tell: Tell): Promise<void> {
  const begun = performance.now()
  const devnet = await openDevnet(dir)
  try {
    const [boss, inspector] = [personOf(devnet, 'employer-1'), personOf(devnet, 'inspector-1')]
    const cafe: Cafe = { devnet, boss, inspector, worker: await createParty(devnet) }
    const start = await chainTime(cafe)
    const { contractId, startOn } = await hire(cafe, tell)
    await workMonth(cafe, contractId, { startOn, tell })
    await payMonth(cafe, contractId, { ym: monthOf(startOn), tell })
    const { ym, due } = await miss(cafe, contractId, { first: nextMonth(startOn), tell })
    await claim(cafe, contractId, { ym, due, tell })
    const days = Math.round(((await chainTime(cafe)) - start) / 86_400_000)
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
    tell(`A month at a café, and one that had to be claimed: ${days} days, every figure right, in ${seconds} s.`, {
      event: 'done',
      days,
    })
  } finally {
    devnet.close()
  }
}

const { values } = parseArgs({ options: { dir: { type: 'string' }, json: { type: 'boolean', default: false } } })

function tellOut(text: string, facts?: Record<string, unknown>): void {
  if (!values.json) console.log(text)
  else if (facts !== undefined) console.log(JSON.stringify({ ...facts, text }))
}

async function main(): Promise<void> {
  if (values.dir !== undefined) return tellStory(values.dir, tellOut)
  const home = mkdtempSync(join(tmpdir(), 'naru-cafe-month-'))
  const dir = join(home, 'devnet')
  try {
    await runNaru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready'])
    await tellStory(dir, tellOut)
  } finally {
    await runNaru(['devnet', 'down', '--dir', dir])
    rmSync(home, { recursive: true, force: true })
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof WrongTurn)) throw error
  console.error(error.message)
  process.exitCode = 1
})
