// Owns: the keys and values of the state that wallets and verifiers read, by the rooms' own schemas.
// Not here: verifying them (verify.ts).
import type { Address } from '../core/base/ids.ts'
import type { Validator } from '../core/chain/validator-set.ts'
import { decode } from '../core/codec/schema.ts'
import { accounts, FRESH_ACCOUNT, nextNonce } from '../core/state/accounts.ts'
import type { Account } from '../core/state/accounts.ts'
import type { Store } from '../core/state/store.ts'
import { currentValidators } from '../modules/governance/store.ts'
import type { Did } from '../modules/identity/schema.ts'
import { dids } from '../modules/identity/store.ts'
import type { Wallet as PaymentAccount } from '../modules/payment/schema.ts'
import { wallets } from '../modules/payment/store.ts'

/** Longest record, in bytes. */
const RECORD_BYTES_MAX = 1_048_576

/** The record in the bytes of a state value; null where there is none. Throws CodecError unless they are its one encoding. */
export function decodeRecord<K, V>(store: Store<K, V>, value: Uint8Array | null): V | null {
  return value === null ? null : decode(store.schema, value, RECORD_BYTES_MAX)
}

/** State keys of what people ask for most; `account` holds nonces and credits. */
export const STATE_KEYS = {
  account: (account: Address): string => accounts.keyOf(account),
  balance: (account: Address): string => wallets.keyOf(account),
  did: (account: Address): string => dids.keyOf(account),
  validators: (): string => currentValidators.keyOf(null),
} as const

/** Nonces and credits of an account; one that never sent anything is fresh. Throws CodecError. */
export function decodeAccount(value: Uint8Array | null): Account {
  return decodeRecord(accounts, value) ?? FRESH_ACCOUNT
}

/** The nonce that the lane takes next. Throws CodecError. */
export function decodeNonce(value: Uint8Array | null, lane = 0): bigint {
  return nextNonce(decodeAccount(value), lane)
}

/**
 * Everything payment keeps of an account: bank, balance, locked, limits, freeze; null before its first credit. Throws CodecError.
 */
export function decodePaymentAccount(value: Uint8Array | null): PaymentAccount | null {
  return decodeRecord(wallets, value)
}

/** Won on the account, locked won not among them; zero before its first credit. Throws CodecError. */
export function decodeBalance(value: Uint8Array | null): bigint {
  return decodePaymentAccount(value)?.balance ?? 0n
}

/** The present version of a DID, or null. Throws CodecError. */
export function decodeDid(value: Uint8Array | null): Did | null {
  return decodeRecord(dids, value)
}

/** The validators of the next block. Throws CodecError. */
export function decodeValidators(value: Uint8Array | null): readonly Validator[] {
  return decodeRecord(currentValidators, value) ?? []
}
