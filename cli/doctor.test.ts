// Owns: `naru doctor` on real files of a stopped node: outcomes, exit codes, nothing written, no secret in a bundle.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSigningMemory } from '../node/signing-memory.ts'
import { writeDevKey } from '../node/keystore.ts'
import { initJournal } from '../node/storage/journal.ts'
import { buildStoredGenesis, journalPlaceOf } from '../test/helpers/stored-chain.ts'
import type { CommandCall } from './command.ts'
import { doctorCommands } from './commands/doctor.ts'
import { createOutput } from './output.ts'

type Report = {
  readonly isRunning: boolean
  readonly fails: number
  readonly checks: readonly { readonly id: string; readonly status: string; readonly measured: string }[]
}

const CANARY = 'canary-5f3a9c'
const root = mkdtempSync(join(tmpdir(), 'naru-doctor-'))
let made = 0

function makeNode(): string {
  const dir = join(root, `node-${made++}`)
  cpSync(join(root, 'whole'), dir, { recursive: true })
  return dir
}

beforeAll(() => {
  const dir = join(root, 'whole')
  mkdirSync(join(dir, 'data', 'store'), { recursive: true })
  const { json } = buildStoredGenesis()
  writeFileSync(join(dir, 'genesis.json'), JSON.stringify(json))
  writeFileSync(join(dir, 'data', 'store', 'CURRENT'), 'MANIFEST-000001\n')
  writeFileSync(join(dir, 'data', 'store', 'MANIFEST-000001'), 'x')
  writeDevKey(join(dir, 'validator.json'), new Uint8Array(32).fill(9))
  initJournal({ ...journalPlaceOf(join(dir, 'sign-state'), 'v1'), afterHeight: 7 })
  writeFileSync(
    join(dir, 'naru.yaml'),
    [
      'chain: { genesis: ./genesis.json }',
      'data: { dir: ./data }',
      `signer: { keystore: ./validator.json, journal: ./sign-state, passphrase: { from: env, name: ${CANARY.replace('-', '_')} } }`,
      'metrics: { listen: 127.0.0.1:1 }',
      'log: { file: ./node.log }',
      '',
    ].join('\n'),
  )
  writeFileSync(
    join(dir, 'node.log'),
    `{"level":"info","msg":"hello","seed":"0x${'09'.repeat(32)}"}\nthe passphrase: ${CANARY}\n`,
  )
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function doctor(dir: string, options: Record<string, unknown> = {}) {
  const lines: string[] = []
  const out = createOutput({ json: true, stdout: { write: (text) => lines.push(text) }, stderr: { write: () => true } })
  const env = { NARU_PASSPHRASE: CANARY, [CANARY.replace('-', '_')]: `${CANARY}-named` }
  const call: CommandCall = { args: [], options: { config: join(dir, 'naru.yaml'), ...options }, out, env }
  const before = process.exitCode
  await doctorCommands[0]?.run(call)
  const exit = process.exitCode
  process.exitCode = before
  return { exit, report: JSON.parse(lines.join('')) as Report }
}

const statusOf = (report: Report, id: string) => report.checks.find((check) => check.id === id)?.status

function stamp(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path} ${statSync(path).mtimeMs} ${statSync(path).size}`)
    .sort()
}

describe('naru doctor of a stopped node', () => {
  it('checks what files tell, skips what only the node knows, and writes nothing', async () => {
    const dir = makeNode()
    const before = stamp(dir)
    const { report } = await doctor(dir)
    expect(stamp(dir)).toEqual(before)
    expect(report.isRunning).toBe(false)
    expect(['key', 'sign-state', 'store', 'twin', 'backup'].map((id) => statusOf(report, id))).toEqual(Array(5).fill('pass'))
    expect(['peers', 'round', 'version', 'ports', 'rpc'].map((id) => statusOf(report, id))).toEqual(Array(5).fill('skip'))
    expect(report.checks.find(({ id }) => id === 'sign-state')?.measured).toMatch(/^reaches block/)
  })

  it('ends with 11 when something fails: a key that others may read, a missing sign state, a twin', async () => {
    const dir = makeNode()
    chmodSync(join(dir, 'validator.json'), 0o644)
    rmSync(join(dir, 'sign-state'))
    createSigningMemory(join(dir, 'data'), () => undefined).write({
      pause: { reason: 'twin', text: 'prevote at height 7 round 0', sinceMs: 1, height: 7 },
      closedUpTo: 0,
    })
    const { exit, report } = await doctor(dir)
    expect([exit, report.fails >= 3]).toEqual([11, true])
    expect(['key', 'sign-state', 'twin'].map((id) => statusOf(report, id))).toEqual(['fail', 'fail', 'fail'])
  })

  it('ends with 10 when there are only warnings: a process that was killed', async () => {
    const dir = makeNode()
    writeFileSync(join(dir, 'data', 'lock'), '{"pid":1073741823}')
    const { exit, report } = await doctor(dir)
    expect([exit, statusOf(report, 'store')]).toEqual([10, 'warn'])
  })

  it('finds a store without its manifest', async () => {
    const dir = makeNode()
    rmSync(join(dir, 'data', 'store', 'MANIFEST-000001'))
    expect(statusOf((await doctor(dir)).report, 'store')).toBe('fail')
  })

  it('writes a bundle that any tar reads and in which no secret is', async () => {
    const dir = makeNode()
    const bundle = join(dir, 'bundle.tar.gz')
    await doctor(dir, { bundle })
    const names = execFileSync('tar', ['-tzf', bundle], { encoding: 'utf8' }).trim().split('\n')
    expect(names).toContain('naru-doctor/checks.json')
    expect(names).toContain('naru-doctor/log.txt')
    execFileSync('tar', ['-xzf', bundle, '-C', dir])
    const texts = readdirSync(join(dir, 'naru-doctor')).map((name) => readFileSync(join(dir, 'naru-doctor', name), 'utf8'))
    const all = texts.join('\n')
    expect(all).toContain('hello')
    for (const secret of [CANARY, '09'.repeat(32)]) expect(all).not.toContain(secret)
    expect(statSync(bundle).mode & 0o777).toBe(0o600)
  })
})
