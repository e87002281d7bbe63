// Owns: how a node without a chain begins from a snapshot of its peers, before anything else of it runs.
// Not here: finding one (find.ts), fetching chunks (download.ts), going on from there (node/block-sync.ts).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../../core/base/errors.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import type { Logger } from '../logger.ts'
import { draftDirOf, openDraft, removeDraft } from '../maintenance/draft-store.ts'
import type { DraftStore } from '../maintenance/draft-store.ts'
import type { Clock, Network, PeerId } from '../ports.ts'
import { cityOf, genesisSet } from '../recover.ts'
import { assertManifest, parseManifest } from '../snapshot/manifest.ts'
import type { Manifest, SnapshotTrust } from '../snapshot/manifest.ts'
import { contentOf } from '../snapshot/messages.ts'
import { createChainStore } from '../storage/chain-store.ts'
import { openStore } from '../storage/level.ts'
import { downloadChunks } from './download.ts'
import { askSnap, chooseOffer, fetchAnchor, fetchManifest, listOffers } from './find.ts'
import type { Checkpoint, Offer, SnapAsk } from './find.ts'

/** What joining by snapshot needs; `peers` are those connected at the moment. */
export type JoinBySnapshot = {
  readonly network: Pick<Network, 'request' | 'penalise'>
  readonly peers: () => readonly PeerId[]
  readonly clock: Clock
  readonly log: Logger
  readonly registry: Registry
  readonly genesis: Genesis
  readonly dataDir: string
  readonly checkpoint: Checkpoint | null
  /** Hashes of recoveries that the operator gave; peers bring no other. */
  readonly recoveries: readonly Hash32[]
}

const POLL_MS = 250
/** Time for more peers to connect and offer, once one has answered. */
const GATHER_MS = 2_000
/** After so long without any answer a node without a draft goes on by blocks. */
const NOBODY_MS = 30_000
const NOTE_EVERY_CHUNKS = 32

/**
 * True when the node holds no block yet, so that a snapshot may be its beginning: no store, or one with nothing but the genesis.
 * Logs of height 1 go with it; the sign state is enough to never contradict them (W1). Throws NodeError STORE_IO.
 */
export async function isFresh(dataDir: string): Promise<boolean> {
  const dir = join(dataDir, 'store')
  if (!existsSync(join(dir, 'CURRENT'))) return true
  const store = await openStore({ dir })
  try {
    return createChainStore(store).head() === null
  } finally {
    await store.close()
  }
}

/**
 * Fills the store from a snapshot of the peers and gives its manifest; null when none is offered, which leaves the node to sync
 * all blocks. A draft of an earlier attempt goes on. Throws NodeError STORE_IO, or SNAPSHOT_CHECKPOINT for a checkpoint that
 * no peer can show.
 */
export async function joinBySnapshot(parts: JoinBySnapshot): Promise<Manifest | null> {
  const { dataDir, log, clock } = parts
  const storeDir = join(dataDir, 'store')
  const refused = new Set<Hash32>()
  for (;;) {
    const begun = await readDraft(parts, storeDir)
    const found = await gather(parts, begun, refused)
    if (found === null) return null
    const trust = await buildTrust(parts)
    const fetched = await fetchManifest(parts, found, trust)
    if (fetched === null) {
      refused.add(found.content)
      continue
    }
    if (begun !== found.content) removeDraft(storeDir)
    const draft = await openDraft(storeDir, fetched.text)
    // The certificate may be another peer's; the chunks are the same.
    const manifest = fetched.manifest
    const begunMs = clock.monotonicMs()
    const end = await fill(parts, draft, manifest, found)
    if (end === 'done') {
      await draft.finish(manifest)
      const { height, records, bytes, chunks } = manifest
      const tookMs = Math.round(clock.monotonicMs() - begunMs)
      log.info('Snapshot fetched', { height, records, bytes, chunks: chunks.length, tookMs })
      return manifest
    }
    await draft.close()
    log.warn('The snapshot could not be fetched to its end', { height: manifest.height, why: end })
    if (end === 'lied') {
      for (const peer of found.peers) parts.network.penalise(peer, 'offered a snapshot that is not of the certified state')
      refused.add(found.content)
      removeDraft(storeDir)
    }
  }
}

