// Owns: a bench for the rooms' tests: a small city's genesis, one transaction at a time without envelope, a scan for invariants.
// Not here: envelopes and blocks (core/execution has its own tests).
import { LIMITS } from '../core/base/limits.ts'
import { toHex, u32ToBytes } from '../core/base/bytes.ts'
import { isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { asHash32 } from '../core/base/ids.ts'
import type { Address, TxId } from '../core/base/ids.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import type { Json, TextContext } from '../core/codec/schema.ts'
import { decode, decodeTrusted, encode, fromJson, toJson } from '../core/codec/schema.ts'
import { deriveAddress } from '../core/crypto/address.ts'
import { createSigner } from '../core/crypto/keys.ts'
import type { Signer } from '../core/crypto/ed25519-rule.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { createApplyContext } from '../core/execution/apply.ts'
import { GENESIS_ACCOUNT_HASH, initGenesis, parseGenesis, textContextOf } from '../core/execution/init-genesis.ts'
import type { BlockEnv, BlockFacts, QueryDefinition, TransactionDefinition } from '../core/execution/module.ts'
import type { Registry } from '../core/execution/registry.ts'
import { createOverlay } from '../core/state/overlay.ts'
import type { Overlay } from '../core/state/overlay.ts'
import type { ChainEvent } from '../core/chain/receipt.ts'

/** 2026-11-23 09:00 KST. */
export const GENESIS_TIME = 1_795_392_000_000

/** Text form of accounts on the bench's network. */
export const TEXT: TextContext = textContextOf('devnet')

/** The signer of a name; the same name gives the same key. */
export function signerOf(name: string): Signer {
  const seed = new Uint8Array(32)
  new TextEncoder().encodeInto(name, seed)
  return createSigner(seed)
}

/** The genesis account of a name. */
export function accountOf(name: string): Address {
  return deriveAddress({ genesisHash: GENESIS_ACCOUNT_HASH, publicKey: signerOf(name).publicKey, nonce: 0n })
}

/** The account as text, as the genesis document holds it. */
export function textOf(name: string): string {
  return TEXT.formatAddress(accountOf(name))
}

/** Everyone who has a DID from the start: three city councillors, four authorities, two banks, an onboarding office, citizens. */
export const NAMES = [
  ...['city1', 'city2', 'city3', 'v1', 'v2', 'v3', 'v4', 'bankA', 'bankB', 'office', 'cityhall'],
  ...['alice', 'bob', 'carol', 'dave', 'shop', 'psp'],
] as const

const ROLES = [
  { role: 'BANK', did: textOf('bankA'), scope: '004' },
  { role: 'BANK', did: textOf('bankB'), scope: '088' },
  { role: 'ONBOARDING', did: textOf('office') },
  { role: 'CITY_GOV', did: textOf('cityhall') },
  { role: 'PSP', did: textOf('psp') },
]

/** The genesis document of the bench; alice and carol bank at 004, bob and the exempt shop at 088, dave holds nothing. */
export function genesisDocument(): Record<string, unknown> {
  const validators = ['v1', 'v2', 'v3', 'v4'].map((name) => ({
    authority: textOf(name),
    publicKey: `0x${toHex(signerOf(`consensus-${name}`).publicKey)}`,
    name,
    peerId: `peer-${name}`,
    addresses: [],
  }))
  const dids = NAMES.map((name) => ({
    account: textOf(name),
    keys: [{ kid: 'k1', publicKey: `0x${toHex(signerOf(name).publicKey)}`, purposes: 11 }],
    creditClass: name.startsWith('bank') || name === 'office' ? 2 : 0,
  }))
  return {
    chainId: 'naru-bench',
    network: 'devnet',
    time: GENESIS_TIME,
    rooms: {
      governance: {
        councils: { city: { threshold: 2, members: ['city1', 'city2', 'city3'].map(textOf) } },
        roles: ROLES,
        validators,
        params: CITY_PARAMS,
        legalParams: [],
      },
      identity: { dids },
      payment: {
        banks: [
          { bankCode: '004', account: textOf('bankA'), name: '가나은행' },
          { bankCode: '088', account: textOf('bankB'), name: '다라은행' },
        ],
        accounts: [
          { account: textOf('alice'), bank: '004', amount: '500000', exempt: false },
          { account: textOf('carol'), bank: '004', amount: '0', exempt: false },
          { account: textOf('bob'), bank: '088', amount: '300000', exempt: false },
          { account: textOf('shop'), bank: '088', amount: '2000000', exempt: true },
        ],
      },
    },
  }
}

/** What one transaction did: its failure, or its events by name. */
export type Outcome = { readonly failure: Failure | null; readonly events: readonly BenchEvent[]; readonly txId: TxId }
export type BenchEvent = { readonly name: string; readonly payload: unknown }

/** A city in memory. */
export type RoomBench = {
  readonly view: Overlay
  readonly genesisHash: string
  readonly block: () => BlockEnv
  /** Moves to the next block after so many ms and runs what falls due; gives its events. */
  readonly advance: (ms: number, facts?: BlockFacts | null) => readonly BenchEvent[]
  readonly advanceTo: (time: number) => readonly BenchEvent[]
  /** Sets the height without running blocks. */
  readonly jumpTo: (height: number) => void
  /** Payload through its bytes, the two checks, apply; nothing is written on failure. */
  readonly run: <P>(
    definition: TransactionDefinition<P>,
    call: { sender: Address; payload: P; sponsor?: Address; keyId?: string },
  ) => Outcome
  /** A query as JSON-RPC runs it: JSON in, JSON out; a failure gives its code. */
  readonly ask: <Q, R>(definition: QueryDefinition<Q, R>, params: unknown) => Json
  readonly scan: (prefix: string) => Iterable<readonly [string, Uint8Array]>
  /** Sentences for every broken invariant of every room. */
  readonly broken: () => readonly string[]
}

/** Creates the bench on a document, the small city's by default. */
export function createRoomBench(registry: Registry, document: unknown = genesisDocument()): RoomBench {
  const genesis = parseGenesis(registry, document)
  const base = new Map(initGenesis(registry, genesis).map(({ key, value }) => [key, value]))
  const view = createOverlay({ get: (key) => base.get(key) ?? null })
  let height = 1
  let time = genesis.time
  let count = 0
  const block = (): BlockEnv => ({
    chainId: genesis.chainId,
    genesisHash: genesis.hash,
    height,
    time,
    params: registry.readChainParams(view),
  })
  const named = (events: readonly ChainEvent[]): readonly BenchEvent[] => events.map((event) => namedEvent(registry, event))
  const scan = (prefix: string): Iterable<readonly [string, Uint8Array]> => {
    const state = new Map(base)
    for (const { key, value } of view.diff()) state.set(key, value)
    const live = [...state].filter((entry): entry is [string, Uint8Array] => entry[1] !== null && entry[0].startsWith(prefix))
    return live.sort(([a], [b]) => (a < b ? -1 : 1))
  }
  const advance = (ms: number, facts: BlockFacts | null = null): readonly BenchEvent[] => {
    height += 1
    time += ms
    const events: ChainEvent[] = []
    const context = createApplyContext(view, events, LIMITS.eventsPerTxMax)
    for (const room of registry.modules) room.beginBlock?.(context, block(), facts)
    return named(events)
  }
  return {
    view,
    genesisHash: genesis.hash,
    block,
    advance,
    advanceTo: (to) => advance(to - time),
    jumpTo(to) {
      height = to
    },
    run(definition, { sender, payload, sponsor = null as Address | null, keyId = 'k1' }) {
      count += 1
      const txId = asHash32(sha256(u32ToBytes(count)))
      const bytes = encode(definition.payload, payload)
      const read = decode(definition.payload, bytes, 60_000)
      const call = { payload: read, sender, keyId, sponsor, txId, block: block() }
      const failure = definition.checkStateless(call) ?? definition.checkStateful(view, call)
      if (failure !== null) return { failure, events: [], txId }
      const events: ChainEvent[] = []
      definition.apply(createApplyContext(view, events, LIMITS.eventsPerTxMax), call)
      return { failure: null, events: named(events), txId }
    },
    ask(definition, params) {
      const answer = definition.run(view, fromJson(definition.params, params, TEXT), block())
      return isFailure(answer) ? answer.code : toJson(definition.result, answer, TEXT)
    },
    scan,
    broken: () => {
      const all = [...scan('')]
      const scanAll = (prefix: string) => all.filter(([key]) => key.startsWith(prefix))
      return registry.modules.flatMap((room) => room.checkInvariants?.(scanAll) ?? [])
    },
  }
}

function namedEvent(registry: Registry, event: ChainEvent): BenchEvent {
  const definition = registry.eventByType.get(event.type)
  if (definition === undefined) throw new Error(`event ${event.type} is not registered`)
  return { name: definition.name, payload: decodeTrusted(definition.payload, event.payload) }
}
