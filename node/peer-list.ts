// Owns: who may connect: the validators that the chain names, and the observers that the configuration names. Not here: dialling.
import type { Validator } from '../core/chain/validator-set.ts'
import type { NodeConfig } from './config.ts'

const PEER_PART = /\/p2p\/([A-Za-z0-9]+)$/

/** A peer that may connect and where to dial it; without addresses it must come by itself. */
export type AllowedPeer = { readonly peer: string; readonly addresses: readonly string[] }

/**
 * Validators of the chain's registry at their registered addresses and those of `p2p.peers`, and observers; ourselves left out.
 * A peer of the configuration that is no validator may connect too: it is an operator's word about his own node.
 */
export function allowedPeers(
  p2p: Pick<NodeConfig['p2p'], 'peers' | 'observers'>,
  validators: readonly Validator[],
  self: string,
): readonly AllowedPeer[] {
  const found = new Map<string, Set<string>>()
  const add = (peer: string, address: string | null): void => {
    const addresses = found.get(peer) ?? new Set()
    if (address !== null) addresses.add(address)
    found.set(peer, addresses)
  }
  for (const { peerId, addresses } of validators) {
    add(peerId, null)
    for (const address of addresses) add(peerId, PEER_PART.test(address) ? address : `${address}/p2p/${peerId}`)
  }
  for (const address of [...p2p.peers, ...p2p.observers]) {
    const peer = PEER_PART.exec(address)?.[1] ?? address
    add(peer, address.startsWith('/') ? address : null)
  }
  found.delete(self)
  return [...found].map(([peer, addresses]) => ({ peer, addresses: [...addresses] }))
}
