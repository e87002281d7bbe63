// Owns: chain_* methods: heads, headers, blocks, certificates, validators, parameters, genesis.
// Not here: how they are stored (node).
import { CodecError } from '../../core/base/errors.ts'
import type { BlockId, Height } from '../../core/base/ids.ts'
import { HeaderSchema } from '../../core/chain/block.ts'
import type { Header } from '../../core/chain/block.ts'
import { CertificateSchema } from '../../core/chain/certificate.ts'
import { EvidenceSchema, decodeEvidence } from '../../core/chain/evidence.ts'
import { ChainParamsSchema } from '../../core/chain/params.ts'
import { RecoverySchema, recoveryHashOf } from '../../core/chain/recovery.ts'
import { ValidatorListSchema } from '../../core/chain/validator-set.ts'
import { decodeTransaction } from '../../core/chain/transaction.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { bool, hash32, u32, u53 } from '../../core/codec/fields.ts'
import { refuse } from '../../core/codec/schema.ts'
import type { Json, JsonSchema, Schema } from '../../core/codec/schema.ts'
import { parsePageLimit } from '../page.ts'
import { refuseCall } from '../errors.ts'
import { defineMethod, defineRead } from '../method.ts'
import type { Call, Method } from '../method.ts'
import { refuseHeight, renderBytes, renderHash, renderHeader, renderReceipt, renderTransaction } from '../render.ts'

const HEAD_WORDS = ['final', 'latest', 'safe', 'finalized']

/** A height, or a word for the head; every head is final, so all words mean the same. null is the head. */
const heightOrHead: Schema<Height | null> = {
  ...option(u53),
  fromJson: (json, text, path) => {
    if (json === undefined || json === null || HEAD_WORDS.includes(json as string)) return null
    return typeof json === 'number' ? u53.fromJson(json, text, path) : refuse(path, `a height or ${HEAD_WORDS.join(', ')}`, json)
  },
  jsonSchema: { oneOf: [u53.jsonSchema, { enum: HEAD_WORDS }] },
}

const HEADER_RESULT: JsonSchema = {
  type: 'object',
  properties: { hash: hash32.jsonSchema, ...(HeaderSchema.jsonSchema['properties'] as object) },
  required: ['height', 'hash', 'stateRoot', 'time'],
}

const AT = { height: heightOrHead, hash: option(hash32) }

/** Height that a call names by height, by hash, or not at all (the head). */
function heightAt(call: Call, { height, hash }: { height: Height | null; hash: BlockId | null }): Height {
  if (hash === null) return height ?? call.node.head().header.height
  if (height !== null) return refuseCall('INVALID_PARAMS', 'Name the block by height or by hash, not by both.', { field: 'hash' })
  return call.node.heightOf(hash) ?? refuseCall('NOT_FOUND', 'No final block has this hash.', { hash: renderHash(hash) })
}

function readHeader(call: Call, height: Height): { header: Header; blockId: BlockId } {
  const head = call.node.head()
  if (head.header.height === height) return head
  return call.node.headerAt(height) ?? refuseHeight(call.node, height)
}

function renderTx(bytes: Uint8Array, call: Call): Json {
  try {
    return renderTransaction(decodeTransaction(bytes), call.forms)
  } catch (thrown) {
    if (thrown instanceof CodecError) return { bytes: renderBytes(bytes) }
    throw thrown
  }
}

function renderEvidence(bytes: Uint8Array, call: Call): Json {
  const evidence = decodeEvidence(bytes)
  return evidence === null ? { bytes: renderBytes(bytes) } : EvidenceSchema.toJson(evidence, call.forms.text)
}

const headMethods: readonly Method[] = [
  defineMethod({
    name: 'chain_id',
    about: 'Which chain this is: its id, network and genesis hash, and the chain tag that transactions carry.',
    params: struct({}),
    result: {
      type: 'object',
      properties: { chainId: { type: 'string' }, network: { enum: ['city', 'test', 'devnet'] }, genesisHash: hash32.jsonSchema },
      required: ['chainId', 'network', 'genesisHash', 'chainTag'],
    },
    run: ({ node }) => ({
      chainId: node.chainId,
      network: node.network,
      genesisHash: renderHash(node.genesisHash),
      chainTag: `0x${node.genesisHash.slice(0, 16)}`,
    }),
  }),
  defineRead({
    name: 'chain_head',
    about: 'The newest block. It is final: there is no other kind.',
    params: struct({}),
    result: HEADER_RESULT,
    run: ({ node, forms }) => {
      const { header, blockId } = node.head()
      return renderHeader(header, blockId, forms.text)
    },
  }),
  defineRead({
    name: 'chain_getHeader',
    about: 'A header by height, by hash, or the head’s.',
    params: struct(AT),
    result: HEADER_RESULT,
    errors: ['NOT_FOUND', 'PRUNED'],
    run: (call, at) => {
      const { header, blockId } = readHeader(call, heightAt(call, at))
      return renderHeader(header, blockId, call.forms.text)
    },
  }),
  defineRead({
    name: 'chain_getCommit',
    about: 'The certificate that makes a block final: the signatures of more than two thirds of its validators.',
    params: struct(AT),
    result: CertificateSchema.jsonSchema,
    errors: ['NOT_FOUND', 'PRUNED'],
    run: (call, at) => {
      const height = heightAt(call, at)
      const head = call.node.head()
      const certificate = head.header.height === height ? head.commit : call.node.certificateAt(height)
      return certificate === null ? refuseHeight(call.node, height) : CertificateSchema.toJson(certificate, call.forms.text)
    },
  }),
]

