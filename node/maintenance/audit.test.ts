import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REGISTRY } from '../../modules/registry.ts'
import { buildStoredGenesis, writeStoredChain } from '../../test/helpers/stored-chain.ts'
import { KEYS } from '../storage/keys.ts'
import type { Store } from '../storage/level.ts'
import type { Finding } from './audit-fault.ts'
import { buildGenesisStart, buildRewoundStart } from './audit-start.ts'
import { auditStore } from './audit.ts'
import type { AuditReport, AuditRequest } from './audit.ts'
import { openStopped } from './stopped-store.ts'

const BLOCKS = 270
const TXS = 3
const { genesis } = buildStoredGenesis()
const root = mkdtempSync(join(tmpdir(), 'naru-audit-'))
const whole = join(root, 'whole')
let copies = 0

beforeAll(async () => {
  await writeStoredChain(whole, { blocks: BLOCKS, txsPerBlock: TXS })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

type Audited = { readonly result: AuditReport | Finding; readonly progress: number }

/** Audits a copy of the chain after a change to its store. */
async function auditCopy(change: (store: Store) => Promise<void>, from: number | null = null): Promise<Audited> {
  const dir = join(root, `copy-${copies++}`)
  cpSync(join(whole, 'data'), dir, { recursive: true })
  const { store, close } = await openStopped(dir)
  let progress = 0
  try {
    await change(store)
    const start: AuditRequest['start'] = async ({ top }) =>
      from === null
        ? buildGenesisStart({ registry: REGISTRY, genesis })
        : buildRewoundStart({ store, registry: REGISTRY, genesis }, from, top)
    const onProgress = () => void progress++
    return { result: await auditStore({ store, registry: REGISTRY, genesis, start, invariantsEvery: 100, onProgress }), progress }
  } finally {
    await close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Flips the lowest bit of one byte of a record; the byte is counted from the end where negative. */
function flip(key: string | ((store: Store) => Promise<string>), at = -1) {
  return async (store: Store): Promise<void> => {
    const name = typeof key === 'string' ? key : await key(store)
    const value = (store.get(name) as Uint8Array).slice()
    const index = at < 0 ? value.length + at : at
    value[index] = (value[index] as number) ^ 1
    await store.writeBatch([{ key: name, value }])
  }
}

const nth = (prefix: string, n: number) => async (store: Store) => {
  let left = n
  for await (const [key] of store.range({ gte: prefix, lt: `${prefix}~` })) if (left-- === 0) return key
  throw new Error(`no record ${n} under ${prefix}`)
}

describe('the audit of a stopped store', () => {
  it('executes every block again and finds nothing in a sound one', async () => {
    const { result, progress } = await auditCopy(async () => undefined)
    expect(result).toMatchObject({ oldest: 1, from: 1, top: BLOCKS, executed: BLOCKS, txs: BLOCKS * TXS })
    expect((result as AuditReport).signatures).toBeGreaterThanOrEqual(BLOCKS * (TXS + 4))
    expect(progress).toBeGreaterThan(2)
  })

  it('begins at a later height from the stored state wound back, and still compares every record below', async () => {
    expect((await auditCopy(async () => undefined, 200)).result).toMatchObject({
      from: 200,
      executed: BLOCKS - 199,
      txs: BLOCKS * TXS,
    })
    expect((await auditCopy(flip(KEYS.receipts(17)), 200)).result).toMatchObject({ record: 'receipts', height: 17 })
    expect((await auditCopy(flip(KEYS.header(1), 60), 200)).result).toMatchObject({ record: 'header', height: 1 })
    expect((await auditCopy(flip(KEYS.certificate(31)), 200)).result).toMatchObject({ record: 'certificate', height: 31 })
    await expect(auditCopy(async () => undefined, 5)).rejects.toMatchObject({ code: 'AUDIT_FROM' })
  })

  it.each([
    ['block', KEYS.block(40), -1],
    ['block', KEYS.block(40), 30],
    ['header', KEYS.header(41), -1],
    ['header', KEYS.header(1), 60],
    ['certificate', KEYS.certificate(42), -1],
    ['certificate', KEYS.certificate(42), 12],
    ['receipts', KEYS.receipts(43), -1],
    ['undo', KEYS.undo(200), -1],
    ['meta', KEYS.head, -1],
    ['meta', KEYS.head, 1],
    ['meta', KEYS.genesisHash, 0],
    ['meta', KEYS.format, -1],
  ] as const)('names a flipped byte in a %s record (%s, byte %s)', async (record, key, at) => {
    const { result } = await auditCopy(flip(key, at))
    expect(result).toMatchObject({ record, key })
    const height = /^[bhcru]/.test(key) ? Number.parseInt(key.slice(2), 16) : null
    if (height !== null) expect(result).toMatchObject({ height })
  })

  it.each([
    ['state', 's/'],
    ['transaction index', 't/'],
    ['block index', 'i/'],
    ['account history', 'a/'],
  ] as const)('names a flipped byte in a %s record', async (record, prefix) => {
    const names: string[] = []
    const { result } = await auditCopy(
      flip(async (store) => {
        const key = await nth(prefix, 20)(store)
        names.push(key)
        return key
      }),
    )
    expect(result).toMatchObject({ record, key: names[0] })
    expect((result as Finding).expected).not.toBe((result as Finding).found)
  })

  it.each(['b/', 'h/', 'c/', 'r/', 't/', 'i/', 'a/', 's/'])('names a record that is missing under %s', async (prefix) => {
    const names: string[] = []
    const { result } = await auditCopy(async (store) => {
      const key = await nth(prefix, 25)(store)
      names.push(key)
      await store.writeBatch([{ key, value: null }])
    })
    expect(result).toMatchObject({ key: names[0], found: 'nothing' })
  })

  it.each([
    `t/${'ab'.repeat(32)}`,
    `i/${'cd'.repeat(32)}`,
    KEYS.block(BLOCKS + 5),
    KEYS.undo(BLOCKS + 5),
    's/payment/wallet/forged',
    'm/other',
    'z/other',
  ])('names a record that no block wrote: %s', async (key) => {
    const { result } = await auditCopy(async (store) => {
      const like = (store.get(KEYS.receipts(1)) as Uint8Array).slice()
      await store.writeBatch([{ key, value: key.startsWith('t/') || key.startsWith('i/') ? new Uint8Array([0x91, 0x01]) : like }])
    })
    // A body above the head makes the store reach higher: then the first thing missing there is named.
    const expected = key.startsWith('b/') ? KEYS.certificate(BLOCKS + 1) : key
    expect(result).toMatchObject({ key: expected })
  })
})
