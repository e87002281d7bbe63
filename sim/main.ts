// Owns: `node sim/main.ts run|replay|shrink|stalls`: arguments, what is printed and written, exit codes.
// Not here: many runs (many-runs.ts), one run (simulator.ts), making a plan smaller (shrink.ts).
import { parseArgs } from 'node:util'
import { formatReport, reportOf, runBatch, runShared } from './many-runs.ts'
import type { Batch } from './many-runs.ts'
import type { Plan } from './plan.ts'
import { readReplay, writeReplay } from './replay-file.ts'
import { SCENARIOS } from './scenarios.ts'
import { shrinkPlan } from './shrink.ts'
import { runPlan } from './simulator.ts'

const USAGE = `usage: node sim/main.ts run [--seeds 1..200] [--heights 20] [--scenario mix|rota|all|NAME] [--jobs 1]
                                [--ed25519] [--stop] [--out FOLDER] [--json]
       node sim/main.ts replay FILE [--trace] [--json]
       node sim/main.ts shrink FILE [--json]
       node sim/main.ts stalls [--json]
exit codes: 0 every promise was kept, 1 one was broken, 2 wrong call or no replay file
scenarios: ${SCENARIOS.join(' ')}`

const EXIT_VIOLATION = 1
const EXIT_USAGE = 2
const JOBS_MAX = 64

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const complain = (text: string): void => void process.stderr.write(`${text}\n`)

type Flags = {
  seeds: string
  heights: string
  scenario: string
  jobs: string
  ed25519: boolean
  stop: boolean
  json: boolean
  trace: boolean
  out: string
}

function parseSeeds(text: string): readonly [number, number] | null {
  const match = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text)
  if (match === null) return null
  const first = Number(match[1])
  return [first, match[2] === undefined ? first : Number(match[2])]
}

function wrongCall(reason: string): number {
  complain(`${reason}\n${USAGE}`)
  return EXIT_USAGE
}

async function runSeeds(flags: Flags): Promise<number> {
  const range = parseSeeds(flags.seeds)
  const [heights, jobs] = [Number(flags.heights), Number(flags.jobs)]
  const { scenario, out, stop } = flags
  if (range === null || range[1] < range[0]) return wrongCall(`--seeds ${flags.seeds} is no number and no range such as 1..200`)
  if (!Number.isInteger(heights) || heights < 1) return wrongCall(`--heights ${flags.heights} is no number above 0`)
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > JOBS_MAX) return wrongCall(`--jobs ${flags.jobs} is not in 1..${JOBS_MAX}`)
  if (scenario !== 'all' && !SCENARIOS.includes(scenario)) return wrongCall(`--scenario ${scenario} is none of the scenarios`)
  const crypto = flags.ed25519 ? 'ed25519' : 'stub'
  const batch: Batch = { first: range[0], last: range[1], heights, scenario, crypto, out, stop }
  const begunMs = performance.now()
  const total = jobs === 1 ? await runBatch(batch, complain) : await runShared(batch, jobs, import.meta.filename)
  const report = reportOf(total, (performance.now() - begunMs) / 1_000)
  print(flags.json ? JSON.stringify(report) : formatReport(report))
  return report.failed.length === 0 ? 0 : EXIT_VIOLATION
}

async function replay(file: string, flags: Flags): Promise<number> {
  const found = readReplay(file)
  if (typeof found === 'string') return wrongCall(found)
  const { plan, auditHash } = found
  const result = await runPlan(plan, flags.trace ? { write: complain } : {})
  const same = auditHash === null || auditHash === result.auditHash
  const { violations, heights } = result
  if (flags.json) print(JSON.stringify({ violations, heights, auditHash: result.auditHash, same }))
  else {
    for (const { atMs, kind, machine, text } of violations) print(`${atMs} ms ${kind} machine ${machine}: ${text}`)
    print(`${heights} heights, audit hash ${result.auditHash}${same ? '' : `, not ${auditHash}: the code has changed`}`)
  }
  return violations.length === 0 ? 0 : EXIT_VIOLATION
}

async function shrink(file: string, { json }: Flags): Promise<number> {
  const found = readReplay(file)
  if (typeof found === 'string') return wrongCall(found)
  const first = await runPlan(found.plan)
  const kind = first.violations[0]?.kind
  if (kind === undefined) {
    complain(`${file} breaks no promise any more`)
    if (json) print(JSON.stringify({ file, violation: null }))
    return 0
  }
  const trial = async (candidate: Plan) => (await runPlan(candidate)).violations[0] ?? null
  const say = ({ faults, byzantine, heights, faultMs }: Plan): void =>
    complain(`${faults.length} faults, ${byzantine.length} liars, ${heights} heights, ${faultMs} ms`)
  const small = await runPlan(await shrinkPlan(found.plan, kind, trial, say))
  const target = file.replace(/(\.json)?$/, '.small.json')
  writeReplay(target, small)
  print(json ? JSON.stringify({ file: target, violation: small.violations[0] ?? null }) : target)
  return EXIT_VIOLATION
}

const OPTIONS = {
  seeds: { type: 'string', default: '1..200' },
  heights: { type: 'string', default: '20' },
  scenario: { type: 'string', default: 'mix' },
  jobs: { type: 'string', default: '1' },
  out: { type: 'string', default: '.' },
  ed25519: { type: 'boolean', default: false },
  stop: { type: 'boolean', default: false },
  trace: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

async function main(argv: readonly string[]): Promise<number> {
  let call: { values: Flags; positionals: string[] }
  try {
    call = parseArgs({ args: [...argv], allowPositionals: true, options: OPTIONS })
  } catch (error) {
    return wrongCall(error instanceof Error ? error.message : String(error))
  }
  const [command, file] = call.positionals
  if (command === 'run') return runSeeds(call.values)
  if (command === 'stalls') return (await import('./stalls/stall-run.ts')).showStalls(call.values.json, print)
  if (command === 'replay' && file !== undefined) return replay(file, call.values)
  if (command === 'shrink' && file !== undefined) return shrink(file, call.values)
  return wrongCall(command === undefined ? 'name a command' : `${command} is no command, or lacks its file`)
}

process.exitCode = await main(process.argv.slice(2))