const blockMethods: readonly Method[] = [
  defineRead({
    name: 'chain_getBlock',
    about: 'A block by height, by hash, or the head: header, transactions (decoded, or ids alone with full: false), receipts.',
    params: struct({ ...AT, full: option(bool) }),
    result: { type: 'object', description: 'header, txs (decoded or ids), receipts (with full), lastCommit, evidence' },
    errors: ['NOT_FOUND', 'PRUNED', 'TOO_LARGE'],
    cost: 5,
    run: (call, { full, ...at }) => {
      const height = heightAt(call, at)
      const { block, blockId } = call.node.blockAt(height) ?? refuseHeight(call.node, height)
      const receipts = call.node.receiptsAt(height) ?? []
      const { text } = call.forms
      const head = {
        header: renderHeader(block.header, blockId, text),
        lastCommit: block.lastCommit === null ? null : CertificateSchema.toJson(block.lastCommit, text),
        evidence: block.evidence.map((bytes) => renderEvidence(bytes, call)),
      }
      if (full === false) return { ...head, txs: block.txs.map((bytes) => renderHash(decodeTransaction(bytes).id)) }
      const txs = block.txs.map((bytes) => renderTx(bytes, call))
      return { ...head, txs, receipts: receipts.map((receipt) => renderReceipt(receipt, call.forms)) }
    },
  }),
  defineRead({
    name: 'chain_listBlocks',
    about: 'Headers from a height downwards, newest first; nextBefore, absent at the end, goes on.',
    params: struct({ before: option(u53), limit: option(u32) }),
    result: { type: 'object', properties: { items: { type: 'array', items: HEADER_RESULT }, nextBefore: { type: 'integer' } } },
    cost: 5,
    run: (call, { before, limit }) => {
      const count = parsePageLimit(call.limits, limit)
      const head = call.node.head().header.height
      const items: Json[] = []
      let height = Math.min(before === null ? head : before - 1, head)
      for (; height >= 1 && items.length < count; height--) {
        const found = call.node.headerAt(height)
        if (found === null) break
        items.push(renderHeader(found.header, found.blockId, call.forms.text))
      }
      const isMore = height >= 1 && items.length === count && height >= call.node.syncState().oldestHeight
      return isMore ? { items, nextBefore: height + 1 } : { items }
    },
  }),
]

const recoveryMethods: readonly Method[] = [
  defineRead({
    name: 'chain_getRecovery',
    about:
      'The recovery with which a height began: the city’s root keys named other validators, and its header carries the hash.',
    params: struct({ height: u53 }),
    result: {
      type: 'object',
      properties: { recoveryHash: hash32.jsonSchema, ...(RecoverySchema.jsonSchema['properties'] as object) },
    },
    errors: ['NOT_FOUND', 'PRUNED'],
    run: (call, { height }) => {
      const recovery = call.node.recoveryAt(height)
      if (recovery === null)
        return refuseCall('NOT_FOUND', 'No recovery began this height, or this node was not there.', { height })
      const json = RecoverySchema.toJson(recovery, call.forms.text) as { readonly [key: string]: Json }
      return { recoveryHash: renderHash(recoveryHashOf(recovery.content)), ...json }
    },
  }),
]

const settingMethods: readonly Method[] = [
  defineRead({
    name: 'chain_getValidators',
    about: 'Who validates at a height, or after the head: the set in its order, its hash and its quorum.',
    params: struct({ height: option(u53) }),
    result: {
      type: 'object',
      properties: { validators: ValidatorListSchema.jsonSchema, hash: hash32.jsonSchema, quorum: { type: 'integer' } },
    },
    errors: ['NOT_FOUND', 'PRUNED'],
    run: (call, { height }) => {
      const set = height === null ? call.node.validators() : call.node.validators(height)
      if (set === null) return refuseHeight(call.node, height ?? 0)
      const validators = ValidatorListSchema.toJson(set.validators, call.forms.text)
      return { validators, hash: renderHash(set.hash), quorum: set.quorum }
    },
  }),
  defineRead({
    name: 'chain_getParams',
    about: 'The consensus parameters in force after the head.',
    params: struct({}),
    result: ChainParamsSchema.jsonSchema,
    run: ({ node, forms }) => ChainParamsSchema.toJson(node.params(), forms.text),
  }),
  defineMethod({
    name: 'chain_getGenesis',
    about: 'The genesis document as the chain began with it.',
    params: struct({}),
    result: { type: 'object', description: 'genesisHash, genesis' },
    cost: 5,
    run: ({ node }) => ({ genesisHash: renderHash(node.genesisHash), genesis: node.genesisJson() as Json }),
  }),
]

/** chain_id, chain_head, chain_getHeader, and of blocks, recoveries, validators, parameters and genesis. */
export const chainMethods: readonly Method[] = [...headMethods, ...blockMethods, ...recoveryMethods, ...settingMethods]
