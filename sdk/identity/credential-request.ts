// Owns: asking an issuer for a credential: proof that the asker holds the key that it will be bound to. Not here: issuing.
import { NodeError } from '../../core/base/errors.ts'
import { fromJwk, isSignedBy, readToken, refuseMalformed, signToken, textClaim, timeClaim, toJwk } from './jws.ts'
import type { SignFunction } from './jws.ts'

const TYP = 'naru-credential-request+jwt'
const AGE_MAX_SEC = 300

/** A request to one issuer; the key says nothing about which audience it is for. */
export type CredentialRequest = { readonly issuer: string; readonly nonce: string; readonly at: number }

/** The request, signed by the key to be bound. Times are seconds. */
export function requestCredential(
  request: CredentialRequest & { readonly publicKey: Uint8Array; readonly sign: SignFunction },
): string {
  const { issuer, nonce, at, publicKey, sign } = request
  return signToken({ header: { typ: TYP, jwk: toJwk(publicKey) }, claims: { aud: issuer, nonce, iat: at }, sign })
}

/** The key that the credential is to be bound to. Throws NodeError CREDENTIAL_BINDING, CREDENTIAL_MALFORMED. */
export function verifyCredentialRequest(text: string, expected: CredentialRequest): Uint8Array {
  const token = readToken(text, TYP)
  const publicKey = fromJwk(token.header['jwk'])
  if (!isSignedBy(token, publicKey))
    throw new NodeError('CREDENTIAL_BINDING', 'the request is not signed by the key that it names')
  if (textClaim(token, 'aud') !== expected.issuer) return refuseMalformed('the request is to another issuer')
  if (textClaim(token, 'nonce') !== expected.nonce) throw new NodeError('CREDENTIAL_BINDING', 'the request answers another nonce')
  const at = timeClaim(token, 'iat')
  if (Math.abs(expected.at - at) > AGE_MAX_SEC)
    throw new NodeError('CREDENTIAL_EXPIRED', 'the request is not of this moment; ask again')
  return publicKey
}
