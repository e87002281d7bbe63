import { describe, expect, it } from 'vitest'
import { isFailure } from '../../../core/base/errors.ts'
import type { Failure } from '../../../core/base/errors.ts'
import { FULL_COVER, computePremium, floor10 } from './premium.ts'
import type { Cover, Premium, PremiumCode, PremiumInput } from './premium.ts'
import { STATUTE } from './rates.ts'

const CAFE = { industry: 'RETAIL', size: 'UNDER_150', source: STATUTE, undecided: 'refuse' } as const
const NOTHING: Cover = { pension: false, health: false, employment: false, unemployment: false, accident: false }

function answer(pay: bigint, month: number, more: Partial<PremiumInput> = {}): Premium | Failure {
  return computePremium({ ...CAFE, pay, month, cover: FULL_COVER, ...more })
}

function premium(pay: bigint, month: number, more: Partial<PremiumInput> = {}): Premium {
  const found = answer(pay, month, more)
  if (isFailure(found)) throw new Error(`${found.code} ${JSON.stringify(found.detail)}`)
  return found
}

const codeOf = (found: Premium | Failure): unknown => (isFailure(found) ? [found.code, found.detail?.['key']] : 'ok')
const side = (found: Premium, who: 'worker' | 'employer', code: PremiumCode): bigint =>
  found.lines.find((line) => line.code === code)?.[who] ?? 0n
const worker = (found: Premium): readonly bigint[] =>
  (['PENSION', 'HEALTH', 'CARE', 'EMPLOYMENT'] as const).map((code) => side(found, 'worker', code))

describe('premiums of domain.md 15.3', () => {
  it('takes 209,530 from 2,156,880 of October 2026, and 233,460 from the employer', () => {
    const found = premium(2_156_880n, 202610)
    expect(worker(found)).toEqual([102_410n, 77_530n, 10_180n, 19_410n])
    expect(found.workerTotal).toBe(209_530n)
    expect(side(found, 'employer', 'EMPLOYMENT') + side(found, 'employer', 'STABILISATION')).toBe(24_800n)
    expect(side(found, 'employer', 'ACCIDENT')).toBe(18_540n)
    expect(found.employerTotal).toBe(233_460n)
    expect(found.levy).toBe(1_290n)
  })

  it('takes 104,250 from 1,073,280 of November 2026, and 116,160 from the employer', () => {
    const found = premium(1_073_280n, 202611)
    expect(worker(found)).toEqual([50_960n, 38_580n, 5_060n, 9_650n])
    expect(found.workerTotal).toBe(104_250n)
    expect(side(found, 'employer', 'EMPLOYMENT') + side(found, 'employer', 'STABILISATION')).toBe(12_330n)
    expect(side(found, 'employer', 'ACCIDENT')).toBe(9_230n)
    expect(found.employerTotal).toBe(116_160n)
  })

  it('takes employment insurance alone, 3,990, from ten hours a week that last three months', () => {
    const found = premium(443_760n, 202610, { cover: { ...NOTHING, employment: true, unemployment: true, accident: true } })
    expect(worker(found)).toEqual([0n, 0n, 0n, 3_990n])
    expect(found.workerTotal).toBe(3_990n)
    expect(side(found, 'employer', 'EMPLOYMENT')).toBe(3_990n)
    expect(side(found, 'employer', 'STABILISATION')).toBe(1_100n)
    expect(side(found, 'employer', 'ACCIDENT')).toBe(3_810n)
    expect(found.employerTotal).toBe(8_900n)
  })

  it('changes the care premium of 413,000 from 1,950 to 1,940 in November 2026', () => {
    const [october, november] = [premium(413_000n, 202610), premium(413_000n, 202611)]
    expect([side(october, 'worker', 'HEALTH'), side(november, 'worker', 'HEALTH')]).toEqual([14_840n, 14_840n])
    expect([side(october, 'worker', 'CARE'), side(november, 'worker', 'CARE')]).toEqual([1_950n, 1_940n])
  })

  it('takes 27,000 of 3,000,000, where a double would lose ten won', () => {
    expect(side(premium(3_000_000n, 202610), 'worker', 'EMPLOYMENT')).toBe(27_000n)
    expect(Math.floor((3_000_000 * 0.009) / 10) * 10).toBe(26_990)
  })
})

