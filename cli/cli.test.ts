import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLayout, nodePaths } from './devnet/layout.ts'

const dir = mkdtempSync(join(tmpdir(), 'naru-cli-'))
afterAll(() => rmSync(dir, { recursive: true }))

const MAIN = join(import.meta.dirname, 'main.ts')

function run(args: readonly string[], env: Record<string, string> = {}) {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('NARU_') && !name.startsWith('VITEST')),
  )
  const options = { cwd: dir, env: { ...inherited, ...env }, encoding: 'utf8', input: '' } as const
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', MAIN, ...args],
    options,
  )
  return { status, stdout, stderr, document: () => JSON.parse(stdout) as Record<string, unknown> }
}

const errorOf = (result: ReturnType<typeof run>) =>
  result.document()['error'] as { code: string; message: string; exitCode: number }

test('--help lists every command without loading any', () => {
  const { status, stdout } = run(['--help'])
  expect(status).toBe(0)
  for (const word of ['devnet', 'pay', 'tx', 'account', 'status', 'rpc', 'node', 'init', 'keys', 'config', 'genesis'])
    expect(stdout).toContain(`\n  ${word} `)
})

test('help --json is one document with every command and its options', () => {
  const commands = run(['help', '--json']).document()['commands'] as {
    name: string
    commands?: { name: string; options: { flags: string }[] }[]
  }[]
  const up = commands.find(({ name }) => name === 'devnet')?.commands?.find(({ name }) => name === 'up')
  expect(up?.options.map(({ flags }) => flags)).toEqual(
    expect.arrayContaining([
      '-n, --nodes <count>',
      '--block-time <duration>',
      '--dir <dir>',
      '--detach',
      '--wait <state>',
      '--timeout <duration>',
      '--fresh',
      '--json',
    ]),
  )
  const tx = commands.find(({ name }) => name === 'tx')
  expect(tx?.commands?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['build', 'sign', 'send', 'payment', 'identity', 'governance']),
  )
})

test('an unknown command or flag is 2 and names the nearest', () => {
  expect(errorOf(run(['devnt', '--json']))).toEqual({
    code: 'USAGE',
    message: "unknown command 'devnt'\n(Did you mean devnet?)",
    exitCode: 2,
  })
  const flag = run(['devnet', 'up', '--detatch'])
  expect([flag.status, flag.stdout]).toEqual([2, ''])
  expect(flag.stderr).toContain("unknown option '--detatch'\n(Did you mean --detach?)")
})

test('a room’s transactions have flags out of their schema, and a wrong one is told', () => {
  const help = run(['tx', 'payment', 'transfer', '--help']).stdout
  for (const flag of ['--to <value>', '--amount <value>', '--memo-commit <value>', '--from <account>', '--lane <number>'])
    expect(help).toContain(flag)
  expect(run(['tx', 'payment', 'transfr']).stderr).toContain('(Did you mean transfer?)')
})

test('without a node every command that asks one is 4 and prints one document', () => {
  const result = run(['status', '--rpc', 'http://127.0.0.1:9', '--json'])
  expect(result.status).toBe(4)
  expect(errorOf(result)).toMatchObject({ code: 'UNREACHABLE', exitCode: 4 })
  expect(run(['pay', 'balance', `narud1${'q'.repeat(38)}`]).status).toBe(4)
})

test('a wrong duration, count or amount is 2 and names the value', () => {
  expect(run(['devnet', 'up', '--block-time', '200']).stderr).toContain('"200" is no duration')
  expect(run(['devnet', 'up', '-n', '0']).stderr).toContain('-n takes 1 to 32 nodes, not 0')
  expect(run(['pay', 'transfer', '--from', 'a', '--to', 'b', '--amount', '1.5']).stderr).toContain(
    '--amount is a whole number of won above 0',
  )
})

