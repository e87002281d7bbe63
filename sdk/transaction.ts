// Owns: building and signing transactions: body, sender's signature, sponsor's signature. Not here: sending (sender.ts, wait.ts).
import { fromHex } from '../core/base/bytes.ts'
import { isFailure, NodeError } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { Address, TxId } from '../core/base/ids.ts'
import { assembleTransaction, TxBodySchema, TX_VERSION } from '../core/chain/transaction.ts'
import type { Transaction, TxBody } from '../core/chain/transaction.ts'
import { decode, encode } from '../core/codec/schema.ts'
import type { Json } from '../core/codec/schema.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'
import type { TransactionDefinition } from '../core/execution/module.ts'
import type { ChainRef } from './chain.ts'
import { TransactionError } from './errors.ts'
import type { Wallet } from './wallet.ts'

/** Who pays in the sender's place, and with which of its keys it signs. */
export type Sponsor = { readonly account: Address; readonly keyId: string }

/** The envelope of a transaction; `lane` is 0 where left out, `validUntil` the last height that may hold it. */
export type Envelope = {
  readonly chain: ChainRef
  readonly sender: Address
  readonly keyId: string
  readonly lane?: number
  readonly nonce: bigint
  readonly validUntil: number
  readonly sponsor?: Sponsor | null
}

/** A type by its declaration with a typed payload, or by its name with the payload's JSON form. */
export type Action<P = unknown> =
  | { readonly type: TransactionDefinition<P>; readonly payload: P }
  | { readonly type: string; readonly payload: Json }

/** A transaction before its signatures. */
export type UnsignedTransaction = { readonly body: TxBody; readonly txId: TxId; readonly signBytes: Uint8Array }

/**
 * Builds a transaction. Throws CodecError naming the field of a payload that does not fit its schema, NodeError UNKNOWN_TYPE,
 * and TransactionError with the failure's code where the room would refuse it on any state.
 */
export function buildTransaction<P>(request: Envelope & Action<P>): UnsignedTransaction {
  const { chain, sender, keyId, lane = 0, nonce, validUntil, sponsor = null } = request
  const { definition, payload } = resolveAction(chain, request)
  const unsigned = deriveUnsigned({
    version: TX_VERSION,
    chainTag: fromHex(chain.genesisHash.slice(0, 16)),
    type: definition.type,
    sender,
    keyId,
    lane,
    nonce,
    validUntil,
    payload: encode(definition.payload, payload),
    sponsor,
  })
  const { txId } = unsigned
  const refused = definition.checkStateless({ payload, sender, keyId, sponsor: sponsor === null ? null : sponsor.account, txId })
  if (isFailure(refused)) throw new TransactionError(refused.code, `0x${txId}`, refused.text)
  return unsigned
}

/** Type number and canonical payload of an action: what a council's mandate names. Throws as `buildTransaction`. */
export function encodeAction(chain: ChainRef, action: Action): { readonly typeNumber: number; readonly bytes: Uint8Array } {
  const { definition, payload } = resolveAction(chain, action)
  return { typeNumber: definition.type, bytes: encode(definition.payload, payload) }
}

type AnyAction = { readonly type: unknown; readonly payload: unknown }

function resolveAction(chain: ChainRef, { type, payload }: AnyAction): { definition: TransactionDefinition; payload: unknown } {
  if (typeof type !== 'string') return { definition: type as TransactionDefinition, payload }
  const definition = chain.registry.transactionByName.get(type)
  if (definition === undefined) {
    const names = [...chain.registry.transactionByName.keys()].join(', ')
    throw new NodeError('UNKNOWN_TYPE', `there is no transaction type ${JSON.stringify(type)}; there are ${names}`)
  }
  return { definition, payload: definition.payload.fromJson(payload, textContextOf(chain.network), '$.payload') }
}

function deriveUnsigned(body: TxBody): UnsignedTransaction {
  const { id, signBytes } = assembleTransaction(body, [])
  return { body, txId: id, signBytes }
}

/** Bytes of an unsigned transaction, to hand to a sponsor or another device. */
export function encodeUnsigned(unsigned: UnsignedTransaction): Uint8Array {
  return encode(TxBodySchema, unsigned.body)
}

/** The unsigned transaction of bytes. Throws CodecError unless canonical. */
export function decodeUnsigned(bytes: Uint8Array): UnsignedTransaction {
  return deriveUnsigned(decode(TxBodySchema, bytes, LIMITS.txBytesMax))
}

/** The signature of the sender or of the sponsor, whichever the wallet is. Throws NodeError WRONG_SIGNER when it is neither. */
export function signAs(role: 'sender' | 'sponsor', unsigned: UnsignedTransaction, wallet: Wallet): Uint8Array {
  const { body } = unsigned
  const named = role === 'sender' ? { account: body.sender, keyId: body.keyId } : body.sponsor
  if (named !== null && named.account === wallet.account && named.keyId === wallet.keyId) return wallet.sign(unsigned.signBytes)
  const expected = named === null ? 'nobody' : `key ${named.keyId} of ${named.account}`
  throw new NodeError('WRONG_SIGNER', `the ${role} is ${expected}, the wallet is key ${wallet.keyId} of ${wallet.account}`)
}

/** The transaction signed by its sender and, where it names one, its sponsor. Throws NodeError WRONG_SIGNER. */
export function signTransaction(unsigned: UnsignedTransaction, sender: Wallet, sponsor: Wallet | null = null): Transaction {
  const signatures = [signAs('sender', unsigned, sender)]
  if (sponsor !== null) signatures.push(signAs('sponsor', unsigned, sponsor))
  return completeTransaction(unsigned, signatures)
}

/** Puts signatures made elsewhere to the transaction: the sender's, then the sponsor's. Throws NodeError SIGNATURE_MISSING. */
export function completeTransaction(unsigned: UnsignedTransaction, signatures: readonly Uint8Array[]): Transaction {
  const expected = unsigned.body.sponsor === null ? 1 : 2
  if (signatures.length === expected) return assembleTransaction(unsigned.body, signatures)
  throw new NodeError(
    'SIGNATURE_MISSING',
    `${signatures.length} signatures given, ${expected} needed: the sender's, then the sponsor's`,
  )
}
