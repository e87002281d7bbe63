// Owns: headers, ids, roots and the encoded bounds of blocks and receipts. Not here: building and executing them.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { concatBytes, utf8ToBytes } from '../base/bytes.ts'
import { asAddress, asHash32, ZERO_HASH } from '../base/ids.ts'
import { LIMITS } from '../base/limits.ts'
import { decode, encode } from '../codec/schema.ts'
import { merkleRoot } from '../crypto/merkle.ts'
import {
  BLOCK_ENCODED_BYTES_MAX,
  BLOCK_VERSION,
  BlockSchema,
  blockIdOf,
  CompactBlockSchema,
  evidenceHash,
  HeaderSchema,
  txRootOf,
} from './block.ts'
import type { Block, Header } from './block.ts'
import { receiptHash, ReceiptSchema, receiptsRoot } from './receipt.ts'
import type { Receipt } from './receipt.ts'

const hash = (byte: number) => asHash32(byte.toString(16).padStart(2, '0').repeat(32))
const HEADER: Header = {
  version: BLOCK_VERSION,
  chainId: 'naru',
  height: 5,
  time: 1_795_392_000_000,
  parentId: hash(1),
  lastCommitHash: hash(2),
  txRoot: hash(3),
  receiptsRoot: hash(4),
  stateRoot: hash(5),
  validatorsHash: hash(6),
  nextValidatorsHash: hash(7),
  paramsHash: hash(8),
  evidenceHash: hash(9),
  recoveryHash: null,
  proposer: asAddress('11'.repeat(20)),
  txCount: 3,
  bodyBytes: 900,
}

describe('a block id', () => {
  it('is the tagged hash of the encoded header', () => {
    const tagged = concatBytes(Uint8Array.of(0, 13), utf8ToBytes('naru/block/v1'), encode(HeaderSchema, HEADER))
    expect(blockIdOf(HEADER)).toBe(createHash('sha256').update(tagged).digest('hex'))
  })

  it('changes with every field of the header', () => {
    const changed: { [K in keyof Header]: Header[K] } = {
      version: 2,
      chainId: 'naru2',
      height: 6,
      time: HEADER.time + 1,
      parentId: ZERO_HASH,
      lastCommitHash: ZERO_HASH,
      txRoot: ZERO_HASH,
      receiptsRoot: ZERO_HASH,
      stateRoot: ZERO_HASH,
      validatorsHash: ZERO_HASH,
      nextValidatorsHash: ZERO_HASH,
      paramsHash: ZERO_HASH,
      evidenceHash: ZERO_HASH,
      recoveryHash: ZERO_HASH,
      proposer: asAddress('12'.repeat(20)),
      txCount: 4,
      bodyBytes: 901,
    }
    const fields = Object.keys(HEADER) as (keyof Header)[]
    const ids = fields.map((field) => blockIdOf({ ...HEADER, [field]: changed[field] }))
    expect(fields).toEqual(Object.keys(HeaderSchema.fields))
    expect(new Set([blockIdOf(HEADER), ...ids]).size).toBe(fields.length + 1)
  })
})

describe('a block', () => {
  const block: Block = { header: HEADER, lastCommit: null, evidence: [], txs: [Uint8Array.of(1), Uint8Array.of(2, 3)] }

  it('is read back from its bytes, and so is its compact form', () => {
    expect(decode(BlockSchema, encode(BlockSchema, block), BLOCK_ENCODED_BYTES_MAX)).toEqual(block)
    const { txs: _, ...rest } = block
    const compact = { ...rest, txIds: [hash(1), hash(2)] }
    expect(decode(CompactBlockSchema, encode(CompactBlockSchema, compact), 10_000)).toEqual(compact)
  })

  it('of the largest content fits into the encoded bound, and its compact form into a frame', () => {
    const certificate = {
      type: 'precommit',
      height: 4,
      round: 4_294_967_295,
      blockId: hash(1),
      validRound: -1,
      bitmap: new Uint8Array(13),
      signatures: new Array<Uint8Array>(LIMITS.validatorsMax).fill(new Uint8Array(64)),
    } as const
    const evidence = new Array<Uint8Array>(LIMITS.blockEvidenceMax).fill(new Uint8Array(LIMITS.evidenceBytesMax))
    const tx = new Uint8Array(Math.floor(LIMITS.blockBytesMax / LIMITS.blockTxsMax))
    const txs = new Array<Uint8Array>(LIMITS.blockTxsMax).fill(tx)
    const largest = encode(BlockSchema, { header: HEADER, lastCommit: certificate, evidence, txs })
    expect(largest.length).toBeLessThanOrEqual(BLOCK_ENCODED_BYTES_MAX)
    const txIds = new Array(LIMITS.blockTxsMax).fill(hash(1))
    const compact = encode(CompactBlockSchema, { header: HEADER, lastCommit: certificate, evidence, txIds })
    expect(compact.length).toBeLessThan(LIMITS.consensusFrameBytesMax)
  })

  it('has a root over its transactions that their order changes', () => {
    expect(txRootOf([hash(1), hash(2)])).toBe(merkleRoot([hash(1), hash(2)]))
    expect(txRootOf([hash(2), hash(1)])).not.toBe(txRootOf([hash(1), hash(2)]))
    expect(txRootOf([])).not.toBe(ZERO_HASH)
    expect(evidenceHash([])).not.toBe(evidenceHash([new Uint8Array()]))
  })
})

describe('receipts', () => {
  const receipt: Receipt = { txId: hash(1), code: 0, events: [{ type: 0x0301, payload: Uint8Array.of(0x90) }] }

  it('are leaves by the hash of their bytes', () => {
    const digest = createHash('sha256').update(encode(ReceiptSchema, receipt)).digest('hex')
    expect(receiptHash(receipt)).toBe(digest)
    expect(receiptsRoot([receipt, receipt])).toBe(merkleRoot([asHash32(digest), asHash32(digest)]))
  })

  it('change their root with every field and their order', () => {
    const other = { ...receipt, txId: hash(2) }
    const roots = [
      [],
      [receipt],
      [other],
      [{ ...receipt, code: 1 }],
      [{ ...receipt, events: [] }],
      [{ ...receipt, events: [{ type: 0x0302, payload: Uint8Array.of(0x90) }] }],
      [{ ...receipt, events: [{ type: 0x0301, payload: Uint8Array.of(0x91) }] }],
      [receipt, other],
      [other, receipt],
    ].map(receiptsRoot)
    expect(new Set(roots).size).toBe(roots.length)
  })
})
