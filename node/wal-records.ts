// Owns: consensus inputs and block bodies as WAL records, there and back (W5).
// Not here: the file (storage/wal.ts), replay order (wal-replay.ts).
import { CodecError } from '../core/base/errors.ts'
import { BlockSchema } from '../core/chain/block.ts'
import type { Block } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { ProposalSchema, VoteSchema } from '../core/chain/vote.ts'
import { choice, option, struct } from '../core/codec/compound.ts'
import { bool, hash32, u32, u53 } from '../core/codec/fields.ts'
import { decodeTrusted, encode } from '../core/codec/schema.ts'
import type { Schema } from '../core/codec/schema.ts'
import type { Input } from '../consensus/input.ts'
import type { ConsensusState } from '../consensus/state.ts'
import { voteOf } from '../consensus/vote-keeper.ts'

/** Stable record numbers. 6 would be `blockValidated`: validation is done anew at replay, so it is not logged. */
export const WAL_TYPES = { proposal: 1, vote: 2, polka: 3, commit: 4, blockBuilt: 5, timeout: 7, wake: 8, block: 9 } as const

const ProposalRecord = struct({ proposal: ProposalSchema, timely: bool })
const BlockBuiltRecord = struct({ height: u53, round: u32, blockId: option(hash32) })
const TimeoutRecord = struct({ height: u53, round: u32, step: choice({ propose: 1, prevote: 2, precommit: 3 }) })
const WakeRecord = struct({ height: u53 })

type WalRecord = { readonly type: number; readonly payload: Uint8Array }

/** The record of an input, or null for one that is found again without a log. */
export function encodeWalInput(input: Input): WalRecord | null {
  const record = <T>(type: number, schema: Schema<T>, value: T): WalRecord => ({ type, payload: encode(schema, value) })
  switch (input.kind) {
    case 'proposal':
      return record(WAL_TYPES.proposal, ProposalRecord, input)
    case 'vote':
      return record(WAL_TYPES.vote, VoteSchema, input.vote)
    case 'polka':
      return record(WAL_TYPES.polka, CertificateSchema, input.certificate)
    case 'commit':
      return record(WAL_TYPES.commit, CertificateSchema, input.certificate)
    case 'blockBuilt':
      return record(WAL_TYPES.blockBuilt, BlockBuiltRecord, input)
    case 'timeout':
      return record(WAL_TYPES.timeout, TimeoutRecord, input)
    case 'wake':
      return record(WAL_TYPES.wake, WakeRecord, input)
    case 'startHeight':
    case 'blockValidated':
    case 'early':
      return null
  }
}

/**
 * True unless the machine has the like of it already, or it is for another height: the input then changes nothing worth a record.
 * Messages for a later height come again by `replay` when it starts.
 */
export function isNews(state: ConsensusState, input: Input): boolean {
  switch (input.kind) {
    case 'vote': {
      const { height, type, round, validator } = input.vote
      const index = state.set.indexByAuthority.get(validator) ?? -1
      return height === state.height && voteOf(state.votes, { type, round, index }) === null
    }
    case 'proposal':
      return input.proposal.height === state.height && !state.proposals.has(input.proposal.round)
    case 'polka':
      return input.certificate.height === state.height && !hasPolka(state, input.certificate)
    case 'commit':
      return input.certificate.height === state.height && state.pendingCommit === null
    default:
      return true
  }
}

/** Whether the machine has the polka of this round, block and valid round. */
export function hasPolka(state: ConsensusState, { round, blockId, validRound }: Certificate): boolean {
  return state.polkas.some((polka) => polka.round === round && polka.blockId === blockId && polka.validRound === validRound)
}

/** True for what other validators can send at will, so that its records are counted. */
export function isForeignMessage(state: ConsensusState, input: Input): boolean {
  const self = state.set.validators[state.selfIndex]?.authority ?? null
  if (input.kind === 'vote') return input.vote.validator !== self
  return input.kind === 'proposal' ? input.proposal.proposer !== self : false
}

/** The input or block of a record that this node wrote. Throws CodecError on a type it does not know. */
export function decodeWalRecord(record: WalRecord): Input | Block {
  const { type, payload } = record
  switch (type) {
    case WAL_TYPES.proposal:
      return { kind: 'proposal', ...decodeTrusted(ProposalRecord, payload) }
    case WAL_TYPES.vote:
      return { kind: 'vote', vote: decodeTrusted(VoteSchema, payload) }
    case WAL_TYPES.polka:
      return { kind: 'polka', certificate: decodeTrusted(CertificateSchema, payload) }
    case WAL_TYPES.commit:
      return { kind: 'commit', certificate: decodeTrusted(CertificateSchema, payload) }
    case WAL_TYPES.blockBuilt:
      return { kind: 'blockBuilt', ...decodeTrusted(BlockBuiltRecord, payload) }
    case WAL_TYPES.timeout:
      return { kind: 'timeout', ...decodeTrusted(TimeoutRecord, payload) }
    case WAL_TYPES.wake:
      return { kind: 'wake', ...decodeTrusted(WakeRecord, payload) }
    case WAL_TYPES.block:
      return decodeTrusted(BlockSchema, payload)
    default:
      throw new CodecError(`WAL record type ${type} is not known to this version`)
  }
}
