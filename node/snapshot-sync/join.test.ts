import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NodeError } from '../../core/base/errors.ts'
import type { Header } from '../../core/chain/block.ts'
import { blockIdOf } from '../../core/chain/block.ts'
import { decode } from '../../core/codec/schema.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { buildStoredGenesis, writeStoredChain } from '../../test/helpers/stored-chain.ts'
import { until } from '../../test/helpers/cluster.ts'
import { createLogger } from '../logger.ts'
import { auditStore } from '../maintenance/audit.ts'
import { readSnapshotStart } from '../maintenance/snapshot-start.ts'
import { createSnapshot } from '../maintenance/snapshot-folder.ts'
import { openStopped } from '../maintenance/stopped-store.ts'
import type { Clock } from '../ports.ts'
import { chunkName } from '../snapshot/chunk.ts'
import { formatManifest, parseManifest } from '../snapshot/manifest.ts'
import type { Manifest } from '../snapshot/manifest.ts'
import { SnapRequestSchema, contentOf } from '../snapshot/messages.ts'
import type { SnapRequest } from '../snapshot/messages.ts'
import { recoverChain } from '../recover.ts'
import { openStore } from '../storage/level.ts'
import { openSnapshotShelf } from '../upkeep/snapshot-shelf.ts'
import type { SnapshotShelf } from '../upkeep/snapshot-shelf.ts'
import { createSystemClock } from '../system-clock.ts'
import { isFresh, joinBySnapshot } from './join.ts'

const { genesis } = buildStoredGenesis()
const root = mkdtempSync(join(tmpdir(), 'naru-join-'))
const log = createLogger({ level: 'silent' }).child('test')
const system = createSystemClock()
// Waiting is what a download mostly does; a hundredth of it is as good here.
const clock: Clock = {
  ...system,
  monotonicMs: () => system.monotonicMs() * 100,
  startTimer: (ms, fire) => system.startTimer(ms / 100, fire),
}
const headers = new Map<number, Header>()
const shelves: SnapshotShelf[] = []
let manifest: Manifest

function shelfOf(name: string): SnapshotShelf {
  return openSnapshotShelf({
    dir: join(root, name),
    kept: 2,
    chain: { headerAt: (height) => headers.get(height) ?? null },
    clock,
    log,
  })
}

