// Owns: `npm run soak:outages`: how long after an outage of the whole network the next block comes: halves that were cut apart, and
// validators that were all down. Not here: that nothing is lost by it (test/networks).
import { setTimeout as sleep } from 'node:timers/promises'
import { findViolations } from '../helpers/chain-check.ts'
import { eventually, waitForHeight, waitForOneHeight } from '../helpers/devnet.ts'
import { GIVE_UP_MS } from '../networks/actions.ts'
import { removeNamespaces, runInPrivateNetwork } from '../networks/namespaces.ts'
import { NetworkPlan } from '../networks/plan.ts'
import { openStage } from '../networks/stage.ts'
import type { Stage } from '../networks/stage.ts'
import { formatTimes, openRun, readState, RUN_EXIT, sumUp, tellResult, writeState } from './run.ts'
import type { LongRun } from './run.ts'

const HELP = `npm run soak:outages -- [options]

Four validators under load. Cuts them into halves, heals them and takes the time to the next block; then kills all four, starts two,
and takes the time from the start of the third, which makes a quorum. Ctrl-C stops; the same command goes on from there.

  --splits N     partitions (5)
  --seconds N    length of each (60)
  --returns N    times that all four are killed (10)
  --links KIND   filter, or any: network namespaces where this machine allows (any)
  --dir FOLDER   state and result (.naru/soak/outages)
  --fresh        forget what is in the folder
  --help         this text

Exit codes: 0 nothing violated, 12 something was, 130 stopped by a signal before the end.`

type State = {
  /** From the heal to the first new block, and until all four have it. */
  healMs: number[]
  healAllMs: number[]
  /** Of the third of four: from its start to its first answer, from there to the next block, and both. */
  answerMs: number[]
  blockMs: number[]
  returnMs: number[]
  violations: string[]
}

const NAMES = ['v1', 'v2', 'v3', 'v4'] as const

/** Ms until some node is above the height. */
async function nextBlock(stage: Stage, height: number): Promise<number> {
  const begun = performance.now()
  await eventually('the next block', async () => ((await stage.height()) > height ? true : null), GIVE_UP_MS)
  return performance.now() - begun
}

async function splitOnce(stage: Stage, state: State, seconds: number): Promise<void> {
  await waitForHeight(stage.devnet, NAMES, (await stage.height()) + 5, GIVE_UP_MS)
  await stage.links.split([
    ['v1', 'v2'],
    ['v3', 'v4'],
  ])
  const before = await stage.height()
  await sleep(seconds * 1_000)
  const height = await stage.height()
  // One block may have had its votes on the way when the cut came.
  if (height > before + 1) state.violations.push(`halves without a quorum went on from ${before} to ${height}`)
  const begun = performance.now()
  await stage.links.heal()
  await nextBlock(stage, height)
  state.healMs.push(Math.round(performance.now() - begun))
  await waitForHeight(stage.devnet, NAMES, height + 1, GIVE_UP_MS)
  state.healAllMs.push(Math.round(performance.now() - begun))
}

async function returnOnce(stage: Stage, state: State): Promise<void> {
  const { devnet } = stage
  await waitForHeight(devnet, NAMES, (await stage.height()) + 5, GIVE_UP_MS)
  await Promise.all(NAMES.map((name) => devnet.kill(name)))
  const answers = (name: string): Promise<true> =>
    eventually(`${name} answers`, async () => ((await devnet.height(name)) >= 0 ? true : null), GIVE_UP_MS)
  devnet.spawn('v1', 'v2')
  await Promise.all([answers('v1'), answers('v2')])
  await sleep(1_000)
  const begun = performance.now()
  // One of those that are down may hold a block more; what counts is a block that nobody had.
  const height = await stage.height()
  devnet.spawn('v3')
  await answers('v3')
  const answered = performance.now()
  await nextBlock(stage, height)
  const done = performance.now()
  state.answerMs.push(Math.round(answered - begun))
  state.blockMs.push(Math.round(done - answered))
  state.returnMs.push(Math.round(done - begun))
  devnet.spawn('v4')
  await waitForHeight(devnet, NAMES, height + 1, GIVE_UP_MS)
}

async function runOutages(run: LongRun, stage: Stage, state: State): Promise<void> {
  const [splits, returns, seconds] = [run.count('splits', 5), run.count('returns', 10), run.count('seconds', 60)]
  const isOver = (): boolean => run.isStopping() || state.violations.length > 0
  while (state.healMs.length < splits && !isOver()) {
    await splitOnce(stage, state, seconds)
    run.say(`split ${state.healMs.length}/${splits}: next block ${state.healMs.at(-1)} ms after the heal`)
    writeState(run.dir, state)
  }
  while (state.returnMs.length < returns && !isOver()) {
    await returnOnce(stage, state)
    run.say(`return ${state.returnMs.length}/${returns}: next block ${state.returnMs.at(-1)} ms after the start of the third`)
    writeState(run.dir, state)
  }
  await stage.load.stop()
  stage.witness.stop()
  state.violations.push(...stage.load.faults)
  const height = await waitForOneHeight(stage.devnet, NAMES, GIVE_UP_MS)
  const { acknowledged } = stage.load
  const { conflicts } = stage.witness
  state.violations.push(...(await findViolations({ devnet: stage.devnet, names: NAMES, height, acknowledged, conflicts })))
}

async function main(): Promise<number> {
  const run = openRun({ name: 'outages', help: HELP, known: ['splits', 'seconds', 'returns', 'links'] })
  if (!run.inside && run.option('links') !== 'filter') {
    const code = await runInPrivateNetwork()
    if (code !== null) return code
  }
  const fresh: State = { healMs: [], healAllMs: [], answerMs: [], blockMs: [], returnMs: [], violations: [] }
  const state = readState<State>(run.dir) ?? fresh
  const step = { do: 'watch' }
  const plan = NetworkPlan.parse({ about: 'Outages of the whole network.', nodes: 4, steps: [step] })
  const stage = await openStage(plan, { namespaces: run.inside, dir: undefined })
  try {
    await runOutages(run, stage, state)
  } catch (error) {
    state.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    stage.witness.stop()
    await stage.close()
    if (run.inside) removeNamespaces(plan.nodes)
  }
  writeState(run.dir, state)
  const { violations, ...times } = state
  const sums = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, sumUp(values)]))
  tellResult(run.dir, { links: stage.links.kind, seconds: run.count('seconds', 60), ...sums, violations }, [
    ['links', stage.links.kind],
    ['2/2 for a while, heal to next block', formatTimes(sumUp(state.healMs))],
    ['2/2 for a while, heal to a block on all four', formatTimes(sumUp(state.healAllMs))],
    ['all down, start of the third to its answer', formatTimes(sumUp(state.answerMs))],
    ['all down, its answer to next block', formatTimes(sumUp(state.blockMs))],
    ['all down, its start to next block', formatTimes(sumUp(state.returnMs))],
    ['violations', String(violations.length)],
  ])
  for (const violation of violations) console.log(violation)
  if (violations.length > 0) return RUN_EXIT.violated
  return run.isStopping() ? RUN_EXIT.interrupted : RUN_EXIT.ok
}

process.exit(await main())
