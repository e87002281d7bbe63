// Owns: a liar that accuses: evidence that is true, repeated, forged, out of date, about strangers, and in blocks where it may
// not stand. Not here: honest evidence (node), what must hold of it (checkers/evidence.ts).
import type { Address } from '../core/base/ids.ts'
import { decodeEvidence, duplicateProposalOf, duplicateVoteOf, encodeEvidence, offenceOf } from '../core/chain/evidence.ts'
import type { Evidence } from '../core/chain/evidence.ts'
import { evidenceHash } from '../core/chain/block.ts'
import type { CompactBlock } from '../core/chain/block.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { encodeConsensusMessage } from '../consensus/message.ts'
import type { ChainNode } from '../node/chain-node.ts'
import { randomHash } from './forge.ts'
import type { Liar } from './liar.ts'

const EVERY_MS = 300
const REMEMBERED_MAX = 8

/** Begins to send evidence, for as long as this life lasts. */
export function startAccusing(liar: Liar): void {
  const { machine, timeline } = liar
  const { life } = machine
  const sent: Uint8Array[] = []
  const tick = (): void => {
    if (machine.life !== life) return
    timeline.after(EVERY_MS, tick)
    const { node } = machine
    if (node === null || node.head().height === 0) return
    for (const bytes of accusations(liar, node, sent)) {
      for (const peer of liar.others()) liar.port.send(peer, 'consensus', encodeConsensusMessage({ kind: 'evidence', bytes }))
    }
  }
  timeline.after(EVERY_MS, tick)
}

function accusations(liar: Liar, node: ChainNode, sent: Uint8Array[]): readonly Uint8Array[] {
  const { random, coverage } = liar
  const lot = random.below(30)
  // What is malformed costs the sender points, so it comes seldom: a liar that is shut out accuses nobody.
  if (lot === 0) {
    coverage.note(21, 'forged evidence sent')
    return [encodeEvidence(forged(liar, node))]
  }
  if (lot === 1) {
    coverage.note(21, 'evidence in the wrong order sent')
    return [encodeEvidence(swapped(ownDouble(liar, node)))]
  }
  if (lot < 5) {
    coverage.note(21, 'expired evidence sent')
    return [encodeEvidence(doubleVote(liar, { height: 0, round: random.below(9), validator: liar.authority as Address }))]
  }
  if (lot < 8) {
    coverage.note(21, 'evidence about no validator sent')
    const { address } = random.pick(liar.machine.parts.world.citizens)
    return [encodeEvidence(doubleVote(liar, { height: node.head().height, round: 0, validator: address }))]
  }
  if (lot < 17 && sent.length > 0) {
    coverage.note(21, 'evidence sent again')
    return [random.pick(sent), random.pick(sent)]
  }
  const isMember = node.head().set.validators.some(({ authority }) => authority === liar.authority)
  coverage.note(21, isMember ? 'true evidence sent' : 'evidence about a removed validator sent')
  const both = [ownDouble(liar, node), ownDouble(liar, node)].map(encodeEvidence)
  if (sent.length < REMEMBERED_MAX) sent.push(...both)
  return both
}

// Against itself: the one accusation that a liar can make true.
function ownDouble(liar: Liar, node: ChainNode): Evidence {
  const { random, forger } = liar
  const height = 1 + random.below(node.head().height)
  const round = random.below(40)
  if (random.chance(600_000)) return doubleVote(liar, { height, round, validator: liar.authority as Address })
  const proposer = liar.authority as Proposal['proposer']
  const one = (): Proposal => forger.proposal({ height, round, blockId: randomHash(random), validRound: -1, proposer })
  return duplicateProposalOf(one(), one()) ?? ownDouble(liar, node)
}

type Place = { readonly height: number; readonly round: number; readonly validator: Address }

function doubleVote(liar: Liar, { height, round, validator }: Place): Evidence {
  const { random, forger } = liar
  const type: Vote['type'] = random.chance(500_000) ? 'prevote' : 'precommit'
  const one = (): Vote => forger.vote({ type, height, round, blockId: randomHash(random), validRound: -1, validator })
  return duplicateVoteOf(one(), one()) ?? doubleVote(liar, { height, round, validator })
}

// In the name of another validator, under the liar's own signature.
function forged(liar: Liar, node: ChainNode): Evidence {
  const victims = node.head().set.validators.filter(({ authority }) => authority !== liar.authority)
  const { authority } = liar.random.pick(victims.length === 0 ? node.head().set.validators : victims)
  return doubleVote(liar, { height: node.head().height, round: 0, validator: authority })
}

function swapped(evidence: Evidence): Evidence {
  return { ...evidence, first: evidence.second, second: evidence.first } as Evidence
}

/** True for evidence against this authority. */
export function accuses(bytes: Uint8Array, authority: string): boolean {
  const evidence = decodeEvidence(bytes)
  return evidence !== null && offenceOf(evidence).validator === authority
}

/** The same block with evidence in it that may not stand there: forged, or one record twice. */
export function slanderousBlock(liar: Liar, node: ChainNode, compact: CompactBlock): CompactBlock {
  const true_ = encodeEvidence(ownDouble(liar, node))
  const evidence = liar.random.chance(500_000) ? [encodeEvidence(forged(liar, node))] : [true_, true_]
  return { ...compact, evidence, header: { ...compact.header, evidenceHash: evidenceHash(evidence) } }
}
