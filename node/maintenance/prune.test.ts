import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hash32 } from '../../core/base/ids.ts'
import { must } from '../../core/base/assert.ts'
import { decodeTransaction } from '../../core/chain/transaction.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { buildStoredGenesis, growChain, writeStoredChain } from '../../test/helpers/stored-chain.ts'
import { auditStore } from './audit.ts'
import { buildGenesisStart, buildRewoundStart } from './audit-start.ts'
import { pruneStore } from './prune.ts'
import { rollbackStore } from './rollback.ts'
import { folderBytes, openStopped } from './stopped-store.ts'
import type { StoppedStore } from './stopped-store.ts'

const BLOCKS = 300
const { genesis } = buildStoredGenesis()
const parts = { registry: REGISTRY, genesis }
const root = mkdtempSync(join(tmpdir(), 'naru-prune-'))
const roots = new Map<number, Hash32>()
let copies = 0

beforeAll(async () => {
  await writeStoredChain(root, { blocks: BLOCKS, txsPerBlock: 10 })
  await withCopy(async ({ chain }) => {
    for (let height = 1; height <= BLOCKS; height++) roots.set(height, must(chain.headerAt(height), 'a header').stateRoot)
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function withCopy<T>(use: (stopped: StoppedStore) => Promise<T>): Promise<T> {
  const dir = join(root, `copy-${copies++}`)
  cpSync(join(root, 'data'), dir, { recursive: true })
  const stopped = await openStopped(dir)
  try {
    return await use(stopped)
  } finally {
    await stopped.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

const prune = (stopped: StoppedStore, keep: number) => pruneStore({ ...parts, ...stopped, keep, onProgress: () => undefined })

/** The store's own audit from a height on. */
const audit = ({ store }: StoppedStore, from: number) =>
  auditStore({
    ...parts,
    store,
    start: ({ top }) =>
      from === 1 ? Promise.resolve(buildGenesisStart(parts)) : buildRewoundStart({ ...parts, store }, from, top),
    invariantsEvery: 0,
    onProgress: () => undefined,
  })

describe('pruning', () => {
  it('deletes bodies, receipts and indexes below the window, keeps headers and certificates, and gives the room back', async () => {
    await withCopy(async (stopped) => {
      const { chain, store } = stopped
      await store.compactRange('', '~')
      const before = folderBytes(stopped.dir)
      const firstTx = decodeTransaction(must(chain.blockAt(1)?.txs[0], 'a transaction')).id
      const lastTx = decodeTransaction(must(chain.blockAt(BLOCKS)?.txs[0], 'a transaction')).id
      expect(await prune(stopped, 50)).toMatchObject({ oldestBefore: 1, oldest: 251, top: BLOCKS })
      expect(chain.oldestHeight()).toBe(251)
      expect([chain.blockAt(250), chain.receiptsAt(250), chain.placeOf(firstTx)]).toEqual([null, null, null])
      expect(chain.headerAt(1)?.height).toBe(1)
      expect(chain.certificateAt(1)?.height).toBe(1)
      expect(chain.blockAt(251)?.header.height).toBe(251)
      expect(chain.placeOf(lastTx)).toEqual({ height: BLOCKS, index: 0 })
      const history: string[] = []
      for await (const [key] of store.range({ gte: 'a/', lt: 'a/~' })) history.push(key)
      expect(history.every((key) => Number.parseInt(key.slice(43, 59), 16) >= 251)).toBe(true)
      expect(folderBytes(stopped.dir)).toBeLessThan(before * 0.7)
    })
  })

  it('leaves a store that its audit finds sound and that goes on with blocks', async () => {
    await withCopy(async (stopped) => {
      await prune(stopped, 100)
      expect(await audit(stopped, 210)).toMatchObject({ oldest: 201, from: 210, top: BLOCKS })
      await expect(audit(stopped, 200)).rejects.toMatchObject({ code: 'AUDIT_FROM' })
      expect((await growChain(stopped.store, { blocks: 2, txsPerBlock: 10 })).height).toBe(BLOCKS + 2)
    })
  })

  it('goes on where it was broken off, and does nothing twice', async () => {
    await withCopy(async (stopped) => {
      await expect(
        pruneStore({
          ...parts,
          ...stopped,
          keep: 50,
          onProgress: () => {
            throw new Error('broken off')
          },
        }),
      ).rejects.toThrow('broken off')
      expect(stopped.chain.oldestHeight()).toBe(65)
      expect(await prune(stopped, 50)).toMatchObject({ oldestBefore: 65, oldest: 251 })
      expect(await prune(stopped, 50)).toMatchObject({ oldestBefore: 251, oldest: 251, records: 0 })
      expect(await audit(stopped, 260)).toMatchObject({ oldest: 251 })
    })
  })

  it('keeps at least one block', async () => {
    await withCopy(async (stopped) => {
      await expect(prune(stopped, 0)).rejects.toMatchObject({ code: 'PRUNE_KEEP' })
    })
  })
})

describe('rolling back', () => {
  it('takes the last blocks back to exactly the chain that stood there, which grows to the same blocks again', async () => {
    await withCopy(async (stopped) => {
      const { chain, store } = stopped
      const headBefore = chain.head()
      expect(await rollbackStore({ ...parts, ...stopped }, 290)).toMatchObject({
        from: BLOCKS,
        to: 290,
        stateRoot: roots.get(290),
      })
      expect(chain.head()?.height).toBe(290)
      expect([chain.blockAt(291), chain.headerAt(291), chain.certificateAt(291), chain.undoAt(291)]).toEqual([
        null,
        null,
        null,
        null,
      ])
      expect(await audit(stopped, 1)).toMatchObject({ top: 290, from: 1 })
      const grown = await growChain(store, { blocks: 10, txsPerBlock: 10 })
      expect({ height: grown.height, blockId: grown.blockId }).toEqual(headBefore)
    })
  })

  it('reaches as far as the undo records and no further', async () => {
    await withCopy(async (stopped) => {
      await expect(rollbackStore({ ...parts, ...stopped }, 43)).rejects.toMatchObject({ code: 'ROLLBACK_UNDO' })
      expect(stopped.chain.head()?.height).toBe(BLOCKS)
      expect(await rollbackStore({ ...parts, ...stopped }, 44)).toMatchObject({ to: 44, stateRoot: roots.get(44) })
    })
  })

  it('works below a pruned window', async () => {
    await withCopy(async (stopped) => {
      await prune(stopped, 5)
      await rollbackStore({ ...parts, ...stopped }, 280)
      expect(stopped.chain.oldestHeight()).toBe(281)
      expect((await growChain(stopped.store, { blocks: 3, txsPerBlock: 10 })).header.stateRoot).toBe(roots.get(283))
    })
  })

  it('refuses heights that are not below the head, and changes nothing on a damaged undo record', async () => {
    await withCopy(async (stopped) => {
      for (const to of [0, BLOCKS, BLOCKS + 1, -1])
        await expect(rollbackStore({ ...parts, ...stopped }, to)).rejects.toMatchObject({ code: 'ROLLBACK_HEIGHT' })
      const key = `u/${(291).toString(16).padStart(16, '0')}`
      const value = (stopped.store.get(key) as Uint8Array).slice()
      value[value.length - 1] = (value[value.length - 1] as number) ^ 1
      await stopped.store.writeBatch([{ key, value }])
      await expect(rollbackStore({ ...parts, ...stopped }, 290)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
      expect(stopped.chain.head()?.height).toBe(BLOCKS)
    })
  })
})
