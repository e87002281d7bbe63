// Owns: Sign in with Seoul ID: a service's challenge, the holder's answer, its check against the DID's proven state.
// Not here: sessions and cookies of the service.
import { NodeError } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { readDid } from '../../modules/identity/keeper.ts'
import { liveKey } from '../../modules/identity/keyset.ts'
import { dids } from '../../modules/identity/store.ts'
import { parseAccount } from '../chain.ts'
import type { Wallet } from '../wallet.ts'
import { isSignedBy, readToken, refuseMalformed, signToken, textClaim, timeClaim } from './jws.ts'
import { createNonce } from './nonces.ts'
import type { NonceStore } from './nonces.ts'
import { readProven } from './proven-state.ts'
import type { StateSource } from './proven-state.ts'

/** What a service asks; `audience` is its origin such as `https://library.example`. Times are seconds. */
export type SignInChallenge = {
  readonly kind: 'seoul-id-sign-in'
  readonly version: 1
  readonly audience: string
  readonly nonce: string
  readonly expiresAt: number
}

/** Who signed in, with which key, by the state of which height. */
export type SignedIn = { readonly account: Address; readonly did: string; readonly keyId: string; readonly height: number }

const TYP = 'seoul-id+jwt'
const LIFE_SEC = 300
const SKEW_SEC = 60

/** A challenge, good for five minutes where `lifeSec` does not say; its nonce stands in the service's store. */
export function createChallenge(service: {
  audience: string
  nonces: NonceStore
  at: number
  lifeSec?: number
}): SignInChallenge {
  const { audience, nonces, at, lifeSec = LIFE_SEC } = service
  const expiresAt = at + lifeSec
  return { kind: 'seoul-id-sign-in', version: 1, audience, nonce: nonces.issue(expiresAt), expiresAt }
}

/** A challenge out of JSON. Throws NodeError CREDENTIAL_MALFORMED. */
export function parseChallenge(json: unknown): SignInChallenge {
  const { kind, version, audience, nonce, expiresAt } = (
    typeof json === 'object' && json !== null ? json : {}
  ) as Partial<SignInChallenge>
  const isKnown =
    kind === 'seoul-id-sign-in' && version === 1 && isShort(audience) && isShort(nonce) && Number.isSafeInteger(expiresAt)
  if (!isKnown) return refuseMalformed('this is no challenge of Sign in with Seoul ID')
  return { kind, version, audience, nonce, expiresAt: expiresAt as number }
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 256
}

/**
 * The holder's answer. `seenOrigin` is where the wallet really is, such as the page's origin: a challenge for another audience is
 * somebody in between. Throws NodeError SIGN_IN_AUDIENCE, SIGN_IN_ENDED.
 */
export function answerChallenge(challenge: SignInChallenge, answer: { wallet: Wallet; at: number; seenOrigin: string }): string {
  const { wallet, at, seenOrigin } = answer
  const { audience, nonce, expiresAt } = challenge
  if (audience !== seenOrigin)
    throw new NodeError('SIGN_IN_AUDIENCE', `the challenge is of ${audience}, but this is ${seenOrigin}: do not sign in`)
  if (at >= expiresAt) throw new NodeError('SIGN_IN_ENDED', 'the challenge has ended; ask the service for a new one')
  const claims = { iss: wallet.did, aud: audience, nonce, iat: at, exp: expiresAt, jti: createNonce() }
  return signToken({ header: { typ: TYP, kid: `${wallet.did}#${wallet.keyId}` }, claims, sign: wallet.sign })
}

/**
 * Who answered: the key is live with purpose 1 and the DID ACTIVE in a proven state. The nonce is used up whatever comes out.
 * Throws
 * NodeError SIGN_IN_NONCE, SIGN_IN_AUDIENCE, SIGN_IN_ENDED, SIGN_IN_KEY, SIGN_IN_SIGNATURE, CREDENTIAL_MALFORMED, and as
 * `readProven`.
 */
export async function verifySignIn(
  source: StateSource,
  check: { token: string; audience: string; nonces: NonceStore; at: number; atLeast?: number },
): Promise<SignedIn> {
  const { audience, nonces, at } = check
  const token = readToken(check.token, TYP)
  if (!nonces.use(textClaim(token, 'nonce'), at)) {
    throw new NodeError('SIGN_IN_NONCE', 'the nonce was not given out here, is used or has ended; begin again')
  }
  const aud = textClaim(token, 'aud')
  if (aud !== audience) throw new NodeError('SIGN_IN_AUDIENCE', `the answer is for ${aud}, not for ${audience}`)
  const isNow = timeClaim(token, 'iat') <= at + SKEW_SEC && at < timeClaim(token, 'exp')
  if (!isNow) throw new NodeError('SIGN_IN_ENDED', 'the answer has ended or is of the future; check the clocks')
  const did = textClaim(token, 'iss')
  const [named, keyId = ''] = String(token.header['kid']).split('#')
  if (named !== did) return refuseMalformed('kid is not a key of iss')
  const account = parseAccount(source.chain, did)
  const { key, height } = await findLoginKey(source, { account, keyId, atLeast: check.atLeast })
  if (key === null)
    throw new NodeError('SIGN_IN_KEY', `${did} has no live key ${keyId} for signing in, or is not ACTIVE at height ${height}`)
  if (!isSignedBy(token, key)) throw new NodeError('SIGN_IN_SIGNATURE', `the key ${keyId} of ${did} did not sign this answer`)
  return { account, did, keyId, height }
}

async function findLoginKey(
  source: StateSource,
  wanted: { account: Address; keyId: string; atLeast: number | undefined },
): Promise<{ key: Uint8Array | null; height: number }> {
  const { account, keyId, atLeast } = wanted
  const options = { keys: [dids.keyOf(account)], ...(atLeast === undefined ? {} : { atLeast }) }
  const { value, header } = await readProven(source, (view) => readDid(view, account), options)
  const key = value === null || value.status !== 'ACTIVE' ? null : liveKey(value.keys, keyId)
  const isForLogin = key !== null && key.type === 'ED25519' && (key.rel & KEY_PURPOSES.authentication) !== 0
  return { key: isForLogin ? key.pub : null, height: header.height }
}
