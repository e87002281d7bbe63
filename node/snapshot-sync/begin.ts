// Owns: the network of a node that has no chain yet: only as long as it takes to fetch a snapshot.
// Not here: fetching (join.ts), the node that runs after (node/node.ts).
import { encode } from '../../core/codec/schema.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { StatusSchema } from '../answers.ts'
import type { NodeConfig } from '../config.ts'
import type { Logger } from '../logger.ts'
import { allowedPeers } from '../peer-list.ts'
import type { Clock, Network, NetworkHandlers, PeerId } from '../ports.ts'
import { genesisSet } from '../recover.ts'
import { recoveryHashOf } from '../../core/chain/recovery.ts'
import { readRecovery } from '../recovery-file.ts'
import type { Manifest } from '../snapshot/manifest.ts'
import { isFresh, joinBySnapshot } from './join.ts'
import type { Checkpoint } from './find.ts'

/** What beginning from a snapshot needs; the network is opened only where it is wanted, and closed again. */
export type BeginParts = {
  readonly config: Pick<NodeConfig, 'p2p' | 'sync' | 'data' | 'chain'>
  readonly registry: Registry
  readonly genesis: Genesis
  readonly clock: Clock
  readonly log: Logger
  readonly version: string
  readonly openNetwork: () => Promise<Network>
}

/** `sync.checkpoint` as height and block id. */
export function checkpointOf(text: string | null): Checkpoint | null {
  const [height = '', blockId = ''] = (text ?? '').split(':0x')
  return text === null ? null : { height: Number(height), blockId: asHash32(blockId) }
}

/** Fills an empty data directory from a snapshot of the peers where the configuration says so; null where nothing was fetched. */
export async function beginFromSnapshot(parts: BeginParts): Promise<Manifest | null> {
  const { config, registry, genesis, clock, log } = parts
  const dataDir = config.data.dir
  if (config.sync.snapshot === 'never' || !(await isFresh(dataDir))) return null
  const network = await parts.openNetwork()
  const connected = new Set<PeerId>()
  network.setAllowed(allowedPeers(config.p2p, genesisSet(registry, genesis).validators, network.self))
  try {
    await network.start(handlersOf(parts, connected))
    const checkpoint = checkpointOf(config.sync.checkpoint)
    const recoveries = config.chain.recoveries.map((path) => recoveryHashOf(readRecovery(path).recovery.content))
    const peers = () => [...connected]
    return await joinBySnapshot({ network, peers, clock, log, registry, genesis, dataDir, checkpoint, recoveries })
  } finally {
    await network.stop()
  }
}

// It says truthfully that it has nothing; peers count it as connected and ask for nothing else.
function handlersOf({ genesis, clock, version }: BeginParts, connected: Set<PeerId>): NetworkHandlers {
  const status = (): Uint8Array =>
    encode(StatusSchema, {
      ...{ chainId: genesis.chainId, genesisHash: genesis.hash, height: 0, oldest: 1, nowMs: clock.nowMs(), version },
    })
  return {
    onFrame: () => undefined,
    onRequest: (_peer, protocol) => Promise.resolve(protocol === 'status' ? status() : null),
    onGossip: () => 'ignore',
    onPeerConnected: (peer) => void connected.add(peer),
    onPeerDisconnected: (peer) => void connected.delete(peer),
  }
}
