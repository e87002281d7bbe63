// Owns: chain records as JSON: heads, blocks, transactions, receipts, events, statuses, proofs.
// Not here: schemas (core), methods.
import { assert } from '../core/base/assert.ts'
import { toHex } from '../core/base/bytes.ts'
import { CodecError } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { ZERO_HASH } from '../core/base/ids.ts'
import type { Address, BlockId, Hash32, Height, TxId } from '../core/base/ids.ts'
import { HeaderSchema } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import type { ChainEvent, Receipt } from '../core/chain/receipt.ts'
import { decodeTransaction } from '../core/chain/transaction.ts'
import type { Transaction, TxBody } from '../core/chain/transaction.ts'
import { LIMITS } from '../core/base/limits.ts'
import { decode, decodeTrusted, encode } from '../core/codec/schema.ts'
import type { Json, TextContext } from '../core/codec/schema.ts'
import type { RestrictedPart, Restriction, TransactionDefinition } from '../core/execution/module.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { Found } from '../core/execution/restriction.ts'
import { refuseCall, buildFailureError } from './errors.ts'
import type { Context, EventRecord, NodeApi, StateProof, TxStatus } from './node-api.ts'

/** What rendering needs: the rooms' declarations, how accounts read, and what of restricted records may be shown. */
export type Forms = {
  readonly registry: Registry
  readonly text: TextContext
  readonly show?: (restriction: Restriction, ref: string | null, owner?: Address) => boolean
}

/** JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/** `0x` and the digits of a hash. */
export function renderHash(hash: Hash32): string {
  return `0x${hash}`
}

/** `0x` and lower-case hex of bytes. */
export function renderBytes(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`
}

// A header is asked for far more often than it changes.
const headerCache = new WeakMap<Header, JsonObject>()

/** A header with its hash, as `chain_head` and the stream of heads give it. */
export function renderHeader(header: Header, blockId: BlockId, text: TextContext): JsonObject {
  const known = headerCache.get(header)
  if (known !== undefined) return known
  const { height, stateRoot, time, ...rest } = HeaderSchema.toJson(header, text) as JsonObject & {
    height: Json
    stateRoot: Json
    time: Json
  }
  const json = { height, hash: renderHash(blockId), stateRoot, time, ...rest }
  headerCache.set(header, json)
  return json
}

/** Context of the node's head: where every answer about the present comes from. */
export function renderContext(node: NodeApi): JsonObject {
  const { header, blockId } = node.head()
  const context: Context = { height: header.height, hash: blockId, time: header.time }
  return { height: context.height, hash: renderHash(context.hash), time: context.time }
}

/** Fails loudly when a room declares an event field that the event's own name would hide. */
export function assertEventNamesFree(registry: Registry): void {
  for (const { name, payload } of registry.eventByType.values()) {
    assert(!Object.hasOwn(payload.fields, 'name'), `event ${name} has a field called name, which is the event's own name in JSON`)
  }
}

/** `{name, ...payload}` of an event; one of a type that this version does not know keeps its number and bytes. */
export function renderEvent(event: ChainEvent, forms: Forms): JsonObject & { readonly name: string } {
  const definition = forms.registry.eventByType.get(event.type)
  if (definition === undefined) return { name: 'unknown', type: event.type, payload: renderBytes(event.payload) }
  const payload = decodeTrusted(definition.payload, event.payload)
  const json = definition.payload.toJson(payload, forms.text) as JsonObject
  const restricted = forms.registry.restrictions.ofEvent(definition.name)
  const isShown = restricted === null || isShownTo(forms, restricted, { payload, txId: ZERO_HASH })
  return { name: definition.name, ...(isShown ? json : withoutFields(json, restricted.fields)) }
}

/** An event with its place on the chain, the accounts it names and the merchant that it is about. */
export function renderEventRecord(
  record: EventRecord,
  forms: Forms,
): { json: JsonObject; name: string; accounts: ReadonlySet<Address>; merchantId: string | null } {
  const accounts = new Set<Address>()
  const formatAddress = (address: Address): string => {
    accounts.add(address)
    return forms.text.formatAddress(address)
  }
  const event = renderEvent(record.event, { ...forms, text: { ...forms.text, formatAddress } })
  const { height, txIndex, eventIndex, txId } = record
  // What falls due by block time belongs to no transaction.
  const tx = txId === ZERO_HASH ? null : renderHash(txId)
  const merchantId = typeof event['merchantId'] === 'string' ? event['merchantId'] : null
  return { json: { height, txIndex, eventIndex, tx, event }, name: event.name, accounts, merchantId }
}

/** `code` 0 is success; of any other one `error` is the stable text. */
export function renderReceipt(receipt: Receipt, forms: Forms): JsonObject {
  const events = receipt.events.map((event) => renderEvent(event, forms))
  if (receipt.code === 0) return { code: 0, events }
  const definition = forms.registry.errorByNumber.get(receipt.code)
  return { code: receipt.code, error: definition?.code ?? 'UNKNOWN', message: definition?.text ?? '', events }
}

// The facts beside a refusal may be numbers of a restricted record: whoever knows a hash may ask how it ended.
function withoutFacts(refusal: Failure, { registry }: Forms): Failure {
  if (!registry.restrictions.hasRoom(refusal.number >> 8)) return refusal
  const { detail: _detail, ...rest } = refusal
  return rest
}

/** The state of a transaction, told with its hash. */
export function renderStatus(hash: Hash32, status: TxStatus, forms: Forms): JsonObject {
  const head = { hash: renderHash(hash), status: status.status }
  if (status.status === 'pending') return { ...head, validUntil: status.validUntil }
  if (status.status === 'expired') return { ...head, height: status.height }
  if (status.status === 'rejected') return { ...head, error: buildFailureError(withoutFacts(status.failure, forms)) }
  if (status.status === 'unknown') return head
  return { ...head, height: status.height, index: status.index, receipt: renderReceipt(status.receipt, forms) }
}

