import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { STATUTE } from '../../modules/labor/wage/law-table.ts'
import { computePeriod } from '../../modules/labor/wage/period.ts'
import type { WageShift, WageTerms } from '../../modules/labor/wage/types.ts'
import { contractHash, contractText } from './contract-text.ts'
import { buildPayslip } from './document.ts'
import type { PayslipFacts } from './document.ts'
import { payslipHtml } from './html.ts'
import { articleWords, clock, formulaText, hours, mixed, percent, ratioText, sumLawWords, won } from './words.ts'

const FOUR = { startMin: 780, endMin: 1_050, breaks: [{ startMin: 900, endMin: 930 }] }
const TERMS: WageTerms = {
  ...{ headcount: 'GE5', weeklyHolidayDow: 6, weekStartDow: 0, wageKind: 'HOURLY', ordinaryHourly: 10_320n, fixedPay: 0n },
  ...{ components: [], premiumPpm: 500_000, probationMonths: 0, termGe1Y: true, simpleLabor: false },
  schedule: [FOUR, FOUR, FOUR, FOUR, FOUR, null, null],
}
const versions = [{ effectiveFrom: 20260101, isMinor: false, terms: TERMS }]
const days = [20261109, 20261110, 20261111, 20261112, 20261113]
const shifts: WageShift[] = days.map((date) => ({ date, kind: 'WORK', times: FOUR }))
shifts[1] = { date: 20261110, kind: 'WORK', times: { startMin: 780, endMin: 1_380, breaks: [] } }
const contract = { startOn: 20260101, endOn: null, versions, headcounts: [] }
const period = { from: 20261109, to: 20261115 }

function facts(more: Partial<PayslipFacts> = {}): PayslipFacts {
  return {
    ...{ kind: 'PAYSLIP', breakdown: computePeriod({ contract, shifts, law: STATUTE }, period), contractId: null },
    ...{ employer: 'Naru & Sons <cafe>', worker: '김하늘', dueOn: 20261210, extras: [], employerSums: [] },
    deductions: [{ code: 'EMPLOYMENT', won: 9_650n, formula: '1,073,280 × 0.9%', law: 'Collection Act 13' }],
    ...{ contract: null, source: 'naru-devnet-1, height 7', notes: ['<b>note</b>'] },
    ...more,
  }
}

