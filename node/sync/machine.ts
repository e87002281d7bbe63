// Owns: block sync as a permanent service (consensus.md 5.2): who is ahead, whom to ask for what, what an answer means. Pure.
// Not here: the requests themselves and the blocks' validity (node/block-sync.ts).
import type { Height, TimeMs } from '../../core/base/ids.ts'
import { LIMITS } from '../../core/base/limits.ts'

/** What sync hears: claims of peers, answers and the lack of them, our own head, the time in ms. */
export type SyncInput =
  /** A peer says where it is; a claim is only a hint of whom to ask. */
  | {
      readonly kind: 'peerHeight'
      readonly peer: string
      readonly height: Height
      /** Lowest height whose body the peer holds; what it said before where it says nothing. */
      readonly oldest?: Height
      readonly nowMs: TimeMs
    }
  | { readonly kind: 'peerGone'; readonly peer: string }
  /** Our head moved, by consensus or by sync. */
  | { readonly kind: 'headMoved'; readonly height: Height; readonly nowMs: TimeMs }
  | { readonly kind: 'answered'; readonly peer: string; readonly blocks: number; readonly nowMs: TimeMs }
  /** Timed out, closed, or empty: ask someone else first. */
  | { readonly kind: 'failed'; readonly peer: string; readonly nowMs: TimeMs }
  /** The peer sent a block that does not verify. */
  | { readonly kind: 'lied'; readonly peer: string; readonly nowMs: TimeMs }
  | { readonly kind: 'tick'; readonly nowMs: TimeMs }

/** What sync wants: blocks from a height on, or a peer held to account. */
export type SyncEffect =
  | { readonly kind: 'requestBlocks'; readonly peer: string; readonly from: Height; readonly count: number }
  | { readonly kind: 'reportPeer'; readonly peer: string; readonly reason: string }

type Peer = { height: Height; oldest: Height; notBeforeMs: TimeMs; failures: number }

/** What sync knows of its peers; changed only by `stepSync`. */
export type SyncState = {
  head: Height
  headMovedAtMs: TimeMs
  readonly peers: Map<string, Peer>
  /** The peer that was asked and has not answered. One request at a time keeps blocks in order. */
  asked: string | null
}

/** How long a node one height behind waits for consensus itself to bring the block before it asks for it. */
const GRACE_MS = 400
const BACKOFF_MS = 1_000
const BACKOFF_MAX_MS = 30_000
const LIE_BACKOFF_MS = 120_000

/** A service that knows no peer yet. */
export function createSyncState(head: Height, nowMs: TimeMs): SyncState {
  return { head, headMovedAtMs: nowMs, peers: new Map(), asked: null }
}

/** The only door: takes in an input and says whom to ask next, if anyone. */
export function stepSync(state: SyncState, input: SyncInput): readonly SyncEffect[] {
  const reports = noteInput(state, input)
  return input.kind === 'peerGone' ? reports : [...reports, ...askNext(state, input.nowMs)]
}

function noteInput(state: SyncState, input: SyncInput): readonly SyncEffect[] {
  switch (input.kind) {
    case 'peerHeight': {
      const peer = state.peers.get(input.peer) ?? { height: 0, oldest: 1, notBeforeMs: 0, failures: 0 }
      const oldest = input.oldest ?? peer.oldest
      // While a peer waits for having failed or lied, its word counts for nothing, not even for people.
      if (peer.notBeforeMs <= input.nowMs) state.peers.set(input.peer, { ...peer, height: input.height, oldest })
      return []
    }
    case 'peerGone':
      state.peers.delete(input.peer)
      if (state.asked === input.peer) state.asked = null
      return []
    case 'headMoved':
      if (input.height > state.head) state.headMovedAtMs = input.nowMs
      state.head = input.height
      return []
    case 'answered':
      if (state.asked === input.peer) state.asked = null
      return input.blocks === 0 ? noteFailure(state, input.peer, input.nowMs) : noteSuccess(state, input.peer)
    case 'failed':
      if (state.asked === input.peer) state.asked = null
      return noteFailure(state, input.peer, input.nowMs)
    case 'lied':
      if (state.asked === input.peer) state.asked = null
      demote(state, input.peer, input.nowMs + LIE_BACKOFF_MS)
      return [{ kind: 'reportPeer', peer: input.peer, reason: 'sent a block that does not verify' }]
    case 'tick':
      return []
  }
}

function noteSuccess(state: SyncState, peer: string): readonly SyncEffect[] {
  const known = state.peers.get(peer)
  if (known !== undefined) known.failures = 0
  return []
}

function noteFailure(state: SyncState, peer: string, nowMs: TimeMs): readonly SyncEffect[] {
  const failures = (state.peers.get(peer)?.failures ?? 0) + 1
  const backoffMs = BACKOFF_MS * 2 ** (failures < 6 ? failures - 1 : 5)
  demote(state, peer, nowMs + Math.min(backoffMs, BACKOFF_MAX_MS), failures)
  return []
}

function demote(state: SyncState, peer: string, notBeforeMs: TimeMs, failures = 1): void {
  const known = state.peers.get(peer)
  // A failed claim is forgotten: the peer must say its height again to be asked again.
  if (known !== undefined) state.peers.set(peer, { height: 0, oldest: known.oldest, notBeforeMs, failures })
}

function askNext(state: SyncState, nowMs: TimeMs): readonly SyncEffect[] {
  if (state.asked !== null) return []
  const peer = bestPeer(state, nowMs)
  if (peer === null) return []
  const ahead = (state.peers.get(peer) as Peer).height - state.head
  if (ahead === 1 && nowMs - state.headMovedAtMs < GRACE_MS) return []
  state.asked = peer
  return [{ kind: 'requestBlocks', peer, from: state.head + 1, count: Math.min(ahead, LIMITS.syncBlocksMax) }]
}

// The furthest peer that may be asked; ties by name, so that the choice does not hang on the order of arrival.
function bestPeer(state: SyncState, nowMs: TimeMs): string | null {
  let best: string | null = null
  let bestHeight = state.head
  for (const name of [...state.peers.keys()].sort()) {
    const peer = state.peers.get(name) as Peer
    // A node that was pruned, or began from a snapshot, does not hold what lies below.
    if (peer.notBeforeMs > nowMs || peer.height <= bestHeight || peer.oldest > state.head + 1) continue
    best = name
    bestHeight = peer.height
  }
  return best
}

/** The highest claim of any peer, for people. */
export function bestPeerHeight(state: SyncState): Height {
  let best = 0
  for (const peer of state.peers.values()) if (peer.height > best) best = peer.height
  return best
}
