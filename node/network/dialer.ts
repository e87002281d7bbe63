// Owns: dialing allowed peers for ever, with backoff and jitter. Not here: who is allowed, what a connection is for (peers.ts).
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Clock, PeerId } from '../ports.ts'
import type { NetworkCounters, NetworkLogger } from './counters.ts'
import { errorText } from './counters.ts'

const BACKOFF_MS_MIN = 500
const BACKOFF_MS_MAX = 15_000
const DIAL_TIMEOUT_MS = 8_000
/** Both sides dial; the one with the larger id waits this long, so that dials seldom cross. */
const YIELD_MS = 300
const RECHECK_MS = 1_000
const ADDRESSES_MAX = 8

/** What the dialer needs. */
export type DialerOptions = {
  readonly self: PeerId
  readonly clock: Clock
  readonly counters: NetworkCounters
  readonly log: NetworkLogger
  /** True while the peer may be dialed: allowed, not banned, not cut off. */
  readonly isUsable: (peer: PeerId) => boolean
  readonly isConnected: (peer: PeerId) => boolean
}

type Target = {
  addresses: readonly Multiaddr[]
  addressText: string
  backoffMs: number
  dialing: boolean
  timer: { readonly cancel: () => void } | null
}

/** Keeps trying to reach every target that is wanted and not connected. */
export class Dialer {
  readonly #options: DialerOptions
  readonly #targets = new Map<PeerId, Target>()
  #node: Libp2p | null = null

  constructor(options: DialerOptions) {
    this.#options = options
  }

  /** Starts dialing through this node. */
  start(node: Libp2p): void {
    this.#node = node
    for (const peer of this.#targets.keys()) this.redial(peer, this.#yieldMs(peer))
  }

  /** Ends every timer; dials under way end with the node. */
  stop(): void {
    this.#node = null
    for (const target of this.#targets.values()) target.timer?.cancel()
    this.#targets.clear()
  }

  /** Replaces the targets; an address that is no multiaddr is logged and left out. */
  setTargets(allowed: readonly { readonly peer: PeerId; readonly addresses: readonly string[] }[]): void {
    const wanted = new Map(allowed.map(({ peer, addresses }) => [peer, addresses]))
    wanted.delete(this.#options.self)
    for (const [peer, target] of this.#targets) {
      if (wanted.has(peer)) continue
      target.timer?.cancel()
      this.#targets.delete(peer)
    }
    for (const [peer, texts] of wanted) {
      const addressText = texts.join(' ')
      const known = this.#targets.get(peer)
      if (known !== undefined && known.addressText === addressText) continue
      const addresses = this.#parseAddresses(peer, texts)
      if (known === undefined) {
        this.#targets.set(peer, { addresses, addressText, backoffMs: BACKOFF_MS_MIN, dialing: false, timer: null })
      } else {
        known.addresses = addresses
        known.addressText = addressText
        known.backoffMs = BACKOFF_MS_MIN
      }
      this.redial(peer, this.#yieldMs(peer))
    }
  }

  /** Dials after `delayMs`, whatever the backoff says. */
  redial(peer: PeerId, delayMs: number): void {
    const target = this.#targets.get(peer)
    if (target === undefined || this.#node === null) return
    target.timer?.cancel()
    target.timer = this.#options.clock.startTimer(delayMs, () => {
      target.timer = null
      void this.#dial(peer, target)
    })
  }

  /** The peer is connected and speaks our protocol. */
  onConfirmed(peer: PeerId): void {
    const target = this.#targets.get(peer)
    if (target !== undefined) target.backoffMs = BACKOFF_MS_MIN
  }

  /** The last connection to the peer is gone. */
  onLost(peer: PeerId): void {
    this.#retry(peer)
  }

  #retry(peer: PeerId): void {
    const target = this.#targets.get(peer)
    if (target === undefined) return
    const delayMs = target.backoffMs * (0.5 + Math.random()) + this.#yieldMs(peer)
    target.backoffMs = Math.min(target.backoffMs * 2, BACKOFF_MS_MAX)
    this.redial(peer, Math.min(delayMs, BACKOFF_MS_MAX))
  }

  #yieldMs(peer: PeerId): number {
    return this.#options.self < peer ? 0 : YIELD_MS
  }

  #parseAddresses(peer: PeerId, texts: readonly string[]): readonly Multiaddr[] {
    const addresses: Multiaddr[] = []
    for (const text of texts.slice(0, ADDRESSES_MAX)) {
      try {
        // The id decides whom we accept at the other end; the address alone would accept anybody.
        addresses.push(multiaddr(text.includes('/p2p/') ? text : `${text}/p2p/${peer}`))
      } catch (error) {
        this.#options.log.warn('Peer address is no multiaddr', { peer, error: errorText(error) })
      }
    }
    return addresses
  }

  async #dial(peer: PeerId, target: Target): Promise<void> {
    const { counters, isConnected, isUsable, log } = this.#options
    const node = this.#node
    if (node === null || target.dialing || target.addresses.length === 0 || isConnected(peer)) return
    // A ban or a fault ends without a word.
    if (!isUsable(peer)) return this.redial(peer, RECHECK_MS)
    target.dialing = true
    counters.dials += 1
    try {
      await node.dial([...target.addresses], { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) })
    } catch (error) {
      counters.dialFailures += 1
      log.debug('Dial failed', { peer, error: errorText(error) })
    } finally {
      target.dialing = false
      // Also after a dial that succeeded: the connection may already be gone again.
      if (this.#targets.get(peer) === target && !isConnected(peer)) this.#retry(peer)
    }
  }
}
