import { describe, expect, test } from 'vitest'
import { LIMITS } from '../core/base/limits.ts'
import { ZERO_HASH, asAddress, asHash32 } from '../core/base/ids.ts'
import type { CompactBlock } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { Proposal, Vote } from '../core/chain/vote.ts'
import { VOTES_PER_FRAME_MAX, decodeConsensusMessage, encodeConsensusMessage } from './message.ts'
import type { ConsensusMessage } from './message.ts'
import { SUMMARY_BYTES_MAX, decodeSummary, encodeSummary } from './summary.ts'

const id = asHash32('ab'.repeat(32))
const who = asAddress('01'.repeat(20))
const vote: Vote = {
  type: 'prevote',
  height: 4,
  round: 2,
  blockId: null,
  validRound: -1,
  validator: who,
  signature: new Uint8Array(64).fill(7),
}
const proposal: Proposal = {
  height: 4,
  round: 2,
  blockId: id,
  validRound: 1,
  proposer: who,
  signature: new Uint8Array(64).fill(9),
}
const certificate: Certificate = {
  type: 'prevote',
  height: 4,
  round: 1,
  blockId: id,
  validRound: -1,
  bitmap: new Uint8Array(13).fill(255),
  signatures: Array.from({ length: LIMITS.validatorsMax }, () => new Uint8Array(64).fill(3)),
}
const block = (txs: number): CompactBlock => ({
  header: {
    version: 1,
    chainId: 'c'.repeat(LIMITS.chainIdCharsMax),
    height: 4,
    time: 1_700_000_000_000,
    parentId: id,
    lastCommitHash: id,
    txRoot: id,
    receiptsRoot: id,
    stateRoot: id,
    validatorsHash: id,
    nextValidatorsHash: id,
    paramsHash: id,
    evidenceHash: id,
    recoveryHash: ZERO_HASH,
    proposer: who,
    txCount: txs,
    bodyBytes: 1,
  },
  lastCommit: certificate,
  evidence: [],
  txIds: Array.from({ length: txs }, () => id),
})

describe('a consensus frame', () => {
  const messages: readonly ConsensusMessage[] = [
    { kind: 'proposal', proposal, polka: certificate, block: block(3) },
    { kind: 'proposal', proposal: { ...proposal, validRound: -1 }, polka: null, block: null },
    { kind: 'vote', vote },
    { kind: 'votes', votes: [vote, { ...vote, type: 'precommit', blockId: id }] },
    { kind: 'polka', certificate },
    { kind: 'commit', certificate: { ...certificate, type: 'precommit' } },
  ]
  test.each(messages)('$kind comes back as it was sent', (message) => {
    expect(decodeConsensusMessage(encodeConsensusMessage(message))).toEqual(message)
  })

  test('holds the proposal of the largest block, with its polka and last commit', () => {
    const message: ConsensusMessage = { kind: 'proposal', proposal, polka: certificate, block: block(LIMITS.blockTxsMax) }
    expect(encodeConsensusMessage(message).length).toBeLessThanOrEqual(LIMITS.consensusFrameBytesMax)
  })

  test('holds at most 256 votes', () => {
    const votes = Array.from({ length: VOTES_PER_FRAME_MAX + 1 }, () => vote)
    expect(() => encodeConsensusMessage({ kind: 'votes', votes })).toThrow('at most 256 items')
    expect(encodeConsensusMessage({ kind: 'votes', votes: votes.slice(1) }).length).toBeLessThan(64 * 1024)
  })

  test('with bytes behind it, cut short, of an unknown kind or too long is refused', () => {
    const bytes = encodeConsensusMessage({ kind: 'vote', vote })
    expect(() => decodeConsensusMessage(new Uint8Array([...bytes, 0]))).toThrow()
    expect(() => decodeConsensusMessage(bytes.slice(0, -1))).toThrow()
    const unknown = bytes.slice()
    unknown[1] = 9
    expect(() => decodeConsensusMessage(unknown)).toThrow('a known kind')
    expect(() => decodeConsensusMessage(new Uint8Array(LIMITS.consensusFrameBytesMax + 1))).toThrow()
  })
})

test('the largest summary fits its bound and comes back as it was', () => {
  const bitmap = new Uint8Array(13).fill(255)
  const summary = {
    height: Number.MAX_SAFE_INTEGER,
    round: 0xffffffff,
    step: 'precommit' as const,
    validRound: 0xfffffffe,
    prevotes: bitmap,
    precommits: bitmap,
    hasProposal: true,
  }
  const bytes = encodeSummary(summary)
  expect(bytes.length).toBeLessThan(SUMMARY_BYTES_MAX)
  expect(decodeSummary(bytes)).toEqual(summary)
})