test('verbs of a devnet that is not there are 2 and say how to start one', () => {
  for (const verb of [['down'], ['status'], ['kill', 'v1'], ['net', 'heal'], ['logs']]) {
    const result = run(['devnet', ...verb, '--dir', join(dir, 'nothing'), '--json'])
    expect([result.status, errorOf(result).code]).toEqual([2, 'NO_DEVNET'])
  }
})

test('a configuration is checked and printed with origins, and a bad one is 3', () => {
  const file = join(dir, 'naru.yaml')
  writeFileSync(file, 'rpc: { listen: 127.0.0.1:9000 }\n')
  expect(run(['config', 'check', '-c', file, '--json']).document()).toEqual({ ok: true, file, warnings: [] })
  const printed = run(['config', 'print', '-c', file, '--origin', '--set', 'log.level=warn', '--json'], {
    NARU_RPC__PORT: '9001',
  }).document()
  expect(printed['values']).toEqual(
    expect.arrayContaining([
      { key: 'rpc.listen', value: '127.0.0.1:9001', origin: 'env' },
      { key: 'log.level', value: 'warn', origin: 'flag' },
      { key: 'mempool.countMax', value: 50_000, origin: 'default' },
    ]),
  )
  writeFileSync(file, 'rpx: {}\n')
  const bad = run(['config', 'check', '-c', file, '--json'])
  expect([bad.status, errorOf(bad).message]).toEqual([3, `${file}:1: unknown key rpx; did you mean rpc?`])
})

test('a warning goes to stderr and leaves stdout one document', () => {
  const file = join(dir, 'warned.yaml')
  writeFileSync(file, 'version: 1\n')
  const result = run(['config', 'print', '-c', file, '--json'], { NARU_LOG__LEVLE: 'x' })
  expect(result.document()['version']).toBe(1)
  expect(result.stderr).toContain('did you mean NARU_LOG__LEVEL?')
})

test('nothing is asked for without a terminal', () => {
  const result = run(['keys', 'new', join(dir, 'x.age'), '--json'])
  expect([result.status, errorOf(result).code]).toEqual([2, 'NO_PASSPHRASE'])
})

test('a real network begins with init, and its genesis document is valid once validators are in it', () => {
  const home = join(dir, 'city')
  const env = { NARU_PASSPHRASE: 'a ferry at Mapo' }
  expect((run(['init', home, '--name', 'alpha', '--json'], env).document()['files'] as string[]).length).toBe(5)
  expect(run(['init', home], env).status).toBe(2)
  const genesis = join(home, 'genesis.json')
  expect(run(['genesis', 'check', genesis]).status).toBe(3)
  expect(run(['genesis', 'add-validator', genesis, join(home, 'validator.json')]).status).toBe(0)
  expect(run(['genesis', 'check', genesis, '--json']).document()).toMatchObject({
    chainId: 'naru-city-1',
    network: 'city',
    validators: ['alpha'],
  })
  const config = join(home, 'naru.yaml')
  expect(run(['keys', 'sign-state', 'show', '-c', config, '--json'], env).status).toBe(20)
  expect(run(['keys', 'sign-state', 'init', '-c', config, '--after-height', '5', '--json'], env).status).toBe(0)
  expect(run(['keys', 'sign-state', 'show', '-c', config, '--json'], env).document()).toMatchObject({
    floorHeight: 5,
    last: null,
  })
}, 180_000)

test('a node of another network refuses a devnet key with 20', async () => {
  const home = join(dir, 'mixed')
  await createLayout({
    dir: home,
    count: 1,
    blockIntervalMs: 200,
    timeMs: 1,
    ports: [{ p2p: 40_101, rpc: 40_102, metrics: 40_103 }],
  })
  const genesis = join(dir, 'city', 'genesis.json')
  const { config } = nodePaths(home, 'v1')
  const result = run([
    'node',
    'start',
    '-c',
    config,
    '--set',
    `chain.genesis=${genesis}`,
    '--set',
    'chain.id=null',
    '--set',
    'devFaults=false',
    '--json',
  ])
  expect([result.status, errorOf(result).code]).toEqual([20, 'KEY_DEV_ON_REAL_CHAIN'])
})
