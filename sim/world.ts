// Owns: what a simulated network is founded on: keys, genesis, signed transfers; signatures by a stub or by real Ed25519.
// Not here: machines (machine.ts), who sends what when (workload.ts).
import { concatBytes, fromHex, toHex } from '../core/base/bytes.ts'
import type { Address } from '../core/base/ids.ts'
import type { SignatureCheck } from '../core/chain/certificate.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import { assembleTransaction, txSigningBytes } from '../core/chain/transaction.ts'
import type { Transaction } from '../core/chain/transaction.ts'
import { encode } from '../core/codec/schema.ts'
import { NETWORKS, deriveAddress, formatAddress } from '../core/crypto/address.ts'
import type { Signer } from '../core/crypto/ed25519-rule.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'
import { createSigner, publicKeyOf, verifySignature } from '../core/crypto/keys.ts'
import { GENESIS_ACCOUNT_HASH, parseGenesis } from '../core/execution/init-genesis.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import { KEY_PURPOSES } from '../core/execution/module.ts'
import { must } from '../core/base/assert.ts'
import { REGISTRY } from '../modules/registry.ts'
import { SPARES_MAX } from './plan.ts'

/** Wall time of the simulated networks' genesis, ms since 1970. */
export const GENESIS_TIME_MS = 1_800_000_000_000
/** Name of every account's key. */
export const KEY_ID = 'k1'
const CITIZENS = 8

/** An account with its key. */
export type SimAccount = {
  readonly name: string
  readonly address: Address
  readonly publicKey: Uint8Array
  readonly signer: Signer
  /** A real Ed25519 signature, for proofs that the rules check themselves. */
  readonly prove: (message: Uint8Array) => Uint8Array
}

/** The foundation of a run: the same `n` and `crypto` give the same world. */
export type World = {
  readonly genesis: Genesis
  readonly chainTag: Uint8Array
  /** In the order of the machines, which is not the order of the validator set; the spares last. */
  readonly validators: readonly SimAccount[]
  readonly citizens: readonly SimAccount[]
  readonly peerIdOf: (index: number) => string
  /** A fresh check for one node; the stub remembers nothing, the real one is the rule itself. */
  readonly checkSignature: SignatureCheck
  readonly signTransfer: (from: SimAccount, transfer: Transfer) => Transaction
  readonly sign: (from: SimAccount, message: Message) => Transaction
  /** The consensus key that follows a validator's first one. */
  readonly nextKeyOf: (identity: number) => SimAccount
}

/** Any transaction, by the name of its type. */
export type Message = {
  readonly name: string
  readonly payload: unknown
  readonly lane: number
  readonly nonce: bigint
  readonly validUntil: number
}

/** What a citizen sends. */
export type Transfer = {
  readonly to: Address
  readonly amount: bigint
  readonly lane: number
  readonly nonce: bigint
  readonly validUntil: number
}

/** Whether signatures are a keyed hash (fast) or Ed25519. */
export type Crypto = 'stub' | 'ed25519'

function stubSignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const half = sha256Bytes(concatBytes(publicKey, message))
  return concatBytes(half, half)
}

function stubCheck({ publicKey, message, signature }: Parameters<SignatureCheck>[0]): boolean {
  const expected = stubSignature(publicKey, message)
  return signature.length === 64 && signature.every((byte, i) => byte === expected[i])
}

function createAccount(name: string, crypto: Crypto): SimAccount {
  const seed = sha256Bytes(`naru-sim/account/${name}`)
  const publicKey = publicKeyOf(seed)
  const address = deriveAddress({ genesisHash: GENESIS_ACCOUNT_HASH, publicKey, nonce: 0n })
  const signer =
    crypto === 'ed25519' ? createSigner(seed) : { publicKey, sign: (message: Uint8Array) => stubSignature(publicKey, message) }
  let proof: Signer | null = null
  const prove = (message: Uint8Array): Uint8Array => {
    proof ??= createSigner(seed)
    return proof.sign(message)
  }
  return { name, address, publicKey, signer, prove }
}

