// Owns: header, block, compact block and block id (consensus.md 5.1). Not here: building and executing blocks.
import { list, option, struct } from '../codec/compound.ts'
import { address, bytes, code, hash32, u8, u32, u53 } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { createHasher } from '../crypto/hash.ts'
import { merkleRoot } from '../crypto/merkle.ts'
import { LIMITS } from '../base/limits.ts'
import type { BlockId, Hash32 } from '../base/ids.ts'
import { CertificateSchema } from './certificate.ts'

/** Version of the header and of what it commits to; another one is refused. */
export const BLOCK_VERSION = 1

/** `stateRoot` is the state after this block; neither round nor signatures are inside, so one block has one id for ever. */
export const HeaderSchema = struct({
  version: u8,
  chainId: code(LIMITS.chainIdCharsMax),
  height: u53,
  time: u53,
  parentId: hash32,
  lastCommitHash: hash32,
  txRoot: hash32,
  receiptsRoot: hash32,
  stateRoot: hash32,
  validatorsHash: hash32,
  nextValidatorsHash: hash32,
  paramsHash: hash32,
  evidenceHash: hash32,
  recoveryHash: option(hash32),
  proposer: address,
  txCount: u32,
  bodyBytes: u32,
})

/** Encoded evidence records (evidence.ts), in the order in which they take effect. */
export const EvidenceListSchema = list(bytes(LIMITS.evidenceBytesMax), LIMITS.blockEvidenceMax)

/** A whole block: header, the certificate of its parent, evidence, and each transaction's bytes in order. */
export const BlockSchema = struct({
  header: HeaderSchema,
  lastCommit: option(CertificateSchema),
  evidence: EvidenceListSchema,
  txs: list(bytes(LIMITS.txBytesMax), LIMITS.blockTxsMax),
})

/** A block with transaction ids in place of bodies; the receiver fills them from its mempool (decisions 7). */
export const CompactBlockSchema = struct({
  header: HeaderSchema,
  lastCommit: option(CertificateSchema),
  evidence: EvidenceListSchema,
  txIds: list(hash32, LIMITS.blockTxsMax),
})

export type Header = Infer<typeof HeaderSchema>
export type Block = Infer<typeof BlockSchema>
export type CompactBlock = Infer<typeof CompactBlockSchema>

/** Upper bound of an encoded block: its body, header, certificate and evidence. */
export const BLOCK_ENCODED_BYTES_MAX = LIMITS.blockBytesMax + LIMITS.blockTxsMax * 5 + 262_144

const hashHeader = createHasher('naru/block/v1')
const hashEvidence = createHasher('naru/evidence/v1')

/** Id of a block: the hash of its header. */
export function blockIdOf(header: Header): BlockId {
  return hashHeader(encode(HeaderSchema, header))
}

/** Hash of the evidence list, also of the empty one. */
export function evidenceHash(evidence: readonly Uint8Array[]): Hash32 {
  return hashEvidence(encode(EvidenceListSchema, evidence))
}

/** Merkle root over the transactions' wire hashes. */
export function txRootOf(wireHashes: readonly Hash32[]): Hash32 {
  return merkleRoot(wireHashes)
}
