// Owns: parameters of the four social insurances with what the law has had since 2018 (domain.md 9 and 14).
// Not here: formulas (modules/insurance/premium). Rows marked [M] are to be verified; a council's entry replaces them.
import type { ParamRule, ParamStep } from './param-rule.ts'

const PPM = 1_000_000n
const WON_MAX = 10n ** 15n

/** Steps from `month, value` pairs; a month is its first day. */
const steps = (...pairs: readonly (readonly [month: number, value: bigint])[]): readonly ParamStep[] =>
  pairs.map(([month, value]) => ({ from: month * 100 + 1, value }))

type Row = {
  readonly min?: bigint
  readonly max?: bigint
  readonly about: string
  readonly known?: number
  readonly steps: readonly (readonly [month: number, value: bigint])[]
}

function stepped(key: string, { min = 0n, max = PPM, about, known, steps: pairs }: Row): ParamRule {
  const rows = steps(...pairs)
  const initial = rows[0]?.value ?? 0n
  return { key, min, max, initial, steps: rows, about, ...(known === undefined ? {} : { knownUntil: known }) }
}

const PENSION: readonly ParamRule[] = [
  stepped('insurance.nps.ratePpm', {
    about: 'National pension, both sides together, millionths of the base; the law raises it to 13 % in 2033.',
    steps: [
      [201801, 90_000n],
      [202601, 95_000n],
      [202701, 100_000n],
      [202801, 105_000n],
      [202901, 110_000n],
      [203001, 115_000n],
      [203101, 120_000n],
      [203201, 125_000n],
      [203301, 130_000n],
    ],
  }),
  // Each July the bounds follow the average income of three years. Until 2023 [M].
  stepped('insurance.nps.lo', {
    max: WON_MAX,
    known: 20270630,
    about: 'Lowest base of the national pension, won, from July to June.',
    steps: [
      [201707, 290_000n],
      [201807, 300_000n],
      [201907, 310_000n],
      [202007, 320_000n],
      [202107, 330_000n],
      [202207, 350_000n],
      [202307, 370_000n],
      [202407, 390_000n],
      [202507, 400_000n],
      [202607, 410_000n],
    ],
  }),
  stepped('insurance.nps.hi', {
    max: WON_MAX,
    known: 20270630,
    about: 'Highest base of the national pension, won, from July to June.',
    steps: [
      [201707, 4_490_000n],
      [201807, 4_680_000n],
      [201907, 4_860_000n],
      [202007, 5_030_000n],
      [202107, 5_240_000n],
      [202207, 5_530_000n],
      [202307, 5_900_000n],
      [202407, 6_170_000n],
      [202507, 6_370_000n],
      [202607, 6_590_000n],
    ],
  }),
  {
    key: 'insurance.nps.incomeTest',
    min: 0n,
    max: WON_MAX,
    initial: 2_200_000n,
    about: 'Monthly pay from which a part-timer belongs to the national pension whatever the hours, won.',
  },
]

const HEALTH: readonly ParamRule[] = [
  stepped('insurance.nhis.ratePpm', {
    known: 20271231,
    about: 'Health insurance, both sides together, millionths of pay.',
    // 2018, 2019, 2022 and 2023 [M].
    steps: [
      [201801, 62_400n],
      [201901, 64_600n],
      [202001, 66_700n],
      [202101, 68_600n],
      [202201, 69_900n],
      [202301, 70_900n],
      [202601, 71_900n],
    ],
  }),
  // Bounds of one side; before 2026 [M]. Those of 2027 are set at the end of 2026.
  stepped('insurance.nhis.lo', {
    max: WON_MAX,
    known: 20261231,
    about: 'Lowest monthly health premium of one side, won.',
    steps: [
      [201801, 8_730n],
      [201901, 9_010n],
      [202001, 9_300n],
      [202101, 9_570n],
      [202201, 9_750n],
      [202301, 9_890n],
      [202601, 10_080n],
    ],
  }),
  stepped('insurance.nhis.hi', {
    max: WON_MAX,
    known: 20261231,
    about: 'Highest monthly health premium of one side, won.',
    steps: [
      [201801, 2_436_720n],
      [201807, 3_096_570n],
      [201901, 3_182_760n],
      [202001, 3_322_170n],
      [202101, 3_523_950n],
      [202201, 3_653_550n],
      [202301, 3_911_280n],
      [202401, 4_240_710n],
      [202501, 4_504_170n],
      [202601, 4_591_740n],
    ],
  }),
  // The care premium is health x numer / denom: a share of the health premium until 2022 [M] and again from November 2026
  // (law 21690: the ratio rounded at the fifth decimal), between them the share of pay over the health rate.
  stepped('insurance.ltc.numer', {
    known: 20261231,
    about: 'Long-term care: the health premium times this over insurance.ltc.denom.',
    steps: [
      [201801, 73_800n],
      [201901, 85_100n],
      [202001, 102_500n],
      [202101, 115_200n],
      [202201, 122_700n],
      [202301, 9_082n],
      [202401, 9_182n],
      [202601, 9_448n],
      [202611, 131_400n],
    ],
  }),
  stepped('insurance.ltc.denom', {
    min: 1n,
    known: 20261231,
    about: 'Long-term care: what insurance.ltc.numer is divided by.',
    steps: [
      [201801, PPM],
      [202301, 70_900n],
      [202601, 71_900n],
      [202611, PPM],
    ],
  }),
]

