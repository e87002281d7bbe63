// Owns: that the acts of an allowance without documents refuse everything that is not as it must be, each reason once.
// Not here: the story on a devnet (test/e2e/examples.test.ts), the form of credentials (sdk/identity).
import { beforeAll, describe, expect, test } from 'vitest'
import { createSender } from '../sdk/sender.ts'
import { trustFromGenesis } from '../sdk/trust.ts'
import { createWallet } from '../sdk/wallet.ts'
import type { Client } from '../sdk/client.ts'
import { judgePresentation, recordOutcome } from '../sdk/identity/check.ts'
import type { CheckCode, CheckInput } from '../sdk/identity/check.ts'
import { fetchFacts } from '../sdk/identity/check-facts.ts'
import type { CheckFacts } from '../sdk/identity/check-facts.ts'
import { consentTo, fetchPolicy, planPresentation, present } from '../sdk/identity/holder.ts'
import type { Presentation } from '../sdk/identity/presentation.ts'
import { readProven } from '../sdk/identity/proven-state.ts'
import { issueCredential } from '../sdk/identity/sd-jwt-vc.ts'
import { decodeStatusBits, fetchStatusList } from '../sdk/identity/status.ts'
import { holdCredential, keyFor } from '../sdk/identity/wallet-data.ts'
import type { WalletData } from '../sdk/identity/wallet-data.ts'
import { createRollDesk, requestRollEntry } from '../sdk/vote/eligibility.ts'
import { createElectionKey } from '../sdk/vote/voter.ts'
import { dids } from '../modules/identity/store.ts'
import { openTinyClient } from '../test/helpers/identity-node.ts'
import { createTinyChain } from '../test/helpers/tiny-chain.ts'
import type { Devnet } from './devnet-access.ts'
import {
  apply,
  askHolder,
  fetchCredential,
  foundCity,
  INCOME,
  meetAgency,
  nowSec,
  openWallet,
  RESIDENT,
} from './document-less.ts'
import type { City } from './document-less.ts'
import { createParty, senderOf } from './city-acts.ts'

const tiny = createTinyChain()
const trust = trustFromGenesis(tiny.genesisJson)
const lies: { current: ((method: string, answer: unknown) => unknown) | null } = { current: null }
const client: Client = openTinyClient(tiny, (method, answer) => (lies.current === null ? answer : lies.current(method, answer)))
const wallet = (name: string) => createWallet({ seed: tiny.account(name).seed, keyId: 'k1', network: 'devnet' })
const senders = new Map<string, ReturnType<typeof createSender>>()
const devnet: Devnet = {
  dir: '',
  chain: tiny.chain,
  genesisJson: tiny.genesisJson,
  nodes: () => [],
  client: () => client,
  wallet,
  sender: (name) => {
    const sender = senders.get(name) ?? createSender({ client, chain: tiny.chain, wallet: wallet(name) })
    senders.set(name, sender)
    return sender
  },
  close: () => undefined,
}

const RESIDENCY = { age_ge_14: true, age_ge_18: true, age_ge_19: true, age_ge_30: false, age_ge_35: false, resident_seoul: true }
const EARNINGS = { income_le_100: true, income_le_150: true, unemployed: true, weekly_hours_le_30: true }

let city: City
let data: WalletData
let shown: { facts: CheckFacts; input: CheckInput }

/** A presentation that is consented to and not judged yet. */
async function prepare(held: WalletData): Promise<{ facts: CheckFacts; input: CheckInput }> {
  const request = await askHolder(city)
  const audience = city.agency.wallet.did
  const { key } = keyFor(tiny.chain, held, audience)
  const plan = await planPresentation(held, await fetchPolicy(city.source, request), audience)
  const consenting = consentTo(tiny.chain, { request, plan, holder: key, expiresOn: 20261231 })
  const { height } = await senderOf(devnet, key).send(consenting.action)
  const at = await nowSec(city)
  const salt = new Uint8Array(Buffer.from(consenting.receipt.salt, 'base64url'))
  const presentation = await present({ request, plan, holder: key, receipt: { ...consenting.receipt, height }, salt, at })
  return { facts: await fetchFacts(city.source, { request, presentation }), input: { request, presentation, at } }
}

beforeAll(async () => {
  city = await foundCity(devnet, trust)
  city = { ...city, source: { ...city.source, nowMs: () => Number.NEGATIVE_INFINITY } }
  data = await meetAgency(city, openWallet(city))
  data = await fetchCredential(city, data, { vct: RESIDENT, claims: RESIDENCY, index: 11 })
  data = await fetchCredential(city, data, { vct: INCOME, claims: EARNINGS, index: 12 })
  shown = await prepare(data)
})

