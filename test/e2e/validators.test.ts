// Owns: a fifth validator taken in and another let go on real processes, by the command line, under payments.
// Not here: what may be decided (modules/governance), set changes in virtual time (test/integration/validators.test.ts).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { join } from 'node:path'
import { addObserver, nodeAddresses, nodePaths } from '../../cli/devnet/layout.ts'
import type { NodePlace } from '../../cli/devnet/layout.ts'
import { spawnNode, stopNodes, waitUntilReady } from '../../cli/devnet/processes.ts'
import { createClient } from '../../sdk/client.ts'
import type { Client } from '../../sdk/client.ts'
import { readChain } from '../../sdk/chain.ts'
import { createDevnet, eventually, readRoots, waitForHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { naruMain } from '../helpers/naru.ts'
import type { NaruResult } from '../helpers/naru.ts'
import { startTransferLoad } from '../helpers/transfer-load.ts'

const FOUR = ['v1', 'v2', 'v3', 'v4'] as const

let devnet: Devnet
let late: NodePlace | null = null

beforeAll(async () => {
  devnet = await createDevnet({ count: 4, accountCount: 8 })
  await devnet.start()
})

afterAll(async () => {
  if (late !== null) await stopNodes(devnet.dir, [late])
  await devnet?.destroy()
})

/** The command line as an operator of a node uses it. */
function validator(node: string, words: readonly string[]): Promise<NaruResult> {
  const { rpc } = nodeAddresses(devnet.dir, devnet.node(node))
  return naruMain(['validator', ...words, '--rpc', rpc, '--dir', devnet.dir, '--json'], { timeoutMs: 120_000 })
}

async function signersAt(client: Client, height: number): Promise<number> {
  const { value } = await client.call<{ value: { lastCommit: { signatures: readonly string[] } | null } }>('chain_getBlock', {
    height: height + 1,
  })
  return value.lastCommit?.signatures.length ?? 0
}

test('five of the seats change twice while people pay: no halt, one state root, nobody restarts', async () => {
  const chain = await readChain(devnet.client('v1'))
  const load = startTransferLoad({
    urls: FOUR.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc),
    chain,
    accounts: devnet.accounts,
  })
  const { node } = await addObserver(devnet.dir, devnet.layout)
  late = node
  spawnNode(devnet.dir, node, true)
  await waitUntilReady({ dir: devnet.dir, nodes: [node], timeoutMs: 60_000 })
  const observer = createClient({ url: nodeAddresses(devnet.dir, node).rpc })

  const request = join(devnet.dir, 'o1.request.json')
  const config = nodePaths(devnet.dir, 'o1').config
  const words = ['validator', 'join', '-c', config, '--from', 'operator-1', '--name', 'o1', '--out', request, '--timeout', '100s']
  const joining = naruMain([...words, '--dir', devnet.dir, '--json'], { timeoutMs: 120_000 })
  await eventually('the request file', async () => {
    const seen = await naruMain([
      'validator',
      'approve',
      request,
      '--from',
      'v1',
      '--dry-run',
      '--dir',
      devnet.dir,
      '--json',
      '--rpc',
      nodeAddresses(devnet.dir, devnet.node('v1')).rpc,
    ])
    return seen.code === 0 ? seen : null
  })
  // The candidate must have shown its readiness before the deciding approval; the first two do not need it.
  for (const name of ['v1', 'v2'] as const) {
    const approved = await validator(name, ['approve', request, '--from', name])
    expect([approved.code, approved.json().votes.status]).toEqual([0, 'open'])
  }
  const decided = await eventually('the deciding approval', async () => {
    const approved = await validator('v3', ['approve', request, '--from', 'v3'])
    return approved.code === 0 ? approved.json() : null
  })
  expect(decided.votes).toMatchObject({ status: 'executed', approvals: 3, threshold: 3 })
  expect([decided.before, decided.after]).toMatchObject([
    { validators: 4, quorum: 3 },
    { validators: 5, quorum: 4 },
  ])
  const joined = await joining
  expect([joined.code, joined.json().activeFrom]).toEqual([0, decided.activeFrom])
  const from: number = decided.activeFrom
  await waitForHeight(devnet, FOUR, from + 8)
  const signers = await Promise.all(Array.from({ length: 6 }, (_, i) => signersAt(devnet.client('v1'), from + 1 + i)))
  expect(Math.max(...signers)).toBe(5)
  const { value: seat } = await observer
    .call<{ value: { lastSigned: number } }>('governance_validatorPerformance')
    .then(({ value }) => ({
      value: (value as unknown as { validators: { name: string; lastSigned: number }[] }).validators.find(
        ({ name }) => name === 'o1',
      ),
    }))
  expect(seat?.lastSigned).toBeGreaterThanOrEqual(from)

  // One of the first four goes; its process runs on as an observer.
  const proposed = await validator('v1', ['remove', 'v2', '--from', 'v1'])
  expect(proposed.code).toBe(0)
  const { proposalId } = proposed.json()
  for (const name of ['v3', 'v4'] as const) expect((await validator(name, ['approve', proposalId, '--from', name])).code).toBe(0)
  const gone = (await validator('v4', ['approve', proposalId, '--from', 'operator-1'])).json()
  expect(gone.votes.status).toBe('executed')
  await waitForHeight(devnet, FOUR, gone.activeFrom + 6)
  expect(devnet.logOf('v2')).toContain('The seat has ended')
  const refused = await validator('v1', ['remove', 'v3', '--from', 'v1'])
  expect([refused.code, refused.json().error.code]).toEqual([20, 'QUORUM_AT_RISK'])

  await load.stop()
  expect(load.faults).toEqual([])
  expect(load.acknowledged.length).toBeGreaterThan(20)
  const top = gone.activeFrom + 6
  await eventually('the newcomer at the height', async () => {
    const { value } = await observer.call('chain_head')
    return value.height >= top ? true : null
  })
  const roots = await Promise.all(FOUR.map((name) => readRoots(devnet, name, top)))
  for (const other of roots) expect(other).toEqual(roots[0])
  const { value: header } = await observer.call<{ value: { hash: string; stateRoot: string } }>('chain_getHeader', {
    height: top,
  })
  expect(`${header.hash} ${header.stateRoot}`).toBe(roots[0]?.[top - 1])
  for (const name of FOUR) expect(devnet.logOf(name)).not.toMatch(/The node stops|TwinError|conflicting messages/)
  observer.close()
})
