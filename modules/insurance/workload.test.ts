// Owns: random lives of contracts with insurances: whatever happens in whatever order, the invariants of every room hold.
// Not here: examples (insurance.test.ts).
import { describe, expect, it } from 'vitest'
import { DAY_MS, kstDate } from '../../core/base/civil-time.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { AGENT, insure, openInsuranceCity, TEN_HOURS } from '../../test/insurance-bench.ts'
import { ALICE, BOB, BOSS, COMWEL, hashOf } from '../../test/labor-bench.ts'
import { createRandom } from '../../test/helpers/random.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { notice } from '../labor/notice.ts'
import { confirm, decide, reject } from './decide.ts'
import { INSURANCES } from './premium/duty.ts'
import { premiumNotice, premiumPost, workplaceSet } from './premium-post.ts'
import { claimCoverage, lose, report } from './report.ts'

const STEPS = 400

function step(city: RoomBench, contracts: readonly Hash32[], pick: (below: number) => number): Outcome | null {
  const contractId = contracts[pick(contracts.length)] as Hash32
  const insurance = INSURANCES[pick(INSURANCES.length)] ?? 'PENSION'
  const agent = pick(8) === 0 ? COMWEL : AGENT[insurance]
  const today = kstDate(city.block().time)
  const ym = Math.floor(today / 100)
  const lines = [{ code: insurance, worker: BigInt(pick(9_999)), employer: 10n }]
  const acts: readonly (() => Outcome | null)[] = [
    () => city.run(report, { sender: BOSS, payload: { contractId, insurances: [insurance] } }),
    () => city.run(claimCoverage, { sender: pick(3) === 0 ? BOB : ALICE, payload: { contractId, insurance } }),
    () => city.run(confirm, { sender: agent, payload: { contractId, insurance, noticeCommit: null } }),
    () => city.run(reject, { sender: agent, payload: { contractId, insurance, reasonCode: 'PAPERS', noticeCommit: null } }),
    () => {
      const word = { required: pick(2) === 0, from: today, reasonCode: 'WORD', noticeCommit: hashOf('word') }
      return city.run(decide, { sender: agent, payload: { contractId, insurance, ...word } })
    },
    () => city.run(lose, { sender: BOSS, payload: { contractId, insurances: [insurance] } }),
    () => city.run(premiumPost, { sender: ALICE, payload: { contractId, ym: pick(2) === 0 ? ym : ym - 1 } }),
    () => city.run(premiumNotice, { sender: agent, payload: { contractId, ym, lines, noticeCommit: hashOf('notice') } }),
    () => {
      const place = { employer: BOSS, workplaceId: 'MAPO-1', industry: 'FINANCE', size: 'PRIORITY' as const }
      return city.run(workplaceSet, { sender: pick(2) === 0 ? BOSS : COMWEL, payload: place })
    },
    () =>
      pick(20) === 0 ? city.run(notice, { sender: ALICE, payload: { contractId, endOn: today, reasonCommit: null } }) : null,
  ]
  return acts[pick(acts.length)]?.() ?? null
}

describe('random lives with insurances', () => {
  it.each([1, 2, 3])('keep every invariant (seed %i)', (seed) => {
    const pick = createRandom(seed).below
    const city = openInsuranceCity()
    const contracts = [
      insure(city),
      insure(city, TEN_HOURS),
      insure(city, { ageBand: 'FROM_65', endOn: 20270215, termGe1Y: false }),
    ]
    const seen = new Map<string, number>()
    for (let at = 0; at < STEPS; at++) {
      const outcome = step(city, contracts, pick)
      if (outcome !== null) seen.set(outcome.failure?.code ?? 'ok', (seen.get(outcome.failure?.code ?? 'ok') ?? 0) + 1)
      if (at % 4 === 0) city.advance(DAY_MS)
      if (at % 40 === 0) expect(city.broken()).toEqual([])
    }
    expect(city.broken()).toEqual([])
    expect(seen.get('ok') ?? 0).toBeGreaterThan(40)
    expect(seen.get('INSURANCE_STATE') ?? 0).toBeGreaterThan(20)
  })
})
