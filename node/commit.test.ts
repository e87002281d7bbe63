// Owns: tests of the one door: what a block leaves behind, and that nothing moves when the disk fails.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { toHex } from '../core/base/bytes.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import type { ChainNode } from './chain-node.ts'
import { commitBlock } from './commit.ts'
import { buildCandidate } from './executor.ts'
import type { Candidate } from './executor.ts'
import { createToyVotes } from '../test/helpers/toy-votes.ts'

const toy = createToyVotes()

async function createRig() {
  const made = createVirtualNodes(4)
  await made.start(0)
  const node: ChainNode = must(made.nodes[0]?.running, 'a node')
  const [from, to] = made.world.citizens as unknown as [Parameters<typeof made.world.signTransfer>[0], { address: never }]
  const tx = made.world.signTransfer(from, { to: to.address, amount: 5n, lane: 0, nonce: 0n, validUntil: 100 })
  const checked = node.desk.checkBytes(tx.bytes)
  if ('failure' in checked) throw new Error(checked.code)
  const build = (txs = [checked]): Candidate =>
    buildCandidate(node.executor, {
      proposer: must(made.world.validators[0], 'a validator').address,
      lastCommit: null,
      time: node.head().header.time + 10,
      bytesMax: 1_000_000,
      txsMax: 100,
      candidates: txs,
      isTimeUp: () => false,
      onBarred: () => undefined,
    })
  let head = node.head()
  const setHead = (next: typeof head): void => {
    head = next
  }
  const parts = { ...node, registry: node.options.registry, head: () => head, setHead }
  const certificate = toy.certificate({ type: 'precommit', height: 1 })
  return { made, node, tx, build, parts, certificate, from, to, headNow: () => head }
}

describe('a committed block', () => {
  it('moves store, tree, state and head together, and is found by height, id, transaction and account', async () => {
    const { build, parts, certificate, node, tx, from, headNow } = await createRig()
    const candidate = build()
    const before = node.tree.committedHash()
    await commitBlock(parts, candidate, certificate)
    expect(headNow()).toMatchObject({ height: 1, blockId: candidate.blockId, header: candidate.block.header, certificate })
    expect(node.tree.committedHash()).toBe(candidate.block.header.stateRoot)
    expect(node.tree.committedHash()).not.toBe(before)
    expect(node.chain.head()).toEqual({ height: 1, blockId: candidate.blockId })
    expect(node.chain.heightOf(candidate.blockId)).toBe(1)
    expect(node.chain.placeOf(tx.id)).toEqual({ height: 1, index: 0 })
    expect(node.chain.receiptsAt(1)).toHaveLength(1)
    expect(node.chain.blockBytesAt(1)).toEqual(candidate.encoded)
    const history: string[] = []
    for await (const [key] of node.options.store.range({ gte: `a/${from.address}/`, lt: `a/${from.address}/~` }))
      history.push(key)
    expect(history).toHaveLength(1)
  })

  it('keeps the values before it, for rollback', async () => {
    const { build, parts, certificate, node } = await createRig()
    const candidate = build()
    const textOf = (value: Uint8Array | null): string | null => (value === null ? null : toHex(value))
    const old = candidate.changes.map(({ key }) => [key, textOf(node.state.get(key))])
    await commitBlock(parts, candidate, certificate)
    expect(node.chain.undoAt(1)?.map(({ key, value }) => [key, textOf(value)])).toEqual(old)
  })

  it('lets no reader see the new state before the head has moved', async () => {
    const { build, parts, certificate, node, headNow } = await createRig()
    const candidate = build()
    const key = must(candidate.changes[0], 'a change').key
    const before = node.state.get(key)
    const writing = commitBlock(parts, candidate, certificate)
    expect([headNow().height, node.state.get(key)]).toEqual([0, before])
    await writing
    expect([headNow().height, node.state.get(key)]).toEqual([1, must(candidate.changes[0], 'a change').value])
  })

  it('that the disk refuses is STORE_IO: head, tree, state and store are as before, and the candidate may still stand', async () => {
    const { made, build, parts, certificate, node, headNow } = await createRig()
    const candidate = build()
    const records = new Map(must(made.nodes[0], 'a node').records)
    const root = node.tree.committedHash()
    made.hooks.beforeChange = (_node, kind) => {
      if (kind === 'batch') throw new Error('ENOSPC')
    }
    await expect(commitBlock(parts, candidate, certificate)).rejects.toMatchObject({ code: 'STORE_IO' })
    expect(headNow().height).toBe(0)
    expect(node.tree.committedHash()).toBe(root)
    expect(new Map(must(made.nodes[0], 'a node').records)).toEqual(records)
    for (const { key, value } of candidate.changes) expect(node.state.get(key)).not.toEqual(value)
    made.hooks.beforeChange = () => undefined
    await commitBlock(parts, candidate, certificate)
    expect(headNow().height).toBe(1)
  })
})
