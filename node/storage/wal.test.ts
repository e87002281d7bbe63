// Owns: tests of wal.ts and wal-format.ts on real files: torn tails, rot, faults of the disk, heights.
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AssertionFault } from '../../core/base/assert.ts'
import { concatBytes, toHex, u32ToBytes, utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { crc32c } from './crc32c.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { openWal, quarantineWal, readWal, type WalPlace } from './wal.ts'
import { encodeWalRecord, WAL_HEADER_BYTES, WAL_RECORD_BYTES_MAX } from './wal-format.ts'

const CHAIN_TAG = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
let root: string
let place: WalPlace
let path: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'naru-wal-'))
  place = { dir: join(root, 'wal'), chainTag: CHAIN_TAG, height: 7 }
  path = join(place.dir, '0000000000000007.wal')
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function writeLog(texts: readonly string[]): void {
  const wal = openWal(place)
  for (const [type, text] of texts.entries()) wal.append(type, utf8ToBytes(text))
  wal.close()
}

function readTexts(at: WalPlace = place): string[] {
  return readWal(at).records.map(({ type, payload }) => `${type}:${Buffer.from(payload).toString()}`)
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof NodeError) return error.code
    throw error
  }
  return 'none'
}

function failing(part: Partial<FileSystem>): FileSystem {
  return { ...nodeFileSystem, ...part }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}

describe('writing and reading back', () => {
  test('a log that was never opened is absent', () => {
    expect(readWal(place)).toEqual({ status: 'absent', records: [], validBytes: 0, tornBytes: 0, quarantined: 0 })
  })

  test('flushed records come back in order with their types, across reopening', () => {
    writeLog(['a', '', 'ccc'])
    const wal = openWal(place)
    wal.append(255, utf8ToBytes('later'))
    wal.flush()
    wal.close()
    expect(readTexts()).toEqual(['0:a', '1:', '2:ccc', '255:later'])
    expect(readWal(place).status).toBe('clean')
  })

  test('the file has exactly the documented bytes', () => {
    writeLog(['hi'])
    const body = utf8ToBytes('\0hi')
    const head = concatBytes(utf8ToBytes('NWAL'), u32ToBytes(1), CHAIN_TAG, u32ToBytes(0), u32ToBytes(7))
    const expected = concatBytes(head, u32ToBytes(crc32c(head)), u32ToBytes(3), u32ToBytes(crc32c(body)), body)
    expect(toHex(readFileSync(path))).toBe(toHex(expected))
  })

  test('an appended record is not on disk before the flush, which is one write and one sync', () => {
    const calls: string[] = []
    const disk = failing({
      writeSync: (...args) => {
        calls.push('write')
        return nodeFileSystem.writeSync(...args)
      },
      fdatasyncSync: (fd) => {
        calls.push('sync')
        nodeFileSystem.fdatasyncSync(fd)
      },
    })
    const wal = openWal({ ...place, disk })
    calls.length = 0
    wal.append(1, utf8ToBytes('x'))
    wal.append(2, utf8ToBytes('y'))
    expect(readTexts()).toEqual([])
    wal.flush()
    wal.flush()
    expect(calls).toEqual(['write', 'sync'])
    expect(readTexts()).toEqual(['1:x', '2:y'])
    wal.close()
  })

  test('a payload changed after append is logged as it was', () => {
    const wal = openWal(place)
    const payload = utf8ToBytes('before')
    wal.append(1, payload)
    payload.fill(0)
    wal.close()
    expect(readTexts()).toEqual(['1:before'])
  })

  test('any list of records comes back equal', () => {
    const record = fc.record({ type: fc.integer({ min: 0, max: 255 }), payload: fc.uint8Array({ maxLength: 300 }) })
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        rmSync(place.dir, { recursive: true, force: true })
        const wal = openWal(place)
        for (const { type, payload } of records) wal.append(type, payload)
        wal.close()
        const back = readWal(place).records.map(({ type, payload }) => `${type}:${toHex(payload)}`)
        expect(back).toEqual(records.map(({ type, payload }) => `${type}:${toHex(payload)}`))
      }),
      { numRuns: 30 },
    )
  })
})

