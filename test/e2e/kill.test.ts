// Owns: kill -9 of each validator in turn, under load, twenty times. Not here: all of them at once (restart.test.ts).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { readChain } from '../../sdk/chain.ts'
import type { TxStatusJson } from '../../sdk/methods.ts'
import { nodeAddresses } from '../../cli/devnet/layout.ts'
import { createDevnet, eventually, readRoots, waitForHeight, waitForOneHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { startTransferLoad } from '../helpers/transfer-load.ts'
import { watchVotes } from '../helpers/vote-witness.ts'

const NAMES = ['v1', 'v2', 'v3', 'v4'] as const
const ROUNDS = 5
/** Fixed, so that a failure can be run again; only the machine's own timing differs. */
const SEED = 20_260_101

let devnet: Devnet

beforeAll(async () => {
  devnet = await createDevnet({ count: 4, accountCount: 24 })
  await devnet.start()
})

afterAll(() => devnet?.destroy())

function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test('each validator is killed five times under load: no halt, no double sign, nothing acknowledged is lost', {
  timeout: 300_000,
}, async () => {
  const chain = await readChain(devnet.client('v1'))
  const urls = NAMES.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
  const load = startTransferLoad({ urls, chain, accounts: devnet.accounts })
  const witness = watchVotes(devnet)
  const random = createRandom(SEED)
  const gaps: number[] = []
  const returns: number[] = []
  await waitForHeight(devnet, NAMES, 5)
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of NAMES) {
      const others = NAMES.filter((other) => other !== name)
      await sleep(random(300))
      await devnet.kill(name)
      const killedAt = performance.now()
      const height = Math.max(...(await Promise.all(others.map(devnet.height))))
      // One of the blocks may have been decided before the kill; the second needs the three alone.
      await waitForHeight(devnet, others, height + 2)
      gaps.push(performance.now() - killedAt)
      await sleep(random(300))
      returns.push(await devnet.start(name))
      await waitForHeight(devnet, [name], height + 2)
    }
  }
  await load.stop()
  witness.stop()
  const height = await waitForOneHeight(devnet, NAMES)

  expect(load.faults).toEqual([])
  expect(load.acknowledged.length).toBeGreaterThan(200)
  const roots = await Promise.all(NAMES.map((name) => readRoots(devnet, name, height)))
  for (const other of roots) expect(other).toEqual(roots[0])
  expect(roots[0]).toHaveLength(height)
  for (const name of NAMES) expect(await missingOn(name, load.acknowledged)).toEqual([])

  expect(witness.conflicts).toEqual([])
  expect(witness.seen()).toBeGreaterThan(height)
  for (const name of NAMES) {
    expect(await devnet.metric(name, 'naru_consensus_evidence_total'), `evidence seen by ${name}`).toBe(0)
    expect(devnet.logOf(name)).not.toMatch(/Validator signed conflicting messages|other bytes were already signed|TwinError|TWIN/)
  }
  const total = (await Promise.all(devnet.accounts.map(({ id }) => balanceOf(id)))).reduce((sum, won) => sum + won, 0n)
  expect(total).toBe(BigInt(devnet.accounts.length) * 1_000_000_000n)
  report({ height, acknowledged: load.acknowledged.length, votes: witness.seen(), gaps, returns })
})

async function missingOn(name: string, acknowledged: readonly { txId: string; height: number }[]): Promise<readonly string[]> {
  const missing: string[] = []
  for (let from = 0; from < acknowledged.length; from += 100) {
    const part = acknowledged.slice(from, from + 100)
    const calls = part.map(({ txId }) => ({ method: 'tx_getStatus', params: { hash: txId } }))
    const answers = (await devnet.client(name).batch(calls)) as readonly TxStatusJson[]
    answers.forEach((answer, index) => {
      const { txId, height } = part[index] as { txId: string; height: number }
      if (answer.status !== 'final' || answer.height !== height || answer.receipt.code !== 0) {
        missing.push(`${txId} at ${height}: ${JSON.stringify(answer)}`)
      }
    })
  }
  return missing
}

async function balanceOf(account: string): Promise<bigint> {
  const answer = await eventually('a balance', () =>
    devnet.client('v1').call<{ value: { balance: string } }>('payment_getBalance', { account }),
  )
  return BigInt(answer.value.balance)
}

function report(run: { height: number; acknowledged: number; votes: number; gaps: number[]; returns: number[] }): void {
  const line = (what: string, values: readonly number[]): string => {
    const sorted = [...values].sort((a, b) => a - b)
    const [middle = 0, last = 0] = [sorted[sorted.length >> 1], sorted.at(-1)]
    return `${what}: median ${Math.round(middle)} ms, worst ${Math.round(last)} ms of ${values.length}`
  }
  console.log(
    `20 kills: ${run.acknowledged} transfers acknowledged final in ${run.height} blocks, ${run.votes} signatures witnessed`,
  )
  console.log(line('from kill to two more blocks on the three others', run.gaps))
  console.log(line('from start to ready again', run.returns))
}
