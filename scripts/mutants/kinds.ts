// Owns: what a planted bug is: one or more exact replacements, and the suites that must notice it. Not here: the list of them
// (*-bugs.ts), planting them (../mutants.ts).

/** One replacement: `find` stands in the file exactly once. */
export type Edit = { readonly file: string; readonly find: string; readonly replace: string }

/** A suite: files of unit tests, or runs of the simulator. */
export type Suite =
  | { readonly kind: 'tests'; readonly files: readonly string[] }
  | { readonly kind: 'sim'; readonly scenario: string; readonly seeds: string; readonly heights: number }

/** A bug on purpose; the first of its suites that fails has killed it. */
export type Mutant = {
  readonly name: string
  /** What the bug does, and where it was seen. */
  readonly about: string
  readonly edits: readonly Edit[]
  readonly suites: readonly Suite[]
}

/** Unit tests, by file. */
export function tests(...files: string[]): Suite {
  return { kind: 'tests', files }
}

/** Runs of one scenario. */
export function runs(scenario: string, seeds: string, heights = 8): Suite {
  return { kind: 'sim', scenario, seeds, heights }
}

/** The transcripts of the consensus machine. */
export const TRANSCRIPTS: Suite = tests('consensus/transcript.test.ts')
