// Owns: tests of undecided blocks: what is complete, what is missing, what a liar can and cannot push out.
import { describe, expect, it } from 'vitest'
import { toHex } from '../core/base/bytes.ts'
import { isFailure } from '../core/base/errors.ts'
import { asAddress } from '../core/base/ids.ts'
import type { BlockId } from '../core/base/ids.ts'
import { BlockSchema, blockIdOf, txRootOf } from '../core/chain/block.ts'
import { encode } from '../core/codec/schema.ts'
import { checkStatelessly } from '../core/execution/check.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import { assembleTransaction } from '../core/chain/transaction.ts'
import { REGISTRY } from '../modules/registry.ts'
import { createSignedWorld } from '../test/helpers/signed-world.ts'
import { createToyVotes } from '../test/helpers/toy-votes.ts'
import { createBodies, decodeBlock, isBodySound, isCompactSound } from './bodies.ts'
import type { Candidate } from './executor.ts'

const world = createSignedWorld(4)
const toy = createToyVotes()

function transfer(nonce: bigint): CheckedTransaction {
  const [from, to] = world.citizens
  if (from === undefined || to === undefined) throw new Error('two citizens')
  const tx = world.signTransfer(from, { to: to.address, amount: 1n, lane: 0, nonce, validUntil: 100 })
  const checked = checkStatelessly(REGISTRY, world.genesis.hash, tx.bytes)
  if (isFailure(checked)) throw new Error(checked.code)
  return checked
}

const txs = [0n, 1n, 2n].map(transfer)
const wires = txs.map(({ tx }) => tx.bytes)
const compact = toy.compact(
  { txRoot: txRootOf(txs.map(({ tx }) => tx.wireHash)) },
  txs.map(({ tx }) => tx.id),
)
const blockId = blockIdOf(compact.header)
const author = asAddress('11'.repeat(20))

function createHoldings(waiting: readonly CheckedTransaction[] = [], pinned: readonly BlockId[] = []) {
  const dropped: BlockId[] = []
  const bodies = createBodies({
    findWaiting: (txId) => waiting.find(({ tx }) => tx.id === txId) ?? null,
    checkBytes: (bytes) => checkStatelessly(REGISTRY, world.genesis.hash, bytes),
    isPinned: (id) => pinned.includes(id),
    onDropped: (candidate) => dropped.push(candidate.blockId),
  })
  return { bodies, dropped }
}

const candidateOf = (time: number): Candidate => {
  const block = toy.block([], { time })
  return {
    block,
    blockId: blockIdOf(block.header),
    encoded: encode(BlockSchema, block),
    txs: [],
    receipts: [],
    changes: [],
  } as unknown as Candidate
}

describe('a compact block', () => {
  it('is unknown, then lacks what does not wait, then is complete with what a peer sent', () => {
    const { bodies } = createHoldings(txs.slice(1, 2))
    expect(bodies.assemble(blockId)).toEqual({ kind: 'unknown' })
    bodies.offerCompact(compact, author)
    expect(bodies.assemble(blockId)).toEqual({ kind: 'missing', indexes: [0, 2] })
    expect(bodies.offerMissing(blockId, [0, 2], [wires[0] as Uint8Array, wires[2] as Uint8Array])).toBe(true)
    const assembly = bodies.assemble(blockId)
    expect(assembly.kind === 'complete' && assembly.block.txs).toEqual(wires)
    expect(assembly.kind === 'complete' && blockIdOf(assembly.block.header)).toBe(blockId)
  })

  it('refuses transactions that are others than asked for, too few, or no transactions', () => {
    const { bodies } = createHoldings(txs.slice(1))
    bodies.offerCompact(compact, author)
    expect(bodies.offerMissing(blockId, [0], [wires[1] as Uint8Array])).toBe(false)
    expect(bodies.offerMissing(blockId, [0], [])).toBe(false)
    expect(bodies.offerMissing(blockId, [0], [new Uint8Array(3)])).toBe(false)
    expect(bodies.assemble(blockId)).toEqual({ kind: 'missing', indexes: [0] })
  })

  it('whose transactions wait here with other signatures is a mismatch, not an invalid block', () => {
    const first = txs[0] as CheckedTransaction
    const other = checkStatelessly(REGISTRY, world.genesis.hash, assembleTransaction(first.tx.body, [new Uint8Array(64)]).bytes)
    if (isFailure(other)) throw new Error(other.code)
    const { bodies } = createHoldings([other, ...txs.slice(1)])
    bodies.offerCompact(compact, author)
    expect(bodies.assemble(blockId)).toEqual({ kind: 'mismatch' })
  })

  it('fits its proposal only with as many ids as its header counts, and with the certificate that the header names', () => {
    expect(isCompactSound(compact)).toBe(true)
    expect(isCompactSound({ ...compact, txIds: [] })).toBe(false)
    expect(isCompactSound({ ...compact, lastCommit: toy.certificate({ type: 'precommit' }) })).toBe(false)
    expect(isCompactSound({ ...compact, evidence: [new Uint8Array(1)] })).toBe(false)
  })

  it('drives out only the same proposer’s oldest, whatever a liar sends', () => {
    const { bodies } = createHoldings()
    bodies.offerCompact(compact, author)
    const liar = asAddress('22'.repeat(20))
    const floods = Array.from({ length: 100 }, (_, i) => toy.compact({ time: i + 1 }))
    for (const flood of floods) bodies.offerCompact(flood, liar)
    expect(bodies.compact(blockId)).toEqual(compact)
    expect(floods.filter((flood) => bodies.compact(blockIdOf(flood.header)) !== null)).toEqual(floods.slice(-4))
  })
})

