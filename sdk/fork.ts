// Owns: two final headers of one height as evidence, and who can be named by it, with no node.
// Not here: noticing them (light-client.ts), what a chain does to those who are named (governance).
import type { Height } from '../core/base/ids.ts'
import { blockIdOf } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import { certificateSigners, checkCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { Validator, ValidatorSet } from '../core/chain/validator-set.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { checkFinality } from './finality.ts'
import type { Trust } from './trust.ts'

/** A header with the certificate that makes it final. */
export type FinalHeader = { readonly header: Header; readonly commit: Certificate }

/** Two different final headers of one height: more than a third of the validators broke the rules. */
export type ForkEvidence = { readonly height: Height; readonly first: FinalHeader; readonly second: FinalHeader }

/** A validator and how it is proven: two signatures for one step, or a prevote against its own precommit (ADR 0018). */
export type Culprit = { readonly validator: Validator; readonly kind: 'duplicateVote' | 'amnesia' }

/** Who is proven, and who signed both certificates in different rounds, which an honest validator may have done. */
export type Culprits = { readonly proven: readonly Culprit[]; readonly suspects: readonly Validator[] }

/** Null when both headers are final under the trusted set and differ, else one sentence why they are no evidence. */
export function checkFork(trust: Trust, { height, first, second }: ForkEvidence): string | null {
  if (first.header.height !== height || second.header.height !== height) return 'the headers are not of the height named'
  if (blockIdOf(first.header) === blockIdOf(second.header)) return 'both headers are the same block'
  for (const { header, commit } of [first, second]) {
    const fault = checkFinality(trust, header, commit)
    if (fault !== null) return fault
  }
  return null
}

/**
 * Names those who must have broken the rules. Two certificates of one round name everyone in both. Of different rounds they need
 * the polkas between: a prevote for the later block that passes over the earlier precommit of the same key. Polkas that do not
 * verify are left out. Call after `checkFork`.
 */
export function culpritsOf(trust: Trust, evidence: ForkEvidence, polkas: readonly Certificate[] = []): Culprits {
  const [early, late] =
    evidence.first.commit.round <= evidence.second.commit.round
      ? [evidence.first.commit, evidence.second.commit]
      : [evidence.second.commit, evidence.first.commit]
  const { set } = trust
  const both = inBoth(set, early, late)
  if (early.round === late.round) return { proven: both.map((validator) => ({ validator, kind: 'duplicateVote' })), suspects: [] }
  const sound = polkas.filter((polka) => isPolka(trust, polka, evidence.height))
  const proven = new Map<Validator, Culprit['kind']>()
  for (const polka of sound) {
    const isPair = polka.round > early.round && polka.validRound < early.round && polka.blockId !== early.blockId
    if (isPair) for (const validator of inBoth(set, early, polka)) proven.set(validator, 'amnesia')
    for (const other of sound) {
      const isDouble = other.round === polka.round && (other.blockId !== polka.blockId || other.validRound !== polka.validRound)
      if (isDouble) for (const validator of inBoth(set, polka, other)) proven.set(validator, 'duplicateVote')
    }
  }
  return {
    proven: [...proven].map(([validator, kind]) => ({ validator, kind })),
    suspects: both.filter((validator) => !proven.has(validator)),
  }
}

function isPolka({ chainId, set }: Trust, polka: Certificate, height: Height): boolean {
  if (polka.type !== 'prevote' || polka.height !== height) return false
  return checkCertificate({ chainId, set, certificate: polka, checkSignature: verifySignature }) === null
}

function inBoth(set: ValidatorSet, a: Certificate, b: Certificate): readonly Validator[] {
  const others = new Set(certificateSigners(set, b) ?? [])
  return (certificateSigners(set, a) ?? []).filter((validator) => others.has(validator))
}
