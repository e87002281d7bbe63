// Owns: tests of the insurance room: a worker's course through four insurances, each refusal, premiums on the chain.
// Not here: formulas and the duty test (premium/).
import { describe, expect, it } from 'vitest'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { AGENT, insure, insuredNovember, joinAll, NHIS, NPS, openInsuranceCity, TEN_HOURS } from '../../test/insurance-bench.ts'
import { ALICE, BOB, BOSS, codeOf, COMWEL, goTo, hashOf, INSPECTOR, termsOf, workWeekdays } from '../../test/labor-bench.ts'
import { textOf } from '../../test/room-bench.ts'
import type { BenchEvent, RoomBench } from '../../test/room-bench.ts'
import { writeParam } from '../governance/actions.ts'
import { createAmendAccept, amendPropose } from '../labor/amend.ts'
import { undeclaredReport } from '../labor/claim-file.ts'
import { claimNotify } from '../labor/claim-steps.ts'
import { notice } from '../labor/notice.ts'
import { createPayslipIssue } from '../labor/payslip-issue.ts'
import { confirm, decide, reject } from './decide.ts'
import { covers, premiums } from './store.ts'
import { premiumNotice, premiumPost, workplaceSet } from './premium-post.ts'
import { INSURANCES } from './premium/duty.ts'
import type { Insurance } from './premium/duty.ts'
import { INSURANCE_PORT } from './port.ts'
import { compute, duty, getCover, getPremium, getWorkplace } from './queries.ts'
import { claimCoverage, lose, report } from './report.ts'
import { COVER_RESTRICTION, openQuestionOf } from './restricted.ts'
import { FIELD } from './enrolment.ts'

const NONE = hashOf('nothing')
const states = (city: RoomBench, contractId: Hash32): readonly string[] =>
  INSURANCES.map((name) => covers.get(city.view, contractId)?.[FIELD[name]].state ?? 'none')
const reasons = (city: RoomBench, contractId: Hash32): readonly string[] =>
  INSURANCES.map((name) => covers.get(city.view, contractId)?.[FIELD[name]].reason ?? 'none')
const says = (city: RoomBench, contractId: Hash32, insurances: readonly Insurance[], sender: Address = BOSS) =>
  city.run(report, { sender, payload: { contractId, insurances } })
const answers = (city: RoomBench, contractId: Hash32, insurance: Insurance, sender: Address = AGENT[insurance]) =>
  city.run(confirm, { sender, payload: { contractId, insurance, noticeCommit: null } })
const decides = (city: RoomBench, contractId: Hash32, insurance: Insurance, required: boolean, from = 20261101) =>
  city.run(decide, {
    sender: AGENT[insurance],
    payload: { contractId, insurance, required, from, reasonCode: 'INSPECTION', noticeCommit: hashOf('notice') },
  })
const overdues = (events: readonly BenchEvent[]): readonly unknown[] =>
  events.filter(({ name }) => name === 'insurance.overdue').map(({ payload }) => payload)
const linesOf = (city: RoomBench, contractId: Hash32, ym: number): readonly unknown[] =>
  premiums.get(city.view, { contractId, ym })?.lines.map(({ code, worker, employer }) => [code, worker, employer]) ?? []

