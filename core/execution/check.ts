// Owns: what must hold before a transaction may run: envelope, key, signatures, nonce, credits. Not here: running it (apply.ts).
import { CodecError, failure } from '../base/errors.ts'
import type { Failure } from '../base/errors.ts'
import { toHex } from '../base/bytes.ts'
import { decode } from '../codec/schema.ts'
import { LIMITS } from '../base/limits.ts'
import { decodeTransaction, payerOf } from '../chain/transaction.ts'
import type { Transaction, TxBody } from '../chain/transaction.ts'
import type { SignatureCheck } from '../chain/certificate.ts'
import { nextNonce, payCredits, readAccount } from '../state/accounts.ts'
import type { Account } from '../state/accounts.ts'
import type { ReadView } from '../state/view.ts'
import { EnvelopeError } from './errors.ts'
import { KEY_PURPOSES } from './module.ts'
import { isRoomFault, runRoom } from './room-fault.ts'
import type { BlockEnv, Judge, KeyLookup, TransactionDefinition, TxCall } from './module.ts'
import type { Registry } from './registry.ts'

/** A transaction whose shape is known to be right: type found, payload decoded, stateless checks passed. */
export type CheckedTransaction = {
  readonly tx: Transaction
  readonly definition: TransactionDefinition
  readonly payload: unknown
  /** Signature checks that it costs, in units of one. */
  readonly operations: number
}

/** The surroundings of a check. `checkSignature` may remember what it verified before. */
export type CheckContext = {
  readonly registry: Registry
  readonly view: ReadView
  readonly block: BlockEnv
  readonly checkSignature: SignatureCheck
  /** Remembers verdicts of costly checks; every one is made anew where it is absent, with the same outcome. */
  readonly recall?: Recall | undefined
}

/** The verdict on a statement of a transaction type, made by `judge` unless it is known. */
export type Recall = (type: number, statement: Uint8Array, judge: Judge) => string | null

/** Decodes and checks what needs no state. A failure here is for ever. */
export function checkStatelessly(registry: Registry, genesisHash: string, bytes: Uint8Array): CheckedTransaction | Failure {
  try {
    return checkShape(registry, genesisHash, decodeTransaction(bytes))
  } catch (cause) {
    if (cause instanceof CodecError) return failure(EnvelopeError.MALFORMED, { reason: cause.message })
    throw cause
  }
}

function checkShape(registry: Registry, genesisHash: string, tx: Transaction): CheckedTransaction | Failure {
  const { body } = tx
  if (toHex(body.chainTag) !== genesisHash.slice(0, 16)) return failure(EnvelopeError.WRONG_CHAIN)
  const definition = registry.transactionByType.get(body.type)
  if (definition === undefined) return failure(EnvelopeError.UNKNOWN_TYPE, { type: body.type })
  let payload: unknown
  try {
    payload = decode(definition.payload, body.payload, LIMITS.payloadBytesMax)
  } catch (cause) {
    if (cause instanceof CodecError) return failure(EnvelopeError.BAD_PAYLOAD, { reason: cause.message })
    throw cause
  }
  if (definition.selfKey !== undefined && body.sponsor === null) return failure(EnvelopeError.SPONSOR_REQUIRED)
  const outcome = runRoom(definition.name, () => {
    const refused = definition.checkStateless(callOf(tx, payload))
    return refused ?? { tx, definition, payload, operations: tx.signatures.length + (definition.operations?.(payload) ?? 0) }
  })
  return isRoomFault(outcome) ? failure(EnvelopeError.BAD_PAYLOAD, { reason: 'the checks of this type failed on it' }) : outcome
}

/** What a transaction's room checks beyond its signatures, in units of one signature check. */
export function roomUnits({ operations, tx }: Pick<CheckedTransaction, 'operations' | 'tx'>): number {
  return operations - tx.signatures.length
}

/** The call as a room's checks see it. */
export function callOf(tx: Transaction, payload: unknown) {
  const { sender, keyId, sponsor } = tx.body
  return { payload, sender, keyId, sponsor: sponsor === null ? null : sponsor.account, txId: tx.id }
}

/** The call with its block, as `checkStateful` and `apply` of a room see it. */
export function stateCallOf(
  { block, recall }: Pick<CheckContext, 'block' | 'recall'>,
  checked: CheckedTransaction,
): TxCall<unknown> {
  const { tx, definition, payload } = checked
  const call = { ...callOf(tx, payload), block }
  const { costly, type } = definition
  if (recall === undefined || costly === undefined) return call
  return { ...call, judge: (statement) => recall(type, statement, costly.judge) }
}

/** How a lane's nonce compares: `exact` inside a block, `ahead` lets a mempool hold later ones. */
export type NonceRule = 'exact' | 'ahead'

