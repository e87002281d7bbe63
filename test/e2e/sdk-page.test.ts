// Owns: that the program of docs/reference/sdk.md runs as printed, against a devnet of real processes. Not here: the SDK's own tests (sdk/).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardFolder } from '../helpers/guard.ts'

const root = resolve(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'naru-sdk-page-'))
const dir = join(home, 'devnet')
const release = guardFolder(home)

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { cwd: home, encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(command, args, options)
  return { status, stdout, stderr }
}

const naru = (...args: string[]) => run(process.execPath, [join(root, 'cli/main.ts'), ...args])

beforeAll(() => {
  const up = naru('devnet', 'up', '-n', '1', '--dir', dir, '--detach', '--wait', 'ready', '--json')
  expect(up.status, up.stderr).toBe(0)
})

afterAll(async () => {
  naru('devnet', 'down', '--dir', dir)
  await release()
})

test('every block of the SDK page runs, in order, as one program', () => {
  const page = readFileSync(join(root, 'docs/reference/sdk.md'), 'utf8')
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '')
  expect(blocks).toHaveLength(7)
  // One node stands in for the second of the page.
  const program = blocks.join('\n').replaceAll("'./sdk/index.ts'", `'${pathToFileURL(join(root, 'sdk/index.ts')).href}'`)
  const path = join(home, 'page.mts')
  writeFileSync(path, program.replace('devnet.nodes[1]', 'devnet.nodes[0]'))
  const { status, stdout, stderr } = run(process.execPath, [path], { NARU_DIR: dir })
  expect(status, stderr).toBe(0)
  expect(stdout).toMatch(/^naru-devnet-1 is at \d+ with state root 0x[0-9a-f]{64}$/m)
  expect(stdout).toMatch(/^final in block \d+ \[/m)
  expect(stdout).toContain('admitted [ 1n, 2n, 3n, 4n, 5n ]')
  expect(stdout).toMatch(/^payment 0 4500n won, order A1B2C3D4E5F60718$/m)
  expect(stdout).toContain('proved payments 1 read 1')
  expect(stdout).toMatch(/^did:seoul:03:[0-9a-f]{48} final$/m)
  expect(stdout).toMatch(/^proven at height \d+ 49\d{4}n won$/m)
  expect(stdout).toMatch(/^true$/m)
  expect(stdout).toMatch(/name: 'payment.transferred'/)
})
