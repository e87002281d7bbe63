// Owns: what people do around a poll: the office, trustees, residents with their phones, the relay that carries ballots.
// Not here: the story (district-budget.ts), how a devnet is reached (devnet-access.ts).
import { randomBytes } from 'node:crypto'
import { authorise, createElectionKey, createPolynomial, createPollReader, createSender } from '../sdk/index.ts'
import { dealingOf, isFittingShare, openCounts, openingOf, rollEntry, sealBallot, secretOf, shareOf } from '../sdk/index.ts'
import type { FinalTransaction, Json, PollReader, Sender } from '../sdk/index.ts'
import { createLetterKey, openLetter, sealLetter } from '../sdk/vote/share-letter.ts'
import { runNaru } from './devnet-access.ts'
import type { Devnet } from './devnet-access.ts'

/** Hours after its declaration: end of roll, end of key making, opening and closing. */
const HOURS = { roll: 1, key: 2, opens: 3, closes: 27 } as const
const HOUR_MS = 3_600_000
/** Trustees by their devnet names; their numbers count from 1. */
export const TRUSTEES = ['trustee-1', 'trustee-2', 'trustee-3', 'trustee-4', 'trustee-5'] as const
/** How many of them open the count. */
export const THRESHOLD = 3
const ROLL_BATCH = 32

/** A resident: a phone with an election key; `rollIndex` is its number on the roll. */
export type Resident = { readonly rollIndex: number; readonly secret: bigint; seq: number }

/** A trustee with its secrets. */
export type Trustee = {
  readonly number: number
  readonly name: string
  readonly polynomial: readonly bigint[]
  readonly letterKey: { readonly identity: string; readonly recipient: string }
  /** Shares by who gave them. */
  readonly shares: Map<number, bigint>
}

/** A poll on a devnet. */
export type Poll = {
  readonly devnet: Devnet
  readonly pollId: string
  readonly eh: string
  readonly options: readonly string[]
  readonly reader: PollReader
}

/** What a ballot is sealed for; read once, since it never changes. */
export type Booth = { readonly poll: Poll; readonly place: Omit<Parameters<typeof sealBallot>[0], 'rollIndex' | 'seq'> }

/** Sends a transaction as a named account and waits. */
export function act(devnet: Devnet, name: string, type: string, payload: Json): Promise<FinalTransaction> {
  return devnet.sender(name, 'v1').send({ type, payload })
}

/** Bytes and numbers of a payload as JSON writes them. */
export function plain(value: unknown): Json {
  return JSON.parse(
    JSON.stringify(value, (_key, field: unknown) =>
      field instanceof Uint8Array ? `0x${Buffer.from(field).toString('hex')}` : field,
    ),
  ) as Json
}

/** A reader of a poll at a node. */
export function readerOf(devnet: Devnet, pollId: string, node: string): PollReader {
  return createPollReader((method, params) => devnet.client(node).call(method, params), devnet.chain.network, pollId)
}

/** The election office declares the poll. */
export async function declare(
  devnet: Devnet,
  wish: { questionHash: string; options: readonly string[]; maxSel: number },
): Promise<Poll> {
  const pollId = `budget-${randomBytes(4).toString('hex')}`
  const { context } = await devnet.client('v1').call('chain_head')
  const at = (hours: number): number => context.time + hours * HOUR_MS
  const manifest = {
    ...{ chainId: devnet.chain.chainId, pollId, mode: 'SECRET', kind: 'POLICY_POLL', sensitive: true },
    ...{ questionHash: wish.questionHash, options: wish.options, minSel: 1, maxSel: wish.maxSel },
    ...{ policyId: null, rollSource: 'MAPO-GU', rollCloseAt: at(HOURS.roll), keyCloseAt: at(HOURS.key) },
    ...{ openAt: at(HOURS.opens), closeAt: at(HOURS.closes) },
    ...{ trustees: TRUSTEES.map((name) => devnet.wallet(name).address), threshold: THRESHOLD },
    ...{ quorumPpm: 500_000, allowRevote: true, geofenceCommit: null, rewardProgramme: null },
  }
  await act(devnet, 'election-1', 'vote.create', { manifest })
  const reader = readerOf(devnet, pollId, 'v1')
  return { devnet, pollId, eh: (await reader.now()).poll.eh, options: wish.options, reader }
}

/** Residents make keys on their phones, the registrar puts them on the roll, the office fixes it. */
export async function register(poll: Poll, count: number, onAdded: (done: number) => void): Promise<readonly Resident[]> {
  const { devnet, pollId, eh } = poll
  const residents = Array.from({ length: count }, (_, rollIndex) => ({ rollIndex, secret: createElectionKey().secret, seq: 0 }))
  for (let at = 0; at < count; at += ROLL_BATCH) {
    const batch = residents.slice(at, at + ROLL_BATCH)
    const voters = batch.map(({ secret }) => rollEntry(eh, secret))
    const batchCommit = `0x${randomBytes(32).toString('hex')}`
    await act(devnet, 'registrar-1', 'vote.roll.add', plain({ pollId, batchCommit, voters }))
    onAdded(at + batch.length)
  }
  await act(devnet, 'election-1', 'vote.roll.close', { pollId })
  return residents
}

