// Owns: a survey's reward token, RFC 9497 VOPRF over ristretto255: blinded by the citizen, evaluated by the operator after the
// survey, unblinded, later verified by the operator, who cannot tell which it evaluated. Not here: the grant (modules/points).
import { ristretto255_oprf } from '@noble/curves/ed25519.js'

const { voprf } = ristretto255_oprf

/** The operator's key pair; the public key is published before the survey. */
export type TokenKeys = { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array }
/** What the citizen keeps until the operator has answered: 32 random bytes, the blinding, and what is sent. */
export type TokenRequest = { readonly input: Uint8Array; readonly blind: Uint8Array; readonly blinded: Uint8Array }
/** The operator's answer: evaluated, with a proof that it used its one published key. */
export type TokenAnswer = { readonly evaluated: Uint8Array; readonly proof: Uint8Array }
/** The token. */
export type Token = { readonly input: Uint8Array; readonly output: Uint8Array }

/** New keys of an operator. */
export function createTokenKeys(): TokenKeys {
  return voprf.generateKeyPair()
}

/** Blinds 32 random bytes; only `blinded` leaves the citizen's device. */
export function requestToken(input: Uint8Array): TokenRequest {
  const { blind, blinded } = voprf.blind(input)
  return { input, blind, blinded }
}

/** The operator answers once per completed survey. Throws for bytes that are no point. */
export function answerToken({ secretKey, publicKey }: TokenKeys, blinded: Uint8Array): TokenAnswer {
  return voprf.blindEvaluate(secretKey, publicKey, blinded)
}

/** The token of an answer. Throws where the proof is not by the published key: an operator cannot mark a citizen by a key. */
export function finishToken(publicKey: Uint8Array, request: TokenRequest, answer: TokenAnswer): Token {
  const { input, blind, blinded } = request
  return { input, output: voprf.finalize(input, blind, answer.evaluated, blinded, publicKey, answer.proof) }
}

/** Whether the operator's key made this token. */
export function verifyToken(keys: TokenKeys, { input, output }: Token): boolean {
  const request = requestToken(input)
  const expected = finishToken(keys.publicKey, request, answerToken(keys, request.blinded)).output
  let difference = expected.length ^ output.length
  for (const [at, byte] of expected.entries()) difference |= byte ^ (output[at] ?? 0)
  return difference === 0
}
