// Owns: who may connect, which connection to a peer counts, disconnecting, the watch over silent peers.
// Not here: dialing (dialer.ts), points (penalties.ts), what travels over a connection (channels.ts, requests.ts, gossip.ts).
import type { Connection, ConnectionGater, Libp2p } from '@libp2p/interface'
import type { Clock, PeerId, PeerView } from '../ports.ts'
import { abortQuietly } from './abort.ts'
import type { NetworkCounters, NetworkLogger } from './counters.ts'
import { errorText } from './counters.ts'
import { Dialer } from './dialer.ts'
import type { LinkFaults } from './link-faults.ts'
import type { Penalties } from './penalties.ts'

/** Two connections opened within this time are a crossed dial; later ones replace an older, presumably dead one. */
const CROSSED_DIAL_MS = 3_000
/** A peer that speaks our protocol gives a sign of life every five seconds. */
const SILENCE_MS_MAX = 30_000
const CLOSE_TIMEOUT_MS = 500

/** What the peers need from the rest of the room. */
export type PeersOptions = {
  readonly self: PeerId
  readonly clock: Clock
  readonly counters: NetworkCounters
  readonly log: NetworkLogger
  readonly faults: LinkFaults
  readonly penalties: Penalties
  /** The connection to use from now on; null when the last one is gone. */
  readonly onConnection: (peer: PeerId, connection: Connection | null) => void
  readonly onPeerConnected: (peer: PeerId) => void
  readonly onPeerDisconnected: (peer: PeerId) => void
  readonly queuedBytes: (peer: PeerId) => number
}

type Tracked = { readonly connection: Connection; readonly openedAtMs: number }
type Linked = {
  open: Tracked[]
  primary: Connection | null
  /** A stream was negotiated: the other side has accepted us, and the node knows. */
  confirmed: boolean
  connectedAtMs: number
  heardAtMs: number
}

/** The allow-list and the live connections. */
export class Peers {
  readonly gater: ConnectionGater
  readonly #options: PeersOptions
  readonly #dialer: Dialer
  readonly #allowed = new Set<PeerId>()
  readonly #linked = new Map<PeerId, Linked>()
  #lastTickMs = -1
  #stopped = false

