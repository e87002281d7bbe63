// Owns: whether a header is final under trusted validators.
// Not here: where trust comes from (trust.ts), what a header proves (verify.ts).
import { blockIdOf, BLOCK_VERSION } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import { checkCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { verifySignature } from '../core/crypto/keys.ts'

/** Null when more than two thirds of the set precommitted this very header on this chain, else one sentence why not. */
export function checkFinality(trust: { chainId: string; set: ValidatorSet }, header: Header, commit: Certificate): string | null {
  const { chainId, set } = trust
  if (header.version !== BLOCK_VERSION) return `the header has version ${header.version}, this program knows ${BLOCK_VERSION}`
  if (header.chainId !== chainId) return `the header is of chain ${header.chainId}, trusted is ${chainId}`
  if (header.validatorsHash !== set.hash) return 'the header names other validators than the trusted ones'
  if (commit.type !== 'precommit') return 'the certificate holds prevotes, which make nothing final'
  if (commit.height !== header.height) return `the certificate is for height ${commit.height}, the header has ${header.height}`
  if (commit.blockId !== blockIdOf(header)) return 'the certificate is for another block'
  return checkCertificate({ chainId, set, certificate: commit, checkSignature: verifySignature })
}
