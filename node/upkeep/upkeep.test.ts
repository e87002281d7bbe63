import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { REGISTRY } from '../../modules/registry.ts'
import { buildStoredGenesis, growChain } from '../../test/helpers/stored-chain.ts'
import type { ChainHead } from '../chain-head.ts'
import { createLogger } from '../logger.ts'
import { auditStore } from '../maintenance/audit.ts'
import { buildGenesisStart } from '../maintenance/audit-start.ts'
import { buildTrust, readManifest, verifySnapshot } from '../maintenance/snapshot-folder.ts'
import { folderBytes } from '../maintenance/stopped-store.ts'
import { reclaimableBytes } from '../maintenance/prune.ts'
import { recoverChain } from '../recover.ts'
import { createChainStore } from '../storage/chain-store.ts'
import { openStore } from '../storage/level.ts'
import type { Store } from '../storage/level.ts'
import { createSystemClock } from '../system-clock.ts'
import { loadConfig } from '../config.ts'
import { checkpointOf } from '../snapshot-sync/begin.ts'
import { prunePolicyOf } from './upkeep.ts'
import { createPace, PaceStopped } from './pace.ts'
import { createPruner, oldestKept } from './pruner.ts'
import { createSnapshotKeeper } from './snapshot-keeper.ts'
import { openSnapshotShelf } from './snapshot-shelf.ts'
import { noteBackupTested, readBackupTested } from './backup-tested.ts'

const { genesis } = buildStoredGenesis()
const root = mkdtempSync(join(tmpdir(), 'naru-upkeep-'))
const log = createLogger({ level: 'silent' }).child('test')
const clock = createSystemClock()
const fatal: unknown[] = []
const onFatal = (error: unknown): void => void fatal.push(error)
const parts = { registry: REGISTRY, genesis }
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function openChain(name: string, blocks: number, txsPerBlock: number): Promise<{ store: Store; head: ChainHead }> {
  const store = await openStore({ dir: join(root, name) })
  return { store, head: await growChain(store, { blocks, txsPerBlock }) }
}

describe('a snapshot of a running node', () => {
  it('is of the very height at which it began, whatever is committed meanwhile, and the next one replaces it on the shelf', async () => {
    const { store } = await openChain('moving', 20, 20)
    const dir = join(root, 'shelf')
    const shelf = openSnapshotShelf({ dir, kept: 1, chain: createChainStore(store), clock, log })
    let release: () => void = () => undefined
    const grown = new Promise<void>((resolve) => {
      release = resolve
    })
    const pace = { turn: () => grown, stop: () => undefined }
    const opened = await recoverChain({ store, ...parts, cacheEntries: 100 })
    let { head } = opened
    const keeper = createSnapshotKeeper({
      ...{ store, tree: opened.tree, head: () => head, genesis, shelf, every: 20, pace, clock, log, onFatal },
    })
    keeper.onCommit()
    expect(keeper.work()).toMatchObject({ running: true, height: 20 })
    expect(() => keeper.begin(null)).toThrow('a snapshot is being made')
    await growChain(store, { blocks: 20, txsPerBlock: 20 })
    release()
    await keeper.stop()
    expect(keeper.work()).toMatchObject({ running: false, height: 20, error: null })
    const trust = buildTrust(parts, null)
    expect(verifySnapshot(shelf.placeOf(20), trust, () => undefined).height).toBe(20)

    const after = await recoverChain({ store, ...parts, cacheEntries: 100 })
    head = after.head
    const second = createSnapshotKeeper({
      ...{ store, tree: after.tree, head: () => head, genesis, shelf, every: 20, pace, clock, log, onFatal },
    })
    second.onCommit()
    await second.stop()
    expect(shelf.entries().map(({ height }) => height)).toEqual([40])
    expect(readdirSync(dir)).toEqual(['height-000000000040'])
    expect(verifySnapshot(shelf.placeOf(40), trust, () => undefined)).toEqual(readManifest(shelf.placeOf(40)))
    expect(() => second.begin(shelf.placeOf(40))).toThrow('is already there')
    await store.close()
    expect(fatal).toEqual([])
  })

  it('leaves nothing behind when the node stops on the way', async () => {
    const { store, head } = await openChain('stopping', 10, 10)
    const { tree } = await recoverChain({ store, ...parts, cacheEntries: 100 })
    const dir = join(root, 'shelf-stopping')
    const shelf = openSnapshotShelf({ dir, kept: 1, chain: createChainStore(store), clock, log })
    const pace = { turn: () => Promise.reject(new PaceStopped('the node stops')), stop: () => undefined }
    const keeper = createSnapshotKeeper({ store, tree, head: () => head, genesis, shelf, every: 0, pace, clock, log, onFatal })
    keeper.begin(null)
    await keeper.stop()
    expect([readdirSync(dir), shelf.entries(), fatal]).toEqual([[], [], []])
    await store.close()
  })
})

