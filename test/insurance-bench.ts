// Owns: the café of Mapo with insurers, for tests of the insurance room. Not here: the café itself (labor-bench.ts).
import { kstMidnight } from '../core/base/civil-time.ts'
import type { CivilDate } from '../core/base/civil-time.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import { confirm } from '../modules/insurance/decide.ts'
import { INSURANCE_PORT } from '../modules/insurance/port.ts'
import { workplaceSet } from '../modules/insurance/premium-post.ts'
import type { Insurance } from '../modules/insurance/premium/duty.ts'
import { report } from '../modules/insurance/report.ts'
import type { Terms } from '../modules/labor/terms-schema.ts'
import { REGISTRY } from '../modules/registry.ts'
import { BOSS, COMWEL, goTo, hire, laborDocument, termsOf, workWeekdays } from './labor-bench.ts'
import { accountOf, createRoomBench, textOf } from './room-bench.ts'
import type { RoomBench } from './room-bench.ts'

/** The pension service and the health insurance service; COMWEL is the labor bench's. */
export const [NPS, NHIS] = ['city1', 'city2'].map(accountOf) as [Address, Address]

/** Which account is in charge of which insurance. */
export const AGENT: { readonly [I in Insurance]: Address } = { PENSION: NPS, HEALTH: NHIS, EMPLOYMENT: COMWEL, ACCIDENT: COMWEL }

/** Opens the city in the morning of a day, 20 October 2026 by default. */
export function openInsuranceCity(day: CivilDate = 20261020): RoomBench {
  const document = laborDocument(kstMidnight(day) + 9 * 3_600_000) as { rooms: { governance: { roles: unknown[] } } }
  document.rooms.governance.roles.push({ role: 'INS_NPS', did: textOf('city1') }, { role: 'INS_NHIS', did: textOf('city2') })
  return createRoomBench(REGISTRY, document)
}

/** A contract in force, told to the insurances. */
export function insure(city: RoomBench, more: Partial<Terms> = {}): Hash32 {
  return hire(city, { terms: termsOf({ startOn: 20261026, ...more }), port: INSURANCE_PORT })
}

/** Ten hours a week: two hours on five days. */
export const TEN_HOURS: Partial<Terms> = {
  schedule: [0, 1, 2, 3, 4].map((): Terms['schedule'][number] => ({ startMin: 540, endMin: 660, breaks: [] })).concat(null, null),
  monthlyScheduledMin: 2_607,
}

/** Reports everything that is mandatory and has it confirmed; classes the workplace. */
export function joinAll(
  city: RoomBench,
  contractId: Hash32,
  insurances: readonly Insurance[] = ['PENSION', 'HEALTH', 'EMPLOYMENT', 'ACCIDENT'],
): void {
  const place = { employer: BOSS, workplaceId: 'MAPO-1', industry: 'RETAIL', size: 'UNDER_150' as const }
  const outcomes = [
    city.run(workplaceSet, { sender: BOSS, payload: place }),
    city.run(report, { sender: BOSS, payload: { contractId, insurances } }),
    ...insurances.map((insurance) =>
      city.run(confirm, { sender: AGENT[insurance], payload: { contractId, insurance, noticeCommit: null } }),
    ),
  ]
  const failed = outcomes.find(({ failure }) => failure !== null)
  if (failed !== undefined) throw new Error(failed.failure?.code)
}

/** November 2026 of twenty hours a week, insured in everything, up to the payday; gives the contract. */
export function insuredNovember(city: RoomBench): Hash32 {
  const contractId = insure(city)
  joinAll(city, contractId)
  workWeekdays(city, contractId, { from: 20261026, to: 20261130 })
  goTo(city, 20261210)
  return contractId
}
