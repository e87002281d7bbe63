// Owns: a city of many owners, shops and three banks without envelopes, block by block, as fast as its rules allow.
// Not here: what happens in it (acts.ts, points-acts.ts), who judges it (shadow.ts, ../money.ts).
import { toHex, u32ToBytes } from '../../../core/base/bytes.ts'
import { CodecError } from '../../../core/base/errors.ts'
import { asHash32 } from '../../../core/base/ids.ts'
import type { Address, TxId } from '../../../core/base/ids.ts'
import { LIMITS } from '../../../core/base/limits.ts'
import type { ChainEvent } from '../../../core/chain/receipt.ts'
import { decode, decodeTrusted, encode } from '../../../core/codec/schema.ts'
import type { Signer } from '../../../core/crypto/ed25519-rule.ts'
import { sha256 } from '../../../core/crypto/hash.ts'
import { createApplyContext } from '../../../core/execution/apply.ts'
import { initGenesis, parseGenesis } from '../../../core/execution/init-genesis.ts'
import type { ApplyContext, BlockEnv, TransactionDefinition } from '../../../core/execution/module.ts'
import { createOverlay } from '../../../core/state/overlay.ts'
import type { Overlay } from '../../../core/state/overlay.ts'
import { brnOf } from '../../../bench/city/people.ts'
import { merchantIdOf } from '../../../modules/payment/qr/merchant-id.ts'
import { ETAX } from '../../../modules/points/fixtures.ts'
import type { ProgrammeSpec } from '../../../modules/points/schema.ts'
import { REGISTRY } from '../../../modules/registry.ts'
import { CAFE, pointsDocument } from '../../points-bench.ts'
import { accountOf, signerOf, textOf } from '../../room-bench.ts'
import { createScannedState } from './state.ts'
import type { ScannedState } from './state.ts'

/** Points that live a month, so that a life of a few months sees them expire; of everyone's, so that they move. */
export const BRIEF: ProgrammeSpec = { ...ETAX, programmeId: 'BRIEF', expiryMonths: 1, capYear: 50_000n, transfer: 'ANY' }

/** People, owners of shops, and shops that are there from the start. */
export const PEOPLE = Array.from({ length: 20 }, (_, i) => `person-${i}`)
export const OWNERS = Array.from({ length: 8 }, (_, i) => `owner-${i}`)
export const BANKS = ['bankA', 'bankB', 'bankC'] as const
export const BANK_CODES = ['004', '088', '020'] as const

/** Programmes that the office may begin in a life. */
export const DRAFTS = Array.from({ length: 8 }, (_, i) => `DRAFT${i}`)

/** A shop of the start: its owner, and the name of the key that signs its codes. */
export type Shop = { readonly merchantId: string; readonly owner: string; keyName: string | null }
export const SHOPS: readonly Readonly<Shop>[] = [
  { merchantId: CAFE, owner: 'shop', keyName: null },
  ...OWNERS.map((owner, i) => ({ merchantId: merchantIdOf(i + 2), owner, keyName: i % 2 === 0 ? `code-${i}` : null })),
]

/** What one transaction did; `code` is null where it succeeded. */
export type Outcome = { readonly code: string | null; readonly txId: TxId; readonly events: readonly Told[] }
/** An event by name. */
export type Told = { readonly name: string; readonly payload: Readonly<Record<string, unknown>> }

/** A city that takes transactions into its present block. */
export type MoneyCity = {
  readonly view: ScannedState
  readonly genesisHash: string
  readonly block: () => BlockEnv
  /** Ends the block and begins the next one so many ms later; gives what fell due. */
  readonly nextBlock: (ms: number) => readonly Told[]
  /** Payload through its bytes, both checks, apply. A refusal must not write: the state of a check has no `set`. */
  readonly run: <P>(definition: TransactionDefinition<P>, call: { sender: Address; payload: P }) => Outcome
  /** What a later room does by a keeper, under the same rules for events. */
  readonly runKeeper: (act: (context: ApplyContext, txId: TxId) => void) => Outcome
  /** Sentences for every broken invariant of every room. */
  readonly broken: () => readonly string[]
}

