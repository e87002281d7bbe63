// Owns: what a running node does for its own disk and for newcomers: snapshots, pruning, sizes. Not here: each of them (beside).
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChainNode } from '../chain-node.ts'
import type { NodeConfig } from '../config.ts'
import type { Logger } from '../logger.ts'
import { reclaimableBytes } from '../maintenance/prune.ts'
import type { Metrics } from '../metrics.ts'
import { createPace } from './pace.ts'
import { createPruner } from './pruner.ts'
import type { PrunePolicy, Pruner } from './pruner.ts'
import { createSnapshotKeeper } from './snapshot-keeper.ts'
import type { SnapshotKeeper } from './snapshot-keeper.ts'
import type { SnapshotShelf } from './snapshot-shelf.ts'
import { readBackupTested } from './backup-tested.ts'

/** What upkeep works on. */
export type UpkeepParts = {
  readonly chainNode: ChainNode
  readonly config: NodeConfig
  readonly shelf: SnapshotShelf
  readonly metrics: Metrics
  readonly log: Logger
  readonly onFatal: (error: unknown) => void
}

/** Upkeep of a node. */
export type Upkeep = {
  readonly keeper: SnapshotKeeper
  readonly pruner: Pruner
  readonly sizes: () => { readonly storeBytes: number; readonly reclaimableBytes: number }
  readonly stop: () => Promise<void>
}

const MEASURE_EVERY_MS = 30_000
/** Inputs that wait in the loop from which on upkeep holds back. */
const BUSY_INPUTS = 4

/** What `data.prune` means. */
export function prunePolicyOf({ mode, keep }: NodeConfig['data']['prune']): PrunePolicy {
  if (mode === 'archive') return null
  if (mode === 'proofs') return { blocks: 0 }
  const days = /^(\d+)d$/.exec(keep)
  return days === null ? { blocks: Number(keep) } : { ms: Number(days[1]) * 86_400_000 }
}

/** Starts upkeep of a chain node; it hears of each commit. */
export function startUpkeep(parts: UpkeepParts): Upkeep {
  const { chainNode, config, shelf, log, onFatal, metrics } = parts
  const { store, clock, genesis, registry } = chainNode.options
  const { chain, tree, head } = chainNode
  const pace = createPace(clock, () => chainNode.queueLength() > BUSY_INPUTS)
  const common = { store, genesis, pace, clock, log, onFatal }
  const keeper = createSnapshotKeeper({ ...common, tree, head, shelf, every: config.sync.snapshotEvery })
  const measure = createMeasure(parts)
  const policy = prunePolicyOf(config.data.prune)
  const pruner = createPruner({ ...common, chain, registry, policy, onCompacted: measure.now })
  const unsubscribe = chainNode.onCommit(() => {
    keeper.onCommit()
    pruner.onCommit()
  })
  metrics.onCollect(() => {
    const { storeBytes, reclaimableBytes: reclaimable } = measure.sizes()
    metrics.storeBytes.set(storeBytes)
    metrics.storeReclaimable.set(reclaimable)
    metrics.backupTested.set(readBackupTested(config.data.dir) / 1_000)
    metrics.oldestHeight.set(chain.oldestHeight())
    metrics.snapshotHeight.set(shelf.entries()[0]?.height ?? 0)
  })
  measure.now()
  return {
    keeper,
    pruner,
    sizes: measure.sizes,
    async stop() {
      unsubscribe()
      measure.stop()
      pace.stop()
      await Promise.all([keeper.stop(), pruner.stop(), measure.settled()])
    },
  }
}

function createMeasure({ chainNode, config, log }: UpkeepParts) {
  const { store, clock } = chainNode.options
  let sizes = { storeBytes: 0, reclaimableBytes: 0 }
  let running: Promise<void> | null = null
  let timer: { readonly cancel: () => void } | null = null
  let stopped = false
  const measure = async (): Promise<void> => {
    try {
      const storeBytes = await folderBytes(join(config.data.dir, 'store'))
      sizes = { storeBytes, reclaimableBytes: await reclaimableBytes(store, chainNode.chain) }
    } catch (error) {
      log.debug('The store could not be measured', { error })
    }
  }
  const now = (): void => {
    timer?.cancel()
    running ??= measure().finally(() => {
      running = null
      if (!stopped) timer = clock.startTimer(MEASURE_EVERY_MS, now)
    })
  }
  return {
    now,
    sizes: () => sizes,
    settled: async () => running ?? undefined,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

// Files come and go while LevelDB compacts.
async function folderBytes(dir: string): Promise<number> {
  let sum = 0
  for (const name of await readdir(dir))
    sum += await stat(join(dir, name)).then(
      ({ size }) => size,
      () => 0,
    )
  return sum
}
