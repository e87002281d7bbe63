// Owns: `npm run mutants`: plants each bug of the list in a copy of the tree, runs the suites that must notice it, prints what
// was killed. Not here: the bugs (mutants/*-bugs.ts), planting them (mutants/planting.ts).
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DURABILITY_BUGS } from './mutants/durability-bugs.ts'
import { tests } from './mutants/kinds.ts'
import type { Mutant, Suite } from './mutants/kinds.ts'
import { LOCK_BUGS } from './mutants/lock-bugs.ts'
import { createCopy, plant, runSuite } from './mutants/planting.ts'
import { ROUND_BUGS } from './mutants/round-bugs.ts'

const USAGE = `usage: node scripts/mutants.ts [--only NAME,NAME] [--trusted] [--json] [--list]
--trusted leaves the run of the same suites without a bug out; --list names the bugs.
Exit codes: 0 every bug was killed, 1 a bug survived, 2 wrong call, 3 a suite fails without any bug or cannot run.`

const EXIT = { survived: 1, usage: 2, broken: 3 } as const

/** Every planted bug. */
export const MUTANTS: readonly Mutant[] = [...LOCK_BUGS, ...ROUND_BUGS, ...DURABILITY_BUGS]

type Outcome = { readonly name: string; readonly about: string; readonly killedBy: string | null; readonly seconds: number }

const nameOf = (suite: Suite): string =>
  suite.kind === 'sim' ? `sim ${suite.scenario} ${suite.seeds}` : `tests ${suite.files.join(' ')}`

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** The suites of the chosen bugs on the tree as it is; null when all pass. */
async function checkBaseline(root: string, chosen: readonly Mutant[]): Promise<string | null> {
  const all = chosen.flatMap(({ suites }) => suites)
  const files = new Set(all.flatMap((suite) => (suite.kind === 'tests' ? suite.files : [])))
  const sims = new Map(all.flatMap((suite) => (suite.kind === 'sim' ? [[JSON.stringify(suite), suite] as const] : [])))
  const suites = [...sims.values(), ...(files.size === 0 ? [] : [tests(...files)])]
  for (const suite of suites) {
    say(`without a bug: ${nameOf(suite)}`)
    const failed = await runSuite(root, suite)
    if (failed !== null) return `${nameOf(suite)} fails without any bug: ${failed}`
  }
  return null
}

async function tryMutant(root: string, mutant: Mutant): Promise<Outcome> {
  const begunMs = performance.now()
  const takeOut = plant(root, mutant)
  let killedBy: string | null = null
  try {
    for (const suite of mutant.suites) {
      const failed = await runSuite(root, suite)
      if (failed === null) continue
      killedBy = `${nameOf(suite)}: ${failed}`
      break
    }
  } finally {
    takeOut()
  }
  const { name, about } = mutant
  const seconds = Math.round((performance.now() - begunMs) / 100) / 10
  say(`${killedBy === null ? 'SURVIVED' : 'killed'} ${name} (${seconds} s)${killedBy === null ? '' : `: ${killedBy}`}`)
  return { name, about, killedBy, seconds }
}

function formatTable(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length))
  const lines = outcomes.map(
    ({ name, killedBy }) => `${name.padEnd(width)}  ${killedBy === null ? 'SURVIVED' : `killed  ${killedBy.slice(0, 150)}`}`,
  )
  return lines.join('\n')
}

async function main(argv: readonly string[]): Promise<number> {
  const options = {
    only: { type: 'string' },
    json: { type: 'boolean' },
    list: { type: 'boolean' },
    trusted: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args: [...argv], options })
  const names = values.only?.split(',') ?? MUTANTS.map(({ name }) => name)
  const chosen = MUTANTS.filter(({ name }) => names.includes(name))
  if (values.list === true) {
    for (const { name, about } of MUTANTS) process.stdout.write(`${name}: ${about}\n`)
    return 0
  }
  if (chosen.length !== names.length) {
    say(USAGE)
    return EXIT.usage
  }
  const copy = createCopy(join(import.meta.dirname, '..'))
  try {
    const broken = values.trusted === true ? null : await checkBaseline(copy.root, chosen)
    if (broken !== null) {
      say(broken)
      return EXIT.broken
    }
    const outcomes: Outcome[] = []
    for (const mutant of chosen) outcomes.push(await tryMutant(copy.root, mutant))
    const killed = outcomes.filter(({ killedBy }) => killedBy !== null).length
    if (values.json === true) process.stdout.write(`${JSON.stringify({ planted: outcomes.length, killed, outcomes })}\n`)
    else process.stdout.write(`${formatTable(outcomes)}\n${killed} of ${outcomes.length} planted bugs killed\n`)
    return killed === outcomes.length ? 0 : EXIT.survived
  } finally {
    copy.remove()
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