/** Checks expiry, keys, signatures, nonce and credits against a state. Null when the transaction may run in `block`. */
export function checkEnvelope(context: CheckContext, checked: CheckedTransaction, nonceRule: NonceRule): Failure | null {
  const { body } = checked.tx
  return (
    checkExpiry(body, context.block) ??
    checkNonce(readAccount(context.view, body.sender), body, nonceRule) ??
    checkAuthority(context, checked) ??
    checkCredits(context, checked)
  )
}

function checkExpiry(body: TxBody, block: BlockEnv): Failure | null {
  if (body.validUntil < block.height) return failure(EnvelopeError.EXPIRED, { validUntil: body.validUntil, height: block.height })
  const latest = block.height + block.params.validUntilAheadMax
  return body.validUntil > latest ? failure(EnvelopeError.VALID_UNTIL_TOO_FAR, { validUntil: body.validUntil, latest }) : null
}

function checkNonce(account: Account, body: TxBody, rule: NonceRule): Failure | null {
  const expected = nextNonce(account, body.lane)
  const detail = { lane: body.lane, expected: expected.toString(), got: body.nonce.toString() }
  if (body.nonce < expected) return failure(EnvelopeError.NONCE_TOO_LOW, detail)
  return body.nonce > expected && rule === 'exact' ? failure(EnvelopeError.NONCE_GAP, detail) : null
}

function checkAuthority(context: CheckContext, checked: CheckedTransaction): Failure | null {
  const { tx, definition, payload } = checked
  const { body } = tx
  const found = runRoom(definition.name, () => definition.selfKey?.(payload, body.keyId))
  const selfKey = isRoomFault(found) ? null : found
  const key: KeyLookup | null =
    selfKey === undefined
      ? context.registry.findKey(context.view, body.sender, body.keyId)
      : selfKey === null
        ? null
        : { publicKey: selfKey, purposes: definition.keyPurpose, live: true }
  const refused = checkKey({ key, purpose: definition.keyPurpose, keyId: body.keyId })
  if (refused !== null) return refused
  if (
    !context.checkSignature({
      publicKey: (key as KeyLookup).publicKey,
      message: tx.signBytes,
      signature: tx.signatures[0] as Uint8Array,
    })
  ) {
    return failure(EnvelopeError.BAD_SIGNATURE, { keyId: body.keyId })
  }
  return body.sponsor === null ? null : checkSponsor(context, checked)
}

function checkSponsor(context: CheckContext, checked: CheckedTransaction): Failure | null {
  const { tx, definition } = checked
  const sponsor = tx.body.sponsor as NonNullable<TxBody['sponsor']>
  const key = context.registry.findKey(context.view, sponsor.account, sponsor.keyId)
  const refused = checkKey({ key, purpose: KEY_PURPOSES.authentication, keyId: sponsor.keyId })
  if (refused !== null) return refused
  if (definition.selfKey !== undefined && !context.registry.mayOnboard(context.view, sponsor.account, context.block)) {
    return failure(EnvelopeError.SPONSOR_NOT_ALLOWED)
  }
  const valid = context.checkSignature({
    publicKey: (key as KeyLookup).publicKey,
    message: tx.signBytes,
    signature: tx.signatures[1] as Uint8Array,
  })
  return valid ? null : failure(EnvelopeError.BAD_SIGNATURE, { keyId: sponsor.keyId, signer: 'sponsor' })
}

function checkKey(check: { key: KeyLookup | null; purpose: number; keyId: string }): Failure | null {
  const { key, purpose, keyId } = check
  if (key === null || !key.live) return failure(EnvelopeError.UNKNOWN_KEY, { keyId })
  return (key.purposes & purpose) === 0
    ? failure(EnvelopeError.WRONG_KEY_PURPOSE, { keyId, needs: purpose, has: key.purposes })
    : null
}

function checkCredits(context: CheckContext, checked: CheckedTransaction): Failure | null {
  const { tx, operations } = checked
  const account = readAccount(context.view, payerOf(tx.body))
  const cost = { bytes: tx.bytes.length, operations, stateBytes: 0 }
  const paid = payCredits({ account, classes: context.block.params.creditClasses, cost, time: context.block.time })
  return paid === null ? failure(EnvelopeError.CREDIT_EXHAUSTED, { bytes: cost.bytes, operations }) : null
}

/** The whole check as a mempool makes it: envelope, then the room's own view of the state. */
export function checkTransaction(context: CheckContext, checked: CheckedTransaction, nonceRule: NonceRule): Failure | null {
  const refused = checkEnvelope(context, checked, nonceRule)
  if (refused !== null) return refused
  const { definition } = checked
  const call = stateCallOf(context, checked)
  const stateful = runRoom(definition.name, () => definition.checkStateful(context.view, call))
  return isRoomFault(stateful) ? failure(EnvelopeError.EXECUTION_FAULT) : stateful
}
