// Owns: the row every benchmark gives, how rows are printed and kept as JSON. Not here: any measurement, the page (page.ts).

/** One measured figure; `note` says under which conditions. */
export type BenchRow = { readonly name: string; readonly unit: string; readonly value: number; readonly note?: string }

/** The machine of a run; `verifyPerSecond` is the native Ed25519 rate of one thread at its start: compare ratios to it. */
export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  readonly date: string
  readonly verifyPerSecond: number
}

/** The rows of one benchmark. `verifyPerSecond` was measured right before it, since a shared machine is not always as fast. */
export type Section = {
  readonly name: string
  readonly about: string
  readonly seconds: number
  readonly verifyPerSecond: number
  readonly rows: readonly BenchRow[]
}

/** What `bench/main.ts` writes as JSON. */
export type Report = {
  readonly version: 1
  readonly quick: boolean
  readonly machine: Machine
  readonly sections: readonly Section[]
}

/** A figure as people read it: three digits, or the whole number from 1,000 on, thousands apart. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 100)
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ',')
  return value.toPrecision(3)
}

/** The machine in one line. */
export function formatMachine(machine: Machine): string {
  const memory = `${Math.round(machine.memoryBytes / 2 ** 30)} GiB`
  const verify = `Ed25519 verify ${formatFigure(machine.verifyPerSecond)}/s on one thread`
  return `${machine.cpu}, ${machine.cores} cores, ${memory}, ${machine.system}, Node ${machine.node}, ${machine.date}; ${verify}`
}

/** Rows as lines of one table, columns aligned. */
export function formatRows(rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map((row) => row.name.length))
  const lines = rows.map((row) => {
    const note = row.note === undefined ? '' : `  (${row.note})`
    return `${row.name.padEnd(width)} ${formatFigure(row.value).padStart(11)} ${row.unit.padEnd(6)}${note}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}

/** The whole report for people. */
export function formatReport({ machine, sections, quick }: Report): string {
  const head = `${formatMachine(machine)}${quick ? '\nquick run: short loads, for a smoke test and not for comparison' : ''}\n`
  const parts = sections.map(({ name, verifyPerSecond, seconds, rows }) => {
    return `\n${name} (verify ${formatFigure(verifyPerSecond)}/s before it, ${seconds.toFixed(0)} s)\n${formatRows(rows)}`
  })
  return head + parts.join('')
}

/** Prints rows alone, for a benchmark started by its own file. */
export function printReport(rows: readonly BenchRow[]): void {
  process.stdout.write(formatRows(rows))
}