describe('the test at the chain', () => {
  it('asks when a contract is in force, and lets the employer know by when to report', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    expect(states(city, contractId)).toEqual(['REQUIRED', 'REQUIRED', 'REQUIRED', 'REQUIRED'])
    expect(reasons(city, contractId)).toEqual(['HOURS', 'HOURS', 'HOURS', 'EVERYONE'])
    const cover = city.ask(getCover, { contractId: `0x${contractId}` }) as Record<string, { dueOn: number; from: number }>
    expect([cover['pension']?.dueOn, cover['health']?.dueOn, cover['employment']?.from]).toEqual([20261115, 20261109, 20261026])
    expect(city.broken()).toEqual([])
  })

  it('finds ten hours without an end in employment and accident insurance alone', () => {
    const city = openInsuranceCity()
    const contractId = insure(city, TEN_HOURS)
    // Five days a week are more than eight a month: the pension is mandatory by days.
    expect(reasons(city, contractId)).toEqual(['DAYS', 'SHORT_HOURS', 'LONG', 'EVERYONE'])
    expect(states(city, contractId)).toEqual(['REQUIRED', 'NOT_REQUIRED', 'REQUIRED', 'REQUIRED'])
  })

  it('asks again when terms change', () => {
    const city = openInsuranceCity()
    const contractId = insure(city, { ...TEN_HOURS, endOn: 20261225, termGe1Y: false })
    expect(states(city, contractId)).toEqual(['REQUIRED', 'NOT_REQUIRED', 'NOT_REQUIRED', 'REQUIRED'])
    goTo(city, 20261102)
    const terms = termsOf({ startOn: 20261026, endOn: 20270131, termGe1Y: false })
    const proposal = { contractId, effectiveFrom: 20261103, docHash: hashOf('text 2'), terms }
    expect(codeOf(city.run(amendPropose, { sender: BOSS, payload: proposal }))).toBe('ok')
    const signed = city.run(createAmendAccept(INSURANCE_PORT), {
      sender: ALICE,
      payload: { contractId, docHash: hashOf('text 2') },
    })
    expect(codeOf(signed)).toBe('ok')
    expect(states(city, contractId)).toEqual(['REQUIRED', 'REQUIRED', 'REQUIRED', 'REQUIRED'])
    expect(covers.mustGet(city.view, contractId).health.from).toBe(20261103)
  })

  it('leaves a minor out of the pension, and who was hired at 65 out of the unemployment part', () => {
    const city = openInsuranceCity()
    const contractId = insure(city, { ageBand: 'FROM_65' })
    expect(reasons(city, contractId)).toEqual(['AGE', 'HOURS', 'NO_UNEMPLOYMENT', 'EVERYONE'])
    expect(city.ask(duty, dutyParams({ age: 'UNDER_18' }))).toMatchObject({
      duties: [{ required: false, reason: 'AGE' }, { required: true }, { required: true }, { required: true }],
    })
  })
})

const dutyParams = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ age: 'FROM_18', startOn: 20261026, endOn: null, monthlyMin: 5_214, weeklyMin: 1_200, monthlyDays: 21 },
  ...{ monthlyPay: '1073280', pensionOptIn: false },
  ...more,
})

