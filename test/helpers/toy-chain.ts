// Owns: a room of toys for tests of execution: types that write, fail, tell and cost as asked, keys that stand in the state.
// Not here: the city's rooms (test/room-bench.ts).
import { fromHex } from '../../core/base/bytes.ts'
import { defineErrors, failure, isFailure } from '../../core/base/errors.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address } from '../../core/base/ids.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import type { ChainParams } from '../../core/chain/params.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../../core/chain/transaction.ts'
import type { Transaction, TxBody } from '../../core/chain/transaction.ts'
import { choice, struct } from '../../core/codec/compound.ts'
import { address, bool, bytes, code, fixedBytes, u8, u16, u32 } from '../../core/codec/fields.ts'
import { encode } from '../../core/codec/schema.ts'
import { deriveAddress } from '../../core/crypto/address.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { createSigner, verifySignature } from '../../core/crypto/keys.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import type { CheckedTransaction } from '../../core/execution/check.ts'
import { defineEvent, defineModule, defineTransaction, KEY_PURPOSES } from '../../core/execution/module.ts'
import type { BlockEnv, TransactionDefinition } from '../../core/execution/module.ts'
import { buildRegistry } from '../../core/execution/registry.ts'
import { createOverlay } from '../../core/state/overlay.ts'
import type { Overlay } from '../../core/state/overlay.ts'
import { defineStore } from '../../core/state/store.ts'

/** One refusal per failure class that a state can cause. */
export const ToyError = defineErrors('TOY', {
  MALFORMED: [0x0901, 'malformed', 'Never.'],
  STALE: [0x0902, 'stale', 'No more.'],
  EARLY: [0x0903, 'early', 'Not yet.'],
  FAILED: [0x0904, 'failed', 'Not here.'],
})

/** Records of the toys, by name. */
export const toys = defineStore({ prefix: 'toy/box', key: (name: string) => name, value: struct({ blob: bytes(60_000) }) })
/** Keys of accounts. */
export const toyKeys = defineStore({
  prefix: 'toy/key',
  key: ({ account, keyId }: { account: Address; keyId: string }) => `${account}/${keyId}`,
  value: struct({ publicKey: fixedBytes(32), purposes: u8, live: bool, onboards: bool }),
})
/** Events that the next block tells as due, one record. */
export const toyDue = defineStore({ prefix: 'toy', key: (_: null) => 'due', value: struct({ count: u16 }) })

/** Told by `toy.tell` and by what falls due. */
export const Told = defineEvent({ type: 0x0901, name: 'toy.told', about: 'A number.', payload: struct({ n: u16 }) })

const base = { about: 'A toy.', keyPurpose: KEY_PURPOSES.authentication, checkStateless: () => null, checkStateful: () => null }

/** Writes `size` bytes under a name; size 0 removes it. */
export const put = defineTransaction({
  ...base,
  type: 0x0901,
  name: 'toy.put',
  payload: struct({ name: code(32), size: u32 }),
  apply: ({ view, emit }, { payload: { name, size } }) => {
    if (size === 0) toys.remove(view, name)
    else toys.set(view, name, { blob: new Uint8Array(size) })
    emit(Told, { n: 1 })
  },
})

const kind = choice({ malformed: 0, stale: 1, early: 2, failed: 3 })
const ERRORS = { malformed: ToyError.MALFORMED, stale: ToyError.STALE, early: ToyError.EARLY, failed: ToyError.FAILED }

/** Is refused by the state, or already by its payload. */
export const refuse = defineTransaction({
  ...base,
  type: 0x0902,
  name: 'toy.refuse',
  payload: struct({ as: kind, isStateless: bool }),
  checkStateless: ({ payload }) => (payload.isStateless ? failure(ERRORS[payload.as]) : null),
  checkStateful: (_view, { payload }) => failure(ERRORS[payload.as]),
  apply: () => undefined,
})

/** Tells `count` events. */
export const tell = defineTransaction({
  ...base,
  type: 0x0903,
  name: 'toy.tell',
  payload: struct({ count: u16 }),
  apply: ({ emit }, { payload }) => {
    for (let n = 0; n < payload.count; n++) emit(Told, { n })
  },
})

/** Costs `units` beyond its signatures. */
export const toil = defineTransaction({
  ...base,
  type: 0x0904,
  name: 'toy.toil',
  payload: struct({ units: u32 }),
  operations: ({ units }) => units,
  apply: () => undefined,
})

/** Needs a key of purpose 8. */
export const change = defineTransaction({
  ...base,
  type: 0x0905,
  name: 'toy.change',
  payload: struct({}),
  keyPurpose: KEY_PURPOSES.invocation,
  apply: () => undefined,
})

/** Brings its own key and needs a sponsor that may onboard. */
export const arrive = defineTransaction({
  ...base,
  type: 0x0906,
  name: 'toy.arrive',
  payload: struct({ publicKey: fixedBytes(32) }),
  selfKey: ({ publicKey }, keyId) => (keyId === 'k1' ? publicKey : null),
  apply: ({ view }, { payload: { publicKey }, sender }) =>
    toyKeys.set(view, { account: sender, keyId: 'k1' }, { publicKey, purposes: 1, live: true, onboards: false }),
})

