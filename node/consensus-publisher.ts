// Owns: consensus messages on their way out: own proposals and votes, repetition, round summaries.
// Not here: what comes in (consensus-link.ts).
import { must } from '../core/base/assert.ts'
import type { CompactBlock } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import type { Bundle } from '../consensus/catch-up.ts'
import { VOTES_PER_FRAME_MAX, encodeConsensusMessage } from '../consensus/message.ts'
import type { ConsensusMessage } from '../consensus/message.ts'
import { encodeSummary, summaryOf } from '../consensus/summary.ts'
import type { ConsensusState } from '../consensus/state.ts'
import type { Network, PeerId } from './ports.ts'

/** Sends to all connected peers unless one is named; nothing is queued for peers that are away. */
export type ConsensusPublisher = {
  readonly publishProposal: (proposal: Proposal, polka: Certificate | null, block: CompactBlock | null) => void
  readonly publishVote: (vote: Vote) => void
  readonly publishEvidence: (bytes: Uint8Array) => void
  readonly publishSummary: () => void
  /** Sends a bundle to one peer, or to all where peer is null. `blockOf` adds the compact block to a proposal. */
  readonly publishBundle: (bundle: Bundle, peer: PeerId | null) => void
}

/** Where frames leave, whose round they tell of, and compact blocks by id. */
export type PublisherParts = {
  readonly network: Pick<Network, 'send' | 'broadcast'>
  readonly state: ConsensusState
  readonly compactOf: (blockId: Proposal['blockId']) => CompactBlock | null
}

/** Builds the publisher. */
export function createConsensusPublisher(parts: PublisherParts): ConsensusPublisher {
  const { network } = parts
  const send = (message: ConsensusMessage, peer: PeerId | null): void => {
    const frame = encodeConsensusMessage(message)
    if (peer === null) network.broadcast('consensus', frame)
    else network.send(peer, 'consensus', frame)
  }
  return {
    publishProposal: (proposal, polka, block) => send({ kind: 'proposal', proposal, polka, block }, null),
    publishVote: (vote) => send({ kind: 'vote', vote }, null),
    publishEvidence: (bytes) => send({ kind: 'evidence', bytes }, null),
    publishSummary: () => network.broadcast('summary', encodeSummary(summaryOf(parts.state))),
    publishBundle(bundle, peer) {
      if (bundle.commit !== null) send({ kind: 'commit', certificate: bundle.commit }, peer)
      if (bundle.polka !== null) send({ kind: 'polka', certificate: bundle.polka }, peer)
      for (const { proposal, polka } of bundle.proposals) {
        send({ kind: 'proposal', proposal, polka, block: parts.compactOf(proposal.blockId) }, peer)
      }
      for (let at = 0; at < bundle.votes.length; at += VOTES_PER_FRAME_MAX) {
        const votes = bundle.votes.slice(at, at + VOTES_PER_FRAME_MAX)
        if (votes.length === 1) send({ kind: 'vote', vote: must(votes[0], 'one vote') }, peer)
        else send({ kind: 'votes', votes }, peer)
      }
    },
  }
}
