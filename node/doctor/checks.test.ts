// Owns: one test per check, every outcome it has. Not here: measuring (measure.test.ts).
import { describe, expect, it } from 'vitest'
import { runChecks } from './checks.ts'
import { CHECK_IDS } from './facts.ts'
import type { CheckId, DoctorFacts, FileFacts, RunningFacts } from './facts.ts'

const DAY_MS = 86_400_000
const GIB = 1_073_741_824
const NOW = Date.UTC(2026, 10, 27)

const FILES: FileFacts = {
  isNtpActive: true,
  disk: { freeBytes: 400 * GIB, totalBytes: 1_000 * GIB, freeInodeShare: 90 },
  store: { exists: true, isClean: true, hasManifest: true },
  key: { isExpected: true, exists: true, mode: 0o600, isOwn: true, isEncrypted: true, isDevnet: false },
  signState: { error: null, height: 1_000, isBesideKey: true },
  pause: null,
  backupTestedAtMs: NOW - DAY_MS,
  openFilesMax: 65_536,
  memoryMaxBytes: 4 * GIB,
  memoryPressure: 0,
  configWarnings: [],
  config: { 'log.level': '"info"' },
  publicAdmin: null,
  version: '1.0.0',
}

const RUNNING: RunningFacts = {
  version: '1.0.0',
  isValidator: true,
  quorum: 5,
  validatorCount: 7,
  connected: ['v2', 'v3', 'v4', 'v5', 'v6', 'v7'],
  hasInbound: true,
  versions: { v2: '1.0.0', v3: '1.0.0' },
  clockOffsetMs: 12,
  roundsAboveZero: 1,
  blocksLooked: 100,
  headAgeMs: 900,
  blockIntervalMs: 1_000,
  heartbeatMs: 30_000,
  twin: null,
  pause: null,
  ownSignedHeight: 1_000,
  journalHeight: 1_001,
  rpc: { p99Ms: 12, calls: 10_000, rejected: 5, waiting: 0 },
  storeBytes: 10 * GIB,
  storeReclaimableBytes: GIB,
  storeGrowthBytesPerDay: GIB,
  config: { 'log.level': '"info"' },
  plannedUpgradeMs: null,
}

type Change = { readonly files?: Partial<FileFacts>; readonly running?: Partial<RunningFacts> | null }

function checkOf(id: CheckId, { files = {}, running = {} }: Change) {
  const facts: DoctorFacts = {
    nowMs: NOW,
    files: { ...FILES, ...files },
    running: running === null ? null : { ...RUNNING, ...running },
  }
  const found = runChecks(facts).find((check) => check.id === id)
  if (found === undefined) throw new Error(`no check ${id}`)
  return found
}

const key = (change: Partial<FileFacts['key']>): Change => ({ files: { key: { ...FILES.key, ...change } } })
const disk = (change: Partial<FileFacts['disk']>): Change => ({ files: { disk: { ...FILES.disk, ...change } } })
const stopped = (files: Partial<FileFacts> = {}): Change => ({ files, running: null })

