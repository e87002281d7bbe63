// Owns: a random life of labor: offers, hours, disputes, payslips, wages, cases, days, by a seed. Not here: who judges it
// (modules/labor/workload.test.ts).
import { createDice } from '../bench/city/dice.ts'
import { addDays, HOUR_MS, kstDate, monthOf } from '../core/base/civil-time.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import { createAccept } from '../modules/labor/accept.ts'
import { amendPropose, createAmendAccept } from '../modules/labor/amend.ts'
import { claimFile, claimWithdraw } from '../modules/labor/claim-file.ts'
import { claimSubrogate } from '../modules/labor/claim-fund.ts'
import { CLAIM_STEPS, claimClose, claimOrder } from '../modules/labor/claim-steps.ts'
import { escrowFund, escrowRelease } from '../modules/labor/escrow.ts'
import { guardianConsent } from '../modules/labor/guardian-consent.ts'
import { NO_INSURANCE } from '../modules/labor/insurance-port.ts'
import { notice } from '../modules/labor/notice.ts'
import { attestCash, wagePay } from '../modules/labor/pay.ts'
import { createPayslipIssue } from '../modules/labor/payslip-issue.ts'
import { computeMonth } from '../modules/labor/payslip.ts'
import { createVoid, settle } from '../modules/labor/settle.ts'
import { shiftClose, shiftOpen } from '../modules/labor/shift-clock.ts'
import { createShiftCorrect, createShiftResolve, shiftDispute } from '../modules/labor/shift-dispute.ts'
import { createShiftConfirm } from '../modules/labor/shift-propose.ts'
import { contracts, days, dues } from '../modules/labor/store.ts'
import type { Terms, Times } from '../modules/labor/terms-schema.ts'
import {
  ALICE,
  BOB,
  BOSS,
  COMWEL,
  DAVE,
  INSPECTOR,
  MINOR,
  at,
  hashOf,
  makeOffer,
  openLaborCity,
  propose,
  termsOf,
} from './labor-bench.ts'
import type { Outcome, RoomBench } from './room-bench.ts'

const TEXT = hashOf('text')
const SECOND = hashOf('second text')
const WORKERS = [ALICE, BOB] as const

/** A city that lives by dice. */
export type LaborLife = { readonly city: RoomBench; readonly step: () => { kind: string; outcome: Outcome | null } }

type Tools = {
  readonly city: RoomBench
  readonly dice: (below: number) => number
  readonly pick: <T>(items: readonly T[]) => T
  readonly ids: Hash32[]
  readonly cases: Hash32[]
  readonly contract: () => Hash32 | null
}

/** Opens a city; each step is one transaction, or time that passes. */
export function createLaborLife(seed: number): LaborLife {
  const dice = createDice(seed)
  const city = openLaborCity(20261125)
  const pick = <T>(items: readonly T[]): T => items[dice(items.length)] as T
  const ids: Hash32[] = []
  const contract = (): Hash32 | null => (ids.length === 0 ? null : pick(ids.slice(-2)))
  const tools: Tools = { city, dice, pick, ids, cases: [], contract }
  const acts = { ...contractActs(tools), ...shiftActs(tools), ...payActs(tools), ...caseActs(tools) }
  const kinds = Object.keys(acts)
  return {
    city,
    step: () => {
      const kind = pick(kinds)
      return { kind, outcome: acts[kind]?.() ?? null }
    },
  }
}

type Acts = Readonly<Record<string, () => Outcome | null>>

function randomTerms({ dice, pick, city }: Tools): Terms {
  const today = kstDate(city.block().time)
  const startOn = addDays(today, dice(12) - 6)
  const long = at(9, 18, [180, 60])
  const times = pick([at(9, 13, [120, 30]), at(18, 22, [60, 30]), at(22, 26, [60, 30]), long])
  const count = 2 + dice(4)
  const schedule = Array.from({ length: 7 }, (_, dow) => (dow < count ? times : null))
  const isMonthly = dice(4) === 0
  return termsOf({
    ...{ startOn, endOn: dice(5) === 0 ? addDays(startOn, 20 + dice(60)) : null, schedule },
    ...{ headcount: pick(['LT5', 'GE5'] as const), payDay: pick([1, 10, 25, 31]), payMonthOffset: 1 },
    ...{ ordinaryHourly: pick([10_320n, 11_000n, 12_345n]), premiumPpm: pick([500_000, 700_000]) },
    ...(isMonthly ? { wageKind: 'MONTHLY' as const, fixedPay: 2_400_000n } : {}),
  })
}

