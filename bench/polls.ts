// Owns: polls on a bench network, declared, keyed and open, and ballots sealed before any clock starts. Not here: sending ballots
// (ballot-load.ts), what is measured (votes.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { readAccounts, readLayout } from '../cli/devnet/layout.ts'
import { moveDevnetTime } from '../cli/devnet/time.ts'
import { DEV_KEY_ID } from '../cli/devnet/accounts.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'
import { fromHex } from '../core/base/bytes.ts'
import { asHash32 } from '../core/base/ids.ts'
import { encode } from '../core/codec/schema.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { TX_VERSION, assembleTransaction, txSigningBytes } from '../core/chain/transaction.ts'
import type { Transaction } from '../core/chain/transaction.ts'
import { createSigner } from '../core/crypto/keys.ts'
import type { TransactionDefinition } from '../core/execution/module.ts'
import { cast } from '../modules/vote/cast.ts'
import { castAnon } from '../modules/vote/cast-anon.ts'
import { create } from '../modules/vote/create.ts'
import { keyFinish } from '../modules/vote/key-finish.ts'
import { rollAdd, rollClose } from '../modules/vote/roll.ts'
import { ManifestSchema } from '../modules/vote/schema.ts'
import type { Manifest } from '../modules/vote/schema.ts'
import { trusteeCommit } from '../modules/vote/trustee.ts'
import { authorise, authoriseAnon, createClient, createElectionKey, createPolynomial, createPollReader } from '../sdk/index.ts'
import { createSender, createWallet, dealingOf, imageOf, readChain, rollEntry, sealBallot, transfer } from '../sdk/index.ts'
import type { ChainRef, Client, Sender } from '../sdk/index.ts'
import { launchNetwork } from './network.ts'
import type { BenchNetwork } from './network.ts'
import { addPayers, buildPayers } from './transfers.ts'

/** Four validators that know funded accounts, and take rolls that are smaller than a city’s. */
export async function startVoteNetwork(accountCount: number): Promise<BenchNetwork> {
  const seed = fromHex('2a'.repeat(32))
  const accounts = buildPayers(seed, accountCount)
  const change = (document: { rooms: unknown }): void => {
    addPayers(document, accounts)
    const { legalParams } = (document as { rooms: { governance: { legalParams: unknown[] } } }).rooms.governance
    // A ring of four is what one wants to measure, and fewer keys than a roll should have.
    const value = { kind: 'number', value: '2' }
    legalParams.push({ key: 'vote.minCell', effectiveFrom: 20_200_101, value, sourceRef: 'benchmark' })
  }
  return { ...(await launchNetwork({ n: 4, blockIntervalMs: 200, seed, change })), accounts }
}

/** What a poll is to be like; one whose roll is a ring hides who votes. */
export type PollWish = {
  readonly pollId: string
  readonly options: number
  readonly voters: number
  readonly isRing?: boolean
}

/** A poll that is open, with its voters' secrets; voter i has number i. */
export type BenchPoll = {
  readonly pollId: string
  readonly manifest: Manifest
  readonly eh: string
  readonly key: Uint8Array
  readonly secrets: readonly bigint[]
}

const HOUR_MS = 3_600_000
const BATCH = 32

type City = {
  readonly network: BenchNetwork
  readonly client: Client
  readonly chain: ChainRef
  readonly account: (name: string) => DevAccount
  readonly sender: (name: string) => Sender
}

async function openCity(network: BenchNetwork): Promise<City> {
  const client = createClient({ url: network.rpcUrls[0] as string })
  const chain = await readChain(client)
  const named = readAccounts(readLayout(network.dir))
  const account = (name: string): DevAccount => {
    const found = named.find((entry) => entry.name === name)
    if (found === undefined) throw new Error(`the devnet has no account ${name}`)
    return found
  }
  const senders = new Map<string, Sender>()
  const sender = (name: string): Sender => {
    const wallet = createWallet({ seed: account(name).seed, keyId: DEV_KEY_ID, network: chain.network })
    const known = senders.get(name) ?? createSender({ client, chain, wallet })
    senders.set(name, known)
    return known
  }
  return { network, client, chain, account, sender }
}

const act = <P>(city: City, name: string, type: TransactionDefinition<P>, payload: P): Promise<unknown> =>
  city.sender(name).send({ type, payload })

/** Declares polls, fills their rolls, makes their keys with one trustee, and opens them all at once by moving the clocks. */
export async function openPolls(
  network: BenchNetwork,
  wishes: readonly PollWish[],
  say: (text: string) => void,
): Promise<readonly BenchPoll[]> {
  const city = await openCity(network)
  try {
    const { time } = (await city.client.call('chain_head')).context
    const polls: BenchPoll[] = []
    for (const wish of wishes) {
      say(`poll ${wish.pollId}: ${wish.voters} voters`)
      polls.push(await declare(city, wish, time))
    }
    await passTime(city, time + 2 * HOUR_MS)
    for (const { pollId } of polls) await act(city, 'citizen-1', keyFinish, { pollId })
    await passTime(city, time + 3 * HOUR_MS)
    return await Promise.all(
      polls.map(async (poll) => {
        const reader = createPollReader((method, params) => city.client.call(method, params), city.chain.network, poll.pollId)
        return { ...poll, key: (await reader.parts()).key?.key ?? new Uint8Array() }
      }),
    )
  } finally {
    city.client.close()
  }
}

