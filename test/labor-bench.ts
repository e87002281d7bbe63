// Owns: a small city with a café in Mapo, its workers, a guardian, inspectors and the labor centre, for tests. Not here: the bench
// (room-bench.ts), random lives (labor-workload.ts).
import { toHex } from '../core/base/bytes.ts'
import { addDays, kstMidnight } from '../core/base/civil-time.ts'
import type { CivilDate } from '../core/base/civil-time.ts'
import { asHash32 } from '../core/base/ids.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'
import { createAccept } from '../modules/labor/accept.ts'
import { NO_INSURANCE } from '../modules/labor/insurance-port.ts'
import type { InsurancePort } from '../modules/labor/insurance-port.ts'
import { offer } from '../modules/labor/offer.ts'
import { createShiftConfirm, shiftPropose } from '../modules/labor/shift-propose.ts'
import type { Minor } from '../modules/labor/schema.ts'
import type { ShiftKind } from '../modules/labor/shift-schema.ts'
import type { Terms, Times } from '../modules/labor/terms-schema.ts'
import { weekdayOf } from '../modules/labor/wage/calendar.ts'
import { REGISTRY } from '../modules/registry.ts'
import { accountOf, createRoomBench, genesisDocument, textOf } from './room-bench.ts'
import type { Outcome, RoomBench } from './room-bench.ts'

/** People of the bench: `shop` employs, `alice`, `bob` and `carol` work, `dave` is a guardian. */
export const [BOSS, ALICE, BOB, DAVE] = ['shop', 'alice', 'bob', 'dave'].map(accountOf) as [Address, Address, Address, Address]
/** Officials: an inspector, the labor centre, the fund for substitute payment. */
export const [INSPECTOR, CENTRE, COMWEL] = ['office', 'psp', 'bankA'].map(accountOf) as [Address, Address, Address]
/** The café's registration number. */
export const BRN = '2208162517'

/** A hash made of a text. */
export function hashOf(text: string): Hash32 {
  return asHash32(toHex(sha256Bytes(text)))
}

/** 09:00 to 13:30 with half an hour of break: four hours. */
export const FOUR_HOURS: Times = { startMin: 540, endMin: 810, breaks: [{ startMin: 660, endMin: 690 }] }

/** Times from hours of the day, such as `at(18, 23)`, with breaks in minutes from start and length. */
export function at(from: number, to: number, ...breaks: readonly (readonly [after: number, length: number])[]): Times {
  const startMin = from * 60
  const spans = breaks.map(([after, length]) => ({ startMin: startMin + after, endMin: startMin + after + length }))
  return { startMin, endMin: to * 60, breaks: spans }
}

/** Terms of twenty hours a week at 10,320 won, Monday to Friday, paid on the 10th of the next month. */
export function termsOf(more: Partial<Terms> = {}): Terms {
  return {
    ...{ headcount: 'GE5', startOn: 20261201, endOn: null, placeCommit: hashOf('place'), dutiesCode: 'BARISTA' },
    dutiesCommit: hashOf('duties'),
    schedule: [FOUR_HOURS, FOUR_HOURS, FOUR_HOURS, FOUR_HOURS, FOUR_HOURS, null, null],
    ...{ weeklyHolidayDow: 6, weekStartDow: 0, annualLeave: 'STATUTORY', wageKind: 'HOURLY' },
    ...{ ordinaryHourly: 10_320n, fixedPay: 0n, components: [], calcRule: 'STANDARD', premiumPpm: 500_000 },
    ...{ payDay: 10, payMonthOffset: 1, payMethod: 'DEPOSIT_TOKEN', probationMonths: 0, termGe1Y: true, simpleLabor: false },
    ...{ monthlyScheduledMin: 5_220, insuranceFlags: 15, ageBand: 'FROM_18', pensionOptIn: false, forbiddenClauses: [] },
    docCommit: hashOf('salted text'),
    ...more,
  }
}

/** A minor's papers, with `dave` as the guardian. */
export const MINOR: Minor = { guardian: DAVE, familyCommit: hashOf('family'), needsPermit: false, permitCommit: null }

