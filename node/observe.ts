// Owns: feeding the metrics from the running parts. Not here: the metrics' names (metrics.ts), who reads them (rpc).
import { certificateSigners } from '../core/chain/certificate.ts'
import type { RpcCounters } from '../rpc/server.ts'
import type { NodeApi } from '../rpc/node-api.ts'
import type { ChainNode } from './chain-node.ts'
import type { Metrics } from './metrics.ts'
import type { NetworkWithCounters } from './network/host.ts'

/** What is measured and where the figures go. */
export type ObserveParts = {
  readonly chainNode: ChainNode
  readonly metrics: Metrics
  readonly node: NodeApi
  readonly network: NetworkWithCounters
  readonly rpcCounters: () => RpcCounters
}

/** Joins the metrics to what they measure. */
export function observeNode(parts: ObserveParts): void {
  const { chainNode, metrics, node, network } = parts
  chainNode.onCommit((candidate) => {
    let failed = 0
    for (const receipt of candidate.receipts) if (receipt.code !== 0) failed++
    metrics.blockTxs.inc({ outcome: 'failed' }, failed)
    metrics.blockTxs.inc({ outcome: 'success' }, candidate.txs.length - failed)
    metrics.rounds.inc({ outcome: 'decided' })
    countMissing(chainNode, metrics)
  })
  metrics.onCollect(() => {
    const { height, header } = chainNode.head()
    metrics.chainHeight.set(height)
    metrics.finalAge.set(Math.max(0, node.nowMs() - header.time) / 1_000)
    metrics.mempoolTxs.set(chainNode.mempool.count())
    metrics.mempoolBytes.set(chainNode.mempool.bytes())
    const peers = node.peers()
    metrics.peers.set({ kind: 'validator' }, peers.filter((peer) => peer.name !== null).length)
    metrics.peers.set({ kind: 'observer' }, peers.filter((peer) => peer.name === null).length)
    const health = node.health()
    metrics.ready.set({ criterion: 'all' }, health.ready ? 1 : 0)
    const counters = network.counters()
    metrics.p2pBytes.set({ direction: 'in' }, counters.bytesIn)
    metrics.p2pBytes.set({ direction: 'out' }, counters.bytesOut)
  })
}

// The certificate inside a block is the canonical one of its parent; whoever lacks in it was late or away.
function countMissing(chainNode: ChainNode, metrics: Metrics): void {
  const { certificate, signedBy } = chainNode.head()
  const signers = certificate === null ? null : certificateSigners(signedBy, certificate)
  if (signers === null) return
  for (const validator of signedBy.validators) {
    if (!signers.includes(validator)) metrics.missingVotes.inc({ validator: validator.name })
  }
}
