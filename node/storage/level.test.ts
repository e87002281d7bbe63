// Owns: tests of level.ts on a real LevelDB.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { openStore, type Store, type StoreRange } from './level.ts'

let root: string
let dir: string
let store: Store

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'naru-store-'))
  dir = join(root, 'db')
  store = await openStore({ dir, cacheBytes: 1 << 20, writeBufferBytes: 1 << 20 })
})

afterEach(async () => {
  await store.close()
  rmSync(root, { recursive: true, force: true })
})

function put(key: string, text: string) {
  return { key, value: utf8ToBytes(text) }
}

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action()
  } catch (error) {
    if (error instanceof NodeError) return error.code
    throw error
  }
  return 'none'
}

async function keysOf(range: StoreRange): Promise<string> {
  const keys: string[] = []
  for await (const [key] of store.range(range)) keys.push(key)
  return keys.join(' ')
}

describe('records', () => {
  test('a missing key is null, an empty value is not', async () => {
    await store.writeBatch([{ key: 'empty', value: new Uint8Array(0) }])
    expect(store.get('missing')).toBeNull()
    expect(store.get('empty')).toEqual(new Uint8Array(0))
  })

  test('a batch writes and deletes together, the later change of a key wins', async () => {
    await store.writeBatch([put('a', '1'), put('b', '1')])
    await store.writeBatch([put('a', '2'), { key: 'b', value: null }, put('c', '1'), { key: 'c', value: null }, put('c', '3')])
    expect(store.get('a')).toEqual(utf8ToBytes('2'))
    expect(store.get('b')).toBeNull()
    expect(store.get('c')).toEqual(utf8ToBytes('3'))
  })

  test('values are plain byte arrays of their own: slice copies, and writing into one changes nothing stored', async () => {
    await store.writeBatch([put('a', 'xyz')])
    const value = store.get('a') ?? new Uint8Array(0)
    expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype)
    value.fill(0)
    expect(store.get('a')).toEqual(utf8ToBytes('xyz'))
  })

  test('many keys at once come back in the order asked', async () => {
    await store.writeBatch([put('a', '1'), put('b', '2')])
    expect(await store.getMany(['b', 'x', 'a'])).toEqual([utf8ToBytes('2'), null, utf8ToBytes('1')])
  })

  test('a written batch survives reopening, an empty one is allowed', async () => {
    await store.writeBatch([put('a', '1')])
    await store.writeBatch([])
    await store.close()
    store = await openStore({ dir })
    expect(store.get('a')).toEqual(utf8ToBytes('1'))
  })
})

describe('ranges', () => {
  test('bounds, order and limit', async () => {
    await store.writeBatch(['a/1', 'a/2', 'a/3', 'b/1'].map((key) => put(key, key)))
    expect(await keysOf({})).toBe('a/1 a/2 a/3 b/1')
    expect(await keysOf({ gte: 'a/', lt: 'a0' })).toBe('a/1 a/2 a/3')
    expect(await keysOf({ gt: 'a/1', lte: 'a/3' })).toBe('a/2 a/3')
    expect(await keysOf({ gte: 'a/', lt: 'a0', reverse: true, limit: 2 })).toBe('a/3 a/2')
    expect(await keysOf({ gte: 'c' })).toBe('')
  })

  test('a range longer than one chunk is complete and carries its values', async () => {
    const changes = Array.from({ length: 2500 }, (_, i) => put(`k/${String(i).padStart(5, '0')}`, `v${i}`))
    await store.writeBatch(changes)
    const entries: (readonly [string, Uint8Array])[] = []
    for await (const entry of store.range({ gte: 'k/', lt: 'k0' })) entries.push(entry)
    expect(entries).toEqual(changes.map(({ key, value }) => [key, value]))
  })

  test('a range left early lets the store close', async () => {
    await store.writeBatch(Array.from({ length: 2500 }, (_, i) => put(`k/${i}`, 'v')))
    for await (const [key] of store.range({ gte: 'k/' })) {
      expect(key).toBe('k/0')
      break
    }
    await store.close()
    expect(await codeOf(() => store.get('k/0'))).toBe('STORE_IO')
  })

  test('entries written during a range do not appear in it', async () => {
    await store.writeBatch(Array.from({ length: 1500 }, (_, i) => put(`k/${String(i).padStart(5, '0')}`, 'v')))
    let count = 0
    for await (const [key] of store.range({ gte: 'k/' })) {
      if (key === 'k/00000') await store.writeBatch([put('k/99999', 'late')])
      count += 1
    }
    expect(count).toBe(1500)
  })
})

describe('space', () => {
  test('deleted entries give their space back on compaction', async () => {
    const incompressible = (i: number) =>
      Uint8Array.from({ length: 1000 }, (_, j) => (Math.imul(i * 1000 + j, 2654435761) >>> 13) & 255)
    await store.writeBatch(Array.from({ length: 2000 }, (_, i) => ({ key: `k/${i}`, value: incompressible(i) })))
    await store.compactRange('', '\x7f')
    const before = await store.approximateBytes()
    expect(before).toBeGreaterThan(500_000)
    expect(await store.approximateBytes({ start: 'x', end: 'y' })).toBe(0)
    await store.writeBatch(Array.from({ length: 2000 }, (_, i) => ({ key: `k/${i}`, value: null })))
    await store.compactRange('', '\x7f')
    expect(await store.approximateBytes()).toBeLessThan(before / 10)
  })
})

describe('faults', () => {
  test('DATA_DIR_LOCKED: a store cannot be opened twice', async () => {
    expect(await codeOf(() => openStore({ dir }))).toBe('DATA_DIR_LOCKED')
  })

  test('STORE_IO: a path that is a file does not open, and the cause is kept', async () => {
    writeFileSync(join(root, 'file'), '')
    const error = await openStore({ dir: join(root, 'file') }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'STORE_IO', cause: { code: 'LEVEL_DATABASE_NOT_OPEN' } })
  })

  test('STORE_IO: after a failed batch every later one is refused', async () => {
    await store.close()
    expect(await codeOf(() => store.writeBatch([put('a', '1')]))).toBe('STORE_IO')
    expect(await codeOf(() => store.writeBatch([]))).toBe('STORE_IO')
    expect(await codeOf(() => store.getMany(['a']))).toBe('STORE_IO')
    expect(await codeOf(() => keysOf({}))).toBe('STORE_IO')
  })
})