/** Changes of the set become active soon. */
const SET_PARAMS = { activationDelay: 4, readyWindow: 100 }
/** The city's offline root keys, always real ones: two of the three decide a recovery. */
export const ROOTS: readonly SimAccount[] = ['root-1', 'root-2', 'root-3'].map((name) => createAccount(name, 'ed25519'))

const textOf = (address: Address): string => formatAddress(address, NETWORKS.devnet.hrp)
const peerIdOf = (index: number): string => `peer-${index + 1}`

type People = { accounts: readonly SimAccount[]; citizens: readonly SimAccount[]; bank: SimAccount }

function buildGenesis(n: number, { accounts, citizens, bank }: People): unknown {
  const validators = accounts.slice(0, n)
  const purposes = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation
  const dids = [...accounts, ...citizens, bank].map(({ address, publicKey }) => ({
    account: textOf(address),
    keys: [{ kid: KEY_ID, publicKey: `0x${toHex(publicKey)}`, purposes }],
    creditClass: 2,
  }))
  const params = {
    ...CITY_PARAMS,
    blockIntervalMs: 200,
    heartbeatMs: 2_000,
    timeoutProposeMs: 1_000,
    timeoutVoteMs: 400,
    ...SET_PARAMS,
    validatorsMin: Math.min(4, n),
  }
  return {
    chainId: `naru-sim-${validators.length}`,
    network: 'devnet',
    time: GENESIS_TIME_MS,
    rooms: {
      governance: {
        councils: { city: { threshold: 1, members: [textOf(bank.address)] } },
        roles: [{ role: 'BANK', did: textOf(bank.address), scope: '004', validFrom: null, validUntil: null }],
        validators: validators.map(({ name, address, publicKey }, index) => ({
          authority: textOf(address),
          publicKey: `0x${toHex(publicKey)}`,
          name,
          peerId: peerIdOf(index),
          addresses: [`/dns4/${name}/tcp/1`],
        })),
        params,
        legalParams: [],
        roots: { threshold: 2, keys: ROOTS.map(({ publicKey }) => `0x${toHex(publicKey)}`) },
      },
      identity: { dids },
      payment: {
        banks: [{ bankCode: '004', account: textOf(bank.address), name: 'Han River Bank' }],
        accounts: citizens.map(({ address }) => ({ account: textOf(address), bank: '004', amount: '1000000000', exempt: true })),
      },
    },
  }
}

const worlds = new Map<string, World>()

/** The world of `n` validators; made once per process, since it holds nothing that changes. */
export function createWorld(n: number, crypto: Crypto): World {
  const key = `${n} ${crypto}`
  const known = worlds.get(key)
  if (known !== undefined) return known
  const validators = Array.from({ length: n + SPARES_MAX }, (_, i) => createAccount(`v${i + 1}`, crypto))
  const citizens = Array.from({ length: CITIZENS }, (_, i) => createAccount(`citizen-${i + 1}`, crypto))
  const genesis = parseGenesis(REGISTRY, buildGenesis(n, { accounts: validators, citizens, bank: createAccount('bank', crypto) }))
  const chainTag = fromHex(genesis.hash.slice(0, 16))
  const nextKeys = validators.map(({ name: first }) => createAccount(`${first}/2`, crypto))
  const sign = (from: SimAccount, { name, payload, lane, nonce, validUntil }: Message): Transaction => {
    const { type, payload: schema } = must(REGISTRY.transactionByName.get(name), `a room with ${name}`)
    const common = { version: 1, chainTag, type, sender: from.address, keyId: KEY_ID, sponsor: null }
    const body = { ...common, lane, nonce, validUntil, payload: encode(schema, payload) }
    return assembleTransaction(body, [from.signer.sign(txSigningBytes(body))])
  }
  const world: World = {
    genesis,
    chainTag,
    validators,
    citizens,
    peerIdOf,
    checkSignature: crypto === 'ed25519' ? verifySignature : stubCheck,
    sign,
    nextKeyOf: (identity) => must(nextKeys[identity], `a second key of validator ${identity}`),
    signTransfer: (from, { to, amount, ...place }) =>
      sign(from, { name: 'payment.transfer', payload: { to, amount, memoCommit: null }, ...place }),
  }
  worlds.set(key, world)
  return world
}
