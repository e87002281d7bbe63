// Owns: a validator that lost its store comes back by a snapshot, among running nodes. Not here: the format (node/maintenance).
import { join } from 'node:path'
import { renameSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { createNodeApi } from '../../node/api.ts'
import { auditStore } from '../../node/maintenance/audit.ts'
import { readSnapshotStart } from '../../node/maintenance/snapshot-start.ts'
import { buildTrust, createSnapshot } from '../../node/maintenance/snapshot-folder.ts'
import { restoreSnapshot } from '../../node/maintenance/snapshot-restore.ts'
import { openStopped } from '../../node/maintenance/stopped-store.ts'
import { REGISTRY } from '../../modules/registry.ts'
import type { Cluster, ClusterNode } from '../helpers/cluster.ts'
import { createCluster, until } from '../helpers/cluster.ts'

let cluster: Cluster | null = null

afterEach(async () => {
  await cluster?.close()
  cluster = null
})

const heightOf = (made: Cluster, index: number): number => made.nodes[index]?.running?.head().height ?? 0

/** Pays by one node, block after block, until it stands at this height: an idle chain makes no blocks. */
async function growTo(made: Cluster, index: number, height: number): Promise<void> {
  const node = made.nodes[index]?.running
  const to = made.accounts.get('citizen-2')?.address
  const from = made.accounts.get('citizen-1')?.address
  if (node === null || node === undefined || to === undefined || from === undefined) throw new Error('no node or account')
  while (node.head().height < height) {
    const at = node.head().height
    const tx = made.sign(
      'citizen-1',
      'payment.transfer',
      { to, amount: 10n, memoCommit: null },
      { nonce: node.desk.nextNonce(from, 0) },
    )
    const outcome = node.desk.admit(tx.bytes)
    if ('failure' in outcome) throw new Error(outcome.code)
    node.publishTransaction(tx.id, tx.bytes)
    await until(`block ${at + 1}`, () => node.head().height > at && node.chain.placeOf(tx.id) !== null)
  }
}

it('a validator without its store starts from a snapshot, catches up by blocks, votes again, and says what it no longer holds', async () => {
  const made = await createCluster(4)
  cluster = made
  for (let i = 0; i < 4; i++) await made.start(i)
  await until('a block everywhere', () => made.nodes.every((_, i) => heightOf(made, i) >= 1))
  await growTo(made, 0, 10)
  await until('ten blocks at the last', () => heightOf(made, 3) >= 10)
  await made.stop(3)
  const { dir } = made.nodes[3] as ClusterNode
  const parts = { registry: REGISTRY, genesis: made.genesis }
  const snapshot = join(dir, '..', 'snapshot')
  const stopped = await openStopped(dir)
  const manifest = await createSnapshot({ ...parts, store: stopped.store }, snapshot, () => undefined)
  await stopped.close()
  await growTo(made, 0, manifest.height + 8)
  renameSync(join(dir, 'store'), join(dir, '..', 'lost-store'))
  renameSync(join(dir, 'wal'), join(dir, '..', 'lost-wal'))
  await restoreSnapshot({ snapshot, dataDir: dir, trust: buildTrust(parts, null), onProgress: () => undefined })

  const back = await made.start(3)
  expect(back.head().height).toBe(manifest.height)
  await until('it catches up', () => heightOf(made, 3) >= heightOf(made, 0) && heightOf(made, 3) >= manifest.height + 8)
  const api = createNodeApi(back, made.genesisJson)
  expect(api.syncState().oldestHeight).toBe(manifest.height + 1)
  expect([api.blockAt(manifest.height), api.blockAt(manifest.height + 1) === null]).toEqual([null, false])
  expect(api.headerAt(manifest.height)?.blockId).toBe(manifest.blockId)

  // Three of four are a quorum only if the one that came back votes.
  await made.stop(0)
  await growTo(made, 3, heightOf(made, 3) + 3)
  expect(made.nodes.flatMap(({ errors }) => errors)).toEqual([])

  await made.stop(3)
  const restored = await openStopped(dir)
  const { store } = restored
  const start = async () => readSnapshotStart({ ...parts, store }, snapshot, null)
  const audited = await auditStore({ ...parts, store, start, invariantsEvery: 0, onProgress: () => undefined })
  await restored.close()
  expect(audited).toMatchObject({ oldest: manifest.height + 1, from: manifest.height + 1 })
  expect((audited as { executed: number }).executed).toBeGreaterThan(5)
}, 90_000)
