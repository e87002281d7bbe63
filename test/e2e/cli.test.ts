// Owns: the contract that scripts rely on: documents, exit codes, no terminal, bad luck on purpose. Not here: parsing of words
// (cli/cli.test.ts), the story of the demo (examples.test.ts).
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DevnetDocument } from '../../cli/devnet/up.ts'
import { eventually } from '../helpers/devnet.ts'
import { guardFolder } from '../helpers/guard.ts'
import { naru, ROOT } from '../helpers/naru.ts'
import type { NaruResult } from '../helpers/naru.ts'

const home = mkdtempSync(join(tmpdir(), 'naru-e2e-cli-'))
const dir = join(home, 'devnet')
const release = guardFolder(home)
const HASH = /^0x[0-9a-f]{64}$/

let devnet: DevnetDocument

const devnetVerb = (...words: string[]): Promise<NaruResult> => naru(['devnet', ...words, '--dir', dir, '--json'])
const ask = (...words: string[]): Promise<NaruResult> => naru([...words, '--dir', dir, '--json'])
const pay = (from: string, to: string, amount: string, ...more: string[]): Promise<NaruResult> =>
  ask('pay', 'transfer', '--from', from, '--to', to, '--amount', amount, ...more)

beforeAll(async () => {
  const up = await naru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready', '--json'])
  expect(up.code, up.stderr).toBe(0)
  devnet = up.json() as DevnetDocument
  console.log(`devnet up: ${Math.round(up.ms)} ms from nothing to four ready validators`)
})

afterAll(async () => {
  await devnetVerb('down')
  await release()
})

