// Owns: tests of opening the log of the running height: clean, torn, rotten, another chain, and what each means for signing.
import { describe, expect, it } from 'vitest'
import { BlockSchema, blockIdOf } from '../core/chain/block.ts'
import { encode } from '../core/codec/schema.ts'
import { toHex } from '../core/base/bytes.ts'
import type { Input } from '../consensus/input.ts'
import { createToyVotes } from '../test/helpers/toy-votes.ts'
import type { ChainHead } from './chain-head.ts'
import { createLogger } from './logger.ts'
import { initJournal, openJournal } from './storage/journal.ts'
import { createMemoryDisk } from './storage/memory-disk.ts'
import type { MemoryDisk } from './storage/memory-disk.ts'
import { WAL_TYPES, encodeWalInput } from './wal-records.ts'
import { openHeightLog } from './wal-replay.ts'

const toy = createToyVotes()
const DIR = '/data/wal'
const FILE = `${DIR}/0000000000000006.wal`
const chainTag = new Uint8Array(8)
const publicKeyHex = toHex(toy.memberAt(0).account.publicKey)
const head = { height: 5 } as ChainHead
const log = createLogger({ level: 'silent' })

function createDisk(beforeChange?: (kind: string, path: string) => void): MemoryDisk {
  const disk = createMemoryDisk(beforeChange)
  initJournal({ path: '/data/sign-state', chainTag, publicKeyHex, afterHeight: 0, atMs: 0, disk })
  disk.syncDirectorySync('/data')
  return disk
}

function open(disk: MemoryDisk, at = head) {
  const journal = openJournal({ path: '/data/sign-state', chainTag, publicKeyHex, allowCreate: false, disk })
  return { journal, heightLog: openHeightLog({ dir: DIR, chainTag, head: at, journals: [journal], log, disk }) }
}

const inputs: readonly Input[] = [
  { kind: 'wake', height: 6 },
  { kind: 'blockBuilt', height: 6, round: 0, blockId: null },
  { kind: 'proposal', proposal: toy.proposal({ height: 6 }), timely: false },
  { kind: 'vote', vote: toy.vote(1, { height: 6 }) },
  { kind: 'polka', certificate: toy.certificate({ height: 6 }) },
  { kind: 'timeout', height: 6, round: 0, step: 'precommit' },
  { kind: 'commit', certificate: toy.certificate({ height: 6, type: 'precommit' }) },
]
const block = toy.block([new Uint8Array([7])], { height: 6 })

function writeAll(disk: MemoryDisk): void {
  const { heightLog } = open(disk)
  for (const input of inputs) {
    const record = encodeWalInput(input)
    if (record !== null) heightLog.append(record.type, record.payload)
  }
  heightLog.append(WAL_TYPES.block, encode(BlockSchema, block))
  heightLog.flush()
}

function replayed(heightLog: ReturnType<typeof open>['heightLog']) {
  const found: string[] = []
  const again: Input[] = []
  heightLog.replay({
    offerBlock: (whole) => {
      found.push('block')
      return blockIdOf(whole.header)
    },
    enqueue: (input) => {
      found.push(input.kind)
      again.push(input)
    },
  })
  return { found, again }
}

describe('the log of the running height', () => {
  it('hands back bodies first, then every kind of input in its order and as it was', () => {
    const disk = createDisk()
    writeAll(disk)
    const { found, again } = replayed(open(disk.crash('lose')).heightLog)
    expect(found).toEqual(['block', ...inputs.map(({ kind }) => kind)])
    expect(again).toEqual(inputs)
  })

  it('is empty for another height: records of a finished one are not taken for the next', () => {
    const disk = createDisk()
    writeAll(disk)
    expect(replayed(open(disk, { height: 6 } as ChainHead).heightLog).found).toEqual([])
  })

  it('that ends in half a record loses that record, goes on, and signs on', () => {
    const disk = createDisk()
    writeAll(disk)
    disk.corrupt(FILE, (bytes) => bytes.slice(0, -3))
    const { heightLog, journal } = open(disk)
    expect(replayed(heightLog).found).toEqual(inputs.map(({ kind }) => kind))
    expect(journal.state().floorHeight).toBe(0)
    heightLog.append(WAL_TYPES.block, encode(BlockSchema, block))
    heightLog.flush()
    expect(replayed(open(disk).heightLog).found).toContain('block')
  })

  it('that is rotten in its middle is set aside, and nothing is signed at this height any more', () => {
    const disk = createDisk()
    writeAll(disk)
    disk.corrupt(FILE, (bytes) => {
      bytes[60] = (bytes[60] as number) ^ 1
      return bytes
    })
    const { heightLog, journal } = open(disk)
    expect(journal.state().floorHeight).toBe(6)
    expect(disk.readdirSync(DIR)).toContain('0000000000000006.wal.corrupt-1')
    heightLog.append(WAL_TYPES.block, encode(BlockSchema, block))
    heightLog.flush()
    expect(open(disk).journal.state().floorHeight).toBe(6)
  })

  it('that is rotten raises the floor before it is set aside, so that a crash between the two signs nothing either', () => {
    let armed = false
    let isOver = false
    const disk = createDisk((kind) => {
      if (isOver) throw new Error('power cut')
      if (kind === 'rename') isOver = armed
    })
    writeAll(disk)
    disk.corrupt(FILE, (bytes) => {
      bytes[60] = (bytes[60] as number) ^ 1
      return bytes
    })
    armed = true
    expect(() => open(disk)).toThrow(/power cut/)
    expect(open(disk.crash('keep')).journal.state().floorHeight).toBe(6)
  })

  it('with a damaged sign state beside it also raises the floor', () => {
    const disk = createDisk()
    writeAll(disk)
    disk.corrupt('/data/sign-state', (bytes) => {
      bytes[20] = (bytes[20] as number) ^ 1
      return bytes
    })
    expect(open(disk).journal.state().floorHeight).toBe(6)
  })

  it('that is gone although a precommit of its height was journalled is told to people; one never written is not', () => {
    const said: string[] = []
    const recorder = { ...log, error: (message: string) => void said.push(message) }
    const disk = createDisk()
    const { journal } = open(disk)
    const reopen = () => openHeightLog({ dir: DIR, chainTag, head, journals: [journal], log: recorder, disk })
    for (const name of disk.readdirSync(DIR)) disk.unlinkSync(`${DIR}/${name}`)
    reopen().close()
    expect(said).toEqual([])
    const signBytes = new Uint8Array([1])
    const precommit = {
      height: 6,
      round: 0,
      step: 3,
      blockIdHex: 'ab'.repeat(32),
      signBytes,
      signature: new Uint8Array(64),
    } as const
    journal.record(precommit)
    reopen().close()
    expect(said).toEqual([])
    for (const name of disk.readdirSync(DIR)) disk.unlinkSync(`${DIR}/${name}`)
    reopen()
    expect(said).toEqual([
      'The sign state holds a precommit of this height, but its write-ahead log is gone: the block must come from a peer',
    ])
  })

  it('of another chain is refused by name', () => {
    const disk = createDisk()
    writeAll(disk)
    expect(() => openHeightLog({ dir: DIR, chainTag: new Uint8Array(8).fill(1), head, journals: [], log, disk })).toThrow(
      expect.objectContaining({ code: 'WAL_CHAIN' }),
    )
  })
})