const ROWS: readonly (readonly [CheckId, string, 'pass' | 'warn' | 'fail' | 'skip', Change])[] = [
  ['clock', 'in step', 'pass', {}],
  ['clock', '250 ms off', 'warn', { running: { clockOffsetMs: -250 } }],
  ['clock', '1 s off', 'fail', { running: { clockOffsetMs: 1_000 } }],
  ['clock', 'without a time service', 'warn', { files: { isNtpActive: false } }],
  ['disk', 'roomy', 'pass', {}],
  ['disk', 'full in 13 days', 'warn', { ...disk({ freeBytes: 13 * GIB * 31 }), running: { storeGrowthBytesPerDay: 31 * GIB } }],
  ['disk', 'full in 2 days', 'fail', { ...disk({ freeBytes: 200 * GIB }), running: { storeGrowthBytesPerDay: 99 * GIB } }],
  ['disk', 'two percent free', 'fail', disk({ freeBytes: 20 * GIB })],
  ['disk', 'few inodes', 'warn', disk({ freeInodeShare: 4 })],
  ['store', 'open', 'pass', {}],
  ['store', 'closed cleanly', 'pass', stopped()],
  ['store', 'after a kill', 'warn', stopped({ store: { exists: true, isClean: false, hasManifest: true } })],
  ['store', 'without a manifest', 'fail', stopped({ store: { exists: true, isClean: true, hasManifest: false } })],
  ['store', 'with a third to reclaim', 'warn', { running: { storeReclaimableBytes: 4 * GIB } }],
  ['key', 'private and encrypted', 'pass', {}],
  ['key', 'readable by others', 'fail', key({ mode: 0o640 })],
  ['key', 'of another user', 'fail', key({ isOwn: false })],
  ['key', 'not encrypted on a real network', 'fail', key({ isEncrypted: false })],
  ['key', 'not encrypted on a devnet', 'pass', key({ isEncrypted: false, isDevnet: true })],
  ['key', 'missing', 'fail', key({ exists: false })],
  ['sign-state', 'up to date', 'pass', {}],
  ['sign-state', 'unreadable', 'fail', { files: { signState: { error: 'JOURNAL_CORRUPT: x', height: 0, isBesideKey: true } } }],
  ['sign-state', 'older than the chain', 'fail', { running: { ownSignedHeight: 1_000, journalHeight: 990 } }],
  ['sign-state', 'on another disk than the key', 'fail', { files: { signState: { ...FILES.signState, isBesideKey: false } } }],
  ['twin', 'none', 'pass', {}],
  ['twin', 'seen', 'fail', { running: { twin: 'prevote at height 7 round 0', pause: 'prevote at height 7 round 0' } }],
  ['twin', 'seen before the stop', 'fail', stopped({ pause: { reason: 'twin', text: 'prevote at height 7 round 0' } })],
  ['twin', 'none, but paused', 'warn', { running: { pause: 'maintenance' } }],
  ['peers', 'all in reach', 'pass', {}],
  ['peers', 'just a quorum', 'warn', { running: { connected: ['v2', 'v3', 'v4', 'v5'] } }],
  ['peers', 'under a quorum', 'fail', { running: { connected: ['v2', 'v3'] } }],
  ['peers', 'one of them twice', 'warn', { running: { connected: [...RUNNING.connected, 'v2'] } }],
  ['peers', 'not asked', 'skip', stopped()],
  ['round', 'calm', 'pass', {}],
  ['round', 'six of a hundred late', 'warn', { running: { roundsAboveZero: 6 } }],
  ['round', 'no block for long', 'fail', { running: { headAgeMs: 90_001 } }],
  ['version', 'as the others', 'pass', {}],
  ['version', 'unlike most', 'warn', { running: { versions: { v2: '2.0.0', v3: '2.0.0' } } }],
  ['version', 'another one installed than running', 'warn', { files: { version: '1.1.0' } }],
  ['version', 'an upgrade within a day', 'fail', { running: { plannedUpgradeMs: 3_600_000 } }],
  ['config', 'as in the file', 'pass', {}],
  ['config', 'changed since the start', 'warn', { files: { config: { 'log.level': '"debug"' } } }],
  ['config', 'with an unknown variable', 'warn', { files: { configWarnings: ['NARU_PROT is not known'] } }],
  ['config', 'operators’ port open to all', 'fail', { files: { publicAdmin: 'metrics.listen is 0.0.0.0:9464' } }],
  ['ports', 'reached', 'pass', {}],
  ['ports', 'never reached', 'warn', { running: { hasInbound: false } }],
  ['backup', 'fresh', 'pass', {}],
  ['backup', 'a week old', 'warn', { files: { backupTestedAtMs: NOW - 7 * DAY_MS } }],
  ['backup', 'a month old', 'fail', { files: { backupTestedAtMs: NOW - 30 * DAY_MS } }],
  ['backup', 'never tested', 'fail', { files: { backupTestedAtMs: null } }],
  ['limits', 'enough', 'pass', {}],
  ['limits', 'few files', 'warn', { files: { openFilesMax: 1_024 } }],
  ['limits', 'memory under pressure', 'warn', { files: { memoryPressure: 12 } }],
  ['rpc', 'calm', 'pass', {}],
  ['rpc', 'refusing', 'warn', { running: { rpc: { ...RUNNING.rpc, rejected: 200 } } }],
]

describe('the doctor', () => {
  it.each(ROWS)('%s %s: %s', (id, _name, status, change) => {
    const { measured, threshold, fix, ...check } = checkOf(id, change)
    expect([check.status, check.id]).toEqual([status, id])
    expect([measured, threshold, fix].every((text) => text.length > 3)).toBe(true)
    expect(fix === 'nothing to do').toBe(status === 'pass')
  })

  it('has a passing and a failing or warning test for each check', () => {
    for (const id of CHECK_IDS) {
      const seen = new Set(ROWS.filter(([row]) => row === id).map(([, , status]) => status))
      expect([id, seen.has('pass'), seen.has('warn') || seen.has('fail')]).toEqual([id, true, true])
    }
  })
})
