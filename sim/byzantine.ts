// Owns: lies of byzantine validators at their network port: the node behind it is honest, what leaves is not.
// Not here: the forged messages themselves (forge.ts), flooding (flood.ts), what honest machines make of it (checkers).
import { must } from '../core/base/assert.ts'
import { accuses, slanderousBlock, startAccusing } from './accuse.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { encodeConsensusMessage } from '../consensus/message.ts'
import type { ConsensusMessage } from '../consensus/message.ts'
import type { Network, NetworkHandlers, PeerId } from '../node/ports.ts'
import { readFrame } from './frames.ts'
import { lieInAnswer, lieInSummary, startFlood } from './flood.ts'
import { brokenBlock, createForger, hollowBlock, proposalFrame, siblingOf } from './forge.ts'
import type { ByzantineParts, Liar } from './liar.ts'

/** Every way to lie. */
export const WAYS = [
  'doublePropose',
  'doubleVote',
  'withholdProposals',
  'withholdVotes',
  'late',
  'amnesia',
  'badBlock',
  'hollowBlock',
  'wrongTime',
  'flood',
  'badCertificates',
  'lyingHeight',
  'badAnswers',
  'accuse',
] as const

/** The port of a liar over the honest one. */
export function createByzantinePort(port: Network, parts: ByzantineParts): Network {
  const { world } = parts.machine.parts
  const account = must(world.validators[parts.machine.parts.identity], 'a validator')
  const liar: Liar = {
    ...parts,
    port,
    forger: createForger(world.genesis.chainId, account),
    authority: account.address,
    blocks: [],
    height: 0,
    others: () => port.peers().map(({ peer }) => peer),
  }
  return {
    ...port,
    async start(handlers) {
      await port.start(listenIn(liar, handlers))
      if (liar.ways.has('flood') || liar.ways.has('badCertificates')) startFlood(liar)
      if (liar.ways.has('accuse')) startAccusing(liar)
    },
    send: (peer, channel, frame) => {
      if (channel === 'consensus') return sendLie(liar, frame, [peer])
      return port.send(peer, channel, liar.ways.has('lyingHeight') ? lieInSummary(liar, frame) : frame)
    },
    broadcast(channel, frame) {
      if (channel === 'consensus') sendLie(liar, frame, liar.others())
      else port.broadcast(channel, liar.ways.has('lyingHeight') ? lieInSummary(liar, frame) : frame)
    },
  }
}

function listenIn(liar: Liar, handlers: NetworkHandlers): NetworkHandlers {
  return {
    ...handlers,
    onFrame(peer, channel, frame) {
      const message = channel === 'consensus' ? readFrame(frame) : null
      overhear(liar, message)
      // The node behind it is honest and would stop at the proof that its key signs elsewhere; a liar does not stop.
      if (message?.kind === 'evidence' && accuses(message.bytes, liar.authority)) return
      handlers.onFrame(peer, channel, frame)
    },
    async onRequest(peer, protocol, request) {
      return lieInAnswer(liar, protocol, await handlers.onRequest(peer, protocol, request))
    },
  }
}

function overhear(liar: Liar, message: ConsensusMessage | null): void {
  if (message?.kind !== 'proposal') return
  const { proposal } = message
  noteBlock(liar, proposal)
  if (!liar.ways.has('amnesia') || !liar.random.chance(700_000)) return
  voteForAll(liar, proposal)
}

// Votes for whatever is proposed, whatever was precommitted before.
function voteForAll(liar: Liar, proposal: Proposal): void {
  liar.coverage.note(4, 'votes without a lock')
  const { height, round, blockId, validRound } = proposal
  const common = { height, round, blockId, validator: liar.authority as Vote['validator'] }
  const to = liar.plot.get(blockId) ?? liar.others()
  spread(liar, encodeVote(liar.forger.vote({ ...common, type: 'prevote', validRound })), to)
  spread(liar, encodeVote(liar.forger.vote({ ...common, type: 'precommit', validRound: -1 })), to)
}

function noteBlock(liar: Liar, { height, blockId }: Proposal): void {
  if (height > liar.height) {
    liar.height = height
    liar.blocks.length = 0
  }
  if (!liar.blocks.includes(blockId) && liar.blocks.length < 16) liar.blocks.push(blockId)
}

function encodeVote(vote: Vote): Uint8Array {
  return encodeConsensusMessage({ kind: 'vote', vote })
}

/** Sends a frame at once, or much later where the liar is slow on purpose. */
function spread(liar: Liar, frame: Uint8Array, to: readonly PeerId[]): boolean {
  if (!liar.ways.has('late') || !liar.random.chance(300_000))
    return to.map((peer) => liar.port.send(peer, 'consensus', frame)).includes(true)
  liar.coverage.note(3, 'late reveal')
  const { life } = liar.machine
  liar.timeline.after(500 + liar.random.below(5_000), () => {
    if (liar.machine.life === life) for (const peer of to) liar.port.send(peer, 'consensus', frame)
  })
  return true
}