function cityDocument(): Record<string, unknown> {
  const document = pointsDocument({ more: [BRIEF], funding: 150_000_000n }) as {
    rooms: Record<string, Record<string, unknown[]>>
  }
  const { governance = {}, identity = {}, payment = {} } = document.rooms
  const add = (list: unknown[] | undefined, ...entries: unknown[]): unknown => list?.push(...entries)
  const didOf = (name: string) => ({
    account: textOf(name),
    keys: [{ kid: 'k1', publicKey: `0x${toHex(signerOf(name).publicKey)}`, purposes: 11 }],
    creditClass: 0,
  })
  add(identity['dids'], ...[...PEOPLE, ...OWNERS, 'bankC', 'psp2'].map(didOf))
  add(governance['roles'], ...DRAFTS.map((scope) => ({ role: 'PROG_OP', did: textOf('office'), scope })))
  add(governance['roles'], { role: 'BANK', did: textOf('bankC'), scope: '020' }, { role: 'PSP', did: textOf('psp2') })
  add(payment['banks'], { bankCode: '020', account: textOf('bankC'), name: '마바은행' })
  const bankOf = (i: number) => BANK_CODES[i % BANK_CODES.length]
  add(
    payment['accounts'],
    ...PEOPLE.map((name, i) => ({ account: textOf(name), bank: bankOf(i), amount: '600000', exempt: false })),
  )
  add(
    payment['accounts'],
    ...OWNERS.map((name, i) => ({ account: textOf(name), bank: bankOf(i), amount: '3000000', exempt: true })),
  )
  const shopOf = ({ owner, keyName }: Readonly<Shop>, i: number) => ({
    ...{ owner: textOf(owner), psp: textOf(i % 3 === 0 ? 'psp2' : 'psp'), brn: brnOf(i), mcc: '5814', nameAscii: `SHOP ${i}` },
    ...{ nameKo: `가게 ${i}`, cityAscii: 'SEOUL', guCode: '11440', tier: ['SMALL_A', 'SMALL_B', 'SMALL_C', 'GENERAL'][i % 4] },
    qrKey: keyName === null ? null : `0x${toHex(signerOf(keyName).publicKey)}`,
  })
  add(payment['merchants'], ...SHOPS.slice(1).map(shopOf))
  return document
}

const GENESIS = parseGenesis(REGISTRY, cityDocument())
const FIRST = initGenesis(REGISTRY, GENESIS).flatMap(({ key, value }) => (value === null ? [] : [[key, value] as const]))

/** Opens the city. */
export function openMoneyCity(): MoneyCity {
  const view = createScannedState(FIRST)
  const place = { height: 1, time: GENESIS.time }
  let count = 0
  const { chainId, hash: genesisHash } = GENESIS
  const params = REGISTRY.readChainParams(view)
  const block = (): BlockEnv => ({ chainId, genesisHash, ...place, params })
  const named = (events: readonly ChainEvent[]): readonly Told[] => events.map(nameEvent)
  const nextId = (): TxId => {
    count += 1
    return asHash32(sha256(u32ToBytes(count)))
  }
  const write = (act: (overlay: Overlay, events: ChainEvent[]) => void, eventsMax: number): readonly Told[] => {
    const events: ChainEvent[] = []
    const overlay = createOverlay(view)
    act(overlay, events)
    for (const { key, value } of overlay.diff()) view.set(key, value)
    if (events.length > eventsMax) throw new Error(`${events.length} events, at most ${eventsMax}`)
    return named(events)
  }
  return {
    view,
    genesisHash,
    block,
    nextBlock(ms) {
      place.height += 1
      place.time += ms
      return write((overlay, events) => {
        const context = createApplyContext(overlay, events, LIMITS.dueEventsMax)
        for (const room of REGISTRY.modules) room.beginBlock?.(context, block(), null)
      }, LIMITS.dueEventsMax)
    },
    run(definition, { sender, payload }) {
      const txId = nextId()
      const read = readPayload(definition, payload)
      if (read === null) return { code: 'CODEC', txId, events: [] }
      const call = { payload: read, sender, keyId: 'k1', sponsor: null, txId, block: block() }
      const failure = definition.checkStateless(call) ?? definition.checkStateful(view, call)
      if (failure !== null) return { code: failure.code, txId, events: [] }
      const apply = (overlay: Overlay, events: ChainEvent[]): void =>
        definition.apply(createApplyContext(overlay, events, LIMITS.eventsPerTxMax), call)
      return { code: null, txId, events: write(apply, LIMITS.eventsPerTxMax) }
    },
    runKeeper(act) {
      const txId = nextId()
      const apply = (overlay: Overlay, events: ChainEvent[]): void =>
        act(createApplyContext(overlay, events, LIMITS.eventsPerTxMax), txId)
      return { code: null, txId, events: write(apply, LIMITS.eventsPerTxMax) }
    },
    broken: () => REGISTRY.modules.flatMap((room) => room.checkInvariants?.(view.scan) ?? []),
  }
}

// What has no canonical bytes never becomes a transaction.
function readPayload<P>(definition: TransactionDefinition<P>, payload: P): P | null {
  try {
    return decode(definition.payload, encode(definition.payload, payload), LIMITS.payloadBytesMax)
  } catch (error) {
    if (error instanceof CodecError || error instanceof RangeError || error instanceof TypeError) return null
    throw error
  }
}

function nameEvent(event: ChainEvent): Told {
  const definition = REGISTRY.eventByType.get(event.type)
  if (definition === undefined) throw new Error(`event ${event.type} is not registered`)
  return { name: definition.name, payload: decodeTrusted(definition.payload, event.payload) as Told['payload'] }
}

const accounts = new Map<string, Address>()
const signers = new Map<string, Signer>()

/** The account of a name of the city; made once, since a key costs as much as a transaction. */
export function accountNamed(name: string): Address {
  const account = accounts.get(name) ?? accountOf(name)
  accounts.set(name, account)
  return account
}

/** The signer of a name of the city, made once. */
export function signerNamed(name: string): Signer {
  const signer = signers.get(name) ?? signerOf(name)
  signers.set(name, signer)
  return signer
}
