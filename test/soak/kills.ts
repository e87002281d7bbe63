// Owns: `npm run soak:kills`: kill -9 at random moments, one node, several, all, and nodes that are just coming back, under load,
// until the asked number is reached; then the whole chain is checked. Not here: what must hold (test/helpers/chain-check.ts).
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { readChain } from '../../sdk/chain.ts'
import { hasLayout, nodeAddresses, nodePaths, validatorAccount } from '../../cli/devnet/layout.ts'
import { readJournal } from '../../node/storage/journal.ts'
import { compareSignPoints } from '../../node/storage/sign-state.ts'
import type { SignPoint } from '../../node/storage/sign-state.ts'
import { findViolations } from '../helpers/chain-check.ts'
import { createDevnet, waitForHeight, waitForOneHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { createRandom } from '../helpers/random.ts'
import type { Random } from '../helpers/random.ts'
import { startTransferLoad } from '../helpers/transfer-load.ts'
import type { Acknowledged, TransferLoad } from '../helpers/transfer-load.ts'
import { watchVotes } from '../helpers/vote-witness.ts'
import { formatTimes, openRun, readState, RUN_EXIT, sumUp, tellResult, writeState } from './run.ts'
import type { LongRun } from './run.ts'

const HELP = `npm run soak:kills -- [options]

Kills validators of a devnet of four by SIGKILL at random moments under load and checks that nothing was lost.
Ctrl-C stops after the round; the same command goes on from there.

  --kills N      kills in all (1000)
  --accounts N   accounts that pay without pause (16)
  --seed N       chance (20260101)
  --dir FOLDER   devnet, state and result (.naru/soak/kills)
  --fresh        forget what is in the folder
  --help         this text

Exit codes: 0 nothing violated, 12 something was, 130 stopped by a signal before the end.`

const NAMES = ['v1', 'v2', 'v3', 'v4'] as const
const KINDS = ['one', 'returning', 'two', 'three', 'all', 'storm'] as const
type Kind = (typeof KINDS)[number]
/** Of a hundred rounds. A returning node is killed again before it is there; in a storm each node falls by a clock of its own. */
const WEIGHTS: Readonly<Record<Kind, number>> = { one: 25, returning: 20, two: 10, three: 10, all: 10, storm: 25 }
const STORM_FALLS = 3
/** A node that is not back by itself after this long needs a hand: the very thing that must not happen. */
const BACK_MS = 120_000

type State = {
  random: number
  kills: number
  rounds: Record<Kind, number>
  killsByKind: Record<Kind, number>
  seconds: number
  sittings: number
  signatures: number
  /** From the first kill of a round until the killed nodes have a block more than any had before. */
  backMs: Record<Kind, number[]>
  violations: string[]
}

function beginState(seed: number): State {
  const zeros = (): Record<Kind, number> => ({ one: 0, returning: 0, two: 0, three: 0, all: 0, storm: 0 })
  const backMs = { one: [], returning: [], two: [], three: [], all: [], storm: [] }
  const counts = { kills: 0, rounds: zeros(), killsByKind: zeros(), seconds: 0, sittings: 0, signatures: 0 }
  return { random: seed, ...counts, backMs, violations: [] }
}

function pickKind(random: Random): Kind {
  let left = random.below(100)
  for (const kind of KINDS) {
    left -= WEIGHTS[kind]
    if (left < 0) return kind
  }
  return 'one'
}

function pickNames(random: Random, count: number): readonly string[] {
  const names: string[] = [...NAMES]
  while (names.length > count) names.splice(random.below(names.length), 1)
  return names
}

function signPoint(devnet: Devnet, name: string): SignPoint {
  const publicKeyHex = toHex(validatorAccount(devnet.layout, name).publicKey)
  const chainTag = fromHex(devnet.genesisHash.slice(0, 16))
  const { last } = readJournal({ path: nodePaths(devnet.dir, name).journal, chainTag, publicKeyHex }).state
  return last ?? { height: 0, round: 0, step: 0 }
}

type Round = { readonly devnet: Devnet; readonly random: Random; readonly state: State }

/** The kills of one round, counted, with a look at the sign states before and after. */
function createKiller({ devnet, state }: Round, kind: Kind) {
  const signed = new Map<string, SignPoint>()
  return {
    async kill(names: readonly string[]): Promise<void> {
      await Promise.all(names.map((name) => devnet.kill(name)))
      state.kills += names.length
      state.killsByKind[kind] += names.length
      for (const name of names) {
        const point = signPoint(devnet, name)
        const before = signed.get(name)
        if (before !== undefined && compareSignPoints(point, before) < 0)
          state.violations.push(`the sign state of ${name} went back`)
        signed.set(name, point)
      }
    },
  }
}

/** One round: kill, perhaps kill again while it returns, start, and wait until all that fell have a new block. */
async function runRound(round: Round): Promise<void> {
  const { devnet, random, state } = round
  const kind = pickKind(random)
  const names = pickNames(random, { one: 1, returning: 1, two: 2, three: 3, all: 4, storm: 4 }[kind])
  const killer = createKiller(round, kind)
  const height = Math.max(...(await Promise.all(NAMES.map(devnet.height))))
  await sleep(random.below(400))
  const begun = performance.now()
  if (kind === 'storm') await Promise.all(names.map((name) => runStorm(round, killer, name)))
  else {
    await killer.kill(names)
    for (let again = kind === 'returning' ? 1 + random.below(3) : 0; again > 0; again--) {
      devnet.spawn(...names)
      await sleep(50 + random.below(1_000))
      await killer.kill(names)
    }
    for (const name of names) {
      // Not all at one moment: the first may wait for the last, or find the others gone ahead.
      if (names.length > 1) await sleep(random.below(150))
      devnet.spawn(name)
    }
    await waitForHeight(devnet, names, height + 1, BACK_MS)
  }
  state.backMs[kind].push(Math.round(performance.now() - begun))
  state.rounds[kind] += 1
}

/** One node of a storm: it falls, perhaps again on its way back, and then only after it has seen a new block. */
async function runStorm({ devnet, random }: Round, killer: ReturnType<typeof createKiller>, name: string): Promise<void> {
  for (let fall = 0; fall < STORM_FALLS; fall++) {
    await sleep(random.below(600))
    const height = await devnet.height(name)
    await killer.kill([name])
    if (random.below(3) === 0) {
      devnet.spawn(name)
      await sleep(50 + random.below(1_000))
      await killer.kill([name])
    }
    devnet.spawn(name)
    await waitForHeight(devnet, [name], height + 1, BACK_MS)
  }
}

function describe(state: State, load: TransferLoad, finals: number, height: number): string {
  const counts = `${finals + load.acknowledged.length} finals, ${state.violations.length + load.faults.length} violations`
  return `${state.kills} kills, height ${height}, ${counts}`
}

async function runKills(run: LongRun, devnet: Devnet, state: State): Promise<readonly Acknowledged[]> {
  const path = join(run.dir, 'finals.jsonl')
  const before: Acknowledged[] = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Acknowledged)
    : []
  const target = run.count('kills', 1_000)
  const random = createRandom(state.random)
  await devnet.start()
  const urls = NAMES.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
  const load = startTransferLoad({ urls, chain: await readChain(devnet.client('v1')), accounts: devnet.accounts })
  const witness = watchVotes(devnet)
  const begun = performance.now()
  const [secondsBefore, signaturesBefore] = [state.seconds, state.signatures]
  state.sittings += 1
  let kept = 0
  const keep = (): void => {
    const fresh = load.acknowledged.slice(kept)
    kept += fresh.length
    if (fresh.length > 0) appendFileSync(path, `${fresh.map((entry) => JSON.stringify(entry)).join('\n')}\n`)
    state.random = random.state()
    state.seconds = secondsBefore + Math.round((performance.now() - begun) / 1_000)
    state.signatures = signaturesBefore + witness.seen()
    for (const conflict of witness.conflicts.splice(0)) state.violations.push(`double sign: ${conflict}`)
    writeState(run.dir, state)
  }
  try {
    for (let round = 1; state.kills < target && !run.isStopping() && state.violations.length === 0; round++) {
      await runRound({ devnet, random, state })
      keep()
      if (round % 10 === 0) run.say(describe(state, load, before.length, await devnet.height('v1')))
    }
  } catch (error) {
    state.violations.push(`a node did not come back by itself: ${error instanceof Error ? error.message : String(error)}`)
  }
  await Promise.race([load.stop(), sleep(BACK_MS, undefined, { ref: false })])
  witness.stop()
  state.violations.push(...load.faults)
  keep()
  return [...before, ...load.acknowledged]
}