/** Sets how many events fall due in the next block. */
export const schedule = defineTransaction({
  ...base,
  type: 0x0907,
  name: 'toy.schedule',
  payload: struct({ count: u16 }),
  apply: ({ view }, { payload }) => toyDue.set(view, null, payload),
})

/** Needs a sender that the payload names. */
export const name = defineTransaction({
  ...base,
  type: 0x0908,
  name: 'toy.name',
  payload: struct({ account: address }),
  checkStateless: ({ payload, sender }) => (payload.account === sender ? null : failure(ToyError.MALFORMED)),
  apply: () => undefined,
})

const room = defineModule({
  name: 'toy',
  number: 9,
  about: 'Toys.',
  transactions: [put, refuse, tell, toil, change, arrive, schedule, name],
  queries: [],
  events: [Told],
  errors: ToyError,
  findKey: (view, account, keyId) => toyKeys.get(view, { account, keyId }),
  mayOnboard: (view, sponsor) => toyKeys.get(view, { account: sponsor, keyId: 'k1' })?.onboards ?? false,
  beginBlock: ({ view, emit }) => {
    const count = toyDue.get(view, null)?.count ?? 0
    for (let n = 0; n < count; n++) emit(Told, { n })
    if (count > 0) toyDue.remove(view, null)
  },
})

/** The registry of the toy room alone. */
export const TOYS = buildRegistry([room])
/** The genesis hash of the toys' chain. */
export const TOY_GENESIS = asHash32('0123456789abcdef'.repeat(4))
/** Block time of height 1. */
export const TOY_TIME = 1_795_392_000_000

/** The signer of a name; the same name gives the same key. */
export function toySigner(who: string): Signer {
  const seed = new Uint8Array(32)
  new TextEncoder().encodeInto(who, seed)
  return createSigner(seed)
}

/** The account of a name. */
export function toyAccount(who: string): Address {
  return deriveAddress({ genesisHash: TOY_GENESIS, publicKey: toySigner(who).publicKey, nonce: 0n })
}

/** The block of a height, one second after the one below it. */
export function toyBlock(height = 1, params: ChainParams = CITY_PARAMS, time = TOY_TIME + height * 1_000): BlockEnv {
  return { chainId: 'naru-toys', genesisHash: TOY_GENESIS, height, time, params }
}

/** Which fields of an envelope differ from the usual ones; `by` and `sponsoredBy` sign with the keys of these names. */
export type ToyEnvelope = Partial<Omit<TxBody, 'sponsor' | 'payload'>> & {
  readonly payload?: Uint8Array
  readonly by?: string
  readonly sponsor?: string
  readonly sponsorKeyId?: string
  readonly sponsoredBy?: string
}

/** A signed transaction of `who`: lane 0, nonce 0, key k1, valid until height 100, no sponsor, unless told otherwise. */
export function toyTransaction<P>(
  who: string,
  type: TransactionDefinition<P>,
  payload: NoInfer<P>,
  other: ToyEnvelope = {},
): Transaction {
  const { by = who, sponsor, sponsorKeyId = 'k1', sponsoredBy = sponsor, ...fields } = other
  const body: TxBody = {
    version: TX_VERSION,
    chainTag: fromHex(TOY_GENESIS.slice(0, 16)),
    type: type.type,
    sender: toyAccount(who),
    keyId: 'k1',
    lane: 0,
    nonce: 0n,
    validUntil: 100,
    payload: encode(type.payload, payload),
    ...fields,
    sponsor: sponsor === undefined ? null : { account: toyAccount(sponsor), keyId: sponsorKeyId },
  }
  const message = txSigningBytes(body)
  const signers = [by, ...(sponsoredBy === undefined ? [] : [sponsoredBy])]
  return assembleTransaction(
    body,
    signers.map((signer) => toySigner(signer).sign(message)),
  )
}

/** The checked form; throws when the transaction is malformed. */
export function toyChecked<P>(
  who: string,
  type: TransactionDefinition<P>,
  payload: NoInfer<P>,
  other: ToyEnvelope = {},
): CheckedTransaction {
  const checked = checkStatelessly(TOYS, TOY_GENESIS, toyTransaction(who, type, payload, other).bytes)
  if (isFailure(checked)) throw new Error(checked.code)
  return checked
}

/** A state in which alice, bob and office have key k1 of purpose 1, alice k8 of purpose 8; office onboards. */
export function toyState(): Overlay {
  const view = createOverlay({ get: () => null })
  for (const who of ['alice', 'bob', 'office']) {
    const { publicKey } = toySigner(who)
    const onboards = who === 'office'
    toyKeys.set(view, { account: toyAccount(who), keyId: 'k1' }, { publicKey, purposes: 1, live: true, onboards })
  }
  const { publicKey } = toySigner('alice')
  toyKeys.set(view, { account: toyAccount('alice'), keyId: 'k8' }, { publicKey, purposes: 8, live: true, onboards: false })
  return view
}

/** The surroundings of a check or run on a state. */
export function toyEnv(view: Overlay, block: BlockEnv = toyBlock()) {
  return { registry: TOYS, view, block, checkSignature: verifySignature }
}