async function codesOf(facts: Partial<CheckFacts>, input: Partial<CheckInput> = {}): Promise<readonly [string, ...CheckCode[]]> {
  const { outcome, reasons } = await judgePresentation({ ...shown.facts, ...facts }, { ...shown.input, ...input })
  return [outcome, ...new Set(reasons.map(({ code }) => code))]
}

const changed = (change: Partial<Presentation>): Partial<CheckInput> => ({
  presentation: { ...shown.input.presentation, ...change },
})

describe('a presentation', () => {
  test('passes with the least disclosed, and its outcome is recorded once', async () => {
    expect(await codesOf({})).toEqual(['PASS'])
    const result = await judgePresentation(shown.facts, shown.input)
    expect(result.claims).toEqual({
      age_ge_19: true,
      age_ge_35: false,
      income_le_150: true,
      resident_seoul: true,
      unemployed: true,
    })
    expect(result.statusSeqs.map(({ seq }) => seq)).toEqual([0n])
    const recorded = await city.agency.sender.send(recordOutcome(result))
    expect(recorded.receipt.code).toBe(0)
    const after = await fetchFacts(city.source, shown.input)
    expect(await codesOf(after)).toEqual(['ERROR', 'CONSENT_MISSING'])
    await expect(city.agency.sender.send(recordOutcome(result))).rejects.toThrow('failed with code 565')
  })

  test('holds nothing that its claims would not say: no key of another audience, no undisclosed claim', async () => {
    const text = JSON.stringify(shown.input.presentation.credentials)
    const opened = Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('utf8')
    expect(opened).not.toContain('age_ge_18')
    const other = keyFor(tiny.chain, data, 'did:seoul:other').key
    expect(text).not.toContain(Buffer.from(other.publicKey).toString('base64url'))
  })

  test('is not taken for another policy, after its time, or without its consent', async () => {
    expect(await codesOf({ policy: null })).toEqual(['ERROR', 'POLICY_UNKNOWN'])
    expect(await codesOf({}, changed({ policyVersion: 2 }))).toEqual(['ERROR', 'REQUEST_MISMATCH'])
    expect(await codesOf({ consent: null })).toEqual(['ERROR', 'CONSENT_MISSING'])
    const consent = shown.facts.consent as NonNullable<CheckFacts['consent']>
    expect(await codesOf({ consent: { ...consent, status: 'WITHDRAWN' } })).toEqual(['ERROR', 'CONSENT_MISSING'])
    expect(await codesOf({ consent: { ...consent, holder: city.office.wallet.account } })).toEqual(['ERROR', 'CONSENT_MISSING'])
    expect(await codesOf({}, changed({ salt: new Uint8Array(32) }))).toEqual(['ERROR', 'RECEIPT_MISMATCH'])
    const late = await codesOf({}, { at: shown.input.request.expiresAt })
    expect(late).toEqual(['ERROR', 'REQUEST_ENDED', 'CREDENTIAL_BINDING'])
  })

  test('is not taken by another agency or for another nonce', async () => {
    const { request } = shown.input
    expect(await codesOf({}, { request: { ...request, verifier: city.office.wallet.did } })).toEqual([
      'ERROR',
      'CREDENTIAL_BINDING',
    ])
    expect(await codesOf({}, { request: { ...request, nonce: 'another' } })).toEqual(['ERROR', 'CREDENTIAL_BINDING'])
  })

  test('is not taken with a word of it changed, removed or added', async () => {
    const [first, second] = shown.input.presentation.credentials as [string, string]
    const parts = first.split('~')
    const without = [...parts.slice(0, 1), ...parts.slice(2)].join('~')
    expect(await codesOf({}, changed({ credentials: [without, second] }))).toEqual(['ERROR', 'CREDENTIAL_BINDING'])
    const lie = Buffer.from(JSON.stringify(['c2FsdA', 'age_ge_19', true])).toString('base64url')
    expect(await codesOf({}, changed({ credentials: [[parts[0], lie, ...parts.slice(1)].join('~'), second] }))).toEqual([
      ...['ERROR', expect.stringMatching(/CREDENTIAL_(BINDING|MALFORMED)/)],
    ])
    const [head, body, signature] = (parts[0] ?? '').split('.') as [string, string, string]
    const forged = [`${head}.${body}.${signature.slice(0, -4)}AAAA`, ...parts.slice(1)].join('~')
    expect(await codesOf({}, changed({ credentials: [forged, second] }))).toEqual(['ERROR', 'CREDENTIAL_SIGNATURE'])
    expect(await codesOf({}, changed({ credentials: ['garbage', second] }))).toEqual(['ERROR', 'CREDENTIAL_MALFORMED'])
  })

  test('is not taken from whoever does not hold the key of the consent’s DID', async () => {
    expect(await codesOf({ holderKeys: [] })).toEqual(['ERROR', 'HOLDER_UNBOUND'])
    expect(await codesOf({ holderKeys: [city.office.wallet.publicKey] })).toEqual(['ERROR', 'HOLDER_UNBOUND'])
  })

  test('is worth what its issuer is worth', async () => {
    const as = (change: object) => ({ issuers: shown.facts.issuers.map((one) => ({ ...one, ...change })) })
    expect(await codesOf(as({ key: null }))).toEqual(['ERROR', 'ISSUER_KEY_UNKNOWN'])
    expect(await codesOf(as({ key: city.agency.wallet.publicKey }))).toEqual(['ERROR', 'CREDENTIAL_SIGNATURE'])
    expect(await codesOf(as({ standing: 'INVALID' }))).toEqual(['FAIL', 'ISSUER_INVALID'])
    expect(await codesOf(as({ standing: 'VERIFIER_POLICY' }))).toEqual(['FAIL', 'ISSUER_SUSPENDED'])
    expect(await codesOf(as({ standing: 'VERIFIER_POLICY' }), { acceptSuspendedIssuers: true })).toEqual(['PASS'])
    expect(await codesOf(as({ assurance: 1 }))).toEqual(['FAIL', 'ASSURANCE_LOW'])
  })

  test('is worth nothing once revoked or suspended, or where that cannot be seen', async () => {
    const [list] = shown.facts.lists
    const bits = new Uint8Array(16_384)
    bits[1] = 0x10
    const with11 = [{ ...list, bits }] as unknown as CheckFacts['lists']
    expect(await codesOf({ lists: with11 })).toEqual(['FAIL', 'REVOKED'])
    expect(await codesOf({ lists: with11.map((one) => ({ ...one, purpose: 'SUSPENSION' as const })) })).toEqual([
      'FAIL',
      'SUSPENDED',
    ])
    expect(await codesOf({ lists: [] })).toEqual(['FAIL', 'STATUS_MISSING'])
  })

  test('is worth nothing for a policy that it does not meet', async () => {
    const policy = shown.facts.policy as NonNullable<CheckFacts['policy']>
    expect(await codesOf({ policy: { ...policy, acceptedTypes: [RESIDENT] } })).toEqual(['FAIL', 'TYPE_REFUSED'])
    const asked = { claim: 'age_ge_30', isTrue: true, value: null }
    expect(await codesOf({ policy: { ...policy, predicates: [{ anyOf: [asked] }] } })).toEqual(['FAIL', 'CLAIM_UNMET'])
    expect(await codesOf({ maxAgeDays: 0 })).toEqual(['FAIL', 'CREDENTIAL_EXPIRED'])
  })

  test('of two credentials that disagree is not taken', async () => {
    const { office, agency } = city
    const at = await nowSec(city)
    const audience = agency.wallet.did
    const { key } = keyFor(tiny.chain, data, audience)
    const issuer = { did: office.wallet.did, keyId: 'k1', sign: office.wallet.sign }
    const order = {
      issuer,
      vct: INCOME,
      holderKey: key.publicKey,
      status: { list: '1', idx: 13 },
      issuedAt: at,
      expiresAt: at + 9_999,
    }
    const compact = await issueCredential({ ...order, claims: { ...EARNINGS, age_ge_19: false, resident_seoul: false } })
    const { facts, input } = await prepare(holdCredential(data, { audience, vct: INCOME, issuer: office.wallet.did, compact }))
    const { claims } = await judgePresentation(facts, input)
    expect(claims['age_ge_19']).toBe(true)
    const { presentCredential } = await import('../sdk/identity/sd-jwt-vc.ts')
    const binding = { audience: input.request.verifier, nonce: input.request.nonce, at: input.at }
    const liar = await presentCredential(compact, { disclose: ['age_ge_19'], binding, sign: key.sign })
    const [home] = input.presentation.credentials as [string]
    const both = { ...input, presentation: { ...input.presentation, credentials: [home, liar] } }
    const { reasons } = await judgePresentation(await fetchFacts(city.source, both), both)
    expect(reasons.map(({ code }) => code)).toContain('CLAIM_CONFLICT')
  })
})

