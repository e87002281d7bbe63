// Owns: remembering which signatures were verified already, so that a transaction is verified once from submit to final.
// Not here: the rule (core/crypto/keys.ts).
import { equalBytes } from '../core/base/bytes.ts'
import type { SignatureCheck } from '../core/chain/certificate.ts'
import { verifySignature } from '../core/crypto/keys.ts'

type Verified = { readonly publicKey: Uint8Array; readonly signature: Uint8Array }

/** A signature check with a memory keyed by the message object itself; it lives exactly as long as the transaction does. */
export function createSignatureCheck(onVerify: () => void = () => undefined): SignatureCheck {
  const verified = new WeakMap<Uint8Array, Verified[]>()
  return (claim) => {
    const known = verified.get(claim.message)
    if (known?.some((entry) => equalBytes(entry.publicKey, claim.publicKey) && equalBytes(entry.signature, claim.signature)))
      return true
    onVerify()
    if (!verifySignature(claim)) return false
    const entry = { publicKey: claim.publicKey, signature: claim.signature }
    if (known === undefined) verified.set(claim.message, [entry])
    else if (known.length < 4) known.push(entry)
    return true
  }
}
