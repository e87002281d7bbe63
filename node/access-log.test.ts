// Owns: tests of the node's log of reads on disk: what it keeps over a restart, its bounds. Not here: when entries are made (rpc).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS } from '../core/base/civil-time.ts'
import { asAddress } from '../core/base/ids.ts'
import type { AccessEntry } from '../rpc/node-api.ts'
import { openAccessLog } from './access-log.ts'
import type { AccessLogBounds, OpenAccessLog } from './access-log.ts'

const [WORKER, OTHER, INSPECTOR] = ['a1', 'b2', 'c3'].map((byte) => asAddress(byte.repeat(20))) as [
  AccessEntry['subject'],
  AccessEntry['subject'],
  AccessEntry['subject'],
]

let dir: string
let now: number
let log: OpenAccessLog
const open = (bounds?: AccessLogBounds): Promise<OpenAccessLog> => openAccessLog(dir, { nowMs: () => now }, bounds)
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'naru-access-'))
  now = 1_795_392_000_000
  log = await open()
})
afterEach(async () => {
  await log.close()
  rmSync(dir, { recursive: true })
})

const entry = (more: Partial<AccessEntry> = {}): AccessEntry => ({
  ...{ at: now, height: 7, subject: WORKER, reader: INSPECTOR, role: 'INSPECTOR', caseId: 'ab'.repeat(32) },
  ...{ record: 'labor.contract', ref: 'cd'.repeat(32), method: 'labor_getContract' },
  ...more,
})
const heights = async (subject = WORKER, limit = 100, before: string | null = null): Promise<readonly number[]> =>
  (await log.read(subject, { before, limit })).map(({ height }) => height)

describe('the log of reads', () => {
  it('gives a subject its entries, newest first, in pages, also after a restart', async () => {
    for (let height = 1; height <= 5; height++) {
      now += 1_000
      await log.append([entry({ height }), entry({ height, subject: OTHER })])
    }
    await log.close()
    log = await open()
    await log.append([entry({ height: 6, caseId: null })])
    expect(await heights()).toEqual([6, 5, 4, 3, 2, 1])
    const first = await log.read(WORKER, { before: null, limit: 2 })
    expect(first.map(({ height }) => height)).toEqual([6, 5])
    expect(await heights(WORKER, 2, first[1]?.cursor)).toEqual([4, 3])
    expect(await heights(OTHER)).toEqual([5, 4, 3, 2, 1])
    const { cursor, ...kept } = (await log.read(OTHER, { before: null, limit: 1 }))[0] as AccessEntry & { cursor: string }
    expect(cursor).toMatch(/^[0-9a-f]{32}$/)
    expect(kept).toEqual(entry({ height: 5, subject: OTHER }))
  })

  it('keeps entries of one moment apart', async () => {
    await Promise.all([1, 2, 3].map((height) => log.append([entry({ height })])))
    expect(await heights()).toEqual([3, 2, 1])
  })

  it('forgets the oldest beyond its number', async () => {
    await log.close()
    log = await open({ days: 365, entriesMax: 3 })
    for (let height = 1; height <= 5; height++) {
      now += 1
      await log.append([entry({ height })])
    }
    expect(await heights()).toEqual([5, 4, 3])
  })

  it('forgets what is older than its days', async () => {
    await log.append([entry({ height: 1 })])
    now += 366 * DAY_MS
    await log.append([entry({ height: 2 })])
    expect(await heights()).toEqual([2])
  })
})