/** The genesis document of the city; `shop` has 100 million won. */
export function laborDocument(time: number): Record<string, unknown> {
  const document = genesisDocument() as {
    rooms: { governance: { roles: unknown[] }; payment: { accounts: { account: string; amount: string; exempt: boolean }[] } }
  }
  const { governance, payment } = document.rooms
  const roles = [
    { role: 'INSPECTOR', did: textOf('office') },
    { role: 'LABOR_CENTRE', did: textOf('psp') },
    { role: 'INS_COMWEL', did: textOf('bankA') },
  ]
  const rich = payment.accounts.map((account) =>
    account.account === textOf('shop') ? { ...account, amount: '100000000' } : account,
  )
  const fund = { account: textOf('bankA'), bank: '004', amount: '50000000', exempt: true }
  const rooms = {
    ...document.rooms,
    governance: { ...governance, roles: [...governance.roles, ...roles] },
    payment: { ...payment, accounts: [...rich, fund] },
  }
  return { ...document, time, rooms }
}

/** Opens the city in the morning of a day, 25 November 2026 by default. */
export function openLaborCity(day: CivilDate = 20261125, registry = REGISTRY): RoomBench {
  return createRoomBench(registry, laborDocument(kstMidnight(day) + 9 * 3_600_000))
}

/** Failure code, or `ok`. */
export const codeOf = ({ failure }: Outcome): string => failure?.code ?? 'ok'

/** Who signs which terms. */
export type Hire = {
  readonly worker?: Address
  readonly terms?: Terms
  readonly minor?: Minor | null
  readonly port?: InsurancePort
}

/** An offer by `shop`. */
export function makeOffer(city: RoomBench, { worker = ALICE, terms = termsOf(), minor = null }: Hire = {}): Outcome {
  const payload = { worker, brn: BRN, workplaceId: 'MAPO-1', minor, docHash: hashOf('text'), terms }
  return city.run(offer, { sender: BOSS, payload })
}

/** A contract that both have signed; gives its id. */
export function hire(city: RoomBench, said: Hire = {}): Hash32 {
  const offered = makeOffer(city, said)
  if (offered.failure !== null) throw new Error(`offer: ${offered.failure.code} ${JSON.stringify(offered.failure.detail)}`)
  const { worker = ALICE, port = NO_INSURANCE } = said
  const payload = { contractId: offered.txId, docHash: hashOf('text'), isAdult: true }
  const accepted = city.run(createAccept(port), { sender: worker, payload })
  if (accepted.failure !== null) throw new Error(`accept: ${accepted.failure.code}`)
  return offered.txId
}

/** A record of a day. */
export type DayRecord = { readonly date: CivilDate; readonly times?: Times; readonly kind?: ShiftKind; readonly by?: Address }

/** A side's record of a day. */
export function propose(
  city: RoomBench,
  contractId: Hash32,
  { date, times = FOUR_HOURS, kind = 'WORK', by = ALICE }: DayRecord,
): Outcome {
  return city.run(shiftPropose, { sender: by, payload: { contractId, date, kind, times } })
}

/** A record that the other side confirms at once; throws where either is refused. */
export function work(city: RoomBench, contractId: Hash32, record: DayRecord, port: InsurancePort = NO_INSURANCE): void {
  const { by = ALICE } = record
  const proposed = propose(city, contractId, record)
  if (proposed.failure !== null)
    throw new Error(`${record.date}: ${proposed.failure.code} ${JSON.stringify(proposed.failure.detail)}`)
  const { seq } = (proposed.events[0]?.payload ?? { seq: 0 }) as { seq: number }
  const other = by === BOSS ? ALICE : BOSS
  const confirmed = city.run(createShiftConfirm(port), { sender: other, payload: { contractId, date: record.date, seq } })
  if (confirmed.failure !== null) throw new Error(`${record.date}: ${confirmed.failure.code}`)
}

/** Moves to a minute of a Korean day, 09:00 unless given. */
export function goTo(city: RoomBench, day: CivilDate, minutes = 540) {
  return city.advanceTo(kstMidnight(day) + minutes * 60_000)
}

/** Four hours on every weekday from one day to another, recorded by the worker that evening and confirmed. */
export function workWeekdays(city: RoomBench, contractId: Hash32, { from, to }: { from: CivilDate; to: CivilDate }): number {
  let worked = 0
  for (let date = from; date <= to; date = addDays(date, 1)) {
    if (weekdayOf(date) > 4) continue
    goTo(city, date, 1_200)
    work(city, contractId, { date })
    worked += 1
  }
  return worked
}

/** The contract of domain.md 15.1 row 6: Monday to Friday four hours, employed all through November 2026; gives its id. */
export function workNovember(city: RoomBench, more: Partial<Terms> = {}): Hash32 {
  const contractId = hire(city, { terms: termsOf({ startOn: 20261026, ...more }) })
  workWeekdays(city, contractId, { from: 20261026, to: 20261130 })
  return contractId
}
