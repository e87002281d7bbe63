// Owns: what must hold of a received message before it becomes an input: membership, proposer, valid round, signature.
// Not here: the signature rule itself (given as SignatureCheck), what the machine makes of the message (machine.ts).
// The host calls these right before `step`, with the set of the message's own height.
import { checkCertificate } from '../core/chain/certificate.ts'
import type { Certificate, SignatureCheck } from '../core/chain/certificate.ts'
import { proposerOf, validatorOf } from '../core/chain/validator-set.ts'
import type { Validator, ValidatorSet } from '../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import type { MessageInput } from './input.ts'

/** A message with what is needed to judge it; `set` is the set of the message's height. */
export type Verification<T> = {
  readonly chainId: string
  readonly set: ValidatorSet
  readonly message: T
  readonly checkSignature: SignatureCheck
}

/** Null when the right proposer of the round signed this proposal, else one sentence why not. */
export function verifyProposal({ chainId, set, message, checkSignature }: Verification<Proposal>): string | null {
  const expected = proposerOf(set, message)
  if (message.proposer !== expected.authority)
    return `the proposer of height ${message.height} round ${message.round} is ${expected.name}`
  if (message.validRound < -1 || message.validRound >= message.round) return 'the valid round is not below the round'
  const signed = consensusSigningBytes(chainId, 'proposal', message)
  return checkOf(checkSignature, expected, signed, message.signature)
}

/** Null when a member signed this vote in its one allowed form, else one sentence why not. */
export function verifyVote({ chainId, set, message, checkSignature }: Verification<Vote>): string | null {
  const signer = validatorOf(set, message.validator)
  if (signer === null) return `${message.validator} is no validator at height ${message.height}`
  if (message.type === 'precommit' && message.validRound !== -1) return 'a precommit carries no valid round'
  if (message.blockId === null && message.validRound !== -1) return 'a nil prevote carries no valid round'
  if (message.validRound < -1 || message.validRound >= message.round) return 'the valid round is not below the round'
  const signed = consensusSigningBytes(chainId, message.type, message)
  return checkOf(checkSignature, signer, signed, message.signature)
}

/** Null when the certificate proves a polka, else one sentence why not. */
export function verifyPolka({ chainId, set, message, checkSignature }: Verification<Certificate>): string | null {
  if (message.type !== 'prevote') return 'a polka consists of prevotes'
  return checkCertificate({ chainId, set, certificate: message, checkSignature })
}

/** Null when the certificate proves a commit, else one sentence why not. */
export function verifyCommit({ chainId, set, message, checkSignature }: Verification<Certificate>): string | null {
  if (message.type !== 'precommit') return 'a commit consists of precommits'
  return checkCertificate({ chainId, set, certificate: message, checkSignature })
}

/** Null when whatever the input brings may be handed to the machine, else one sentence why not. */
export function verifyInput(verification: Verification<MessageInput>): string | null {
  const { message: input } = verification
  switch (input.kind) {
    case 'proposal':
      return verifyProposal({ ...verification, message: input.proposal })
    case 'vote':
      return verifyVote({ ...verification, message: input.vote })
    case 'polka':
      return verifyPolka({ ...verification, message: input.certificate })
    case 'commit':
      return verifyCommit({ ...verification, message: input.certificate })
  }
}

function checkOf(checkSignature: SignatureCheck, signer: Validator, message: Uint8Array, signature: Uint8Array): string | null {
  const { publicKey, name } = signer
  return checkSignature({ publicKey, message, signature }) ? null : `the signature of ${name} is not valid`
}