describe('reports and answers', () => {
  it('go from REQUIRED over REPORTED to CONFIRMED, each agency for its own', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    const told = says(city, contractId, ['PENSION', 'HEALTH'])
    expect(told.events).toEqual(
      ['PENSION', 'HEALTH'].map((insurance) => {
        return { name: 'insurance.enrolmentChanged', payload: { contractId, insurance, from: 'REQUIRED', to: 'REPORTED' } }
      }),
    )
    expect(codeOf(answers(city, contractId, 'PENSION', NHIS))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(codeOf(answers(city, contractId, 'PENSION'))).toBe('ok')
    expect(states(city, contractId)).toEqual(['CONFIRMED', 'REPORTED', 'REQUIRED', 'REQUIRED'])
    expect(city.broken()).toEqual([])
  })

  it('are overdue once their day is over, once, and still taken', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    says(city, contractId, ['PENSION'])
    const early = [...goTo(city, 20261109), ...goTo(city, 20261110)]
    expect(overdues(early)).toEqual([{ contractId, insurance: 'HEALTH', kind: 'JOIN', dueOn: 20261109 }])
    expect(overdues(goTo(city, 20261115, 1_439))).toEqual([])
    expect(overdues(goTo(city, 20261116, 0))).toEqual([
      { contractId, insurance: 'EMPLOYMENT', kind: 'JOIN', dueOn: 20261115 },
      { contractId, insurance: 'ACCIDENT', kind: 'JOIN', dueOn: 20261115 },
    ])
    expect(covers.mustGet(city.view, contractId).health.isOverdue).toBe(true)
    expect(codeOf(says(city, contractId, ['HEALTH', 'EMPLOYMENT', 'ACCIDENT']))).toBe('ok')
    expect(overdues(goTo(city, 20261220))).toEqual([])
    expect(city.broken()).toEqual([])
  })

  it('that are sent back have as long again', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    says(city, contractId, ['HEALTH'])
    goTo(city, 20261105)
    const payload = { contractId, insurance: 'HEALTH' as const, reasonCode: 'PAPERS', noticeCommit: null }
    expect(codeOf(city.run(reject, { sender: NHIS, payload }))).toBe('ok')
    expect(covers.mustGet(city.view, contractId).health).toMatchObject({ state: 'REQUIRED', dueOn: 20261119, isOverdue: false })
    expect(overdues(goTo(city, 20261110))).toEqual([])
    expect(overdues(goTo(city, 20261120)).filter((item) => (item as { insurance: string }).insurance === 'HEALTH')).toHaveLength(
      1,
    )
  })

  it('come from the worker where the employer is silent, and the agency decides', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    expect(codeOf(city.run(claimCoverage, { sender: ALICE, payload: { contractId, insurance: 'EMPLOYMENT' as const } }))).toBe(
      'ok',
    )
    expect(codeOf(decides(city, contractId, 'EMPLOYMENT', true, 20261026))).toBe('ok')
    expect(covers.mustGet(city.view, contractId).employment).toMatchObject({
      ...{ state: 'CONFIRMED', reason: 'DECIDED', isDecided: true, from: 20261026, noticeCommit: hashOf('notice') },
    })
    expect(codeOf(decides(city, contractId, 'ACCIDENT', false))).toBe('ok')
    goTo(city, 20270127)
    expect(states(city, contractId)).toEqual(['REQUIRED', 'REQUIRED', 'CONFIRMED', 'NOT_REQUIRED'])
    expect(city.broken()).toEqual([])
  })

  it('let both opt into the pension below its hours', () => {
    const city = openInsuranceCity()
    const oneDay = { ...TEN_HOURS, monthlyScheduledMin: 1_000 }
    const schedule = (TEN_HOURS.schedule ?? []).map((day, at) => (at === 0 ? day : null))
    const contractId = insure(city, { ...oneDay, schedule })
    expect(covers.mustGet(city.view, contractId).pension).toMatchObject({ state: 'NOT_REQUIRED', mayOptIn: true })
    expect(codeOf(city.run(claimCoverage, { sender: ALICE, payload: { contractId, insurance: 'PENSION' as const } }))).toBe('ok')
    expect(codeOf(says(city, contractId, ['PENSION']))).toBe('ok')
    expect(codeOf(answers(city, contractId, 'PENSION'))).toBe('ok')
    expect(covers.mustGet(city.view, contractId).pension).toMatchObject({ state: 'CONFIRMED', reason: 'OPT_IN' })
  })

  it('end with the contract: leaving is reported by the fifteenth of the next month', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    joinAll(city, contractId)
    goTo(city, 20261102)
    expect(codeOf(city.run(lose, { sender: BOSS, payload: { contractId, insurances: ['PENSION'] } }))).toBe('INSURANCE_NOT_ENDED')
    city.run(notice, { sender: ALICE, payload: { contractId, endOn: 20261120, reasonCommit: null } })
    goTo(city, 20261121)
    expect(covers.mustGet(city.view, contractId).pension).toMatchObject({ state: 'CONFIRMED', lostOn: 20261120, dueOn: 20261215 })
    expect(codeOf(city.run(lose, { sender: BOSS, payload: { contractId, insurances: ['PENSION', 'HEALTH', 'ACCIDENT'] } }))).toBe(
      'ok',
    )
    expect(overdues(goTo(city, 20261216))).toEqual([{ contractId, insurance: 'EMPLOYMENT', kind: 'LEAVE', dueOn: 20261215 }])
    expect(states(city, contractId)).toEqual(['LOST', 'LOST', 'CONFIRMED', 'LOST'])
    expect(city.broken()).toEqual([])
  })

  it('give a last day to whom an agency insures after the end', () => {
    const city = openInsuranceCity()
    const contractId = insure(city, { ...TEN_HOURS, endOn: 20261110, termGe1Y: false })
    goTo(city, 20261112)
    expect(codeOf(decides(city, contractId, 'HEALTH', true, 20261026))).toBe('ok')
    expect(covers.mustGet(city.view, contractId).health).toMatchObject({ state: 'CONFIRMED', lostOn: 20261110, dueOn: 20261215 })
    expect(codeOf(city.run(lose, { sender: BOSS, payload: { contractId, insurances: ['HEALTH'] } }))).toBe('ok')
    expect(city.broken()).toEqual([])
  })
})

