// Owns: several real nodes in one process: agreement, a node away, all away, a late one. Not here: processes and signals (test/e2e).
import { afterEach, describe, expect, it } from 'vitest'
import type { TxId } from '../../core/base/ids.ts'
import type { Cluster } from '../helpers/cluster.ts'
import { createCluster, until } from '../helpers/cluster.ts'
import { balanceOf, brokenInvariants } from '../helpers/state-view.ts'

let cluster: Cluster | null = null

afterEach(async () => {
  await cluster?.close()
  cluster = null
})

async function startAll(n: number, observers = 0): Promise<Cluster> {
  const made = await createCluster(n, { observers })
  cluster = made
  for (let i = 0; i < n; i++) await made.start(i)
  await until('block 1 everywhere', () => made.nodes.slice(0, n).every((node) => (node.running?.head().height ?? 0) >= 1))
  return made
}

function submit(made: Cluster, at: number, from: string, to: string, nonce: bigint): string {
  const account = made.accounts.get(to)
  const node = made.nodes[at]?.running
  if (account === undefined || node === null || node === undefined) throw new Error('no such account or node')
  const tx = made.sign(from, 'payment.transfer', { to: account.address, amount: 1_000n, memoCommit: null }, { nonce })
  const outcome = node.desk.admit(tx.bytes)
  if ('failure' in outcome) throw new Error(outcome.code)
  node.publishTransaction(tx.id, tx.bytes)
  return tx.id
}

function isFinalOn(made: Cluster, txId: string, indexes: readonly number[]): boolean {
  return indexes.every((i) => {
    const node = made.nodes[i]?.running
    const place = node?.chain.placeOf(txId as TxId)
    return place != null && place.height <= (node?.head().height ?? 0)
  })
}

function rootsAt(made: Cluster, height: number): readonly string[] {
  return made.nodes.flatMap((node) => (node.running === null ? [] : [node.running.chain.headerAt(height)?.stateRoot ?? 'none']))
}

describe('four validators over libp2p', () => {
  it('finalise transfers that were given to different nodes, with one state root', async () => {
    const made = await startAll(4)
    const ids = [
      submit(made, 0, 'citizen-1', 'citizen-2', 0n),
      submit(made, 1, 'citizen-2', 'citizen-3', 0n),
      submit(made, 3, 'citizen-4', 'citizen-5', 0n),
    ]
    await until('three transfers final on four nodes', () => ids.every((id) => isFinalOn(made, id, [0, 1, 2, 3])))
    const height = Math.min(...made.nodes.map((node) => node.running?.head().height ?? 0))
    expect(new Set(rootsAt(made, height)).size).toBe(1)
    expect(balanceOf(made, 0, 'citizen-2')).toBe(500_000n)
    expect(balanceOf(made, 2, 'citizen-1')).toBe(499_000n)
    const second = made.nodes[1]?.running
    expect(second && (await brokenInvariants(second))).toEqual([])
  })

  it('go on with three of four, and the fourth catches up when it returns', async () => {
    const made = await startAll(4)
    await made.stop(2)
    const first = submit(made, 0, 'citizen-1', 'citizen-2', 0n)
    await until('final on three', () => isFinalOn(made, first, [0, 1, 3]))
    await made.start(2)
    await until('final on the one that was away', () => isFinalOn(made, first, [2]))
    const second = submit(made, 2, 'citizen-1', 'citizen-2', 1n)
    await until('final everywhere', () => isFinalOn(made, second, [0, 1, 2, 3]))
    expect(made.nodes.flatMap((node) => node.errors)).toEqual([])
  })

  it('stand still with two of four and resume as soon as the third is back', async () => {
    const made = await startAll(4)
    await made.stop(2)
    await made.stop(3)
    const id = submit(made, 0, 'citizen-1', 'citizen-2', 0n)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(isFinalOn(made, id, [0])).toBe(false)
    await made.start(3)
    await until('final on three', () => isFinalOn(made, id, [0, 1, 3]))
    expect(made.nodes.flatMap((node) => node.errors)).toEqual([])
  })

  it('continue the same chain after all were stopped', async () => {
    const made = await startAll(4)
    const before = submit(made, 0, 'citizen-1', 'citizen-2', 0n)
    await until('final', () => isFinalOn(made, before, [0, 1, 2, 3]))
    await Promise.all([0, 1, 2, 3].map((i) => made.stop(i)))
    for (const i of [0, 1, 2, 3]) await made.start(i)
    const after = submit(made, 1, 'citizen-1', 'citizen-2', 1n)
    await until('final after the restart', () => isFinalOn(made, after, [0, 1, 2, 3]))
    expect(isFinalOn(made, before, [0, 1, 2, 3])).toBe(true)
    expect(balanceOf(made, 3, 'citizen-1')).toBe(498_000n)
  })

  it('bring an observer that comes late to the head by sync while blocks are made', async () => {
    const made = await startAll(4, 1)
    for (let i = 0; i < 30; i++) {
      const id = submit(made, i % 4, 'citizen-1', 'citizen-2', BigInt(i))
      await until('final', () => isFinalOn(made, id, [0, 1, 2, 3]))
    }
    const late = await made.start(4)
    const head = made.nodes[0]?.running?.head().height ?? 0
    const next = submit(made, 0, 'citizen-3', 'citizen-4', 0n)
    await until('the late node at the head', () => late.head().height >= head && isFinalOn(made, next, [4]))
    expect(new Set(rootsAt(made, head)).size).toBe(1)
    expect(late.signer()).toBeNull()
  })
})

describe('one validator', () => {
  it('finalises alone and keeps what it finalised', async () => {
    const made = await startAll(1)
    const id = submit(made, 0, 'citizen-1', 'citizen-2', 0n)
    await until('final', () => isFinalOn(made, id, [0]))
    await made.stop(0)
    await made.start(0)
    expect(isFinalOn(made, id, [0])).toBe(true)
    const next = submit(made, 0, 'citizen-1', 'citizen-2', 1n)
    await until('final after the restart', () => isFinalOn(made, next, [0]))
  })
})
