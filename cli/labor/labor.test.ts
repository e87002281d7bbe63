import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildPayslip } from '../../sdk/payslip/document.ts'
import { runCli } from '../command.ts'
import { GROUPS } from '../groups.ts'
import { payslipPdf } from './pdf.ts'
import { checkPlan, inputOf, parsePlan, parseTimes } from './plan.ts'
import type { Plan } from './plan.ts'
import { simulateMonth } from './simulate.ts'
import { displayWidth, payslipText } from './text.ts'
import { unpackWoff } from './woff.ts'

const TIME = '13:00-17:30 break 15:00-15:30'
const PLAN = {
  ...{ month: '2026-11', startOn: '2026-03-02', people: 6, wage: { hourly: 10_320 }, employer: '마포나루카페', worker: '김하늘' },
  schedule: { mon: TIME, tue: TIME, wed: TIME, thu: TIME, fri: TIME },
}
const CONTRACT = {
  ...{
    employerPhone: '02-000-0000',
    employerAddress: '서울',
    representative: '박나루',
    workerPhone: '010',
    workerAddress: '서울',
  },
  ...{ place: '매장', duties: '음료 제조', documentNumber: '6f1c2d90a7b34e58', signedOn: '2026-02-27' },
}

function plan(more: object = {}): Plan {
  const answer = checkPlan({ ...PLAN, ...more })
  if ('faults' in answer) throw new Error(answer.faults.join('; '))
  return answer.plan
}

const faults = (more: object): readonly string[] => {
  const answer = checkPlan({ ...PLAN, ...more })
  return 'faults' in answer ? answer.faults : []
}

async function pdfText(bytes: Uint8Array): Promise<{ text: string; pages: number }> {
  const pdf = await getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, verbosity: 0 }).promise
  const texts: string[] = []
  for (let number = 1; number <= pdf.numPages; number++) {
    const { items } = await (await pdf.getPage(number)).getTextContent()
    texts.push(items.map((item) => ('str' in item ? item.str : '')).join(' '))
  }
  return { text: texts.join('\n'), pages: pdf.numPages }
}

describe('times', () => {
  it('go past midnight, with breaks by the clock', () => {
    expect(parseTimes('18:00-01:30 break 21:00-21:30, 00:15-00:30')).toEqual({
      ...{ startMin: 1_080, endMin: 1_530 },
      breaks: [
        { startMin: 1_260, endMin: 1_290 },
        { startMin: 1_455, endMin: 1_470 },
      ],
    })
    expect(parseTimes('9:00-18:00')).toEqual({ startMin: 540, endMin: 1_080, breaks: [] })
  })

  it.each(['', '9-18', '09:00', '09:00-18:61', '09:00-12:00 break 13:00-13:30', '09:00-18:00 break 12:00-13:00, 12:30-13:30'])(
    'refuse %j',
    (text) => {
      expect(parseTimes(text)).toBe(null)
    },
  )
})

