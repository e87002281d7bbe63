// Owns: the window of old blocks that a running node keeps, in the background. Not here: what goes (node/maintenance/prune.ts).
import { NodeError } from '../../core/base/errors.ts'
import type { Height, TimeMs } from '../../core/base/ids.ts'
import { LIMITS } from '../../core/base/limits.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import type { Logger } from '../logger.ts'
import { COMPACT_BLOCKS, compactPruned, pruneBelow } from '../maintenance/prune.ts'
import type { Pruned } from '../maintenance/prune.ts'
import type { Clock } from '../ports.ts'
import type { ChainStore } from '../storage/chain-store.ts'
import type { Store } from '../storage/level.ts'
import { PaceStopped } from './pace.ts'
import type { Pace } from './pace.ts'

/** How much history stays: blocks, or time; null keeps everything. Never less than undo records reach. */
export type PrunePolicy = { readonly blocks: number } | { readonly ms: TimeMs } | null

/** What a pruner needs of a node. */
export type PrunerParts = {
  readonly store: Store
  readonly chain: ChainStore
  readonly registry: Registry
  readonly genesis: Genesis
  readonly policy: PrunePolicy
  readonly pace: Pace
  readonly clock: Clock
  readonly log: Logger
  readonly onFatal: (error: unknown) => void
  /** Told when room was given back. */
  readonly onCompacted: () => void
}

/** The pruning or compaction that runs, or the last one. */
export type PruneWork = {
  readonly kind: 'prune' | 'compact'
  readonly running: boolean
  readonly oldest: Height
  readonly to: Height
  readonly records: number
  readonly error: string | null
}

/** Prunes and compacts, one at a time. */
export type Pruner = {
  /** Called after each commit: begins when enough blocks have left the window. */
  readonly onCommit: () => void
  /** Deletes once what lies below the last `blocks` blocks, and compacts. Throws NodeError PRUNE_RUNNING or PRUNE_KEEP. */
  readonly prune: (blocks: number) => void
  /** Rewrites the tables of every prefix. Throws NodeError PRUNE_RUNNING. */
  readonly compact: () => void
  readonly work: () => PruneWork | null
  readonly stop: () => Promise<void>
}

/** Blocks that leave the window before it is worth to begin, and blocks of one batch. */
const BEGIN_BLOCKS = 64
const BLOCKS_PER_BATCH = 8

/** The lowest height that the policy keeps. */
export function oldestKept(chain: ChainStore, policy: PrunePolicy, nowMs: TimeMs): Height {
  const oldest = chain.oldestHeight()
  const top = chain.head()?.height ?? 0
  if (policy === null || top === 0) return oldest
  const highest = top - LIMITS.undoBlocksKept + 1
  if ('blocks' in policy) return Math.max(oldest, Math.min(highest, top - policy.blocks + 1))
  let low = oldest
  let high = Math.max(oldest, highest)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((chain.headerAt(middle)?.time ?? 0) < nowMs - policy.ms) low = middle + 1
    else high = middle
  }
  return low
}

/** Builds a pruner. */
export function createPruner(parts: PrunerParts): Pruner {
  const { chain, policy, clock } = parts
  let work: PruneWork | null = null
  let running: Promise<void> | null = null
  const start = (kind: PruneWork['kind'], to: Height, byHand: boolean): void => {
    if (running !== null) throw new NodeError('PRUNE_RUNNING', `a ${work?.kind ?? 'prune'} is running: wait until it is done`)
    const tell = (next: Partial<PruneWork>): void => {
      work = { ...{ kind, running: true, oldest: chain.oldestHeight(), to, records: 0, error: null }, ...next }
    }
    tell({})
    running = run(parts, { kind, to, byHand, tell }).finally(() => {
      running = null
    })
  }
  return {
    onCommit() {
      if (policy === null || running !== null) return
      const to = oldestKept(chain, policy, clock.nowMs())
      const isLeftOver = chain.compactedHeight() + COMPACT_BLOCKS <= chain.oldestHeight()
      if (to - chain.oldestHeight() >= BEGIN_BLOCKS || isLeftOver) start('prune', to, false)
    },
    prune(blocks) {
      if (blocks < LIMITS.undoBlocksKept)
        throw new NodeError('PRUNE_KEEP', `at least ${LIMITS.undoBlocksKept} blocks stay, not ${blocks}: rollback reaches so far`)
      start('prune', oldestKept(chain, { blocks }, clock.nowMs()), true)
    },
    compact: () => start('compact', chain.oldestHeight(), true),
    work: () => work,
    async stop() {
      await running
    },
  }
}

/** Work by hand ends with every table compacted: who asks for room wants to see it. */
type Job = { kind: PruneWork['kind']; to: Height; byHand: boolean; tell: (next: Partial<PruneWork>) => void }

async function run(parts: PrunerParts, { kind, to, byHand, tell }: Job): Promise<void> {
  const { store, chain, registry, genesis, pace, clock, log, onFatal, onCompacted } = parts
  const begunMs = clock.monotonicMs()
  let records = 0
  try {
    let pruned: Pruned | null = null
    while (kind === 'prune' && chain.oldestHeight() < to) {
      const oldest = Math.min(to, chain.oldestHeight() + COMPACT_BLOCKS)
      const slices = { blocksPerBatch: BLOCKS_PER_BATCH, pace: pace.turn }
      const onProgress = (): void => tell({ records })
      pruned = await pruneBelow({ store, chain, registry, genesis, oldest, onProgress, ...slices })
      records += pruned.records
      if (!byHand && oldest - chain.compactedHeight() >= COMPACT_BLOCKS) await compact()
    }
    if (byHand || chain.compactedHeight() + COMPACT_BLOCKS <= chain.oldestHeight()) await compact()
    tell({ running: false, records })
    const tookMs = Math.round(clock.monotonicMs() - begunMs)
    log.info(kind === 'prune' ? 'Old blocks pruned' : 'Store compacted', { oldest: chain.oldestHeight(), records, tookMs })
  } catch (error) {
    tell({ running: false, records, error: error instanceof Error ? error.message : String(error) })
    if (error instanceof PaceStopped) return
    log.error('Pruning broke off', { error })
    onFatal(error)
  }
  async function compact(): Promise<void> {
    await compactPruned({ store, chain, all: byHand, pace: pace.turn })
    onCompacted()
  }
}
