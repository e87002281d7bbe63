// Owns: fetching the chunks of one snapshot from several peers at once, each proven before it is kept.
// Not here: which snapshot (find.ts), where chunks are kept (node/maintenance/draft-store.ts).
import type { Clock, PeerId } from '../ports.ts'
import { isOffered, readChunk } from '../snapshot/chunk.ts'
import type { SnapshotRecord } from '../snapshot/chunk.ts'
import type { Manifest } from '../snapshot/manifest.ts'

/** What a download needs; `peers` answers with those that offer this snapshot at the moment. */
export type DownloadParts = {
  readonly manifest: Pick<Manifest, 'chunks' | 'stateRoot'>
  readonly missing: readonly number[]
  readonly peers: () => readonly PeerId[]
  readonly request: (peer: PeerId, index: number) => Promise<Uint8Array>
  /** Keeps a proven chunk durably. */
  readonly keep: (index: number, records: readonly SnapshotRecord[]) => Promise<void>
  readonly penalise: (peer: PeerId, reason: string) => void
  readonly onChunk: (index: number, peer: PeerId) => void
  readonly clock: Clock
}

/** `lied`: the manifest itself is not of the certified state; `stalled`: nobody brought anything for long. */
export type DownloadEnd = 'done' | 'lied' | 'stalled'

/** Requests to one peer at the same time; more would wait in its queue. */
const PER_PEER = 2
/** A little slower than a peer answers one node (node/network/requests.ts), so that none is refused. */
const BETWEEN_MS = 30
const BACKOFF_MS = 250
const BACKOFF_MAX_MS = 5_000
const LIE_BACKOFF_MS = 30_000
const STALLED_MS = 60_000
const TICK_MS = 50

type Source = { inFlight: number; notBeforeMs: number; failures: number }

/** Runs until every missing chunk is kept, or it cannot go on. Rejects only where keeping fails: then the disk is at fault. */
export function downloadChunks(parts: DownloadParts): Promise<DownloadEnd> {
  return new Download(parts).run()
}

class Download {
  readonly #parts: DownloadParts
  readonly #waiting: number[]
  readonly #sources = new Map<PeerId, Source>()
  readonly #end = Promise.withResolvers<DownloadEnd>()
  #inFlight = 0
  #progressMs: number
  #isOver = false
  #timer: { readonly cancel: () => void } | null = null

  constructor(parts: DownloadParts) {
    this.#parts = parts
    this.#waiting = [...parts.missing]
    this.#progressMs = parts.clock.monotonicMs()
  }

  run(): Promise<DownloadEnd> {
    this.#tick()
    return this.#end.promise.finally(() => {
      this.#isOver = true
      this.#timer?.cancel()
    })
  }

  #tick(): void {
    if (this.#isOver) return
    if (this.#waiting.length === 0 && this.#inFlight === 0) return this.#end.resolve('done')
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs - this.#progressMs > STALLED_MS) return this.#end.resolve('stalled')
    for (const peer of this.#parts.peers()) this.#askOf(peer, nowMs)
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.startTimer(TICK_MS, () => this.#tick())
  }

  #askOf(peer: PeerId, nowMs: number): void {
    const source = this.#sources.get(peer) ?? { inFlight: 0, notBeforeMs: 0, failures: 0 }
    this.#sources.set(peer, source)
    if (source.inFlight >= PER_PEER || source.notBeforeMs > nowMs) return
    const index = this.#waiting.shift()
    if (index === undefined) return
    source.inFlight++
    source.notBeforeMs = nowMs + BETWEEN_MS
    this.#inFlight++
    void this.#fetch(peer, source, index)
  }

  async #fetch(peer: PeerId, source: Source, index: number): Promise<void> {
    const content = await this.#parts.request(peer, index).catch(() => null)
    try {
      if (this.#isOver) return
      if (content === null) this.#again(index, source, Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.min(5, source.failures++)))
      else await this.#take(peer, source, index, content)
    } catch (error) {
      this.#end.reject(error)
    } finally {
      source.inFlight--
      this.#inFlight--
      this.#tick()
    }
  }

  async #take(peer: PeerId, source: Source, index: number, content: Uint8Array): Promise<void> {
    const { manifest, keep, penalise, onChunk, clock } = this.#parts
    // Whoever offered this manifest and sends other bytes lies about this chunk, and about no other.
    if (!isOffered(manifest, index, content)) {
      penalise(peer, 'sent a chunk that is not the one it offered')
      this.#again(index, source, LIE_BACKOFF_MS)
      return
    }
    const records = readOrNull(manifest, index, content)
    if (records === null) return this.#end.resolve('lied')
    await keep(index, records)
    source.failures = 0
    this.#progressMs = clock.monotonicMs()
    onChunk(index, peer)
  }

  #again(index: number, source: Source, afterMs: number): void {
    this.#waiting.push(index)
    source.notBeforeMs = this.#parts.clock.monotonicMs() + afterMs
  }
}

function readOrNull(manifest: DownloadParts['manifest'], index: number, content: Uint8Array): readonly SnapshotRecord[] | null {
  try {
    return readChunk(manifest, index, content)
  } catch (error) {
    if (error instanceof Error && (error as { code?: string }).code === 'SNAPSHOT_CORRUPT') return null
    throw error
  }
}