async function fill(parts: JoinBySnapshot, draft: DraftStore, manifest: Manifest, offer: Offer) {
  const { log, clock, network, peers } = parts
  const { height, chunks } = manifest
  const missing = draft.missing(chunks.length)
  log.info('Fetching a snapshot', { height, chunks: chunks.length, missing: missing.length, peers: offer.peers.length })
  const offering = new Set(offer.peers)
  const follow = followOffers(parts, offer.content, offering)
  let kept = chunks.length - missing.length
  try {
    return await downloadChunks({
      manifest,
      missing,
      peers: () => peers().filter((peer) => offering.has(peer)),
      request: (peer, index) => askSnap(parts, peer, { ask: 'chunk', height, index }),
      keep: draft.keep,
      penalise: network.penalise,
      onChunk(index, peer) {
        kept++
        log.debug('Chunk kept', { index, peer })
        if (kept % NOTE_EVERY_CHUNKS === 1 || kept === chunks.length) log.info('Snapshot chunks', { kept, of: chunks.length })
      },
      clock,
    })
  } finally {
    follow.stop()
  }
}

// Peers that connect later, or finish making the same snapshot later, help too.
function followOffers(parts: JoinBySnapshot, content: Hash32, offering: Set<PeerId>) {
  const { clock, peers } = parts
  let timer: { readonly cancel: () => void } | null = null
  let stopped = false
  const look = async (): Promise<void> => {
    const { offers } = await listOffers(
      parts,
      peers().filter((peer) => !offering.has(peer)),
    )
    for (const peer of offers.find((offer) => offer.content === content)?.peers ?? []) offering.add(peer)
    if (!stopped) timer = clock.startTimer(GATHER_MS * 5, () => void look())
  }
  timer = clock.startTimer(GATHER_MS, () => void look())
  return {
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

/** The content of the draft that an earlier attempt left, or null; one that does not fit this chain is removed. */
async function readDraft(parts: JoinBySnapshot, storeDir: string): Promise<Hash32 | null> {
  if (!existsSync(draftDirOf(storeDir))) return null
  try {
    const draft = await openDraft(storeDir, '')
    const text = draft.manifestText
    await draft.close()
    const manifest = parseManifest(text ?? '')
    assertManifest(manifest, { ...trustOf(parts), blockId: manifest.blockId })
    return contentOf(manifest)
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    removeDraft(storeDir)
    return null
  }
}

function trustOf({ genesis, registry, recoveries }: Pick<JoinBySnapshot, 'genesis' | 'registry' | 'recoveries'>): SnapshotTrust {
  const { chainId, hash: genesisHash } = genesis
  return { chainId, genesisHash, set: genesisSet(registry, genesis), blockId: null, city: cityOf(registry, genesis, recoveries) }
}

async function buildTrust(parts: JoinBySnapshot): Promise<SnapshotTrust> {
  const { checkpoint, peers } = parts
  const trust = trustOf(parts)
  if (checkpoint === null) return trust
  const anchor = await fetchAnchor(parts, peers(), checkpoint)
  if (anchor !== null) return { ...trust, anchor }
  const text = `no connected peer has block 0x${checkpoint.blockId} at height ${checkpoint.height}`
  throw new NodeError('SNAPSHOT_CHECKPOINT', `${text}: compare sync.checkpoint with other operators, or connect to an archive`)
}

async function gather(parts: JoinBySnapshot, begun: Hash32 | null, refused: ReadonlySet<Hash32>): Promise<Offer | null> {
  const { clock, log, peers } = parts
  const startedMs = clock.monotonicMs()
  let heardMs: number | null = null
  for (;;) {
    const connected = peers()
    const { offers, answered } = await listOffers(parts as SnapAsk, connected)
    const nowMs = clock.monotonicMs()
    if (answered > 0) heardMs ??= nowMs
    const chosen = chooseOffer(offers, begun, refused)
    if (heardMs !== null && nowMs - heardMs >= GATHER_MS) {
      if (chosen !== null) return chosen
      log.info('No peer offers a snapshot; the node syncs all blocks', { peers: answered })
      return null
    }
    if (heardMs === null && begun === null && nowMs - startedMs > NOBODY_MS) {
      log.warn('No peer answered about snapshots; the node syncs all blocks', { peers: connected.length })
      return null
    }
    await new Promise<void>((resolve) => void clock.startTimer(POLL_MS, resolve))
  }
}
