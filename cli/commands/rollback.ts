// Owns: `naru rollback`: the last blocks of a stopped node taken back. Not here: how (node/maintenance).
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { PLACE_OPTIONS, chainTagOf, findPlace, findSignStates, heightOption } from '../chain-place.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'

async function runRollback(call: CommandCall): Promise<void> {
  const to = heightOption(call, 'to', '--to') ?? refuseUsage('name with --to the height that becomes the head')
  const [{ openStopped, assertChain }, { rollbackStore }, signing, { REGISTRY }] = await Promise.all([
    import('../../node/maintenance/stopped-store.ts'),
    import('../../node/maintenance/rollback.ts'),
    import('../../node/maintenance/sign-state-file.ts'),
    import('../../modules/registry.ts'),
  ])
  const place = await findPlace(call)
  const { dataDir, genesis } = place
  const paths = findSignStates(call, place)
  const { store, chain, close } = await openStopped(dataDir)
  try {
    assertChain(chain, genesis.hash)
    const head = chain.head()?.height ?? 0
    let floor = 0
    // The floor goes first: a crash between the two leaves a key that is silent on a chain that was not rolled back: harmless.
    const onChecked = (): void => {
      floor = holdKeysBack(call, { signing, paths, chainTag: chainTagOf(place), to, head })
    }
    const done = await rollbackStore({ store, chain, registry: REGISTRY, genesis, onChecked }, to)
    const walAside = setWalAside(dataDir, done.from)
    const silent = floor === 0 ? '' : `; the key signs nothing at or below height ${floor}`
    call.out.result(
      { dataDir, ...done, stateRoot: `0x${done.stateRoot}`, signState: paths[0] ?? null, silentUpTo: floor, walAside },
      `rolled back from height ${done.from} to ${to}, state root 0x${done.stateRoot}${silent}`,
    )
  } finally {
    await close()
  }
}

type KeyParts = {
  signing: typeof import('../../node/maintenance/sign-state-file.ts')
  paths: readonly string[]
  chainTag: Uint8Array
  to: number
  head: number
}

// Refuses, or makes each key silent, as far as it has spoken above the new head; 0 where none need be. All are asked before one
// is changed.
function holdKeysBack(call: CommandCall, { signing, paths, chainTag, to, head }: KeyParts): number {
  const states = paths.map((path) => ({ path, state: signing.readSignState(path, chainTag) }))
  if (call.options['raiseFloor'] !== true) for (const { state } of states) signing.assertMayRollBack(state, to)
  let highest = 0
  for (const { path, state } of states) {
    if (state.lastHeight <= to) continue
    const floor = Math.max(state.lastHeight, state.floorHeight, head)
    signing.raiseSignFloor(path, chainTag, floor)
    highest = Math.max(highest, floor)
  }
  return highest
}

// The log of a height holds messages about a block on the branch that is gone.
function setWalAside(dataDir: string, from: number): string | null {
  const wal = join(dataDir, 'wal')
  if (!existsSync(wal)) return null
  let aside = `${wal}.before-rollback-${from}`
  for (let n = 2; existsSync(aside); n++) aside = `${wal}.before-rollback-${from}-${n}`
  renameSync(wal, aside)
  return aside
}

/** The command `naru rollback`. */
export const rollbackCommands: readonly CommandSpec[] = [
  {
    path: '',
    about: 'Take the last blocks of a stopped node back (256 at most); the sign state stays as it is',
    options: [
      ...PLACE_OPTIONS,
      ['--to <height>', 'The height that becomes the head'],
      ['--sign-state <file>', 'The validator’s sign state (default: the configuration’s, or sign-state in or beside --data)'],
      ['--observer', 'This node has no key'],
      ['--raise-floor', 'Roll back below the key’s last signature; the key is silent up to the old head'],
    ],
    run: runRollback,
  },
]