  constructor(options: PeersOptions) {
    this.#options = options
    this.#dialer = new Dialer({
      self: options.self,
      clock: options.clock,
      counters: options.counters,
      log: options.log,
      isUsable: (peer) => this.isUsable(peer),
      isConnected: (peer) => this.#linked.has(peer),
    })
    const isDenied = (peer: { toString: () => string }): boolean => {
      const denied = !this.isUsable(peer.toString())
      if (denied) options.counters.connectionsRefused += 1
      return denied
    }
    this.gater = {
      denyDialPeer: isDenied,
      denyInboundEncryptedConnection: isDenied,
      denyOutboundEncryptedConnection: isDenied,
      denyInboundUpgradedConnection: isDenied,
      denyOutboundUpgradedConnection: isDenied,
    }
  }

  /** Follows the connections of the node and starts dialing. */
  start(node: Libp2p): void {
    node.addEventListener('connection:open', (event) => this.#guard(() => this.#onOpen(event.detail)))
    node.addEventListener('connection:close', (event) => this.#guard(() => this.#onClose(event.detail)))
    this.#dialer.start(node)
  }

  /** Refuses everybody and ends every timer. */
  stop(): void {
    this.#stopped = true
    this.#dialer.stop()
  }

  /** True for an allowed peer that is neither banned nor cut off by a fault. */
  isUsable(peer: PeerId): boolean {
    if (this.#stopped || !this.#allowed.has(peer)) return false
    return this.#options.penalties.banRemainingMs(peer) === 0 && !this.#options.faults.isDropped(peer)
  }

  /** The connection to send over, or null. */
  connectionOf(peer: PeerId): Connection | null {
    return this.#linked.get(peer)?.primary ?? null
  }

  /** Live connections that count. */
  connections(): readonly Connection[] {
    const primaries: Connection[] = []
    for (const linked of this.#linked.values()) if (linked.primary !== null) primaries.push(linked.primary)
    return primaries
  }

  /** Connected peers that accepted us. */
  views(): readonly PeerView[] {
    const views: PeerView[] = []
    for (const [peer, linked] of this.#linked) {
      if (!linked.confirmed || linked.primary === null) continue
      views.push({
        peer,
        address: linked.primary.remoteAddr.toString(),
        direction: linked.primary.direction === 'inbound' ? 'in' : 'out',
        connectedAtMs: linked.connectedAtMs,
        queuedBytes: this.#options.queuedBytes(peer),
        penalty: this.#options.penalties.points(peer),
      })
    }
    return views
  }

  /** Who may connect, and where to dial them; everybody else is disconnected. */
  setAllowed(allowed: readonly { readonly peer: PeerId; readonly addresses: readonly string[] }[]): void {
    this.#allowed.clear()
    for (const { peer } of allowed) if (peer !== this.#options.self) this.#allowed.add(peer)
    for (const peer of [...this.#linked.keys()]) if (!this.#allowed.has(peer)) this.disconnect(peer)
    this.#dialer.setTargets(allowed)
  }

  /** Counts an offence; at the limit the peer is disconnected and refused for a while. */
  penalise(peer: PeerId, reason: string): void {
    const { counters, log, penalties } = this.#options
    counters.penalties += 1
    log.debug('Peer penalised', { peer, reason })
    if (!penalties.add(peer)) return
    counters.bans += 1
    log.warn('Peer refused for a while', { peer, banMs: penalties.banRemainingMs(peer) })
    this.disconnect(peer)
  }

  /** A fault of this link was set or healed. */
  onFaultChanged(peer: PeerId): void {
    if (this.#options.faults.isDropped(peer)) this.disconnect(peer)
    else if (!this.#linked.has(peer)) this.#dialer.redial(peer, 0)
  }

  /** Closes every connection to a peer. */
  disconnect(peer: PeerId): void {
    for (const { connection } of [...(this.#linked.get(peer)?.open ?? [])]) this.#close(connection)
  }

  /** The peer accepted a stream of ours or opened one of its own. */
  confirm(peer: PeerId): void {
    const linked = this.#linked.get(peer)
    if (linked === undefined || linked.confirmed) return
    linked.confirmed = true
    this.#dialer.onConfirmed(peer)
    this.#guard(() => this.#options.onPeerConnected(peer))
  }

  /** Something came in from the peer. */
  heard(peer: PeerId): void {
    const linked = this.#linked.get(peer)
    if (linked !== undefined) linked.heardAtMs = this.#options.clock.monotonicMs()
  }

  /** Cuts peers that were silent for too long; call it every second. Our own stall is never held against them. */
  tick(): void {
    const nowMs = this.#options.clock.monotonicMs()
    const stalled = this.#lastTickMs !== -1 && nowMs - this.#lastTickMs > 5_000
    this.#lastTickMs = nowMs
    for (const [peer, linked] of this.#linked) {
      if (stalled) linked.heardAtMs = nowMs
      // The end of a connection that broke while it was being opened may never be announced.
      if (linked.primary?.status !== 'open') this.#choose(peer, linked)
      if (nowMs - linked.heardAtMs <= SILENCE_MS_MAX) continue
      this.#options.counters.silences += 1
      this.#options.log.info('Peer was silent for too long', { peer })
      linked.heardAtMs = nowMs
      for (const { connection } of [...linked.open]) abortQuietly(connection, 'peer silent')
    }
  }

  #onOpen(connection: Connection): void {
    const peer = connection.remotePeer.toString()
    if (!this.isUsable(peer)) {
      abortQuietly(connection, 'peer not allowed')
      return
    }
    // libp2p may announce a connection that has closed in the meantime and never announce its end.
    if (connection.status !== 'open') return
    const { clock, counters } = this.#options
    counters.connectionsOpened += 1
    const nowMs = clock.monotonicMs()
    const linked = this.#linked.get(peer) ?? {
      open: [],
      primary: null,
      confirmed: false,
      connectedAtMs: clock.nowMs(),
      heardAtMs: nowMs,
    }
    this.#linked.set(peer, linked)
    linked.heardAtMs = nowMs
    linked.open.push({ connection, openedAtMs: nowMs })
    this.#choose(peer, linked)
  }

  #onClose(connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const linked = this.#linked.get(peer)
    if (linked === undefined) return
    linked.open = linked.open.filter((tracked) => tracked.connection !== connection)
    this.#choose(peer, linked)
  }

  /** Keeps one connection: of a crossed dial the one the smaller peer id dialed, else the newest. */
  #choose(peer: PeerId, linked: Linked): void {
    linked.open = linked.open.filter((tracked) => tracked.connection.status === 'open')
    const newest = linked.open.at(-1)
    if (newest === undefined) {
      this.#onGone(peer, linked)
      return
    }
    const preferred = this.#options.self < peer ? 'outbound' : 'inbound'
    const crossed = linked.open.filter((tracked) => newest.openedAtMs - tracked.openedAtMs <= CROSSED_DIAL_MS)
    const kept = crossed.findLast((tracked) => tracked.connection.direction === preferred) ?? newest
    if (linked.primary !== kept.connection) {
      linked.primary = kept.connection
      this.#options.onConnection(peer, kept.connection)
    }
    for (const { connection } of linked.open.filter((tracked) => tracked !== kept)) this.#close(connection)
  }

  #onGone(peer: PeerId, linked: Linked): void {
    this.#linked.delete(peer)
    linked.primary = null
    this.#options.onConnection(peer, null)
    this.#dialer.onLost(peer)
    if (linked.confirmed) this.#guard(() => this.#options.onPeerDisconnected(peer))
  }

  #close(connection: Connection): void {
    void connection.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch(() => abortQuietly(connection, 'closed'))
  }

  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#options.log.warn('Peer event handler threw', { error: errorText(error) })
    }
  }
}
