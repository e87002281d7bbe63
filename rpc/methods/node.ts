// Owns: node_* and mempool_* methods: how this node is doing. Not here: the operator's methods (admin.ts).
import { option, struct } from '../../core/codec/compound.ts'
import { u32 } from '../../core/codec/fields.ts'
import { defineMethod } from '../method.ts'
import type { Method } from '../method.ts'
import type { Diagnosis, NodeHealth } from '../node-api.ts'
import { parsePageLimit } from '../page.ts'
import { renderHash } from '../render.ts'
import type { JsonObject } from '../render.ts'

/** Health as JSON, for `node_health` and `/readyz`. */
export function renderHealth(health: NodeHealth): JsonObject {
  const { ready, height, headAgeMs, peers, round, step } = health
  const reasons = health.reasons.map(({ code, text }) => ({ code, text }))
  return { ready, reasons, height, headAgeMs, peers, round, step, missingVotes: [...health.missingVotes] }
}

/** A diagnosis as JSON. */
export function renderDiagnosis(diagnosis: Diagnosis): JsonObject {
  const { also, validators, ...rest } = diagnosis
  return {
    ...rest,
    validators: [...validators],
    also: also.map((finding) => ({ ...finding, validators: [...finding.validators] })),
  }
}

/** node_info, node_health, node_sync, node_time, mempool_status, mempool_list. */
export const nodeMethods: readonly Method[] = [
  defineMethod({
    name: 'node_info',
    about: 'Version, chain and height of this node.',
    params: struct({}),
    result: { type: 'object', description: 'version, chainId, network, genesisHash, height, peers, rooms' },
    run: ({ node }) => ({
      version: node.version,
      chainId: node.chainId,
      network: node.network,
      genesisHash: renderHash(node.genesisHash),
      height: node.head().header.height,
      peers: node.peers().length,
      rooms: node.registry.modules.map(({ name }) => name),
    }),
  }),
  defineMethod({
    name: 'node_health',
    about: 'Whether the node is ready, and if not, why; in one sentence, why the chain stands still or not, and who is missing.',
    params: struct({}),
    result: { type: 'object', description: 'ready, reasons, height, headAgeMs, peers, round, step, missingVotes, diagnosis' },
    run: ({ node }) => ({ ...renderHealth(node.health()), diagnosis: renderDiagnosis(node.diagnose()) }),
  }),
  defineMethod({
    name: 'node_sync',
    about: 'Whether the node is catching up, with its own, its best peer’s and its oldest height.',
    params: struct({}),
    result: { type: 'object', description: 'syncing, height, bestPeerHeight, oldestHeight' },
    run: ({ node }) => ({ ...node.syncState() }),
  }),
  defineMethod({
    name: 'node_time',
    about: 'The node’s clock and the time of the newest block, in ms.',
    params: struct({}),
    result: { type: 'object', properties: { now: { type: 'integer' }, blockTime: { type: 'integer' } } },
    run: ({ node }) => ({ now: node.nowMs(), blockTime: node.head().header.time }),
  }),
  defineMethod({
    name: 'mempool_status',
    about: 'How full the mempool is.',
    params: struct({}),
    result: { type: 'object', description: 'count, bytes, countMax, bytesMax' },
    run: ({ node }) => ({ ...node.mempool() }),
  }),
  defineMethod({
    name: 'mempool_list',
    about: 'Hashes of waiting transactions, at most limit of them.',
    params: struct({ limit: option(u32) }),
    result: { type: 'object', description: 'count (of all), items' },
    cost: 5,
    run: ({ node, limits }, { limit }) => ({
      count: node.mempool().count,
      items: node.mempoolIds(parsePageLimit(limits, limit)).map(renderHash),
    }),
  }),
]
