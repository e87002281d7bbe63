// Owns: who may connect, from the configuration: validators to dial and observers. Not here: dialling (node/network).
import type { NodeConfig } from './config.ts'

const PEER_PART = /\/p2p\/([A-Za-z0-9]+)$/

/** Peers of the configuration with the addresses to dial them at; ourselves left out. */
export function allowedPeers(config: NodeConfig, self: string): readonly { peer: string; addresses: readonly string[] }[] {
  const found = new Map<string, string[]>()
  for (const address of config.p2p.peers) {
    const peer = PEER_PART.exec(address)?.[1]
    if (peer !== undefined) found.set(peer, [...(found.get(peer) ?? []), address])
  }
  for (const observer of config.p2p.observers) {
    const peer = PEER_PART.exec(observer)?.[1] ?? observer
    if (!found.has(peer)) found.set(peer, observer.startsWith('/') ? [observer] : [])
  }
  found.delete(self)
  return [...found].map(([peer, addresses]) => ({ peer, addresses }))
}