describe('a whole application', () => {
  test('of someone who lacks a claim is refused, and the record says FAIL', async () => {
    let poor = await meetAgency(city, openWallet(city))
    poor = await fetchCredential(city, poor, { vct: RESIDENT, claims: { ...RESIDENCY, resident_seoul: false }, index: 21 })
    const { result, recorded, shown: names } = await apply(city, poor)
    expect(result.outcome).toBe('FAIL')
    expect(result.reasons.map(({ code }) => code)).toEqual(['CLAIM_UNMET', 'CLAIM_UNMET', 'CLAIM_UNMET'])
    expect(names).toEqual(['age_ge_19', 'age_ge_35', 'resident_seoul'])
    expect(recorded.receipt.code).toBe(0)
  })
})

describe('a node that lies', () => {
  const tell = async (twist: (method: string, answer: unknown) => unknown, act: () => Promise<unknown>): Promise<unknown> => {
    lies.current = twist
    try {
      return await act().then(
        () => 'believed',
        (error: { code?: string }) => error.code ?? String(error),
      )
    } finally {
      lies.current = null
    }
  }
  type ProofAnswer = { value: Record<string, string> }

  test('about a record, its proof or its header is refused', async () => {
    const act = () => fetchFacts(city.source, shown.input)
    expect(await tell((_method, answer) => answer, act)).toBe('believed')
    for (const part of ['value', 'existence', 'header', 'commit']) {
      const flip = (method: string, answer: unknown): unknown => {
        const text = method === 'state_getProof' ? (answer as ProofAnswer).value[part] : undefined
        if (text === undefined || text === null) return answer
        const at = text.length - 2
        const flipped = `${text.slice(0, at)}${text.slice(at) === '00' ? '01' : '00'}`
        return { ...(answer as object), value: { ...(answer as ProofAnswer).value, [part]: flipped } }
      }
      expect(await tell(flip, act), part).toMatch(/PROOF_REFUSED|CodecError/)
    }
  })

  test('about the bits of a status list is refused', async () => {
    const key = { issuer: city.office.wallet.account, listId: 1n }
    const twist = (method: string, answer: unknown): unknown => {
      if (method !== 'identity_statusList') return answer
      const { value } = answer as { value: { bits: string } }
      return { ...(answer as object), value: { ...value, bits: value.bits.replace('0x00', '0x01') } }
    }
    expect(await tell(twist, () => fetchStatusList(city.source, key))).toBe('STATUS_REFUSED')
    expect((await fetchStatusList(city.source, key)).bits.length).toBe(16_384)
    await expect(fetchStatusList(city.source, { ...key, listId: 9n })).rejects.toMatchObject({ code: 'STATUS_UNKNOWN' })
    expect((await decodeStatusBits('uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA')).length).toBe(16_384)
  })

  test('by showing an old state is refused', async () => {
    const late = { ...city.source, nowMs: () => 9_000_000_000_000 }
    const { account } = city.office.wallet
    await expect(readProven(late, (view) => dids.get(view, account))).rejects.toMatchObject({ code: 'STATE_STALE' })
  })
})

