// Owns: tests of `node sim/main.ts` as a program: what another process makes of the same plan, exit codes, parts of a batch.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOf, runBatch } from './many-runs.ts'
import type { Report } from './many-runs.ts'
import { readReplay, writeReplay } from './replay-file.ts'
import { buildPlan } from './scenarios.ts'
import { runPlan } from './simulator.ts'

/** Several processes on a busy machine. */
const PATIENCE_MS = 150_000

const MAIN = join(import.meta.dirname, 'main.ts')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-sim-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, out, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, errors })
    })
  })
}

describe('the simulator as a program', () => {
  it(
    'gives a replay file the audit hash that it had in another process',
    async () => {
      const plan = buildPlan('mix', { seed: 7, heights: 6, crypto: 'stub' })
      if (plan === null) throw new Error('no mix')
      const here = await runPlan(plan)
      const file = join(folder, 'seed-7.json')
      writeReplay(file, here)
      const { code, out } = await start('replay', file, '--json')
      expect(JSON.parse(out)).toEqual({ violations: [], heights: here.heights, auditHash: here.auditHash, same: true })
      expect(code).toBe(0)
    },
    PATIENCE_MS,
  )

  it(
    'shared among processes gives the sum of one',
    async () => {
      const batch = {
        first: 1,
        last: 3,
        heights: 2,
        scenario: 'partition-one',
        crypto: 'stub',
        out: folder,
        stop: false,
      } as const
      const alone = await runBatch(batch, () => undefined)
      const what = ['--seeds', '1..3', '--heights', '2', '--scenario', 'partition-one']
      const { code, out } = await start('run', ...what, '--jobs', '2', '--json')
      const { seconds, perMinute, ...shared } = JSON.parse(out) as Report
      const { seconds: _, perMinute: __, ...expected } = reportOf(alone, 1)
      expect(shared).toEqual(expected)
      expect([seconds > 0, perMinute > 0, code]).toEqual([true, true, 0])
    },
    PATIENCE_MS,
  )

  it(
    'refuses a wrong call with code 2 and names the value',
    async () => {
      const calls = [
        [['run', '--seeds', '5..1'], '5..1'],
        [['run', '--scenario', 'sunshine'], 'sunshine'],
        [['run', '--speed'], '--speed'],
        [['replay', join(folder, 'absent.json')], 'absent.json'],
      ] as const
      const ended = await Promise.all(calls.map(async ([args, named]) => ({ args, named, ...(await start(...args)) })))
      for (const { args, named, code, out, errors } of ended) {
        expect([args, code, out]).toEqual([args, 2, ''])
        expect(errors).toContain(named)
      }
    },
    PATIENCE_MS,
  )

  it('reads a replay file that is none without a throw', () => {
    const file = join(folder, 'broken.json')
    writeFileSync(file, '{"plan": {"seed": "one"}}')
    expect(readReplay(file)).toMatch(/broken\.json is no replay file/)
  })
})
