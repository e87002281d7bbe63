// Owns: what a citizen's wallet keeps: seed, audiences, credentials, receipts with their salts; adding and destroying.
// Not here: encryption (seal.ts), files (cli).
import { isHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { NETWORKS } from '../../core/crypto/address.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import type { ChainRef } from '../chain.ts'
import type { Wallet } from '../wallet.ts'
import { decodeBase64url, encodeBase64url } from './jws.ts'
import { derivePairwise } from './pairwise.ts'
import type { ReceiptOpening } from './receipt.ts'

/** A DID of the wallet for one audience. */
export type HeldDid = { readonly audience: string; readonly counter: number; readonly did: string }

/** A credential bound to the key of one audience. */
export type HeldCredential = {
  readonly audience: string
  readonly vct: string
  readonly issuer: string
  readonly compact: string
}

/** A consent given, with what opens its commitment; `salt` is base64url. */
export type HeldReceipt = {
  readonly commit: Hash32
  readonly salt: string
  readonly opening: ReceiptOpening
  readonly height: number
}

/** Everything in a wallet. `seed` is 32 bytes as base64url. */
export type WalletData = {
  readonly format: 'naru-wallet'
  readonly version: 1
  readonly network: NetworkName
  readonly genesisHash: Hash32
  readonly seed: string
  readonly dids: readonly HeldDid[]
  readonly credentials: readonly HeldCredential[]
  readonly receipts: readonly HeldReceipt[]
}

/**
 * A wallet with a fresh seed, or the given one to restore every DID of it. Throws NodeError WALLET_SEED unless it has 32
 * bytes.
 */
export function createWalletData(
  chain: Pick<ChainRef, 'network' | 'genesisHash'>,
  seed: Uint8Array = crypto.getRandomValues(new Uint8Array(32)),
): WalletData {
  if (seed.length !== 32) throw new NodeError('WALLET_SEED', `the seed of a wallet is 32 bytes, got ${seed.length}`)
  const { network, genesisHash } = chain
  const held = { dids: [], credentials: [], receipts: [] }
  return { format: 'naru-wallet', version: 1, network, genesisHash, seed: encodeBase64url(seed), ...held }
}

/** The key for an audience, and the wallet that knows of it. Throws NodeError WALLET_CHAIN for a wallet of another chain. */
export function keyFor(chain: ChainRef, data: WalletData, audience: string): { readonly key: Wallet; readonly data: WalletData } {
  assertChain(chain, data)
  const held = data.dids.findLast((did) => did.audience === audience)
  const counter = held?.counter ?? 0
  const key = derivePairwise(chain, seedOf(data), { audience, counter })
  if (held !== undefined) return { key, data }
  return { key, data: { ...data, dids: [...data.dids, { audience, counter, did: key.did }] } }
}

/** Gives an audience a new DID from now on, where the old one must not be used again. */
export function renewAudience(chain: ChainRef, data: WalletData, audience: string): WalletData {
  assertChain(chain, data)
  const held = data.dids.findLast((did) => did.audience === audience)
  if (held === undefined) return keyFor(chain, data, audience).data
  const counter = held.counter + 1
  const { did } = derivePairwise(chain, seedOf(data), { audience, counter })
  return { ...data, dids: [...data.dids, { audience, counter, did }] }
}

/** The seed's bytes. */
export function seedOf({ seed }: Pick<WalletData, 'seed'>): Uint8Array {
  return decodeBase64url(seed)
}

/** Adds a credential; one of the same type, issuer and audience gives way to it. */
export function holdCredential(data: WalletData, credential: HeldCredential): WalletData {
  const { audience, vct, issuer } = credential
  const others = data.credentials.filter((held) => held.audience !== audience || held.vct !== vct || held.issuer !== issuer)
  return { ...data, credentials: [...others, credential] }
}

/** Adds the receipt of a consent. */
export function holdReceipt(data: WalletData, receipt: HeldReceipt): WalletData {
  return { ...data, receipts: [...data.receipts, receipt] }
}

/** What a destruction takes away: the receipts that nobody can open any more, and how many credentials went. */
export type Destroyed = { readonly data: WalletData; readonly receipts: readonly Hash32[]; readonly credentials: number }

/** Destroys credentials, values and salts of an audience. What stays on chain can be opened by nobody who destroyed them too. */
export function destroyAudience(data: WalletData, audience: string): Destroyed {
  const isOf = (receipt: HeldReceipt): boolean => receipt.opening.verifier === audience
  const credentials = data.credentials.filter((held) => held.audience !== audience)
  return {
    data: { ...data, credentials, receipts: data.receipts.filter((receipt) => !isOf(receipt)) },
    receipts: data.receipts.filter(isOf).map(({ commit }) => commit),
    credentials: data.credentials.length - credentials.length,
  }
}

/** A wallet out of JSON. Throws NodeError WALLET_FORMAT. */
export function parseWalletData(text: string): WalletData {
  let json: unknown = null
  try {
    json = JSON.parse(text)
  } catch {
    // Told below.
  }
  const data = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  const isKnown = data['format'] === 'naru-wallet' && data['version'] === 1 && Object.hasOwn(NETWORKS, String(data['network']))
  const isHeld = ['dids', 'credentials', 'receipts'].every((name) => Array.isArray(data[name]))
  const hash = data['genesisHash']
  const isWhole = isKnown && isHeld && typeof data['seed'] === 'string' && typeof hash === 'string' && isHex(hash, 32)
  if (!isWhole) throw new NodeError('WALLET_FORMAT', 'the file holds no wallet of version 1; restore it from a backup')
  return { ...(data as unknown as WalletData), genesisHash: asHash32(hash) }
}

function assertChain(chain: ChainRef, { genesisHash, network }: WalletData): void {
  if (genesisHash === chain.genesisHash && network === chain.network) return
  throw new NodeError(
    'WALLET_CHAIN',
    `the wallet is of chain ${genesisHash.slice(0, 16)}, the node of ${chain.genesisHash.slice(0, 16)}`,
  )
}
