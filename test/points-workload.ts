// Owns: a random life of points: grants, payments, refunds, transfers, clawbacks, taxes, settlements, days, by a seed.
// Not here: who judges it (modules/points/workload.test.ts), the long run of all money (test/soak/money).
import { createDice } from '../bench/city/dice.ts'
import { addDays, DAY_MS, kstDate } from '../core/base/civil-time.ts'
import type { Address, TxId } from '../core/base/ids.ts'
import { ZERO_HASH } from '../core/base/ids.ts'
import { createPay } from '../modules/payment/pay.ts'
import { createRefund } from '../modules/payment/refund.ts'
import { claimSurveyReward } from '../modules/points/claim.ts'
import { clawbackDecide, clawbackExecute, clawbackObject, clawbackOpen } from '../modules/points/clawback-steps.ts'
import { ECO, ETAX, HEALTH } from '../modules/points/fixtures.ts'
import { grantBatch } from '../modules/points/grant-batch.ts'
import { grant } from '../modules/points/grant.ts'
import { payTax } from '../modules/points/pay-tax.ts'
import { POINTS_PORT } from '../modules/points/port.ts'
import type { ProgrammeSpec } from '../modules/points/schema.ts'
import { dueOf, settle } from '../modules/points/settle.ts'
import { eventIdOf } from '../modules/points/tags.ts'
import { transfer } from '../modules/points/transfer.ts'
import { CAFE, grantOf, openPointsCity } from './points-bench.ts'
import { accountOf } from './room-bench.ts'
import type { Outcome, RoomBench } from './room-bench.ts'

const pay = createPay(POINTS_PORT)
const refund = createRefund(POINTS_PORT)
// Points that live for two months, so that a short life sees them expire.
const BRIEF: ProgrammeSpec = { ...ETAX, programmeId: 'BRIEF', expiryMonths: 1, capYear: 5_000n, transfer: 'ANY' }
const SPECS = [ETAX, ECO, HEALTH, BRIEF, BRIEF] as const
const OWNERS = ['alice', 'bob', 'carol'].map(accountOf)
const [OFFICE, HALL, SHOP, AUDITOR] = ['office', 'cityhall', 'shop', 'city3'].map(accountOf) as [
  Address,
  Address,
  Address,
  Address,
]

/** A city that lives by dice. */
export type PointsLife = { readonly city: RoomBench; readonly step: () => { kind: string; outcome: Outcome | null } }

type Memory = { readonly events: { programmeId: string; event: string }[]; readonly pays: TxId[]; readonly cases: TxId[] }

/** Opens a city; each step is one transaction, or days that pass. */
export function createPointsLife(seed: number): PointsLife {
  const dice = createDice(seed)
  const city = openPointsCity({ more: [BRIEF], funding: 2_000_000n })
  const memory: Memory = { events: [], pays: [], cases: [] }
  const pick = <T>(items: readonly T[]): T => items[dice(items.length)] as T
  const owner = (): Address => pick(OWNERS)
  const amount = (): bigint => BigInt(1 + dice(dice(2) === 0 ? 300 : 20_000))
  const acts = buildActs({ city, memory, dice, pick, owner, amount })
  const kinds = Object.keys(acts)
  return {
    city,
    step: () => {
      const kind = pick(kinds)
      return { kind, outcome: acts[kind]?.() ?? null }
    },
  }
}

type Tools = {
  readonly city: RoomBench
  readonly memory: Memory
  readonly dice: (below: number) => number
  readonly pick: <T>(items: readonly T[]) => T
  readonly owner: () => Address
  readonly amount: () => bigint
}