describe('premiums at the chain', () => {
  it('stand beside the payslip of November 2026, to the won', () => {
    const city = openInsuranceCity()
    const contractId = insuredNovember(city)
    expect(city.ask(getPremium, { contractId: `0x${contractId}`, ym: 202611 })).toMatchObject({
      ...{ pay: '1073280', workerTotal: '104250', employerTotal: '116160', levy: '640', missing: [] },
    })
    expect(linesOf(city, contractId, 202611)).toEqual([
      ['PENSION', 50_960n, 50_960n],
      ['HEALTH', 38_580n, 38_580n],
      ['CARE', 5_060n, 5_060n],
      ['EMPLOYMENT', 9_650n, 9_650n],
      ['STABILISATION', 0n, 2_680n],
      ['ACCIDENT', 0n, 9_230n],
      ['WAGE_CLAIM_LEVY', 0n, 640n],
    ])
    // The worker's four are what labor takes off the wage.
    const pay = { contractId, ym: 202611, pay: 1_073_280n, block: city.block() }
    expect(INSURANCE_PORT.deductions(city.view, pay)).toEqual([
      { code: 'PENSION', krw: 50_960n },
      { code: 'HEALTH', krw: 38_580n },
      { code: 'CARE', krw: 5_060n },
      { code: 'EMPLOYMENT', krw: 9_650n },
    ])
    expect(city.broken()).toEqual([])
  })

  it('of pension and health begin with the month after joining; nothing is taken for what nobody reported', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    const october = { contractId, ym: 202610, pay: 200_000n, block: city.block() }
    expect(INSURANCE_PORT.deductions(city.view, october)).toEqual([])
    joinAll(city, contractId)
    expect(INSURANCE_PORT.deductions(city.view, october)).toEqual([{ code: 'EMPLOYMENT', krw: 1_800n }])
  })

  it('of a workplace without a class, and of an undecided month, lack what is not known, and are posted later', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    says(city, contractId, ['PENSION', 'ACCIDENT'])
    workWeekdays(city, contractId, { from: 20261026, to: 20261030 })
    goTo(city, 20261110)
    expect(premiums.mustGet(city.view, { contractId, ym: 202610 }).missing).toEqual(['insurance.workplace'])
    const place = { employer: BOSS, workplaceId: 'MAPO-1', industry: 'RETAIL', size: 'UNDER_150' as const }
    city.run(workplaceSet, { sender: BOSS, payload: place })
    const post = { sender: ALICE, payload: { contractId, ym: 202610 } }
    expect(city.run(premiumPost, post).events).toEqual([
      { name: 'insurance.premiumPosted', payload: { contractId, ym: 202610, isMissing: false } },
    ])
    expect(linesOf(city, contractId, 202610).map((line) => (line as string[])[0])).toEqual(['ACCIDENT', 'WAGE_CLAIM_LEVY'])
    for (const day of [20261211, 20270111, 20270211]) goTo(city, day)
    expect(premiums.mustGet(city.view, { contractId, ym: 202701 }).missing).toEqual(['insurance.iaci.ppm.RETAIL'])
    const january = { sender: BOSS, payload: { contractId, ym: 202701 } }
    const refused = city.run(premiumPost, january)
    expect([codeOf(refused), refused.failure?.detail]).toEqual([
      'INSURANCE_RATE_UNDECIDED',
      { key: 'insurance.iaci.ppm.RETAIL', month: 202701 },
    ])
    for (const key of ['insurance.iaci.ppm.RETAIL', 'insurance.iaci.commutePpm', 'insurance.levyPpm'])
      writeParam(city.view, { key, effectiveFrom: 202701, value: { kind: 'number', value: 1_000n }, sourceRef: 'law' }, 0)
    expect(codeOf(city.run(premiumPost, january))).toBe('ok')
    expect(premiums.mustGet(city.view, { contractId, ym: 202701 }).missing).toEqual([])
    expect(city.broken()).toEqual([])
  })

  it('take the latest known rate where the council lets them', () => {
    const city = openInsuranceCity(20270101)
    const value = { kind: 'number' as const, value: 1n }
    writeParam(city.view, { key: 'insurance.undecided', effectiveFrom: 20270101, value, sourceRef: 'council' }, 0)
    const asked = { ...{ month: 202702, pay: '1073280', industry: 'RETAIL', size: 'UNDER_150' }, ...everything }
    expect(city.ask(compute, asked)).toMatchObject({ workerTotal: '106940', levy: '640' })
    expect(openInsuranceCity(20270101).ask(compute, asked)).toBe('INSURANCE_RATE_UNDECIDED')
  })

  it('yield to an agency’s notice, also in the next payslip of the month', () => {
    const city = openInsuranceCity()
    const contractId = insuredNovember(city)
    const lines = [{ code: 'PENSION' as const, worker: 51_000n, employer: 51_000n }]
    const payload = { contractId, ym: 202611, lines, noticeCommit: hashOf('notice') }
    expect(codeOf(city.run(premiumNotice, { sender: NHIS, payload }))).toBe('INSURANCE_LINE_FOREIGN')
    const told = city.run(premiumNotice, { sender: NPS, payload })
    expect(told.events.map(({ name }) => name)).toEqual(['insurance.premiumPosted', 'insurance.premiumNoticed'])
    expect(premiums.mustGet(city.view, { contractId, ym: 202611 })).toMatchObject({ workerTotal: 104_290n, times: 2 })
    const pay = { contractId, ym: 202611, pay: 1_073_280n, block: city.block() }
    expect(INSURANCE_PORT.deductions(city.view, pay)[0]).toEqual({ code: 'PENSION', krw: 51_000n })
    const slip = { contractId, ym: 202611, gross: 1_073_280n, extras: [] }
    const deductions = INSURANCE_PORT.deductions(city.view, pay).map(({ code, krw }) => ({ code, krw }))
    const issued = city.run(createPayslipIssue(INSURANCE_PORT), { sender: BOSS, payload: { ...slip, deductions } })
    expect(codeOf(issued)).toBe('ok')
    expect(linesOf(city, contractId, 202611)[0]).toEqual(['PENSION', 51_000n, 51_000n])
    expect(city.broken()).toEqual([])
  })
})