function sendLie(liar: Liar, frame: Uint8Array, to: readonly PeerId[]): boolean {
  const message = readFrame(frame)
  if (message?.kind === 'proposal' && message.proposal.proposer === liar.authority) return proposeLie(liar, message, frame, to)
  if (message?.kind === 'vote' && message.vote.validator === liar.authority) return voteLie(liar, message.vote, frame, to)
  // A plotter does not show one half what the other half says.
  if (liar.ways.has('amnesia') && message?.kind !== 'proposal') return false
  return spread(liar, frame, to)
}

type ProposalMessage = Extract<ConsensusMessage, { kind: 'proposal' }>

function proposeLie(liar: Liar, message: ProposalMessage, frame: Uint8Array, to: readonly PeerId[]): boolean {
  const { ways, random, coverage, forger } = liar
  const { proposal, block } = message
  noteBlock(liar, proposal)
  if (ways.has('withholdProposals') && random.chance(600_000)) {
    coverage.note(3, 'withheld proposal')
    return spread(liar, frame, random.shuffle(to).slice(0, random.below(2)))
  }
  if (block === null || proposal.validRound !== -1) return spread(liar, frame, to)
  if (ways.has('badBlock') && random.chance(500_000)) {
    coverage.note(17, 'invalid block')
    return spread(liar, proposalFrame(forger, proposal, brokenBlock(block, random)).frame, to)
  }
  if (ways.has('hollowBlock') && random.chance(500_000)) {
    coverage.note(17, 'body that nobody has')
    return spread(liar, proposalFrame(forger, proposal, hollowBlock(block, random)).frame, to)
  }
  const { node } = liar.machine
  if (node === null) return spread(liar, frame, to)
  if (ways.has('wrongTime') && random.chance(500_000)) {
    coverage.note(11, 'proposer with a wrong clock')
    const far = siblingOf(node, block, 1 + random.below(20_000))
    if (far !== null) return spread(liar, proposalFrame(forger, proposal, far).frame, to)
  }
  if (ways.has('accuse') && random.chance(300_000)) {
    coverage.note(21, 'block with evidence that may not stand there')
    return spread(liar, proposalFrame(forger, proposal, slanderousBlock(liar, node, block)).frame, to)
  }
  if (!ways.has('doublePropose') || !random.chance(700_000)) return spread(liar, frame, to)
  const sibling = siblingOf(node, block, 1)
  if (sibling === null) return spread(liar, frame, to)
  coverage.note(1, 'two blocks')
  const second = proposalFrame(forger, proposal, sibling)
  liar.blocks.push(second.blockId)
  const peers = random.shuffle(to)
  const half = random.below(peers.length + 1)
  // Where it is no plot a few get both, so that someone can prove it.
  const rivals = peers.slice(ways.has('amnesia') ? half : random.below(half + 1))
  liar.plot.set(proposal.blockId, peers.slice(0, half)).set(second.blockId, rivals)
  const fellows = ways.has('amnesia') ? liar.fellows.filter((peer) => to.includes(peer)) : []
  spread(liar, second.frame, [...rivals, ...fellows])
  spread(liar, frame, [...peers.slice(0, half), ...fellows])
  if (ways.has('amnesia')) for (const blockId of [proposal.blockId, second.blockId]) voteForAll(liar, { ...proposal, blockId })
  return true
}

function voteLie(liar: Liar, vote: Vote, frame: Uint8Array, to: readonly PeerId[]): boolean {
  const { ways, random, coverage } = liar
  if (ways.has('amnesia')) return false
  if (ways.has('withholdVotes') && random.chance(600_000)) {
    coverage.note(3, 'withheld votes')
    return spread(liar, frame, random.shuffle(to).slice(0, random.below(to.length + 1)))
  }
  if (!ways.has('doubleVote') || !random.chance(600_000)) return spread(liar, frame, to)
  const other = secondWord(liar, vote)
  coverage.note(2, `double ${vote.type}`)
  const peers = random.shuffle(to)
  const half = random.below(peers.length + 1)
  spread(liar, encodeVote(liar.forger.vote(other)), peers.slice(random.chance(300_000) ? 0 : half))
  return spread(liar, frame, peers.slice(0, half))
}

function secondWord(liar: Liar, vote: Vote): Vote {
  const { random, blocks } = liar
  const others = blocks.filter((blockId) => blockId !== vote.blockId)
  if (vote.type === 'prevote' && vote.blockId !== null && vote.round > 0 && random.chance(300_000))
    return { ...vote, validRound: vote.validRound === -1 ? random.below(vote.round) : -1 }
  if (vote.blockId !== null && (others.length === 0 || random.chance(500_000))) return { ...vote, blockId: null, validRound: -1 }
  return others.length === 0 ? vote : { ...vote, blockId: random.pick(others), validRound: -1 }
}