/** Each trustee makes its secrets and gives its part of the key. */
export async function deal({ devnet, pollId, eh }: Poll): Promise<readonly Trustee[]> {
  const trustees: Trustee[] = []
  for (const [index, name] of TRUSTEES.entries()) {
    const polynomial = createPolynomial(THRESHOLD)
    const number = index + 1
    await act(devnet, name, 'vote.trustee.commit', plain({ pollId, ...dealingOf(eh, number, polynomial) }))
    const shares = new Map([[number, shareOf(polynomial, number)]])
    trustees.push({ number, name, polynomial, letterKey: await createLetterKey(), shares })
  }
  return trustees
}

/** One trustee’s letter to another, encrypted, opened and checked against the chain. */
export async function deliver({ pollId, reader }: Poll, from: Trustee, to: Trustee): Promise<boolean> {
  const share = Buffer.from(littleEndian(shareOf(from.polynomial, to.number))).toString('hex')
  const letter = { format: 'naru-share/v1', pollId, from: from.number, to: to.number, share } as const
  const read = await openLetter(await sealLetter(letter, to.letterKey.recipient), to.letterKey.identity)
  const value = fromLittleEndian(Buffer.from(read.share, 'hex'))
  const { dealings } = await reader.parts()
  const dealing = dealings.find(({ trustee }) => trustee === read.from)?.dealing
  const isFitting = dealing !== undefined && isFittingShare(dealing, to.number, value)
  if (isFitting) to.shares.set(from.number, value)
  return isFitting
}

/** A share whose letter never came: a complaint on the chain, and the share shown there. */
export async function complain({ devnet, pollId, reader }: Poll, from: Trustee, to: Trustee): Promise<void> {
  await act(devnet, to.name, 'vote.trustee.complain', { pollId, against: from.number })
  const share = littleEndian(shareOf(from.polynomial, to.number))
  await act(devnet, from.name, 'vote.trustee.answer', plain({ pollId, by: to.number, share }))
  const shown = (await reader.complaints()).find(({ by, against }) => by === to.number && against === from.number)
  if (shown?.share === null || shown?.share === undefined) throw new Error('the share that was shown does not fit')
  to.shares.set(from.number, fromLittleEndian(shown.share))
}

/** A trustee opens its part of the sums. */
export async function giveShare({ devnet, pollId, eh, reader }: Poll, trustee: Trustee): Promise<void> {
  const { key } = await reader.parts()
  const dealers = (key?.trustees ?? []).map((left) => left.trustee)
  const secret = secretOf(dealers.map((dealer) => trustee.shares.get(dealer) ?? 0n))
  const share = openingOf({ eh, trustee: trustee.number, secret }, await reader.tally())
  await act(devnet, trustee.name, 'vote.tally.share', plain({ pollId, ...share }))
}

/** Anybody finds the counts and states them. */
export async function stateCounts({ devnet, pollId, reader }: Poll): Promise<readonly number[]> {
  const counts = openCounts(await reader.tally(), (await reader.parts()).shares, THRESHOLD)
  await act(devnet, 'citizen-1', 'vote.tally.finish', { pollId, counts: [...counts] })
  return counts
}

/** The poll as a phone needs it for sealing. */
export async function enterBooth(poll: Poll): Promise<Booth> {
  const [{ poll: read }, { key }] = [await poll.reader.now(), await poll.reader.parts()]
  if (key === null) throw new Error('the poll has no key')
  return { poll, place: { manifest: read.manifest, eh: read.eh, key: key.key } }
}

/** A sealed and authorised ballot: the payload of `vote.cast`. */
export function vote({ poll, place }: Booth, resident: Resident, choice: readonly number[], seq = resident.seq + 1): Json {
  const { rollIndex, secret } = resident
  const ballot = sealBallot({ ...place, rollIndex, seq }, choice)
  return plain(authorise({ pollId: poll.pollId, eh: poll.eh, rollIndex, seq, secret }, ballot))
}

/** Somebody’s sealed ballot under another resident’s own authorisation. */
export function copyBallot(poll: Poll, ballot: Parameters<typeof authorise>[1], thief: Resident): Json {
  const { rollIndex, secret } = thief
  return plain(authorise({ pollId: poll.pollId, eh: poll.eh, rollIndex, seq: thief.seq + 1, secret }, ballot))
}

/** Senders of the relay, one for each lane: many phones share its account, so that no account stands for a phone. */
export function openRelay(devnet: Devnet, lanes: number): readonly Sender[] {
  const nodes = devnet.nodes().filter(({ name }) => name.startsWith('v'))
  return Array.from({ length: lanes }, (_, lane) => {
    const node = nodes[lane % nodes.length]?.name ?? 'v1'
    return createSender({ client: devnet.client(node), chain: devnet.chain, wallet: devnet.wallet('relay-1'), lane: lane + 1 })
  })
}

/** Moves the clocks of the devnet, and one payment brings a block of the new time. */
export async function passHours(devnet: Devnet, hours: number, until: number): Promise<void> {
  await runNaru(['devnet', 'time', `+${hours}h`, '--dir', devnet.dir])
  for (let tries = 0; tries < 100; tries++) {
    const payload = { to: devnet.wallet('citizen-5').address, amount: '1', memoCommit: null }
    await act(devnet, 'citizen-4', 'payment.transfer', payload)
    if ((await devnet.client('v1').call('chain_head')).context.time >= until) return
  }
  throw new Error('the time of the chain does not move')
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')).reverse()
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(Uint8Array.from(bytes).reverse()).toString('hex')}`)
}
