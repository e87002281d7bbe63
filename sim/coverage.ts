// Owns: which faults of the catalogue (design, 2.3) happened in a run, and the table of them. Not here: making them happen.

/** Counts of faults that took effect, by number of the catalogue and name. */
export type Coverage = { readonly note: (fault: number, name: string) => void; readonly counts: ReadonlyMap<string, number> }

/** The catalogue's numbers with a few words each. */
export const CATALOGUE: ReadonlyMap<number, string> = new Map([
  [1, 'equivocating proposer'],
  [2, 'double prevote or precommit'],
  [3, 'withheld or late proposals and votes'],
  [4, 'amnesia'],
  [5, 'hidden lock'],
  [6, 'partition, one-way link, slow node'],
  [7, 'loss, copies, disorder, delay, corrupted bytes'],
  [8, 'crash at an effect boundary'],
  [9, 'lost sync, torn write, rot, full or failing disk'],
  [10, 'log or journal lost, old store'],
  [11, 'clock skew, jump, freeze'],
  [12, 'validator set change'],
  [13, 'more than a third away, all restart'],
  [14, 'more than a third byzantine'],
  [15, 'forged senders, far rounds and heights'],
  [16, 'sync beside consensus, lying heights'],
  [17, 'poison block'],
  [18, 'idle chain, then one transaction'],
  [19, 'late precommits, votes before proposals'],
  [20, 'broken certificates'],
  [21, 'evidence: forged, repeated'],
  [22, 'twins'],
])

/** Nothing happened yet. */
export function createCoverage(): Coverage {
  const counts = new Map<string, number>()
  return {
    counts,
    note(fault, name) {
      const key = `${fault} ${name}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
  }
}

/** Adds the counts of one run, or of a part of the runs, to a total. */
export function addCoverage(total: Record<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [key, count] of counts) total[key] = (total[key] ?? 0) + count
}

function partsOf(total: Readonly<Record<string, number>>, fault: number): (readonly [name: string, count: number])[] {
  const own = Object.entries(total).filter(([key]) => key.startsWith(`${fault} `))
  return own.map(([key, count]) => [key.slice(key.indexOf(' ') + 1), count] as const).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** How often a fault of the catalogue happened, in whatever form. */
export function countOfFault(total: Readonly<Record<string, number>>, fault: number): number {
  return partsOf(total, fault).reduce((sum, [, count]) => sum + count, 0)
}

/** The table, one line per fault of the catalogue. */
export function formatCoverage(total: Readonly<Record<string, number>>): string {
  const lines: string[] = []
  for (const [fault, title] of CATALOGUE) {
    const detail = partsOf(total, fault)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
    const sum = String(countOfFault(total, fault)).padStart(9)
    lines.push(`${String(fault).padStart(3)}  ${sum}  ${title}${detail === '' ? '' : `: ${detail}`}`)
  }
  return lines.join('\n')
}