describe('damage', () => {
  test('a tail torn at every byte of the last record is cut off, and writing goes on', () => {
    writeLog(['first', 'second'])
    const whole = readFileSync(path)
    const lastAt = whole.length - (8 + 1 + 'second'.length)
    for (let length = lastAt + 1; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      expect(readWal(place)).toMatchObject({ status: 'torn', tornBytes: length - lastAt, validBytes: lastAt })
      const wal = openWal(place)
      expect(wal.tornBytes).toBe(length - lastAt)
      wal.append(9, utf8ToBytes('new'))
      wal.close()
      expect(readTexts()).toEqual(['0:first', '9:new'])
      expect(readWal(place).status).toBe('clean')
    }
  })

  test('a flipped bit in any byte of the last record is a torn tail', () => {
    writeLog(['first', 'second'])
    const whole = readFileSync(path)
    for (let at = whole.length - (8 + 1 + 'second'.length); at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ 0x10
      writeFileSync(path, bytes)
      expect([at, readWal(place).status, readTexts()]).toEqual([at, 'torn', ['0:first']])
    }
  })

  test('a flipped bit in any byte before the last record is corruption, and the log does not open', () => {
    writeLog(['first', 'second', 'third'])
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length - (8 + 1 + 'third'.length); at++) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] as number) ^ 0x01
      writeFileSync(path, bytes)
      expect([at, readWal(place).status]).toEqual([at, 'corrupt'])
      expect(codeOf(() => openWal(place))).toBe('WAL_CORRUPT')
    }
  })

  test('a tail of zeros, as some file systems leave it after a power cut, is torn', () => {
    writeLog(['first'])
    appendFileSync(path, new Uint8Array(5000))
    expect(readWal(place)).toMatchObject({ status: 'torn', tornBytes: 5000 })
  })

  test('a garbage length allocates nothing and ends the readable part', () => {
    writeLog(['first'])
    appendFileSync(path, concatBytes(u32ToBytes(0xffffffff), new Uint8Array(20)))
    expect(readWal(place)).toMatchObject({ status: 'torn', tornBytes: 24 })
  })

  test('a file cut inside its header is made anew', () => {
    writeLog([])
    for (let length = 0; length < WAL_HEADER_BYTES; length++) {
      truncateSync(path, length)
      expect(readWal(place)).toMatchObject({ status: 'torn', records: [], tornBytes: length })
      writeLog(['x'])
      expect(readTexts()).toEqual(['0:x'])
      writeFileSync(path, readFileSync(path).subarray(0, WAL_HEADER_BYTES))
    }
  })

  test('a log of another height under this name is corrupt', () => {
    writeLog(['x'])
    const bytes = readFileSync(path)
    writeFileSync(join(place.dir, '0000000000000008.wal'), bytes)
    expect(readWal({ ...place, height: 8 }).status).toBe('corrupt')
  })

  test('foreign bytes that look like lengths everywhere cannot make the scan endless', () => {
    writeLog(['x'])
    const lengths = concatBytes(...Array.from({ length: 20_000 }, () => u32ToBytes(0x00010000)))
    appendFileSync(path, concatBytes(u32ToBytes(9_000_000), lengths))
    expect(readWal(place).status).toBe('corrupt')
  })

  test('a quarantined log is renamed and counted, and a fresh one opens', () => {
    writeLog(['first', 'second'])
    const bytes = readFileSync(path)
    bytes[WAL_HEADER_BYTES + 8] = 0x77
    for (const number of [1, 2]) {
      writeFileSync(path, bytes)
      expect(quarantineWal(place)).toBe(`${path}.corrupt-${number}`)
      expect(readWal(place)).toMatchObject({ status: 'absent', quarantined: number })
    }
    openWal(place).close()
    expect(readWal(place)).toMatchObject({ status: 'clean', quarantined: 2 })
    expect(toHex(readFileSync(`${path}.corrupt-1`))).toBe(toHex(bytes))
  })
})