function contractActs(tools: Tools): Acts {
  const { city, dice, pick, ids, contract } = tools
  const hireOne = (): Outcome | null => {
    if (ids.length > 0 && dice(4) > 0) return null

    const worker = pick(WORKERS)
    const isMinor = dice(6) === 0
    const terms = { ...randomTerms(tools), ...(isMinor ? { ageBand: 'UNDER_18' as const } : {}) }
    const offered = makeOffer(city, { worker, terms, minor: isMinor ? MINOR : null })
    if (offered.failure !== null) return offered
    if (isMinor)
      city.run(guardianConsent, { sender: DAVE, payload: { contractId: offered.txId, consentCommit: hashOf('consent') } })
    if (dice(8) === 0) return offered
    const payload = { contractId: offered.txId, docHash: TEXT, isAdult: !isMinor }
    const accepted = city.run(createAccept(NO_INSURANCE), { sender: worker, payload })
    if (accepted.failure === null) ids.push(offered.txId)
    return accepted
  }
  const change = (): Outcome | null => {
    const contractId = contract()
    if (contractId === null) return null
    const { startOn, worker, minor, endOn } = contracts.mustGet(city.view, contractId)
    const terms = {
      ...randomTerms(tools),
      startOn,
      endOn,
      ageBand: minor === null ? ('FROM_18' as const) : ('UNDER_18' as const),
    }
    const effectiveFrom = addDays(kstDate(city.block().time), dice(30) - 10)
    const proposed = city.run(amendPropose, { sender: BOSS, payload: { contractId, effectiveFrom, docHash: SECOND, terms } })
    if (proposed.failure !== null) return proposed
    return city.run(createAmendAccept(NO_INSURANCE), { sender: worker, payload: { contractId, docHash: SECOND } })
  }
  const end = (): Outcome | null => {
    const contractId = contract()
    if (contractId === null || dice(6) > 0) return null
    const endOn = addDays(kstDate(city.block().time), dice(20))
    return city.run(notice, { sender: pick([BOSS, ALICE, BOB]), payload: { contractId, endOn, reasonCommit: null } })
  }
  const close = (): Outcome | null => {
    const contractId = contract()
    if (contractId === null) return null
    if (dice(20) === 0) {
      const payload = { contractId, courtRefCommit: hashOf('court') }
      return city.run(createVoid(NO_INSURANCE), { sender: INSPECTOR, payload })
    }
    return city.run(settle, { sender: pick([BOSS, ALICE, BOB]), payload: { contractId } })
  }
  return {
    ...{ hire: hireOne, change, end, close },
    wait1: () => pass(city, HOUR_MS * (1 + dice(30))),
    wait2: () => pass(city, HOUR_MS * 24 * (dice(5) === 0 ? 10 + dice(30) : 1)),
  }
}

function pass(city: RoomBench, ms: number): null {
  city.advance(ms)
  return null
}

function randomTimes({ dice }: Tools): Times {
  const from = dice(22)
  const hours = 1 + dice(11)
  return dice(2) === 0 ? at(from, from + hours) : at(from, from + hours, [10, 20 + dice(20)])
}

function shiftActs(tools: Tools): Acts {
  const { city, dice, pick, contract } = tools
  const side = (contractId: Hash32): Address => pick([BOSS, contracts.mustGet(city.view, contractId).worker])
  const withContract = (act: (contractId: Hash32) => Outcome | null) => (): Outcome | null => {
    const contractId = contract()
    return contractId === null ? null : act(contractId)
  }
  const record = withContract((contractId) => {
    const date = addDays(kstDate(city.block().time), -dice(12))
    const kind = pick(['WORK', 'WORK', 'WORK', 'LEAVE_PAID', 'CLOSURE', 'LEAVE_UNPAID'] as const)
    return propose(city, contractId, { date, times: randomTimes(tools), kind, by: side(contractId) })
  })
  // Some day of the last two weeks that has records, and one of them.
  const found = (contractId: Hash32): { date: number; seq: number } | null => {
    for (let back = dice(4); back < 14; back++) {
      const date = addDays(kstDate(city.block().time), -back)
      const count = days.get(city.view, { contractId, date })?.shifts.length ?? 0
      if (count > 0) return { date, seq: dice(count) }
    }
    return null
  }
  const answer = (act: (ref: { contractId: Hash32; date: number; seq: number }) => Outcome) =>
    withContract((contractId) => {
      const ref = found(contractId)
      return ref === null ? null : act({ contractId, ...ref })
    })
  const statement = () => ({ kind: 'WORK' as const, times: dice(5) === 0 ? null : randomTimes(tools) })
  const confirm = answer((ref) => city.run(createShiftConfirm(NO_INSURANCE), { sender: side(ref.contractId), payload: ref }))
  return {
    ...{ record1: record, record2: record, record3: record, confirm1: confirm, confirm2: confirm },
    dispute: answer((ref) =>
      city.run(shiftDispute, { sender: side(ref.contractId), payload: { ...ref, statement: statement() } }),
    ),
    resolve: answer((ref) => {
      const sender = pick([INSPECTOR, side(ref.contractId)])
      return city.run(createShiftResolve(NO_INSURANCE), { sender, payload: { ...ref, statement: statement() } })
    }),
    correct: answer((ref) => {
      const { worker } = contracts.mustGet(city.view, ref.contractId)
      const tx = createShiftCorrect(NO_INSURANCE)
      const payload = { ...ref, statement: statement() }
      const asked = city.run(tx, { sender: BOSS, payload })
      return asked.failure === null ? city.run(tx, { sender: worker, payload }) : asked
    }),
    open: withContract((contractId) =>
      city.run(shiftOpen, { sender: side(contractId), payload: { contractId, placeCommit: null } }),
    ),
    shut: withContract((contractId) => city.run(shiftClose, { sender: side(contractId), payload: { contractId, breaks: [] } })),
  }
}