describe('a plan', () => {
  it('names what is wrong with it and where', () => {
    expect(faults({ month: '2026-13' })).toEqual(['month: is a month such as 2026-11'])
    expect(faults({ wage: { hourly: 1, daily: 2 } })[0]).toMatch(/^wage: /)
    expect(faults({ schedule: { mon: 'early' } })).toEqual(['schedule.mon: is such as "13:00-17:30 break 15:00-15:30"'])
    expect(faults({ shifts: { someday: TIME } })).toEqual(['shifts.someday: a key is a day such as 2026-11-01'])
    expect(faults({ unknown: 1 })[0]).toMatch(/the plan: .*unknown/)
    expect('faults' in parsePlan('[1, 2]', {})).toBe(true)
    expect('faults' in parsePlan('{', {})).toBe(true)
  })

  it('is a file in which flags stand in for lines', () => {
    const answer = parsePlan(JSON.stringify(PLAN), { people: 3, wage: { monthly: '1,100,000' } })
    expect('plan' in answer && [answer.plan.people, answer.plan.wage]).toEqual([3, { monthly: 1_100_000n }])
  })

  it('keeps paid holidays free unless it names their hours, and marks leave, closure and absence', () => {
    const october = plan({
      ...{
        month: '2026-10',
        absent: ['2026-10-06'],
        paidLeave: ['2026-10-07'],
        unpaidLeave: ['2026-10-08'],
        closed: ['2026-10-12'],
      },
      shifts: { '2026-10-13': ['09:00-11:00', '13:00-15:00'], '2026-10-09': TIME },
    })
    const shown = inputOf(october)
      .shifts.filter(({ date }) => date >= 20261005 && date <= 20261013)
      .map(({ date, kind }) => `${date} ${kind}`)
    expect(shown).toEqual([
      ...['20261007 LEAVE_PAID', '20261008 LEAVE_UNPAID', '20261009 WORK', '20261012 CLOSURE', '20261013 WORK', '20261013 WORK'],
    ])
    // Where four people work a public holiday is a day like others.
    const small = inputOf(plan({ month: '2026-10', people: 4 })).shifts.map(({ date }) => date)
    expect([
      small.includes(20261009),
      inputOf(plan({ month: '2026-05', people: 4 })).shifts.some(({ date }) => date === 20260501),
    ]).toEqual([...[true, false]])
  })
})

describe('a simulated month', () => {
  it('pays 1,073,280 in November 2026 and leaves 969,030', () => {
    const facts = simulateMonth(plan(), 'en')
    expect(facts.breakdown.gross).toBe(1_073_280n)
    expect(facts.deductions.map(({ code, won }) => `${code} ${won}`)).toEqual([
      ...['PENSION 50960', 'HEALTH 38580', 'CARE 5060', 'EMPLOYMENT 9650'],
    ])
    expect(facts.dueOn).toBe(20261210)
    const text = payslipText(buildPayslip(facts, 'en'))
    expect(text).toMatch(/^Net pay +969,030 won$/m)
    expect(text).toMatch(/^Pension|National Pension +1,073,000 × 4.75% +50,960 won +National Pension Act 88\(3\)$/m)
  })

  it('says what it does not know yet', () => {
    const later = simulateMonth(plan({ month: '2028-01' }), 'ko')
    expect(later.notes).toHaveLength(3)
    expect(simulateMonth(plan({ month: '2027-01', insurance: false }), 'en').notes).toHaveLength(1)
    expect(simulateMonth(plan({ insurance: false }), 'en').deductions).toEqual([])
  })

  it('stands in columns also where letters are wide', () => {
    expect([displayWidth('abc'), displayWidth('임금'), displayWidth('a임')]).toEqual([3, 4, 3])
    const lines = payslipText(buildPayslip(simulateMonth(plan(), 'ko'), 'ko')).split('\n')
    const table = lines.slice(lines.indexOf('공제 항목') + 1, lines.indexOf('공제 항목') + 6)
    const ends = table.map((line) => displayWidth(line.slice(0, line.search(/원|금액/))))
    expect(new Set(ends.slice(1)).size).toBe(1)
  })
})

describe('the PDF', () => {
  it.each(['ko', 'en'] as const)(
    'has in %s every figure as text, the contract and its hash, tags and embedded fonts',
    async (lang) => {
      const document = buildPayslip(simulateMonth(plan({ contract: CONTRACT, absent: ['2026-11-18'] }), lang), lang)
      const bytes = await payslipPdf(document)
      const { text, pages } = await pdfText(bytes)
      const bare = text.replace(/\s+/g, '')
      for (const [, value] of document.facts) expect(bare).toContain(value.replace(/\s+/g, ''))
      for (const { rows, caption } of document.tables) {
        expect(bare).toContain(caption.replace(/\s+/g, ''))
        for (const row of rows) for (const cell of row) expect(bare).toContain(cell.replace(/\s+/g, ''))
      }
      for (const line of document.contract?.text.split('\n') ?? []) expect(bare).toContain(line.replace(/\s+/g, ''))
      expect(bare).toContain(document.contract?.hashLine.replace(/\s+/g, ''))
      expect(pages).toBeGreaterThanOrEqual(2)
      const raw = Buffer.from(bytes).toString('latin1')
      expect(raw).toContain('/Marked true')
      expect(raw.match(/\/FontFile2/g)).toHaveLength(2)
      expect(bytes.length).toBeLessThan(400_000)
      expect(Buffer.compare(Buffer.from(await payslipPdf(document)), Buffer.from(bytes))).toBe(0)
    },
  )

  it('takes no font that is no WOFF', () => {
    expect(() => unpackWoff(new Uint8Array(100))).toThrow('not a WOFF 1.0 font')
  })
})

