// Owns: tests of blocks against the head: every field of a header that is wrong is refused with a sentence, and nothing is kept of it.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { asAddress, asHash32 } from '../core/base/ids.ts'
import { blockIdOf, txRootOf } from '../core/chain/block.ts'
import type { Block, Header } from '../core/chain/block.ts'
import { sha256 } from '../core/crypto/hash.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import { createToyVotes } from '../test/helpers/toy-votes.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import type { ChainNode } from './chain-node.ts'
import { buildCandidate, executeCandidate } from './executor.ts'
import type { Candidate } from './executor.ts'

const made = createVirtualNodes(4)
await made.start(0)
const node: ChainNode = must(made.nodes[0]?.running, 'a node')
const { citizens } = made.world
const transfer = (nonce: bigint, amount = 5n) =>
  made.world.signTransfer(must(citizens[0], 'a citizen'), {
    to: must(citizens[1], 'a citizen').address,
    amount,
    lane: 0,
    nonce,
    validUntil: 100,
  })

const barred: string[] = []
function build(
  nonces: readonly bigint[],
  limits: { bytesMax?: number; txsMax?: number; isTimeUp?: () => boolean } = {},
): Candidate {
  const candidates = nonces.map((nonce) => {
    const checked = node.desk.checkBytes(transfer(nonce).bytes)
    if ('failure' in checked) throw new Error(checked.code)
    return checked
  })
  return buildCandidate(node.executor, {
    proposer: must(made.world.validators[0], 'a validator').address,
    lastCommit: null,
    time: node.head().header.time + 10,
    bytesMax: limits.bytesMax ?? 1_000_000,
    txsMax: limits.txsMax ?? 100,
    candidates,
    isTimeUp: limits.isTimeUp ?? (() => false),
    onBarred: (_checked, failure) => barred.push(failure.code),
  })
}

const good = build([0n, 1n])
const execute = (block: Block): Candidate | string => executeCandidate(node.executor, block, () => null)
const withHeader = (change: Partial<Header>): Block => ({ ...good.block, header: { ...good.block.header, ...change } })

describe('building', () => {
  it('gives a block that everyone else finds valid, with the same id', () => {
    const outcome = execute(good.block)
    expect(typeof outcome).toBe('object')
    expect(typeof outcome === 'object' && outcome.blockId).toBe(good.blockId)
    expect(blockIdOf(good.block.header)).toBe(good.blockId)
  })

  it('leaves out what may not stand and tells why; the block stays valid', () => {
    barred.length = 0
    const candidate = build([0n, 2n, 1n])
    expect(barred).toEqual(['NONCE_GAP'])
    expect(candidate.txs).toHaveLength(2)
    expect(typeof execute(candidate.block)).toBe('object')
  })

  it('keeps within count, bytes and time', () => {
    expect(build([0n, 1n], { txsMax: 1 }).txs).toHaveLength(1)
    expect(build([0n, 1n], { txsMax: 0 }).txs).toHaveLength(0)
    expect(build([0n, 1n], { bytesMax: transfer(0n).bytes.length }).txs).toHaveLength(1)
    expect(build([0n, 1n], { isTimeUp: () => true }).txs).toHaveLength(1)
  })
})

describe('a header', () => {
  const hash = asHash32('77'.repeat(32))
  it.each<[keyof Header, Partial<Header>, RegExp]>([
    ['version', { version: 2 }, /^version is 2/],
    ['chainId', { chainId: 'another' }, /^chain another, expected/],
    ['height', { height: 2 }, /^height 2, expected 1/],
    ['time', { time: 1 }, /is not after the parent/],
    ['parentId', { parentId: hash }, /^parent 7777/],
    ['lastCommitHash', { lastCommitHash: hash }, /^lastCommitHash does not match/],
    ['txRoot', { txRoot: hash }, /^txRoot is 7777/],
    ['receiptsRoot', { receiptsRoot: hash }, /^receiptsRoot is 7777/],
    ['stateRoot', { stateRoot: hash }, /^stateRoot is 7777/],
    ['validatorsHash', { validatorsHash: hash }, /^validatorsHash is 7777/],
    ['nextValidatorsHash', { nextValidatorsHash: hash }, /^nextValidatorsHash is 7777/],
    ['paramsHash', { paramsHash: hash }, /^paramsHash is 7777/],
    ['evidenceHash', { evidenceHash: hash }, /^evidenceHash is 7777/],
    ['recoveryHash', { recoveryHash: hash }, /^recoveryHash is 7777/],
    ['proposer', { proposer: asAddress('99'.repeat(20)) }, /^the proposer is not a validator/],
    ['txCount', { txCount: 3 }, /^txCount 3, body has 2/],
    ['bodyBytes', { bodyBytes: 7 }, /^bodyBytes is 7/],
  ])('with another %s is refused, and nothing of its execution is kept', (_, change, sentence) => {
    const before = node.tree.nodeCount()
    const outcome = execute(withHeader(change))
    expect(outcome).toMatch(sentence)
    expect(node.tree.nodeCount()).toBe(before)
  })

  it('names every one of its fields above', () => {
    expect(Object.keys(good.block.header)).toHaveLength(17)
  })

  it('that claims more than the parameters allow is refused before anything is executed', () => {
    const { blockTxsMax, blockBytesMax } = node.head().params
    expect(execute(withHeader({ txCount: blockTxsMax + 1 }))).toMatch(/larger than the parameters allow/)
    expect(execute(withHeader({ bodyBytes: blockBytesMax + 1 }))).toMatch(/larger than the parameters allow/)
  })
})

