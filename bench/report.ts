// Owns: the row every benchmark gives and how rows are printed. Not here: any measurement.

/** One measured figure; `note` says under which conditions. */
export type BenchRow = { readonly name: string; readonly unit: string; readonly value: number; readonly note?: string }

/** Prints the rows as a table for people and as one line of JSON for programs. */
export function printReport(rows: readonly BenchRow[]): void {
  const width = Math.max(...rows.map((row) => row.name.length))
  for (const row of rows) {
    const value = formatFigure(row.value).padStart(12)
    const note = row.note === undefined ? '' : `  (${row.note})`
    process.stdout.write(`${row.name.padEnd(width)} ${value} ${row.unit.padEnd(10)}${note}\n`)
  }
  process.stdout.write(`${JSON.stringify({ rows })}\n`)
}

function formatFigure(value: number): string {
  return value >= 1_000 ? Math.round(value).toString() : value.toFixed(2)
}
