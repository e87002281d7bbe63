// Owns: from a credential to a key on the roll: the citizen shows eligibility and hands in an election key for one poll; the
// registrar admits each person once and puts keys on the roll that lead to nobody. Not here: the verdict on the credential
// (identity/check.ts), the roll on chain (modules/vote/roll.ts).
import { compareBytes, fromHex, isHex, toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { commitValue } from '../../core/crypto/hash.ts'
import type { ProofBytes } from '../../modules/vote/ballot-schema.ts'
import { rollClaim } from '../../modules/vote/crypto/schnorr.ts'
import { isHeld } from '../../modules/vote/proofs.ts'
import { ROLL_BATCH_MAX } from '../../modules/vote/schema.ts'
import type { CheckFacts } from '../identity/check-facts.ts'
import type { CheckResult } from '../identity/check.ts'
import { isSignedBy, readToken, refuseMalformed, signToken, textClaim } from '../identity/jws.ts'
import type { PresentationRequest } from '../identity/presentation.ts'
import type { Wallet } from '../wallet.ts'
import { rollEntry } from './voter.ts'

/** An election key for one poll, with the holder's word that it goes with the presentation; texts, so that it travels as JSON. */
export type RollRequest = {
  readonly kind: 'naru-roll-request'
  readonly version: 1
  readonly pollId: string
  readonly key: string
  readonly proof: { readonly c: string; readonly z: string }
  readonly token: string
}

const TYP = 'naru-roll+jwt'

/**
 * The citizen's request, next to the presentation for the same `request`. The election secret comes from `createElectionKey`, not
 * from any DID; the holder's DID is the one for this registrar alone, and stays with the registrar.
 */
export function requestRollEntry(from: {
  pollId: string
  eh: string
  secret: bigint
  request: PresentationRequest
  holder: Wallet
}): RollRequest {
  const { pollId, eh, secret, request, holder } = from
  const { key, proof } = rollEntry(eh, secret)
  const claims = { iss: holder.did, aud: request.verifier, nonce: request.nonce, poll: pollId, eh, key: toHex(key) }
  const token = signToken({ header: { typ: TYP, kid: `${holder.did}#${holder.keyId}` }, claims, sign: holder.sign })
  return {
    ...{ kind: 'naru-roll-request', version: 1, pollId, key: toHex(key) },
    ...{ proof: { c: toHex(proof.c), z: toHex(proof.z) }, token },
  }
}

/** A request out of JSON. Throws NodeError CREDENTIAL_MALFORMED. */
export function parseRollRequest(json: unknown): RollRequest {
  const { kind, version, pollId, key, proof, token } = (
    typeof json === 'object' && json !== null ? json : {}
  ) as Partial<RollRequest>
  const isKnown =
    kind === 'naru-roll-request' &&
    version === 1 &&
    typeof pollId === 'string' &&
    pollId.length <= 32 &&
    typeof token === 'string'
  const isProof = [key, proof?.c, proof?.z].every((text) => typeof text === 'string' && isHex(text, 32))
  if (!isKnown || !isProof) return refuseMalformed('this is no naru-roll-request of version 1')
  const { c, z } = proof as RollRequest['proof']
  return { kind, version, pollId, key: key as string, proof: { c, z }, token }
}

/** What the registrar has found out about whoever asks. */
export type Asked = {
  readonly request: PresentationRequest
  /** The verdict on the presentation, by the facts that it was judged by. */
  readonly check: CheckResult
  readonly facts: Pick<CheckFacts, 'holderKeys'>
  /** What the registrar's own register has one of for a person, such as a number; it stays in the sealed mapping. */
  readonly person: string
}

/** A line of the mapping that the registrar seals and keeps off the chain: whose key, and the salt of its commitment. */
export type SealedLine = { readonly person: string; readonly key: string }

/** Payload of `vote.roll.add`, and the mapping behind its `batchCommit`, which opens by `salt`. */
export type RollBatch = {
  readonly payload: {
    readonly pollId: string
    readonly batchCommit: string
    readonly voters: readonly { readonly key: Uint8Array; readonly proof: ProofBytes }[]
  }
  readonly sealed: { readonly salt: string; readonly lines: readonly SealedLine[] }
}

/** A registrar's desk for one poll. */
export type RollDesk = {
  /** Admits a person's key, once. Throws NodeError with the codes of `createRollDesk`. */
  readonly admit: (given: RollRequest, asked: Asked) => void
  /** At most 256 keys that are not in a batch yet, in an order that says nothing; null where there are none. */
  readonly takeBatch: () => RollBatch | null
}

/**
 * A desk. Refuses with ROLL_POLL (another poll), ROLL_NOT_ELIGIBLE (the presentation did not pass), ROLL_KEY_UNBOUND (the holder
 * did not sign for this key, poll and request), ROLL_KEY_INVALID (the secret of the key is not held), ROLL_PERSON_TWICE and
 * ROLL_KEY_TWICE.
 */
export function createRollDesk({ pollId, eh }: { pollId: string; eh: string }): RollDesk {
  const persons = new Set<string>()
  const keys = new Set<string>()
  const waiting: { readonly person: string; readonly key: Uint8Array; readonly proof: ProofBytes }[] = []
  return {
    admit(given, asked) {
      const { key, proof } = readKey(given)
      if (given.pollId !== pollId) throw new NodeError('ROLL_POLL', `this desk registers for ${pollId}, not for ${given.pollId}`)
      checkEligible(asked.check)
      checkBound(given, asked, { pollId, eh })
      if (!isHeld(rollClaim(fromHex(eh)), key, proof))
        throw new NodeError('ROLL_KEY_INVALID', 'the secret of the election key is not proved for this poll')
      if (persons.has(asked.person)) throw new NodeError('ROLL_PERSON_TWICE', 'this person has handed in an election key already')
      if (keys.has(given.key)) throw new NodeError('ROLL_KEY_TWICE', 'this election key was handed in already; make another one')
      persons.add(asked.person)
      keys.add(given.key)
      waiting.push({ person: asked.person, key, proof })
    },
    takeBatch() {
      const taken = waiting.splice(0, ROLL_BATCH_MAX).sort((a, b) => compareBytes(a.key, b.key))
      if (taken.length === 0) return null
      const salt = crypto.getRandomValues(new Uint8Array(32))
      const lines = taken.map(({ person, key }) => ({ person, key: toHex(key) }))
      const batchCommit = commitBatch({ salt: toHex(salt), lines })
      return {
        payload: { pollId, batchCommit, voters: taken.map(({ key, proof }) => ({ key, proof })) },
        sealed: { salt: toHex(salt), lines },
      }
    },
  }
}

/** What `batchCommit` of a sealed mapping must be: an auditor recomputes it. */
export function commitBatch({ salt, lines }: RollBatch['sealed']): string {
  return commitValue({ type: 'vote-roll-batch', salt: fromHex(salt), value: utf8ToBytes(JSON.stringify(lines)) })
}

function readKey({ key, proof }: RollRequest): { readonly key: Uint8Array; readonly proof: ProofBytes } {
  return { key: fromHex(key), proof: { c: fromHex(proof.c), z: fromHex(proof.z) } }
}

function checkEligible({ outcome, reasons }: CheckResult): void {
  if (outcome === 'PASS') return
  throw new NodeError('ROLL_NOT_ELIGIBLE', `the presentation does not pass: ${reasons.map(({ text }) => text).join('; ')}`)
}

// Whoever carries the request must not be able to put another key in its place.
function checkBound(given: RollRequest, { request, facts }: Asked, poll: { pollId: string; eh: string }): void {
  const token = readToken(given.token, TYP)
  const said = ['aud', 'nonce', 'poll', 'eh', 'key'].map((name) => textClaim(token, name))
  const meant = [request.verifier, request.nonce, poll.pollId, poll.eh, given.key]
  const isMeant = said.every((value, i) => value === meant[i])
  if (!isMeant || !facts.holderKeys.some((key) => isSignedBy(token, key)))
    throw new NodeError('ROLL_KEY_UNBOUND', 'the holder of the credential did not hand in this key for this poll and request')
}
