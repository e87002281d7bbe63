// Owns: the acts of an allowance without documents: setting up, credentials, applying, disputing, destroying, losing a phone.
// Not here: who tells it (no-documents.ts), the council's part (city-acts.ts), cryptography (sdk).
import { randomBytes } from 'node:crypto'
import { addDays, guardianCommitment, kstDate, newKey } from '../sdk/index.ts'
import type { FinalTransaction, Trust, Wallet } from '../sdk/index.ts'
import { judgePresentation, recordOutcome } from '../sdk/identity/check.ts'
import type { CheckResult } from '../sdk/identity/check.ts'
import { fetchFacts } from '../sdk/identity/check-facts.ts'
import type { CheckFacts } from '../sdk/identity/check-facts.ts'
import { requestCredential, verifyCredentialRequest } from '../sdk/identity/credential-request.ts'
import { consentTo, fetchPolicy, planPresentation, present } from '../sdk/identity/holder.ts'
import { createNonceStore } from '../sdk/identity/nonces.ts'
import { createPairwiseDid } from '../sdk/identity/pairwise.ts'
import { formatPresentation, parsePresentation } from '../sdk/identity/presentation.ts'
import type { Presentation, PresentationRequest } from '../sdk/identity/presentation.ts'
import type { StateSource } from '../sdk/identity/proven-state.ts'
import { issueCredential } from '../sdk/identity/sd-jwt-vc.ts'
import { createWalletData, destroyAudience, holdCredential, holdReceipt, keyFor, seedOf } from '../sdk/identity/wallet-data.ts'
import type { HeldReceipt, WalletData } from '../sdk/identity/wallet-data.ts'
import { createParty, grantRole, senderOf, sendByMandate } from './city-acts.ts'
import type { Party } from './city-acts.ts'
import type { Devnet } from './devnet-access.ts'

/** Ages and residence as yes or no. */
export const RESIDENT = 'SeoulResidentCredential'
/** Income bands and employment as yes or no. */
export const INCOME = 'IncomeBandCredential'

/** Offices and people of the city, and what the agency remembers. */
export type City = {
  readonly devnet: Devnet
  readonly source: StateSource
  readonly office: Party
  readonly agency: Party
  readonly reviewer: Party
  readonly privacyOfficer: Party
  readonly policyId: string
  readonly nonces: ReturnType<typeof createNonceStore>
}

const SCHEMAS: readonly (readonly [string, readonly string[]])[] = [
  [
    RESIDENT,
    ['age_ge_14', 'age_ge_18', 'age_ge_19', 'age_ge_30', 'age_ge_35', 'resident_seoul', 'resident_ge_3m', 'resident_ge_12m'],
  ],
  [INCOME, ['income_le_100', 'income_le_150', 'unemployed', 'weekly_hours_le_30', 'contract_le_3m']],
]

/** Block time of the newest block, in seconds: the only clock that everyone in the story shares. */
export async function nowSec({ devnet }: Pick<City, 'devnet'>): Promise<number> {
  return Math.floor((await devnet.client('v1').call('chain_head')).context.time / 1_000)
}

/** Today in Korea by block time. */
export async function today(city: Pick<City, 'devnet'>): Promise<number> {
  return kstDate((await nowSec(city)) * 1_000)
}

/** Makes a district office, the allowance agency, a reviewer and a privacy officer, each with what the council gives them. */
export async function foundCity(devnet: Devnet, trust: Trust): Promise<City> {
  const [office, agency, reviewer, privacyOfficer] = (await Promise.all([1, 2, 3, 4].map(() => createParty(devnet)))) as [
    Party,
    Party,
    Party,
    Party,
  ]
  const policyId = `YOUTH-2023-${randomBytes(3).toString('hex').toUpperCase()}`
  await grantRole(devnet, 'REG_AUTH', office.wallet, '11440')
  await grantRole(devnet, 'VERIFIER', agency.wallet, policyId)
  await grantRole(devnet, 'VERIFIER', reviewer.wallet, policyId)
  await grantRole(devnet, 'DPO', privacyOfficer.wallet)
  const source = { client: devnet.client('v1'), chain: devnet.chain, trust }
  const city = { devnet, source, office, agency, reviewer, privacyOfficer, policyId, nonces: createNonceStore() }
  await accreditOffice(city)
  await registerPolicy(city)
  return city
}