const everything = { pension: true, health: true, employment: true, unemployment: true, accident: true }

describe('what insurance refuses', () => {
  const city = openInsuranceCity()
  const contractId = insure(city)
  const place = { employer: BOSS, workplaceId: 'MAPO-1', industry: 'RETAIL', size: 'UNDER_150' as const }
  const notes = (more: Record<string, unknown> = {}) => ({
    contractId,
    ym: 202611,
    lines: [{ code: 'PENSION' as const, worker: 1n, employer: 1n }],
    noticeCommit: ZERO_HASH,
    ...more,
  })

  it.each([
    ['INSURANCE_LIST_INVALID', () => says(city, contractId, [])],
    ['INSURANCE_LIST_INVALID', () => says(city, contractId, ['HEALTH', 'HEALTH'])],
    ['INSURANCE_CONTRACT_UNKNOWN', () => says(city, NONE, ['HEALTH'])],
    ['INSURANCE_CONTRACT_UNKNOWN', () => answers(city, NONE, 'HEALTH')],
    ['INSURANCE_NOT_EMPLOYER', () => says(city, contractId, ['HEALTH'], ALICE)],
    [
      'INSURANCE_NOT_WORKER',
      () => city.run(claimCoverage, { sender: BOB, payload: { contractId, insurance: 'HEALTH' as const } }),
    ],
    ['INSURANCE_STATE', () => answers(city, contractId, 'HEALTH')],
    ['INSURANCE_NOT_ENDED', () => city.run(lose, { sender: BOSS, payload: { contractId, insurances: ['HEALTH'] } })],
    ['INSURANCE_DATE_INVALID', () => decides(city, contractId, 'HEALTH', true, 20261131)],
    ['GOVERNANCE_NOT_AUTHORIZED', () => answers(city, contractId, 'HEALTH', BOSS)],
    ['INSURANCE_MONTH_INVALID', () => city.run(premiumPost, { sender: BOSS, payload: { contractId, ym: 202613 } })],
    ['INSURANCE_NOT_PARTY', () => city.run(premiumPost, { sender: BOB, payload: { contractId, ym: 202611 } })],
    ['INSURANCE_NO_PAYSLIP', () => city.run(premiumPost, { sender: BOSS, payload: { contractId, ym: 202611 } })],
    ['INSURANCE_NO_PAYSLIP', () => city.run(premiumNotice, { sender: NPS, payload: notes() })],
    ['INSURANCE_LINE_FOREIGN', () => city.run(premiumNotice, { sender: COMWEL, payload: notes() })],
    ['INSURANCE_LIST_INVALID', () => city.run(premiumNotice, { sender: NPS, payload: notes({ lines: [] }) })],
    [
      'INSURANCE_AMOUNT_TOO_LARGE',
      () =>
        city.run(premiumNotice, {
          sender: NPS,
          payload: notes({ lines: [{ code: 'PENSION', worker: 10n ** 12n + 1n, employer: 0n }] }),
        }),
    ],
    ['INSURANCE_INDUSTRY_UNKNOWN', () => city.run(workplaceSet, { sender: BOSS, payload: { ...place, industry: 'DIVING' } })],
    ['INSURANCE_NOT_EMPLOYER', () => city.run(workplaceSet, { sender: BOB, payload: place })],
  ] as const)('%s', (code, attempt) => {
    expect(codeOf(attempt())).toBe(code)
  })

  it('INSURANCE_WORKPLACE_SET to the employer, never to COMWEL; INSURANCE_WORKPLACE_UNKNOWN before', () => {
    const fresh = openInsuranceCity()
    const asked = { employer: textOf('shop'), workplaceId: 'MAPO-1' }
    expect(fresh.ask(getWorkplace, asked)).toBe('INSURANCE_WORKPLACE_UNKNOWN')
    expect(codeOf(fresh.run(workplaceSet, { sender: BOSS, payload: place }))).toBe('ok')
    expect(codeOf(fresh.run(workplaceSet, { sender: BOSS, payload: place }))).toBe('INSURANCE_WORKPLACE_SET')
    const other = { ...place, industry: 'FOOD_MAKING', size: 'PRIORITY' as const }
    expect(codeOf(fresh.run(workplaceSet, { sender: COMWEL, payload: other }))).toBe('ok')
    expect(fresh.ask(getWorkplace, asked)).toMatchObject({ industry: 'FOOD_MAKING', size: 'PRIORITY', byAgency: true })
  })

  it('the calculators’ nonsense by name', () => {
    const asked = { ...{ month: 202613, pay: '1', industry: 'RETAIL', size: 'UNDER_150' }, ...everything }
    expect(city.ask(compute, asked)).toBe('INSURANCE_MONTH_INVALID')
    expect(city.ask(compute, { ...asked, month: 202611, pay: '1000000000001' })).toBe('INSURANCE_PAY_TOO_LARGE')
    expect(city.ask(duty, dutyParams({ startOn: 20261131 }))).toBe('INSURANCE_DATE_INVALID')
    expect(city.ask(getPremium, { contractId: `0x${contractId}`, ym: 202611 })).toBe('INSURANCE_NO_PAYSLIP')
  })
})

