// Owns: the key layout of polls. Not here: what the records are (schema.ts).
import { sortableHex, toHex } from '../../core/base/bytes.ts'
import { defineStore } from '../../core/state/store.ts'
import { CastSchema, PollSchema, RollIndexSchema, TallySchema, VoterSchema } from './schema.ts'

type InPoll = { readonly pollId: string }
type InRoll = InPoll & { readonly rollIndex: number }
const rollKeyOf = ({ pollId, rollIndex }: InRoll): string => `${pollId}/${sortableHex(rollIndex)}`

/** Polls by id. */
export const polls = defineStore({ prefix: 'vote/poll', key: (pollId: string) => pollId, value: PollSchema })

/** The roll: voters by number, from 0 without a gap. */
export const voters = defineStore({ prefix: 'vote/voter', key: rollKeyOf, value: VoterSchema })

/** Where an election key stands. */
export const rollIndexes = defineStore({
  prefix: 'vote/rollIndex',
  key: ({ pollId, key }: InPoll & { key: Uint8Array }) => `${pollId}/${toHex(key)}`,
  value: RollIndexSchema,
})

/** Counted ballots by the voter's number. */
export const casts = defineStore({ prefix: 'vote/cast', key: rollKeyOf, value: CastSchema })

/** Sealed ballots ever cast, by their hash, so that none serves twice. */
export const sealed = defineStore({
  prefix: 'vote/sealed',
  key: ({ pollId, hash }: InPoll & { hash: string }) => `${pollId}/${hash}`,
  value: RollIndexSchema,
})

/** What is counted so far. */
export const tallies = defineStore({ prefix: 'vote/tally', key: (pollId: string) => pollId, value: TallySchema })
