import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { initGenesis, parseGenesis } from '../../core/execution/init-genesis.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { loadConfig } from '../../node/config.ts'
import { readKey } from '../../node/keystore.ts'
import {
  addObserver,
  buildLayoutGenesis,
  createLayout,
  nodePaths,
  readAccounts,
  readLayout,
  removeLayout,
  validatorAccount,
} from './layout.ts'
import type { NodePorts } from './layout.ts'
import { parseGroups } from './faults.ts'
import { livePid } from './processes.ts'
import { buildDocument } from './up.ts'

const root = mkdtempSync(join(tmpdir(), 'naru-layout-'))
afterAll(() => rmSync(root, { recursive: true }))

const seed = new Uint8Array(32).fill(9)
const ports: readonly NodePorts[] = [0, 1, 2, 3].map((i) => ({
  p2p: 40_001 + i * 3,
  rpc: 40_002 + i * 3,
  metrics: 40_003 + i * 3,
}))
const make = (name: string, count = 4) =>
  createLayout({ dir: join(root, name), count, blockIntervalMs: 200, seed, timeMs: 1_795_000_000_000, ports })

test('the same seed, ports and time give the same chain, another seed another one', async () => {
  const [a, b] = [await make('a'), await make('b')]
  const other = await createLayout({
    dir: join(root, 'c'),
    count: 4,
    blockIntervalMs: 200,
    seed: new Uint8Array(32),
    timeMs: 1_795_000_000_000,
    ports,
  })
  const hashOf = (layout: typeof a) => parseGenesis(REGISTRY, buildLayoutGenesis(layout)).hash
  expect(hashOf(a)).toBe(hashOf(b))
  expect(hashOf(a)).not.toBe(hashOf(other))
  expect(readFileSync(join(root, 'a', 'genesis.json'), 'utf8')).toBe(readFileSync(join(root, 'b', 'genesis.json'), 'utf8'))
})

test('every room takes the genesis document, and it names validators, accounts and money', async () => {
  const layout = await make('rooms')
  const genesis = parseGenesis(REGISTRY, JSON.parse(readFileSync(join(root, 'rooms', 'genesis.json'), 'utf8')))
  expect(genesis.chainId).toBe('naru-devnet-1')
  expect(genesis.network).toBe('devnet')
  expect(initGenesis(REGISTRY, genesis).length).toBeGreaterThan(30)
  expect(readAccounts(layout).map(({ name }) => name)).toEqual([
    ...['bank-1', 'bank-2', 'citizen-1', 'citizen-2', 'citizen-3', 'citizen-4', 'citizen-5'],
    ...[
      'merchant-1',
      'employer-1',
      'city-treasury',
      'office-1',
      'psp-1',
      'points-1',
      'auditor-1',
      'council-1',
      'council-2',
      'council-3',
    ],
    ...['operator-1', 'operator-2', 'operator-3', 'operator-4', 'election-1', 'election-2', 'survey-1', 'registrar-1'],
    ...['trustee-1', 'trustee-2', 'trustee-3', 'trustee-4', 'trustee-5', 'relay-1'],
    ...['inspector-1', 'labor-centre-1', 'nps-1', 'nhis-1', 'comwel-1'],
  ])
  expect(readAccounts(layout).every(({ id, did }) => id.startsWith('narud1') && did.startsWith('did:seoul:03:'))).toBe(true)
})

test('each configuration is valid, names the other validators and its own key', async () => {
  const layout = await make('configs')
  for (const node of layout.nodes) {
    const paths = nodePaths(join(root, 'configs'), node.name)
    const { config, warnings } = loadConfig({ file: paths.config })
    expect(warnings).toEqual([])
    expect(config.p2p.peers.length).toBe(3)
    expect(config.p2p.peers.some((peer) => peer.endsWith(node.peerId))).toBe(false)
    expect(config.devFaults).toBe(true)
    const { publicKey } = await readKey({ path: config.signer?.keystore ?? '', network: 'devnet' })
    expect(publicKey).toEqual(validatorAccount(layout, node.name).publicKey)
    expect(existsSync(config.signer?.journal ?? '')).toBe(true)
    expect(statSync(paths.key).mode & 0o777).toBe(0o600)
  }
})

test('a layout is read back, and removed only where there is one', async () => {
  const layout = await make('again', 1)
  expect(readLayout(join(root, 'again'))).toEqual(layout)
  removeLayout(join(root, 'again'))
  expect(existsSync(join(root, 'again'))).toBe(false)
  expect(() => readLayout(join(root, 'again'))).toThrow('there is no devnet in')
  removeLayout(root)
  expect(existsSync(root)).toBe(true)
})

test('an observer has no key, is known to the validators, and there are at most four', async () => {
  const dir = join(root, 'observers')
  const first = await make('observers')
  const { layout, node } = await addObserver(dir, first)
  expect(node.name).toBe('o1')
  // A key that has no seat: with it the observer can ask for one.
  expect(existsSync(loadConfig({ file: nodePaths(dir, 'o1').config }).config.signer?.journal ?? '')).toBe(true)
  expect(loadConfig({ file: nodePaths(dir, 'v1').config }).config.p2p.observers).toContain(node.peerId)
  let last = layout
  for (let i = 0; i < 3; i++) last = (await addObserver(dir, last)).layout
  await expect(addObserver(dir, last)).rejects.toThrow('a devnet takes 4 observers')
})

test('the document for scripts has exactly the promised fields', async () => {
  const layout = await make('document')
  const document = buildDocument(join(root, 'document'), layout)
  expect(Object.keys(document)).toEqual(['chainId', 'nodes', 'accounts'])
  expect(Object.keys(document.nodes[0] ?? {}).sort()).toEqual(['admin', 'dataDir', 'metrics', 'name', 'pid', 'rpc'])
  expect(document.nodes.map(({ name }) => name)).toEqual(['v1', 'v2', 'v3', 'v4'])
  expect(document.nodes[0]).toMatchObject({ rpc: 'http://127.0.0.1:40002', metrics: 'http://127.0.0.1:40003', pid: null })
  expect(Object.keys(document.accounts[0] ?? {})).toEqual(['name', 'id', 'did'])
})

test('a pid file of a program that is none of ours is stale and removed', async () => {
  const dir = join(root, 'stale')
  await make('stale', 1)
  const { pid } = nodePaths(dir, 'v1')
  for (const text of [String(process.pid), '999999999', 'nonsense']) {
    writeFileSync(pid, text)
    expect(livePid(dir, 'v1')).toBeNull()
    expect(existsSync(pid)).toBe(false)
  }
})

test('groups of a split network are read by name, and what makes no sense is refused', async () => {
  const layout = await make('groups')
  expect(parseGroups(layout, ['v1,v2', '|', 'v3,v4']).map((group) => group.map(({ name }) => name))).toEqual([
    ['v1', 'v2'],
    ['v3', 'v4'],
  ])
  expect(parseGroups(layout, ['v1|v2', 'v3']).map((group) => group.map(({ name }) => name))).toEqual([['v1'], ['v2', 'v3']])
  expect(() => parseGroups(layout, ['v1,v2'])).toThrow("write the groups as v1,v2 '|' v3,v4")
  expect(() => parseGroups(layout, ['v1|v1'])).toThrow('v1 stands in two groups')
  expect(() => parseGroups(layout, ['v1|v9'])).toThrow('there is no node v9')
})