describe('who may read', () => {
  const right = (city: RoomBench, contractId: Hash32, account: Address) =>
    COVER_RESTRICTION.mayRead(city.view, { account, ref: contractId, block: city.block() })

  it('what insurances hold: the parties; an agency from a report until the worker has left; nobody else', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    expect(right(city, contractId, ALICE)).toEqual({ role: 'WORKER', caseId: null })
    expect(right(city, contractId, BOSS)).toEqual({ role: 'EMPLOYER', caseId: null })
    expect([NPS, NHIS, INSPECTOR, BOB].map((account) => right(city, contractId, account))).toEqual([null, null, null, null])
    says(city, contractId, ['PENSION'])
    expect(right(city, contractId, NPS)).toEqual({ role: 'INS_NPS', caseId: 'PENSION' })
    expect(right(city, contractId, NHIS)).toBe(null)
    answers(city, contractId, 'PENSION')
    expect(right(city, contractId, NPS)).toEqual({ role: 'INS_NPS', caseId: 'PENSION' })
    expect(COVER_RESTRICTION.subjectsOf(city.view, contractId)).toEqual([ALICE, BOSS])
  })

  it('tells the employer of no inspector’s read in a case before the notice', () => {
    const city = openInsuranceCity()
    const reported = { brn: '2208162517', periodCommit: hashOf('period'), evidenceCommit: hashOf('evidence') }
    const done = city.run(undeclaredReport, { sender: ALICE, payload: reported })
    expect(codeOf(done)).toBe('ok')
    const caseId = done.txId
    const told = () => [ALICE, BOSS].map((account) => COVER_RESTRICTION.isTold?.(city.view, { account, caseId }))
    expect(told()).toEqual([true, false])
    expect(codeOf(city.run(claimNotify, { sender: INSPECTOR, payload: { caseId, caseCommit: hashOf('case') } }))).toBe('ok')
    expect(told()).toEqual([true, true])
    expect(COVER_RESTRICTION.isTold?.(city.view, { account: BOSS, caseId: 'PENSION' })).toBe(true)
  })

  it('the labor contract: an agency while a report or claim is open, and not any more once it is decided', () => {
    const city = openInsuranceCity()
    const contractId = insure(city)
    const asked = () => openQuestionOf(city.view, { account: NPS, contractId, block: city.block() })
    expect(asked()).toBe(null)
    says(city, contractId, ['PENSION'])
    expect(asked()).toEqual({ role: 'INS_NPS', caseId: 'PENSION' })
    answers(city, contractId, 'PENSION')
    expect(asked()).toBe(null)
  })

  it('names every key below the sealed prefix, and no other', () => {
    const city = openInsuranceCity()
    const contractId = insuredNovember(city)
    const sealed = [...city.scan('insurance/sealed/')].map(([key]) => COVER_RESTRICTION.refOfKey(key))
    expect(sealed.length).toBeGreaterThan(2)
    expect(new Set(sealed)).toEqual(new Set([contractId]))
  })
})