describe('a whole block', () => {
  const block = toy.block(wires)

  it('is sound only with the very body that its header commits to', () => {
    expect(isBodySound(block)).toBe(true)
    expect(isBodySound({ ...block, txs: wires.slice(1) })).toBe(false)
    expect(isBodySound({ ...block, txs: [...wires].reverse() })).toBe(false)
    expect(isBodySound({ ...block, lastCommit: toy.certificate() })).toBe(false)
  })

  it('decodes from its canonical bytes and from nothing else', () => {
    const encoded = encode(BlockSchema, block)
    expect(toHex(encode(BlockSchema, decodeBlock(encoded) ?? toy.block()))).toBe(toHex(encoded))
    expect(decodeBlock(encoded.slice(0, -1))).toBeNull()
    expect(decodeBlock(new Uint8Array([...encoded, 0]))).toBeNull()
    expect(decodeBlock(new Uint8Array(0))).toBeNull()
  })

  it('gives its compact form and its header, so that a proposer that restarts can show its block again', () => {
    const { bodies } = createHoldings()
    expect(bodies.header(blockIdOf(block.header))).toBeNull()
    bodies.offerBlock(block)
    expect(bodies.compact(blockIdOf(block.header))?.txIds).toEqual(txs.map(({ tx }) => tx.id))
    expect(bodies.header(blockIdOf(block.header))).toEqual(block.header)
    bodies.clear()
    expect(bodies.compact(blockIdOf(block.header))).toBeNull()
  })

  it('with a transaction that does not decode is complete: its invalidity is the block’s own', () => {
    const { bodies } = createHoldings()
    const rotten = toy.block([new Uint8Array([1, 2, 3])])
    bodies.offerBlock(rotten)
    expect(bodies.assemble(blockIdOf(rotten.header))).toEqual({ kind: 'complete', block: rotten, txs: [] })
  })

  it('finds room after any number of rounds; what consensus points at stays', () => {
    const first = toy.block([], { time: 1 })
    const { bodies } = createHoldings([], [blockIdOf(first.header)])
    bodies.offerBlock(first)
    const later = Array.from({ length: 200 }, (_, i) => toy.block([], { time: i + 2 }))
    for (const next of later) {
      bodies.offerBlock(next)
      expect(bodies.assemble(blockIdOf(next.header)).kind).toBe('complete')
    }
    expect(bodies.block(blockIdOf(first.header))).toEqual(first)
    expect(later.filter(({ header }) => bodies.block(blockIdOf(header)) !== null)).toHaveLength(15)
  })
})

describe('executed candidates', () => {
  it('are bounded: the oldest that nothing points at goes, and its share of the state tree with it', () => {
    const candidates = Array.from({ length: 20 }, (_, i) => candidateOf(i + 1))
    const pinned = candidates.slice(0, 1).map((candidate) => candidate.blockId)
    const { bodies, dropped } = createHoldings([], pinned)
    for (const candidate of candidates) bodies.setCandidate(candidate)
    expect(dropped).toEqual(candidates.slice(1, 5).map((candidate) => candidate.blockId))
    expect(bodies.candidate(pinned[0] as BlockId)).toBe(candidates[0])
    expect(bodies.candidate(dropped[0] as BlockId)).toBeNull()
  })
})
