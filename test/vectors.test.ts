// Owns: the golden vectors: what the code gives today is what the files say, and the files hold together by themselves.
// Not here: how they are made (scripts/vectors), the vectors of single primitives (beside their code).
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../core/base/bytes.ts'
import { isFailure } from '../core/base/errors.ts'
import { asHash32 } from '../core/base/ids.ts'
import { BlockSchema, blockIdOf, HeaderSchema } from '../core/chain/block.ts'
import { CertificateSchema, certificateHash, checkCertificate } from '../core/chain/certificate.ts'
import { ChainParamsSchema, paramsHash } from '../core/chain/params.ts'
import { receiptHash, ReceiptSchema, receiptsRoot } from '../core/chain/receipt.ts'
import { decodeTransaction, TxBodySchema } from '../core/chain/transaction.ts'
import { buildValidatorSet, ValidatorListSchema } from '../core/chain/validator-set.ts'
import { consensusSigningBytes, readSignedContent } from '../core/chain/vote.ts'
import type { VoteType } from '../core/chain/vote.ts'
import { decode, encode, fromJson } from '../core/codec/schema.ts'
import type { Schema } from '../core/codec/schema.ts'
import { sha256Bytes } from '../core/crypto/hash.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { checkStatelessly } from '../core/execution/check.ts'
import { executeBlock } from '../core/execution/execute-block.ts'
import { initGenesis, parseGenesis } from '../core/execution/init-genesis.ts'
import type { StateChange } from '../core/state/overlay.ts'
import { createStateTree } from '../core/state/tree.ts'
import { buildVectors } from '../scripts/vectors/build.ts'
import { REGISTRY } from '../modules/registry.ts'
import { TEXT, THREE_ROOMS } from '../scripts/vectors/city.ts'
import { judgeAnon, judgeCast } from '../modules/vote/judge.ts'
import ballotVectors from './vectors/ballot.json' with { type: 'json' }
import blockVectors from './vectors/block.json' with { type: 'json' }
import genesisVectors from './vectors/genesis.json' with { type: 'json' }
import moneyVectors from './vectors/money.json' with { type: 'json' }
import receiptVectors from './vectors/receipt.json' with { type: 'json' }
import transactionVectors from './vectors/transaction.json' with { type: 'json' }
import voteVectors from './vectors/vote.json' with { type: 'json' }

const bytesOf = (text: string): Uint8Array => fromHex(text.slice(2))
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
const hashOf = (text: string) => asHash32(text.slice(2))
const MAX = 1_000_000

/** The value of both forms, which must be one value. */
function readBoth<T>(schema: Schema<T>, vector: { json: unknown; bytes: string }): T {
  const value = decode(schema, bytesOf(vector.bytes), MAX)
  expect(fromJson(schema, vector.json, TEXT)).toEqual(value)
  expect(hex(encode(schema, value))).toBe(vector.bytes)
  return value
}

describe('the code', () => {
  const built = buildVectors()
  it.each(Object.keys(built))('gives %s to the byte', (name) => {
    const file = readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8')
    expect(`${JSON.stringify(built[name], null, 1)}\n`).toBe(file)
  })
})

describe.each(ballotVectors.vectors.map((vector) => [vector.shows, vector] as const))('%s', (_shows, vector) => {
  it('is judged as the file says', () => {
    const judge = vector.kind === 'anon' ? judgeAnon : judgeCast
    expect(judge(bytesOf(vector.statement))).toBe(vector.verdict)
  })
})

describe.each(transactionVectors.transactions.map((vector) => [vector.shows, vector] as const))('%s', (_shows, vector) => {
  it('is read from its bytes, with id, payload and sign bytes', () => {
    const tx = decodeTransaction(bytesOf(vector.wire))
    expect([`0x${tx.id}`, `0x${tx.wireHash}`, hex(tx.signBytes)]).toEqual([vector.id, vector.wireHash, vector.signBytes])
    expect(tx.signatures.map(hex)).toEqual(vector.signatures)
    expect(readBoth(TxBodySchema, vector.body)).toEqual(tx.body)
    expect(hex(tx.body.payload)).toBe(vector.payload.bytes)
    const definition = THREE_ROOMS.transactionByName.get(vector.type)
    expect(definition?.type).toBe(tx.body.type)
    if (definition !== undefined) readBoth(definition.payload as Schema<unknown>, vector.payload)
    expect(isFailure(checkStatelessly(THREE_ROOMS, transactionVectors.genesisHash.slice(2), bytesOf(vector.wire)))).toBe(false)
  })
})

describe('votes', () => {
  it.each(voteVectors.votes.map((vote, i) => [i, vote] as const))('number %i is signed as it says', (_i, vote) => {
    const { height, round, validRound } = vote
    const content = { height, round, validRound, blockId: vote.blockId === null ? null : hashOf(vote.blockId) }
    const signBytes = consensusSigningBytes(voteVectors.chainId, vote.kind as VoteType | 'proposal', content)
    expect(hex(signBytes)).toBe(vote.signBytes)
    expect(readSignedContent(signBytes)).toEqual({ chainId: voteVectors.chainId, ...content })
    const claim = { publicKey: bytesOf(vote.publicKey), message: signBytes, signature: bytesOf(vote.signature) }
    expect(verifySignature(claim)).toBe(true)
  })
})

