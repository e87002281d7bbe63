// Owns: the short selection of fault networks in every test run, through the command that people use, and files that are no network.
// Not here: what runs them (test/networks).
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPlan } from '../networks/plan.ts'
import type { NetworkReport } from '../networks/run.ts'
import { naruMain } from '../helpers/naru.ts'

const FOLDER = join(import.meta.dirname, 'networks')
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
const scratch = mkdtempSync(join(tmpdir(), 'naru-e2e-networks-'))

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('every network file is one', () => {
  expect(files.length).toBeGreaterThan(8)
  for (const file of files) expect(readPlan(join(FOLDER, file)).steps.length, file).toBeGreaterThan(0)
})

test.each(files.filter((file) => readPlan(join(FOLDER, file)).ci))('%s holds', { timeout: 600_000 }, async (file) => {
  const result = await naruMain(['devnet', 'run', join(FOLDER, file), '--json'], { timeoutMs: 590_000 })
  expect(result.code, result.stderr).toBe(0)
  const [network] = (result.json() as { networks: NetworkReport[] }).networks
  expect(network?.violations).toEqual([])
  expect(network?.finals).toBeGreaterThan(0)
  expect(network?.signatures).toBeGreaterThan(network?.blocks ?? 0)
  console.log(`${file} over ${network?.links}: ${network?.blocks} blocks, ${network?.finals} finals, ${network?.seconds} s`)
})

test('a file that is no network is refused with every place that is wrong', async () => {
  const file = join(scratch, 'wrong.json')
  const steps = [
    { do: 'kill', nodes: ['v9'] },
    { do: 'explode' },
    { do: 'watch', expect: [{ that: 'blocks', nodes: ['v1'], count: 0 }] },
  ]
  writeFileSync(file, JSON.stringify({ about: 'A file with mistakes in it.', nodes: 4, extra: 1, steps }))
  const result = await naruMain(['devnet', 'run', file])
  expect(result.code).toBe(2)
  expect(result.stderr).toMatch(/steps\.1\.do/)
  expect(result.stderr).toMatch(/steps\.2\.expect\.0\.count/)
  expect(result.stderr).toMatch(/Unrecognized key: "extra"/)
  writeFileSync(file, JSON.stringify({ about: 'A file with a node too many.', nodes: 4, steps: [{ do: 'kill', nodes: ['v9'] }] }))
  const tooMany = await naruMain(['devnet', 'run', file])
  expect(tooMany.code).toBe(2)
  expect(tooMany.stderr).toMatch(/names v9, but has only v1, v2, v3, v4/)
})

test('words that are no words are refused', async () => {
  expect((await naruMain(['devnet', 'run'])).code).toBe(2)
  expect((await naruMain(['devnet', 'run', '--ci', '--links', 'rope'])).code).toBe(2)
})
