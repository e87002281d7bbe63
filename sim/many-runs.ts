// Owns: many seeds in a row, in this process or shared among several; their sum, the progress of long ones, the report.
// Not here: one run (simulator.ts), arguments (main.ts).
import { spawn } from 'node:child_process'
import { CATALOGUE, addCoverage, countOfFault, formatCoverage } from './coverage.ts'
import type { Plan } from './plan.ts'
import { replayName, writeReplay } from './replay-file.ts'
import { SCENARIOS, buildPlan } from './scenarios.ts'
import { runPlan } from './simulator.ts'
import type { RunResult } from './simulator.ts'
import type { Violation } from './checkers/violation.ts'

/** What is run: every scenario of the list with every seed, first and last included. */
export type Batch = {
  readonly first: number
  readonly last: number
  readonly heights: number
  readonly scenario: string
  readonly crypto: Plan['crypto']
  /** Where replay files of failing runs go. */
  readonly out: string
  /** Ends with the first seed that fails. */
  readonly stop: boolean
}

/** A run that broke a promise. */
export type Failed = { readonly file: string; readonly seed: number; readonly violations: readonly Violation[] }

/** The sum of a batch, as `--json` prints it. */
export type Total = {
  runs: number
  heights: number
  txs: number
  events: number
  longestGapMs: number
  failed: Failed[]
  coverage: Record<string, number>
}

/** A sum with the time that it took. */
export type Report = Total & { readonly seconds: number; readonly perMinute: number; readonly exercised: number }

const PROGRESS_EVERY_MS = 10_000

/** Says something on stderr, where progress and failures go. */
export type Say = (text: string) => void

const nothingYet = (): Total => ({ runs: 0, heights: 0, txs: 0, events: 0, longestGapMs: 0, failed: [], coverage: {} })

function addRun(total: Total, result: RunResult, out: string, say: Say): void {
  total.runs++
  total.heights += result.heights
  total.txs += result.txs
  total.events += result.events
  total.longestGapMs = Math.max(total.longestGapMs, result.longestGapMs)
  addCoverage(total.coverage, result.coverage.counts)
  const first = result.violations[0]
  if (first === undefined) return
  const file = replayName(out, result.plan)
  writeReplay(file, result)
  total.failed.push({ file, seed: result.plan.seed, violations: result.violations })
  say(`seed ${result.plan.seed} (${result.plan.scenario}): ${first.kind}: ${first.text}; ${file}`)
}

/** Runs a batch in this process. */
export async function runBatch(batch: Batch, say: Say): Promise<Total> {
  const total = nothingYet()
  const { first, last, heights, scenario, crypto, out, stop } = batch
  const names = scenario === 'all' ? SCENARIOS.filter((name) => name !== 'rota') : [scenario]
  const begunMs = performance.now()
  let saidMs = begunMs
  for (let seed = first; seed <= last; seed++) {
    for (const name of names) {
      const plan = buildPlan(name, { seed, heights, crypto })
      if (plan !== null) addRun(total, await runPlan(plan), out, say)
    }
    if (stop && total.failed.length > 0) break
    const nowMs = performance.now()
    if (nowMs - saidMs < PROGRESS_EVERY_MS) continue
    saidMs = nowMs
    const perMinute = Math.round((total.heights / (nowMs - begunMs)) * 60_000)
    say(`seed ${seed} of ${first}..${last}: ${total.heights} heights, ${perMinute} a minute, ${total.failed.length} failed`)
  }
  return total
}

/** Shares a batch among processes, each with its own part of the seeds; the sum is the same as that of one process. */
export async function runShared(batch: Batch, jobs: number, program: string): Promise<Total> {
  const each = Math.ceil((batch.last - batch.first + 1) / jobs)
  const parts: Promise<Total>[] = []
  for (let first = batch.first; first <= batch.last; first += each)
    parts.push(runPart({ ...batch, first, last: Math.min(batch.last, first + each - 1) }, program))
  const total = nothingYet()
  for (const part of await Promise.all(parts)) {
    for (const key of ['runs', 'heights', 'txs', 'events'] as const) total[key] += part[key]
    total.longestGapMs = Math.max(total.longestGapMs, part.longestGapMs)
    total.failed.push(...part.failed)
    addCoverage(total.coverage, new Map(Object.entries(part.coverage)))
  }
  return total
}

function runPart({ first, last, heights, scenario, crypto, out, stop }: Batch, program: string): Promise<Total> {
  const flags = [...(crypto === 'ed25519' ? ['--ed25519'] : []), ...(stop ? ['--stop'] : [])]
  const what = ['--seeds', `${first}..${last}`, '--heights', String(heights), '--scenario', scenario, '--out', out, ...flags]
  const args = [...process.execArgv, program, 'run', ...what, '--json']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (text === '') reject(new Error(`seeds ${first}..${last} ended with code ${String(code)} and no result`))
      else resolve(JSON.parse(text) as Total)
    })
  })
}

/** The sum with what it means: speed, and how many faults of the catalogue happened at all. */
export function reportOf(total: Total, seconds: number): Report {
  const exercised = [...CATALOGUE.keys()].filter((fault) => countOfFault(total.coverage, fault) > 0).length
  const rounded = Math.round(seconds * 10) / 10
  return { ...total, seconds: rounded, perMinute: Math.round((total.heights / seconds) * 60), exercised }
}

/** The report for people. */
export function formatReport(report: Report): string {
  const { runs, heights, txs, events, seconds, perMinute, longestGapMs, failed, coverage, exercised } = report
  return [
    'fault  times  what',
    formatCoverage(coverage),
    `${exercised} of ${CATALOGUE.size} faults of the catalogue happened`,
    `${runs} runs, ${heights} heights, ${txs} transactions, ${events} events in ${seconds} s: ${perMinute} heights a minute`,
    `longest wait for a height after healing: ${longestGapMs} ms of virtual time`,
    `${failed.length} runs with violations`,
  ].join('\n')
}