describe('blocks', () => {
  const validators = readBoth(ValidatorListSchema, blockVectors.validators)
  const set = buildValidatorSet(validators)

  it('name their validators and parameters by hash', () => {
    expect([`0x${set.hash}`, set.quorum, set.skip]).toEqual([
      blockVectors.validators.hash,
      blockVectors.validators.quorum,
      blockVectors.validators.skip,
    ])
    expect(`0x${paramsHash(readBoth(ChainParamsSchema, blockVectors.params))}`).toBe(blockVectors.params.hash)
  })

  it('have the ids of their headers, each the parent of the next', () => {
    const headers = blockVectors.headers.map((vector) => readBoth(HeaderSchema, vector))
    expect(headers.map((header) => `0x${blockIdOf(header)}`)).toEqual(blockVectors.headers.map(({ id }) => id))
    expect(headers.map(({ parentId }) => `0x${parentId}`)).toEqual([genesisVectors.hash, blockVectors.headers[0]?.id])
  })

  it('are final by the certificate in the next', () => {
    const certificate = readBoth(CertificateSchema, blockVectors.certificate)
    expect(`0x${certificateHash(certificate)}`).toBe(blockVectors.certificate.hash)
    expect(blockVectors.headers.map(({ json }) => json.lastCommitHash)).toEqual([
      `0x${'00'.repeat(32)}`,
      blockVectors.certificate.hash,
    ])
    const { chainId } = blockVectors
    expect(checkCertificate({ chainId, set, certificate, checkSignature: verifySignature })).toBeNull()
    const block = decode(BlockSchema, bytesOf(blockVectors.block), MAX)
    expect(block.lastCommit).toEqual(certificate)
    expect(`0x${blockIdOf(block.header)}`).toBe(blockVectors.headers[1]?.id)
  })
})

describe('the chain of the vectors', () => {
  const genesis = parseGenesis(THREE_ROOMS, genesisVectors.document)
  const tree = createStateTree()
  const records = new Map<string, Uint8Array>()
  const base = { get: (key: string) => records.get(key) ?? null }
  const write = (changes: readonly StateChange[]): void => {
    const hashed = changes.map(({ key, value }) => ({
      key: sha256Bytes(key),
      valueHash: value === null ? null : sha256Bytes(value),
    }))
    tree.commit(tree.stage(hashed))
    for (const { key, value } of changes) value === null ? records.delete(key) : records.set(key, value)
  }

  it('begins with the state of its genesis document', () => {
    expect(`0x${genesis.hash}`).toBe(genesisVectors.hash)
    write(initGenesis(THREE_ROOMS, genesis))
    expect([records.size, `0x${tree.committedHash()}`]).toEqual([genesisVectors.records, genesisVectors.stateRoot])
  })

  it.each(receiptVectors.blocks.map((block) => [block.height, block] as const))(
    'gives receipts, changes and state root of height %i from the bytes of its transactions',
    (height, vector) => {
      const params = THREE_ROOMS.readChainParams(base)
      const txs = vector.txs.map((wire) => {
        const checked = checkStatelessly(THREE_ROOMS, genesis.hash, bytesOf(wire))
        if (isFailure(checked)) throw new Error(checked.code)
        return checked
      })
      const block = { chainId: genesis.chainId, genesisHash: genesis.hash, height, time: vector.time, params }
      const { parentId, lastCommit } = vector
      const facts = {
        parentId: asHash32(parentId.slice(2)),
        lastCommit: lastCommit === null ? null : decode(CertificateSchema, bytesOf(lastCommit), MAX),
      }
      const result = executeBlock({ registry: THREE_ROOMS, base, block, facts, checkSignature: verifySignature, txs })
      if (isFailure(result)) throw new Error(result.code)
      const receipts = vector.receipts.map((receipt) => readBoth(ReceiptSchema, receipt))
      expect(result.receipts).toEqual(receipts)
      expect(result.receipts.map((receipt) => `0x${receiptHash(receipt)}`)).toEqual(vector.receipts.map(({ hash }) => hash))
      expect(`0x${receiptsRoot(result.receipts)}`).toBe(vector.receiptsRoot)
      expect(result.changes.map(({ key, value }) => ({ key, value: value === null ? null : hex(value) }))).toEqual(vector.changes)
      write(result.changes)
      expect(`0x${tree.committedHash()}`).toBe(vector.stateRoot)
      expect(blockVectors.headers[height - 1]?.json).toMatchObject({
        receiptsRoot: vector.receiptsRoot,
        stateRoot: vector.stateRoot,
        time: vector.time,
        txCount: vector.txs.length,
      })
    },
  )

  it('shows a failure, a decision by council and what falls due by time', () => {
    const codes = receiptVectors.blocks.map(({ receipts }) => receipts.map(({ json }) => json.code))
    expect(codes).toEqual([[0, 0x0304, 0, 0, 0, 0, 0, 0, 0, 0], [0]])
    expect(receiptVectors.blocks[1]?.receipts[0]?.json.txId).toBe(`0x${'00'.repeat(32)}`)
  })
})

describe('money, one of every type of payments and points', () => {
  it.each(moneyVectors.transactions.map((vector) => [vector.type, vector] as const))('%s', (type, vector) => {
    const tx = decodeTransaction(bytesOf(vector.wire))
    const definition = REGISTRY.transactionByName.get(type)
    expect([definition?.type, `0x${tx.id}`, hex(tx.signBytes)]).toEqual([tx.body.type, vector.id, vector.signBytes])
    const payload = definition === undefined ? null : readBoth(definition.payload, vector.payload)
    expect(payload).not.toBe(null)
    const call = { payload, sender: tx.body.sender, keyId: 'k1', sponsor: null, txId: tx.id }
    expect(definition?.checkStateless(call)).toBe(null)
  })
})
