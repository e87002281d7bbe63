// Owns: evidence as a record: two signed messages of one key that an honest key never makes (consensus.md 4, G8), what it is
// about, and whether it proves anything. Not here: finding it (consensus/evidence.ts), what follows from it (modules/governance).
import { choice, struct, union } from '../codec/compound.ts'
import { address, u32, u53 } from '../codec/fields.ts'
import { decode, encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { CodecError } from '../base/errors.ts'
import { compareText } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import type { Hash32 } from '../base/ids.ts'
import { createHasher } from '../crypto/hash.ts'
import type { SignatureCheck } from './certificate.ts'
import { ProposalSchema, VoteSchema, consensusSigningBytes, signerOf } from './vote.ts'
import type { Proposal, Vote } from './vote.ts'

/** The two messages of a pair stand in one order (`isInOrder`), so that one pair has one encoding. */
export const EvidenceSchema = union({
  duplicateVote: [1, struct({ first: VoteSchema, second: VoteSchema })],
  duplicateProposal: [2, struct({ first: ProposalSchema, second: ProposalSchema })],
  /** First the precommit, second the later prevote. */
  amnesia: [3, struct({ first: VoteSchema, second: VoteSchema })],
})

/** What a pair of messages proves. */
export type Evidence = Infer<typeof EvidenceSchema>
/** The kinds of evidence by name. */
export type EvidenceKind = Evidence['kind']

/** What a validator did wrong at one place; amnesia stands at the round of its prevote. */
export const OFFENCES = { proposal: 1, prevote: 2, precommit: 3, amnesia: 4 } as const
/** The place of an offence: the same validator, height, round and offence is recorded once, whatever pair shows it. */
export const OffenceSchema = struct({ validator: address, height: u53, round: u32, offence: choice(OFFENCES) })
/** See OffenceSchema. */
export type Offence = Infer<typeof OffenceSchema>

const hashOffence = createHasher('naru/offence/v1')

/** Bytes of evidence as they stand in a block. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  return encode(EvidenceSchema, evidence)
}

/** Evidence of bytes from outside; null when they are not its canonical form within the bound. */
export function decodeEvidence(bytes: Uint8Array): Evidence | null {
  try {
    return decode(EvidenceSchema, bytes, LIMITS.evidenceBytesMax)
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}

/** What evidence is about. */
export function offenceOf(evidence: Evidence): Offence {
  const last = evidence.kind === 'amnesia' ? evidence.second : evidence.first
  const offence = evidence.kind === 'amnesia' ? 'amnesia' : evidence.kind === 'duplicateVote' ? evidence.first.type : 'proposal'
  return { validator: signerOf(last), height: last.height, round: last.round, offence }
}

/** Id of an offence, under which its evidence is recorded. */
export function offenceId(offence: Offence): Hash32 {
  return hashOffence(encode(OffenceSchema, offence))
}

/** Evidence of two different votes of one key for one round and type; null when they are no such pair. */
export function duplicateVoteOf(a: Vote, b: Vote): Evidence | null {
  const [first, second] = isInOrder(a, b) ? [a, b] : [b, a]
  const evidence: Evidence = { kind: 'duplicateVote', first, second }
  return conflictOf(evidence) === null ? evidence : null
}

/** Evidence of two different proposals of one key for one round; null when they are no such pair. */
export function duplicateProposalOf(a: Proposal, b: Proposal): Evidence | null {
  const [first, second] = isInOrder(a, b) ? [a, b] : [b, a]
  const evidence: Evidence = { kind: 'duplicateProposal', first, second }
  return conflictOf(evidence) === null ? evidence : null
}

/**
 * Evidence of a precommit for a block and a later prevote for another block whose valid round lies below that precommit, by one
 * key; null when they are no such pair. Sound because an honest key follows the strict lock rule (1.2).
 */
export function amnesiaOf(precommit: Vote, prevote: Vote): Evidence | null {
  const evidence: Evidence = { kind: 'amnesia', first: precommit, second: prevote }
  return conflictOf(evidence) === null ? evidence : null
}

/** Null when the two messages contradict each other, whoever signed them, else one sentence why they do not. */
export function conflictOf(evidence: Evidence): string | null {
  if (evidence.kind === 'amnesia') return amnesiaConflict(evidence.first, evidence.second)
  const { first, second } = evidence
  const isSamePlace = signerOf(first) === signerOf(second) && first.height === second.height && first.round === second.round
  if (!isSamePlace) return 'the two messages are of different validators, heights or rounds'
  if (evidence.kind === 'duplicateVote' && evidence.first.type !== evidence.second.type)
    return 'a prevote and a precommit are no pair'
  if (first.blockId === second.blockId && first.validRound === second.validRound) return 'the two messages say the same'
  return isInOrder(first, second) ? null : 'the two messages stand in the wrong order'
}

function amnesiaConflict(precommit: Vote, prevote: Vote): string | null {
  if (precommit.type !== 'precommit' || prevote.type !== 'prevote') return 'amnesia is a precommit and a later prevote'
  if (precommit.validator !== prevote.validator || precommit.height !== prevote.height)
    return 'the two messages are of different validators or heights'
  if (precommit.blockId === null || prevote.blockId === null) return 'a nil vote contradicts no lock'
  if (precommit.blockId === prevote.blockId) return 'both votes are for one block'
  if (precommit.round >= prevote.round) return 'the prevote does not come after the precommit'
  return prevote.validRound < precommit.round ? null : 'a newer polka released the lock'
}

// By block id, nil first, then by valid round.
function isInOrder(first: Proposal | Vote, second: Proposal | Vote): boolean {
  const byBlock = compareText(first.blockId ?? '', second.blockId ?? '')
  return byBlock === 0 ? first.validRound < second.validRound : byBlock < 0
}

/** True when this key signed both messages. */
export function isSignedBy(
  evidence: Evidence,
  by: { chainId: string; publicKey: Uint8Array; checkSignature: SignatureCheck },
): boolean {
  const { chainId, publicKey, checkSignature } = by
  return [evidence.first, evidence.second].every((said) => {
    const message = consensusSigningBytes(chainId, 'proposer' in said ? 'proposal' : said.type, said)
    return checkSignature({ publicKey, message, signature: said.signature })
  })
}
