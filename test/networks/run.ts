// Owns: carrying out one fault network: steps in order, expectations, and what must hold of every network at its end.
// Not here: what a step does (actions.ts), the command line (main.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { parseDuration } from '../../cli/duration.ts'
import { findViolations } from '../helpers/chain-check.ts'
import { eventually, waitForOneHeight } from '../helpers/devnet.ts'
import { GIVE_UP_MS, perform } from './actions.ts'
import { check } from './expectations.ts'
import type { Before } from './expectations.ts'
import type { NetworkPlan, Step, When } from './plan.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'

/** What one step came to. */
export type StepReport = {
  readonly step: string
  readonly heightBefore: number
  readonly heightAfter: number
  readonly tookMs: number
  readonly violations: readonly string[]
}

/** What a network came to. */
export type NetworkReport = {
  readonly name: string
  readonly links: 'filter' | 'namespaces'
  readonly notes: readonly string[]
  readonly nodes: number
  readonly steps: readonly StepReport[]
  readonly blocks: number
  readonly finals: number
  readonly signatures: number
  readonly exits: Stage['exits']
  readonly repairs: readonly string[]
  readonly seconds: number
  readonly violations: readonly string[]
}

/** How it is run; `say` gets one line per step. */
export type RunOptions = {
  readonly name: string
  readonly namespaces: boolean
  readonly dir: string | undefined
  readonly say: (line: string) => void
  readonly isStopping: () => boolean
}

/** Runs a network from nothing to its end; nothing of it is left running. */
export async function runNetwork(plan: NetworkPlan, options: RunOptions): Promise<NetworkReport> {
  const begun = performance.now()
  const stage = await openStage(plan, options)
  const steps: StepReport[] = []
  const violations: string[] = []
  try {
    for (const [index, step] of plan.steps.entries()) {
      if (options.isStopping()) break
      const report = await runStep(stage, step)
      steps.push(report)
      violations.push(...report.violations.map((violation) => `step ${index + 1} (${report.step}): ${violation}`))
      const outcome = report.violations.length === 0 ? 'held' : report.violations.join('; ')
      options.say(`${options.name} ${index + 1}/${plan.steps.length} ${report.step}: ${outcome} at height ${report.heightAfter}`)
      // What comes after would only repeat what is wrong.
      if (violations.length > 0) break
    }
    const blocks = violations.length > 0 || options.isStopping() ? await stage.height() : await checkEnd(stage, violations)
    return {
      ...{ name: options.name, links: stage.links.kind, notes: stage.links.notes, nodes: plan.nodes, steps, blocks, violations },
      finals: stage.load.acknowledged.length,
      signatures: stage.witness.seen(),
      exits: stage.exits.filter(({ code }) => code !== null && code !== STOPPED && code !== 0),
      repairs: stage.repaired,
      seconds: Math.round((performance.now() - begun) / 1_000),
    }
  } finally {
    stage.witness.stop()
    await stage.close()
  }
}

/** Exit code of a node that was asked to stop. */
const STOPPED = 143

async function runStep(stage: Stage, step: Step): Promise<StepReport> {
  await waitUntil(stage, step.when)
  const begun = performance.now()
  const before: Before = {
    height: await stage.height(),
    exits: stage.exits.length,
    logBytes: new Map(stage.names.map((name) => [name, stage.devnet.logOf(name).length])),
    signed: new Map(stage.names.map((name) => [name, readSigned(stage, name)])),
  }
  const violations: string[] = []
  try {
    await perform(stage, step)
  } catch (error) {
    violations.push(error instanceof Error ? error.message : String(error))
  }
  for (const expectation of violations.length > 0 ? [] : step.expect) {
    const fault = await check(stage, expectation, before)
    if (fault !== null) violations.push(`${expectation.that}: ${fault}`)
  }
  const heightAfter = await stage.height()
  const tookMs = Math.round(performance.now() - begun)
  return { step: describe(step), heightBefore: before.height, heightAfter, tookMs, violations }
}

// A sign state that a step spoiled has no last signature to tell.
function readSigned(stage: Stage, name: string) {
  try {
    return stage.signState(name).last
  } catch {
    return null
  }
}

function describe(step: Step): string {
  const { do: action, when: _when, why: _why, expect: _expect, ...rest } = step
  const words = Object.values(rest).map((value) => (Array.isArray(value) ? value.map(String).join(' ') : String(value)))
  return [action, ...words].join(' ')
}

async function waitUntil(stage: Stage, when: When | undefined): Promise<void> {
  if (when === undefined) return
  if ('after' in when) await sleep(parseDuration(when.after))
  else if ('finals' in when) {
    const from = stage.load.acknowledged.length
    const { finals } = when
    await eventually(`${finals} finals`, () => (stage.load.acknowledged.length >= from + finals ? true : null), GIVE_UP_MS)
  } else {
    const from = await stage.height()
    const { blocks } = when
    await eventually(`${blocks} blocks`, async () => ((await stage.height()) >= from + blocks ? true : null), GIVE_UP_MS)
  }
}

/** Every network ends with all its nodes on one chain, nothing lost, nothing signed twice, and no hand that was not announced. */
async function checkEnd(stage: Stage, violations: string[]): Promise<number> {
  const { devnet, names, load, plan } = stage
  const down = names.filter((name) => !stage.up.has(name))
  if (down.length > 0) violations.push(`${down.join(', ')} did not come back: every network ends with all nodes up`)
  if (stage.repaired.length > plan.repairs)
    violations.push(`${stage.repaired.join(', ')} needed a hand; ${plan.repairs} announced`)
  await load.stop()
  stage.witness.stop()
  violations.push(...load.faults)
  if (load.acknowledged.length === 0) violations.push('the load saw no final transaction at all')
  if (down.length > 0) return stage.height()
  const height = await waitForOneHeight(devnet, names, GIVE_UP_MS)
  const { acknowledged } = load
  violations.push(...(await findViolations({ devnet, names, height, acknowledged, conflicts: stage.witness.conflicts })))
  return height
}