async function main(): Promise<number> {
  const run = openRun({ name: 'kills', help: HELP, known: ['kills', 'accounts', 'seed'] })
  const home = join(run.dir, 'devnet')
  const state = (hasLayout(home) ? readState<State>(run.dir) : null) ?? beginState(run.count('seed', 20_260_101))
  if (state.kills > 0) run.say(`going on after ${state.kills} kills`)
  const devnet = await createDevnet({ count: 4, accountCount: run.count('accounts', 16), dir: home })
  try {
    const acknowledged = await runKills(run, devnet, state)
    if (run.isStopping() && state.violations.length === 0) return RUN_EXIT.interrupted
    run.say(`checking ${acknowledged.length} finals on ${NAMES.length} nodes`)
    const height = await waitForOneHeight(devnet, NAMES)
    state.violations.push(...(await findViolations({ devnet, names: NAMES, height, acknowledged, conflicts: [] })))
    writeState(run.dir, state)
    report(run.dir, state, { height, finals: acknowledged.length })
    return state.violations.length === 0 ? RUN_EXIT.ok : RUN_EXIT.violated
  } catch (error) {
    state.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    writeState(run.dir, state)
    report(run.dir, state, { height: -1, finals: -1 })
    return RUN_EXIT.violated
  } finally {
    await devnet.destroy()
  }
}

function report(dir: string, state: State, chain: { height: number; finals: number }): void {
  const { kills, rounds, killsByKind, seconds, sittings, signatures, violations } = state
  const back = Object.fromEntries(KINDS.map((kind) => [kind, sumUp(state.backMs[kind])]))
  const result = { kills, rounds, killsByKind, back, seconds, sittings, signatures, ...chain, violations }
  const count = (word: string): string => String(violations.filter((line) => line.startsWith(word)).length)
  tellResult(dir, result, [
    ['kill -9', String(kills)],
    ['time', `${seconds} s in ${sittings} sitting(s)`],
    ['blocks', String(chain.height)],
    ['finals acknowledged', String(chain.finals)],
    ['signatures witnessed', String(signatures)],
    ['double signs', count('double sign')],
    ['lost finals', count('lost')],
    ['nodes that needed a hand', count('a node did not come back')],
    ['violations in all', String(violations.length)],
    ...KINDS.map((kind) => [`back after a kill of ${kind}`, formatTimes(sumUp(state.backMs[kind]))]),
  ])
  for (const violation of violations) console.log(violation)
}

process.exit(await main())
