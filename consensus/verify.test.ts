import { describe, expect, test } from 'vitest'
import { asAddress, asHash32 } from '../core/base/ids.ts'
import { buildCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { createSigner, publicKeyOf, verifySignature } from '../core/crypto/keys.ts'
import { verifyCommit, verifyInput, verifyPolka, verifyProposal, verifyVote } from './verify.ts'

const CHAIN_ID = 'verify-test'
const BLOCK = asHash32('ab'.repeat(32))
const seeds = [1, 2, 3, 4, 5].map((n) => new Uint8Array(32).fill(n))
const authorities = [1, 2, 3, 4, 5].map((n) => asAddress(`0${n}`.repeat(20)))
const set = buildValidatorSet(
  [0, 1, 2, 3].map((i) => ({
    authority: authorities[i] ?? asAddress(''),
    publicKey: publicKeyOf(seeds[i] ?? new Uint8Array()),
    name: `v${i}`,
    peerId: `peer${i}`,
    addresses: [],
  })),
)
const common = { chainId: CHAIN_ID, set, checkSignature: verifySignature }

function signedVote(by: number, change: Partial<Vote> = {}, chainId = CHAIN_ID): Vote {
  const validator = authorities[by] ?? asAddress('')
  const vote = { type: 'prevote' as const, height: 4, round: 2, blockId: BLOCK, validRound: -1, validator, ...change }
  const signature = createSigner(seeds[by] ?? new Uint8Array()).sign(consensusSigningBytes(chainId, vote.type, vote))
  return { ...vote, signature }
}

function signedProposal(by: number, change: Partial<Proposal> = {}): Proposal {
  const proposal = { height: 4, round: 2, blockId: BLOCK, validRound: -1, proposer: authorities[by] ?? asAddress(''), ...change }
  const signature = createSigner(seeds[by] ?? new Uint8Array()).sign(consensusSigningBytes(CHAIN_ID, 'proposal', proposal))
  return { ...proposal, signature }
}

function certificate(type: 'prevote' | 'precommit', signers: readonly number[]): Certificate {
  return buildCertificate(
    set,
    signers.map((by) => signedVote(by, { type })),
  )
}

describe('a proposal', () => {
  test('of the right proposer with a valid signature is accepted', () => {
    expect(verifyProposal({ ...common, message: signedProposal(2) })).toBeNull()
    expect(verifyProposal({ ...common, message: signedProposal(2, { validRound: 1 }) })).toBeNull()
  })

  test('of a member whose turn it is not is refused', () => {
    expect(verifyProposal({ ...common, message: signedProposal(1) })).toBe('the proposer of height 4 round 2 is v2')
  })

  test('with a valid round that is not below its round is refused', () => {
    expect(verifyProposal({ ...common, message: signedProposal(2, { validRound: 2 }) })).toBe(
      'the valid round is not below the round',
    )
  })

  test('altered after signing is refused', () => {
    const message = { ...signedProposal(2), validRound: 0 }
    expect(verifyProposal({ ...common, message })).toBe('the signature of v2 is not valid')
  })
})

describe('a vote', () => {
  test('of a member in its one form is accepted', () => {
    expect(verifyVote({ ...common, message: signedVote(0) })).toBeNull()
    expect(verifyVote({ ...common, message: signedVote(1, { validRound: 1 }) })).toBeNull()
    expect(verifyVote({ ...common, message: signedVote(2, { blockId: null }) })).toBeNull()
    expect(verifyVote({ ...common, message: signedVote(3, { type: 'precommit' }) })).toBeNull()
  })

  test('of a stranger is refused', () => {
    expect(verifyVote({ ...common, message: signedVote(4) })).toBe(`${authorities[4]} is no validator at height 4`)
  })

  test('in another form is refused', () => {
    const precommit = signedVote(0, { type: 'precommit', validRound: 0 })
    expect(verifyVote({ ...common, message: precommit })).toBe('a precommit carries no valid round')
    const nil = signedVote(0, { blockId: null, validRound: 0 })
    expect(verifyVote({ ...common, message: nil })).toBe('a nil prevote carries no valid round')
    expect(verifyVote({ ...common, message: signedVote(0, { validRound: 2 }) })).toBe('the valid round is not below the round')
  })

  test('signed for another chain or as another type or by another key is refused', () => {
    const reason = 'the signature of v0 is not valid'
    expect(verifyVote({ ...common, message: signedVote(0, {}, 'other-chain') })).toBe(reason)
    expect(verifyVote({ ...common, message: { ...signedVote(0), type: 'precommit' } })).toBe(reason)
    expect(verifyVote({ ...common, message: { ...signedVote(0), signature: signedVote(1).signature } })).toBe(reason)
  })
})

describe('a certificate', () => {
  test('of a quorum is accepted for what it is', () => {
    expect(verifyPolka({ ...common, message: certificate('prevote', [0, 1, 3]) })).toBeNull()
    expect(verifyCommit({ ...common, message: certificate('precommit', [0, 1, 2, 3]) })).toBeNull()
  })

  test('is not taken for the other kind', () => {
    expect(verifyPolka({ ...common, message: certificate('precommit', [0, 1, 2]) })).toBe('a polka consists of prevotes')
    expect(verifyCommit({ ...common, message: certificate('prevote', [0, 1, 2]) })).toBe('a commit consists of precommits')
  })

  test('one signature short, with a bad one among good ones, or with a bit beyond the set is refused', () => {
    expect(verifyCommit({ ...common, message: certificate('precommit', [0, 1]) })).toBe('2 signatures, 3 needed')
    const good = certificate('precommit', [0, 1, 2, 3])
    const spoiled = good.signatures.map((signature, i) => (i === 3 ? signedVote(0).signature : signature))
    expect(verifyCommit({ ...common, message: { ...good, signatures: spoiled } })).toBe('the signature of v3 is not valid')
    expect(verifyCommit({ ...common, message: { ...good, bitmap: new Uint8Array([0xf8]) } })).toBe(
      'the bitmap does not fit the validator set',
    )
    expect(verifyCommit({ ...common, message: { ...good, round: 3 } })).toBe('the signature of v0 is not valid')
  })
})

test('an input is judged by what it brings', () => {
  expect(verifyInput({ ...common, message: { kind: 'proposal', proposal: signedProposal(2), timely: true } })).toBeNull()
  expect(verifyInput({ ...common, message: { kind: 'vote', vote: signedVote(0) } })).toBeNull()
  expect(verifyInput({ ...common, message: { kind: 'polka', certificate: certificate('prevote', [0, 1, 2]) } })).toBeNull()
  expect(verifyInput({ ...common, message: { kind: 'commit', certificate: certificate('prevote', [0, 1, 2]) } })).not.toBeNull()
})
