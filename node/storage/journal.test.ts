// Owns: tests of journal.ts and journal-slot.ts: alternation, damage, faults of the disk, the operator's way out.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AssertionFault } from '../../core/base/assert.ts'
import { utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { crc32c } from './crc32c.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { initJournal, type JournalPlace, openJournal, readJournal } from './journal.ts'
import { JOURNAL_SLOT_BYTES } from './journal-slot.ts'
import { createSignState, SIGN_BYTES_MAX, SIGNATURE_BYTES_MAX, type SignedRecord, type SignStep } from './sign-state.ts'

const A = 'aa'.repeat(32)
let root: string
let place: JournalPlace

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'naru-journal-'))
  place = { path: join(root, 'sign-state'), chainTag: new Uint8Array(8).fill(9), publicKeyHex: 'cd'.repeat(32) }
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function entry(height: number, round: number, step: SignStep, blockIdHex: string | null = A): SignedRecord {
  const signBytes = utf8ToBytes(`${height}/${round}/${step}/${blockIdHex}`)
  return { height, round, step, blockIdHex, signBytes, signature: new Uint8Array(64).fill(height + round + step) }
}

function open(part: Partial<JournalPlace & { allowCreate: boolean }> = {}) {
  return openJournal({ ...place, allowCreate: true, ...part })
}

function writeEntries(...entries: SignedRecord[]): void {
  const journal = open()
  for (const one of entries) journal.record(one)
  journal.close()
}

function damage(at: number, change: (byte: number) => number = (byte) => byte ^ 1): void {
  const bytes = readFileSync(place.path)
  bytes[at] = change(bytes[at] as number)
  writeFileSync(place.path, bytes)
}

function errorOf(action: () => unknown): { code: string; message: string } {
  try {
    action()
  } catch (error) {
    if (error instanceof NodeError) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 'none', message: '' }
}

describe('recording', () => {
  test('a new journal is empty, two slots long and readable by its owner only', () => {
    const journal = open()
    expect(journal.state()).toEqual(createSignState(0))
    expect(journal.damaged).toBe(false)
    expect(statSync(place.path).size).toBe(2 * JOURNAL_SLOT_BYTES)
    expect(statSync(place.path).mode & 0o777).toBe(0o600)
    journal.close()
  })

  test('everything recorded comes back after reopening', () => {
    const proposal = entry(4, 0, 1)
    const prevote = entry(4, 0, 2)
    const lock = entry(4, 0, 3)
    const nilPrevote = entry(4, 1, 2, null)
    const nilPrecommit = entry(4, 1, 3, null)
    writeEntries(entry(3, 2, 3), proposal, prevote, lock, nilPrevote, nilPrecommit)
    const journal = open({ allowCreate: false })
    expect(journal.state()).toEqual({
      floorHeight: 0,
      last: nilPrecommit,
      lastLock: lock,
      proposal,
      prevote: nilPrevote,
      precommit: nilPrecommit,
    })
    journal.close()
  })

  test('records of the largest size fit, four at once', () => {
    const big = (round: number, step: SignStep, blockIdHex: string | null = A): SignedRecord => ({
      ...entry(Number.MAX_SAFE_INTEGER, round, step, blockIdHex),
      signBytes: new Uint8Array(SIGN_BYTES_MAX).fill(round + step),
      signature: new Uint8Array(SIGNATURE_BYTES_MAX).fill(0xee),
    })
    const records = [big(0xfffffffe, 3), big(0xffffffff, 1), big(0xffffffff, 2), big(0xffffffff, 3, null)] as const
    writeEntries(...records)
    const { state } = readJournal(place)
    expect([state.lastLock, state.proposal, state.prevote, state.precommit]).toEqual(records)
  })

  test('one record is one write of the other slot and one sync', () => {
    const calls: string[] = []
    const disk: FileSystem = {
      ...nodeFileSystem,
      writeSync: (fd, buffer, offset, length, position) => {
        calls.push(`write ${length} at ${position}`)
        return nodeFileSystem.writeSync(fd, buffer, offset, length, position)
      },
      fdatasyncSync: (fd) => {
        calls.push('sync')
        nodeFileSystem.fdatasyncSync(fd)
      },
    }
    const journal = open({ disk })
    calls.length = 0
    journal.record(entry(1, 0, 2))
    journal.record(entry(1, 0, 3))
    expect(calls).toEqual(['write 8192 at 0', 'sync', 'write 8192 at 8192', 'sync'])
    journal.close()
  })

  test('a record changed by the caller afterwards stays as it was', () => {
    const journal = open()
    const one = entry(1, 0, 2)
    journal.record(one)
    one.signBytes.fill(0)
    expect(journal.state().last).toEqual(entry(1, 0, 2))
    journal.close()
  })

  test('a record that does not lie above the last one is our own fault and changes nothing', () => {
    const journal = open()
    journal.record(entry(5, 0, 3))
    expect(() => journal.record(entry(5, 0, 2))).toThrow(AssertionFault)
    expect(journal.state().last).toEqual(entry(5, 0, 3))
    journal.close()
  })

  test('a raised floor is durable and never comes down', () => {
    const journal = open()
    journal.record(entry(5, 0, 3))
    journal.raiseFloor(9)
    journal.raiseFloor(2)
    journal.close()
    expect(readJournal(place).state).toMatchObject({ floorHeight: 9, last: entry(5, 0, 3) })
  })
})