async function declare(city: City, { pollId, options, voters, isRing = false }: PollWish, time: number): Promise<BenchPoll> {
  const manifest: Manifest = {
    ...{ chainId: city.chain.chainId, pollId, mode: isRing ? 'SECRET_ANON' : 'SECRET', kind: 'POLICY_POLL', sensitive: true },
    ...{ questionHash: sha256(new Uint8Array()), options: Array.from({ length: options }, (_, i) => `option ${i}`) },
    ...{ minSel: 1, maxSel: 1, policyId: null, rollSource: 'BENCH', rollCloseAt: time + HOUR_MS },
    ...{ keyCloseAt: time + 2 * HOUR_MS, openAt: time + 3 * HOUR_MS, closeAt: time + 300 * HOUR_MS },
    ...{ trustees: [city.account('trustee-1').address], threshold: 1, quorumPpm: 0, allowRevote: true },
    ...{ geofenceCommit: null, rewardProgramme: null },
  }
  const eh = sha256(encode(ManifestSchema, manifest))
  await act(city, 'election-1', create, { manifest })
  const secrets = Array.from({ length: voters }, () => createElectionKey().secret)
  for (let at = 0; at < voters; at += BATCH) {
    const entries = secrets.slice(at, at + BATCH).map((secret) => rollEntry(eh, secret))
    await act(city, 'registrar-1', rollAdd, { pollId, batchCommit: asHash32(eh), voters: entries })
  }
  await act(city, 'election-1', rollClose, { pollId })
  await act(city, 'trustee-1', trusteeCommit, { pollId, ...dealingOf(eh, 1, createPolynomial(1)) })
  return { pollId, manifest, eh, key: new Uint8Array(), secrets }
}

// The clocks of all nodes, and one payment that brings a block of the new time.
async function passTime(city: City, until: number): Promise<void> {
  const head = (await city.client.call('chain_head')).context
  const { dir } = city.network
  await moveDevnetTime(dir, readLayout(dir), Math.max(0, until - head.time))
  for (let tries = 0; tries < 100; tries++) {
    const { address } = city.account('citizen-5')
    await city.sender('citizen-4').send(transfer(city.chain, { to: address, amount: 1n }))
    if ((await city.client.call('chain_head')).context.time >= until) return
    await sleep(100)
  }
  throw new Error('the time of the chain does not move')
}

/** A ballot ready for a carrier: transaction type and encoded payload. */
export type Order = { readonly type: number; readonly payload: Uint8Array }
/** A payload of `vote.cast`. */
export type CastPayload = ReturnType<typeof authorise>

/** A sealed ballot of a voter of the poll, its first. */
export function sealOne({ pollId, manifest, eh, key, secrets }: BenchPoll, rollIndex: number): CastPayload {
  const ballot = sealBallot({ manifest, eh, key, rollIndex, seq: 1 }, [rollIndex % manifest.options.length])
  return authorise({ pollId, eh, rollIndex, seq: 1, secret: secrets[rollIndex] as bigint }, ballot)
}

/** The order of a payload of `vote.cast`. */
export function orderOf(payload: CastPayload): Order {
  return { type: cast.type, payload: encode(cast.payload, payload) }
}

/** A ballot of somebody of a ring, with its sequence. */
export function ringOrder({ pollId, manifest, eh, key, secrets }: BenchPoll, voter: number, seq: number): Order {
  const secret = secrets[voter] as bigint
  const ballot = sealBallot({ manifest, eh, key, image: imageOf(eh, secret), seq }, [voter % manifest.options.length])
  const keys = secrets.map((each) => createElectionKey(each).key)
  return { type: castAnon.type, payload: encode(castAnon.payload, authoriseAnon({ pollId, eh, keys, seq, secret }, ballot)) }
}

/** The ballot with one proof that does not verify, authorised all the same: the most that a forger can make a validator check. */
export function forgeOne(poll: BenchPoll, valid: CastPayload, mark: number): Order {
  const { pollId, rollIndex, seq, ballot } = valid
  if (ballot.kind !== 'secret') throw new Error('only sealed ballots are forged')
  // The last proof is checked last.
  const z = ballot.sum.z.slice()
  for (let i = 0; i < 3; i++) z[i] = (z[i] as number) ^ ((mark >> (8 * i)) & 0xff)
  z[3] = (z[3] as number) ^ 1
  const forged = { ...ballot, sum: { ...ballot.sum, z } }
  return orderOf(authorise({ pollId, eh: poll.eh, rollIndex, seq, secret: poll.secrets[rollIndex] as bigint }, forged))
}

/** Signs ballots for a carrier. */
export function carrierOf(account: DevAccount, genesisHash: string) {
  const signer = createSigner(account.seed)
  const chainTag = fromHex(genesisHash.slice(0, 16))
  return ({ type, payload }: Order, nonce: bigint, validUntil: number): Transaction => {
    const body = {
      ...{ version: TX_VERSION, chainTag, type, sender: account.address, keyId: DEV_KEY_ID, lane: 0 },
      ...{ nonce, validUntil, payload, sponsor: null },
    }
    return assembleTransaction(body, [signer.sign(txSigningBytes(body))])
  }
}
