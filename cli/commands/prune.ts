// Owns: `naru prune` and `naru compact`: room of old blocks. Not here: what goes and what stays (node/maintenance/prune.ts).
import { LIMITS } from '../../core/base/limits.ts'
import { PLACE_OPTIONS, createProgressNote, findPlace, formatBytes, heightOption } from '../chain-place.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { findRunning, readUpkeep, runUpkeep } from '../running-node.ts'
import type { UpkeepState } from '../running-node.ts'

async function runPrune(call: CommandCall): Promise<void> {
  const mode = call.options['mode'] as string
  if (mode !== 'window' && mode !== 'archive') refuseUsage(`--mode is window or archive, not ${mode}`)
  const keep = heightOption(call, 'keep', '--keep')
  if (mode === 'window' && keep === null) return refuseUsage('name with --keep how many of the last blocks stay whole')
  if (mode === 'archive' && keep !== null) return refuseUsage('an archive keeps everything: leave --keep out')
  if (keep !== null && keep < LIMITS.undoBlocksKept)
    refuseUsage(`--keep is at least ${LIMITS.undoBlocksKept}: rollback and audit --from reach so far`)
  const [{ openStopped, assertChain, folderBytes }, { pruneStore }, { REGISTRY }] = await Promise.all([
    import('../../node/maintenance/stopped-store.ts'),
    import('../../node/maintenance/prune.ts'),
    import('../../modules/registry.ts'),
  ])
  const place = await findPlace(call)
  const { dataDir, genesis } = place
  const address = await findRunning(place)
  if (address !== null) return keep === null ? compactRunning(call, address) : pruneRunning(call, address, keep)
  const { store, chain, dir, close } = await openStopped(dataDir)
  const note = createProgressNote(call)
  const bytesBefore = folderBytes(dir)
  const begunMs = performance.now()
  try {
    assertChain(chain, genesis.hash)
    // The archive mode keeps every block; it only gives back what LevelDB holds twice.
    const pruned = await pruneStore({
      store,
      chain,
      registry: REGISTRY,
      genesis,
      keep: keep ?? Math.max(1, chain.head()?.height ?? 1),
      onProgress: (height) => note(() => `pruned below height ${height}`),
    })
    const bytesAfter = folderBytes(dir)
    const tookMs = Math.round(performance.now() - begunMs)
    const sizes = `${formatBytes(bytesBefore)} before, ${formatBytes(bytesAfter)} after`
    const range =
      pruned.oldest === pruned.oldestBefore ? 'nothing to prune' : `blocks ${pruned.oldestBefore} to ${pruned.oldest - 1} pruned`
    call.out.result(
      { dataDir, mode, ...pruned, bytesBefore, bytesAfter, tookMs },
      `${range}; bodies from height ${pruned.oldest} to ${pruned.top} stay; ${sizes}, ${tookMs} ms`,
    )
  } finally {
    await close()
  }
}

async function pruneRunning(call: CommandCall, address: string, keep: number): Promise<void> {
  const before = await readUpkeep(address)
  const { state, work } = await runUpkeep(call, address, {
    ...{ method: 'admin_prune', params: { keep }, kind: 'pruneWork' },
    say: ({ oldest, to }) => `pruned below height ${oldest} of ${to}`,
  })
  tellSizes(call, { what: `bodies from height ${work.oldest} stay`, before, state, records: work.records })
}

async function compactRunning(call: CommandCall, address: string): Promise<void> {
  const before = await readUpkeep(address)
  const { state } = await runUpkeep(call, address, {
    ...{ method: 'admin_compact', params: {}, kind: 'pruneWork' },
    say: () => 'compacting',
  })
  tellSizes(call, { what: 'compacted', before, state, records: 0 })
}

type Sizes = { what: string; before: UpkeepState; state: UpkeepState; records: number }

function tellSizes(call: CommandCall, { what, before, state, records }: Sizes): void {
  const { storeBytes: bytesBefore, oldestHeight: oldestBefore } = before
  const { storeBytes: bytesAfter, oldestHeight: oldest } = state
  const sizes = `${formatBytes(bytesBefore)} before, ${formatBytes(bytesAfter)} after`
  call.out.result({ running: true, oldestBefore, oldest, records, bytesBefore, bytesAfter }, `${what}; ${sizes}`)
}

async function runCompact(call: CommandCall): Promise<void> {
  await runPrune({ ...call, options: { ...call.options, mode: 'archive' } })
}

/** The command `naru compact`. */
export const compactCommands: readonly CommandSpec[] = [
  {
    path: '',
    about: 'Rewrite the tables of a node’s store, so that deleted records give their room back; the node may run',
    options: PLACE_OPTIONS,
    run: runCompact,
  },
]

/** The command `naru prune`. */
export const pruneCommands: readonly CommandSpec[] = [
  {
    path: '',
    about: 'Delete bodies, receipts and indexes of old blocks; headers and certificates stay; the node may run',
    options: [
      ...PLACE_OPTIONS,
      ['--mode <mode>', 'window, or archive, which keeps every block and only compacts', 'window'],
      ['--keep <blocks>', `How many of the last blocks stay whole, at least ${LIMITS.undoBlocksKept}`],
    ],
    run: runPrune,
  },
]