beforeAll(async () => {
  await writeStoredChain(join(root, 'whole'), { blocks: 30, txsPerBlock: 20 })
  const stopped = await openStopped(join(root, 'whole', 'data'))
  const place = shelfOf('shelf').placeOf(30)
  mkdirSync(join(root, 'shelf'))
  manifest = await createSnapshot({ store: stopped.store, registry: REGISTRY, genesis }, place, () => undefined, 4_096)
  for (let height = 1; height <= 30; height++) {
    const header = stopped.chain.headerAt(height)
    if (header !== null) headers.set(height, header)
  }
  await stopped.close()
  shelves.push(shelfOf('shelf'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

type Answer = (request: SnapRequest, honest: Uint8Array | null) => Uint8Array | null | Promise<never>
const honestly: Answer = (_, honest) => honest

/** A newcomer among peers that answer as told; who was penalised, and how many chunks each brought. */
async function joinAmong(
  dir: string,
  answers: Readonly<Record<string, Answer>>,
  checkpoint: { height: number; blockId: string } | null = null,
) {
  const dataDir = join(root, dir)
  mkdirSync(dataDir, { recursive: true })
  const penalised = new Set<string>()
  const chunks: string[] = []
  const network = {
    penalise: (peer: string) => void penalised.add(peer),
    async request(peer: string, _protocol: string, raw: Uint8Array) {
      const request = decode(SnapRequestSchema, raw, 64)
      if (request.ask === 'chunk') chunks.push(`${peer} ${request.index}`)
      const answer = await (answers[peer] ?? honestly)(request, (await shelves[0]?.answer(raw)) ?? null)
      if (answer === null) throw new NodeError('PEER_CLOSED', 'refused')
      return answer
    },
  }
  const trusted = checkpoint as never
  const joined = joinBySnapshot({
    ...{
      network,
      peers: () => Object.keys(answers),
      clock,
      log,
      registry: REGISTRY,
      genesis,
      dataDir,
      checkpoint: trusted,
      recoveries: [],
    },
  })
  return { dataDir, penalised, chunks, manifest: await joined }
}

async function auditOf(dataDir: string) {
  const { store, close } = await openStopped(dataDir)
  const parts = { store, registry: REGISTRY, genesis }
  const start = async () => readSnapshotStart(parts, shelves[0]?.placeOf(30) ?? '', null)
  const found = await auditStore({ ...parts, start, invariantsEvery: 0, onProgress: () => undefined })
  await close()
  return found
}

describe('joining by snapshot', () => {
  it('fetches from every peer at once, and gives a store that an audit finds whole', async () => {
    const joined = await joinAmong('plain', { a: honestly, b: honestly, c: honestly })
    expect(joined.manifest).toMatchObject({ height: 30, chunks: manifest.chunks })
    expect(manifest.chunks.length).toBeGreaterThan(10)
    expect(joined.chunks).toHaveLength(manifest.chunks.length)
    expect(new Set(joined.chunks.map((entry) => entry[0]))).toEqual(new Set(['a', 'b', 'c']))
    expect([...joined.penalised]).toEqual([])
    expect(await auditOf(joined.dataDir)).toMatchObject({ oldest: 31, top: 30, stateRoot: manifest.stateRoot })
    expect(await isFresh(joined.dataDir)).toBe(false)
  })

  it('replaces a store that holds nothing but the genesis, and no other', async () => {
    const dataDir = join(root, 'genesis-only')
    mkdirSync(dataDir)
    expect(await isFresh(dataDir)).toBe(true)
    const store = await openStore({ dir: join(dataDir, 'store') })
    await recoverChain({ store, registry: REGISTRY, genesis, cacheEntries: 10 })
    await store.close()
    expect(await isFresh(dataDir)).toBe(true)
    expect((await joinAmong('genesis-only', { a: honestly })).manifest).toMatchObject({ height: 30 })
    expect(await auditOf(dataDir)).toMatchObject({ oldest: 31, top: 30, stateRoot: manifest.stateRoot })
    expect(await isFresh(dataDir)).toBe(false)
  })

  it('a bad chunk costs one chunk and its sender’s score', async () => {
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte))
    const liar: Answer = ({ ask }, honest) => (ask === 'chunk' && honest !== null ? flip(honest) : honest)
    const joined = await joinAmong('liar', { a: honestly, liar })
    expect([...joined.penalised]).toEqual(['liar'])
    expect(joined.chunks.filter((entry) => entry.startsWith('liar')).length).toBeLessThanOrEqual(2)
    expect(await auditOf(joined.dataDir)).toMatchObject({ stateRoot: manifest.stateRoot })
  })

  it('a manifest with chunks of another state is found out by its first chunk, and another peer’s is taken', async () => {
    // One record of one chunk is another; its hash in the manifest is right, its proof is not.
    const index = 3
    const whole = new Uint8Array(readFileSync(join(shelves[0]?.placeOf(30) ?? '', chunkName(index))))
    const forgedChunk = whole.map((byte, at) => (at === whole.length - 2 ? byte ^ 1 : byte))
    const { sha256 } = await import('../../core/crypto/hash.ts')
    const chunks = manifest.chunks.map((entry, at) => (at === index ? { ...entry, sha256: sha256(forgedChunk) } : entry))
    const forged = { ...manifest, chunks }
    const { encode } = await import('../../core/codec/schema.ts')
    const { SnapListSchema } = await import('../snapshot/messages.ts')
    const forger: Answer = ({ ask, index: at }, honest) => {
      if (ask === 'list') return encode(SnapListSchema, [{ height: 30, content: contentOf(forged) }])
      if (ask === 'manifest') return new TextEncoder().encode(formatManifest(forged))
      return ask === 'chunk' && at === index ? forgedChunk : honest
    }
    // Two forgers are more than one honest peer, so theirs is tried first.
    const joined = await joinAmong('forgers', { f: forger, g: forger, honest: honestly })
    expect([...joined.penalised].sort()).toEqual(['f', 'g'])
    expect(await auditOf(joined.dataDir)).toMatchObject({ stateRoot: manifest.stateRoot })
  })

  it('refuses a certificate that no quorum signed, and goes on by blocks when nobody offers anything else', async () => {
    const forged = parseManifest(formatManifest(manifest))
    const text = formatManifest({
      ...forged,
      certificate: { ...forged.certificate, signatures: forged.certificate.signatures.map(() => new Uint8Array(64)) },
    })
    const liar: Answer = ({ ask }, honest) => (ask === 'manifest' ? new TextEncoder().encode(text) : honest)
    const joined = await joinAmong('unsigned', { liar })
    expect([joined.manifest, [...joined.penalised], existsSync(join(joined.dataDir, 'store'))]).toEqual([null, ['liar'], false])
  })

  it('goes on with the chunks it has after it was cut off, and with silent peers', async () => {
    let left = 5
    let isOver = false
    const failing: Answer = ({ ask }, honest) => {
      if (isOver && ask === 'list') return Promise.reject(new Error('power cut'))
      return ask === 'chunk' && left-- <= 0 ? null : honest
    }
    const first = joinAmong('cut', { a: failing })
    await until('five chunks', () => left < -1)
    isOver = true
    await expect(first).rejects.toThrow('power cut')
    // What another process would find: a copy of the disk at this moment.
    mkdirSync(join(root, 'cut-again'))
    cpSync(join(root, 'cut', 'store.restoring'), join(root, 'cut-again', 'store.restoring'), { recursive: true })
    const silent: Answer = ({ ask }, honest) => (ask === 'chunk' ? null : honest)
    const joined = await joinAmong('cut-again', { a: honestly, silent })
    const brought = new Set(joined.chunks.filter((entry) => entry.startsWith('a ')))
    expect(brought.size).toBe(manifest.chunks.length - 5)
    expect(await auditOf(joined.dataDir)).toMatchObject({ stateRoot: manifest.stateRoot })
  })

  it('stands on a checkpoint that the operator names, and stops where no peer can show it', async () => {
    const header = headers.get(12)
    if (header === undefined) throw new Error('no header')
    const right = { height: 12, blockId: blockIdOf(header) }
    expect((await joinAmong('pinned', { a: honestly }, right)).manifest).toMatchObject({ height: 30 })
    const wrong = { height: 12, blockId: 'ab'.repeat(32) }
    await expect(joinAmong('pinned-wrong', { a: honestly }, wrong)).rejects.toMatchObject({ code: 'SNAPSHOT_CHECKPOINT' })
    expect(existsSync(join(root, 'pinned-wrong', 'store'))).toBe(false)
  })
})

describe('the shelf', () => {
  it('answers nothing but what it offers, and no bytes make it throw', async () => {
    const [shelf] = shelves
    const { encode } = await import('../../core/codec/schema.ts')
    const ask = (request: SnapRequest) => shelf?.answer(encode(SnapRequestSchema, request))
    expect(await ask({ ask: 'manifest', height: 29, index: 0 })).toBeNull()
    expect(await ask({ ask: 'chunk', height: 30, index: manifest.chunks.length })).toBeNull()
    expect(await ask({ ask: 'header', height: 31, index: 0 })).toBeNull()
    expect(await ask({ ask: 'chunk', height: 30, index: 2 })).toHaveLength(manifest.chunks[2]?.bytes ?? 0)
    for (const bytes of [[], [0xff], [0x93, 0x07, 0x01, 0x02], Array.from({ length: 65 }, () => 0)])
      expect(await shelf?.answer(new Uint8Array(bytes))).toBeNull()
  })

  it('is empty for all peers together once they ask too fast', async () => {
    const fixed: Clock = { ...clock, monotonicMs: () => 0 }
    const shelf = openSnapshotShelf({ dir: join(root, 'shelf'), kept: 2, chain: { headerAt: () => null }, clock: fixed, log })
    const { encode } = await import('../../core/codec/schema.ts')
    const raw = encode(SnapRequestSchema, { ask: 'list', height: 0, index: 0 })
    let answered = 0
    for (let i = 0; i < 300; i++) if ((await shelf.answer(raw)) !== null) answered++
    expect(answered).toBe(200)
  })
})
