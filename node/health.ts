// Owns: is this node well, and if not, why: readiness, missing votes, peers by name. Not here: the pages that show it (rpc).
import type { NodeHealth, PeerInfo } from '../rpc/node-api.ts'
import { whoIsMissing } from '../consensus/progress.ts'
import type { ChainNode } from './chain-node.ts'

/** Heartbeats that may be missed before a silent chain counts as stalled. */
const HEARTBEATS_MAX = 3

/** The state of the node in codes and sentences. */
export function buildHealth(node: ChainNode): NodeHealth {
  const { head, consensus, options, sync } = node
  const { clock } = options
  const { set, params, header } = head()
  const headAgeMs = Math.max(0, clock.nowMs() - header.time)
  const peers = options.network.peers().length
  const reasons = []
  const missing = whoIsMissing(consensus).missing.map(
    (authority) => set.validators.find((entry) => entry.authority === authority)?.name ?? authority,
  )
  if (sync.isBehind())
    reasons.push({ code: 'SYNCING', text: `behind the best peer: ${head().height} of ${sync.bestPeerHeight()}` })
  const needed = node.signer() === null ? 1 : set.quorum - 1
  if (peers < needed) reasons.push({ code: 'FEW_PEERS', text: `${peers} peers connected, ${needed} needed` })
  if (head().height === 0) reasons.push({ code: 'NO_BLOCK', text: 'no final block yet' })
  else if (headAgeMs > HEARTBEATS_MAX * params.heartbeatMs) {
    const who = missing.length === 0 ? 'nobody is known to be missing' : `waiting for ${missing.join(', ')}`
    reasons.push({ code: 'STALLED', text: `no final block for ${Math.round(headAgeMs / 1_000)} s; ${who}` })
  }
  const isFresh = head().height > 0 && headAgeMs <= HEARTBEATS_MAX * params.heartbeatMs
  const criteria = [
    { name: 'peers' as const, holds: peers >= needed, text: `${peers} connected, ${needed} needed` },
    {
      name: 'synced' as const,
      holds: !sync.isBehind(),
      text: `block ${head().height} of ${Math.max(head().height, sync.bestPeerHeight())}`,
    },
    { name: 'fresh' as const, holds: isFresh, text: `last block ${Math.round(headAgeMs / 1_000)} s ago` },
  ]
  const { round, step } = consensus
  const ready = reasons.length === 0
  return { ready, reasons, criteria, height: head().height, headAgeMs, peers, round, step, missingVotes: missing }
}

/** Connected peers with the validators' names. */
export function listPeers(node: ChainNode): readonly PeerInfo[] {
  const { validators } = node.head().set
  return node.options.network.peers().map((view) => ({
    peer: view.peer,
    name: validators.find((validator) => validator.peerId === view.peer)?.name ?? null,
    address: view.address,
    direction: view.direction,
    height: node.link.heightOfPeer(view.peer),
    queuedBytes: view.queuedBytes,
  }))
}

/** A node that was ready stays so for this long while a reason against it comes and goes. */
const HOLD_READY_MS = 3_000
/** A node that lost its readiness gets it back after this long without a reason against it. */
const HOLD_UNREADY_MS = 2_000

/** Readiness that does not flap: what a load balancer is told. Each call is a look. */
export function createReadiness(nowMs: () => number): (health: NodeHealth) => NodeHealth {
  let told: boolean | null = null
  let differsSinceMs: number | null = null
  return (health) => {
    told ??= health.ready ? true : null
    if (told === null || health.ready === told) {
      differsSinceMs = null
      return health
    }
    differsSinceMs ??= nowMs()
    if (nowMs() - differsSinceMs >= (told ? HOLD_READY_MS : HOLD_UNREADY_MS)) {
      told = health.ready
      differsSinceMs = null
      return health
    }
    return { ...health, ready: told }
  }
}
