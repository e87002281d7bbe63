// Owns: a quorum's signatures over one vote content: commit certificates and polka certificates (consensus.md 1.4).
// Not here: who gathers the votes (consensus/vote-keeper.ts).
import { choice, list, struct } from '../codec/compound.ts'
import { bytes, fixedBytes, hash32, roundOrNone, u32, u53 } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { createHasher } from '../crypto/hash.ts'
import { LIMITS } from '../base/limits.ts'
import { ZERO_HASH } from '../base/ids.ts'
import type { Hash32 } from '../base/ids.ts'
import { must } from '../base/assert.ts'
import type { Validator, ValidatorSet } from './validator-set.ts'
import { VOTE_TYPES, consensusSigningBytes } from './vote.ts'
import type { Vote } from './vote.ts'

/** `bitmap`: ceil(n/8) bytes, bit i (most significant first) = validator i of the sorted set; signatures in that order. */
export const CertificateSchema = struct({
  type: choice(VOTE_TYPES),
  height: u53,
  round: u32,
  blockId: hash32,
  validRound: roundOrNone,
  bitmap: bytes(Math.ceil(LIMITS.validatorsMax / 8)),
  signatures: list(fixedBytes(64), LIMITS.validatorsMax),
})

/** Precommits make a commit certificate; prevotes with one `validRound` make a polka certificate. */
export type Certificate = Infer<typeof CertificateSchema>

/** Checks one Ed25519 signature by the strict rule; given by the caller, who may know the answer already. */
export type SignatureCheck = (check: { publicKey: Uint8Array; message: Uint8Array; signature: Uint8Array }) => boolean

const hashCertificate = createHasher('naru/certificate/v1')

/** Hash that a block's `lastCommitHash` holds; ZERO_HASH for the first block, which has no certificate below it. */
export function certificateHash(certificate: Certificate | null): Hash32 {
  return certificate === null ? ZERO_HASH : hashCertificate(encode(CertificateSchema, certificate))
}

/** Certificate of votes that all carry the same type, height, round, blockId and validRound. */
export function buildCertificate(set: ValidatorSet, votes: readonly Vote[]): Certificate {
  const first = must(votes[0], 'a certificate has votes')
  const byIndex = new Map(votes.map((vote) => [must(set.indexByAuthority.get(vote.validator), 'signer is a member'), vote]))
  const bitmap = new Uint8Array(Math.ceil(set.validators.length / 8))
  const signatures: Uint8Array[] = []
  for (let index = 0; index < set.validators.length; index++) {
    const vote = byIndex.get(index)
    if (vote === undefined) continue
    bitmap[index >> 3] = (bitmap[index >> 3] as number) | (0x80 >> (index & 7))
    signatures.push(vote.signature)
  }
  const { type, height, round, validRound } = first
  return { type, height, round, blockId: must(first.blockId, 'a certificate is for a block'), validRound, bitmap, signatures }
}

/** Members whose bit is set, in order; null when the bitmap does not fit the set. */
export function certificateSigners(set: ValidatorSet, certificate: Certificate): readonly Validator[] | null {
  const n = set.validators.length
  if (certificate.bitmap.length !== Math.ceil(n / 8)) return null
  const signers: Validator[] = []
  for (let index = 0; index < certificate.bitmap.length * 8; index++) {
    if (((certificate.bitmap[index >> 3] as number) & (0x80 >> (index & 7))) === 0) continue
    const validator = set.validators[index]
    if (validator === undefined) return null
    signers.push(validator)
  }
  return signers
}

/**
 * Null when the certificate proves a quorum of the set, else one sentence why not.
 * Bits equal signatures, no bit beyond the set, at least a quorum, and every signature valid.
 */
export function checkCertificate(verify: {
  chainId: string
  set: ValidatorSet
  certificate: Certificate
  checkSignature: SignatureCheck
}): string | null {
  const { chainId, set, certificate, checkSignature } = verify
  const signers = certificateSigners(set, certificate)
  if (signers === null) return 'the bitmap does not fit the validator set'
  if (signers.length !== certificate.signatures.length)
    return `${signers.length} bits but ${certificate.signatures.length} signatures`
  if (signers.length < set.quorum) return `${signers.length} signatures, ${set.quorum} needed`
  if (certificate.type === 'precommit' && certificate.validRound !== -1) return 'a precommit carries no valid round'
  if (certificate.validRound >= certificate.round) return 'the valid round is not below the round'
  const message = consensusSigningBytes(chainId, certificate.type, certificate)
  for (let i = 0; i < signers.length; i++) {
    const { publicKey, name } = signers[i] as Validator
    if (!checkSignature({ publicKey, message, signature: certificate.signatures[i] as Uint8Array }))
      return `the signature of ${name} is not valid`
  }
  return null
}
