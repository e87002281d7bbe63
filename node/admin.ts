// Owns: what the operator's socket may ask and do. Not here: the socket (rpc/operator-server.ts).
import { NodeError } from '../core/base/errors.ts'
import { summaryOf } from '../consensus/summary.ts'
import { whoIsMissing } from '../consensus/progress.ts'
import type { AdminApi } from '../rpc/node-api.ts'
import type { ChainNode } from './chain-node.ts'
import { buildVoteMatrix } from './diagnosis/vote-matrix.ts'
import type { NodeConfig } from './config.ts'
import type { DevClock } from './dev-clock.ts'
import { tellDoctor } from './doctor/running.ts'
import type { RunningParts } from './doctor/running.ts'
import { buildHealth, listPeers } from './health.ts'
import type { RootLogger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import type { SnapshotShelf } from './upkeep/snapshot-shelf.ts'
import type { Upkeep } from './upkeep/upkeep.ts'

/** What the operator's API acts on. */
export type AdminParts = {
  readonly chainNode: ChainNode
  readonly config: NodeConfig
  readonly log: RootLogger
  readonly metrics: Metrics
  /** Peers that the operator named while the node runs; who may connect is worked out from them as well. */
  readonly addedPeers: string[]
  /** Null on every chain but a devnet. */
  readonly devClock: DevClock | null
  readonly upkeep: Upkeep
  readonly shelf: SnapshotShelf
  readonly stop: (reason: string) => Promise<void>
  readonly doctor: Pick<RunningParts, 'rpc' | 'store'>
}

/** Builds the operator's API. */
export function createAdminApi(parts: AdminParts): AdminApi {
  const { chainNode, config, log } = parts
  const { network } = chainNode.options
  return {
    status: () => ({
      ...buildHealth(chainNode),
      peers: listPeers(chainNode),
      self: network.self,
      listen: network.listenAddresses(),
      dataDir: config.data.dir,
    }),
    consensusState() {
      const { height, round, step, lockedRound, validRound } = chainNode.consensus
      const { prevotes, precommits } = summaryOf(chainNode.consensus)
      const text = (bits: Uint8Array): string => [...bits].map((byte) => byte.toString(2).padStart(8, '0')).join('')
      return {
        height,
        round,
        step,
        lockedRound,
        validRound,
        prevotes: text(prevotes),
        precommits: text(precommits),
        missing: [...whoIsMissing(chainNode.consensus).missing],
        ...buildVoteMatrix(chainNode),
      }
    },
    setLogLevel: (level) => log.setLevel(level),
    setLinkFault(peer, fault) {
      if (!config.devFaults)
        throw new NodeError('DEV_ONLY', 'link faults are for devnets; set devFaults in the configuration of a devnet node')
      if (fault === null) return network.setLinkFault(peer, null)
      const lossPercent = fault.lossPercent ?? 0
      if (lossPercent > 100)
        throw new NodeError('LINK_LOSS', `lossPercent is ${lossPercent}; of a hundred messages at most 100 can be lost`)
      network.setLinkFault(peer, { ...fault, lossPercent })
    },
    setClockOffset(offsetMs) {
      if (parts.devClock === null)
        throw new NodeError('DEV_ONLY', 'the clock moves on devnets only; set devFaults in the configuration of a devnet node')
      parts.devClock.moveTo(offsetMs)
      log.warn('The clock was moved', { offsetMs })
    },
    addPeer(address) {
      parts.addedPeers.push(address)
      chainNode.allowPeers()
    },
    doctor: () => tellDoctor({ chainNode, config, ...parts.doctor }),
    pauseSigning: (reason) => chainNode.signing.stop('operator', reason),
    resumeSigning: () => chainNode.signing.resume(),
    ...buildUpkeepApi(parts),
    shutdown: () => void parts.stop('shutdown by operator'),
    metrics: parts.metrics.text,
  }
}

type UpkeepApi = Pick<AdminApi, 'upkeep' | 'beginSnapshot' | 'beginPrune' | 'beginCompact'>

function buildUpkeepApi({ chainNode, config, upkeep, shelf }: AdminParts): UpkeepApi {
  const { keeper, pruner } = upkeep
  // In the loop, where nothing is written to the store and not yet to the tree.
  const inLoop = (begin: () => void): Promise<void> =>
    new Promise((resolve, reject) =>
      chainNode.runTask(() => {
        try {
          resolve(begin())
        } catch (error) {
          reject(error)
        }
      }),
    )
  return {
    upkeep: () => ({
      ...upkeep.sizes(),
      oldestHeight: chainNode.chain.oldestHeight(),
      compactedHeight: chainNode.chain.compactedHeight(),
      prune: config.data.prune,
      snapshots: shelf.entries().map(({ height, chunks, bytes, dir }) => ({ height, chunks, bytes, dir })),
      snapshotWork: keeper.work(),
      pruneWork: pruner.work(),
    }),
    beginSnapshot: (out) => inLoop(() => keeper.begin(out)),
    beginPrune: (keepBlocks) => inLoop(() => pruner.prune(keepBlocks)),
    beginCompact: () => inLoop(pruner.compact),
  }
}
