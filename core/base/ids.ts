// Owns: the branded names of numbers and hashes that cross a boundary.
// Not here: how an address is derived or written as text (core/crypto/address.ts).

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** 32 bytes as 64 lower-case hex digits, no prefix: cheap to compare and to key maps by. */
export type Hash32 = Branded<string, 'Hash32'>
/** 20 bytes as 40 lower-case hex digits: an account, which is a DID (decisions 2). */
export type Address = Branded<string, 'Address'>
/** SHA-256 of a transaction's signed bytes. */
export type TxId = Hash32
/** Hash of a header; it does not contain the round (consensus.md 1.2). */
export type BlockId = Hash32
/** Position of a block; genesis is height 0, the first block 1. A plain safe integer. */
export type Height = number
/** Consensus round within a height, from 0. -1 stands for "none" (lockedRound, validRound). */
export type Round = number
/** Milliseconds since 1970-01-01T00:00:00Z. A plain safe integer. */
export type TimeMs = number

/** 32 zero bytes: the parent of the first block and the root of nothing. */
export const ZERO_HASH = '0'.repeat(64) as Hash32

/** Takes 64 lower-case hex digits as a hash. The caller has checked the form. */
export function asHash32(hex: string): Hash32 {
  return hex as Hash32
}

/** Takes 40 lower-case hex digits as an address. The caller has checked the form. */
export function asAddress(hex: string): Address {
  return hex as Address
}
