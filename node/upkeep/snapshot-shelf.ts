// Owns: the snapshots that a node keeps on its disk and offers to its peers, within bounds.
// Not here: making them (snapshot-keeper.ts), fetching others' (node/snapshot-sync).
import { readFile, rm } from 'node:fs/promises'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CodecError } from '../../core/base/errors.ts'
import type { Hash32, Height } from '../../core/base/ids.ts'
import { decode, encode } from '../../core/codec/schema.ts'
import type { Logger } from '../logger.ts'
import { readManifest } from '../maintenance/snapshot-folder.ts'
import { TokenBucket } from '../network/request-gate.ts'
import type { Clock } from '../ports.ts'
import { chunkName } from '../snapshot/chunk.ts'
import { MANIFEST_NAME } from '../snapshot/manifest.ts'
import type { Manifest } from '../snapshot/manifest.ts'
import { SNAP_REQUEST_BYTES_MAX, SnapHeaderSchema, SnapListSchema, SnapRequestSchema, contentOf } from '../snapshot/messages.ts'
import type { SnapRequest } from '../snapshot/messages.ts'
import type { ChainStore } from '../storage/chain-store.ts'

/** A snapshot on the shelf. */
export type ShelfEntry = {
  readonly height: Height
  readonly content: Hash32
  readonly chunks: number
  readonly bytes: number
  readonly dir: string
}

/** The shelf. */
export type SnapshotShelf = {
  readonly entries: () => readonly ShelfEntry[]
  /** Where a snapshot of this height belongs. */
  readonly placeOf: (height: Height) => string
  /** Offers a snapshot that was just made in its place, and removes the oldest beyond the number kept. */
  readonly add: (manifest: Manifest) => Promise<void>
  /** The answer to a peer, or null to refuse. Never throws on bytes from outside. */
  readonly answer: (request: Uint8Array) => Promise<Uint8Array | null>
}

/** Answers of all peers together: so many a second, so many at once; consensus shares the disk and the line. */
const ANSWERS_PER_SECOND = 100
const ANSWERS_BURST = 200
const ANSWERS_AT_ONCE = 8

/** What a shelf is made of. */
export type ShelfParts = {
  readonly dir: string
  readonly kept: number
  readonly chain: Pick<ChainStore, 'headerAt'>
  readonly clock: Clock
  readonly log: Logger
}

/** Opens the shelf: what a crash left half made is removed, what cannot be read is not offered. */
export function openSnapshotShelf(parts: ShelfParts): SnapshotShelf {
  const { dir, kept, clock, log, chain } = parts
  let entries = readEntries(dir, log)
  const bucket = new TokenBucket(clock, ANSWERS_PER_SECOND, ANSWERS_BURST)
  let running = 0
  const placeOf = (height: Height): string => join(dir, `height-${height.toString().padStart(12, '0')}`)
  const read = async ({ ask, height, index }: SnapRequest): Promise<Uint8Array | null> => {
    if (ask === 'list') return encode(SnapListSchema, entries.slice(0, 64))
    if (ask === 'header') {
      const header = chain.headerAt(height)
      return header === null ? null : encode(SnapHeaderSchema, header)
    }
    const entry = entries.find((candidate) => candidate.height === height)
    if (entry === undefined || (ask === 'chunk' && index >= entry.chunks)) return null
    return readFile(join(entry.dir, ask === 'manifest' ? MANIFEST_NAME : chunkName(index)))
  }
  return {
    entries: () => entries,
    placeOf,
    async add(manifest) {
      const mine = entryOf(manifest, placeOf(manifest.height))
      const all = [mine, ...entries.filter(({ height }) => height !== mine.height)].sort((a, b) => b.height - a.height)
      entries = all.slice(0, kept)
      for (const old of all.slice(kept)) await rm(old.dir, { recursive: true, force: true })
    },
    async answer(request) {
      if (running >= ANSWERS_AT_ONCE || !bucket.take()) return null
      running++
      try {
        return await read(decode(SnapRequestSchema, request, SNAP_REQUEST_BYTES_MAX))
      } catch (error) {
        // A snapshot that was just replaced by a newer one is no fault of anybody.
        if (!(error instanceof CodecError)) log.debug('Snapshot not served', { error })
        return null
      } finally {
        running--
      }
    },
  }
}

function entryOf(manifest: Manifest, dir: string): ShelfEntry {
  const { height, chunks, bytes } = manifest
  return { height, content: contentOf(manifest), chunks: chunks.length, bytes, dir }
}

function readEntries(dir: string, log: Logger): ShelfEntry[] {
  if (!existsSync(dir)) return []
  const found: ShelfEntry[] = []
  for (const name of readdirSync(dir)) {
    const path = join(dir, name)
    if (name.endsWith('.partial')) rmSync(path, { recursive: true, force: true })
    else if (name.startsWith('height-')) {
      try {
        found.push(entryOf(readManifest(path), path))
      } catch (error) {
        log.warn('A snapshot on the shelf cannot be read and is not offered', { path, error })
      }
    }
  }
  return found.sort((a, b) => b.height - a.height)
}
