// Owns: how an address is derived from a key, and its two texts: bech32m and DID (domain.md 4.1, decisions 2).
// Not here: what a DID document holds (modules/identity).
import { sha3_256 } from '@noble/hashes/sha3.js'
import { bech32m } from '@scure/base'
import { sha256Hex } from '#native'
import { assert } from '../base/assert.ts'
import { concatBytes, fromHex, isHex, toHex, u64ToBytes } from '../base/bytes.ts'
import { type Address, asAddress, type Hash32 } from '../base/ids.ts'
import { withTextLength } from './hash.ts'

/** Prefix of an address text; one per network, so that nobody pays into the wrong one. */
export type Hrp = 'naru' | 'narut' | 'narud'

/** The networks: prefix of addresses and number in DIDs. */
export const NETWORKS = {
  city: { hrp: 'naru', netId: 1 },
  test: { hrp: 'narut', netId: 2 },
  devnet: { hrp: 'narud', netId: 3 },
} as const satisfies Readonly<Record<string, { readonly hrp: Hrp; readonly netId: number }>>

/** A name in `NETWORKS`. */
export type NetworkName = keyof typeof NETWORKS

const ADDRESS_BYTES = 20
const ADDRESS_DIGITS = 40
const DID_CHECKSUM_BYTES = 4
/** Separator, 32 symbols of 5 bits, 6 symbols of checksum. */
const BECH32_SYMBOLS = 1 + 32 + 6
const DID_PREFIX = withTextLength('seoul/did/v1')

/** First 20 bytes of SHA-256(lp("seoul/did/v1") || genesis hash || public key || u64 nonce): known before it is on chain. */
export function deriveAddress(input: { genesisHash: Hash32; publicKey: Uint8Array; nonce: bigint }): Address {
  assert(input.publicKey.length === 32, 'a public key is 32 bytes')
  assert(input.nonce >= 0n && input.nonce < 1n << 64n, 'a nonce is a u64')
  const bytes = concatBytes(DID_PREFIX, fromHex(input.genesisHash), input.publicKey, u64ToBytes(input.nonce))
  return asAddress(sha256Hex(bytes).slice(0, ADDRESS_DIGITS))
}

/** The address as bech32m text (BIP-350), such as `naru1…`. */
export function formatAddress(address: Address, hrp: Hrp): string {
  return bech32m.encode(hrp, bech32m.toWords(fromHex(address)))
}

/** The address of a bech32m text, or null for anything but what `formatAddress` gives: other network, bad checksum, a capital. */
export function parseAddress(text: string, hrp: Hrp): Address | null {
  if (text.length !== hrp.length + BECH32_SYMBOLS || !text.startsWith(`${hrp}1`)) return null
  if (!/^[a-z0-9]+$/.test(text)) return null
  const decoded = bech32m.decodeUnsafe(text)
  if (!decoded || decoded.prefix !== hrp) return null
  const bytes = bech32m.fromWordsUnsafe(decoded.words)
  if (!bytes || bytes.length !== ADDRESS_BYTES) return null
  return asAddress(toHex(bytes))
}

function didChecksum(address: string, netId: number): string {
  return toHex(sha3_256(concatBytes(new Uint8Array([netId]), fromHex(address))).subarray(0, DID_CHECKSUM_BYTES))
}

function formatDidPrefix(netId: number): string {
  assert(Number.isInteger(netId) && netId >= 0 && netId <= 255, 'a network id is one byte')
  return `did:seoul:${netId.toString(16).padStart(2, '0')}:`
}

/** The address as `did:seoul:<net, 2 hex>:<address, 40 hex><checksum, 8 hex>`; `netId` is 0 to 255. */
export function formatDid(address: Address, netId: number): string {
  return `${formatDidPrefix(netId)}${address}${didChecksum(address, netId)}`
}

/** The address of a DID text, or null: wrong network, wrong checksum, a capital digit or another method. */
export function parseDid(text: string, netId: number): Address | null {
  const prefix = formatDidPrefix(netId)
  if (!text.startsWith(prefix)) return null
  const digits = text.slice(prefix.length)
  if (!isHex(digits, ADDRESS_BYTES + DID_CHECKSUM_BYTES)) return null
  const address = digits.slice(0, ADDRESS_DIGITS)
  return digits.endsWith(didChecksum(address, netId)) ? asAddress(address) : null
}
