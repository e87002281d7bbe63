// Owns: the named accounts and keys of a devnet, all derived from one seed.
// Not here: files (layout.ts), the genesis document (genesis.ts).
import { hash } from 'node:crypto'
import { toHex } from '../../core/base/bytes.ts'
import type { Address } from '../../core/base/ids.ts'
import { NETWORKS, deriveAddress, formatAddress, formatDid } from '../../core/crypto/address.ts'
import { publicKeyOf } from '../../core/crypto/keys.ts'
import { GENESIS_ACCOUNT_HASH } from '../../core/execution/init-genesis.ts'

/** Name of the one key that each devnet account has. */
export const DEV_KEY_ID = 'k1'

/** A devnet account with its secret: nothing of value may ever hang on it. */
export type DevAccount = {
  readonly name: string
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
  readonly address: Address
  /** bech32m text, `narud1…`. */
  readonly id: string
  readonly did: string
}

/**
 * The named accounts, in the order they are shown; the operators are authorities for validators that join later, the relay
 * carries ballots for phones.
 */
export const ACCOUNT_NAMES: readonly string[] = [
  'bank-1',
  'bank-2',
  'citizen-1',
  'citizen-2',
  'citizen-3',
  'citizen-4',
  'citizen-5',
  'merchant-1',
  'employer-1',
  'city-treasury',
  'office-1',
  'psp-1',
  'points-1',
  'auditor-1',
  'council-1',
  'council-2',
  'council-3',
  'operator-1',
  'operator-2',
  'operator-3',
  'operator-4',
  'election-1',
  'election-2',
  'survey-1',
  'registrar-1',
  'trustee-1',
  'trustee-2',
  'trustee-3',
  'trustee-4',
  'trustee-5',
  'relay-1',
  'inspector-1',
  'labor-centre-1',
  'nps-1',
  'nhis-1',
  'comwel-1',
]

/** 32 bytes for a purpose, a function of the devnet's seed alone. */
export function deriveSeed(devnetSeed: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hash('sha256', `naru-devnet/v1/${toHex(devnetSeed)}/${purpose}`, 'buffer'))
}

/** The account of a 32-byte seed as it stands in a devnet's genesis document. */
export function buildAccount(name: string, seed: Uint8Array): DevAccount {
  const publicKey = publicKeyOf(seed)
  const address = deriveAddress({ genesisHash: GENESIS_ACCOUNT_HASH, publicKey, nonce: 0n })
  const { hrp, netId } = NETWORKS.devnet
  return { name, seed, publicKey, address, id: formatAddress(address, hrp), did: formatDid(address, netId) }
}

/** Every named account of a devnet. */
export function buildAccounts(devnetSeed: Uint8Array): readonly DevAccount[] {
  return ACCOUNT_NAMES.map((name) => buildAccount(name, deriveSeed(devnetSeed, `account/${name}`)))
}
