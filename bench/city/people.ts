// Owns: who lives in the city of a load: owners of shops, citizens, offices, with keys by their numbers. Not here: what they own.
import type { Address } from '../../core/base/ids.ts'
import { deriveAddress } from '../../core/crypto/address.ts'
import { createSigner, publicKeyOf } from '../../core/crypto/keys.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { GENESIS_ACCOUNT_HASH } from '../../core/execution/init-genesis.ts'
import { checkDigit } from '../../modules/payment/brn.ts'
import { merchantIdOf } from '../../modules/payment/qr/merchant-id.ts'
import { deriveSeed } from '../../cli/devnet/accounts.ts'

/** Root of every key of the city. */
export const CITY_SEED = new Uint8Array(32).fill(0x2a)
/** Offices that grant points. */
export const POINTS_OFFICES = 8
/** Offices that let newcomers in. */
export const ONBOARDING_OFFICES = 4

/** How large a city is: the first `merchants` of its accounts own a shop each, the `holders` after them hold points. */
export type CitySize = { readonly accounts: number; readonly merchants: number; readonly holders: number }

/** The size of a city with so many accounts: a fiftieth own shops (200 to 10,000), a tenth hold points (at most 50,000). */
export function citySizeOf(accounts: number): CitySize {
  const merchants = Math.min(10_000, Math.max(200, Math.floor(accounts / 50)))
  return { accounts, merchants, holders: Math.min(50_000, Math.floor(accounts / 10)) }
}

/** An account's key. */
export type Person = { readonly seed: Uint8Array; readonly publicKey: Uint8Array; readonly address: Address }

/** The person of a purpose, such as `account/7`. */
export function personOf(purpose: string): Person {
  const seed = deriveSeed(CITY_SEED, purpose)
  const publicKey = publicKeyOf(seed)
  return { seed, publicKey, address: deriveAddress({ genesisHash: GENESIS_ACCOUNT_HASH, publicKey, nonce: 0n }) }
}

/** Account number `index` of the city. */
export const accountAt = (index: number): Person => personOf(`account/${index}`)
/** An office that grants points. */
export const pointsOffice = (index: number): Person => personOf(`points-office/${index}`)
/** An office that lets newcomers in. */
export const onboardingOffice = (index: number): Person => personOf(`onboarding-office/${index}`)

/** Seed of the key with which a shop signs its codes; every second shop has one. */
export function codeSeedOf(shop: number): Uint8Array | null {
  return shop % 2 === 0 ? deriveSeed(CITY_SEED, `code/${shop}`) : null
}

/** Number of a shop: the devnet's café has the first. */
export function shopIdOf(shop: number): string {
  return merchantIdOf(shop + 2)
}

/** Name of a shop on its codes. */
export function shopNameOf(shop: number): string {
  return `SHOP ${String(shop).padStart(5, '0')}`
}

/** The registration number of a shop, valid and its own up to 600,000 shops. */
export function brnOf(shop: number): string {
  const office = 101 + (shop % 800)
  const kind = String(1 + (Math.floor(shop / 800) % 79)).padStart(2, '0')
  const body = `${office}${kind}${String(Math.floor(shop / 63_200)).padStart(4, '0')}`
  return `${body}${checkDigit([...body].map(Number))}`
}

/** People with their signers, each made once. */
export function createSigners(): (purpose: string) => Person & { readonly signer: Signer } {
  const known = new Map<string, Person & { readonly signer: Signer }>()
  return (purpose) => {
    const found = known.get(purpose)
    if (found !== undefined) return found
    const person = personOf(purpose)
    const made = { ...person, signer: createSigner(person.seed) }
    known.set(purpose, made)
    return made
  }
}
