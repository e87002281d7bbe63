// Owns: proofs as values: what they hold, and reading them from a node's answers.
// Not here: checking them (verify.ts), files (proof-file.ts).
import { fromHex, toHex } from '../core/base/bytes.ts'
import { CodecError } from '../core/base/errors.ts'
import { asHash32 } from '../core/base/ids.ts'
import type { Hash32 } from '../core/base/ids.ts'
import { BLOCK_ENCODED_BYTES_MAX, HeaderSchema } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { bytes, hash32 } from '../core/codec/fields.ts'
import { decode } from '../core/codec/schema.ts'
import type { TextContext } from '../core/codec/schema.ts'
import type { MerkleProof } from '../core/crypto/merkle.ts'
import type { ChainRef } from './chain.ts'
import type { ListProofJson, StateProofJson, TransactionProofJson } from './methods.ts'

/** What every proof names: the chain, and a header with the certificate that makes it final; both in their canonical bytes. */
export type ProofBase = {
  readonly chainId: string
  readonly genesisHash: Hash32
  readonly header: Uint8Array
  readonly commit: Uint8Array
}

/** That a key of the state held this value, or nothing where it is null, after the header's block. */
export type StateProof = ProofBase & { readonly key: string; readonly value: Uint8Array | null; readonly proof: Uint8Array }

/** That a receipt stands in the header's block. */
export type ReceiptProof = ProofBase & { readonly receipt: Uint8Array; readonly receiptPath: MerkleProof }

/** That a transaction stands in the header's block, with its receipt. */
export type TransactionProof = ReceiptProof & { readonly tx: Uint8Array; readonly txPath: MerkleProof }

/** Longest header and certificate, in bytes. */
const PART_BYTES_MAX = 65_536
const anyBytes = bytes(BLOCK_ENCODED_BYTES_MAX)

/** These two schemas hold no accounts in text. */
const NO_TEXT: TextContext = { formatAddress: () => '', parseAddress: () => null }

/** Bytes of `0x` hex. Throws CodecError naming the path. */
export function parseBytes(json: unknown, path: string): Uint8Array {
  return anyBytes.fromJson(json, NO_TEXT, path)
}

/** `0x` hex of bytes. */
export function formatBytes(value: Uint8Array): string {
  return `0x${toHex(value)}`
}

/** `0x` hex of a hash. */
export function formatHash(hash: Hash32): string {
  return `0x${hash}`
}

/** Hash of `0x` hex. Throws CodecError naming the path. */
export function parseHash(json: unknown, path: string): Hash32 {
  return hash32.fromJson(json, NO_TEXT, path)
}

/** Header and certificate of a proof. Throws CodecError unless both are canonical. */
export function decodeFinality({ header, commit }: ProofBase): { header: Header; commit: Certificate } {
  return { header: decode(HeaderSchema, header, PART_BYTES_MAX), commit: decode(CertificateSchema, commit, PART_BYTES_MAX) }
}

function readBase(chain: ChainRef, { header, commit }: { header: string; commit: string }): ProofBase {
  const { chainId, genesisHash } = chain
  return { chainId, genesisHash, header: parseBytes(header, 'header'), commit: parseBytes(commit, 'commit') }
}

/** The state proof in a node's answer. Throws CodecError on another form; nothing is verified. */
export function readStateProof(chain: ChainRef, json: StateProofJson): StateProof {
  const { spec, key, value, existence, nonExistence } = json
  if (spec !== 'naru-smt-1') throw new CodecError(`spec: expected naru-smt-1, got ${JSON.stringify(spec)}`)
  if (typeof key !== 'string') throw new CodecError('key: expected text')
  const path = value === null ? parseBytes(nonExistence, 'nonExistence') : parseBytes(existence, 'existence')
  return { ...readBase(chain, json), key, value: value === null ? null : parseBytes(value, 'value'), proof: path }
}

/** The proof of a transaction and its receipt in a node's answer. Throws CodecError on another form; nothing is verified. */
export function readTransactionProof(chain: ChainRef, json: TransactionProofJson): TransactionProof {
  if (json.spec !== 'naru-list-1') throw new CodecError(`spec: expected naru-list-1, got ${JSON.stringify(json.spec)}`)
  return {
    ...readBase(chain, json),
    tx: parseBytes(json.bytes, 'bytes'),
    txPath: parsePath(json.tx, 'tx'),
    receipt: parseBytes(json.receiptBytes, 'receiptBytes'),
    receiptPath: parsePath(json.receipt, 'receipt'),
  }
}

/** A place in an ordered list. Throws CodecError naming the path. */
export function parsePath(json: unknown, path: string): MerkleProof {
  const { index, count, siblings } = (typeof json === 'object' && json !== null ? json : {}) as Partial<ListProofJson>
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || !Array.isArray(siblings)) {
    throw new CodecError(`${path}: expected index, count and siblings`)
  }
  const hashes = siblings.map((sibling, at) => parseHash(sibling, `${path}.siblings[${at}]`))
  return { index: index as number, count: count as number, siblings: hashes }
}

/** Hash of hex with or without its `0x`. Throws CodecError on anything else. */
export function parseTxId(text: string): Hash32 {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (!/^[0-9a-f]{64}$/.test(digits)) throw new CodecError(`${JSON.stringify(text.slice(0, 80))}: expected 64 hex digits`)
  return asHash32(digits)
}

/** The first eight bytes of the genesis hash, which every transaction carries. */
export function chainTagOf(genesisHash: Hash32): Uint8Array {
  return fromHex(genesisHash.slice(0, 16))
}