describe('verification units', () => {
  const { blockUnitsMax } = node.head().params
  const roomy = () => ({ ...node.head(), params: { ...node.head().params, blockUnitsMax: 1_024 } })
  const costing = (by: number, nonce: bigint, units: number): CheckedTransaction => {
    const from = must(citizens[by], 'a citizen')
    const to = must(citizens[2], 'a citizen').address
    const signed = made.world.signTransfer(from, { to, amount: 1n, lane: 0, nonce, validUntil: 100 })
    const checked = node.desk.checkBytes(signed.bytes)
    if ('failure' in checked) throw new Error(checked.code)
    return { ...checked, operations: units + 1 }
  }
  const [first, second, light] = [costing(0, 0n, blockUnitsMax - 1), costing(0, 1n, 2), costing(1, 0n, 1)]
  const request = {
    ...{ proposer: must(made.world.validators[0], 'a validator').address, lastCommit: null, time: node.head().header.time + 10 },
    ...{ bytesMax: 1_000_000, txsMax: 100, isTimeUp: () => false, onBarred: () => undefined },
  }

  it('of a block are bounded: what does not fit is passed over, what costs less still stands', () => {
    const { txs } = buildCandidate(node.executor, { ...request, candidates: [first, second, light] })
    expect(txs.map(({ tx }) => tx.id)).toEqual([first.tx.id, light.tx.id])
  })

  it('of what costs much are as few as the proposer wants, but for the first', () => {
    const wish = { ...request, unitsMax: 20 }
    const [small, another] = [costing(0, 0n, 8), costing(1, 0n, 8)]
    const many = buildCandidate(node.executor, { ...wish, candidates: [small, another, costing(0, 1n, 8)] })
    expect(many.txs.map(({ tx }) => tx.id)).toEqual([small.tx.id, another.tx.id])
    const large = buildCandidate(node.executor, { ...wish, candidates: [first, costing(1, 0n, 4)] })
    expect(large.txs.map(({ tx }) => tx.id)).toEqual([first.tx.id])
  })

  it('of a full batch of a roll keep no payments out, and payments keep no batch out', () => {
    const [batch, paid, signed] = [costing(0, 0n, 512), costing(1, 0n, 0), costing(1, 1n, 1)]
    const wish = { ...request, unitsMax: 100 }
    for (const candidates of [
      [batch, paid, signed],
      [paid, batch, signed],
      [paid, signed, batch],
    ]) {
      const { txs } = buildCandidate({ ...node.executor, head: roomy }, { ...wish, candidates })
      expect(txs.map(({ tx }) => tx.id)).toEqual(candidates.map(({ tx }) => tx.id))
    }
  })

  it('above the bound make a block invalid, whoever built it', () => {
    const { block } = buildCandidate(node.executor, { ...request, candidates: [costing(0, 0n, 0), costing(0, 1n, 0)] })
    const known = [first, second]
    expect(executeCandidate(node.executor, block, (_bytes, index) => known[index] ?? null)).toBe(
      `the transactions cost ${blockUnitsMax + 1} verification units, at most ${blockUnitsMax} are allowed`,
    )
  })
})

describe('a body', () => {
  const withTxs = (txs: readonly Uint8Array[]): Block => ({
    ...good.block,
    header: { ...good.block.header, txCount: txs.length, txRoot: txRootOf(txs.map(sha256)) },
    txs,
  })

  it('with a transaction that is none, twice the same, or out of order is refused by its place or its code', () => {
    const [first, second] = good.block.txs as [Uint8Array, Uint8Array]
    expect(execute(withTxs([first, new Uint8Array([1])]))).toBe('transaction 1: MALFORMED')
    expect(execute(withTxs([first, first]))).toMatch(/NONCE_TOO_LOW/)
    expect(execute(withTxs([second, first]))).toMatch(/NONCE_GAP/)
  })

  it('with a wrong signature is refused', () => {
    const first = must(good.block.txs[0], 'a transaction').slice()
    first[first.length - 1] = (must(first.at(-1), 'a byte') ^ 1) & 0xff
    expect(execute(withTxs([first]))).toMatch(/BAD_SIGNATURE/)
  })

  it('with what is no evidence, or a certificate below the first block, is refused', () => {
    const toy = createToyVotes()
    expect(execute({ ...good.block, evidence: [new Uint8Array(1)] })).toMatch(/GOVERNANCE_EVIDENCE_MALFORMED/)
    expect(execute({ ...good.block, lastCommit: toy.certificate({ type: 'precommit' }) })).toMatch(
      /^lastCommitHash does not match/,
    )
  })
})
