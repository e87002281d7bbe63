// Owns: nodes that stop together and come back, that join late, and that must refuse to start.
// Not here: one node at a time under load (kill.test.ts), disks (disk.test.ts).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readChain } from '../../sdk/chain.ts'
import { transfer } from '../../sdk/rooms.ts'
import { createSender } from '../../sdk/sender.ts'
import { createWallet } from '../../sdk/wallet.ts'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { addObserver, nodeAddresses, nodePaths } from '../../cli/devnet/layout.ts'
import { spawnNode, stopNodes, waitUntilReady } from '../../cli/devnet/processes.ts'
import { createClient } from '../../sdk/client.ts'
import { createDevnet, eventually, readRoots, waitForHeight, waitForOneHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { naruMain } from '../helpers/naru.ts'
import { startTransferLoad } from '../helpers/transfer-load.ts'

const NAMES = ['v1', 'v2', 'v3', 'v4'] as const

let devnet: Devnet
let spare: string

beforeAll(async () => {
  spare = mkdtempSync(join(tmpdir(), 'naru-e2e-spare-'))
  devnet = await createDevnet({ count: 4, accountCount: 16 })
  await devnet.start()
})

afterAll(async () => {
  await devnet?.destroy()
  rmSync(spare, { recursive: true, force: true })
})

function startLoad(chain: Awaited<ReturnType<typeof readChain>>) {
  const urls = NAMES.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
  // The last account is for single payments.
  return startTransferLoad({ urls, chain, accounts: devnet.accounts.slice(0, -1) })
}

async function payOnce(via: string): Promise<number> {
  const client = devnet.client(via)
  const chain = await readChain(client)
  const account = devnet.accounts.at(-1)
  if (account === undefined) throw new Error('no account')
  const wallet = createWallet({ seed: account.seed, keyId: DEV_KEY_ID, network: chain.network })
  const to = devnet.named('merchant-1').id
  return (await createSender({ client, chain, wallet }).send(transfer(chain, { to, amount: 1n }))).height
}

/** Starts three nodes, which are a quorum, and measures from the answer of the last to the next block. */
async function returnAsQuorum(height: number): Promise<{ readonly answeredMs: number; readonly blockMs: number }> {
  devnet.spawn('v1', 'v2')
  for (const name of ['v1', 'v2'])
    await eventually(`${name} answers`, async () => ((await devnet.height(name)) >= 0 ? true : null))
  // Two of four decide nothing; what one of them takes in now is the reason for the next block.
  const paid = payOnce('v1')
  expect(await devnet.height('v1')).toBeLessThanOrEqual(height + 1)
  const begun = performance.now()
  devnet.spawn('v3')
  await eventually('v3 answers', async () => ((await devnet.height('v3')) >= 0 ? true : null))
  const answered = performance.now()
  const before = Math.max(await devnet.height('v1'), await devnet.height('v2'), await devnet.height('v3'))
  await waitForHeight(devnet, ['v3'], before + 1)
  const blockMs = performance.now() - answered
  await paid
  return { answeredMs: answered - begun, blockMs }
}

test('all four killed at once come back and go on from the same chain', async () => {
  const chain = await readChain(devnet.client('v1'))
  const load = startLoad(chain)
  await eventually('some finals', () => (load.acknowledged.length >= 100 ? true : null))
  const roots = await readRoots(devnet, 'v2', await devnet.height('v2'))
  const stopping = load.stop()
  await Promise.all(NAMES.map((name) => devnet.kill(name)))
  for (const name of NAMES) expect(await devnet.height(name)).toBe(-1)

  const took = await returnAsQuorum(roots.length)
  await devnet.start('v4')
  // What was in flight when all died is offered again by its senders and becomes final too.
  await stopping
  expect(load.faults).toEqual([])
  await waitForOneHeight(devnet, NAMES)
  for (const name of NAMES) expect((await readRoots(devnet, name, roots.length)).slice(0, roots.length)).toEqual(roots)
  const lost: string[] = []
  for (const { txId, height } of load.acknowledged) {
    const status = await devnet.client('v3').call('tx_getStatus', { hash: txId })
    if (status.status !== 'final' || status.height !== height) lost.push(txId)
  }
  expect(lost).toEqual([])
  console.log(
    `all killed: third of four answers ${Math.round(took.answeredMs)} ms after its start, next block ${Math.round(took.blockMs)} ms later`,
  )
})

test('all four stopped in good order come back and go on', async () => {
  const height = await waitForOneHeight(devnet, NAMES)
  expect(await devnet.stop()).toEqual([])
  for (const name of NAMES) expect(devnet.logOf(name)).toMatch(/"msg":"Stopped"/)
  const took = await returnAsQuorum(height)
  await devnet.start('v4')
  expect(await payOnce('v4')).toBeGreaterThan(height)
  console.log(
    `all stopped: third of four answers ${Math.round(took.answeredMs)} ms after its start, next block ${Math.round(took.blockMs)} ms later`,
  )
})

test('a fifth node added late catches up while blocks are produced', async () => {
  const chain = await readChain(devnet.client('v1'))
  const load = startLoad(chain)
  const { layout, node } = await addObserver(devnet.dir, devnet.layout)
  try {
    const begun = performance.now()
    spawnNode(devnet.dir, node, true)
    await waitUntilReady({ dir: devnet.dir, nodes: [node], timeoutMs: 30_000 })
    const readyMs = performance.now() - begun
    const observer = createClient({ url: nodeAddresses(devnet.dir, node).rpc })
    const seen = load.acknowledged.length
    await eventually('more finals with the observer there', () => (load.acknowledged.length > seen + 50 ? true : null))
    await load.stop()
    expect(load.faults).toEqual([])
    const height = await waitForOneHeight(devnet, NAMES)
    await eventually('the observer at the head', async () =>
      (await observer.call('chain_head')).value.height >= height ? true : null,
    )
    const mine = await observer.call('chain_getHeader', { height })
    const theirs = await devnet.client('v1').call('chain_getHeader', { height })
    expect(mine.value).toEqual(theirs.value)
    const last = load.acknowledged.at(-1)?.txId ?? ''
    expect(await observer.call('tx_getStatus', { hash: last })).toMatchObject({ status: 'final' })
    console.log(`observer: ${height} blocks, ready ${Math.round(readyMs)} ms after its start`)
    observer.close()
  } finally {
    await load.stop()
    await stopNodes(devnet.dir, layout.nodes.slice(-1))
  }
})

test('a second process on the same data directory refuses and harms nothing', async () => {
  const { config } = nodePaths(devnet.dir, 'v1')
  const result = await naruMain(['node', 'start', '--config', config, '--json'])
  expect(result.code, result.stderr).toBe(20)
  expect(result.stderr + result.stdout).toMatch(/data directory is held by process \d+/)
  expect(await payOnce('v1')).toBeGreaterThan(0)
})

test('the same key in another data directory refuses', async () => {
  const { config } = nodePaths(devnet.dir, 'v1')
  const result = await naruMain([
    ...['node', 'start', '--config', config, '--json', '--set'],
    ...[`data.dir=${join(spare, 'data')}`, `admin.socket=${join(spare, 'a.sock')}`],
    ...['rpc.listen=127.0.0.1:0', 'metrics.listen=127.0.0.1:0'],
  ])
  expect(result.code, result.stderr).toBe(20)
  expect(result.stderr + result.stdout).toMatch(/validator key is held by process \d+/)
  expect(await payOnce('v1')).toBeGreaterThan(0)
})

test('another genesis than that of the stored chain refuses', async () => {
  await devnet.stop('v4')
  const other = { ...(devnet.genesisJson as Record<string, unknown>), time: 1 }
  const genesis = join(spare, 'genesis.json')
  writeFileSync(genesis, JSON.stringify(other))
  const { config, journal } = nodePaths(devnet.dir, 'v4')
  const signed = readFileSync(journal)
  const asValidator = await naruMain(['node', 'start', '--config', config, '--json', '--set', `chain.genesis=${genesis}`])
  expect(asValidator.stderr + asValidator.stdout).toMatch(/belongs to the chain with tag|genesis/)
  expect(asValidator.code, asValidator.stderr).toBe(20)
  const asObserver = await naruMain([
    'node',
    'start',
    '--config',
    config,
    '--json',
    '--set',
    `chain.genesis=${genesis}`,
    'signer=null',
  ])
  expect(asObserver.stderr + asObserver.stdout).toMatch(/GENESIS_MISMATCH/)
  expect(asObserver.code, asObserver.stderr).toBe(22)
  const otherId = await naruMain(['node', 'start', '--config', config, '--json', '--set', 'chain.id=naru-other-1'])
  expect(otherId.stderr + otherId.stdout).toMatch(/naru-other-1/)
  expect(otherId.code, otherId.stderr).toBe(3)

  // None of this touched what the node has signed, and it comes back with its own genesis.
  expect(readFileSync(journal)).toEqual(signed)
  await devnet.start('v4')
  expect(await payOnce('v4')).toBeGreaterThan(0)
})