describe('rates by month', () => {
  it.each([
    [201806, 4_500_000n, 4_490_000n],
    [201807, 4_700_000n, 4_680_000n],
    [202506, 9_000_000n, 6_170_000n],
    [202507, 9_000_000n, 6_370_000n],
    [202606, 9_000_000n, 6_370_000n],
    [202607, 9_000_000n, 6_590_000n],
    [202607, 1_000n, 410_000n],
    [202607, 2_156_880n, 2_156_000n],
  ])('bounds the pension base of %i for %i at %i', (month, pay, base) => {
    const found = premium(pay, month, { cover: { ...NOTHING, pension: true } })
    expect(found.lines.map((line) => line.base)).toEqual([base])
  })

  it.each([
    [201801, 90_000n],
    [202512, 90_000n],
    [202601, 95_000n],
    [202612, 95_000n],
    [202701, 100_000n],
  ])('takes the pension rate of %i', (month, rate) => {
    expect(premium(1_000_000n, month, { cover: { ...NOTHING, pension: true } }).lines[0]?.numer).toBe(rate)
  })

  // Health rate halves, care and employment of one million won, as the table of domain.md 9 gives them.
  it.each([
    [201801, 31_200n, 2_300n, 6_500n],
    [201910, 32_300n, 2_740n, 8_000n],
    [202001, 33_350n, 3_410n, 8_000n],
    [202101, 34_300n, 3_950n, 8_000n],
    [202206, 34_950n, 4_280n, 8_000n],
    [202207, 34_950n, 4_280n, 9_000n],
    [202301, 35_450n, 4_540n, 9_000n],
    [202401, 35_450n, 4_590n, 9_000n],
    [202601, 35_950n, 4_720n, 9_000n],
  ])('computes one million won of %i', (month, health, care, employment) => {
    const found = premium(1_000_000n, month, { cover: { ...FULL_COVER, accident: false } })
    expect(worker(found).slice(1)).toEqual([health, care, employment])
  })

  it('keeps a health premium of 2026 between 10,080 and 4,591,740 a side', () => {
    const cover = { ...NOTHING, health: true }
    expect(side(premium(100_000n, 202611, { cover }), 'worker', 'HEALTH')).toBe(10_080n)
    expect(side(premium(200_000_000n, 202611, { cover }), 'employer', 'HEALTH')).toBe(4_591_740n)
  })

  it.each([
    ['UNDER_150', 2_500n],
    ['PRIORITY', 4_500n],
    ['UNDER_1000', 6_500n],
    ['FROM_1000', 8_500n],
  ] as const)('takes the stabilisation rate of %s', (size, won) => {
    expect(side(premium(1_000_000n, 202611, { size }), 'employer', 'STABILISATION')).toBe(won)
  })

  it.each([
    ['RETAIL', 8_600n],
    ['PROFESSIONAL', 6_600n],
    ['FINANCE', 5_600n],
    ['FOOD_MAKING', 16_600n],
    ['TRANSPORT', 18_600n],
    ['CONSTRUCTION', 35_600n],
  ])('takes the accident rate of %s with the way to work', (industry, won) => {
    expect(side(premium(1_000_000n, 202611, { industry }), 'employer', 'ACCIDENT')).toBe(won)
  })

  it('takes no unemployment part of who was hired at 65, and stabilisation from the employer alone', () => {
    const found = premium(1_000_000n, 202611, { cover: { ...NOTHING, employment: true } })
    expect([found.workerTotal, found.employerTotal]).toEqual([0n, 2_500n])
  })
})

describe('what premiums refuse', () => {
  it.each([
    ['insurance.nhis.lo', { ...NOTHING, health: true }, 202701],
    ['insurance.ei.ratePpm', { ...NOTHING, employment: true }, 202701],
    ['insurance.iaci.ppm.RETAIL', { ...NOTHING, accident: true }, 202701],
    ['insurance.iaci.ppm.RETAIL', { ...NOTHING, accident: true }, 202412],
    ['insurance.nps.lo', { ...NOTHING, pension: true }, 202707],
    ['insurance.nps.ratePpm', { ...NOTHING, pension: true }, 201712],
  ])('says INSURANCE_RATE_UNDECIDED and names %s', (key, cover, month) => {
    expect(codeOf(answer(1_000_000n, month, { cover }))).toEqual(['INSURANCE_RATE_UNDECIDED', key])
  })

  it('knows the pension of June 2027 and takes the latest of everything where that is asked for', () => {
    expect(codeOf(answer(1_000_000n, 202706, { cover: { ...NOTHING, pension: true } }))).toBe('ok')
    const found = premium(1_073_280n, 202801, { undecided: 'latest' })
    expect(worker(found)).toEqual([56_330n, 38_580n, 5_060n, 9_650n])
  })

  it('has no latest rate before the table begins, nor of an industry that nobody named', () => {
    const accident = { cover: { ...NOTHING, accident: true }, undecided: 'latest' } as const
    expect(codeOf(answer(1n, 202412, accident))).toEqual(['INSURANCE_RATE_UNDECIDED', 'insurance.iaci.ppm.RETAIL'])
    const diving = answer(1n, 202611, { ...accident, industry: 'DIVING' })
    expect(codeOf(diving)).toEqual(['INSURANCE_RATE_UNDECIDED', 'insurance.iaci.ppm.DIVING'])
  })

  it.each([202613, 0, 199912])('says INSURANCE_MONTH_INVALID to %i', (month) => {
    expect(codeOf(answer(1n, month))).toEqual(['INSURANCE_MONTH_INVALID', undefined])
  })

  it('says INSURANCE_PAY_TOO_LARGE above 10^12 won', () => {
    expect(codeOf(answer(10n ** 12n + 1n, 202611))).toEqual(['INSURANCE_PAY_TOO_LARGE', undefined])
    expect(codeOf(answer(10n ** 12n, 202611))).toBe('ok')
  })
})

describe('every premium', () => {
  it('is whole tens, grows with pay, and is never above its exact share', () => {
    let seed = 7n
    const random = (below: bigint): bigint => {
      seed = (seed * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n
      return (seed >> 16n) % below
    }
    for (let count = 0; count < 2_000; count++) {
      const month = [202501, 202507, 202601, 202607, 202610, 202611][Number(random(6n))] as number
      const pay = random(7_000_000n)
      const found = premium(pay, month)
      const more = premium(pay + random(100_000n), month)
      for (const [at, { worker: paid, employer, base, numer, denom, code }] of found.lines.entries()) {
        expect([paid % 10n, employer % 10n]).toEqual([0n, 0n])
        const bounded = code === 'HEALTH' && employer === 10_080n
        if (!bounded && code !== 'CARE') expect(employer * denom <= base * numer || employer === 9_890n).toBe(true)
        expect((more.lines[at]?.employer ?? 0n) >= employer).toBe(true)
      }
      expect(found.workerTotal).toBe(worker(found).reduce((all, won) => all + won, 0n))
    }
  })

  it('cuts the last digit off', () => {
    expect([0n, 9n, 10n, 19n, 12_345n].map(floor10)).toEqual([0n, 0n, 10n, 10n, 12_340n])
  })
})
