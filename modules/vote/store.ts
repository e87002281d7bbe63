// Owns: the key layout of polls. Not here: what the records are (schema.ts).
import { sortableHex, toHex } from '../../core/base/bytes.ts'
import { defineStore } from '../../core/state/store.ts'
import { ComplaintSchema, DealingSchema, KeySchema, ShareSchema } from './key-schema.ts'
import {
  AnonCastSchema,
  CastSchema,
  ImageSchema,
  PollCountSchema,
  PollNameSchema,
  PollSchema,
  RollIndexSchema,
  TallySchema,
  VoterSchema,
} from './schema.ts'

type InPoll = { readonly pollId: string }
type InRoll = InPoll & { readonly rollIndex: number }
const rollKeyOf = ({ pollId, rollIndex }: InRoll): string => `${pollId}/${sortableHex(rollIndex)}`

/** Polls by id. */
export const polls = defineStore({ prefix: 'vote/poll', key: (pollId: string) => pollId, value: PollSchema })

/** Polls by the order of their making, from 0. */
export const pollOrder = defineStore({ prefix: 'vote/pollOrder', key: sortableHex, value: PollNameSchema })
/** How many polls there are. */
export const pollCount = defineStore({ prefix: 'vote/pollCount', key: (_: null) => 'all', value: PollCountSchema })

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

type Numbered = InPoll & { readonly number: number }
/** Counted ballots of SECRET_ANON polls by number, from 0 without a gap. */
export const anonCasts = defineStore({
  prefix: 'vote/anonCast',
  key: ({ pollId, number }: Numbered) => rollKeyOf({ pollId, rollIndex: number }),
  value: AnonCastSchema,
})

/** Which ballot a key image has. */
export const images = defineStore({
  prefix: 'vote/image',
  key: ({ pollId, image }: InPoll & { image: Uint8Array }) => `${pollId}/${toHex(image)}`,
  value: ImageSchema,
})

/** Sealed ballots ever cast, by their hash, so that none serves twice. */
export const sealed = defineStore({
  prefix: 'vote/sealed',
  key: ({ pollId, hash }: InPoll & { hash: string }) => `${pollId}/${hash}`,
  value: RollIndexSchema,
})

/** What is counted so far. */
export const tallies = defineStore({ prefix: 'vote/tally', key: (pollId: string) => pollId, value: TallySchema })

type InTrustees = InPoll & { readonly trustee: number }

/** Commitments by the trustee's number, from 1. */
export const dealings = defineStore({
  prefix: 'vote/dealing',
  key: ({ pollId, trustee }: InTrustees) => `${pollId}/${trustee}`,
  value: DealingSchema,
})

/** Complaints of one trustee against another. */
export const complaints = defineStore({
  prefix: 'vote/complaint',
  key: ({ pollId, by, against }: InPoll & { by: number; against: number }) => `${pollId}/${against}/${by}`,
  value: ComplaintSchema,
})

/** The key of a SECRET poll, once it is made. */
export const keys = defineStore({ prefix: 'vote/key', key: (pollId: string) => pollId, value: KeySchema })

/** Shares of the opening by the trustee's number. */
export const shares = defineStore({
  prefix: 'vote/share',
  key: ({ pollId, trustee }: InTrustees) => `${pollId}/${trustee}`,
  value: ShareSchema,
})
