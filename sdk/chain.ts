// Owns: which chain a transaction or proof is of, and how its accounts read. Not here: whom to trust for it (trust.ts).
import { isHex } from '../core/base/bytes.ts'
import { NodeError } from '../core/base/errors.ts'
import { asAddress, asHash32 } from '../core/base/ids.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import { NETWORKS } from '../core/crypto/address.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { parseGenesis, textContextOf } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import { REGISTRY } from '../modules/registry.ts'
import type { Client } from './client.ts'

/** A chain and the rooms that this program knows of it. */
export type ChainRef = {
  readonly chainId: string
  readonly network: NetworkName
  readonly genesisHash: Hash32
  readonly registry: Registry
}

/** The chain of a node, as the node says. Throws NodeError RPC_BAD_ANSWER, and what `call` throws. */
export async function readChain(client: Client, registry: Registry = REGISTRY): Promise<ChainRef> {
  const { chainId, network, genesisHash } = await client.call('chain_id')
  const isKnown = typeof chainId === 'string' && Object.hasOwn(NETWORKS, network) && isHash(genesisHash)
  if (!isKnown)
    throw new NodeError('RPC_BAD_ANSWER', 'chain_id names no chain that this SDK knows; check the URL and the versions')
  return { chainId, network, genesisHash: asHash32(genesisHash.slice(2)), registry }
}

/** The chain of a genesis document. Throws CodecError naming the path of what is wrong. */
export function chainOfGenesis(genesisJson: unknown, registry: Registry = REGISTRY): ChainRef {
  const { chainId, network, hash } = parseGenesis(registry, genesisJson)
  return { chainId, network, genesisHash: hash, registry }
}

/** The account of a bech32m text, a `did:seoul` text or 40 hex digits. Throws NodeError BAD_ACCOUNT for another network's too. */
export function parseAccount(chain: Pick<ChainRef, 'network'>, text: string): Address {
  const address = isHex(text, 20) ? asAddress(text) : textContextOf(chain.network).parseAddress(text)
  if (address !== null) return address
  const { hrp } = NETWORKS[chain.network]
  const shown = JSON.stringify(text.slice(0, 80))
  throw new NodeError('BAD_ACCOUNT', `${shown} is no account of network ${chain.network}; it reads ${hrp}1… or did:seoul:…`)
}

/** The account as bech32m text of the chain's network. */
export function formatAccount(chain: Pick<ChainRef, 'network'>, account: Address): string {
  return textContextOf(chain.network).formatAddress(account)
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('0x') && isHex(value.slice(2), 32)
}