describe('a payslip', () => {
  it('has each line with days, quantity, formula, amount and article, in both languages', () => {
    const korean = buildPayslip(facts(), 'ko')
    expect(korean.tables[0]?.rows).toEqual([
      [
        '기본급 (실제 근로시간)',
        '2026-11-09 ~ 2026-11-15',
        '26시간',
        '10,320 × 1,560분 ÷ 60',
        '268,320원',
        '근로기준법 제43조제1항, 최저임금법 제6조제1항',
      ],
      [
        '초과(연장)근로 가산수당',
        '2026-11-09 ~ 2026-11-15',
        '6시간',
        '10,320 × 360분 × 50% ÷ 60',
        '30,960원',
        '근로기준법 제56조제1항, 기간제법 제6조제3항',
      ],
      [
        '야간근로 가산수당 (22시~06시)',
        '2026-11-09 ~ 2026-11-15',
        '1시간',
        '10,320 × 60분 × 50% ÷ 60',
        '5,160원',
        '근로기준법 제56조제3항',
      ],
      [
        '주휴수당',
        '2026-11-15',
        '4시간',
        '10,320 × 240분 ÷ 60',
        '41,280원',
        '근로기준법 제55조제1항, 근로기준법 시행령 제30조제1항',
      ],
    ])
    expect(korean.tables[0]?.total).toEqual(['합계', '', '', '', '345,720원', ''])
    const english = buildPayslip(facts(), 'en')
    expect(english.tables[0]?.rows[3]).toEqual([
      ...['Weekly holiday (juhyu)', '2026-11-15', '4 h', '10,320 × 240 min ÷ 60', '41,280 won'],
      'Labor Standards Act art. 55(1), Decree of the Labor Standards Act art. 30(1)',
    ])
    expect(english.facts).toContainEqual(['Net pay', '336,070 won'])
    expect(english.facts).toContainEqual(['Payday', '2026-12-10'])
    expect(english.facts).toContainEqual(['Days worked', '5'])
  })

  it('has hours by day, weekly holidays, and what the law sees', () => {
    const { tables } = buildPayslip(facts(), 'en')
    expect(tables.map(({ caption }) => caption)).toEqual([
      ...['Earnings, and how each is calculated', 'Deductions', 'Weekly holidays', 'Hours by day', 'What the law sees'],
    ])
    expect(tables[3]?.rows[1]).toEqual(['2026-11-10', '4 h', '10 h', '6 h', '1 h', '-', '-', ''])
    expect(tables[2]?.rows).toEqual([['2026-11-09 ~ 2026-11-15', '2026-11-15', 'kept, paid', '4 h']])
    expect(tables[4]?.rows).toContainEqual([
      ...['2026-11-10', 'A break that the law asks for was not given; it counts as work', '1 h'],
    ])
  })

  it('shows cuts below zero, and adds what was promised on top', () => {
    const { breakdown } = facts()
    const cut = { ...(breakdown.lines[0] as (typeof breakdown.lines)[0]), code: 'ABSENCE' as const, won: 1_000n }
    const shown = buildPayslip(facts({ breakdown: { ...breakdown, cuts: [cut] }, extras: [{ code: 'BONUS', won: 500n }] }), 'en')
    expect(shown.tables[0]?.rows.slice(-2).map((row) => [row[0], row[4]])).toEqual([
      ['Time not worked', '-1,000 won'],
      ['BONUS', '500 won'],
    ])
    expect(shown.facts).toContainEqual(['Gross wage', '346,220 won'])
  })
})

describe('the page', () => {
  it('is one file without a script, in its language, with the figures and nothing unescaped', () => {
    const html = payslipHtml(buildPayslip(facts(), 'ko'))
    for (const figure of ['268,320원', '30,960원', '41,280원', '345,720원', '9,650원', '336,070원'])
      expect(html).toContain(figure)
    expect(html).toMatch(/^<!doctype html>\n<html lang="ko">/)
    expect(html).not.toMatch(/<script|https?:|<b>note|Sons <cafe/)
    expect(html).toContain('Naru &#38; Sons &#60;cafe&#62;')
  })

  it('can be read by ear: captions, heads of rows and columns, regions reached by keyboard', () => {
    const html = payslipHtml(buildPayslip(facts(), 'en'))
    const count = (pattern: RegExp): number => html.match(pattern)?.length ?? 0
    expect([count(/<table>/g), count(/<caption>/g), count(/tabindex="0"/g)]).toEqual([5, 5, 5])
    expect(count(/<th scope="col"/g)).toBe(6 + 4 + 4 + 8 + 3)
    expect(count(/<th scope="row"/g)).toBe(5 + 2 + 1 + 5 + 3)
  })

  it('holds the contract text and says whether its hash is the chain’s', () => {
    const text = 'one\ntwo\n'
    const hash = contractHash(text)
    const page = (chainHash: string): string => payslipHtml(buildPayslip(facts({ contract: { text, hash, chainHash } }), 'en'))
    expect(page(hash)).toContain(`${hash} (equal to the hash on the chain)`)
    expect(page(`0x${'00'.repeat(32)}`)).toContain(`${hash} (WARNING: differs from the hash on the chain)`)
    expect(page(hash)).toContain('<pre>one\ntwo\n</pre>')
  })
})