async function accreditOffice(city: City): Promise<void> {
  const { devnet, office } = city
  const types = [RESIDENT, INCOME]
  const policyHash = `0x${'a1'.repeat(32)}`
  await office.sender.send({ type: 'identity.issuer.propose', payload: { orgCode: 'MAPO-GU', types, policyHash } })
  const validUntil = addDays(await today(city), 365)
  const cityHall = { wallet: devnet.wallet('office-1'), sender: devnet.sender('office-1', 'v1') }
  const payload = { issuer: office.wallet.address, types, assurance: 3, validUntil }
  await sendByMandate(devnet, cityHall, { type: 'identity.issuer.accredit', payload })
  for (const [schemaId, names] of SCHEMAS) {
    const known = await devnet
      .client('v1')
      .call('identity_schema', { schemaId })
      .catch(() => null)
    if (known !== null) continue
    const claims = names.map((name) => ({ name, type: 'BOOLEAN', sdAlways: true }))
    await office.sender.send({ type: 'identity.schema.register', payload: { schemaId, version: 1, claims, hash: policyHash } })
  }
  await office.sender.send({ type: 'identity.status.create', payload: { listId: '1', purpose: 'REVOCATION', size: 131_072 } })
}

async function registerPolicy({ devnet, agency, policyId }: City): Promise<void> {
  const isTrue = (claim: string, wanted = true) => ({ claim, isTrue: wanted, value: null })
  const predicates = [
    { anyOf: [isTrue('age_ge_19')] },
    { anyOf: [isTrue('age_ge_35', false)] },
    { anyOf: [isTrue('resident_seoul')] },
    { anyOf: [isTrue('income_le_150')] },
    { anyOf: [isTrue('unemployed'), isTrue('weekly_hours_le_30'), isTrue('contract_le_3m')] },
  ]
  const asked = { purposeCode: 'YOUTH_ALLOWANCE', legalBasis: 'CONSENT', predicates, acceptedTypes: [RESIDENT, INCOME] }
  const payload = { policyId, ...asked, minAssurance: 2, retentionDays: 30 }
  await sendByMandate(devnet, agency, { type: 'identity.policy.register', payload })
}

/** A citizen's wallet with nothing in it. */
export function openWallet({ devnet }: Pick<City, 'devnet'>): WalletData {
  return createWalletData(devnet.chain)
}

/** The wallet's DID for the agency, put on chain by the city's onboarding office; the main DID never appears. */
export async function meetAgency(city: City, data: WalletData): Promise<WalletData> {
  const { devnet, agency } = city
  const audience = agency.wallet.did
  const { key, data: next } = keyFor(devnet.chain, data, audience)
  await senderOf(devnet, key, devnet.wallet('office-1')).send(createPairwiseDid(devnet.chain, seedOf(next), { audience }))
  return next
}

/** The office issues a credential to the key that the wallet keeps for the agency; `index` is the entry in its status list. */
export async function fetchCredential(
  city: City,
  data: WalletData,
  order: { vct: string; claims: Record<string, boolean | string>; index: number },
): Promise<WalletData> {
  const { devnet, office, agency } = city
  const audience = agency.wallet.did
  const { key } = keyFor(devnet.chain, data, audience)
  const at = await nowSec(city)
  const ask = { issuer: office.wallet.did, nonce: `office-${order.index}`, at }
  const request = requestCredential({ ...ask, publicKey: key.publicKey, sign: key.sign })
  const compact = await issueCredential({
    issuer: { did: office.wallet.did, keyId: 'k1', sign: office.wallet.sign },
    vct: order.vct,
    holderKey: verifyCredentialRequest(request, ask),
    claims: order.claims,
    status: { list: '1', idx: order.index },
    issuedAt: at,
    expiresAt: at + 30 * 86_400,
  })
  return holdCredential(data, { audience, vct: order.vct, issuer: office.wallet.did, compact })
}

/** The agency asks. */
export async function askHolder(city: City): Promise<PresentationRequest> {
  const expiresAt = (await nowSec(city)) + 600
  const { policyId, agency, nonces } = city
  const nonce = nonces.issue(expiresAt)
  return {
    kind: 'naru-presentation-request',
    version: 1,
    policyId,
    policyVersion: 1,
    verifier: agency.wallet.did,
    nonce,
    expiresAt,
  }
}

/** An application as it went: the verdict, its record on chain, what the wallet keeps of it. */
export type Application = {
  readonly result: CheckResult
  readonly recorded: FinalTransaction
  readonly receipt: HeldReceipt
  readonly data: WalletData
  readonly shown: readonly string[]
  readonly request: PresentationRequest
  readonly presentation: Presentation
  /** What the agency judged by, and when, in seconds. */
  readonly facts: CheckFacts
  readonly at: number
  readonly times: {
    readonly consentMs: number
    readonly presentMs: number
    readonly verifyMs: number
    readonly recordMs: number
    readonly totalMs: number
  }
}

