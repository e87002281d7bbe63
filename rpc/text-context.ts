// Owns: how accounts read in the JSON of one network. Not here: the texts themselves (core/crypto/address.ts).
import { formatAddress, NETWORKS, parseAddress, parseDid } from '../core/crypto/address.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import type { TextContext } from '../core/codec/schema.ts'

/** Accounts go out as bech32m of the network and come in as that or as a DID of the network. */
export function createTextContext(network: NetworkName): TextContext {
  const { hrp, netId } = NETWORKS[network]
  return {
    formatAddress: (address) => formatAddress(address, hrp),
    parseAddress: (text) => parseAddress(text, hrp) ?? parseDid(text, netId),
  }
}