describe('the contract text', () => {
  const terms = {
    ...{ ...TERMS, startOn: 20261102, endOn: 20271101, payDay: 10, payMonthOffset: 1, payMethod: 'DEPOSIT_TOKEN' as const },
    insurances: { pension: true, health: true, employment: true, accident: true },
  }
  const own = {
    ...{ employer: '마포나루카페', employerPhone: '02-000-0000', employerAddress: '서울 마포구', representative: '박나루' },
    ...{ worker: '김하늘', workerPhone: '010-0000-0000', workerAddress: '서울 마포구', place: '매장', duties: '음료 제조' },
    ...{ documentNumber: '6f1c2d90a7b34e58', signedOn: 20261031 },
  }

  it('has the ten items of the standard form, the hours of each day, and both parties', () => {
    const text = contractText(terms, own, 'ko')
    for (let item = 1; item <= 10; item++) expect(text).toMatch(new RegExp(`^${item}\\. `, 'm'))
    expect(text).toContain('   월요일: 13:00~17:30, 근로시간 4시간, 휴게시간 30분 (15:00~15:30)')
    expect(text).toContain('   - 시급: 10,320원')
    expect(text).toContain('초과근로에 대한 가산임금률: 50%')
    expect(text).toContain('다음 달 10일 (휴일의 경우는 전일 지급)')
    expect(text).toContain('2026-11-02부터 2027-11-01까지')
    expect(contractText(terms, own, 'en')).toContain('   Friday: 13:00~17:30, 4 h of work, 30 min of breaks (15:00~15:30)')
    const monthly = { ...terms, wageKind: 'MONTHLY' as const, fixedPay: 1_100_000n, probationMonths: 3, endOn: null }
    const components = [{ code: 'MEAL', krw: 5_000n, basis: 'PER_DAY' as const }]
    expect(contractText({ ...monthly, components }, own, 'ko')).toMatch(
      /월급: 1,100,000원\n.*MEAL 일당 5,000원\n[\s\S]*수습기간: 3개월/,
    )
    expect(contractText({ ...monthly, components }, own, 'en')).toMatch(
      /1,100,000 won a month\n.*MEAL, 5,000 won a day\n[\s\S]*Probation: 3/,
    )
  })

  it('has the hash that any tool makes of its bytes', () => {
    const text = contractText(terms, own, 'ko')
    expect(contractHash(text)).toBe(`0x${createHash('sha256').update(text, 'utf8').digest('hex')}`)
  })
})

describe('words', () => {
  it('name articles', () => {
    expect(articleWords('LSA-56(2)1', 'ko')).toBe('근로기준법 제56조제2항제1호')
    expect(articleWords('LSA-56(2)1', 'en')).toBe('Labor Standards Act art. 56(2)1')
    expect(articleWords('LDA', 'ko')).toBe('노동절 제정에 관한 법률')
    expect(articleWords('Some Act 5', 'ko')).toBe('Some Act 5')
    expect(sumLawWords('PENSION', 'National Pension Act 88(3)', 'ko')).toBe('국민연금법 제88조제3항')
    expect(sumLawWords('PENSION', 'National Pension Act 88(3)', 'en')).toBe('National Pension Act 88(3)')
  })

  it('write numbers', () => {
    expect([won(-1_234_567n, 'ko'), won(0n, 'en')]).toEqual(['-1,234,567원', '0 won'])
    expect([mixed({ num: 903n, den: 5n }), mixed({ num: 1n, den: 3n }), mixed({ num: 4n, den: 2n })]).toEqual([
      '180 3/5',
      '1/3',
      '2',
    ])
    expect([
      hours({ num: 903n, den: 5n }, 'ko'),
      hours({ num: 45n, den: 1n }, 'en'),
      hours({ num: 120n, den: 1n }, 'en'),
    ]).toEqual([...['3시간 3/5분', '45 min', '2 h']])
    expect([percent(500_000), percent(333_333), percent(1_000_000)]).toEqual(['50%', '33.3333%', '100%'])
    expect([ratioText(71_900n, 2_000_000n), ratioText(1n, 1n), ratioText(9_448n, 71_900n)]).toEqual([
      '3.595%',
      '100%',
      '9,448 / 71,900',
    ])
    expect([clock(1_530), clock(0)]).toEqual(['25:30', '00:00'])
    const rate = { num: 2_508_000n, den: 1n }
    expect(formulaText({ unit: 'MONTH', quantity: { num: 1n, den: 2n }, rate, ppm: 1_000_000 }, 'en')).toBe('2,508,000 × 1/2')
  })
})
