// Owns: reading a poll from a node as typed values: where it stands, its key, its sums, a voter, the whole bundle.
// Not here: recounting (verify.ts), making anything to send (voter.ts, trustee.ts).
import { toHex } from '../../core/base/bytes.ts'
import { fromJson } from '../../core/codec/schema.ts'
import type { Infer, Json } from '../../core/codec/schema.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { getComplaints, getVoter } from '../../modules/vote/lookup.ts'
import { getAnonBallot, getPoll, getRoll, getShares } from '../../modules/vote/queries.ts'
import { TallySchema } from '../../modules/vote/schema.ts'
import type { Phase, Poll, Tally } from '../../modules/vote/schema.ts'
import type { BundleFile } from './bundle.ts'

/** Asks a node one read: `client.call`, or anything like it. */
export type Ask = (method: string, params: object) => Promise<unknown>

/** A poll as it stands at a block; `time` is the block's, ms. */
export type PollNow = { readonly poll: Poll; readonly phase: Phase; readonly height: number; readonly time: number }
/** The key of a poll, the trustees' parts of it, and their shares of the opening. */
export type TrusteeParts = Infer<typeof getShares.result>
/** Where an election key stands on a roll; `seq` is that of its counted ballot, 0 where there is none. */
export type VoterPlace = Infer<typeof getVoter.result>
/** Who complained of whom. */
export type Complaints = Infer<typeof getComplaints.result>

/** Reads one poll. Each throws what `ask` throws, such as VOTE_POLL_UNKNOWN, and CodecError for an answer of another form. */
export type PollReader = {
  readonly now: () => Promise<PollNow>
  readonly parts: () => Promise<TrusteeParts>
  readonly complaints: () => Promise<Complaints>
  readonly tally: () => Promise<Tally>
  readonly voter: (key: Uint8Array) => Promise<VoterPlace>
  /** Election keys of the roll in their order. */
  readonly roll: () => Promise<readonly Uint8Array[]>
  /** The sequence of the counted ballot of a key image in a SECRET_ANON poll, 0 where there is none. */
  readonly anonSeq: (image: Uint8Array) => Promise<number>
  /** Everything that a recount needs; `onVoters` is told how many voters are read of how many. */
  readonly bundle: (onVoters?: (done: number, total: number) => void) => Promise<BundleFile>
}

type Answer = { readonly context: { readonly height: number; readonly time: number }; readonly value: Json }
type Page = { readonly [field: string]: Json } & {
  readonly next: number | null
  readonly rows: readonly Json[]
  readonly poll: { readonly rollCount: number }
}

/** A reader of the poll of an id. */
export function createPollReader(ask: Ask, network: NetworkName, pollId: string): PollReader {
  const text = textContextOf(network)
  const read = async (method: string, params: object = {}): Promise<Answer> =>
    (await ask(method, { pollId, ...params })) as Answer
  return {
    async now() {
      const { context, value } = await read('vote_poll')
      const { poll, phase } = fromJson(getPoll.result, value, text)
      return { poll, phase, height: context.height, time: context.time }
    },
    parts: async () => fromJson(getShares.result, (await read('vote_shares')).value, text),
    complaints: async () => fromJson(getComplaints.result, (await read('vote_complaints')).value, text),
    tally: async () => fromJson(TallySchema, (await read('vote_aggregate')).value, text),
    voter: async (key) => fromJson(getVoter.result, (await read('vote_voter', { key: `0x${toHex(key)}` })).value, text),
    async roll() {
      const keys: Uint8Array[] = []
      for (let cursor: number | null = 0; cursor !== null; ) {
        const page: Infer<typeof getRoll.result> = fromJson(getRoll.result, (await read('vote_roll', { cursor })).value, text)
        keys.push(...page.voters.map(({ key }) => key))
        cursor = page.next
      }
      return keys
    },
    async anonSeq(image) {
      const { value } = await read('vote_anonBallot', { image: `0x${toHex(image)}` })
      return fromJson(getAnonBallot.result, value, text)?.seq ?? 0
    },
    async bundle(onVoters = () => undefined) {
      const pages: Page[] = []
      let done = 0
      for (let cursor: number | null = 0; cursor !== null; ) {
        const page = (await read('vote_verifyBundle', { cursor })).value as Page
        pages.push(page)
        done += page.rows.length
        onVoters(done, page.poll.rollCount)
        cursor = page.next
      }
      return { format: 'naru-poll-bundle/v1', network, pages }
    },
  }
}