type Subject = { readonly payload: unknown; readonly txId: TxId; readonly owner?: Address }

function isShownTo({ show }: Forms, { restriction, refOf }: Found<RestrictedPart>, { payload, txId, owner }: Subject): boolean {
  return show?.(restriction, refOf(payload, txId), owner) === true
}

/** An object without what is restricted of it; `restricted` names what is missing, true is everything. */
function withoutFields(json: JsonObject, fields: readonly string[] | null): JsonObject {
  if (fields === null) return { restricted: true }
  return { ...Object.fromEntries(Object.entries(json).filter(([name]) => !fields.includes(name))), restricted: [...fields] }
}

/** Whether a transaction holds something that this call may not show: then neither its bytes nor their proof may go out. */
export function isHidden(tx: Pick<Transaction, 'id' | 'body'>, forms: Forms): boolean {
  const definition = forms.registry.transactionByType.get(tx.body.type)
  const restricted = definition === undefined ? null : forms.registry.restrictions.ofTransaction(definition.name)
  if (definition === undefined || restricted === null) return false
  const payload = readPayload(tx.body, definition)
  return payload === null || !isShownTo(forms, restricted, { payload, txId: tx.id, owner: tx.body.sender })
}

/** Whether an event holds something that this call may not show. */
export function isEventHidden(event: ChainEvent, forms: Forms): boolean {
  const definition = forms.registry.eventByType.get(event.type)
  const restricted = definition === undefined ? null : forms.registry.restrictions.ofEvent(definition.name)
  if (definition === undefined || restricted === null) return false
  return !isShownTo(forms, restricted, { payload: decodeTrusted(definition.payload, event.payload), txId: ZERO_HASH })
}

function readPayload({ payload }: TxBody, { payload: schema }: TransactionDefinition): unknown {
  try {
    return decode(schema, payload, LIMITS.payloadBytesMax)
  } catch (thrown) {
    if (thrown instanceof CodecError) return null
    throw thrown
  }
}

/** A transaction's payload as JSON, or its bytes when this version does not know the type or they do not fit it. */
export function renderPayload(body: TxBody, forms: Forms, txId: TxId = ZERO_HASH): Json {
  const definition = forms.registry.transactionByType.get(body.type)
  if (definition === undefined) return renderBytes(body.payload)
  const payload = readPayload(body, definition)
  const restricted = forms.registry.restrictions.ofTransaction(definition.name)
  const isShown = restricted === null || (payload !== null && isShownTo(forms, restricted, { payload, txId, owner: body.sender }))
  if (payload === null) return isShown ? renderBytes(body.payload) : { restricted: true }
  const json = definition.payload.toJson(payload, forms.text)
  return isShown ? json : withoutFields(json as JsonObject, restricted.fields)
}

/** The signed part of a transaction with its payload spelled out. */
export function renderBody(body: TxBody, forms: Forms, txId: TxId = ZERO_HASH): JsonObject {
  return {
    version: body.version,
    chainTag: renderBytes(body.chainTag),
    type: forms.registry.transactionByType.get(body.type)?.name ?? 'unknown',
    typeNumber: body.type,
    sender: forms.text.formatAddress(body.sender),
    keyId: body.keyId,
    lane: body.lane,
    nonce: body.nonce.toString(),
    validUntil: body.validUntil,
    payload: renderPayload(body, forms, txId),
    sponsor:
      body.sponsor === null ? null : { account: forms.text.formatAddress(body.sponsor.account), keyId: body.sponsor.keyId },
  }
}

/** A signed transaction with its hash and signatures. */
export function renderTransaction(tx: Transaction, forms: Forms): JsonObject {
  return { hash: renderHash(tx.id), ...renderBody(tx.body, forms, tx.id), signatures: tx.signatures.map(renderBytes) }
}

/** Transaction of bytes from a caller. Throws RpcError MALFORMED. */
export function readTransaction(bytes: Uint8Array): Transaction {
  try {
    return decodeTransaction(bytes)
  } catch (thrown) {
    if (thrown instanceof CodecError) return refuseCall('MALFORMED', `tx: ${thrown.message}`, { field: 'tx' })
    throw thrown
  }
}

/** Self-contained proof of a state record, present (`existence`) or absent (`nonExistence`), down to the certificate. */
export function renderStateProof(proof: StateProof): JsonObject {
  return {
    spec: 'naru-smt-1',
    key: proof.key,
    value: proof.value === null ? null : renderBytes(proof.value),
    [proof.value === null ? 'nonExistence' : 'existence']: renderBytes(proof.proof),
    header: renderBytes(encode(HeaderSchema, proof.header)),
    commit: renderBytes(encode(CertificateSchema, proof.commit)),
  }
}

/** Throws RpcError PRUNED or NODE_BEHIND for a height that this node does not hold, NOT_FOUND for one that it should. */
export function refuseHeight(node: NodeApi, height: Height): never {
  const head = node.head().header.height
  if (height > head) return refuseBehind(head, height)
  const { oldestHeight } = node.syncState()
  if (height < oldestHeight) return refuseCall('PRUNED', undefined, { oldest: oldestHeight, want: height })
  return refuseCall('NOT_FOUND', `There is no block ${height}.`, { height })
}

/** Throws RpcError NODE_BEHIND. */
export function refuseBehind(have: Height, want: Height): never {
  const message = `This node is at ${have}, you asked for at least ${want}.`
  return refuseCall('NODE_BEHIND', message, { have, want, retryAfterMs: 400 })
}
