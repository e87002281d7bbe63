// Owns: everything that the chain says about a presentation, read with proof under one header.
// Not here: the verdict (check.ts), the status lists' bits (status.ts).
import type { Address, TimeMs } from '../../core/base/ids.ts'
import type { Header } from '../../core/chain/block.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../../modules/governance/keeper.ts'
import type { Consent, Policy } from '../../modules/identity/consent-schema.ts'
import { findPastKey, readDid, standingOf } from '../../modules/identity/keeper.ts'
import type { Standing } from '../../modules/identity/keeper.ts'
import { liveKey } from '../../modules/identity/keyset.ts'
import { consents, dids, issuers, policies, policyVersions } from '../../modules/identity/store.ts'
import { parseAccount } from '../chain.ts'
import type { ChainRef } from '../chain.ts'
import type { Presentation, PresentationRequest } from './presentation.ts'
import { readProven } from './proven-state.ts'
import type { StateSource } from './proven-state.ts'
import { readCredential } from './sd-jwt-vc.ts'
import type { CredentialFacts } from './sd-jwt-vc.ts'
import { fetchStatusList } from './status.ts'
import type { StatusList } from './status.ts'

/** What the chain says of one credential's issuer. */
export type IssuerFacts = {
  readonly account: Address
  /** The key that the credential names, as it stood when it was issued; null when it could not sign then. */
  readonly key: Uint8Array | null
  readonly standing: Standing
  readonly assurance: number
}

/** What the chain says of a presentation at the height of `header`. */
export type CheckFacts = {
  readonly header: Header
  readonly policy: Policy | null
  readonly consent: Consent | null
  /** Keys with which the holder's DID may act today; none when it is not ACTIVE. */
  readonly holderKeys: readonly Uint8Array[]
  readonly holder: Address
  readonly maxAgeDays: number
  readonly issuers: readonly IssuerFacts[]
  readonly lists: readonly StatusList[]
}

type Read = Omit<CheckFacts, 'header' | 'lists'>

/**
 * Reads everything with proof, whole status lists included. Throws as `readProven`, and NodeError BAD_ACCOUNT,
 * CREDENTIAL_MALFORMED.
 */
export async function fetchFacts(
  source: StateSource,
  asked: { readonly request: PresentationRequest; readonly presentation: Presentation },
): Promise<CheckFacts> {
  const { presentation, request } = asked
  const credentials = await Promise.all(presentation.credentials.map(readCredential))
  const holder = parseAccount(source.chain, presentation.holder)
  const keys = firstKeys(source.chain, { presentation, credentials, holder })
  const atLeast = presentation.height
  const read = (view: ReadView, header: Header): Read =>
    readAll(view, { chain: source.chain, request, presentation, credentials, holder, time: header.time })
  const { value, header } = await readProven(source, read, { keys, atLeast })
  return { ...value, header, lists: await fetchLists(source, credentials) }
}

function firstKeys(
  chain: ChainRef,
  asked: { presentation: Presentation; credentials: readonly CredentialFacts[]; holder: Address },
): readonly string[] {
  const { presentation, credentials, holder } = asked
  const accounts = [...new Set(credentials.map(({ issuer }) => parseAccount(chain, issuer)))]
  return [
    ...[policies.keyOf(presentation.policyId), consents.keyOf(presentation.receiptCommit), dids.keyOf(holder)],
    ...accounts.flatMap((account) => [dids.keyOf(account), issuers.keyOf(account)]),
  ]
}

function readAll(
  view: ReadView,
  asked: {
    chain: ChainRef
    request: PresentationRequest
    presentation: Presentation
    credentials: readonly CredentialFacts[]
    holder: Address
    time: TimeMs
  },
): Read {
  const { chain, request, presentation, credentials, holder, time } = asked
  const owner = readDid(view, holder)
  const live = owner === null || owner.status !== 'ACTIVE' ? [] : owner.keys
  return {
    policy: readPolicy(view, request),
    consent: consents.get(view, presentation.receiptCommit),
    holder,
    holderKeys: live
      .filter((key) => liveKey(live, key.kid) === key && (key.rel & KEY_PURPOSES.authentication) !== 0)
      .map(({ pub }) => pub),
    maxAgeDays: Number(paramAt(view, 'identity.derived.maxAgeDays', { time })),
    issuers: credentials.map((credential) => readIssuer(view, chain, credential, time)),
  }
}

function readPolicy(view: ReadView, { policyId, policyVersion }: PresentationRequest): Policy | null {
  const current = policies.get(view, policyId)
  if (current === null || current.version === policyVersion) return current
  return policyVersions.get(view, { policyId, version: policyVersion })
}

function readIssuer(
  view: ReadView,
  chain: ChainRef,
  { issuer, keyId, vct, issuedAt }: CredentialFacts,
  time: TimeMs,
): IssuerFacts {
  const account = parseAccount(chain, issuer)
  // A whole second of issue covers the block times within it.
  const signedAt = Math.min(issuedAt * 1_000 + 999, time)
  return {
    account,
    key: findPastKey(view, { did: account, keyId, purpose: KEY_PURPOSES.assertion, signedAt, block: { time } }),
    standing: standingOf(view, { issuer: account, type: vct, issuedAt: signedAt }),
    assurance: issuers.get(view, account)?.assurance ?? 0,
  }
}

async function fetchLists(source: StateSource, credentials: readonly CredentialFacts[]): Promise<readonly StatusList[]> {
  const names = new Map<string, { issuer: Address; listId: bigint }>()
  for (const { issuer, status } of credentials) {
    if (status === null) continue
    const account = parseAccount(source.chain, issuer)
    names.set(`${account}/${status.list}`, { issuer: account, listId: BigInt(status.list) })
  }
  return Promise.all([...names.values()].map((key) => fetchStatusList(source, key)))
}