describe('damage', () => {
  test('a newest slot damaged at any byte leaves the one before it, and says so', () => {
    writeEntries(entry(1, 0, 2), entry(1, 0, 3))
    const whole = readFileSync(place.path)
    for (let at = JOURNAL_SLOT_BYTES; at < 2 * JOURNAL_SLOT_BYTES; at += 31) {
      writeFileSync(place.path, whole)
      damage(at)
      const { state, damaged } = readJournal(place)
      expect([at, damaged, state.last]).toEqual([at, true, entry(1, 0, 2)])
    }
  })

  test('a slot half written by a crash leaves the older one, and the next record heals the file', () => {
    writeEntries(entry(1, 0, 2), entry(1, 0, 3))
    const before = readFileSync(place.path)
    writeEntries(entry(2, 0, 2))
    const after = readFileSync(place.path)
    for (const written of [1, 63, 64, 4096, JOURNAL_SLOT_BYTES - 1]) {
      writeFileSync(place.path, Buffer.concat([after.subarray(0, written), before.subarray(written)]))
      const journal = open({ allowCreate: false })
      expect(journal.state().last).toEqual(entry(1, 0, 3))
      journal.record(entry(3, 0, 2))
      journal.close()
      expect(readJournal(place)).toMatchObject({ damaged: false, state: { last: entry(3, 0, 2) } })
    }
  })

  test('a file cut in half keeps its first slot', () => {
    writeEntries(entry(1, 0, 2))
    writeFileSync(place.path, readFileSync(place.path).subarray(0, JOURNAL_SLOT_BYTES + 100))
    expect(readJournal(place)).toMatchObject({ damaged: true, state: { last: entry(1, 0, 2) } })
  })

  test('JOURNAL_CORRUPT: with both slots damaged nothing opens, and the message says what to do', () => {
    writeEntries(entry(1, 0, 2))
    damage(100)
    damage(JOURNAL_SLOT_BYTES + 100)
    const { code, message } = errorOf(open)
    expect(code).toBe('JOURNAL_CORRUPT')
    expect(message).toContain('naru keys sign-state init --after-height H')
  })

  test('JOURNAL_CORRUPT: an empty file is not taken for a new journal', () => {
    writeFileSync(place.path, '')
    expect(errorOf(open).code).toBe('JOURNAL_CORRUPT')
  })
})

