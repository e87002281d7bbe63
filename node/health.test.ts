// Owns: tests of readiness: each reason by its code, and whose votes are missing by name.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import { createNodeApi } from './api.ts'
import { buildHealth, createReadiness, listPeers } from './health.ts'

const codes = (health: ReturnType<typeof buildHealth>): readonly string[] => health.reasons.map(({ code }) => code)

describe('a node', () => {
  it('is not ready alone before its first block', async () => {
    const made = createVirtualNodes(4)
    await made.start(0)
    const health = buildHealth(must(made.nodes[0]?.running, 'a node'))
    expect([health.ready, codes(health)]).toEqual([false, ['FEW_PEERS', 'NO_BLOCK']])
  })

  it('is ready in company with a fresh head, and names its peers', async () => {
    const made = createVirtualNodes(4)
    for (const node of made.nodes) await made.start(node.index)
    await made.until('block 1', () => made.nodes.every((node) => (node.running?.head().height ?? 0) >= 1))
    const node = must(made.nodes[0]?.running, 'a node')
    expect([buildHealth(node).ready, codes(buildHealth(node))]).toEqual([true, []])
    expect(listPeers(node).map(({ name }) => name)).toEqual(['v2', 'v3', 'v4'])
  })

  it('without a quorum is stalled and says for whom it waits', async () => {
    const made = createVirtualNodes(4)
    for (const node of made.nodes) await made.start(node.index)
    await made.until('block 1', () => made.nodes.every((node) => (node.running?.head().height ?? 0) >= 1))
    made.crash(2, 'keep')
    made.crash(3, 'keep')
    await made.time.advance(30_000)
    const health = buildHealth(must(made.nodes[0]?.running, 'a node'))
    expect(codes(health)).toEqual(['FEW_PEERS', 'STALLED'])
    const stalled = must(
      health.reasons.find(({ code }) => code === 'STALLED'),
      'a reason',
    )
    expect(stalled.text).toMatch(/^no final block for \d+ s; waiting for /)
    expect(health.missingVotes.every((name) => ['v3', 'v4'].includes(name))).toBe(true)
  })

  it('far behind a peer says that it syncs; the claim of a liar does not keep it from being ready', async () => {
    const made = createVirtualNodes(4)
    for (const node of made.nodes) await made.start(node.index)
    await made.until('block 1', () => made.nodes.every((node) => (node.running?.head().height ?? 0) >= 1))
    const node = must(made.nodes[0]?.running, 'a node')
    node.sync.tell({ kind: 'peerHeight', peer: 'peer-2', height: 9_000, nowMs: made.time.clock.nowMs() })
    expect(codes(buildHealth(node))).toEqual(['SYNCING'])
    await made.time.advance(10)
    expect(codes(buildHealth(node))).toEqual([])
  })
})

describe('readiness that is told', () => {
  it('comes at once the first time, then waits out what comes and goes', async () => {
    const made = createVirtualNodes(1)
    await made.start(0)
    await made.until('block 1', () => (made.nodes[0]?.running?.head().height ?? 0) >= 1)
    const good = buildHealth(must(made.nodes[0]?.running, 'a node'))
    const bad = { ...good, ready: false, reasons: [{ code: 'FEW_PEERS', text: 'x' }] }
    let now = 0
    const told = createReadiness(() => now)
    const at = (ms: number, health: typeof good): boolean => {
      now = ms
      return told(health).ready
    }
    expect([at(0, bad), at(10, good), at(20, bad), at(2_900, bad), at(2_950, good), at(3_000, bad)]).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ])
    expect([at(5_900, bad), at(6_000, bad), at(6_100, good), at(8_000, good), at(8_100, good)]).toEqual([
      true,
      false,
      false,
      false,
      true,
    ])
  })
})

describe('the API', () => {
  it('submits, repeats without error, reports each state of a transaction, proves it, and lists the account’s history', async () => {
    const made = createVirtualNodes(1)
    await made.start(0)
    const node = must(made.nodes[0]?.running, 'a node')
    const api = createNodeApi(node, {})
    const [from, to] = made.world.citizens
    const sender = must(from, 'a citizen')
    const tx = made.world.signTransfer(sender, {
      to: must(to, 'a citizen').address,
      amount: 3n,
      lane: 0,
      nonce: 0n,
      validUntil: 50,
    })
    expect(api.txStatus(tx.id)).toEqual({ status: 'unknown' })
    const outcome = api.submitTransaction(tx.bytes)
    await made.time.advance(0)
    expect(await outcome).toEqual({ txId: tx.id })
    expect(api.pendingNonce(sender.address, 0)).toBeGreaterThanOrEqual(0n)
    const waiting = api.waitForTransaction(tx.id, 30_000)
    await made.until('final', () => node.chain.placeOf(tx.id) !== null)
    expect(await waiting).toMatchObject({ status: 'final' })
    const again = api.submitTransaction(tx.bytes)
    await made.time.advance(0)
    expect(await again).toEqual({ txId: tx.id })
    const place = must(node.chain.placeOf(tx.id), 'a place')
    expect(api.proveTransaction(tx.id)).toMatchObject({ header: { height: place.height }, tx: { index: place.index, count: 1 } })
    expect((await api.accountHistory(sender.address, { before: null, limit: 10 })).map(({ txId }) => txId)).toEqual([tx.id])
    expect(api.pendingNonce(sender.address, 0)).toBe(1n)
    expect(api.eventsBetween(place.height, place.height).every(({ txId }) => txId === tx.id)).toBe(true)
  })

  it('waits for nothing longer than asked, and keeps nobody waiting in memory', async () => {
    const made = createVirtualNodes(1)
    await made.start(0)
    const api = createNodeApi(must(made.nodes[0]?.running, 'a node'), {})
    const waiting = api.waitForTransaction('ab'.repeat(32) as never, 2_500)
    await made.time.advance(3_000)
    expect(await waiting).toEqual({ status: 'unknown' })
  })

  it('survives a listener that throws: blocks go on', async () => {
    const made = createVirtualNodes(1)
    await made.start(0)
    const node = must(made.nodes[0]?.running, 'a node')
    node.onCommit(() => {
      throw new Error('a listener')
    })
    await made.until('two blocks', () => node.head().height >= 2)
    expect(must(made.nodes[0], 'a node').errors).toEqual([])
  })
})