function buildActs(tools: Tools): Readonly<Record<string, () => Outcome | null>> {
  const { city, memory, dice, pick, owner, amount } = tools
  const grantTo = () => makeGrant(tools)
  const payAny = () => {
    const total = amount()
    const pointsPart = dice(3) === 0 ? total : total / BigInt(1 + dice(4))
    const payload = { merchantId: CAFE, total, pointsPart, orderRef: null, qr: null }
    const outcome = city.run(pay, { sender: owner(), payload })
    if (outcome.failure === null) memory.pays.push(outcome.txId)
    return outcome
  }
  const refundAny = () => {
    if (memory.pays.length === 0) return null
    return city.run(refund, {
      sender: SHOP,
      payload: { payId: pick(memory.pays), amount: amount(), refundRef: `R${dice(1_000_000)}` },
    })
  }
  return {
    ...{ grant1: grantTo, grant2: grantTo, grant3: grantTo, pay1: payAny, pay2: payAny, pay3: payAny },
    ...{ refund1: refundAny, refund2: refundAny },
    batch: () => {
      const grants = Array.from({ length: 1 + dice(6) }, () => {
        const { programmeId: _, ...item } = itemOf(tools, ETAX)
        return item
      })
      return city.run(grantBatch, { sender: OFFICE, payload: { programmeId: 'ETAX', grants } })
    },
    transfer: () =>
      city.run(transfer, {
        sender: owner(),
        payload: { to: owner(), programmeId: pick(['ETAX', 'BRIEF', 'HEALTH']), points: amount() },
      }),
    payTax: () => city.run(payTax, { sender: owner(), payload: { taxRefCommit: ZERO_HASH, points: amount() } }),
    claim: () => {
      const tokenInput = new Uint8Array(32).fill(dice(256))
      const payload = { programmeId: 'SURVEY', to: owner(), tokenInput, tier: 0, points: 1_000n, evidenceCommit: ZERO_HASH }
      return city.run(claimSurveyReward, { sender: OFFICE, payload })
    },
    settle: () => {
      const period = addDays(kstDate(city.block().time), -dice(4))
      const { programmeId } = pick(SPECS)
      const { points } = dueOf(city.view, { programmeId, merchantId: CAFE, day: period })
      return city.run(settle, { sender: HALL, payload: { programmeId, merchantId: CAFE, period, total: points } })
    },
    ...buildCases(tools),
    wait: () => {
      city.advance(dice(3) === 0 ? DAY_MS * (1 + dice(20)) : 1_000 + dice(DAY_MS))
      return null
    },
  }
}

function itemOf({ city, dice, owner }: Tools, spec: ProgrammeSpec) {
  const event = `e${dice(4_000)}`
  const eventDate = addDays(kstDate(city.block().time), -dice(5))
  return grantOf(city, spec, { to: owner(), person: `p${dice(6)}`, event, tier: dice(spec.table.length), eventDate })
}

function makeGrant(tools: Tools): Outcome {
  const { city, memory, dice, pick } = tools
  const spec = pick(SPECS)
  const event = `e${dice(4_000)}`
  const payload = { ...itemOf(tools, spec), eventId: eventIdOf(spec.programmeId, event) }
  const outcome = city.run(grant, { sender: OFFICE, payload })
  if (outcome.failure === null) memory.events.push({ programmeId: spec.programmeId, event })
  return outcome
}

function buildCases({ city, memory, dice, pick, owner, amount }: Tools): Readonly<Record<string, () => Outcome | null>> {
  const withCase = (act: (caseId: TxId) => Outcome): Outcome | null =>
    memory.cases.length === 0 ? null : act(pick(memory.cases))
  return {
    open: () => {
      if (memory.events.length === 0) return null
      const { programmeId, event } = pick(memory.events)
      const named = { programmeId, eventId: eventIdOf(programmeId, event), reasonCode: 'X', caseCommit: ZERO_HASH }
      const outcome = city.run(clawbackOpen, { sender: OFFICE, payload: { ...named, points: amount() % 700n } })
      if (outcome.failure === null) memory.cases.push(outcome.txId)
      return outcome
    },
    object: () =>
      withCase((caseId) => city.run(clawbackObject, { sender: owner(), payload: { caseId, objectionCommit: ZERO_HASH } })),
    decide: () =>
      withCase((caseId) =>
        city.run(clawbackDecide, { sender: AUDITOR, payload: { caseId, points: BigInt(dice(400)), reasonCode: 'X' } }),
      ),
    execute: () => withCase((caseId) => city.run(clawbackExecute, { sender: owner(), payload: { caseId } })),
  }
}
