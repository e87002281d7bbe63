// Owns: memory that must stay bounded whatever the network does. Not here: the bounds (core/base/limits.ts), time (liveness.ts).
import { LIMITS } from '../../core/base/limits.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import { POOL_MAX } from '../../node/evidence-pool.ts'
import type { Report } from './violation.ts'

const QUEUE_MAX = 2_000
const POLKAS_MAX = 16
const REPORTED_MAX = 400

/** Looks at every container of a node that messages of others can fill. */
export function checkBounds(machine: number, node: ChainNode, report: Report): void {
  const { consensus } = node
  const n = consensus.set.validators.length
  const refuse = (what: string, size: number, max: number): void => {
    if (size > max) report('bounds', machine, `${what} holds ${size}, ${max} allowed`)
  }
  refuse('the loop', node.queueLength(), QUEUE_MAX)
  refuse('the mempool', node.mempool.count(), node.options.mempoolLimits.countMax)
  refuse('the vote keeper (rounds)', consensus.votes.rounds.size, 4 + consensus.round - Math.max(0, consensus.validRound) + 2 * n)
  refuse('the vote keeper (later rounds)', laterRounds(node), 1 + LIMITS.futureRoundsMax * n)
  refuse('the proposals', consensus.proposals.size, 2 + LIMITS.futureRoundsMax * n)
  refuse('the polkas', consensus.polkas.length, POLKAS_MAX)
  refuse('the evidence', consensus.reported.size, REPORTED_MAX)
  refuse('the evidence pool', node.evidence.waiting().length, POOL_MAX)
  refuse('the early heights', consensus.future.size, LIMITS.futureHeightsMax)
  for (const messages of consensus.future.values()) refuse('an early height', messages.size, LIMITS.futureMessagesPerHeightMax)
}

function laterRounds({ consensus }: ChainNode): number {
  let count = 0
  for (const round of consensus.votes.rounds.keys()) if (round > consensus.round) count++
  return count
}
