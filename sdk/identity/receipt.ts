// Owns: the receipt of a consent: what its commitment on chain hides, and opening it. Not here: the record on chain
// (modules/identity).
import { utf8ToBytes } from '../../core/base/bytes.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { commitValue } from '../../core/crypto/hash.ts'
import { canonicalJson } from './data-integrity.ts'

/** What holder and verifier know of a consent and nobody else; `claims` are the names of what is disclosed. */
export type ReceiptOpening = {
  readonly policyId: string
  readonly policyVersion: number
  readonly verifier: string
  readonly claims: readonly string[]
  readonly purpose: string
  readonly nonce: string
  readonly holder: string
}

/** The commitment that stands on chain. With opening and salt destroyed nobody can say what it stood for. */
export function commitReceipt(opening: ReceiptOpening, salt: Uint8Array): Hash32 {
  const claims = [...opening.claims].sort()
  return commitValue({ type: 'consent-receipt', salt, value: utf8ToBytes(canonicalJson({ ...opening, claims })) })
}

/** 32 random bytes. */
export function createSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32))
}
