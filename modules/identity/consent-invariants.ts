// Owns: what always holds over consents: no record leads to a main DID (domain.md 10, invariant 17), nothing is decided twice.
// Not here: policies' whitelists (claims.ts), which checks refuse before they stand.
import type { Consent } from './consent-schema.ts'
import { agendaOf, agendaText } from './life-invariants.ts'
import { recordsOf } from './scan.ts'
import type { Scan } from './scan.ts'
import { consents, dids, issuers, nextPolicies, pairwise, policies } from './store.ts'

/** One sentence per breach. */
export function checkConsents(scan: Scan): readonly string[] {
  const boundTo = new Map([...recordsOf(scan, pairwise)].map(([did, { verifier }]) => [did, verifier as string]))
  const agenda = agendaOf(scan)
  const broken: string[] = []
  for (const [receipt, consent] of recordsOf(scan, consents)) {
    if (boundTo.get(consent.holder) !== consent.verifier)
      broken.push(`consent ${receipt}: its holder is not bound to its verifier`)
    const item = { kind: 'consent', receiptCommit: receipt as NonNullable<Consent['dispute']>['reasonCommit'] } as const
    if (consent.status === 'GRANTED' && !agenda.has(agendaText(consent.expiresOn, item))) {
      broken.push(`consent ${receipt}: would never expire`)
    }
    broken.push(...checkSteps(receipt, consent))
  }
  return [...broken, ...checkHolders(scan, boundTo), ...checkPolicies(scan)]
}

function checkSteps(receipt: string, { status, outcome, dispute, review, verifier }: Consent): readonly string[] {
  const isReviewed = status === 'REVIEWED'
  const isDisputed = isReviewed || status === 'DISPUTED'
  const isFulfilled = isDisputed || status === 'FULFILLED'
  const fits = [outcome, dispute, review].map((step) => step !== null).join() === [isFulfilled, isDisputed, isReviewed].join()
  const broken = fits ? [] : [`consent ${receipt}: ${status}, but its steps say otherwise`]
  return review?.by === verifier ? [...broken, `consent ${receipt}: the verifier reviewed itself`] : broken
}

// A main DID has a recovery policy; an issuer is nobody's pairwise DID while it consents.
function checkHolders(scan: Scan, boundTo: ReadonlyMap<string, string>): readonly string[] {
  const recoverable = new Set([...recordsOf(scan, dids)].filter(([, { recovery }]) => recovery !== null).map(([did]) => did))
  for (const [did] of recordsOf(scan, nextPolicies)) recoverable.add(did)
  const parties = new Set([...recordsOf(scan, issuers)].map(([did]) => did))
  const broken: string[] = []
  for (const [did, verifier] of boundTo) {
    if (recoverable.has(did)) broken.push(`${did}: a pairwise DID with a recovery policy`)
    if (parties.has(did) || did === verifier) broken.push(`${did}: a pairwise DID that is a party itself`)
  }
  return broken
}

// Invariant 19: a policy stands by a decision of the council, at a height.
function checkPolicies(scan: Scan): readonly string[] {
  const all = [...recordsOf(scan, policies)]
  return all.flatMap(([id, { decidedAt }]) => (decidedAt >= 1 ? [] : [`policy ${id}: stands without a decision`]))
}
