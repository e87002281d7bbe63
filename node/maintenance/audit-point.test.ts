import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { REGISTRY } from '../../modules/registry.ts'
import { buildStoredGenesis, growChain } from '../../test/helpers/stored-chain.ts'
import { KEYS } from '../storage/keys.ts'
import { openStore } from '../storage/level.ts'
import { auditStore } from './audit.ts'
import { loadAuditPoint, saveAuditPoint } from './audit-point.ts'
import type { AuditPoint } from './audit-point.ts'
import { buildGenesisStart } from './audit-start.ts'

const { genesis } = buildStoredGenesis()
const parts = { registry: REGISTRY, genesis }
const root = mkdtempSync(join(tmpdir(), 'naru-audit-point-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const store = await openStore({ dir: join(root, 'store') })
await growChain(store, { blocks: 60, txsPerBlock: 4 })
const audit = (point: AuditPoint | null, keep: (reached: AuditPoint) => void = () => undefined) =>
  auditStore({
    ...{ ...parts, store, point, invariantsEvery: 0, onProgress: () => undefined },
    start: async () => buildGenesisStart(parts),
    save: { every: 20, keep },
  })

describe('an audit that was broken off', () => {
  const path = join(root, 'point')
  let whole: Awaited<ReturnType<typeof audit>>

  it('goes on from its last point and comes to the same end', async () => {
    const heights: number[] = []
    whole = await audit(null, (reached) => {
      heights.push(reached.height)
      if (reached.height === 40) saveAuditPoint(path, genesis.hash, reached)
    })
    expect(heights).toEqual([20, 40])
    const resumed = await audit(loadAuditPoint(path, genesis.hash))
    expect(resumed).toMatchObject({ from: 41, executed: 20, top: 60 })
    const same = (report: typeof whole) => ('top' in report ? [report.stateRoot, report.txs, report.stateRecords] : report)
    expect(same(resumed)).toEqual(same(whole))
  })

  it('still names what is wrong above the point, and a record too many below it', async () => {
    const point = loadAuditPoint(path, genesis.hash)
    const change = async (key: string, value: Uint8Array): Promise<unknown> => {
      const before = store.get(key)
      await store.writeBatch([{ key, value }])
      const found = await audit(point)
      await store.writeBatch([{ key, value: before }])
      return found
    }
    const receipts = store.get(KEYS.receipts(50)) ?? new Uint8Array()
    const flipped = receipts.map((byte, at) => (at === 9 ? byte ^ 1 : byte))
    expect(await change(KEYS.receipts(50), flipped)).toMatchObject({ record: 'receipts', height: 50 })
    expect(await change(`t/${'ab'.repeat(32)}`, new Uint8Array([0x92, 1, 0]))).toMatchObject({ key: `t/${'ab'.repeat(32)}` })
  })

  it('is refused with any byte changed, with another chain, and with another store', async () => {
    const bytes = new Uint8Array(readFileSync(path))
    const other = join(root, 'other')
    for (const at of [0, 60, bytes.length >> 1, bytes.length - 1]) {
      writeFileSync(
        other,
        bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)),
      )
      expect(() => loadAuditPoint(other, genesis.hash)).toThrow('is damaged')
    }
    expect(() => loadAuditPoint(path, 'cd'.repeat(32) as never)).toThrow('is of genesis')
    expect(loadAuditPoint(join(root, 'none'), genesis.hash)).toBeNull()
    const point = loadAuditPoint(path, genesis.hash)
    if (point === null) throw new Error('no point')
    await expect(audit({ ...point, blockId: 'ef'.repeat(32) as never })).rejects.toMatchObject({ code: 'AUDIT_RESUME' })
    await expect(audit({ ...point, height: 61 })).rejects.toMatchObject({ code: 'AUDIT_RESUME' })
    const records = new Map(point.records)
    records.delete([...records.keys()][3] ?? '')
    await expect(audit({ ...point, records })).rejects.toMatchObject({ code: 'AUDIT_RESUME' })
  })
})