/** The holder applies: consents on chain, presents off chain; the agency judges with proof and records. */
export async function apply(city: City, data: WalletData): Promise<Application> {
  const marks = [performance.now()]
  const mark = (): number => marks.push(performance.now())
  const request = await askHolder(city)
  const { receipt, sent } = await answerAgency(city, data, request)
  mark()
  const { text, at } = await sent()
  mark()
  const presentation = parsePresentation(JSON.parse(text))
  if (!city.nonces.use(request.nonce, at)) throw new Error('the nonce is not open')
  const facts = await fetchFacts(city.source, { request, presentation })
  const result = await judgePresentation(facts, { request, presentation, at })
  mark()
  const recorded = await city.agency.sender.send(recordOutcome(result))
  mark()
  const [consentMs = 0, presentMs = 0, verifyMs = 0, recordMs = 0] = marks
    .slice(1)
    .map((end, index) => end - (marks[index] ?? end))
  const times = { consentMs, presentMs, verifyMs, recordMs, totalMs: consentMs + presentMs + verifyMs + recordMs }
  const kept = { receipt, data: holdReceipt(data, receipt), shown: receipt.opening.claims }
  return { result, recorded, ...kept, request, presentation, facts, at, times }
}

/** The wallet's part: the policy read with proof, the consent final on chain, then the presentation as text. */
async function answerAgency(city: City, data: WalletData, request: PresentationRequest) {
  const { devnet, source, agency } = city
  const audience = agency.wallet.did
  const { key: holder } = keyFor(devnet.chain, data, audience)
  const plan = await planPresentation(data, await fetchPolicy(source, request), audience)
  const { action, receipt: draft } = consentTo(devnet.chain, { request, plan, holder, expiresOn: addDays(await today(city), 1) })
  const { height } = await senderOf(devnet, holder).send(action)
  const receipt: HeldReceipt = { ...draft, height }
  const sent = async (): Promise<{ text: string; at: number }> => {
    const at = await nowSec(city)
    const salt = new Uint8Array(Buffer.from(receipt.salt, 'base64url'))
    return { text: JSON.stringify(formatPresentation(await present({ request, plan, holder, receipt, salt, at }))), at }
  }
  return { receipt, sent }
}

/** The holder disputes, and a person other than the agency's machine decides. */
export async function dispute(
  city: City,
  data: WalletData,
  decided: { receipt: HeldReceipt; outcome: 'PASS' | 'FAIL' },
): Promise<void> {
  const { devnet, agency, reviewer } = city
  const receiptCommit = `0x${decided.receipt.commit}`
  const reasonCommit = (): string => `0x${randomBytes(32).toString('hex')}`
  const { key } = keyFor(devnet.chain, data, agency.wallet.did)
  await senderOf(devnet, key).send({ type: 'identity.verify.dispute', payload: { receiptCommit, reasonCommit: reasonCommit() } })
  const payload = { receiptCommit, outcome: decided.outcome, reasonCommit: reasonCommit() }
  await reviewer.sender.send({ type: 'identity.verify.review', payload })
}

/** Values and salts go, at the holder and at the agency, and the privacy officer says so on chain. */
export async function destroyValues(city: City, data: WalletData): Promise<WalletData> {
  const destroyed = destroyAudience(data, city.agency.wallet.did)
  for (const commit of destroyed.receipts) {
    const payload = { receiptCommit: `0x${commit}`, action: 'VALUE_AND_SALT_DESTROYED', date: await today(city) }
    await city.privacyOfficer.sender.send({ type: 'identity.erasure.log', payload })
  }
  return destroyed.data
}

/** A guardian with the salt of its commitment. */
export type Guardian = { readonly wallet: Wallet; readonly salt: Uint8Array }

/** The citizen names guardians, two of whom are enough after two days. */
export async function nameGuardians(citizen: Party, guardians: readonly Guardian[]): Promise<void> {
  const commitments = guardians.map(({ wallet, salt }) => `0x${guardianCommitment(wallet.account, salt)}`)
  const payload = { did: citizen.wallet.address, threshold: 2, guardians: commitments, delaySec: 172_800 }
  await citizen.sender.send({ type: 'identity.recovery.set', payload })
}

/** The phone is gone: the office holds the DID, two guardians ask for a new key. Returns the wallet that the new key will be. */
export async function losePhone(city: City, citizen: Party, guardians: readonly Guardian[]): Promise<Uint8Array> {
  const { devnet, office } = city
  const did = citizen.wallet.address
  const hold = { did, reasonCode: 'LOST_DEVICE', guCode: '11440', caseCommit: `0x${randomBytes(32).toString('hex')}` }
  await office.sender.send({ type: 'identity.did.suspend', payload: hold })
  const seed = new Uint8Array(randomBytes(32))
  const [first, second] = guardians as [Guardian, Guardian]
  const added = newKey(devnet.chain, { did: citizen.wallet.account, keyId: 'k2', seed })
  const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`
  const newKeys = [{ ...added, pub: hex(added.pub), proof: added.proof === null ? null : hex(added.proof) }]
  await senderOf(devnet, first.wallet).send({ type: 'identity.recovery.start', payload: { did, salt: hex(first.salt), newKeys } })
  await senderOf(devnet, second.wallet).send({ type: 'identity.recovery.approve', payload: { did, salt: hex(second.salt) } })
  return seed
}
