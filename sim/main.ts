// Owns: `node sim/main.ts run|replay|shrink|stalls`: arguments, many seeds in a row, what is printed and written.
// Not here: one run (simulator.ts), making a plan smaller (shrink.ts).
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { addCoverage, formatCoverage } from './coverage.ts'
import { parsePlan } from './plan.ts'
import type { Plan } from './plan.ts'
import { SCENARIOS, buildPlan } from './scenarios.ts'
import { shrinkPlan } from './shrink.ts'
import { runPlan } from './simulator.ts'
import type { RunResult } from './simulator.ts'

const USAGE = `usage: node sim/main.ts run [--seeds 1..200] [--heights 20] [--scenario mix|all|NAME] [--ed25519]
                                [--json] [--out FOLDER]
       node sim/main.ts replay FILE [--trace] [--json]
       node sim/main.ts shrink FILE [--json]
       node sim/main.ts stalls [--json]
scenarios: ${SCENARIOS.join(' ')}`

const EXIT_VIOLATION = 1
const EXIT_USAGE = 2

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const complain = (text: string): void => void process.stderr.write(`${text}\n`)

type Total = {
  runs: number
  heights: number
  txs: number
  events: number
  longestGapMs: number
  readonly failed: { readonly file: string; readonly result: RunResult }[]
  readonly coverage: Map<string, number>
}

function parseSeeds(text: string): readonly [number, number] | null {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text)
  if (match === null) return null
  const first = Number(match[1])
  return [first, match[2] === undefined ? first : Number(match[2])]
}

function writeReplay(folder: string, { plan, violations, auditHash }: RunResult): string {
  const file = `${folder}/sim-${plan.scenario}-${plan.seed}.json`
  writeFileSync(file, `${JSON.stringify({ plan, violation: violations[0] ?? null, auditHash }, null, 2)}\n`)
  return file
}

function readReplay(file: string): { plan: Plan; auditHash: string | null } {
  const json = JSON.parse(readFileSync(file, 'utf8')) as { plan?: unknown; auditHash?: unknown }
  return { plan: parsePlan(json.plan ?? json), auditHash: typeof json.auditHash === 'string' ? json.auditHash : null }
}

function add(total: Total, result: RunResult, folder: string): void {
  total.runs++
  total.heights += result.heights
  total.txs += result.txs
  total.events += result.events
  total.longestGapMs = Math.max(total.longestGapMs, result.longestGapMs)
  addCoverage(total.coverage, result.coverage)
  if (result.violations.length === 0) return
  const file = writeReplay(folder, result)
  total.failed.push({ file, result })
  complain(
    `seed ${result.plan.seed} (${result.plan.scenario}): ${result.violations[0]?.kind}: ${result.violations[0]?.text}; ${file}`,
  )
}

type Flags = { seeds: string; heights: string; scenario: string; ed25519: boolean; json: boolean; out: string }

async function runSeeds(flags: Flags): Promise<number> {
  const range = parseSeeds(flags.seeds)
  const heights = Number(flags.heights)
  const names = flags.scenario === 'all' ? SCENARIOS : [flags.scenario]
  if (range === null || !Number.isInteger(heights) || heights < 1 || names.some((name) => !SCENARIOS.includes(name))) {
    complain(USAGE)
    return EXIT_USAGE
  }
  const total: Total = { runs: 0, heights: 0, txs: 0, events: 0, longestGapMs: 0, failed: [], coverage: new Map() }
  const begunMs = performance.now()
  for (let seed = range[0]; seed <= range[1]; seed++) {
    for (const name of names) {
      const plan = buildPlan(name, { seed, heights, crypto: flags.ed25519 ? 'ed25519' : 'stub' })
      if (plan !== null) add(total, await runPlan(plan), flags.out)
    }
  }
  showTotal(total, (performance.now() - begunMs) / 1_000, flags.json)
  return total.failed.length === 0 ? 0 : EXIT_VIOLATION
}

function showTotal(total: Total, seconds: number, json: boolean): void {
  const { runs, heights, txs, events, longestGapMs, coverage } = total
  const perMinute = Math.round((heights / seconds) * 60)
  const failed = total.failed.map(({ file, result }) => ({ file, seed: result.plan.seed, violations: result.violations }))
  if (json) {
    print(
      JSON.stringify({
        runs,
        heights,
        txs,
        events,
        longestGapMs,
        seconds,
        perMinute,
        failed,
        coverage: Object.fromEntries(coverage),
      }),
    )
    return
  }
  print('fault  times  what')
  print(formatCoverage(coverage))
  print(
    `${runs} runs, ${heights} heights, ${txs} transactions, ${events} events in ${seconds.toFixed(1)} s: ` +
      `${perMinute} heights a minute`,
  )
  print(`longest wait for a height after healing: ${longestGapMs} ms of virtual time`)
  print(`${failed.length} runs with violations`)
}

async function replay(file: string, flags: { trace: boolean; json: boolean }): Promise<number> {
  const { plan, auditHash } = readReplay(file)
  const result = await runPlan(plan, flags.trace ? { write: complain } : {})
  const same = auditHash === null || auditHash === result.auditHash
  if (flags.json) print(JSON.stringify({ violations: result.violations, auditHash: result.auditHash, same }))
  else {
    for (const { atMs, kind, machine, text } of result.violations) print(`${atMs} ms ${kind} machine ${machine}: ${text}`)
    print(`${result.heights} heights, audit hash ${result.auditHash}${same ? '' : `, not ${auditHash}: the code has changed`}`)
  }
  return result.violations.length === 0 ? 0 : EXIT_VIOLATION
}

async function shrink(file: string, json: boolean): Promise<number> {
  const { plan } = readReplay(file)
  const first = await runPlan(plan)
  const kind = first.violations[0]?.kind
  if (kind === undefined) {
    complain(`${file} does not fail any more`)
    if (json) print(JSON.stringify({ file, violation: null }))
    return 0
  }
  const trial = async (candidate: Plan) => (await runPlan(candidate)).violations[0] ?? null
  const say = ({ faults, byzantine, heights, faultMs }: Plan): void =>
    complain(`${faults.length} faults, ${byzantine.length} liars, ${heights} heights, ${faultMs} ms`)
  const small = await runPlan(await shrinkPlan(plan, kind, trial, say))
  const target = file.replace(/(\.json)?$/, '.small.json')
  writeFileSync(
    target,
    `${JSON.stringify({ plan: small.plan, violation: small.violations[0], auditHash: small.auditHash }, null, 2)}\n`,
  )
  print(json ? JSON.stringify({ file: target, violation: small.violations[0] ?? null }) : target)
  return EXIT_VIOLATION
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1..200' },
      heights: { type: 'string', default: '20' },
      scenario: { type: 'string', default: 'mix' },
      out: { type: 'string', default: '.' },
      ed25519: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const [command, file] = positionals
  if (command === 'run') return runSeeds(values)
  if (command === 'stalls') return (await import('./stalls/stall-run.ts')).showStalls(values.json, print)
  if (command === 'replay' && file !== undefined) return replay(file, values)
  if (command === 'shrink' && file !== undefined) return shrink(file, values.json)
  complain(USAGE)
  return EXIT_USAGE
}

process.exitCode = await main(process.argv.slice(2))
