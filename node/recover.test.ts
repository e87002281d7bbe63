// Owns: tests of opening a chain again: what fits, and the typed error for everything that does not.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { asHash32 } from '../core/base/ids.ts'
import { REGISTRY } from '../modules/registry.ts'
import { createSignedWorld } from '../test/helpers/signed-world.ts'
import { createMapStore, createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import { recoverChain } from './recover.ts'
import { KEYS, STATE_PREFIX } from './storage/keys.ts'

const world = createSignedWorld(4)
const open = (records: Map<string, Uint8Array>, genesis = world.genesis) =>
  recoverChain({ store: createMapStore(records), registry: REGISTRY, genesis, cacheEntries: 100 })

async function grownRecords(): Promise<Map<string, Uint8Array>> {
  const made = createVirtualNodes(1)
  await made.start(0)
  await made.until('two blocks', () => (made.nodes[0]?.running?.head().height ?? 0) >= 2)
  return new Map(must(made.nodes[0], 'a node').records)
}
const grown = await grownRecords()
const single = createSignedWorld(1)
const height = 2
const flip = (bytes: Uint8Array | undefined, at: number): Uint8Array => {
  const out = must(bytes, 'a record').slice()
  out[at] = must(out[at], 'a byte') ^ 1
  return out
}

describe('a chain', () => {
  it('begins with its genesis and opens again at it', async () => {
    const records = new Map<string, Uint8Array>()
    const first = await open(records)
    expect([first.head.height, first.head.blockId]).toEqual([0, world.genesis.hash])
    const again = await open(records)
    expect(again.head).toEqual(first.head)
    expect(again.tree.committedHash()).toBe(first.tree.committedHash())
  })

  it('opens at its head with the state that the head names', async () => {
    const found = await open(new Map(grown), single.genesis)
    expect(found.head.height).toBe(height)
    expect(found.tree.committedHash()).toBe(found.head.header.stateRoot)
    expect(found.head.certificate?.blockId).toBe(found.head.blockId)
  })
})

describe('what does not fit', () => {
  it('another genesis is GENESIS_MISMATCH, and nothing is written', async () => {
    const records = new Map(grown)
    await expect(open(records, { ...single.genesis, hash: asHash32('12'.repeat(32)) })).rejects.toMatchObject({
      code: 'GENESIS_MISMATCH',
    })
    expect(records).toEqual(new Map(grown))
  })

  it('another layout is STORE_FORMAT, also without a genesis where this version keeps it, and nothing is written', async () => {
    const records = new Map(grown).set(KEYS.format, new Uint8Array([0x91, 99]))
    await expect(open(records, single.genesis)).rejects.toMatchObject({ code: 'STORE_FORMAT' })
    const foreign = new Map([[KEYS.format, new Uint8Array([0x91, 99])]])
    await expect(open(foreign)).rejects.toMatchObject({ code: 'STORE_FORMAT' })
    expect(foreign.size).toBe(1)
  })

  it.each<[string, (records: Map<string, Uint8Array>) => void]>([
    ['a head that does not decode', (records) => void records.set(KEYS.head, new Uint8Array([1, 2, 3]))],
    ['a head that names another block', (records) => void records.set(KEYS.head, flip(records.get(KEYS.head), 20))],
    ['a format that does not decode', (records) => void records.set(KEYS.format, new Uint8Array([0xc1]))],
    ['a missing header', (records) => void records.delete(KEYS.header(height))],
    ['an altered header', (records) => void records.set(KEYS.header(height), flip(records.get(KEYS.header(height)), 60))],
    ['a header that does not decode', (records) => void records.set(KEYS.header(height), new Uint8Array([0xff, 0]))],
    ['a missing certificate', (records) => void records.delete(KEYS.certificate(height))],
    ['a certificate that does not decode', (records) => void records.set(KEYS.certificate(height), new Uint8Array([0xc1]))],
    [
      'an altered state record',
      (records) => {
        const key = must(
          [...records.keys()].find((name) => name.startsWith(STATE_PREFIX)),
          'a state record',
        )
        records.set(key, flip(records.get(key), 0))
      },
    ],
    ['a state record too many', (records) => void records.set(`${STATE_PREFIX}zz`, new Uint8Array(1))],
    [
      'a lost state record',
      (records) => {
        records.delete(
          must(
            [...records.keys()].find((name) => name.startsWith(STATE_PREFIX)),
            'a state record',
          ),
        )
      },
    ],
  ])('%s is STORE_CORRUPT with what to do', async (_, damage) => {
    const records = new Map(grown)
    damage(records)
    await expect(open(records, single.genesis)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('restore this node'),
    })
  })
})
