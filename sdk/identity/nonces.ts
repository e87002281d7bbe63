// Owns: nonces that a verifier or service gave out, each taken once and in time. Not here: what they are bound to.
import { encodeBase64url } from './jws.ts'

/** Nonces given out by one party. Times are seconds. */
export type NonceStore = {
  /** A fresh nonce, good until then. */
  readonly issue: (expiresAt: number) => string
  /** True once for a nonce that was given out and has not ended; false for every other. */
  readonly use: (nonce: string, at: number) => boolean
  /** Nonces that are still open. */
  readonly open: () => readonly (readonly [nonce: string, expiresAt: number])[]
}

/** Open nonces that a store remembers; beyond it the oldest are forgotten and must be asked for again. */
export const NONCES_MAX = 100_000

/** 32 random bytes as base64url. */
export function createNonce(): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(32)))
}

/** A store in memory; `open` gives those of an earlier run. */
export function createNonceStore(open: readonly (readonly [string, number])[] = [], max = NONCES_MAX): NonceStore {
  const nonces = new Map(open)
  const sweep = (): void => {
    for (const nonce of nonces.keys()) {
      if (nonces.size < max) return
      nonces.delete(nonce)
    }
  }
  return {
    issue: (expiresAt) => {
      sweep()
      const nonce = createNonce()
      nonces.set(nonce, expiresAt)
      return nonce
    },
    use: (nonce, at) => {
      const expiresAt = nonces.get(nonce)
      nonces.delete(nonce)
      return expiresAt !== undefined && at < expiresAt
    },
    open: () => [...nonces],
  }
}
