// Owns: what must hold after a step, in blocks, never in seconds. Not here: what must hold of every network at its end (run.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { parseDuration } from '../../cli/duration.ts'
import { compareSignPoints } from '../../node/storage/sign-state.ts'
import type { SignPoint } from '../../node/storage/sign-state.ts'
import { eventually, waitForHeight } from '../helpers/devnet.ts'
import { GIVE_UP_MS } from './actions.ts'
import type { Expectation } from './plan.ts'
import type { Stage } from './stage.ts'

/** What was there before the step. */
export type Before = {
  readonly height: number
  readonly exits: number
  readonly logBytes: ReadonlyMap<string, number>
  /** The last signature of each key. */
  readonly signed: ReadonlyMap<string, SignPoint | null>
}

type Check<T extends Expectation['that']> = (
  stage: Stage,
  expectation: Extract<Expectation, { that: T }>,
  before: Before,
) => Promise<string | null>

const CHECKS: { readonly [T in Expectation['that']]: Check<T> } = {
  async blocks(stage, { nodes, count, roundMax }) {
    const from = await stage.height()
    await waitForHeight(stage.devnet, nodes, from + count, GIVE_UP_MS)
    if (roundMax === undefined) return null
    const rounds = await roundsOf(stage, nodes[0] ?? 'v1', from + 1, from + count)
    const worst = Math.max(...rounds)
    return worst <= roundMax ? null : `a block took round ${worst}, at most ${roundMax} is right`
  },
  async noBlocks(stage, { for: period }) {
    const from = await stage.height()
    await sleep(parseDuration(period))
    const height = await stage.height()
    // One may have had its votes on the way when the step was done.
    return height <= from + 1 ? null : `went on from ${from} to ${height} without a quorum`
  },
  async caughtUp(stage, { nodes, withinBlocks }) {
    const target = await stage.height()
    for (const name of nodes) {
      const best = await eventually(
        `${name} at height ${target}`,
        async () => ((await stage.devnet.height(name)) >= target ? stage.height() : null),
        GIVE_UP_MS,
      )
      if (best > target + withinBlocks) return `${name} was at ${target} only when the others were at ${best}`
    }
    return null
  },
  async stopped(stage, { nodes, exit, code }, before) {
    for (const name of nodes) {
      const ended = await eventually(
        `${name} stops by itself`,
        () => stage.exits.slice(before.exits).find((entry) => entry.name === name) ?? null,
        GIVE_UP_MS,
      )
      stage.up.delete(name)
      if (ended.code !== exit) return `${name} ended with code ${String(ended.code)}, not ${exit}`
      if (!newLog(stage, name, before).includes(code)) return `the log of ${name} does not name ${code}`
    }
    return null
  },
  async logged(stage, { nodes, line }, before) {
    for (const name of nodes) {
      await eventually(
        `${name} logs ${line}`,
        () => (new RegExp(line).test(newLog(stage, name, before)) ? true : null),
        GIVE_UP_MS,
      )
    }
    return null
  },
  async quarantined(stage, { nodes }, before) {
    for (const name of nodes) {
      const fault = await watchQuarantine(stage, name, before.signed.get(name) ?? null)
      if (fault !== null) return fault
    }
    return null
  },
  async signsAgain(stage, { nodes }) {
    for (const name of nodes) {
      const from = await stage.height()
      await eventually(
        `${name} signs above height ${from}`,
        () => ((stage.signState(name).last?.height ?? 0) > from ? true : null),
        GIVE_UP_MS,
      )
    }
    return null
  },
  async notSigning(stage, { nodes, blocks }) {
    const signed = nodes.map((name) => stage.signState(name).last)
    const others = [...stage.up].filter((name) => !nodes.includes(name))
    await waitForHeight(stage.devnet, others, (await stage.height()) + blocks, GIVE_UP_MS)
    const faulty = nodes.find((name, index) => {
      const [was, is] = [signed[index] ?? null, stage.signState(name).last]
      return was === null || is === null ? was !== is : compareSignPoints(was, is) !== 0
    })
    return faulty === undefined ? null : `${faulty} signed something`
  },
}

/** A sentence when the expectation does not hold. */
export async function check<T extends Expectation['that']>(
  stage: Stage,
  expectation: Extract<Expectation, { that: T }>,
  before: Before,
): Promise<string | null> {
  const run = CHECKS[expectation.that as T] as Check<T>
  try {
    return await run(stage, expectation, before)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function newLog(stage: Stage, name: string, before: Before): string {
  return stage.devnet.logOf(name).slice(before.logBytes.get(name) ?? 0)
}

// Nothing new up to the floor, followed all the same, and signing again above it.
async function watchQuarantine(stage: Stage, name: string, last: SignPoint | null): Promise<string | null> {
  const { floorHeight } = stage.signState(name)
  if (floorHeight === 0) return `${name} may sign everywhere: its floor is 0`
  return eventually(
    `${name} signs again above its floor ${floorHeight}`,
    () => {
      const now = stage.signState(name).last
      if (now === null || (last !== null && compareSignPoints(now, last) === 0)) return null
      return { fault: now.height > floorHeight ? null : `${name} signed at ${now.height}, its floor is ${floorHeight}` }
    },
    GIVE_UP_MS,
  ).then(({ fault }) => fault)
}

async function roundsOf(stage: Stage, name: string, from: number, to: number): Promise<readonly number[]> {
  const rounds: number[] = []
  for (let height = from; height <= to; height++) {
    const commit = await stage.devnet.client(name).call<{ value: { round: number } }>('chain_getCommit', { height })
    rounds.push(commit.value.round)
  }
  return rounds
}
