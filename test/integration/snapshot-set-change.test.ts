// Owns: snapshots of a chain whose validators have changed: trusted from the genesis through every change, complete for the next block.
// Not here: the changes themselves (validators.test.ts), forged changes (node/maintenance/snapshot.test.ts).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { must } from '../../core/base/assert.ts'
import { blockIdOf } from '../../core/chain/block.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { executeCandidate } from '../../node/executor.ts'
import { auditStore } from '../../node/maintenance/audit.ts'
import { buildGenesisStart } from '../../node/maintenance/audit-start.ts'
import { buildTrust, createSnapshot, verifySnapshot } from '../../node/maintenance/snapshot-folder.ts'
import { restoreSnapshot } from '../../node/maintenance/snapshot-restore.ts'
import { readSnapshotStart } from '../../node/maintenance/snapshot-start.ts'
import { recoverChain } from '../../node/recover.ts'
import { KEYS } from '../../node/storage/keys.ts'
import { openStore } from '../../node/storage/level.ts'
import type { Store } from '../../node/storage/level.ts'
import { createGovernedNodes } from '../helpers/governed-nodes.ts'
import { createMapStore } from '../helpers/virtual-nodes.ts'

const root = mkdtempSync(join(tmpdir(), 'naru-set-change-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const quiet = (): void => undefined

it('a snapshot after a change of validators is believed from the genesis on, and gives all that the next block needs', async () => {
  const made = createGovernedNodes(4, 1)
  for (const { index } of made.nodes) await made.start(index)
  await made.reach(3)
  await made.showReady(4)
  const from = await made.decide(made.addOf(4))
  await made.reach(from + 6)
  const { genesis } = made.world
  const parts = { registry: REGISTRY, genesis }
  // The disk at this moment, while the network goes on.
  const store = createMapStore(new Map(must(made.nodes[0], 'a node').records))
  const snapshot = join(root, 'snapshot')
  const manifest = await createSnapshot({ ...parts, store }, snapshot, quiet)
  expect(manifest.changes.map(({ header }) => header.height)).toEqual([from - 1])
  expect(manifest.validators).toHaveLength(5)
  const trust = buildTrust(parts, null)
  expect(trust.set.validators).toHaveLength(4)
  expect(verifySnapshot(snapshot, trust, quiet)).toEqual(manifest)

  const dataDir = join(root, 'data')
  await restoreSnapshot({ snapshot, dataDir, trust, onProgress: quiet })
  const restored = await openStore({ dir: join(dataDir, 'store') })
  const opened = await recoverChain({ store: restored, ...parts, cacheEntries: 1_000 })
  expect([opened.sets.at(from - 1).validators.length, opened.sets.at(from).validators.length]).toEqual([4, 5])
  // The next block checks attendance, seats and recent block ids: it comes out the same without the blocks below.
  await made.reach(manifest.height + 1)
  const next = must(made.at(0).chain.blockAt(manifest.height + 1), 'the next block')
  const { state, tree, head } = opened
  const executor = { ...parts, state, tree, head: () => head, checkSignature: verifySignature }
  expect(executeCandidate(executor, next, () => null)).toMatchObject({ blockId: blockIdOf(next.header) })

  const audit = (of: Store, start: () => ReturnType<typeof buildGenesisStart>) =>
    auditStore({ ...parts, store: of, start: async () => start(), invariantsEvery: 0, onProgress: quiet })
  expect(await audit(store, () => buildGenesisStart(parts))).toMatchObject({ oldest: 1, top: manifest.height })
  const fromSnapshot = () => readSnapshotStart({ ...parts, store: restored }, snapshot, null)
  expect(await audit(restored, fromSnapshot)).toMatchObject({ oldest: manifest.height + 1 })
  // A change that is not what a quorum signed is the first wrong record, in the whole store and in the restored one.
  for (const [of, start] of [
    [store, () => buildGenesisStart(parts)],
    [restored, fromSnapshot],
  ] as const) {
    const key = KEYS.setChange(from - 1)
    const value = must(of.get(key), 'the change')
    await of.writeBatch([{ key, value: value.map((byte, at) => (at === value.length - 40 ? byte ^ 1 : byte)) }])
    expect(await audit(of, start)).toMatchObject({ key, record: 'validators', height: from - 1 })
  }
  await restored.close()
})
