// Owns: a small city whose keys follow from names, and a chain of it in memory: real envelopes, real execution, no consensus.
// Not here: what is written about it (build.ts), who signs blocks (build.ts).
import { fromHex, toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { isFailure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { receiptsRoot } from '../../core/chain/receipt.ts'
import type { Receipt } from '../../core/chain/receipt.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../../core/chain/transaction.ts'
import type { Transaction, TxBody } from '../../core/chain/transaction.ts'
import { encode } from '../../core/codec/schema.ts'
import { deriveAddress } from '../../core/crypto/address.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { createSigner, verifySignature } from '../../core/crypto/keys.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import { beginBlock, executeBlock } from '../../core/execution/execute-block.ts'
import { GENESIS_ACCOUNT_HASH, initGenesis, parseGenesis, textContextOf } from '../../core/execution/init-genesis.ts'
import type { BlockRun } from '../../core/execution/execute-block.ts'
import type { BlockEnv, BlockFacts, TransactionDefinition } from '../../core/execution/module.ts'
import { buildRegistry } from '../../core/execution/registry.ts'
import type { StateChange } from '../../core/state/overlay.ts'
import { createStateTree } from '../../core/state/tree.ts'
import { governance } from '../../modules/governance/index.ts'
import { identity } from '../../modules/identity/index.ts'
import { createPayment } from '../../modules/payment/index.ts'

/** The rooms of the vectors: the first three, whatever rooms the city adds later. */
export const THREE_ROOMS = buildRegistry([governance, identity, createPayment()])
/** How accounts read on the vectors' network. */
export const TEXT = textContextOf('devnet')
/** 2026-11-23 09:00 KST. */
export const GENESIS_TIME = 1_795_392_000_000
/** Names of the validators. */
export const VALIDATORS = ['v1', 'v2', 'v3', 'v4'] as const
/** Accounts that hold money from the start. */
export const CITIZENS = ['alice', 'bob', 'carol', 'shop'] as const

const OTHERS = ['city1', 'city2', 'city3', 'bankA', 'bankB', 'office', 'cityhall', 'dave'] as const
const ALL_PURPOSES_OF_A_SIGNER = 11

/** The signer of a name: the name's UTF-8, filled up with zeros, is its seed. */
export function signerNamed(name: string): Signer {
  const seed = new Uint8Array(32)
  seed.set(utf8ToBytes(name))
  return createSigner(seed)
}

/** The genesis account of a name. */
export function accountNamed(name: string): Address {
  return deriveAddress({ genesisHash: GENESIS_ACCOUNT_HASH, publicKey: signerNamed(name).publicKey, nonce: 0n })
}

const textNamed = (name: string): string => TEXT.formatAddress(accountNamed(name))
const keyNamed = (name: string): string => `0x${toHex(signerNamed(name).publicKey)}`

/** The genesis document as JSON. */
export function buildCityDocument(): Record<string, unknown> {
  const isAgency = (name: string): boolean => name.startsWith('bank') || name === 'office'
  return {
    chainId: 'naru-vectors',
    network: 'devnet',
    time: GENESIS_TIME,
    rooms: {
      governance: {
        councils: { city: { threshold: 2, members: ['city1', 'city2', 'city3'].map(textNamed) } },
        roles: [
          { role: 'BANK', did: textNamed('bankA'), scope: '004' },
          { role: 'BANK', did: textNamed('bankB'), scope: '088' },
          { role: 'ONBOARDING', did: textNamed('office') },
          { role: 'CITY_GOV', did: textNamed('cityhall') },
        ],
        validators: VALIDATORS.map((name) => ({
          authority: textNamed(name),
          publicKey: keyNamed(`consensus-${name}`),
          name,
          peerId: `peer-${name}`,
          addresses: ['/ip4/192.0.2.1/tcp/4000'],
        })),
        params: CITY_PARAMS,
        legalParams: [],
      },
      identity: {
        dids: [...VALIDATORS, ...CITIZENS, ...OTHERS].map((name) => ({
          account: textNamed(name),
          keys: [{ kid: 'k1', publicKey: keyNamed(name), purposes: ALL_PURPOSES_OF_A_SIGNER }],
          creditClass: isAgency(name) ? 2 : 0,
        })),
      },
      payment: {
        banks: [
          { bankCode: '004', account: textNamed('bankA'), name: '가나은행' },
          { bankCode: '088', account: textNamed('bankB'), name: '다라은행' },
        ],
        accounts: [
          { account: textNamed('alice'), bank: '004', amount: '500000', exempt: false },
          { account: textNamed('carol'), bank: '004', amount: '0', exempt: false },
          { account: textNamed('bob'), bank: '088', amount: '300000', exempt: false },
          { account: textNamed('shop'), bank: '088', amount: '2000000', exempt: true },
        ],
      },
    },
  }
}

/** What differs from the usual envelope: lane 0, nonce 0, valid for 100 blocks of the first ones, no sponsor, own account. */
export type EnvelopePart = {
  readonly lane?: number
  readonly nonce?: bigint
  readonly validUntil?: number
  readonly sponsor?: string
  readonly sender?: Address
  readonly keyId?: string
}

/** An executed block. */
export type CityBlock = {
  readonly env: BlockEnv
  readonly receipts: readonly Receipt[]
  readonly receiptsRoot: Hash32
  readonly changes: readonly StateChange[]
  readonly stateRoot: Hash32
}

// Records and tree as a node keeps them, in memory.
function createCityState(isCold: boolean) {
  const records = new Map<string, Uint8Array>()
  const tree = createStateTree()
  const state = {
    get: (key: string): Uint8Array | null => {
      const value = records.get(key) ?? null
      return isCold && value !== null ? value.slice() : value
    },
  }
  const write = (changes: readonly StateChange[]): void => {
    const hashed = changes.map(({ key, value }) => ({
      key: sha256Bytes(key),
      valueHash: value === null ? null : sha256Bytes(value),
    }))
    tree.commit(tree.stage(hashed))
    for (const { key, value } of changes) value === null ? records.delete(key) : records.set(key, value)
  }
  return { records, state, tree, write }
}

/** A chain of the city in memory. */
export type CityChain = ReturnType<typeof createCityChain>

/**
 * Creates the chain at height 0. With `isCold` every read gives a new array, so that nothing decoded earlier is remembered,
 * and every signature is verified anew.
 */
export function createCityChain({ isCold = false } = {}) {
  const registry = THREE_ROOMS
  const genesis = parseGenesis(registry, JSON.parse(JSON.stringify(buildCityDocument())))
  const { records, tree, state, write } = createCityState(isCold)
  write(initGenesis(registry, genesis))
  const params = registry.readChainParams(state)
  let height = 0
  let time = genesis.time

  const nextEnv = (afterMs: number): BlockEnv => ({
    chainId: genesis.chainId,
    genesisHash: genesis.hash,
    height: height + 1,
    time: time + afterMs,
    params,
  })
  /** Opens the next block without committing it, as its proposer does. */
  const openBlock = (afterMs: number): BlockRun =>
    beginBlock({ registry, base: state, block: nextEnv(afterMs), facts: null, checkSignature: verifySignature })
  /** Executes the next block; throws on a transaction that may not stand in it. */
  const runBlock = (wires: readonly Uint8Array[], afterMs = 1_000, facts: BlockFacts | null = null): CityBlock => {
    const env = nextEnv(afterMs)
    ;({ height, time } = env)
    const txs = wires.map((wire) => {
      const checked = checkStatelessly(registry, genesis.hash, wire)
      if (isFailure(checked)) throw new Error(`${checked.code}: ${checked.text}`)
      return checked
    })
    const result = executeBlock({ registry, base: state, block: env, facts, checkSignature: verifySignature, txs })
    if (isFailure(result)) throw new Error(`${result.code}: ${JSON.stringify(result.detail)}`)
    write(result.changes)
    const { receipts, changes } = result
    return { env, receipts, receiptsRoot: receiptsRoot(receipts), changes, stateRoot: tree.committedHash() }
  }
  const scan = (prefix: string): readonly (readonly [string, Uint8Array])[] =>
    [...records].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    genesis,
    openBlock,
    params,
    records,
    registry,
    runBlock,
    scan,
    state,
    stateRoot: (): Hash32 => tree.committedHash(),
    height: (): number => height,
    /** Sentences for every broken invariant of every room. */
    broken: (): readonly string[] => registry.modules.flatMap((room) => room.checkInvariants?.(scan) ?? []),
  }
}

/** A signed transaction of a name on the chain of this genesis hash. */
export function buildCityTransaction<P>(
  genesisHash: Hash32,
  name: string,
  type: TransactionDefinition<P>,
  payload: NoInfer<P>,
  other: EnvelopePart = {},
): Transaction {
  const { lane = 0, nonce = 0n, validUntil = 100, sponsor, sender = accountNamed(name), keyId = 'k1' } = other
  const body: TxBody = {
    version: TX_VERSION,
    chainTag: fromHex(genesisHash.slice(0, 16)),
    type: type.type,
    sender,
    keyId,
    lane,
    nonce,
    validUntil,
    payload: encode(type.payload, payload),
    sponsor: sponsor === undefined ? null : { account: accountNamed(sponsor), keyId: 'k1' },
  }
  const message = txSigningBytes(body)
  const signers = sponsor === undefined ? [name] : [name, sponsor]
  return assembleTransaction(
    body,
    signers.map((signer) => signerNamed(signer).sign(message)),
  )
}
