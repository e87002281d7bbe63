import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountOf, signerOf } from '../../test/room-bench.ts'
import { signedProposal, signedVote, someBlock } from '../../test/helpers/offences.ts'
import { verifySignature } from '../crypto/keys.ts'
import { encode } from '../codec/schema.ts'
import { LIMITS } from '../base/limits.ts'
import {
  EvidenceSchema,
  amnesiaOf,
  conflictOf,
  decodeEvidence,
  duplicateProposalOf,
  duplicateVoteOf,
  encodeEvidence,
  isSignedBy,
  offenceId,
  offenceOf,
} from './evidence.ts'
import type { Evidence } from './evidence.ts'

const chainId = 'naru-bench'
const key = signerOf('consensus-v1')
const v1 = { chainId, authority: accountOf('v1'), key }
const [one, two] = [someBlock('1'), someBlock('2')]
const must = (evidence: Evidence | null): Evidence => {
  if (evidence === null) throw new Error('no evidence')
  return evidence
}

describe('a pair of votes', () => {
  it.each([
    ['two blocks', signedVote(v1), signedVote(v1, { blockId: two })],
    ['a block and nil', signedVote(v1), signedVote(v1, { blockId: null })],
    [
      'two valid rounds',
      signedVote(v1, { type: 'prevote', round: 3, validRound: 1 }),
      signedVote(v1, { type: 'prevote', round: 3, validRound: 2 }),
    ],
  ])('of %s is evidence in one encoding, whichever came first', (_name, a, b) => {
    const evidence = must(duplicateVoteOf(a, b))
    expect(must(duplicateVoteOf(b, a))).toEqual(evidence)
    expect(decodeEvidence(encodeEvidence(evidence))).toEqual(evidence)
    expect(encodeEvidence(evidence).length).toBeLessThan(LIMITS.evidenceBytesMax)
    expect(isSignedBy(evidence, { chainId, publicKey: key.publicKey, checkSignature: verifySignature })).toBe(true)
    expect(isSignedBy(evidence, { chainId: 'naru-other', publicKey: key.publicKey, checkSignature: verifySignature })).toBe(false)
    const other = signerOf('consensus-v2').publicKey
    expect(isSignedBy(evidence, { chainId, publicKey: other, checkSignature: verifySignature })).toBe(false)
    expect(offenceOf(evidence)).toEqual({ validator: v1.authority, height: 7, round: a.round, offence: a.type })
  })

  it.each([
    ['the same vote', signedVote(v1), signedVote(v1)],
    ['two rounds', signedVote(v1), signedVote(v1, { round: 1, blockId: two })],
    ['two heights', signedVote(v1), signedVote(v1, { height: 8, blockId: two })],
    ['a prevote and a precommit', signedVote(v1), signedVote(v1, { type: 'prevote', blockId: two })],
    ['two validators', signedVote(v1), signedVote({ ...v1, authority: accountOf('v2') }, { blockId: two })],
  ])('of %s is none', (_name, a, b) => {
    expect(duplicateVoteOf(a, b)).toBeNull()
  })

  it('in the wrong order is not canonical', () => {
    const { first, second } = must(duplicateVoteOf(signedVote(v1), signedVote(v1, { blockId: two })))
    const swapped = { kind: 'duplicateVote', first: second, second: first } as Evidence
    expect(conflictOf(swapped)).toBe('the two messages stand in the wrong order')
  })
})

describe('a pair of proposals', () => {
  it('of one round is evidence, also for one block with two valid rounds', () => {
    const blocks = must(duplicateProposalOf(signedProposal(v1, { blockId: two }), signedProposal(v1)))
    expect(offenceOf(blocks).offence).toBe('proposal')
    expect(isSignedBy(blocks, { chainId, publicKey: key.publicKey, checkSignature: verifySignature })).toBe(true)
    expect(duplicateProposalOf(signedProposal(v1, { round: 2 }), signedProposal(v1, { round: 2, validRound: 1 }))).not.toBeNull()
  })

  it('sent twice or for two rounds is none', () => {
    expect(duplicateProposalOf(signedProposal(v1), signedProposal(v1))).toBeNull()
    expect(duplicateProposalOf(signedProposal(v1), signedProposal(v1, { round: 1, blockId: two }))).toBeNull()
  })
})

describe('a precommit and a later prevote', () => {
  const locked = signedVote(v1, { round: 1 })

  it('for another block below whose valid round the lock lies is amnesia', () => {
    const forgot = must(amnesiaOf(locked, signedVote(v1, { type: 'prevote', round: 3, blockId: two, validRound: 0 })))
    expect(offenceOf(forgot)).toEqual({ validator: v1.authority, height: 7, round: 3, offence: 'amnesia' })
    expect(isSignedBy(forgot, { chainId, publicKey: key.publicKey, checkSignature: verifySignature })).toBe(true)
  })

  it.each([
    ['a newer polka released the lock', { round: 3, blockId: two, validRound: 1 }],
    ['both votes are for one block', { round: 3, blockId: one, validRound: -1 }],
    ['a nil vote contradicts no lock', { round: 3, blockId: null, validRound: -1 }],
    ['the prevote does not come after the precommit', { round: 1, blockId: two, validRound: 0 }],
  ])('prove nothing where %s', (reason, over) => {
    const prevote = signedVote(v1, { type: 'prevote', ...over })
    expect(amnesiaOf(locked, prevote)).toBeNull()
    expect(conflictOf({ kind: 'amnesia', first: locked, second: prevote })).toBe(reason)
  })
})

describe('an offence', () => {
  it('has one id whatever pair of three votes shows it', () => {
    const votes = [signedVote(v1), signedVote(v1, { blockId: two }), signedVote(v1, { blockId: null })] as const
    const pairs = [must(duplicateVoteOf(votes[0], votes[1])), must(duplicateVoteOf(votes[1], votes[2]))]
    expect(new Set(pairs.map((pair) => offenceId(offenceOf(pair)))).size).toBe(1)
    expect(
      offenceId(offenceOf(must(duplicateVoteOf(signedVote(v1, { round: 1 }), signedVote(v1, { round: 1, blockId: two }))))),
    ).not.toBe(offenceId(offenceOf(pairs[0] as Evidence)))
  })
})

describe('bytes from outside', () => {
  it('never throw, and are evidence only in their one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const evidence = decodeEvidence(bytes)
        expect(evidence === null || encode(EvidenceSchema, evidence).length === bytes.length).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('with a flipped bit are either no evidence or not signed by the accused', () => {
    const bytes = encodeEvidence(must(duplicateVoteOf(signedVote(v1), signedVote(v1, { blockId: two }))))
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.slice()
      altered[at] = (altered[at] as number) ^ 1
      const evidence = decodeEvidence(altered)
      const proves =
        evidence !== null &&
        conflictOf(evidence) === null &&
        offenceOf(evidence).validator === v1.authority &&
        isSignedBy(evidence, { chainId, publicKey: key.publicKey, checkSignature: verifySignature })
      expect(proves, `bit of byte ${at}`).toBe(false)
    }
  })
})