const EMPLOYMENT: readonly ParamRule[] = [
  stepped('insurance.ei.ratePpm', {
    known: 20261231,
    about: 'Employment insurance, unemployment part of each side, millionths of pay.',
    // 2018 to 2020 [M]; 1.0 % for 2027 is proposed and not law.
    steps: [
      [201801, 6_500n],
      [201910, 8_000n],
      [202207, 9_000n],
    ],
  }),
  stepped('insurance.ei.stabPpm.UNDER_150', {
    about: 'Employment stabilisation, employer, fewer than 150 staff, millionths of pay.',
    steps: [[201801, 2_500n]],
  }),
  stepped('insurance.ei.stabPpm.PRIORITY', {
    about: 'Employment stabilisation, employer, firms of the priority list, millionths of pay.',
    steps: [[201801, 4_500n]],
  }),
  stepped('insurance.ei.stabPpm.UNDER_1000', {
    about: 'Employment stabilisation, employer, 150 to 999 staff, millionths of pay.',
    steps: [[201801, 6_500n]],
  }),
  stepped('insurance.ei.stabPpm.FROM_1000', {
    about: 'Employment stabilisation, employer, 1,000 staff or more and government, millionths of pay.',
    steps: [[201801, 8_500n]],
  }),
  {
    key: 'insurance.ei.basis',
    min: 0n,
    max: 0n,
    initial: 0n,
    about: 'What decides who joins employment insurance: 0 is hours. A test by income is announced and not law.',
  },
]

const industry = (code: string, value: bigint, about: string): ParamRule =>
  stepped(`insurance.iaci.ppm.${code}`, {
    known: 20261231,
    about: `Accident insurance of ${about}, millionths of pay.`,
    steps: [[202501, value]],
  })

const ACCIDENT: readonly ParamRule[] = [
  {
    key: 'insurance.iaci.ppm',
    min: 0n,
    max: PPM,
    initial: 0n,
    family: true,
    steps: [],
    about: 'Accident insurance of an industry, millionths of pay; a member names the industry.',
  },
  industry('RETAIL', 8_000n, 'retail, food and lodging'),
  industry('PROFESSIONAL', 6_000n, 'professional services, health and education'),
  industry('FINANCE', 5_000n, 'finance'),
  industry('FOOD_MAKING', 16_000n, 'food manufacture'),
  industry('TRANSPORT', 18_000n, 'transport'),
  industry('CONSTRUCTION', 35_000n, 'construction'),
  stepped('insurance.iaci.commutePpm', {
    known: 20261231,
    about: 'Accidents on the way to work, on top of every industry’s rate, millionths of pay.',
    steps: [[202501, 600n]],
  }),
  stepped('insurance.levyPpm', {
    known: 20261231,
    about: 'Wage-claim levy of the employer, millionths of pay.',
    steps: [[202501, 600n]],
  }),
]

const count = (key: string, initial: bigint, about: string, max = 1_000n): ParamRule => ({ key, min: 0n, max, initial, about })

const DUTY: readonly ParamRule[] = [
  count('insurance.duty.monthlyHours', 60n, 'Hours a month from which pension, health and employment insurance are mandatory.'),
  count('insurance.duty.weeklyHours', 15n, 'Hours a week from which employment insurance is mandatory.'),
  count('insurance.duty.monthlyDays', 8n, 'Days a month from which the national pension is mandatory.'),
  count(
    'insurance.duty.longMonths',
    3n,
    'Months of employment after which short hours no longer exempt from employment insurance.',
  ),
  count('insurance.duty.dueDay', 15n, 'Day of the next month until which joining and leaving are reported.', 28n),
  count('insurance.duty.healthDays', 14n, 'Days in which joining health insurance is reported [M].'),
  count(
    'insurance.duty.fromNextMonth',
    1n,
    'Whether pension and health begin with the month after joining, unless on its first day [M].',
    1n,
  ),
  {
    key: 'insurance.undecided',
    min: 0n,
    max: 1n,
    initial: 0n,
    about: 'Months whose rates are not decided yet: 0 refuses to compute a premium, 1 takes the latest that are known.',
  },
]

/** Every parameter of the social insurances. */
export const INSURANCE_PARAMS: readonly ParamRule[] = [...PENSION, ...HEALTH, ...EMPLOYMENT, ...ACCIDENT, ...DUTY]
