// Owns: what people do in the story of a month at a café: reading as a party, moving time, recording hours.
// Not here: the story (cafe-month.ts), how a devnet is reached (devnet-access.ts).
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { addDays, kstDate } from '../sdk/index.ts'
import type { FinalTransaction, Json, Sender, Wallet } from '../sdk/index.ts'
import type { Devnet } from './devnet-access.ts'
import { runNaru } from './devnet-access.ts'

/** Somebody of the story. */
export type Person = { readonly wallet: Wallet; readonly sender: Sender }

/** The story's people and place. */
export type Cafe = { readonly devnet: Devnet; readonly boss: Person; readonly worker: Person; readonly inspector: Person }

/** Times of a day in minutes, with the breaks inside. */
export type Times = { startMin: number; endMin: number; breaks: { startMin: number; endMin: number }[] }

/** 09:00 to 14:30 with half an hour of break: five hours. */
export const MORNING: Times = { startMin: 540, endMin: 870, breaks: [{ startMin: 690, endMin: 720 }] }
/** The same without the break. */
export const NO_BREAK: Times = { ...MORNING, breaks: [] }
/** 20:00 to 01:30 with half an hour of break: five hours, three of them at night. */
export const NIGHT: Times = { startMin: 1_200, endMin: 1_530, breaks: [{ startMin: 1_290, endMin: 1_320 }] }

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const KST_MS = 9 * 60 * MINUTE_MS

/** Days of a date yyyymmdd since 1970-01-01. */
export function daysOf(date: number): number {
  return Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100) / DAY_MS
}

/** Month yyyymm of a date. */
export function monthOf(date: number): number {
  return Math.floor(date / 100)
}

/** A random commitment: what it commits to stays with the parties. */
export function commitment(): string {
  return `0x${randomBytes(32).toString('hex')}`
}

/** A named account of the devnet. */
export function personOf(devnet: Devnet, name: string): Person {
  return { wallet: devnet.wallet(name), sender: devnet.sender(name, 'v1') }
}

/** Sends a transaction and waits until it is final. */
export function act(person: Person, type: string, payload: Json): Promise<FinalTransaction> {
  return person.sender.send({ type, payload })
}

/** Reads restricted records as a party. */
export async function readAs<T>({ devnet }: Cafe, person: Person, method: string, params: object): Promise<T> {
  const { chain } = devnet
  const { value } = await devnet.client('v1').call<{ value: T }>(method, params, { as: { wallet: person.wallet, chain } })
  return value
}

/** The chain's own time, in ms. */
export async function chainTime({ devnet }: Cafe): Promise<number> {
  const { context } = await devnet.client('v1').call<{ context: { time: number } }>('labor_minWage', { date: 20260101 })
  return context.time
}

/** Moves every clock to a minute of a Korean day, and waits until blocks are there and have done what fell due. */
export async function goTo(cafe: Cafe, day: number, minutes: number): Promise<void> {
  const target = daysOf(day) * DAY_MS - KST_MS + minutes * MINUTE_MS
  const now = await chainTime(cafe)
  if (target > now) await runNaru(['devnet', 'time', `+${Math.ceil((target - now) / 1_000)}s`, '--dir', cafe.devnet.dir])
  for (let turn = 0; turn < 3 || (await chainTime(cafe)) < target; turn++) {
    // A payment of one won: a chain with nothing to do makes few blocks.
    await act(cafe.boss, 'payment.transfer', { to: cafe.devnet.wallet('city-treasury').address, amount: '1', memoCommit: null })
    if (turn > 200) throw new Error('the devnet does not follow its clock')
    await sleep(20)
  }
}

/** Days from one to another that fall on Monday, Wednesday or Friday. */
export function workDays(from: number, to: number): readonly number[] {
  const days: number[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) {
    // 0 is Monday; 1970-01-01 was a Thursday.
    const dow = (daysOf(day) + 3) % 7
    if (dow === 0 || dow === 2 || dow === 4) days.push(day)
  }
  return days
}

/** The worker records hours of a day; gives the record's number. */
export async function record(
  { worker }: Cafe,
  contractId: string,
  { date, times }: { date: number; times: Times },
): Promise<void> {
  await act(worker, 'labor.shift.propose', { contractId, date, kind: 'WORK', times })
}

/** Today in Seoul by the chain. */
export async function today(cafe: Cafe): Promise<number> {
  return kstDate(await chainTime(cafe))
}

/** Interest of 20 % a year from the day after the due date, rounded up. */
export function interestOf(principal: bigint, days: number): bigint {
  const divisor = 1_000_000n * 365n
  return (principal * 200_000n * BigInt(days) + divisor - 1n) / divisor
}

/** Won with thousands apart. */
export const won = (text: string): string => `${BigInt(text).toLocaleString('en-US')} won`

/** First day of the month after a day’s. */
export function nextMonth(day: number): number {
  const [year, month] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100]
  return month === 12 ? (year + 1) * 10_000 + 101 : year * 10_000 + (month + 1) * 100 + 1
}

/** Mondays, Wednesdays and Fridays from nine, paid on the tenth of the next month. */
export function termsOf(startOn: number, ordinaryHourly: string): object {
  return {
    ...{ headcount: 'GE5', startOn, endOn: null, placeCommit: commitment(), dutiesCode: 'BARISTA', dutiesCommit: commitment() },
    schedule: [MORNING, null, MORNING, null, MORNING, null, null],
    ...{ weeklyHolidayDow: 6, weekStartDow: 0, annualLeave: 'STATUTORY', wageKind: 'HOURLY', ordinaryHourly, fixedPay: '0' },
    ...{ components: [], calcRule: 'STANDARD', premiumPpm: 500_000, payDay: 10, payMonthOffset: 1, payMethod: 'DEPOSIT_TOKEN' },
    ...{ probationMonths: 0, termGe1Y: true, simpleLabor: false, monthlyScheduledMin: 4_693, insuranceFlags: 15 },
    ...{ ageBand: 'FROM_18', pensionOptIn: false, forbiddenClauses: [], docCommit: commitment() },
  }
}