function payActs(tools: Tools): Acts {
  const { city, dice, pick, contract } = tools
  const month = (): number => monthOf(addDays(kstDate(city.block().time), -25 - dice(20)))
  const withMonth = (act: (key: { contractId: Hash32; ym: number }) => Outcome | null) => (): Outcome | null => {
    const contractId = contract()
    return contractId === null ? null : act({ contractId, ym: month() })
  }
  const amountOf = (key: { contractId: Hash32; ym: number }): bigint => {
    const due = dues.get(city.view, key)
    const owed = due === null ? 1_000n : due.computed + due.extra - due.paid - due.cash - due.subrogated - due.withheld
    return owed <= 0n ? 1n + BigInt(dice(5_000)) : pick([owed, owed / 2n + 1n, owed + (due?.interestDue ?? 0n)])
  }
  const pay = withMonth((key) => {
    const { worker } = contracts.mustGet(city.view, key.contractId)
    const source = pick(['WALLET', 'WALLET', 'ESCROW'] as const)
    return city.run(wagePay, {
      sender: BOSS,
      payload: { ...key, payee: worker, currency: 'KRW', amount: amountOf(key), source },
    })
  })
  return {
    ...{ pay1: pay, pay2: pay },
    slip: withMonth((key) => {
      const extras = dice(2) === 0 ? [] : [{ code: 'BONUS', krw: 10_000n }]
      const gross = computeMonth(city.view, key).gross + (extras[0]?.krw ?? 0n)
      const tax = gross / 100n
      const deductions = tax > 0n && dice(2) === 0 ? [{ code: 'INCOME_TAX', krw: tax }] : []
      return city.run(createPayslipIssue(NO_INSURANCE), { sender: BOSS, payload: { ...key, gross, extras, deductions } })
    }),
    cash: withMonth((key) => {
      const { worker } = contracts.mustGet(city.view, key.contractId)
      const payload = { ...key, amount: amountOf(key), paidOn: addDays(kstDate(city.block().time), -dice(3)) }
      const said = city.run(attestCash, { sender: BOSS, payload })
      return said.failure === null ? city.run(attestCash, { sender: worker, payload }) : said
    }),
    fund: withMonth(({ contractId }) => city.run(escrowFund, { sender: BOSS, payload: { contractId, amount: 500_000n } })),
    release: withMonth(({ contractId }) => city.run(escrowRelease, { sender: BOSS, payload: { contractId } })),
  }
}

function caseActs(tools: Tools): Acts {
  const { city, dice, pick, cases, contract } = tools
  const withCase = (act: (caseId: Hash32) => Outcome) => (): Outcome | null =>
    cases.length === 0 ? null : act(pick(cases.slice(-1)))
  const step = withCase((caseId) => {
    const payload = { caseId, caseCommit: hashOf('case') }
    if (dice(4) === 0) {
      const dueOn = addDays(kstDate(city.block().time), dice(10))
      return city.run(claimOrder, { sender: INSPECTOR, payload: { ...payload, amount: 1_000n, dueOn } })
    }
    const tx = pick([...CLAIM_STEPS.filter(({ name }) => name !== 'labor.claim.order'), claimClose])
    return city.run(tx as typeof claimClose, { sender: INSPECTOR, payload })
  })
  return {
    file: () => {
      const contractId = contract()
      if (contractId === null) return null
      const { worker } = contracts.mustGet(city.view, contractId)
      const months = [monthOf(addDays(kstDate(city.block().time), -25 - dice(20)))]
      const outcome = city.run(claimFile, { sender: worker, payload: { contractId, months, evidenceCommit: hashOf('e') } })
      if (outcome.failure === null) cases.push(outcome.txId)
      return outcome
    },
    ...{ step1: step, step2: step },
    unfile: withCase((caseId) => city.run(claimWithdraw, { sender: pick(WORKERS), payload: { caseId } })),
    subrogate: withCase((caseId) => {
      const ym = monthOf(addDays(kstDate(city.block().time), -25 - dice(40)))
      return city.run(claimSubrogate, { sender: COMWEL, payload: { caseId, months: [{ ym, krw: 1n + BigInt(dice(50_000)) }] } })
    }),
  }
}