/** A process that has ended counts as gone even where nobody takes note of its end. */
function isAlive(pid: number | null): boolean {
  if (pid === null) return false
  try {
    process.kill(pid, 0)
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function callNode(
  name: string,
  method: string,
  params: unknown = {},
): Promise<{ context: object; value: Record<string, unknown> }> {
  const { rpc } = devnet.nodes.find((node) => node.name === name) ?? { rpc: '' }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return ((await response.json()) as { result: { context: object; value: Record<string, unknown> } }).result
}

test('devnet up prints one document, and the same one lies in devnet.json', () => {
  expect(Object.keys(devnet)).toEqual(['chainId', 'nodes', 'accounts'])
  expect(devnet.nodes.map(({ name }) => name)).toEqual(['v1', 'v2', 'v3', 'v4'])
  for (const node of devnet.nodes) {
    expect(Object.keys(node)).toEqual(['name', 'pid', 'rpc', 'metrics', 'admin', 'dataDir'])
    expect(isAlive(node.pid)).toBe(true)
    expect(node.rpc).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(node.metrics).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect([existsSync(node.admin), existsSync(node.dataDir)]).toEqual([true, true])
  }
  for (const account of devnet.accounts) {
    expect(Object.keys(account)).toEqual(['name', 'id', 'did'])
    expect(account.id).toMatch(/^narud1[02-9ac-hj-np-z]+$/)
    expect(account.did).toMatch(/^did:seoul:03:[0-9a-f]{48}$/)
  }
  const names = [
    'bank-1',
    'citizen-1',
    'citizen-2',
    'citizen-3',
    'citizen-4',
    'citizen-5',
    'merchant-1',
    'employer-1',
    'city-treasury',
  ]
  expect(devnet.accounts.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
  expect(JSON.parse(readFileSync(join(dir, 'devnet.json'), 'utf8'))).toEqual(devnet)
})

test('chain_head answers height, hash, state root and time, in context and value', async () => {
  for (const { name } of devnet.nodes) {
    const { context, value } = await callNode(name, 'chain_head')
    expect(Object.keys(context)).toEqual(['height', 'hash', 'time'])
    const { height, hash, stateRoot, time } = value
    expect(context).toEqual({ height, hash, time })
    expect([height, time].every(Number.isSafeInteger)).toBe(true)
    expect([hash, stateRoot]).toEqual([expect.stringMatching(HASH), expect.stringMatching(HASH)])
  }
})

test('pay transfer waits for final and prints txId, height and status', async () => {
  const paid = await pay('citizen-1', 'citizen-2', '1000')
  expect(paid.code, paid.stderr).toBe(0)
  expect(paid.json()).toEqual({ txId: expect.stringMatching(HASH), height: expect.any(Number), status: 'final' })
  const { txId, height } = paid.json() as { txId: string; height: number }
  for (const { name } of devnet.nodes) {
    const status = await eventually(`${name} at ${height}`, async () => {
      const answer = (await callNode(name, 'tx_getStatus', { hash: txId })) as unknown as { status: string; height: number }
      return answer.status === 'final' ? answer : null
    })
    expect(status.height).toBe(height)
  }
  expect((await ask('pay', 'balance', 'citizen-2')).json()).toMatchObject({ balance: '501000' })
  const plain = await naru(['pay', 'transfer', '--from', 'citizen-1', '--to', 'citizen-2', '--amount', '1', '--dir', dir])
  expect([plain.code, plain.stdout]).toEqual([
    0,
    expect.stringMatching(/^transferred 1 won: final in block \d+ \(0x[0-9a-f]{64}\)\n$/),
  ])
})

test('a receipt is saved, verified with and without a node, and refused with one character changed', async () => {
  const { txId } = (await pay('citizen-1', 'citizen-2', '4500')).json() as { txId: string }
  const file = join(home, 'receipt.json')
  const shown = await ask('receipt', 'show', txId, '--out', file)
  expect(shown.code, shown.stderr).toBe(0)
  expect(shown.json()).toMatchObject({ valid: true, changes: 0, tx: { type: 'payment.transfer' }, receipt: { code: 0 } })
  const genesis = ['--genesis', join(dir, 'genesis.json')]
  const offline = await naru(['receipt', 'verify', file, '--offline', ...genesis, '--json'])
  expect([offline.code, offline.json()]).toMatchObject([0, { valid: true, offline: true }])
  expect((await ask('receipt', 'verify', file)).json()).toMatchObject({ valid: true, offline: false })
  const away = await naru(['receipt', 'verify', file, ...genesis, '--rpc', 'http://127.0.0.1:9', '--json'])
  expect(away.code).toBe(4)
  const { checkpoint } = (await ask('receipt', 'checkpoint')).json() as { checkpoint: string }
  const wrong = await naru(['receipt', 'verify', file, '--offline', '--checkpoint', checkpoint, '--json'])
  expect(wrong.code).toBe(12)
  const text = readFileSync(file, 'utf8')
  const changed = join(home, 'changed.json')
  writeFileSync(
    changed,
    text.replace(/"header": "0x(..)/, (_, start: string) => `"header": "0x${start === 'dc' ? 'dd' : 'dc'}`),
  )
  expect((await naru(['receipt', 'verify', changed, '--offline', ...genesis, '--json'])).code).toBe(12)
})

test('every command prints exactly one JSON document with --json, and no escape codes without a terminal', async () => {
  const commands: readonly (readonly string[])[] = [
    ['status'],
    ['devnet', 'status'],
    ['account', 'show', 'citizen-1'],
    ['account', 'nonce', 'citizen-1'],
    ['account', 'history', 'citizen-1'],
    ['pay', 'balance', 'merchant-1'],
    ['rpc', 'call', 'chain_id'],
  ]
  for (const words of commands) {
    const json = await ask(...words)
    expect([words.join(' '), json.code]).toEqual([words.join(' '), 0])
    expect(typeof json.json()).toBe('object')
    const plain = await naru([...words, '--dir', dir])
    expect(plain.code).toBe(0)
    expect(plain.stdout).not.toContain('\u001b')
    expect(plain.stdout.length).toBeGreaterThan(0)
  }
  const logs = await naru(['devnet', 'logs', 'v1', '--dir', dir, '--json'])
  const lines = logs.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(new Set(lines.map(({ node }) => node))).toEqual(new Set(['v1']))
  expect(lines.some(({ msg }) => msg === 'Block committed')).toBe(true)
})

test('exit codes tell usage, a refusing node, and no node apart', async () => {
  const codeOf = async (result: Promise<NaruResult>) => {
    const { code, json } = await result
    const { error } = json() as { error: { code: string; exitCode: number } }
    expect(error.exitCode).toBe(code)
    return [code, error.code]
  }
  expect(await codeOf(pay('citizen-1', 'citizen-2', '0'))).toEqual([2, 'USAGE'])
  expect(await codeOf(pay('citizen-1', 'nobody-9', '1'))).toEqual([2, 'USAGE'])
  expect(await codeOf(devnetVerb('kill', 'v9'))).toEqual([2, 'USAGE'])
  expect(await codeOf(pay('citizen-1', 'citizen-2', '900000000'))).toEqual([5, 'PAYMENT_INSUFFICIENT'])
  expect(await codeOf(ask('rpc', 'call', 'no_such'))).toEqual([5, 'METHOD_NOT_FOUND'])
  expect(await codeOf(naru(['status', '--rpc', 'http://127.0.0.1:9', '--json']))).toEqual([4, 'UNREACHABLE'])
})

test('a killed validator is missed and comes back', async () => {
  const killed = await devnetVerb('kill', 'v2')
  expect([killed.code, killed.json()]).toEqual([0, { node: 'v2', pid: devnet.nodes[1]?.pid, signal: 'SIGKILL' }])
  expect(isAlive(devnet.nodes[1]?.pid ?? null)).toBe(false)
  expect(JSON.parse(readFileSync(join(dir, 'devnet.json'), 'utf8')).nodes[1]).toMatchObject({ name: 'v2', pid: null })
  expect((await devnetVerb('kill', 'v2')).code).toBe(4)
  expect((await pay('citizen-1', 'citizen-2', '1')).code).toBe(0)
  const back = await devnetVerb('restart', 'v2')
  expect([back.code, back.json()]).toEqual([0, { node: 'v2', pid: expect.any(Number), readyAfterMs: expect.any(Number) }])
  expect(JSON.parse(readFileSync(join(dir, 'devnet.json'), 'utf8')).nodes[1].pid).toBe(back.json().pid)
})

test('a paused validator is missed and goes on where it was', async () => {
  expect((await devnetVerb('pause', 'v3')).code).toBe(0)
  expect((await devnetVerb('status')).json().nodes[2]).toMatchObject({ name: 'v3', state: 'paused' })
  const paid = (await pay('citizen-3', 'citizen-4', '1')).json() as { height: number; status: string }
  expect(paid.status).toBe('final')
  expect((await devnetVerb('resume', 'v3')).code).toBe(0)
  const head = await eventually('v3 at the block that it slept through', async () => {
    const { value } = await callNode('v3', 'chain_head')
    return (value['height'] as number) >= paid.height ? value : null
  })
  expect(head['height']).toBeGreaterThanOrEqual(paid.height)
})

test('time moves forward on every node at once, and one that was down has it when it comes back', async () => {
  const DAY_MS = 86_400_000
  const timeOf = async () => (await callNode('v1', 'chain_head')).value['time'] as number
  const before = await timeOf()
  expect((await devnetVerb('kill', 'v4')).code).toBe(0)
  const moved = await devnetVerb('time', '+30d')
  expect([moved.code, moved.json().clockOffsetMs]).toEqual([0, 30 * DAY_MS])
  expect((await devnetVerb('restart', 'v4')).code).toBe(0)
  expect((await devnetVerb('kill', 'v1')).code).toBe(0)
  // v4 is needed for this one: a clock of last month would refuse the block.
  const paid = (await pay('citizen-2', 'citizen-3', '1', '--rpc', devnet.nodes[1]?.rpc ?? '')).json() as { status: string }
  expect(paid.status).toBe('final')
  expect((await devnetVerb('restart', 'v1')).code).toBe(0)
  expect((await timeOf()) - before).toBeGreaterThan(30 * DAY_MS)
  expect([(await devnetVerb('time', '30d')).code, (await devnetVerb('time')).json().clockOffsetMs]).toEqual([2, 30 * DAY_MS])
})

test('a network split in halves decides nothing, and heals into one chain', async () => {
  const split = await devnetVerb('net', 'split', 'v1,v2', '|', 'v3,v4')
  expect([split.code, split.json().links.length]).toEqual([0, 8])
  const heightOf = async (name: string) => (await callNode(name, 'chain_head')).value['height'] as number
  const stuck = await pay('citizen-4', 'citizen-5', '1', '--timeout', '2500ms')
  expect([stuck.code, stuck.json().error]).toMatchObject([6, { code: 'TIMEOUT', detail: { status: 'pending' } }])
  const heights = await Promise.all(devnet.nodes.map(({ name }) => heightOf(name)))

  const healed = await devnetVerb('net', 'heal')
  expect(healed.code, healed.stderr).toBe(0)
  const begun = performance.now()
  const waited = await ask('tx', 'wait', stuck.json().error.detail.txId)
  const tookMs = performance.now() - begun
  expect(waited.code, waited.stderr).toBe(0)
  expect(waited.json()).toMatchObject({ status: 'final' })
  expect(waited.json().height).toBeGreaterThan(Math.max(...heights) - 1)
  const head = Math.max(...(await Promise.all(devnet.nodes.map(({ name }) => heightOf(name)))))
  const hashes = await Promise.all(
    devnet.nodes.map(({ name }) =>
      eventually(`${name} at ${head}`, async () => {
        if ((await heightOf(name)) < head) return null
        return (await callNode(name, 'chain_getHeader', { height: head })).value['hash']
      }),
    ),
  )
  expect(new Set(hashes).size).toBe(1)
  console.log(`split healed: the waiting payment was final ${Math.round(tookMs)} ms after`)
})

test('down stops all, and up goes on with the same chain', async () => {
  const height = (await callNode('v1', 'chain_head')).value['height'] as number
  const down = await devnetVerb('down')
  expect([down.code, down.json()]).toEqual([0, { stopped: ['v1', 'v2', 'v3', 'v4'], killed: [] }])
  for (const { pid } of (JSON.parse(readFileSync(join(dir, 'devnet.json'), 'utf8')) as DevnetDocument).nodes)
    expect(pid).toBe(null)
  expect((await ask('status')).code).toBe(4)
  expect((await devnetVerb('down')).code).toBe(0)
  const up = await naru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready', '--json'])
  expect(up.code, up.stderr).toBe(0)
  expect(up.json().accounts).toEqual(devnet.accounts)
  expect((await callNode('v1', 'chain_head')).value['height']).toBeGreaterThanOrEqual(height)
  expect((await pay('citizen-5', 'citizen-1', '1')).code).toBe(0)
})

test('a devnet in the foreground ends with its launcher, by a signal in order and by SIGKILL too', async () => {
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const) {
    const own = join(home, `foreground-${signal}`)
    const words = [join(ROOT, 'cli/main.ts'), 'devnet', 'up', '-n', '1', '--dir', own, '--json']
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] })
    let stdout = ''
    child.stdout.on('data', (part: Buffer) => {
      stdout += part.toString('utf8')
    })
    const ended = new Promise<number | null>((done) => child.once('close', (exit) => done(exit)))
    try {
      await eventually('the first payment', () => (stdout.includes('"event":"payment"') ? true : null))
      const [first] = stdout
        .split('\n')
        .map((line) => (line === '' ? null : (JSON.parse(line) as DevnetDocument & { event: string })))
      expect(first).toMatchObject({ event: 'up', chainId: devnet.chainId, nodes: [{ name: 'v1' }] })
      const pid = first?.nodes[0]?.pid ?? null
      expect(isAlive(pid)).toBe(true)
      child.kill(signal)
      expect(await ended).toBe(code)
      await eventually('the node is gone', () => (isAlive(pid) ? null : true))
    } finally {
      child.kill('SIGKILL')
      await naru(['devnet', 'down', '--dir', own])
    }
  }
})
