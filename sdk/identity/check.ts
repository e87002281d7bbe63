// Owns: an agency's verdict on a presentation: believed or not, and whether the policy holds; its record on chain as an action.
// Not here: reading the chain (check-facts.ts), the form of credentials (sd-jwt-vc.ts).
import { equalBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import type { Infer } from '../../core/codec/schema.ts'
import type { VerifyRecordPayload } from '../../modules/identity/consent-schema.ts'
import { verifyRecord } from '../../modules/identity/verify-record.ts'
import type { TypedAction } from '../rooms.ts'
import type { CheckFacts, IssuerFacts } from './check-facts.ts'
import { unmetClauses } from './policy.ts'
import type { Claims } from './policy.ts'
import type { Presentation, PresentationRequest } from './presentation.ts'
import { commitReceipt } from './receipt.ts'
import { verifyPresentation } from './sd-jwt-vc.ts'
import type { CredentialFacts } from './sd-jwt-vc.ts'
import { isStatusSet } from './status.ts'

/** Why a presentation does not pass; codes are stable. */
export type CheckReason = { readonly code: CheckCode; readonly text: string }

/** Codes of reasons: those from CLAIM_UNMET on mean FAIL, the earlier ones ERROR. */
export type CheckCode =
  | 'POLICY_UNKNOWN'
  | 'REQUEST_MISMATCH'
  | 'REQUEST_ENDED'
  | 'CONSENT_MISSING'
  | 'RECEIPT_MISMATCH'
  | 'HOLDER_UNBOUND'
  | 'ISSUER_KEY_UNKNOWN'
  | 'CREDENTIAL_MALFORMED'
  | 'CREDENTIAL_SIGNATURE'
  | 'CREDENTIAL_BINDING'
  | 'CLAIM_CONFLICT'
  | 'CLAIM_UNMET'
  | 'CREDENTIAL_EXPIRED'
  | 'TYPE_REFUSED'
  | 'ASSURANCE_LOW'
  | 'ISSUER_INVALID'
  | 'ISSUER_SUSPENDED'
  | 'STATUS_MISSING'
  | 'REVOKED'
  | 'SUSPENDED'

const FAILS: ReadonlySet<CheckCode> = new Set([
  ...(['CLAIM_UNMET', 'CREDENTIAL_EXPIRED', 'TYPE_REFUSED', 'ASSURANCE_LOW'] as const),
  ...(['ISSUER_INVALID', 'ISSUER_SUSPENDED', 'STATUS_MISSING', 'REVOKED', 'SUSPENDED'] as const),
])

/** The verdict: PASS without reasons, FAIL when it is believed but not enough, ERROR when it cannot be believed. */
export type CheckResult = {
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR'
  readonly reasons: readonly CheckReason[]
  readonly claims: Claims
  readonly holder: Address
  readonly receiptCommit: Hash32
  readonly policyVersion: number
  readonly statusSeqs: Infer<typeof VerifyRecordPayload>['statusSeqs']
  /** Block time of the state that it was judged by, in ms, and its height. */
  readonly checkedAt: number
  readonly height: number
}

/** What is judged, at a moment in seconds. `acceptSuspendedIssuers` where the agency's policy is to believe what came before. */
export type CheckInput = {
  readonly request: PresentationRequest
  readonly presentation: Presentation
  readonly at: number
  readonly acceptSuspendedIssuers?: boolean
}

/**
 * Judges a presentation by facts already read. The caller takes the request's nonce out of its store first: a presentation counts
 * once. Never throws for anything that a holder sends.
 */
export async function judgePresentation(facts: CheckFacts, input: CheckInput): Promise<CheckResult> {
  const reasons: CheckReason[] = []
  const { policy } = facts
  if (policy === null) reasons.push({ code: 'POLICY_UNKNOWN', text: `there is no policy ${input.request.policyId}` })
  else reasons.push(...checkRequest(facts, input))
  const shown = await readShown(facts, input, reasons)
  const claims = mergeClaims(shown, reasons)
  if (policy !== null && reasons.every(({ code }) => FAILS.has(code))) {
    reasons.push(...checkReceipt(facts, input, claims))
    for (const names of unmetClauses(policy, claims))
      reasons.push({ code: 'CLAIM_UNMET', text: `not shown: ${names.join(' or ')}` })
  }
  const isFail = reasons.every(({ code }) => FAILS.has(code))
  return {
    outcome: reasons.length === 0 ? 'PASS' : isFail ? 'FAIL' : 'ERROR',
    reasons,
    claims,
    holder: facts.holder,
    receiptCommit: input.presentation.receiptCommit,
    policyVersion: input.request.policyVersion,
    statusSeqs: facts.lists.map(({ issuer, listId, seq }) => ({ issuer, listId, seq })),
    checkedAt: facts.header.time,
    height: facts.header.height,
  }
}

function checkRequest(facts: CheckFacts, { request, presentation, at }: CheckInput): readonly CheckReason[] {
  const reasons: CheckReason[] = []
  const isSame = presentation.policyId === request.policyId && presentation.policyVersion === request.policyVersion
  if (!isSame) reasons.push({ code: 'REQUEST_MISMATCH', text: 'the presentation answers another policy or version' })
  if (at >= request.expiresAt) reasons.push({ code: 'REQUEST_ENDED', text: 'the request has ended; ask again' })
  const { consent, policy, holder } = facts
  const isConsent =
    consent !== null &&
    consent.status === 'GRANTED' &&
    consent.policyId === request.policyId &&
    consent.policyVersion === request.policyVersion
  if (!isConsent) reasons.push({ code: 'CONSENT_MISSING', text: 'no open consent of this receipt and policy is on chain' })
  else if (consent.holder !== holder || consent.verifier !== policy?.verifier) {
    reasons.push({ code: 'CONSENT_MISSING', text: 'the consent on chain is of another holder or to another verifier' })
  }
  return reasons
}

// The receipt hides which claims were shown, so it can only be opened once they are known.
function checkReceipt({ policy }: CheckFacts, { request, presentation }: CheckInput, claims: Claims): readonly CheckReason[] {
  const opening = {
    policyId: request.policyId,
    policyVersion: request.policyVersion,
    verifier: request.verifier,
    claims: Object.keys(claims),
    purpose: policy?.purposeCode ?? '',
    nonce: request.nonce,
    holder: presentation.holder,
  }
  if (commitReceipt(opening, presentation.salt) === presentation.receiptCommit) return []
  return [{ code: 'RECEIPT_MISMATCH', text: 'the receipt on chain is not of this presentation' }]
}

async function readShown(facts: CheckFacts, input: CheckInput, reasons: CheckReason[]): Promise<readonly CredentialFacts[]> {
  const shown: CredentialFacts[] = []
  for (const [index, compact] of input.presentation.credentials.entries()) {
    const issuer = facts.issuers[index] as IssuerFacts
    if (issuer.key === null) {
      reasons.push({ code: 'ISSUER_KEY_UNKNOWN', text: 'the issuer had no such key for credentials when this one was issued' })
      continue
    }
    const binding = { audience: input.request.verifier, nonce: input.request.nonce, at: input.at }
    try {
      const credential = await verifyPresentation(compact, { issuerKey: issuer.key, binding })
      reasons.push(...checkStanding(facts, { credential, issuer, input }))
      shown.push(credential)
    } catch (thrown) {
      if (!(thrown instanceof NodeError)) throw thrown
      reasons.push({ code: thrown.code as CheckCode, text: thrown.message })
    }
  }
  return shown
}

function checkStanding(
  facts: CheckFacts,
  asked: { credential: CredentialFacts; issuer: IssuerFacts; input: CheckInput },
): readonly CheckReason[] {
  const { credential, issuer, input } = asked
  const { vct, issuedAt } = credential
  const { policy, maxAgeDays } = facts
  const reasons: CheckReason[] = []
  const isBound = facts.holderKeys.some((key) => equalBytes(key, credential.holderKey))
  if (!isBound)
    reasons.push({ code: 'HOLDER_UNBOUND', text: 'the credential is bound to a key that the holder’s DID does not have today' })
  if (issuer.standing === 'INVALID')
    reasons.push({ code: 'ISSUER_INVALID', text: `the issuer was not accredited for ${vct}, or its word counts no more` })
  if (issuer.standing === 'VERIFIER_POLICY' && input.acceptSuspendedIssuers !== true) {
    reasons.push({ code: 'ISSUER_SUSPENDED', text: 'the issuer is suspended' })
  }
  if (policy !== null && !policy.acceptedTypes.includes(vct))
    reasons.push({ code: 'TYPE_REFUSED', text: `the policy does not take ${vct}` })
  if (policy !== null && issuer.assurance < policy.minAssurance) {
    reasons.push({
      code: 'ASSURANCE_LOW',
      text: `the issuer has assurance ${issuer.assurance}, the policy asks for ${policy.minAssurance}`,
    })
  }
  if (issuedAt + maxAgeDays * 86_400 <= input.at) {
    reasons.push({
      code: 'CREDENTIAL_EXPIRED',
      text: `derived facts are taken for ${maxAgeDays} days; ask the issuer for new ones`,
    })
  }
  return [...reasons, ...checkStatus(facts, credential, issuer)]
}

function checkStatus({ lists }: CheckFacts, { status }: CredentialFacts, issuer: IssuerFacts): readonly CheckReason[] {
  if (status === null) return [{ code: 'STATUS_MISSING', text: 'the credential cannot be revoked, so it is not taken' }]
  const list = lists.find(({ issuer: owner, listId }) => owner === issuer.account && listId === BigInt(status.list))
  if (list === undefined || status.idx >= list.bits.length * 8)
    return [{ code: 'STATUS_MISSING', text: `there is no status entry ${status.idx}` }]
  if (!isStatusSet(list.bits, status.idx)) return []
  return list.purpose === 'REVOCATION'
    ? [{ code: 'REVOKED', text: 'the issuer has revoked the credential' }]
    : [{ code: 'SUSPENDED', text: 'the issuer has suspended the credential' }]
}

function mergeClaims(shown: readonly CredentialFacts[], reasons: CheckReason[]): Claims {
  const merged: Record<string, Claims[string]> = Object.create(null) as Record<string, Claims[string]>
  for (const { claims } of shown) {
    for (const [name, value] of Object.entries(claims)) {
      const isOther = Object.hasOwn(merged, name) && JSON.stringify(merged[name]) !== JSON.stringify(value)
      if (isOther) reasons.push({ code: 'CLAIM_CONFLICT', text: `two credentials disagree about ${name}` })
      merged[name] = value
    }
  }
  return { ...merged }
}

/** `identity.verify.record` of a verdict, for the agency to send. */
export function recordOutcome(result: CheckResult): TypedAction<Infer<typeof VerifyRecordPayload>> {
  const { receiptCommit, outcome, policyVersion, statusSeqs, checkedAt } = result
  return { type: verifyRecord, payload: { receiptCommit, outcome, policyVersion, statusSeqs, checkedAt } }
}
