// Owns: the head as queries and rules of reading see it. Not here: the queries (modules/*/queries.ts).
import type { BlockEnv } from '../core/execution/module.ts'
import type { NodeApi } from './node-api.ts'

/** The head as queries see it: height and time of the newest block, parameters in force after it. */
export function buildHeadEnv(node: NodeApi): BlockEnv {
  const { height, time } = node.head().header
  return { chainId: node.chainId, genesisHash: node.genesisHash, height, time, params: node.params() }
}
