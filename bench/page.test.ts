// Owns: the measured part of the page from a known report. Not here: measuring.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CITY_MARKERS, CITY_PEAK, MARKERS, formatPage, writePage } from './page.ts'
import { formatFigure } from './report.ts'
import type { BenchRow, Report } from './report.ts'

const row = (name: string, value: number, unit = '1/s', note?: string): BenchRow => {
  return { name, unit, value, ...(note === undefined ? {} : { note }) }
}

function reportOf(rows: readonly BenchRow[]): Report {
  const machine = { cpu: 'Chip', cores: 2, memoryBytes: 2 ** 34, system: 'linux 6', node: '26.10.0', date: '2026-11-23 16:00' }
  const section = { name: 'part', about: 'About.', seconds: 1, verifyPerSecond: 17_000, rows }
  return { version: 1, quick: false, machine: { ...machine, verifyPerSecond: 16_000 }, sections: [section] }
}

describe('the page of figures', () => {
  it('names the machine with its verify rate, and the rate right before each part', () => {
    const page = formatPage(reportOf([row('a', 1)]))
    expect(page).toContain(
      'Machine: Chip, 2 cores, 16 GiB, linux 6, Node 26.10.0, 2026-11-23 16:00; Ed25519 verify 16,000/s on one thread.',
    )
    expect(page).toContain('### part\n\nAbout. Ed25519 verify right before it: 17,000/s.\n')
  })

  it('takes the best rate of all loads for a goal, and tells how far it is', () => {
    const rows = [
      row('4 validators: offered 1000/s for 60 s, final per second', 995),
      row('4 validators: offered 2000/s for 30 s, final per second', 1_700),
      row('4 validators: memory of a node while idle', 200, 'MB'),
    ]
    const page = formatPage(reportOf(rows))
    expect(page).toContain(
      '| 4 validators, final transfers per second | 1,700 1/s | 1,000 1/s | yes | 3,400 1/s | factor 2.00 away |',
    )
    expect(page).toContain('| memory of an idle validator | 200 MB | 250 MB | yes | 150 MB | factor 1.33 away |')
    expect(page).not.toContain('1 validator, final')
  })

  it('shows the five largest named costs', () => {
    const costs = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, i) => row(`cost: ${name}`, 60 - i, 'us', `${i} %`))
    const page = formatPage(reportOf([row('profile: CPU of one node per final transaction', 280, 'us', '900/s'), ...costs]))
    expect(page).toContain('One node spends 280 us on a final transfer (900/s).')
    expect(page).toContain('| 5 | e | 56.0 | 4 % |')
    expect(page).not.toContain('| 6 |')
  })
})

describe('writing the page', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'naru-page-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  it('replaces what stands between the markers and nothing else', () => {
    const path = join(dir, 'page.md')
    writeFileSync(path, `# Title\n${MARKERS.begin}\nold\n${MARKERS.end}\nafter\n`)
    writePage(path, reportOf([row('a', 1)]))
    writePage(path, reportOf([row('b', 2)]))
    const text = readFileSync(path, 'utf8')
    expect(text.startsWith(`# Title\n${MARKERS.begin}\nMachine: `)).toBe(true)
    expect(text.endsWith(`${MARKERS.end}\nafter\n`)).toBe(true)
    expect(text).toContain('| b | 2.00 | 1/s |  |')
    expect(text).not.toMatch(/old|\| a \|/)
  })

  it('keeps the figures of the city’s peak and all others apart', () => {
    const path = join(dir, 'page.md')
    writeFileSync(path, `${CITY_MARKERS.begin}\nold city\n${CITY_MARKERS.end}\n${MARKERS.begin}\nold\n${MARKERS.end}\n`)
    const report = reportOf([row('a', 1)])
    writePage(path, { ...report, sections: report.sections.map((section) => ({ ...section, name: CITY_PEAK })) })
    expect(readFileSync(path, 'utf8')).toContain('| a | 1.00 | 1/s |  |\n<!-- city-peak: end -->')
    expect(readFileSync(path, 'utf8')).toContain(`${MARKERS.begin}\nold\n`)
    writePage(path, reportOf([row('b', 2)]))
    const text = readFileSync(path, 'utf8')
    expect([text.includes('| a |'), text.includes('| b |'), text.includes('old')]).toEqual([true, true, false])
  })

  it('refuses a page without markers', () => {
    const path = join(dir, 'page.md')
    writeFileSync(path, '# Title\n')
    expect(() => writePage(path, reportOf([row('a', 1)]))).toThrow('has no lines')
    expect(readFileSync(path, 'utf8')).toBe('# Title\n')
  })
})

describe('a figure', () => {
  it('has three digits below a hundred and groups of three from a thousand on', () => {
    expect([0.04567, 12.345, 99.96, 100.4, 1_234.5, 21_246_513].map(formatFigure)).toEqual([
      '0.0457',
      '12.3',
      '100',
      '100',
      '1,235',
      '21,246,513',
    ])
    expect(formatFigure(Number.NaN)).toBe('-')
  })
})
