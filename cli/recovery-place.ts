// Owns: a stopped node as a recovery sees it: its head, what its key signed last, whether a recovery fits.
// Not here: the commands (commands/recovery.ts).
import { NodeError } from '../core/base/errors.ts'
import { checkRecovery } from '../core/chain/recovery.ts'
import type { Recovery, RecoveryFault } from '../core/chain/recovery.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { initGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { REGISTRY } from '../modules/registry.ts'
import type { ChainHead } from '../node/chain-head.ts'
import { openStopped } from '../node/maintenance/stopped-store.ts'
import { readSignState } from '../node/maintenance/sign-state-file.ts'
import { recoverChain } from '../node/recover.ts'
import { judgeRecovery } from '../node/recovery-start.ts'
import type { SignPoint } from '../node/recovery-start.ts'
import { chainTagOf } from './chain-place.ts'
import type { ChainPlace } from './chain-place.ts'
import { CliError, EXIT } from './errors.ts'

const CACHE_ENTRIES = 10_000

type Opened = { readonly head: ChainHead; readonly last: SignPoint | null }

/** Head and last signature of a stopped node. Throws what opening a store throws. */
export async function openPlace(place: ChainPlace, signState: string | null): Promise<Opened> {
  const { store, close } = await openStopped(place.dataDir)
  try {
    const { head } = await recoverChain({ store, registry: REGISTRY, genesis: place.genesis, cacheEntries: CACHE_ENTRIES })
    return { head, last: lastOf(place, signState) }
  } finally {
    await close()
  }
}

function lastOf(place: ChainPlace, signState: string | null): SignPoint | null {
  if (signState === null) return null
  const { lastHeight, lastRound } = readSignState(signState, chainTagOf(place))
  return lastHeight === 0 ? null : { height: lastHeight, round: lastRound }
}

/** Judges a recovery as the node would at its start. Throws CliError RECOVERY_* with exit code 12. */
export async function checkHere(place: ChainPlace, signState: string | null, recovery: Recovery): Promise<void> {
  const { store, close } = await openStopped(place.dataDir)
  try {
    const { genesis } = place
    const parts = { store, registry: REGISTRY, genesis, cacheEntries: CACHE_ENTRIES }
    const { chain, state, head } = await recoverChain(parts)
    const last = lastOf(place, signState)
    const keys = last === null ? [] : [last]
    judgeRecovery({ registry: REGISTRY, genesis, chain, state, head, keys, checkSignature: verifySignature }, recovery, [])
  } catch (error) {
    if (!(error instanceof NodeError) || !error.code.startsWith('RECOVERY_')) throw error
    throw new CliError(EXIT.verification, error.code, error.message)
  } finally {
    await close()
  }
}

/** Judges a recovery by a genesis document alone: chain, root keys, signatures, the floor of the first parameters. */
export function checkByGenesis(genesis: Genesis, recovery: Recovery): RecoveryFault | null {
  const records = new Map(initGenesis(REGISTRY, genesis).map(({ key, value }) => [key, value]))
  const view = { get: (key: string) => records.get(key) ?? null }
  const { validatorsMin } = REGISTRY.readChainParams(view)
  const { chainId, hash: genesisHash } = genesis
  const roots = REGISTRY.readRoots(view)
  return checkRecovery({ chainId, genesisHash, roots, validatorsMin, recovery, checkSignature: verifySignature })
}
