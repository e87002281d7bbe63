// Owns: signing proposals and votes: guard, signature, durable journal, in that order (W2-W4).
// Not here: the guard's rule (storage/sign-guard.ts).
import { must } from '../core/base/assert.ts'
import { equalBytes } from '../core/base/bytes.ts'
import type { Address, Height, Round } from '../core/base/ids.ts'
import { asHash32 } from '../core/base/ids.ts'
import { SIGN_STEPS, consensusSigningBytes, readSignedContent } from '../core/chain/vote.ts'
import type { Proposal, UnsignedProposal, UnsignedVote, Vote } from '../core/chain/vote.ts'
import type { Signer } from '../core/crypto/ed25519-rule.ts'
import { decideSign } from './storage/sign-guard.ts'
import type { Journal } from './storage/journal.ts'
import type { SignedRecord, SignState } from './storage/sign-state.ts'
import type { SignedBefore } from '../consensus/input.ts'

/** Whose key signs for which chain, over which journal; `conflict` marks a refusal that would be a double signature. */
export type SignerParts = {
  readonly chainId: string
  readonly authority: Address
  readonly key: Signer
  readonly journal: Journal
  readonly onRefused: (reason: string, conflict: boolean) => void
  /** The round in which a height begins; rounds below it, and locks of them, are void (G11). 0 unless given. */
  readonly firstRoundOf?: (height: Height) => Round
}

/** Signs what consensus asks for, or answers null when the guard refuses. Throws JOURNAL_IO: then nothing left the process. */
export type ConsensusSigner = {
  readonly authority: Address
  readonly signProposal: (proposal: UnsignedProposal) => Proposal | null
  readonly signVote: (vote: UnsignedVote) => Vote | null
  /** What the journal holds of a height, for a machine that starts in the middle of it. */
  readonly signedBefore: (height: Height) => SignedBefore | null
  /** True when a verified message under our key was not made by this journal: another process signs with it (doctor: twin). */
  readonly isForeign: (kind: keyof typeof SIGN_STEPS, message: Proposal | Vote) => boolean
}

/** Builds the signer over an open journal. */
export function createConsensusSigner(parts: SignerParts): ConsensusSigner {
  const firstRoundOf = parts.firstRoundOf ?? (() => 0)
  const sign = (kind: keyof typeof SIGN_STEPS, content: UnsignedProposal | UnsignedVote): Uint8Array | null => {
    const signBytes = consensusSigningBytes(parts.chainId, kind, content)
    const { height, round, validRound, blockId } = content
    const step = SIGN_STEPS[kind]
    const request = { height, round, step, blockIdHex: blockId, validRound, signBytes, firstRound: firstRoundOf(height) }
    const decision = decideSign(parts.journal.state(), request)
    if (decision.kind === 'resend') return decision.signature
    if (decision.kind === 'refuse') {
      parts.onRefused(`${kind}: ${decision.reason}`, decision.conflict)
      return null
    }
    const signature = parts.key.sign(signBytes)
    parts.journal.record({ height, round, step, blockIdHex: blockId, signBytes, signature })
    return signature
  }
  return {
    authority: parts.authority,
    signProposal(proposal) {
      const signature = sign('proposal', proposal)
      return signature === null ? null : { ...proposal, signature }
    },
    signVote(vote) {
      const signature = sign(vote.type, vote)
      return signature === null ? null : { ...vote, signature }
    },
    signedBefore: (height) => signedBefore(parts.journal.state(), parts.authority, { height, firstRound: firstRoundOf(height) }),
    isForeign(kind, message) {
      const signBytes = consensusSigningBytes(parts.chainId, kind, message)
      return isForeignTo(parts.journal.state(), SIGN_STEPS[kind], message, signBytes)
    },
  }
}

function isForeignTo(state: SignState, step: number, message: Proposal | Vote, signBytes: Uint8Array): boolean {
  const { height, round } = message
  const stored = [state.last, state.proposal, state.prevote, state.precommit].find(
    (record) => record !== null && record.height === height && record.round === round && record.step === step,
  )
  if (stored !== null && stored !== undefined) return !equalBytes(stored.signBytes, signBytes)
  // A raised floor says that signatures up to it may have been made that this journal no longer knows (W8): they may be ours.
  if (height <= state.floorHeight) return false
  const last = state.last
  if (last === null) return true
  // Older rounds are not kept; only what lies beyond our last signature is surely not ours.
  return height > last.height || (height === last.height && (round > last.round || (round === last.round && step > last.step)))
}

function signedBefore(state: SignState, authority: Address, at: { height: Height; firstRound: Round }): SignedBefore | null {
  if (state.last === null || state.last.height !== at.height) return null
  const counts = (record: SignedRecord | null): record is SignedRecord => record !== null && record.round >= at.firstRound
  const { lastLock, proposal, prevote, precommit } = state
  const isLocked = counts(lastLock)
  return {
    lockedRound: isLocked ? lastLock.round : -1,
    lockedId: isLocked && lastLock.blockIdHex !== null ? asHash32(lastLock.blockIdHex) : null,
    proposal: counts(proposal) ? proposalOf(proposal, authority) : null,
    prevote: counts(prevote) ? voteOf('prevote', prevote, authority) : null,
    precommit: counts(precommit) ? voteOf('precommit', precommit, authority) : null,
  }
}

function voteOf(type: Vote['type'], record: SignedRecord, validator: Address): Vote {
  return { type, ...readSignedContent(record.signBytes), validator, signature: record.signature }
}

function proposalOf(record: SignedRecord, proposer: Address): Proposal {
  const content = readSignedContent(record.signBytes)
  return { ...content, blockId: must(content.blockId, 'a proposal names a block'), proposer, signature: record.signature }
}
