// Owns: the transaction envelope: its bytes, its id, what is signed. Not here: payloads (modules), checks (core/execution).
import { createHasher, sha256 } from '../crypto/hash.ts'
import { list, option, struct } from '../codec/compound.ts'
import { address, bytes, code, fixedBytes, u8, u16, u53, u64 } from '../codec/fields.ts'
import { decode, encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { CodecError } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import type { Address, Hash32, TxId } from '../base/ids.ts'
import { SIGN_TAGS, signingBytes } from './signing.ts'

/** Version of the envelope; an unknown one is refused. */
export const TX_VERSION = 1

/** Who pays the credits in the sender's place, and with which of its keys it signs. */
export const SponsorSchema = struct({ account: address, keyId: code(16) })

/** The signed part of a transaction. `nonce` counts per lane from 0; `validUntil` is the last height that may hold it. */
export const TxBodySchema = struct({
  version: u8,
  chainTag: fixedBytes(8),
  type: u16,
  sender: address,
  keyId: code(16),
  lane: u8,
  nonce: u64,
  validUntil: u53,
  payload: bytes(LIMITS.payloadBytesMax),
  sponsor: option(SponsorSchema),
})

export type TxBody = Infer<typeof TxBodySchema>

/** On the wire: the encoded body, then the sender's signature and, with a sponsor, the sponsor's. */
const TxWireSchema = struct({ body: bytes(LIMITS.txBytesMax), signatures: list(fixedBytes(64), LIMITS.txSignaturesMax) })

/** A decoded transaction with what is derived from its bytes. */
export type Transaction = {
  readonly id: TxId
  /** SHA-256 of the whole bytes, signatures included: the leaf under a block's txRoot. */
  readonly wireHash: Hash32
  readonly bytes: Uint8Array
  readonly body: TxBody
  readonly signBytes: Uint8Array
  readonly signatures: readonly Uint8Array[]
}

const hashTx = createHasher(SIGN_TAGS.transaction)

/** What the sender and the sponsor sign. */
export function txSigningBytes(body: TxBody): Uint8Array {
  return signingBytes(SIGN_TAGS.transaction, encode(TxBodySchema, body))
}

/** Puts a body and its signatures together. */
export function assembleTransaction(body: TxBody, signatures: readonly Uint8Array[]): Transaction {
  const encodedBody = encode(TxBodySchema, body)
  return derive({ body, encodedBody, signatures, wire: encode(TxWireSchema, { body: encodedBody, signatures }) })
}

/** Transaction of bytes from outside. Throws CodecError unless canonical and of a known version. */
export function decodeTransaction(wire: Uint8Array): Transaction {
  const { body: encodedBody, signatures } = decode(TxWireSchema, wire, LIMITS.txBytesMax)
  const body = decode(TxBodySchema, encodedBody, LIMITS.txBytesMax)
  if (body.version !== TX_VERSION) throw new CodecError(`transaction version ${body.version}, this node knows ${TX_VERSION}`)
  const expected = body.sponsor === null ? 1 : 2
  if (signatures.length !== expected) throw new CodecError(`${signatures.length} signatures, expected ${expected}`)
  return derive({ body, encodedBody, signatures, wire })
}

/** The account that pays the credits: the sponsor where there is one. */
export function payerOf(body: TxBody): Address {
  return body.sponsor === null ? body.sender : body.sponsor.account
}

type Parts = { body: TxBody; encodedBody: Uint8Array; signatures: readonly Uint8Array[]; wire: Uint8Array }

function derive(parts: Parts): Transaction {
  return {
    id: hashTx(parts.encodedBody),
    wireHash: sha256(parts.wire),
    bytes: parts.wire,
    body: parts.body,
    signBytes: signingBytes(SIGN_TAGS.transaction, parts.encodedBody),
    signatures: parts.signatures,
  }
}
