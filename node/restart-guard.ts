// Owns: when a node that has just started may sign: not before it has heard where the others stand (consensus.md 3.2, W9). A data
// directory and a sign state restored from a backup would sign heights again that are long decided.
// Not here: what was signed (storage/journal.ts), catching up (block-sync.ts).
import type { Height } from '../core/base/ids.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import type { Clock, PeerId } from './ports.ts'

/** Whom the guard asks; `bestPeerHeight` leaves out claims that proved empty. */
export type RestartGuardParts = {
  readonly clock: Clock
  readonly self: PeerId
  readonly set: () => ValidatorSet
  readonly headHeight: () => Height
  readonly bestPeerHeight: () => Height
  /** Told once, when signing may begin. */
  readonly onOpen: () => void
}

/** Closed at start, open for good once enough validators said where they are and none of them is ahead. */
export type RestartGuard = {
  readonly isOpen: () => boolean
  /** A peer said where it stands. */
  readonly onClaim: (peer: PeerId) => void
  /** Something changed that may open it: the head, a failed claim, time. */
  readonly review: () => void
}

/** Where links between some validators are cut, one neighbour and this time must do. */
const FEW_PEERS_MS = 10_000

/** Builds the guard; a single validator needs to ask nobody. */
export function createRestartGuard(parts: RestartGuardParts): RestartGuard {
  const startedMs = parts.clock.monotonicMs()
  const heard = new Set<PeerId>()
  let open = false
  const review = (): void => {
    const needed = parts.set().quorum - 1
    const isLate = parts.clock.monotonicMs() - startedMs >= FEW_PEERS_MS
    const isEnough = heard.size >= needed || (isLate && heard.size > 0)
    if (open || !isEnough || parts.bestPeerHeight() > parts.headHeight()) return
    open = true
    parts.onOpen()
  }
  return {
    isOpen() {
      if (!open && parts.set().quorum === 1) review()
      return open
    },
    onClaim(peer) {
      if (!open && peer !== parts.self && parts.set().validators.some((validator) => validator.peerId === peer)) heard.add(peer)
      review()
    },
    review,
  }
}
