// Owns: making snapshots of a node that runs: when, of which moment, and slowly enough that it goes on voting.
// Not here: how one is made (node/maintenance/snapshot-make.ts), who gets it (snapshot-shelf.ts).
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { must } from '../../core/base/assert.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Height } from '../../core/base/ids.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { StateTree } from '../../core/state/tree.ts'
import type { ChainHead } from '../chain-head.ts'
import type { Logger } from '../logger.ts'
import { assertFree, identityOf } from '../maintenance/snapshot-folder.ts'
import { makeSnapshot } from '../maintenance/snapshot-make.ts'
import type { Clock } from '../ports.ts'
import type { Manifest } from '../snapshot/manifest.ts'
import type { Store } from '../storage/level.ts'
import { readSetChanges } from '../storage/set-history.ts'
import { PaceStopped } from './pace.ts'
import type { Pace } from './pace.ts'
import type { SnapshotShelf } from './snapshot-shelf.ts'

/** What a keeper needs of a node. */
export type KeeperParts = {
  readonly store: Pick<Store, 'holdView'>
  readonly tree: Pick<StateTree, 'hold'>
  readonly head: () => ChainHead
  readonly genesis: Genesis
  readonly shelf: SnapshotShelf
  /** Heights between two snapshots; 0 makes none by itself. */
  readonly every: number
  readonly pace: Pace
  readonly clock: Clock
  readonly log: Logger
  readonly onFatal: (error: unknown) => void
}

/** How far the making is that runs, or what the last one came to. */
export type SnapshotWork = {
  readonly running: boolean
  readonly height: Height
  readonly out: string
  readonly chunks: number
  readonly records: number
  readonly bytes: number
  readonly tookMs: number
  readonly error: string | null
}

/** Makes snapshots, one at a time. */
export type SnapshotKeeper = {
  /** Called after each commit, before anything else is committed. */
  readonly onCommit: () => void
  /** Begins one of the head; null puts it on the shelf. Throws NodeError SNAPSHOT_RUNNING, SNAPSHOT_EXISTS or SNAPSHOT_EMPTY. */
  readonly begin: (out: string | null) => void
  readonly work: () => SnapshotWork | null
  /** Resolves when nothing runs any more. */
  readonly stop: () => Promise<void>
}

/** Builds a keeper. Begin only between two commits: then tree and store are of one height. */
export function createSnapshotKeeper(parts: KeeperParts): SnapshotKeeper {
  const { shelf, every, head, log } = parts
  let work: SnapshotWork | null = null
  let running: Promise<void> | null = null
  const start = (out: string): void => {
    running = run(parts, out, (next) => {
      work = next
    }).finally(() => {
      running = null
    })
  }
  return {
    onCommit() {
      const { height } = head()
      if (every === 0 || height % every !== 0) return
      if (running !== null) log.warn('A snapshot is still being made; this height is left out', { height })
      else if (!shelf.entries().some((entry) => entry.height === height)) start(shelf.placeOf(height))
    },
    begin(out) {
      const { height } = head()
      if (running !== null) throw new NodeError('SNAPSHOT_RUNNING', 'a snapshot is being made: wait until it is done')
      if (height === 0)
        throw new NodeError('SNAPSHOT_EMPTY', 'the chain has no block yet: there is nothing to make a snapshot of')
      const place = out ?? shelf.placeOf(height)
      assertFree(place)
      start(place)
    },
    work: () => work,
    async stop() {
      await running
    },
  }
}

async function run(parts: KeeperParts, out: string, tell: (work: SnapshotWork) => void): Promise<void> {
  const { clock, log, genesis, shelf, pace } = parts
  const { height, blockId, header, certificate, signedBy } = parts.head()
  // Both in one breath: nothing is committed between them.
  const view = parts.store.holdView()
  const tree = parts.tree.hold()
  const begunMs = clock.monotonicMs()
  let chunks = 0
  const workNow = (done: Partial<SnapshotWork>): SnapshotWork => ({
    ...{ running: true, height, out, chunks, records: tree.size, bytes: 0, error: null },
    tookMs: Math.round(clock.monotonicMs() - begunMs),
    ...done,
  })
  tell(workNow({}))
  try {
    mkdirSync(dirname(out), { recursive: true, mode: 0o700 })
    const changes = await readSetChanges(view, height)
    const manifest = await makeSnapshot({
      view,
      tree,
      head: {
        ...{ ...identityOf(genesis), height, blockId, header, changes, validators: signedBy.validators },
        certificate: must(certificate, 'a block has a certificate'),
      },
      out,
      pace: pace.turn,
      onProgress: (done) => {
        chunks = done
        tell(workNow({}))
      },
    })
    if (out === shelf.placeOf(height)) await shelf.add(manifest)
    tell(workNow({ running: false, chunks: manifest.chunks.length, bytes: manifest.bytes }))
    noteMade(log, manifest, clock.monotonicMs() - begunMs)
  } catch (error) {
    await rm(`${out}.partial`, { recursive: true, force: true }).catch(() => undefined)
    if (!(error instanceof PaceStopped)) noteFailure(parts, height, error)
    tell(workNow({ running: false, error: error instanceof Error ? error.message : String(error) }))
  } finally {
    tree.release()
    await view.close()
  }
}

function noteMade(log: Logger, { height, records, bytes, chunks }: Manifest, tookMs: number): void {
  log.info('Snapshot made', { height, records, bytes, chunks: chunks.length, tookMs: Math.round(tookMs) })
}

// A full disk costs a snapshot; a store that cannot be read, or does not fit its own tree, costs the node.
function noteFailure({ log, onFatal }: KeeperParts, height: Height, error: unknown): void {
  log.error('No snapshot was made', { height, error })
  if (error instanceof NodeError && (error.code === 'STORE_IO' || error.code === 'SNAPSHOT_CORRUPT')) onFatal(error)
}
