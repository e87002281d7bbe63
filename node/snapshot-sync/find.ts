// Owns: finding out which snapshots the peers offer, choosing one, and its manifest, which must be final on this chain.
// Not here: its chunks (download.ts), when a node looks for one (join.ts).
import { CodecError, NodeError } from '../../core/base/errors.ts'
import type { Hash32, Height } from '../../core/base/ids.ts'
import { blockIdOf } from '../../core/chain/block.ts'
import type { Header } from '../../core/chain/block.ts'
import { decode, encode } from '../../core/codec/schema.ts'
import type { Logger } from '../logger.ts'
import type { Network, PeerId } from '../ports.ts'
import { assertManifest, parseManifest } from '../snapshot/manifest.ts'
import type { Manifest, SnapshotTrust } from '../snapshot/manifest.ts'
import { MANIFEST_BYTES_MAX, SnapHeaderSchema, SnapListSchema, SnapRequestSchema, contentOf } from '../snapshot/messages.ts'
import type { SnapRequest } from '../snapshot/messages.ts'

/** A block that the operator vouches for. */
export type Checkpoint = { readonly height: Height; readonly blockId: Hash32 }

/** A snapshot and who offers it. */
export type Offer = { readonly height: Height; readonly content: Hash32; readonly peers: readonly PeerId[] }

/** Asking one peer. */
export type SnapAsk = { readonly network: Pick<Network, 'request' | 'penalise'>; readonly log: Logger }

const LIST_TIMEOUT_MS = 5_000
const MANIFEST_TIMEOUT_MS = 30_000
const CHUNK_TIMEOUT_MS = 20_000

/** One question about snapshots. Throws NodeError PEER_*. */
export function askSnap({ network }: SnapAsk, peer: PeerId, request: SnapRequest): Promise<Uint8Array> {
  const timeoutMs =
    request.ask === 'chunk' ? CHUNK_TIMEOUT_MS : request.ask === 'manifest' ? MANIFEST_TIMEOUT_MS : LIST_TIMEOUT_MS
  return network.request(peer, 'snap', encode(SnapRequestSchema, request), timeoutMs)
}

/** What the peers offer, each snapshot once; null for a peer that did not answer. */
export async function listOffers(
  ask: SnapAsk,
  peers: readonly PeerId[],
): Promise<{ offers: readonly Offer[]; answered: number }> {
  const byContent = new Map<Hash32, { height: Height; content: Hash32; peers: PeerId[] }>()
  let answered = 0
  const listOf = async (peer: PeerId): Promise<void> => {
    try {
      const raw = await askSnap(ask, peer, { ask: 'list', height: 0, index: 0 })
      for (const { height, content } of decode(SnapListSchema, raw, 65_536)) {
        const offer = byContent.get(content) ?? { height, content, peers: [] }
        byContent.set(content, offer)
        if (!offer.peers.includes(peer)) offer.peers.push(peer)
      }
      answered++
    } catch (error) {
      noteFailure(ask, peer, error)
    }
  }
  await Promise.all(peers.map(listOf))
  return { offers: [...byContent.values()], answered }
}

/** The offer to take: one that was begun before, else that of most peers, else the newest. */
export function chooseOffer(offers: readonly Offer[], begun: Hash32 | null, refused: ReadonlySet<Hash32>): Offer | null {
  const rank = (a: Offer, b: Offer): number => {
    if ((a.content === begun) !== (b.content === begun)) return a.content === begun ? -1 : 1
    return b.peers.length - a.peers.length || b.height - a.height
  }
  return offers.filter(({ content }) => !refused.has(content)).sort(rank)[0] ?? null
}

/** The manifest of an offer, by the first of its peers that gives a sound one; null if none does. */
export async function fetchManifest(
  ask: SnapAsk,
  offer: Offer,
  trust: SnapshotTrust,
): Promise<{ manifest: Manifest; text: string } | null> {
  for (const peer of offer.peers) {
    try {
      const raw = await askSnap(ask, peer, { ask: 'manifest', height: offer.height, index: 0 })
      if (raw.length > MANIFEST_BYTES_MAX) continue
      const text = new TextDecoder().decode(raw)
      const manifest = parseManifest(text)
      if (contentOf(manifest) !== offer.content) throw new NodeError('SNAPSHOT_CORRUPT', 'not the manifest that was offered')
      assertManifest(manifest, trust)
      return { manifest, text }
    } catch (error) {
      noteFailure(ask, peer, error)
    }
  }
  return null
}

/** The header of a block that the operator vouches for; null if no peer has it. */
export async function fetchAnchor(ask: SnapAsk, peers: readonly PeerId[], checkpoint: Checkpoint): Promise<Header | null> {
  for (const peer of peers) {
    try {
      const raw = await askSnap(ask, peer, { ask: 'header', height: checkpoint.height, index: 0 })
      const header = decode(SnapHeaderSchema, raw, 65_536)
      if (header.height === checkpoint.height && blockIdOf(header) === checkpoint.blockId) return header
      ask.log.warn('A peer has another block at the checkpoint', { peer, height: header.height, blockId: blockIdOf(header) })
    } catch (error) {
      noteFailure(ask, peer, error)
    }
  }
  return null
}

// A peer that does not answer is no liar; one whose answer is wrong is, except where it only runs another version.
function noteFailure({ network, log }: SnapAsk, peer: PeerId, error: unknown): void {
  if (!(error instanceof NodeError || error instanceof CodecError)) throw error
  const code = error instanceof NodeError ? error.code : 'CODEC'
  if (code.startsWith('PEER_')) return
  log.warn('A peer’s snapshot is refused', { peer, code, reason: error.message })
  if (code !== 'SNAPSHOT_FORMAT') network.penalise(peer, 'offered a snapshot that does not verify')
}
