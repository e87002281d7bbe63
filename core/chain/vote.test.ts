// Owns: what is signed in proposals and votes, and their bytes. Not here: who may vote when (consensus).
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8ToBytes } from '../base/bytes.ts'
import { CodecError } from '../base/errors.ts'
import { asAddress, asHash32 } from '../base/ids.ts'
import { decode, encode } from '../codec/schema.ts'
import { consensusSigningBytes, ProposalSchema, readSignedContent, signerOf, VoteSchema } from './vote.ts'
import type { Proposal, Vote, VoteContent } from './vote.ts'

const BLOCK = asHash32('ab'.repeat(32))
const CONTENT: VoteContent = { height: 5, round: 2, blockId: BLOCK, validRound: 1 }
const VALIDATOR = asAddress('11'.repeat(20))
const VOTE: Vote = { type: 'prevote', ...CONTENT, validator: VALIDATOR, signature: new Uint8Array(64) }
const PROPOSAL: Proposal = { ...CONTENT, blockId: BLOCK, proposer: VALIDATOR, signature: new Uint8Array(64) }

describe('the bytes that a validator signs', () => {
  it('hold tag, chain, height, round, block and valid round', () => {
    const tuple = fromHex(`95a46e617275d3000000000000000502c420${BLOCK}01`)
    const expected = concatBytes(Uint8Array.of(0, 15), utf8ToBytes('naru/prevote/v1'), tuple)
    expect(toHex(consensusSigningBytes('naru', 'prevote', CONTENT))).toBe(toHex(expected))
  })

  it('write nil and no valid round as nil', () => {
    const bytes = consensusSigningBytes('naru', 'precommit', { ...CONTENT, blockId: null, validRound: -1 })
    expect(toHex(bytes)).toBe(`0011${toHex(utf8ToBytes('naru/precommit/v1'))}95a46e617275d3000000000000000502c0c0`)
  })

  it('differ for every kind, chain and content', () => {
    const kinds = ['proposal', 'prevote', 'precommit'] as const
    const contents: readonly VoteContent[] = [
      CONTENT,
      { ...CONTENT, height: 6 },
      { ...CONTENT, round: 3 },
      { ...CONTENT, blockId: null },
      { ...CONTENT, blockId: asHash32('cd'.repeat(32)) },
      { ...CONTENT, validRound: -1 },
      { ...CONTENT, validRound: 0 },
    ]
    const all = ['naru', 'naru-2'].flatMap((chain) =>
      kinds.flatMap((kind) => contents.map((content) => toHex(consensusSigningBytes(chain, kind, content)))),
    )
    expect(new Set(all).size).toBe(2 * kinds.length * contents.length)
  })

  it('give their content back', () => {
    for (const content of [CONTENT, { ...CONTENT, blockId: null, validRound: -1 }]) {
      expect(readSignedContent(consensusSigningBytes('naru', 'precommit', content))).toEqual({ chainId: 'naru', ...content })
    }
  })
})

describe('a vote', () => {
  it('has exactly these bytes', () => {
    const hex = `9701d3000000000000000502c420${BLOCK}01c414${VALIDATOR}c440${'00'.repeat(64)}`
    expect(toHex(encode(VoteSchema, VOTE))).toBe(hex)
    expect(decode(VoteSchema, fromHex(hex), 1_000)).toEqual(VOTE)
    expect(() => decode(VoteSchema, fromHex(hex.replace('9701', '9703')), 1_000)).toThrow(CodecError)
  })

  it('and a proposal name their signer', () => {
    expect(signerOf(VOTE)).toBe(VALIDATOR)
    expect(signerOf({ ...PROPOSAL, proposer: asAddress('22'.repeat(20)) })).toBe('22'.repeat(20))
  })

  it('is no proposal and a proposal no vote', () => {
    expect(() => decode(VoteSchema, encode(ProposalSchema, PROPOSAL), 1_000)).toThrow(CodecError)
    expect(() => decode(ProposalSchema, encode(VoteSchema, VOTE), 1_000)).toThrow(CodecError)
  })
})
