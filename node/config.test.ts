import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { configKeys } from './config-schema.ts'
import { configOrigin, loadConfig, parseListen } from './config.ts'

const dir = mkdtempSync(join(tmpdir(), 'naru-config-'))
afterAll(() => rmSync(dir, { recursive: true }))

function write(name: string, text: string): string {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}

function messageOf(load: () => unknown): string {
  try {
    load()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was thrown'
}

test('without any source every default is in place', () => {
  const { config } = loadConfig({})
  expect(config.rpc).toEqual({ listen: '127.0.0.1:8545', origins: [], hosts: null, limits: {} })
  expect(config.metrics).toEqual({ listen: '127.0.0.1:9464' })
  expect(config.signer).toBeNull()
  expect(config.devFaults).toBe(false)
})

test('a flag wins over the environment, that over the file, that over the default', () => {
  const file = write('order.yaml', 'rpc: { listen: 127.0.0.1:1001 }\nlog: { level: warn }\nmetrics: { listen: 127.0.0.1:1002 }\n')
  const env = { NARU_RPC__LISTEN: '127.0.0.1:2001', NARU_LOG__LEVEL: 'error' }
  const loaded = loadConfig({ file, env, flags: { 'rpc.listen': '127.0.0.1:3001' } })
  expect(loaded.config.rpc.listen).toBe('127.0.0.1:3001')
  expect(loaded.config.log.level).toBe('error')
  expect(loaded.config.metrics.listen).toBe('127.0.0.1:1002')
  const origins = ['rpc.listen', 'log.level', 'metrics.listen', 'mempool.countMax'].map((key) => configOrigin(loaded, key))
  expect(origins).toEqual(['flag', 'env', 'file', 'default'])
})

test('NARU_RPC__PORT replaces the port of rpc.listen and is told as its origin', () => {
  const loaded = loadConfig({ env: { NARU_RPC__PORT: '7777' } })
  expect(loaded.config.rpc).toEqual({ listen: '127.0.0.1:7777', origins: [], hosts: null, limits: {} })
  expect(configOrigin(loaded, 'rpc.listen')).toBe('env')
})

test('camel case keys are words with underscores in the environment, and lists are written in brackets', () => {
  const { config } = loadConfig({
    env: { NARU_P2P__KEY_SEED_FILE: '/srv/p2p.key', NARU_RPC__ORIGINS: '[https://a.example, https://b.example]' },
  })
  expect(config.p2p.keySeedFile).toBe('/srv/p2p.key')
  expect(config.rpc.origins).toEqual(['https://a.example', 'https://b.example'])
})

test('an unknown NARU_ variable is a warning with the nearest name', () => {
  const { warnings } = loadConfig({ env: { NARU_RPC__LISTN: 'x', NARU_PASSPHRASE: 'secret' } })
  expect(warnings).toEqual([
    'the environment variable NARU_RPC__LISTN is no key of the configuration; did you mean NARU_RPC__LISTEN?',
  ])
})

test('an unknown key is an error with its line and the nearest name', () => {
  const file = write('unknown.yaml', 'version: 1\nrpc:\n  lisen: 127.0.0.1:1\n')
  expect(messageOf(() => loadConfig({ file }))).toBe(`${file}:3: unknown key rpc.lisen; did you mean listen?`)
})

test('an unknown section is an error that names the sections', () => {
  const file = write('section.yaml', 'consensus: { fast: true }\n')
  expect(messageOf(() => loadConfig({ file }))).toContain(
    `${file}:1: unknown key consensus; known are version, chain, data, sync, signer, nextSigner, p2p`,
  )
})

test('a wrong value is an error with its line', () => {
  const file = write('wrong.yaml', 'log:\n  level: loud\n')
  expect(messageOf(() => loadConfig({ file }))).toMatch(/wrong\.yaml:2: log\.level: /)
})

test('a listener without a port is refused with an example', () => {
  expect(messageOf(() => loadConfig({ flags: { 'rpc.listen': 'localhost' } }))).toBe(
    'rpc.listen: expected host:port, such as 127.0.0.1:8545',
  )
})

test('text that is no YAML is refused with its line', () => {
  const file = write('broken.yaml', 'rpc: { listen: [\n')
  expect(messageOf(() => loadConfig({ file }))).toMatch(/broken\.yaml:\d+: /)
})

test('a missing file is refused with what to do', () => {
  const file = join(dir, 'none.yaml')
  expect(messageOf(() => loadConfig({ file }))).toBe(
    `there is no configuration at ${file}; make one with naru init, or name it with --config`,
  )
})

test('JSON is read as well, and paths are taken from the file’s directory', () => {
  const file = write(
    'node.json',
    JSON.stringify({ chain: { genesis: '../genesis.json' }, signer: { keystore: './key.age' }, data: { dir: 'd' } }),
  )
  const { config } = loadConfig({ file })
  expect(config.chain.genesis).toBe(join(dir, '..', 'genesis.json'))
  expect(config.signer).toEqual({
    keystore: join(dir, 'key.age'),
    passphrase: { from: 'none' },
    journal: join(dir, 'd', 'sign-state'),
  })
  expect(config.admin.socket).toBe(join(dir, 'd', 'admin.sock'))
})

test('the next key has a journal of its own, and can be taken back by null', () => {
  const file = write('next.yaml', 'data: { dir: d }\nnextSigner: { keystore: ./k2.age, passphrase: { from: file, path: ./p } }\n')
  const { config } = loadConfig({ file })
  expect(config.nextSigner).toEqual({
    keystore: join(dir, 'k2.age'),
    passphrase: { from: 'file', path: join(dir, 'p') },
    journal: join(dir, 'd', 'sign-state-next'),
  })
  expect(config.signer).toBeNull()
  expect(loadConfig({ file, flags: { nextSigner: null } }).config.nextSigner).toBeNull()
})

test('keys and values are data: a tag that asks for code is not executed', () => {
  const file = write('tag.yaml', 'log: { level: !!js/function "function () { throw 1 }" }\n')
  expect(messageOf(() => loadConfig({ file }))).toMatch(/tag\.yaml:1: /)
})

test('every key can be set from the environment', () => {
  expect(configKeys()).toContain('signer.passphrase.from')
  expect(configKeys()).toContain('rpc.limits.batchMax')
  expect(new Set(configKeys()).size).toBe(configKeys().length)
})

test('a listener is split into host and port, brackets of IPv6 aside', () => {
  expect(parseListen('127.0.0.1:8545')).toEqual({ host: '127.0.0.1', port: 8545 })
  expect(parseListen('[::1]:80')).toEqual({ host: '::1', port: 80 })
})