describe('refusals', () => {
  test('WAL_VERSION: an unknown format version is not read', () => {
    writeLog(['x'])
    const bytes = readFileSync(path)
    bytes.writeUInt32BE(2, 4)
    bytes.writeUInt32BE(crc32c(bytes, 0, 24), 24)
    writeFileSync(path, bytes)
    expect(codeOf(() => readWal(place))).toBe('WAL_VERSION')
  })

  test('WAL_CHAIN: the log of another chain is not read', () => {
    writeLog(['x'])
    expect(codeOf(() => readWal({ ...place, chainTag: new Uint8Array(8) }))).toBe('WAL_CHAIN')
  })

  test('a record above the bound, or a type that is no byte, is our own fault', () => {
    expect(() => encodeWalRecord(1, new Uint8Array(WAL_RECORD_BYTES_MAX))).toThrow(AssertionFault)
    expect(() => encodeWalRecord(256, new Uint8Array(0))).toThrow(AssertionFault)
  })

  test('WAL_IO: a full disk stops the log for good, and what was flushed before stays readable', () => {
    let full = false
    const disk = failing({
      writeSync: (fd, buffer, offset, length, position) => {
        if (!full) return nodeFileSystem.writeSync(fd, buffer, offset, length, position)
        if (length <= 4) throw systemError('ENOSPC')
        return nodeFileSystem.writeSync(fd, buffer, offset, 4, position)
      },
    })
    const wal = openWal({ ...place, disk })
    wal.append(1, utf8ToBytes('kept'))
    wal.flush()
    full = true
    wal.append(2, utf8ToBytes('lost'))
    expect(codeOf(() => wal.flush())).toBe('WAL_IO')
    full = false
    expect(codeOf(() => wal.flush())).toBe('WAL_IO')
    expect(codeOf(() => wal.append(3, new Uint8Array(0)))).toBe('WAL_IO')
    expect(codeOf(() => wal.startHeight(8))).toBe('WAL_IO')
    wal.close()
    expect(readWal(place).status).toBe('torn')
    expect(readTexts()).toEqual(['1:kept'])
  })

  test('WAL_IO: a failed sync is never tried again', () => {
    let syncs = 0
    const disk = failing({
      fdatasyncSync: (fd) => {
        syncs += 1
        if (syncs > 1) throw systemError('EIO')
        nodeFileSystem.fdatasyncSync(fd)
      },
    })
    const wal = openWal({ ...place, disk })
    wal.append(1, utf8ToBytes('x'))
    expect(codeOf(() => wal.flush())).toBe('WAL_IO')
    expect(codeOf(() => wal.flush())).toBe('WAL_IO')
    expect(syncs).toBe(2)
    wal.close()
  })

  test('WAL_IO: a log that cannot be read is not taken for absent', () => {
    writeLog(['x'])
    const disk = failing({
      readSync: () => {
        throw systemError('EIO')
      },
    })
    expect(codeOf(() => readWal({ ...place, disk }))).toBe('WAL_IO')
  })
})

describe('heights', () => {
  test('the next height begins an empty file, deletes the older one and drops unflushed records', () => {
    const wal = openWal(place)
    wal.append(1, utf8ToBytes('old'))
    wal.flush()
    wal.append(1, utf8ToBytes('unflushed'))
    wal.startHeight(8)
    expect(wal.height()).toBe(8)
    wal.append(2, utf8ToBytes('new'))
    wal.close()
    expect(readdirSync(place.dir)).toEqual(['0000000000000008.wal'])
    expect(readTexts({ ...place, height: 8 })).toEqual(['2:new'])
  })

  test('a log left behind by a crash after the commit is deleted when the next one opens', () => {
    writeLog(['old'])
    openWal({ ...place, height: 8 }).close()
    expect(existsSync(path)).toBe(false)
  })

  test('a log of a later height survives opening an earlier one', () => {
    writeLog(['mine'])
    openWal({ ...place, height: 5 }).close()
    expect(readTexts()).toEqual(['0:mine'])
  })

  test('going back is our own fault', () => {
    const wal = openWal(place)
    expect(() => wal.startHeight(7)).toThrow(AssertionFault)
    wal.close()
  })
})
