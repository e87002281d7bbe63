// Owns: a node without a chain that begins from a snapshot of a running network, killed on the way, and what it then has and lacks.
// Not here: downloads with lying peers (node/snapshot-sync), folders (node/maintenance), figures (bench/storage.ts).
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { readChain } from '../../sdk/chain.ts'
import { createClient } from '../../sdk/client.ts'
import { addObserver, nodeAddresses, nodePaths } from '../../cli/devnet/layout.ts'
import type { NodePlace } from '../../cli/devnet/layout.ts'
import { killNode, spawnNode, stopNodes, waitUntilReady } from '../../cli/devnet/processes.ts'
import { callRpc } from '../../cli/rpc-client.ts'
import { createDevnet, eventually, waitForHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { naruMain } from '../helpers/naru.ts'
import { startTransferLoad } from '../helpers/transfer-load.ts'

const NAMES = ['v1', 'v2', 'v3', 'v4'] as const
const EVERY = 10

let devnet: Devnet

function configure(name: string, sync: Record<string, unknown>): void {
  const { config } = nodePaths(devnet.dir, name)
  writeFileSync(config, stringify({ ...(parse(readFileSync(config, 'utf8')) as object), sync }))
}

beforeAll(async () => {
  devnet = await createDevnet({ count: 4, accountCount: 160 })
  // More than the two that a node keeps by itself: a fast machine makes ten blocks sooner than a slow link brings a snapshot.
  for (const name of NAMES) configure(name, { snapshotEvery: EVERY, snapshotsKept: 50 })
  await devnet.start()
})

afterAll(async () => {
  await devnet?.destroy()
})

async function slowDown(observer: NodePlace, delayMs: number | null): Promise<void> {
  const fault = delayMs === null ? null : { drop: false, delayMs, jitterMs: 0 }
  for (const name of NAMES) {
    const { admin } = nodeAddresses(devnet.dir, devnet.node(name))
    await callRpc(`unix:${admin}`, 'admin_setLinkFault', { peer: observer.peerId, fault })
  }
}

const logOf = (node: NodePlace): string => {
  const { log } = nodePaths(devnet.dir, node.name)
  return existsSync(log) ? readFileSync(log, 'utf8') : ''
}

/** Fields of every line of a log with this message. */
const linesOf = (node: NodePlace, message: string): Record<string, number>[] =>
  logOf(node)
    .split('\n')
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line) as Record<string, number>)

test('a fresh node begins from a snapshot while payments go on, is killed on the way, goes on, and ends with the same state', async () => {
  const chain = await readChain(devnet.client('v1'))
  const urls = NAMES.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
  const load = startTransferLoad({ urls, chain, accounts: devnet.accounts.slice(0, 16) })
  await waitForHeight(devnet, NAMES, EVERY + 2, 60_000)
  for (const name of NAMES)
    await eventually(`${name} has a snapshot`, () => (devnet.logOf(name).includes('"msg":"Snapshot made"') ? true : null))

  const { layout, node } = await addObserver(devnet.dir, devnet.layout)
  const { data } = nodePaths(devnet.dir, node.name)
  configure(node.name, { snapshot: 'auto', snapshotEvery: EVERY })
  try {
    await slowDown(node, 700)
    spawnNode(devnet.dir, node, true)
    await eventually('the first chunk', () => (linesOf(node, 'Snapshot chunks').length > 0 ? true : null), 60_000)
    await killNode(devnet.dir, node)
    expect([existsSync(join(data, 'store.restoring')), existsSync(join(data, 'store'))]).toEqual([true, false])
    const [first] = linesOf(node, 'Fetching a snapshot')
    expect(first).toMatchObject({ missing: first?.['chunks'] })

    await slowDown(node, null)
    spawnNode(devnet.dir, node, true)
    await waitUntilReady({ dir: devnet.dir, nodes: [node], timeoutMs: 60_000 })
    const fetches = linesOf(node, 'Fetching a snapshot')
    const [made] = linesOf(node, 'Snapshot fetched')
    expect(made?.['height']).toBeGreaterThanOrEqual(EVERY)
    // It went on with what it had where the same snapshot is asked for again; a newer one begins anew.
    if (fetches[1]?.['height'] === first?.['height']) expect(fetches[1]?.['missing']).toBeLessThan(first?.['chunks'] ?? 0)
    expect(fetches.length).toBeGreaterThanOrEqual(2)
    await load.stop()
    expect(load.faults).toEqual([])
    await checkObserver(node, made?.['height'] ?? 0)
  } finally {
    await load.stop()
    await stopNodes(devnet.dir, layout.nodes.slice(-1))
  }
})

async function checkObserver(node: NodePlace, began: number): Promise<void> {
  const observer = createClient({ url: nodeAddresses(devnet.dir, node).rpc })
  const height = await devnet.height('v1')
  await eventually('the head', async () => ((await observer.call('chain_head')).value.height >= height ? true : null))
  const mine = await observer.call('chain_getHeader', { height })
  expect(mine.value).toEqual((await devnet.client('v1').call('chain_getHeader', { height })).value)
  const below = { height: began }
  await expect(observer.call('chain_getBlock', below)).rejects.toMatchObject({ data: { code: 'PRUNED', oldest: began + 1 } })
  await expect(observer.call('chain_getBlock', { height: began + 1 })).resolves.toBeDefined()
  observer.close()
  // A snapshot of its own, made while it runs, is sound, and of the very state that the others have.
  const out = join(devnet.dir, 'own')
  const { config } = nodePaths(devnet.dir, node.name)
  const created = await naruMain(['snapshot', 'create', out, '--config', config, '--json'])
  expect(created.code, created.stderr + created.stdout).toBe(0)
  const verified = await naruMain(['snapshot', 'verify', out, '--config', config, '--json'])
  expect(verified.code, verified.stderr).toBe(0)
  const theirs = await devnet.client('v2').call('chain_getHeader', { height: Number(created.json().height) })
  expect(verified.json().stateRoot).toBe((theirs.value as { stateRoot: string }).stateRoot)
  const pruned = await naruMain(['prune', '--config', config, '--keep', '256', '--json'])
  expect(pruned.code, pruned.stderr).toBe(0)
  expect(pruned.json()).toMatchObject({ running: true, oldest: began + 1 })
  const compacted = await naruMain(['compact', '--config', config, '--json'])
  expect(compacted.code, compacted.stderr).toBe(0)
  expect(compacted.json().bytesAfter).toBeGreaterThan(0)
  const shelf = readdirSync(join(nodePaths(devnet.dir, 'v3').data, 'snapshots'))
  expect(shelf.length).toBeLessThanOrEqual(51)
}
