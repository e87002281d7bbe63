// The council's figures stand in for the statute's from their day on (domain.md 14), and no figure of law is in force twice.
import { expect, it } from 'vitest'
import { openLaborCity, workNovember } from '../../test/labor-bench.ts'
import { accountOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { approve } from '../governance/approve.ts'
import { propose } from '../governance/propose.ts'
import { readLaw } from './law-params.ts'
import { STATUTE } from './wage/law-table.ts'
import { minWageOn, valueOn } from './wage/law.ts'
import { computeMonth } from './payslip.ts'

function decide(city: RoomBench, key: string, effectiveFrom: number, value: bigint): string | null {
  const action = { kind: 'paramSet', key, effectiveFrom, value: { kind: 'number', value }, sourceRef: 'notice' } as const
  const laid = city.run(propose, { sender: accountOf('city1'), payload: { action } })
  if (laid.failure !== null) return laid.failure.code
  return city.run(approve, { sender: accountOf('city2'), payload: { proposalId: laid.txId } }).failure?.code ?? null
}

it('a minimum wage, a surcharge and a divisor of the council take effect on their day; the years before keep theirs', () => {
  const city = openLaborCity(20261125)
  expect(decide(city, 'labor.minWage', 20280101, 11_111n)).toBe(null)
  expect(decide(city, 'labor.premiumPpm', 20270301, 600_000n)).toBe(null)
  expect(decide(city, 'labor.regularWorkdays4w', 20270301, 24n)).toBe(null)
  expect(decide(city, 'labor.arrearsPpm', 20270301, 150_000n)).toBe(null)
  const law = readLaw(city.view)
  expect([20261231, 20270101, 20271231, 20280101].map((date) => minWageOn(law, date))).toEqual([
    10_320n,
    10_700n,
    10_700n,
    11_111n,
  ])
  expect([20270228, 20270301].map((date) => valueOn(law.premiumPpm, date))).toEqual([500_000, 600_000])
  expect([20270228, 20270301].map((date) => valueOn(law.regularWorkdays4w, date))).toEqual([20, 24])
  expect([20270228, 20270301].map((date) => valueOn(law.arrearsPpm, date))).toEqual([200_000, 150_000])
  expect([decide(city, 'labor.minWage', 20280101, 0n), decide(city, 'labor.regularWorkdays4w', 20280101, 0n)]).not.toContain(null)
})

it('a public holiday can be declared and taken back, and pays where five people work', () => {
  const city = openLaborCity(20261023)
  expect(decide(city, 'labor.publicHoliday.20261120', 20261120, 1n)).toBe(null)
  expect(decide(city, 'labor.publicHoliday.20261225', 20261225, 0n)).toBe(null)
  const law = readLaw(city.view)
  expect([20261119, 20261120, 20261225].map((date) => law.publicHolidays.has(date))).toEqual([false, true, false])
  expect(STATUTE.publicHolidays.has(20261225)).toBe(true)
  const contractId = workNovember(city)
  const { lines } = computeMonth(city.view, { contractId, ym: 202611 })
  expect(lines.map(({ code, won }) => `${code} ${won}`)).toEqual([
    ...['BASE 866880', 'HOLIDAY 20640', 'PAID_HOLIDAY 41280'],
    ...Array.from({ length: 5 }, () => 'WEEKLY_HOLIDAY 41280'),
  ])
})
