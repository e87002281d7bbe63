// Owns: answering an agency: the policy read with proof, the least disclosed, the consent as an action, the presentation.
// Not here: the wallet (wallet-data.ts), the agency's side (check.ts).
import { NodeError } from '../../core/base/errors.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { consentGrant } from '../../modules/identity/consent-grant.ts'
import type { ConsentGrantPayload, Policy } from '../../modules/identity/consent-schema.ts'
import { policies } from '../../modules/identity/store.ts'
import { parseAccount } from '../chain.ts'
import type { ChainRef } from '../chain.ts'
import type { TypedAction } from '../rooms.ts'
import type { Wallet } from '../wallet.ts'
import { encodeBase64url } from './jws.ts'
import { chooseDisclosures, unmetClauses } from './policy.ts'
import type { Presentation, PresentationRequest } from './presentation.ts'
import { readProven } from './proven-state.ts'
import type { StateSource } from './proven-state.ts'
import { commitReceipt, createSalt } from './receipt.ts'
import type { ReceiptOpening } from './receipt.ts'
import { presentCredential, readCredential } from './sd-jwt-vc.ts'
import type { HeldCredential, HeldReceipt, WalletData } from './wallet-data.ts'

/** The policy that a request names, as the council decided it. Throws NodeError POLICY_REFUSED for another's or a retired one. */
export async function fetchPolicy(source: StateSource, request: PresentationRequest): Promise<Policy> {
  const { policyId, policyVersion, verifier } = request
  const { value } = await readProven(source, (view) => policies.get(view, policyId), { keys: [policies.keyOf(policyId)] })
  const isAsked =
    value?.version === policyVersion && value.status === 'ACTIVE' && value.verifier === parseAccount(source.chain, verifier)
  if (value !== null && isAsked) return value
  throw new NodeError('POLICY_REFUSED', `${verifier} has no active policy ${policyId} of version ${policyVersion}; give nothing`)
}

/** What will be shown, before anyone consents to it: for the eyes of the holder. */
export type Plan = {
  readonly policy: Policy
  readonly chosen: readonly { readonly credential: HeldCredential; readonly disclose: readonly string[] }[]
  /** Clauses that the wallet cannot meet; the agency will refuse. */
  readonly unmet: readonly (readonly string[])[]
}

/** The least that meets a policy, out of the credentials that the wallet holds for this audience. */
export async function planPresentation(data: WalletData, policy: Policy, audience: string): Promise<Plan> {
  const held = data.credentials.filter((one) => one.audience === audience && policy.acceptedTypes.includes(one.vct))
  const facts = await Promise.all(held.map(({ compact }) => readCredential(compact)))
  const claims = facts.map((one) => one.claims)
  const disclosures = chooseDisclosures(policy, claims)
  const chosen = held
    .map((credential, index) => ({ credential, disclose: disclosures[index] ?? [] }))
    .filter(({ disclose }) => disclose.length > 0)
  return { policy, chosen, unmet: unmetClauses(policy, Object.assign({}, ...claims.toReversed()) as Record<string, never>) }
}

/** A consent about to be given: the action to send from the pairwise DID, and what opens it. */
export type Consenting = {
  readonly action: TypedAction<Infer<typeof ConsentGrantPayload>>
  readonly receipt: Omit<HeldReceipt, 'height'>
}

/** `identity.consent.grant` for exactly this plan, request and holder; `expiresOn` is its last Korean day. */
export function consentTo(
  chain: ChainRef,
  consent: { request: PresentationRequest; plan: Plan; holder: Wallet; expiresOn: number; isUnder14?: boolean },
): Consenting {
  const { request, plan, holder, expiresOn, isUnder14 = false } = consent
  const { policyId, policyVersion, verifier, nonce } = request
  const claims = [...new Set(plan.chosen.flatMap(({ disclose }) => disclose))].sort()
  const opening: ReceiptOpening = {
    policyId,
    policyVersion,
    verifier,
    claims,
    purpose: plan.policy.purposeCode,
    nonce,
    holder: holder.did,
  }
  const salt = createSalt()
  const receiptCommit = commitReceipt(opening, salt)
  const holderAge = isUnder14 ? ('UNDER_14' as const) : ('AGE_GE_14' as const)
  const payload = { receiptCommit, policyId, verifier: parseAccount(chain, verifier), expiresOn, holderAge }
  return { action: { type: consentGrant, payload }, receipt: { commit: receiptCommit, salt: encodeBase64url(salt), opening } }
}

/** The presentation once the consent is final at `height`; `at` is now in seconds. */
export async function present(showing: {
  request: PresentationRequest
  plan: Plan
  holder: Wallet
  receipt: HeldReceipt
  salt: Uint8Array
  at: number
}): Promise<Presentation> {
  const { request, plan, holder, receipt, salt, at } = showing
  const binding = { audience: request.verifier, nonce: request.nonce, at }
  const credentials = await Promise.all(
    plan.chosen.map(({ credential, disclose }) =>
      presentCredential(credential.compact, { disclose, binding, sign: holder.sign }),
    ),
  )
  const { policyId, policyVersion } = request
  const { commit: receiptCommit, height } = receipt
  return {
    kind: 'naru-presentation',
    version: 1,
    policyId,
    policyVersion,
    holder: holder.did,
    receiptCommit,
    salt,
    height,
    credentials,
  }
}
