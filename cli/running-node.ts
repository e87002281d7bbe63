// Owns: upkeep of a node that runs, asked over its operator socket: is it there, begin, watch, end.
// Not here: the same on a stopped node (chain-place.ts), the calls themselves (rpc-client.ts).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainPlace } from './chain-place.ts'
import { createProgressNote } from './chain-place.ts'
import type { CommandCall } from './command.ts'
import { CliError, EXIT } from './errors.ts'
import { callRpc } from './rpc-client.ts'
import type { RpcAddress } from './rpc-client.ts'

/** What admin_upkeep tells. */
export type UpkeepState = {
  readonly storeBytes: number
  readonly reclaimableBytes: number
  readonly oldestHeight: number
  readonly snapshots: readonly {
    readonly height: number
    readonly chunks: number
    readonly bytes: number
    readonly dir: string
  }[]
  readonly snapshotWork: SnapshotWorkState | null
  readonly pruneWork: PruneWorkState | null
}

type WorkState = { readonly running: boolean; readonly error: string | null }

/** A snapshot that is or was made. */
export type SnapshotWorkState = WorkState & {
  readonly height: number
  readonly out: string
  readonly chunks: number
  readonly records: number
  readonly bytes: number
  readonly tookMs: number
}

/** A pruning or compaction that runs or ran. */
export type PruneWorkState = WorkState & {
  readonly kind: string
  readonly oldest: number
  readonly to: number
  readonly records: number
}

const POLL_MS = 250

/** The operator socket of the node that runs on this data directory, or null where none answers. */
export async function findRunning({ dataDir, config }: ChainPlace): Promise<RpcAddress | null> {
  const socket = config?.admin.socket ?? join(dataDir, 'admin.sock')
  if (!existsSync(socket)) return null
  const address = `unix:${socket}`
  try {
    await readUpkeep(address)
    return address
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.unreachable) return null
    throw error
  }
}

/** The upkeep of a running node. */
export function readUpkeep(address: RpcAddress): Promise<UpkeepState> {
  return callRpc<UpkeepState>(address, 'admin_upkeep')
}

/** Begins work on a running node and waits for its end. Throws CliError where the node refuses it or it fails. */
export async function runUpkeep<K extends 'snapshotWork' | 'pruneWork'>(
  call: CommandCall,
  address: RpcAddress,
  work: {
    readonly method: string
    readonly params: unknown
    readonly kind: K
    readonly say: (now: NonNullable<UpkeepState[K]>) => string
  },
): Promise<{ readonly state: UpkeepState; readonly work: NonNullable<UpkeepState[K]> }> {
  const note = createProgressNote(call)
  await callRpc(address, work.method, work.params)
  for (;;) {
    const state = await readUpkeep(address)
    const now = state[work.kind]
    if (now !== null && !now.running) {
      if (now.error === null) return { state, work: now as NonNullable<UpkeepState[K]> }
      throw new CliError(EXIT.nodeError, 'UPKEEP_FAILED', `${work.method}: ${now.error}`)
    }
    if (now !== null) note(() => work.say(now as NonNullable<UpkeepState[K]>))
    await sleep(POLL_MS)
  }
}
