// Owns: a payslip on a terminal, with Korean letters two columns wide. Not here: what it says (sdk/payslip/document.ts).
import type { PayslipDocument, PayslipTable } from '../../sdk/payslip/document.ts'

const WIDE = /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  return [...text].reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0)
}

function pad(text: string, width: number, isNumber: boolean): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return isNumber ? space + text : text + space
}

function tableLines({ caption, columns, rows, total }: PayslipTable): string[] {
  const all = [columns.map(({ title }) => title), ...rows, ...(total === null ? [] : [total])]
  const widths = columns.map((_, at) => Math.max(...all.map((cells) => displayWidth(cells[at] ?? ''))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.isNumber === true))
      .join('  ')
      .trimEnd()
  return ['', caption, ...all.map(line)]
}

/** The payslip as lines. */
export function payslipText({ title, facts, tables, notes, contract }: PayslipDocument): string {
  const width = Math.max(...facts.map(([label]) => displayWidth(label)))
  return [
    title,
    ...facts.map(([label, value]) => `${pad(label, width, false)}  ${value}`),
    ...tables.flatMap(tableLines),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    ...(contract === null ? [] : ['', contract.hashLine]),
  ].join('\n')
}
