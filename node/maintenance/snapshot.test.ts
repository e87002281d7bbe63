import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asHash32 } from '../../core/base/ids.ts'
import type { BlockId } from '../../core/base/ids.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { buildStoredGenesis, growChain, writeStoredChain } from '../../test/helpers/stored-chain.ts'
import { readValidatorSet } from '../../core/chain/validator-set.ts'
import { certify } from '../../test/helpers/tiny-chain.ts'
import type { Member } from '../../test/helpers/tiny-chain.ts'
import { assertManifest, formatManifest, parseManifest } from '../snapshot/manifest.ts'
import type { Manifest } from '../snapshot/manifest.ts'
import { createSnapshot, buildTrust, readManifest, verifySnapshot } from './snapshot-folder.ts'
import { restoreSnapshot } from './snapshot-restore.ts'
import { openStopped } from './stopped-store.ts'

const { genesis } = buildStoredGenesis()
const root = mkdtempSync(join(tmpdir(), 'naru-snapshot-'))
const whole = join(root, 'whole', 'data')
const snapshot = join(root, 'snapshot')
const trust = buildTrust({ registry: REGISTRY, genesis }, null)
const quiet = () => undefined
let manifest: Manifest

beforeAll(async () => {
  await writeStoredChain(join(root, 'whole'), { blocks: 40, txsPerBlock: 20 })
  const stopped = await openStopped(whole)
  manifest = await createSnapshot({ store: stopped.store, registry: REGISTRY, genesis }, snapshot, quiet, 8_192)
  await stopped.close()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let copies = 0
/** A copy of the snapshot after a change to one of its files. */
function copyWith(file: string, change: (bytes: Uint8Array) => Uint8Array): string {
  const dir = join(root, `changed-${copies++}`)
  cpSync(snapshot, dir, { recursive: true })
  writeFileSync(join(dir, file), change(new Uint8Array(readFileSync(join(dir, file)))))
  return dir
}

const flipAt = (at: number) => (bytes: Uint8Array) => {
  bytes[at] = (bytes[at] as number) ^ 1
  return bytes
}

const codeOf = (action: () => unknown): unknown => {
  try {
    action()
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code
  }
}

describe('a snapshot', () => {
  it('holds the whole state of the head in several proven chunks', () => {
    expect(manifest).toMatchObject({ height: 40, chainId: genesis.chainId, genesisHash: genesis.hash })
    expect(manifest.chunks.length).toBeGreaterThan(5)
    expect(manifest.records).toBeGreaterThan(400)
    expect(readdirSync(snapshot)).toHaveLength(manifest.chunks.length + 1)
    let done = 0
    expect(verifySnapshot(snapshot, trust, () => void done++)).toEqual(manifest)
    expect(done).toBe(manifest.chunks.length)
  })

  it('is refused with any byte of its manifest flipped', () => {
    const whole = new Uint8Array(readFileSync(join(snapshot, 'manifest.json')))
    const passed: number[] = []
    for (let at = 0; at < whole.length; at += 5) {
      const text = new TextDecoder().decode(flipAt(at)(whole.slice()))
      if (codeOf(() => assertManifest(parseManifest(text), trust)) === 'none') passed.push(at)
    }
    expect(passed).toEqual([])
  }, 60_000)

  it('is refused with any byte of a chunk flipped, a chunk cut short, missing, swapped, or a file too many', () => {
    const name = 'chunk-000001.bin'
    const { length } = readFileSync(join(snapshot, name))
    for (const at of [0, 5, 100, length >> 1, length - 1])
      expect(codeOf(() => verifySnapshot(copyWith(name, flipAt(at)), trust, quiet))).toBe('SNAPSHOT_CORRUPT')
    expect(
      codeOf(() =>
        verifySnapshot(
          copyWith(name, (bytes) => bytes.slice(1)),
          trust,
          quiet,
        ),
      ),
    ).toBe('SNAPSHOT_CORRUPT')
    const other = new Uint8Array(readFileSync(join(snapshot, 'chunk-000002.bin')))
    expect(
      codeOf(() =>
        verifySnapshot(
          copyWith(name, () => other),
          trust,
          quiet,
        ),
      ),
    ).toBe('SNAPSHOT_CORRUPT')
    const missing = copyWith(name, (bytes) => bytes)
    rmSync(join(missing, name))
    expect(codeOf(() => verifySnapshot(missing, trust, quiet))).toBe('SNAPSHOT_CORRUPT')
    const more = copyWith(name, (bytes) => bytes)
    writeFileSync(join(more, 'chunk-999999.bin'), 'x')
    expect(codeOf(() => verifySnapshot(more, trust, quiet))).toBe('SNAPSHOT_CORRUPT')
  })

  it('of another format, of another chain, or of nothing at all is refused by name', () => {
    const text = (from: string, to: string) => (bytes: Uint8Array) =>
      new TextEncoder().encode(new TextDecoder().decode(bytes).replace(from, to))
    expect(codeOf(() => readManifest(copyWith('manifest.json', text('"format": 2', '"format": 3'))))).toBe('SNAPSHOT_FORMAT')
    expect(codeOf(() => readManifest(copyWith('manifest.json', text('{', '['))))).toBe('SNAPSHOT_CORRUPT')
    expect(codeOf(() => readManifest(root))).toBe('SNAPSHOT_MISSING')
    const { json } = buildStoredGenesis()
    const elsewhere = parseGenesis(REGISTRY, { ...(json as object), chainId: 'naru-other-1' })
    expect(codeOf(() => verifySnapshot(snapshot, buildTrust({ registry: REGISTRY, genesis: elsewhere }, null), quiet))).toBe(
      'SNAPSHOT_CHAIN',
    )
  })

  describe('by validators that the genesis does not name', () => {
    const { genesis: elsewhere, members: strangers } = buildStoredGenesis(['w1', 'w2', 'w3', 'w4'])
    const { set } = buildTrust({ registry: REGISTRY, genesis: elsewhere }, null)
    const codeWith = (changes: Manifest['changes'], blockId: BlockId | null) => {
      const text = formatManifest({ ...manifest, changes })
      const dir = copyWith('manifest.json', () => new TextEncoder().encode(text))
      return codeOf(() => verifySnapshot(dir, { ...trust, set, blockId }, quiet))
    }
    /** The strangers hand over to the validators of the snapshot at height 5, signed by these. */
    const handOver = (by: readonly Member[], from = set, next = manifest.validators) => {
      const nextHash = readValidatorSet(next)?.hash ?? ''
      const header = { ...manifest.header, height: 5, validatorsHash: from.hash, nextValidatorsHash: asHash32(nextHash) }
      const certificate = certify({ chainId: genesis.chainId, set: from, members: by, header })
      return { header, certificate, validators: next, recovery: null }
    }

    it('counts when their changes, each signed by those before, lead to them', () => {
      expect(codeWith([], null)).toBe('SNAPSHOT_UNTRUSTED')
      expect(codeWith([handOver(strangers)], null)).toBe('none')
      expect(codeWith([handOver(strangers), handOver(strangers)], null)).toBe('SNAPSHOT_UNTRUSTED')
      const { certificate } = handOver(strangers)
      const forged = { ...certificate, signatures: certificate.signatures.map((bytes) => flipAt(3)(bytes.slice())) }
      expect(codeWith([{ ...handOver(strangers), certificate: forged }], null)).toBe('SNAPSHOT_UNTRUSTED')
      expect(codeWith([{ ...handOver(strangers), validators: [] }], null)).toBe('SNAPSHOT_UNTRUSTED')
    })

    it('counts without signatures only for the very block that the operator vouches for', () => {
      const { certificate } = handOver(strangers)
      const forged = [{ ...handOver(strangers), certificate: { ...certificate, signatures: [] } }]
      expect(codeWith(forged, manifest.blockId)).toBe('none')
      expect(codeWith(forged, asHash32('ab'.repeat(32)))).toBe('SNAPSHOT_UNTRUSTED')
      expect(codeWith([], manifest.blockId)).toBe('SNAPSHOT_UNTRUSTED')
    })
  })

  it('is never written over something', async () => {
    const stopped = await openStopped(whole)
    const made = createSnapshot({ store: stopped.store, registry: REGISTRY, genesis }, snapshot, quiet)
    await expect(made).rejects.toMatchObject({ code: 'SNAPSHOT_EXISTS' })
    await stopped.close()
  })
})

describe('restoring a snapshot', () => {
  it('gives a store that goes on with the same blocks as the one it was made of', async () => {
    const dataDir = join(root, 'restored')
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'sign-state'), 'what the key has signed')
    expect(await restoreSnapshot({ snapshot, dataDir, trust, onProgress: quiet })).toEqual(manifest)
    expect(readFileSync(join(dataDir, 'sign-state'), 'utf8')).toBe('what the key has signed')
    const ends = []
    for (const dir of [dataDir, whole]) {
      const copy = join(root, `grown-${copies++}`)
      cpSync(dir, copy, { recursive: true })
      const { store, chain, close } = await openStopped(copy)
      ends.push({
        head: await growChain(store, { blocks: 5, txsPerBlock: 20 }),
        oldest: chain.oldestHeight(),
        below: chain.blockAt(40),
      })
      await close()
    }
    const [restored, original] = ends as [(typeof ends)[number], (typeof ends)[number]]
    expect(restored.head.height).toBe(45)
    expect(restored.head.blockId).toBe(original.head.blockId)
    expect([restored.oldest, original.oldest]).toEqual([41, 1])
    expect([restored.below === null, original.below === null]).toEqual([true, false])
  })

  it('replaces no store and no write-ahead log', async () => {
    for (const name of ['store', 'wal']) {
      const dataDir = join(root, `taken-${name}`)
      mkdirSync(join(dataDir, name), { recursive: true })
      writeFileSync(join(dataDir, name, 'file'), 'x')
      const restored = restoreSnapshot({ snapshot, dataDir, trust, onProgress: quiet })
      await expect(restored).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_EMPTY' })
    }
  })

  it('of a damaged snapshot leaves nothing behind that a node would take for a store', async () => {
    const dataDir = join(root, 'damaged')
    const last = `chunk-${String(manifest.chunks.length - 1).padStart(6, '0')}.bin`
    const restored = restoreSnapshot({ snapshot: copyWith(last, flipAt(9)), dataDir, trust, onProgress: quiet })
    await expect(restored).rejects.toMatchObject({ code: 'SNAPSHOT_CORRUPT' })
    expect(existsSync(join(dataDir, 'store'))).toBe(false)
    expect(existsSync(join(dataDir, 'store.restoring'))).toBe(false)
    await expect(restoreSnapshot({ snapshot, dataDir, trust, onProgress: quiet })).resolves.toEqual(manifest)
  })
})
