// Owns: the measured part of docs/reference/benchmarks.md, written between two markers.
// Not here: what people wrote around it, measuring.
import { readFileSync, writeFileSync } from 'node:fs'
import { GOALS, measuredOf, reaches } from './goals.ts'
import { formatFigure, formatMachine } from './report.ts'
import type { BenchRow, Report, Section } from './report.ts'

/** The lines between which a run writes. */
export const MARKERS = { begin: '<!-- measured: begin -->', end: '<!-- measured: end -->' } as const

/** The benchmark that runs only when it is named. */
export const CITY_PEAK = 'city-peak'
/** The lines between which its figures stand. */
export const CITY_MARKERS = { begin: '<!-- city-peak: begin -->', end: '<!-- city-peak: end -->' } as const

const TOP_COSTS = 5

/** Replaces what a report measured on a page; one of the city-peak alone leaves all other figures. Throws without markers. */
export function writePage(path: string, report: Report): void {
  const city = report.sections.filter(({ name }) => name === CITY_PEAK)
  const others = report.sections.filter(({ name }) => name !== CITY_PEAK)
  let text = readFileSync(path, 'utf8')
  if (others.length > 0) text = replaceBetween(path, text, MARKERS, formatPage({ ...report, sections: others }))
  if (city.length > 0) text = replaceBetween(path, text, CITY_MARKERS, formatCity({ ...report, sections: city }))
  writeFileSync(path, text)
}

function replaceBetween(path: string, text: string, markers: { begin: string; end: string }, part: string): string {
  const begin = text.indexOf(markers.begin)
  const end = text.indexOf(markers.end)
  if (begin === -1 || end < begin) throw new Error(`${path} has no lines ${markers.begin} and ${markers.end}`)
  return `${text.slice(0, begin + markers.begin.length)}\n${part}${text.slice(end)}`
}

function formatCity(report: Report): string {
  const quick = report.quick ? 'A quick run: its loads are too short to compare with. ' : ''
  return `${quick}Machine: ${formatMachine(report.machine)}.\n\n${report.sections.map(formatSection).join('\n')}`
}

/** The measured part as markdown. */
export function formatPage(report: Report): string {
  const quick = report.quick ? 'A quick run: its loads are too short to compare with. ' : ''
  const costs = report.sections.flatMap((section) => section.rows).filter(({ name }) => name.startsWith('cost: '))
  return [
    `${quick}Machine: ${formatMachine(report.machine)}.`,
    `## Distance to the goals\n\n${formatGoals(report)}`,
    ...(costs.length === 0 ? [] : [`## Where a final transaction’s time goes\n\n${formatCosts(report, costs)}`]),
    `## All figures\n\n${report.sections.map(formatSection).join('\n')}`,
  ]
    .map((part) => `${part.trimEnd()}\n`)
    .join('\n')
}

function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return line(heads) + line(heads.map(() => '---')) + rows.map(line).join('')
}

function formatGoals(report: Report): string {
  const rows = GOALS.flatMap((goal) => {
    const value = measuredOf(report, goal)
    if (value === null) return []
    const factor = goal.better === 'more' ? goal.goal / value : value / goal.goal
    const far = reaches(goal, value, goal.goal) ? 'reached' : `factor ${factor.toFixed(2)} away`
    const mark = reaches(goal, value, goal.first) ? 'yes' : 'no'
    const figure = (of: number): string => `${formatFigure(of)} ${goal.unit}`
    return [[goal.work, figure(value), figure(goal.first), mark, figure(goal.goal), far]]
  })
  return formatTable(['work', 'measured', 'first bar', 'passed', 'goal', 'distance'], rows)
}

function formatCosts(report: Report, costs: readonly BenchRow[]): string {
  const rows = report.sections.flatMap((section) => section.rows)
  const total = rows.find(({ name }) => name.startsWith('profile: CPU of one node'))
  const top = costs.slice(0, TOP_COSTS).map(({ name, value, note }, i) => {
    return [String(i + 1), name.slice('cost: '.length), formatFigure(value), note ?? '']
  })
  const about =
    total === undefined ? '' : `One node spends ${formatFigure(total.value)} us on a final transfer (${total.note ?? ''}).\n\n`
  return about + formatTable(['', 'cost', 'us', 'share'], top)
}

function formatSection({ name, about, rows, verifyPerSecond }: Section): string {
  const cells = rows.map((row) => [row.name, formatFigure(row.value), row.unit, row.note ?? ''])
  const head = `### ${name}\n\n${about} Ed25519 verify right before it: ${formatFigure(verifyPerSecond)}/s.\n\n`
  return head + formatTable(['figure', 'value', 'unit', 'note'], cells)
}