test('a party is a DID with one key, by whom the council can be bound', async () => {
  const { wallet: party } = await createParty(devnet)
  const { value } = await readProven(city.source, (view) => dids.get(view, party.account))
  expect(value?.keys.map(({ kid, rel }) => [kid, rel])).toEqual([['k1', 11]])
})

test('what passes brings an election key to a roll, on which nothing leads to the holder; what does not pass brings none', async () => {
  const poll = { pollId: 'park-2027', eh: '27'.repeat(32) }
  const { key: holder } = keyFor(tiny.chain, data, city.agency.wallet.did)
  const { request } = shown.input
  const given = requestRollEntry({ ...poll, secret: createElectionKey().secret, request, holder })
  const desk = createRollDesk(poll)
  const admit = async (facts: CheckFacts): Promise<void> =>
    desk.admit(given, { request, facts, check: await judgePresentation(facts, shown.input), person: 'resident-1' })
  await expect(admit({ ...shown.facts, consent: null })).rejects.toMatchObject({ code: 'ROLL_NOT_ELIGIBLE' })
  await expect(admit({ ...shown.facts, holderKeys: [] })).rejects.toMatchObject({ code: 'ROLL_NOT_ELIGIBLE' })
  await admit(shown.facts)
  await expect(admit(shown.facts)).rejects.toMatchObject({ code: 'ROLL_PERSON_TWICE' })
  const batch = desk.takeBatch()?.payload
  expect(batch?.voters.map(({ key }) => Buffer.from(key).toString('hex'))).toEqual([given.key])
  expect(JSON.stringify(batch)).not.toContain(holder.did)
})