describe('refusals', () => {
  test('JOURNAL_MISSING: without leave to create, nothing is created', () => {
    const { code, message } = errorOf(() => open({ allowCreate: false }))
    expect(code).toBe('JOURNAL_MISSING')
    expect(message).toContain('naru keys sign-state init --after-height H')
    expect(existsSync(place.path)).toBe(false)
  })

  test('JOURNAL_CHAIN: the journal of another chain is refused', () => {
    writeEntries(entry(1, 0, 2))
    expect(errorOf(() => open({ chainTag: new Uint8Array(8) })).code).toBe('JOURNAL_CHAIN')
  })

  test('JOURNAL_KEY: the journal of another key is refused', () => {
    writeEntries(entry(1, 0, 2))
    expect(errorOf(() => open({ publicKeyHex: 'ab'.repeat(32) })).code).toBe('JOURNAL_KEY')
  })

  test('JOURNAL_VERSION: a slot of a later release is refused, not ignored', () => {
    writeEntries(entry(1, 0, 2))
    const bytes = readFileSync(place.path)
    bytes.writeUInt32BE(2, 4)
    bytes.writeUInt32BE(crc32c(bytes, 0, JOURNAL_SLOT_BYTES - 4), JOURNAL_SLOT_BYTES - 4)
    writeFileSync(place.path, bytes)
    expect(errorOf(open).code).toBe('JOURNAL_VERSION')
  })

  test.each(['writeSync', 'fdatasyncSync'] as const)('JOURNAL_IO: after a failed %s every later call is refused', (name) => {
    let broken = false
    const fail = (): never => {
      throw Object.assign(new Error('EIO: simulated'), { code: 'EIO' })
    }
    const disk: FileSystem = {
      ...nodeFileSystem,
      writeSync: (...args) => (broken && name === 'writeSync' ? fail() : nodeFileSystem.writeSync(...args)),
      fdatasyncSync: (fd) => (broken && name === 'fdatasyncSync' ? fail() : nodeFileSystem.fdatasyncSync(fd)),
    }
    const journal = open({ disk })
    journal.record(entry(1, 0, 2))
    broken = true
    expect(errorOf(() => journal.record(entry(1, 0, 3))).code).toBe('JOURNAL_IO')
    broken = false
    expect(errorOf(() => journal.record(entry(1, 0, 3))).code).toBe('JOURNAL_IO')
    expect(errorOf(() => journal.raiseFloor(5)).code).toBe('JOURNAL_IO')
    expect(errorOf(() => journal.state()).code).toBe('JOURNAL_IO')
    journal.close()
    expect(readJournal(place).state.last?.height).toBe(1)
  })

  test('JOURNAL_IO: a closed journal refuses too', () => {
    const journal = open()
    journal.close()
    journal.close()
    expect(errorOf(() => journal.record(entry(1, 0, 2))).code).toBe('JOURNAL_IO')
  })
})

describe('start state set by the operator', () => {
  test('a lost journal is replaced by one that signs only above the height, with a line of audit', () => {
    initJournal({ ...place, afterHeight: 40, atMs: 1_700_000_000_000 })
    expect(readJournal(place)).toEqual({ damaged: false, state: createSignState(40) })
    expect(JSON.parse(readFileSync(`${place.path}.audit`, 'utf8'))).toEqual({
      atMs: 1_700_000_000_000,
      action: 'init',
      afterHeight: 40,
      chainTag: '09'.repeat(8),
      publicKey: 'cd'.repeat(32),
      previous: 'missing',
    })
  })

  test('a corrupt journal is set aside', () => {
    writeFileSync(place.path, 'garbage')
    initJournal({ ...place, afterHeight: 40 })
    expect(readFileSync(`${place.path}.replaced-1`, 'utf8')).toBe('garbage')
    expect(readJournal(place).state.floorHeight).toBe(40)
    expect(JSON.parse(readFileSync(`${place.path}.audit`, 'utf8'))).toMatchObject({ previous: 'unreadable' })
  })

  test('JOURNAL_FLOOR: a readable journal is not replaced by one that allows what it forbids', () => {
    writeEntries(entry(50, 0, 3))
    const { code, message } = errorOf(() => initJournal({ ...place, afterHeight: 49 }))
    expect(code).toBe('JOURNAL_FLOOR')
    expect(message).toContain('--after-height 50 or higher')
    expect(readdirSync(root)).toEqual(['sign-state'])
  })

  test('every replacement adds a line of audit and keeps the file before it', () => {
    writeEntries(entry(50, 0, 3))
    initJournal({ ...place, afterHeight: 50 })
    initJournal({ ...place, afterHeight: 60 })
    const lines = readFileSync(`${place.path}.audit`, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).previous)).toEqual([
      'counter 3, signed up to height 50, floor 0',
      'counter 2, signed up to height 0, floor 50',
    ])
    expect(readdirSync(root)).toEqual(['sign-state', 'sign-state.audit', 'sign-state.replaced-1', 'sign-state.replaced-2'])
    expect(readJournal({ ...place, path: `${place.path}.replaced-1` }).state.last).toEqual(entry(50, 0, 3))
  })
})
