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
  const { round, step } = consensus
  return { ready: reasons.length === 0, reasons, height: head().height, headAgeMs, peers, round, step, missingVotes: missing }
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