describe('pruning a running node', () => {
  it('deletes in the background below the window, gives the room back, and leaves a store that an audit finds whole', async () => {
    const { store } = await openChain('pruned', 340, 8)
    const chain = createChainStore(store)
    await store.compactRange('a', 'z')
    const before = folderBytes(join(root, 'pruned'))
    let compactions = 0
    const onCompacted = (): void => void compactions++
    const pace = createPace(clock, () => false)
    const pruner = createPruner({ ...parts, store, chain, policy: { blocks: 0 }, pace, clock, log, onFatal, onCompacted })
    pruner.onCommit()
    expect(() => pruner.compact()).toThrow('a prune is running')
    await pruner.stop()
    expect(pruner.work()).toMatchObject({ running: false, oldest: 85, error: null })
    // Too few blocks to be worth a compaction: the room is told as reclaimable until enough have come together.
    expect([chain.oldestHeight(), chain.compactedHeight(), compactions]).toEqual([85, 1, 0])
    expect([chain.blockAt(84), chain.blockAt(85) === null, chain.headerAt(1) === null]).toEqual([null, false, false])
    const reclaimable = await reclaimableBytes(store, chain)
    expect(reclaimable).toBeGreaterThan(0)
    pruner.compact()
    await pruner.stop()
    expect([chain.compactedHeight(), compactions]).toEqual([85, 1])
    expect(await reclaimableBytes(store, chain)).toBeLessThan(reclaimable / 10)
    const after = folderBytes(join(root, 'pruned'))
    expect(after).toBeLessThan(before * 0.9)
    pruner.onCommit()
    expect(pruner.work()).toMatchObject({ kind: 'compact' })
    expect(() => pruner.prune(255)).toThrow('at least 256 blocks stay')
    const start = async () => buildGenesisStart(parts)
    await expect(auditStore({ ...parts, store, start, invariantsEvery: 0, onProgress: () => undefined })).rejects.toMatchObject({
      code: 'AUDIT_FROM',
    })
    await store.close()
    expect(fatal).toEqual([])
  }, 60_000)

  it('keeps blocks by number or by age, never fewer than undo records reach, and everything in an archive', async () => {
    const heights = new Map<number, { time: number }>()
    for (let height = 1; height <= 1_000; height++) heights.set(height, { time: height * 1_000 })
    const chain = (oldest: number) =>
      ({
        head: () => ({ height: 1_000 }),
        oldestHeight: () => oldest,
        headerAt: (height: number) => heights.get(height) ?? null,
      }) as unknown as Parameters<typeof oldestKept>[0]
    const nowMs = 1_000_500
    expect(oldestKept(chain(1), null, nowMs)).toBe(1)
    expect(oldestKept(chain(1), { blocks: 300 }, nowMs)).toBe(701)
    expect(oldestKept(chain(1), { blocks: 10 }, nowMs)).toBe(745)
    expect(oldestKept(chain(800), { blocks: 300 }, nowMs)).toBe(800)
    expect(oldestKept(chain(1), { ms: 500_000 }, nowMs)).toBe(501)
    expect(oldestKept(chain(1), { ms: 10_000 }, nowMs)).toBe(745)
    expect(oldestKept(chain(1), { ms: 5_000_000 }, nowMs)).toBe(1)
  })
})

describe('what the configuration says of old blocks and checkpoints', () => {
  it('is read as blocks, days, or a block by height and id', () => {
    expect(prunePolicyOf({ mode: 'archive', keep: '90d' })).toBeNull()
    expect(prunePolicyOf({ mode: 'proofs', keep: '90d' })).toEqual({ blocks: 0 })
    expect(prunePolicyOf({ mode: 'window', keep: '600000' })).toEqual({ blocks: 600_000 })
    expect(prunePolicyOf({ mode: 'window', keep: '2d' })).toEqual({ ms: 172_800_000 })
    expect(checkpointOf(null)).toBeNull()
    expect(checkpointOf(`120000:0x${'ab'.repeat(32)}`)).toEqual({ height: 120_000, blockId: 'ab'.repeat(32) })
    const withKey = (key: string, value: string) => () => loadConfig({ flags: { [key]: value } })
    expect(withKey('sync.checkpoint', '120000')).toThrow('expected height:0x and the block id')
    expect(withKey('data.prune.keep', '90 days')).toThrow('expected blocks, such as 600000, or days, such as 90d')
    expect(withKey('sync.snapshot', 'always')).toThrow('sync.snapshot')
  })
})

describe('the pace of upkeep', () => {
  it('pauses longer than it worked, waits while consensus is busy, and breaks off when the node stops', async () => {
    let nowMs = 0
    const slept: number[] = []
    const fake = {
      ...clock,
      monotonicMs: () => nowMs,
      startTimer: (ms: number, fire: () => void) => {
        slept.push(ms)
        nowMs += ms
        queueMicrotask(fire)
        return { cancel: () => undefined }
      },
    }
    let busy = 0
    const pace = createPace(fake, () => busy-- > 0)
    await pace.turn()
    nowMs += 2
    await pace.turn()
    nowMs += 10
    await pace.turn()
    expect(slept).toEqual([12, 36])
    nowMs += 10
    busy = 2
    await pace.turn()
    expect(slept.slice(2)).toEqual([30, 5, 5])
    pace.stop()
    await expect(pace.turn()).rejects.toBeInstanceOf(PaceStopped)
  })
})

describe('the note of a tested backup', () => {
  it('is read back, and nothing else is taken for one', () => {
    const dir = join(root, 'noted')
    expect(readBackupTested(dir)).toBe(0)
    noteBackupTested(dir, { testedAtMs: 1_800_000_000_000, createdAtMs: 1, signedHeight: 5, dir: '/backup' })
    expect(readBackupTested(dir)).toBe(1_800_000_000_000)
    expect(existsSync(join(dir, 'backup-tested.json.new'))).toBe(false)
    noteBackupTested(dir, { testedAtMs: Number.NaN, createdAtMs: 1, signedHeight: 5, dir: '/backup' })
    expect(readBackupTested(dir)).toBe(0)
  })
})
