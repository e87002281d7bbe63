// Owns: crash matrices of journal and log on a disk that forgets what was not synced, and tests of that disk itself (W12).
// Not here: tests on real files (journal.test.ts, wal.test.ts).
import { describe, expect, test } from 'vitest'
import { toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { createFileDurably, writeAllBytes } from './file-system.ts'
import { initJournal, openJournal } from './journal.ts'
import { JOURNAL_SLOT_BYTES } from './journal-slot.ts'
import { type CrashMode, createMemoryDisk, type MemoryDisk } from './memory-disk.ts'
import { compareSignPoints, type SignedRecord, type SignStep } from './sign-state.ts'
import { openWal, readWal } from './wal.ts'

const CHAIN_TAG = new Uint8Array(8).fill(3)
const JOURNAL = { path: '/keys/sign-state', chainTag: CHAIN_TAG, publicKeyHex: 'ef'.repeat(32) }
const LOG = { dir: '/data/wal', chainTag: CHAIN_TAG }
const MODES: readonly CrashMode[] = [
  'keep',
  'lose',
  ...[0, 1, 9, 28, 60, 100, 5000, JOURNAL_SLOT_BYTES - 1].map((cutBytes) => ({ cutBytes })),
]

/** The power goes before the n-th change of the disk, counted from 0. */
function createDiskFailingAt(step: number): { disk: MemoryDisk; hasFailed: () => boolean } {
  let changes = 0
  const disk = createMemoryDisk(() => {
    if (changes >= step) throw new Error('power cut')
    changes += 1
  })
  return { disk, hasFailed: () => changes >= step }
}

function entry(height: number, step: SignStep): SignedRecord {
  const text = `${height}/${step}`
  return { height, round: 0, step, blockIdHex: 'aa'.repeat(32), signBytes: utf8ToBytes(text), signature: utf8ToBytes(`s${text}`) }
}

const ENTRIES = [entry(1, 2), entry(1, 3), entry(2, 1), entry(2, 2), entry(2, 3), entry(3, 2)]

/** Runs the scenario until it ends or the power goes; true when it ended. */
function runUntilCut(scenario: () => void): boolean {
  try {
    scenario()
    return true
  } catch (error) {
    if (error instanceof NodeError || (error as Error).message === 'power cut') return false
    throw error
  }
}

describe('a power cut at every change of the disk', () => {
  test('the journal never forgets a signature that was released, and remembers at most the one under way', () => {
    let done = false
    let cases = 0
    for (let step = 0; !done; step++) {
      const { disk } = createDiskFailingAt(step)
      let released: SignedRecord | null = null
      let underWay: SignedRecord | null = null
      done = runUntilCut(() => {
        const journal = openJournal({ ...JOURNAL, allowCreate: true, disk })
        for (const one of ENTRIES) {
          underWay = one
          journal.record(one)
          released = one
        }
      })
      for (const mode of MODES) {
        const journal = openJournal({ ...JOURNAL, allowCreate: released === null, disk: disk.crash(mode) })
        const { last } = journal.state()
        expect([released, underWay]).toContainEqual(last)
        if (released !== null) expect(compareSignPoints(last ?? released, released)).toBeGreaterThanOrEqual(0)
        cases += 1
      }
    }
    expect(cases).toBeGreaterThan(100)
  })

  test('the operator’s start state replaces the journal whole or not at all', () => {
    let done = false
    for (let step = 0; !done; step++) {
      let changes = -1
      const disk = createMemoryDisk(() => {
        if (changes >= 0 && changes++ >= step) throw new Error('power cut')
      })
      const journal = openJournal({ ...JOURNAL, allowCreate: true, disk })
      journal.record(entry(9, 3))
      changes = 0
      done = runUntilCut(() => initJournal({ ...JOURNAL, afterHeight: 20, atMs: 0, disk }))
      for (const mode of ['keep', 'lose'] as const) {
        const { floorHeight, last } = openJournal({ ...JOURNAL, allowCreate: false, disk: disk.crash(mode) }).state()
        const isOld = floorHeight === 0 && last?.height === 9
        expect(isOld || (floorHeight === 20 && last === null)).toBe(true)
        if (done) expect(floorHeight).toBe(20)
      }
    }
  })

  test('the log keeps everything flushed, in order, and never reads as corrupt', () => {
    let done = false
    for (let step = 0; !done; step++) {
      const { disk } = createDiskFailingAt(step)
      const appended: string[] = []
      let flushed = 0
      done = runUntilCut(() => {
        const wal = openWal({ ...LOG, height: 1, disk })
        for (let i = 0; i < 8; i++) {
          const payload = utf8ToBytes(`record ${i} ${'.'.repeat(i * 5)}`)
          wal.append(i, payload)
          appended.push(toHex(payload))
          if (i % 2 === 1) {
            wal.flush()
            flushed = i + 1
          }
        }
      })
      for (const mode of MODES) {
        const after = disk.crash(mode)
        openWal({ ...LOG, height: 1, disk: after }).close()
        const content = readWal({ ...LOG, height: 1, disk: after })
        expect(content.status).toBe('clean')
        const texts = content.records.map(({ payload }) => toHex(payload))
        expect(texts.length).toBeGreaterThanOrEqual(flushed)
        expect(texts).toEqual(appended.slice(0, texts.length))
      }
    }
  })

  test('going to the next height leaves the old log, the new one, or both, and the next opens', () => {
    let done = false
    for (let step = 0; !done; step++) {
      let changes = -1
      const disk = createMemoryDisk(() => {
        if (changes >= 0 && changes++ >= step) throw new Error('power cut')
      })
      const wal = openWal({ ...LOG, height: 1, disk })
      wal.append(1, utf8ToBytes('x'))
      wal.flush()
      changes = 0
      done = runUntilCut(() => wal.startHeight(2))
      for (const mode of MODES) {
        const after = disk.crash(mode)
        openWal({ ...LOG, height: 2, disk: after }).close()
        expect(after.readdirSync(LOG.dir)).toEqual(['0000000000000002.wal'])
        expect(readWal({ ...LOG, height: 2, disk: after })).toMatchObject({ status: 'clean', records: [] })
      }
    }
  })
})

describe('the disk in memory', () => {
  test('forgets unsynced bytes and names, and keeps synced ones', () => {
    const disk = createMemoryDisk()
    const fd = createFileDurably(disk, '/d/kept', utf8ToBytes('durable'))
    writeAllBytes(disk, fd, utf8ToBytes('DUR'), 0)
    disk.openSync('/d/lost', 'wx+')
    const after = disk.crash('lose')
    expect(after.readdirSync('/d')).toEqual(['kept'])
    expect(after.content('/d/kept')).toEqual(utf8ToBytes('durable'))
    expect(disk.crash('keep').content('/d/kept')).toEqual(utf8ToBytes('DURable'))
    expect(disk.crash({ cutBytes: 2 }).content('/d/kept')).toEqual(utf8ToBytes('DUrable'))
  })

  test('gives the errors of a real one', () => {
    const disk = createMemoryDisk()
    const fd = disk.openSync('/d/a', 'wx+')
    expect(() => disk.openSync('/d/a', 'wx+')).toThrow('EEXIST')
    expect(() => disk.openSync('/d/b', 'r')).toThrow('ENOENT')
    expect(() => disk.linkSync('/d/a', '/d/a')).toThrow('EEXIST')
    disk.closeSync(fd)
    expect(() => disk.sizeSync(fd)).toThrow('EBADF')
  })

  test('rot changes what every later reader sees', () => {
    const disk = createMemoryDisk()
    createFileDurably(disk, '/d/a', utf8ToBytes('abc'))
    disk.corrupt('/d/a', (bytes) => bytes.fill(0x7a, 1, 2))
    expect(disk.crash('lose').content('/d/a')).toEqual(utf8ToBytes('azc'))
  })
})