describe('naru labor', () => {
  let home = ''
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'naru-labor-'))
  })
  afterAll(() => rmSync(home, { recursive: true }))

  /** Runs the command line in this process. */
  async function naru(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    const said = { stdout: '', stderr: '' }
    const listen = (name: 'stdout' | 'stderr') =>
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        said[name] += String(text)
        return true
      })
    const spies = [listen('stdout'), listen('stderr')]
    try {
      return { status: await runCli(GROUPS, ['labor', ...args], {}), ...said }
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
  }

  it('writes page and PDF, and one JSON document with every line', async () => {
    const [file, html, pdf] = [join(home, 'plan.yaml'), join(home, 'slip.html'), join(home, 'slip.pdf')]
    writeFileSync(file, JSON.stringify({ ...PLAN, contract: CONTRACT }))
    const { stdout: out } = await naru(
      'simulate-month',
      '--file',
      file,
      '--absent',
      '2026-11-18',
      '--html',
      html,
      '--pdf',
      pdf,
      '--json',
    )
    const found = JSON.parse(out) as {
      gross: string
      net: string
      lines: { code: string; won: string; law: string }[]
      contract: { hash: string }
    }
    expect([found.gross, found.lines.length]).toEqual(['990720', 5])
    expect(found.lines[0]).toMatchObject({ code: 'BASE', won: '825600', law: 'LSA-43(1);MWA-6(1)' })
    expect(readFileSync(html, 'utf8')).toContain(found.contract.hash)
    expect(readFileSync(pdf, 'latin1').startsWith('%PDF-1.7')).toBe(true)
  })

  it('takes everything from flags, and tells single figures', async () => {
    const told = async (...args: string[]): Promise<string> => (await naru(...args)).stdout
    const flags = ['--month', '2026-11', '--hourly', '10320', '--days', 'mon-fri', '--time', TIME, '--people', '4', '--json']
    const shift = ['--shift', '2026-11-10 13:00-19:30 break 15:00-15:30']
    const found = JSON.parse(await told('simulate-month', ...flags, ...shift)) as { gross: string }
    expect(found.gross).toBe(String(1_073_280 + 20_640))
    expect(await told('interest', '--principal', '1073280', '--due', '2026-12-10', '--paid', '2026-12-31')).toMatch(
      /^12,351 won of interest/,
    )
    expect(await told('equivalent', '--hours', '20')).toMatch(/^1,076,229 won a month/)
    expect(await told('leave', '--hours', '24')).toMatch(/^72 hours of leave/)
    expect(await told('severance', ...flags.slice(0, -1), '--start-on', '2025-12-01', '--end-on', '2026-11-30')).toMatch(
      /^1,238,400 won\n/,
    )
  })

  it('refuses what it cannot use with exit code 2, naming thing, value and fix', async () => {
    const month = await naru('simulate-month', '--month', '2026-13')
    expect([month.status, month.stderr]).toEqual([2, expect.stringContaining('month: is a month such as 2026-11')])
    expect((await naru('interest', '--principal', 'much', '--due', '2026-12-10', '--paid', '2026-12-31')).stderr).toContain(
      '"much"',
    )
    expect((await naru('simulate-month', '--file', join(home, 'none.yaml'))).status).toBe(2)
    const file = join(home, 'plan.json')
    writeFileSync(file, JSON.stringify(PLAN))
    const page = await naru('simulate-month', '--file', file, '--html', join(home, 'no/such/folder.html'))
    expect([page.status, page.stderr]).toEqual([2, expect.stringContaining('cannot write')])
  })
})
