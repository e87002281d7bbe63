// Owns: four validators at height 1 with real signatures, and their proposals, votes, certificates and blocks for tests of the node.
// Not here: a chain with state (tiny-chain.ts).
import { must } from '../../core/base/assert.ts'
import type { BlockId } from '../../core/base/ids.ts'
import { ZERO_HASH, asHash32 } from '../../core/base/ids.ts'
import { BLOCK_VERSION, blockIdOf, evidenceHash, txRootOf } from '../../core/chain/block.ts'
import type { Block, CompactBlock, Header } from '../../core/chain/block.ts'
import { buildCertificate, certificateHash } from '../../core/chain/certificate.ts'
import type { Certificate } from '../../core/chain/certificate.ts'
import { CITY_PARAMS, paramsHash } from '../../core/chain/params.ts'
import { buildValidatorSet, proposerOf } from '../../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../../core/chain/vote.ts'
import type { Proposal, Vote, VoteType } from '../../core/chain/vote.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { StartHeight } from '../../consensus/input.ts'
import { buildMember, validatorsOf } from './tiny-chain.ts'

export const TOY_CHAIN_ID = 'naru-devnet-1'
export const TOY_TIME = 1_795_424_500_000

type VoteParts = { height?: number; round?: number; blockId?: BlockId | null; validRound?: number; type?: VoteType }

/** Validators by their index in the set; everything they sign verifies. */
export function createToyVotes(names: readonly string[] = ['v1', 'v2', 'v3', 'v4']) {
  const members = names.map(buildMember)
  const set = buildValidatorSet(validatorsOf(members))
  const memberAt = (index: number) => {
    const validator = must(set.validators[index], 'a validator')
    return must(
      members.find(({ account }) => account.address === validator.authority),
      'a member',
    )
  }
  const blockId = asHash32('ab'.repeat(32))
  const startHeight: StartHeight = { kind: 'startHeight', height: 1, set, params: CITY_PARAMS, self: null, signedBefore: null }

  const vote = (index: number, parts: VoteParts = {}): Vote => {
    const content = { height: 1, round: 0, blockId, validRound: -1, type: 'prevote' as const, ...parts }
    const { account, signer } = memberAt(index)
    return {
      ...content,
      validator: account.address,
      signature: signer.sign(consensusSigningBytes(TOY_CHAIN_ID, content.type, content)),
    }
  }
  const certificate = (parts: VoteParts = {}, indexes: readonly number[] = [0, 1, 2]): Certificate =>
    buildCertificate(
      set,
      indexes.map((index) => vote(index, parts)),
    )
  const indexOfProposer = (height: number, round: number): number =>
    must(set.indexByAuthority.get(proposerOf(set, { height, round }).authority), 'a proposer')
  const proposal = (
    parts: { height?: number; round?: number; blockId?: BlockId; validRound?: number; by?: number } = {},
  ): Proposal => {
    const content = { height: 1, round: 0, blockId, validRound: -1, ...parts }
    const { account, signer } = memberAt(parts.by ?? indexOfProposer(content.height, content.round))
    const { height, round, validRound } = content
    const signed = { height, round, blockId: content.blockId, validRound }
    return {
      ...signed,
      proposer: account.address,
      signature: signer.sign(consensusSigningBytes(TOY_CHAIN_ID, 'proposal', signed)),
    }
  }
  /** A block of these bytes as transactions; sound as a body, valid in no state. */
  const block = (txs: readonly Uint8Array[] = [], header: Partial<Header> = {}): Block => {
    const height = header.height ?? 1
    const round = 0
    return {
      header: {
        version: BLOCK_VERSION,
        chainId: TOY_CHAIN_ID,
        height,
        time: TOY_TIME,
        parentId: ZERO_HASH,
        lastCommitHash: certificateHash(null),
        txRoot: txRootOf(txs.map(sha256)),
        receiptsRoot: ZERO_HASH,
        stateRoot: ZERO_HASH,
        validatorsHash: set.hash,
        nextValidatorsHash: set.hash,
        paramsHash: paramsHash(CITY_PARAMS),
        evidenceHash: evidenceHash([]),
        recoveryHash: null,
        proposer: proposerOf(set, { height, round }).authority,
        txCount: txs.length,
        bodyBytes: txs.reduce((sum, bytes) => sum + bytes.length, 0),
        ...header,
      },
      lastCommit: null,
      evidence: [],
      txs,
    }
  }
  const compact = (header: Partial<Header> = {}, txIds: CompactBlock['txIds'] = []): CompactBlock => ({
    header: block([], { txCount: txIds.length, ...header }).header,
    lastCommit: null,
    evidence: [],
    txIds,
  })
  return { set, members, memberAt, blockId, startHeight, vote, certificate, proposal, indexOfProposer, block, compact, blockIdOf }
}
