import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { kstMidnight } from '../../core/base/civil-time.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { codeOf, createIdentityBench, decide, hashOf, keyFor, runByCouncil, saltOf } from '../../test/identity-bench.ts'
import type { PayloadOf } from '../../test/identity-bench.ts'
import { accountOf, GENESIS_TIME, signerOf, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { mayAsk, PURPOSES } from './claims.ts'
import { consentGrant } from './consent-grant.ts'
import { consent, policy } from './consent-queries.ts'
import { consentWithdraw } from './consent-withdraw.ts'
import { didUpdate } from './did-update.ts'
import { erasureLog } from './erasure-log.ts'
import { issuerAccredit } from './issuer-accredit.ts'
import { issuerPropose } from './issuer-propose.ts'
import { policyRegister } from './policy-register.ts'
import { policyRetire } from './policy-retire.ts'
import { guardianCommitment } from './recovery.ts'
import { recoverySet } from './recovery-set.ts'
import { statusCreate } from './status-create.ts'
import { consents } from './store.ts'
import { verifyDispute } from './verify-dispute.ts'
import { verifyRecord } from './verify-record.ts'
import { verifyReview } from './verify-review.ts'

type Six = [Address, Address, Address, Address, Address, Address]
const [agency, agency2, reviewer, dpo, issuer, cityhall] = ['agency', 'agency2', 'reviewer', 'dpo', 'issuer', 'cityhall'].map(
  accountOf,
) as Six
const [pair1, pair2, pair3, parent, alice, company] = ['pair1', 'pair2', 'pair3', 'parent', 'alice', 'company'].map(
  accountOf,
) as Six
const RECEIPT = hashOf(0x11)

const all = (...claims: readonly string[]) => ({ anyOf: claims.map((claim) => ({ claim, isTrue: true, value: null })) })
// Youth allowance, profile of 2023 (domain.md 4.6).
const YOUTH: PayloadOf<typeof policyRegister> = {
  policyId: 'YOUTH-2026',
  purposeCode: 'YOUTH_ALLOWANCE',
  legalBasis: 'CONSENT',
  predicates: [
    all('age_ge_19'),
    { anyOf: [{ claim: 'age_ge_35', isTrue: false, value: null }] },
    all('resident_seoul'),
    all('income_le_150'),
    all('unemployed', 'weekly_hours_le_30', 'contract_le_3m'),
  ],
  acceptedTypes: ['SeoulResidentCredential', 'IncomeBandCredential'],
  minAssurance: 2,
  retentionDays: 1_825,
}
const register = (city: RoomBench, over: Partial<PayloadOf<typeof policyRegister>> = {}, sender = agency): Outcome =>
  runByCouncil(city, policyRegister, { sender, payload: { ...YOUTH, ...over } })
const retire = (city: RoomBench, sender = agency, policyId = 'YOUTH-2026'): Outcome =>
  city.run(policyRetire, { sender, payload: { policyId } })
const bench = (): RoomBench => {
  const city = createIdentityBench()
  expect(codeOf(register(city))).toBe(null)
  return city
}
type Grant = Partial<PayloadOf<typeof consentGrant>> & { sender?: Address; sponsor?: Address }
const grant = (city: RoomBench, { sender = pair1, sponsor, ...over }: Grant = {}): Outcome => {
  const plain = { receiptCommit: RECEIPT, policyId: 'YOUTH-2026', verifier: agency, expiresOn: 20261130, holderAge: 'AGE_GE_14' }
  const payload = { ...plain, ...over } as PayloadOf<typeof consentGrant>
  return city.run(consentGrant, { sender, payload, ...(sponsor === undefined ? {} : { sponsor }) })
}
const withdraw = (city: RoomBench, sender = pair1, receiptCommit: Hash32 = RECEIPT): Outcome =>
  city.run(consentWithdraw, { sender, payload: { receiptCommit } })
const record = (city: RoomBench, over: Partial<PayloadOf<typeof verifyRecord>> = {}, sender = agency): Outcome => {
  const checkedAt = city.block().time
  const plain = { receiptCommit: RECEIPT, outcome: 'PASS', policyVersion: 1, statusSeqs: [], checkedAt } as const
  return city.run(verifyRecord, { sender, payload: { ...plain, ...over } })
}
const dispute = (city: RoomBench, sender = pair1): Outcome =>
  city.run(verifyDispute, { sender, payload: { receiptCommit: RECEIPT, reasonCommit: hashOf(0x21) } })
const review = (city: RoomBench, sender = reviewer): Outcome =>
  city.run(verifyReview, { sender, payload: { receiptCommit: RECEIPT, outcome: 'PASS' as const, reasonCommit: hashOf(0x22) } })
const erase = (city: RoomBench, over: { sender?: Address; date?: number; receiptCommit?: Hash32 } = {}): Outcome => {
  const { sender = dpo, date = 20261123, receiptCommit = RECEIPT } = over
  return city.run(erasureLog, { sender, payload: { receiptCommit, action: 'VALUE_AND_SALT_DESTROYED' as const, date } })
}
const statusOf = (city: RoomBench): string | undefined => consents.get(city.view, RECEIPT)?.status
const asked = (city: RoomBench): unknown => city.ask(consent, { receiptCommit: `0x${RECEIPT}` })

describe('an application without documents', () => {
  it('is refused by a machine, disputed, and decided by a person', () => {
    const city = bench()
    expect(grant(city).events).toEqual([
      { name: 'identity.consentGranted', payload: { receiptCommit: RECEIPT, policyId: 'YOUTH-2026', verifier: agency } },
    ])
    city.advance(60_000)
    expect(record(city, { outcome: 'FAIL' }).events).toEqual([
      { name: 'identity.verificationRecorded', payload: { receiptCommit: RECEIPT, verifier: agency, outcome: 'FAIL' } },
    ])
    expect(dispute(city).events).toEqual([
      { name: 'identity.verificationDisputed', payload: { receiptCommit: RECEIPT, verifier: agency } },
    ])
    city.advanceTo(kstMidnight(20261125))
    expect(review(city).events).toEqual([
      { name: 'identity.verificationReviewed', payload: { receiptCommit: RECEIPT, by: reviewer, outcome: 'PASS' } },
    ])
    expect(asked(city)).toEqual({
      policyId: 'YOUTH-2026',
      policyVersion: 1,
      verifier: textOf('agency'),
      status: 'REVIEWED',
      grantedOn: 20261123,
      expiresOn: 20261130,
      outcome: { outcome: 'FAIL', checkedOn: 20261123, recordedOn: 20261123, statusSeqs: [] },
      dispute: { reasonCommit: `0x${hashOf(0x21)}`, disputedOn: 20261123 },
      review: { by: textOf('reviewer'), outcome: 'PASS', reasonCommit: `0x${hashOf(0x22)}`, reviewedOn: 20261125 },
    })
    expect(city.broken()).toEqual([])
  })

  it('leaves neither holder nor minute in what anyone can ask', () => {
    const city = bench()
    grant(city)
    city.advance(60_000)
    record(city)
    const text = JSON.stringify(asked(city))
    expect(text).not.toContain(textOf('pair1'))
    expect(text).not.toContain(String(GENESIS_TIME + 60_000))
  })
})

describe('identity.policy.register and retire', () => {
  it('puts a policy in force by decision of the council, and brings it back as its next version', () => {
    const city = createIdentityBench()
    const alone = city.run(policyRegister, { sender: agency, payload: YOUTH })
    expect(codeOf(alone)).toBe('GOVERNANCE_MANDATE_MISSING')
    expect(register(city).events).toEqual([
      { name: 'identity.policyRegistered', payload: { policyId: 'YOUTH-2026', version: 1, verifier: agency } },
    ])
    expect(retire(city).events).toEqual([{ name: 'identity.policyRetired', payload: { policyId: 'YOUTH-2026', version: 1 } }])
    expect(codeOf(register(city, { retentionDays: 30 }))).toBe(null)
    const versions = [null, 1, 2].map((version) => city.ask(policy, { policyId: 'YOUTH-2026', version }))
    expect(versions).toMatchObject([
      { version: 2, status: 'ACTIVE', retentionDays: 30 },
      { version: 1, status: 'RETIRED', retentionDays: 1_825 },
      { version: 2 },
    ])
    expect(city.broken()).toEqual([])
  })

  it('IDENTITY_POLICY_EXISTS: an active policy is retired first', () => {
    expect(codeOf(register(bench()))).toBe('IDENTITY_POLICY_EXISTS')
  })

  it('IDENTITY_POLICY_OVERREACH: asks for nothing that its purpose does not need', () => {
    const city = createIdentityBench()
    expect(codeOf(register(city, { predicates: [all('age_ge_14')] }))).toBe('IDENTITY_POLICY_OVERREACH')
    expect(codeOf(register(city, { purposeCode: 'MARKETING' }))).toBe('IDENTITY_POLICY_OVERREACH')
    expect(codeOf(register(city, { purposeCode: 'AUDIT_REQUEST' }))).toBe('IDENTITY_POLICY_OVERREACH')
    expect(PURPOSES.filter((purpose) => mayAsk(purpose, 'income_le_150'))).toEqual(['YOUTH_ALLOWANCE', 'INCOME_SUPPORT'])
  })

  it('IDENTITY_POLICY_INVALID: clauses with alternatives, types once, assurance 1 to 3', () => {
    const city = createIdentityBench()
    const bads = [
      { predicates: [] },
      { predicates: [{ anyOf: [] }] },
      { acceptedTypes: [] },
      { acceptedTypes: ['A', 'A'] },
      { minAssurance: 0 },
      { minAssurance: 4 },
    ]
    expect(bads.map((bad) => codeOf(register(city, bad)))).toEqual(bads.map(() => 'IDENTITY_POLICY_INVALID'))
  })

  it('IDENTITY_POLICY_UNKNOWN and IDENTITY_POLICY_INACTIVE: there, in force, of this verifier', () => {
    const city = bench()
    expect(codeOf(grant(city, { policyId: 'NOPE' }))).toBe('IDENTITY_POLICY_UNKNOWN')
    expect(city.ask(policy, { policyId: 'NOPE' })).toBe('IDENTITY_POLICY_UNKNOWN')
    expect(city.ask(policy, { policyId: 'YOUTH-2026', version: 2 })).toBe('IDENTITY_POLICY_UNKNOWN')
    expect(codeOf(grant(city, { verifier: agency2 }))).toBe('IDENTITY_POLICY_INACTIVE')
    retire(city)
    expect(codeOf(grant(city))).toBe('IDENTITY_POLICY_INACTIVE')
    expect(codeOf(retire(city))).toBe('IDENTITY_POLICY_INACTIVE')
  })

  it('is for verifiers, of their scope, and for the one whose policy it is', () => {
    const city = bench()
    expect(codeOf(register(city, { policyId: 'OTHER' }, agency2))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(register(city, { policyId: 'SURVEY-1' }, agency2))).toBe(null)
    expect(codeOf(retire(city, agency2))).toBe('IDENTITY_NOT_AUTHORIZED')
    retire(city, agency2, 'SURVEY-1')
    expect(codeOf(register(city, { policyId: 'SURVEY-1' }))).toBe('IDENTITY_NOT_AUTHORIZED')
    decide(city, { kind: 'roleRevoke', role: 'VERIFIER', did: agency, scope: null })
    expect(codeOf(retire(city))).toBe('IDENTITY_NOT_AUTHORIZED')
  })
})

describe('identity.consent.grant', () => {
  it('IDENTITY_CONSENT_EXISTS: a receipt stands once', () => {
    const city = bench()
    expect([grant(city), grant(city)].map(codeOf)).toEqual([null, 'IDENTITY_CONSENT_EXISTS'])
  })

  it('IDENTITY_GUARDIAN_CONSENT_REQUIRED: under 14 the guardian signs along', () => {
    const city = bench()
    const child = { holderAge: 'UNDER_14' } as const
    expect(codeOf(grant(city, child))).toBe('IDENTITY_GUARDIAN_CONSENT_REQUIRED')
    expect(codeOf(grant(city, { ...child, sponsor: pair1 }))).toBe('IDENTITY_GUARDIAN_CONSENT_REQUIRED')
    expect(codeOf(grant(city, { ...child, sponsor: agency }))).toBe('IDENTITY_GUARDIAN_CONSENT_REQUIRED')
    expect(codeOf(grant(city, { ...child, sponsor: parent }))).toBe(null)
    expect(JSON.stringify(consents.get(city.view, RECEIPT))).not.toContain('UNDER')
  })

  it('IDENTITY_NOT_PAIRWISE: no main DID, no organisation, no party, one verifier for each', () => {
    const city = bench()
    register(city, { policyId: 'SURVEY-1' }, agency2)
    const policyOf = { did: alice, threshold: 1, guardians: [guardianCommitment(parent, saltOf(1))], delaySec: 172_800 }
    city.run(recoverySet, { sender: alice, payload: policyOf })
    city.run(issuerPropose, { sender: pair3, payload: { orgCode: 'X', types: ['T'], policyHash: hashOf(1) } })
    for (const sender of [alice, company, agency, pair3]) expect(codeOf(grant(city, { sender }))).toBe('IDENTITY_NOT_PAIRWISE')
    expect(codeOf(grant(city))).toBe(null)
    expect(codeOf(grant(city, { receiptCommit: hashOf(0x12) }))).toBe(null)
    const elsewhere = { receiptCommit: hashOf(0x13), policyId: 'SURVEY-1', verifier: agency2 }
    expect(codeOf(grant(city, elsewhere))).toBe('IDENTITY_NOT_PAIRWISE')
    expect(codeOf(grant(city, { ...elsewhere, sender: pair2 }))).toBe(null)
    const proposal = { orgCode: 'X', types: ['T'], policyHash: hashOf(1) }
    expect(codeOf(city.run(issuerPropose, { sender: pair1, payload: proposal }))).toBe('IDENTITY_NOT_PAIRWISE')
    expect(codeOf(city.run(recoverySet, { sender: pair1, payload: { ...policyOf, did: pair1 } }))).toBe('IDENTITY_NOT_PAIRWISE')
    expect(city.broken()).toEqual([])
  })

  it('has a last day that exists and has not passed', () => {
    for (const expiresOn of [20261122, 20261131]) expect(codeOf(grant(bench(), { expiresOn }))).toBe('IDENTITY_DATE_INVALID')
    expect(codeOf(grant(bench(), { expiresOn: 20261123 }))).toBe(null)
  })
})

describe('the end of a consent', () => {
  it('comes by block time after its last day, unless it was used or withdrawn', () => {
    const city = bench()
    const [used, withdrawn] = [hashOf(0x31), hashOf(0x32)]
    grant(city)
    grant(city, { receiptCommit: used })
    grant(city, { receiptCommit: withdrawn })
    record(city, { receiptCommit: used })
    expect(withdraw(city, pair1, withdrawn).events).toEqual([
      { name: 'identity.consentWithdrawn', payload: { receiptCommit: withdrawn, verifier: agency } },
    ])
    city.advanceTo(kstMidnight(20261201) - 1)
    expect(statusOf(city)).toBe('GRANTED')
    expect(city.advance(1)).toEqual([{ name: 'identity.consentExpired', payload: { receiptCommit: RECEIPT, verifier: agency } }])
    expect([RECEIPT, used, withdrawn].map((receipt) => consents.mustGet(city.view, receipt).status)).toEqual([
      'EXPIRED',
      'FULFILLED',
      'WITHDRAWN',
    ])
    expect(city.broken()).toEqual([])
  })

  it('counts from the first moment of the next day even where the agenda is behind', () => {
    const city = bench()
    grant(city)
    const late = { ...city.block(), time: kstMidnight(20261201) }
    const payload = { receiptCommit: RECEIPT, outcome: 'PASS', policyVersion: 1, statusSeqs: [], checkedAt: late.time } as const
    const call = { payload, sender: agency, keyId: 'k1', sponsor: null, txId: hashOf(1), block: late }
    expect(verifyRecord.checkStateful(city.view, call)?.code).toBe('IDENTITY_CONSENT_MISSING')
  })

  it('is the holder’s to bring about, and only before use', () => {
    const city = bench()
    grant(city)
    expect(codeOf(withdraw(city, pair2))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(withdraw(city))).toBe(null)
    expect(codeOf(withdraw(city))).toBe('IDENTITY_STATE_INVALID')
  })
})

describe('identity.verify.record', () => {
  it('IDENTITY_CONSENT_MISSING: never given, withdrawn or expired', () => {
    const city = bench()
    expect([record(city), withdraw(city), dispute(city), review(city), erase(city)].map(codeOf)).toEqual(
      Array(5).fill('IDENTITY_CONSENT_MISSING'),
    )
    expect(asked(city)).toBe('IDENTITY_CONSENT_MISSING')
    grant(city)
    withdraw(city)
    expect(codeOf(record(city))).toBe('IDENTITY_CONSENT_MISSING')
    const later = bench()
    grant(later)
    later.advanceTo(kstMidnight(20261201))
    expect(codeOf(record(later))).toBe('IDENTITY_CONSENT_MISSING')
  })

  it('IDENTITY_CONSENT_REPLAY: a consent serves once, whatever came of it', () => {
    const city = bench()
    grant(city)
    record(city, { outcome: 'ERROR' })
    expect(codeOf(record(city))).toBe('IDENTITY_CONSENT_REPLAY')
    dispute(city)
    expect(codeOf(record(city))).toBe('IDENTITY_CONSENT_REPLAY')
    review(city)
    expect(codeOf(record(city))).toBe('IDENTITY_CONSENT_REPLAY')
  })

  it('is the verifier’s, under the version consented to, about what was there to see', () => {
    const city = bench()
    grant(city)
    expect(codeOf(record(city, {}, agency2))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(record(city, { policyVersion: 2 }))).toBe('IDENTITY_VERSION_CONFLICT')
    expect(codeOf(record(city, { checkedAt: city.block().time + 1 }))).toBe('IDENTITY_DATE_INVALID')
    expect(codeOf(record(city, { checkedAt: kstMidnight(20261123) - 1 }))).toBe('IDENTITY_DATE_INVALID')
    const listed = { issuer, listId: 1n, seq: 0n }
    expect(codeOf(record(city, { statusSeqs: [listed] }))).toBe('IDENTITY_STATUS_UNKNOWN')
    city.run(issuerPropose, { sender: issuer, payload: { orgCode: 'X', types: ['T'], policyHash: hashOf(1) } })
    const accredited = { issuer, types: ['T'], assurance: 1, validUntil: 20271231 }
    runByCouncil(city, issuerAccredit, { sender: cityhall, payload: accredited })
    city.run(statusCreate, { sender: issuer, payload: { listId: 1n, purpose: 'REVOCATION' as const, size: 131_072 } })
    expect(codeOf(record(city, { statusSeqs: [{ ...listed, seq: 1n }] }))).toBe('IDENTITY_STATUS_SEQ')
    expect(codeOf(record(city, { statusSeqs: [listed] }))).toBe(null)
  })

  it('stands under a policy that was retired after the consent, by a verifier still in office', () => {
    const city = bench()
    grant(city)
    retire(city)
    decide(city, { kind: 'roleRevoke', role: 'VERIFIER', did: agency, scope: null })
    expect(codeOf(record(city))).toBe('IDENTITY_NOT_AUTHORIZED')
    decide(city, { kind: 'roleGrant', role: 'VERIFIER', did: agency, scope: 'YOUTH-2026', validFrom: null, validUntil: null })
    expect(codeOf(record(city))).toBe(null)
  })
})

describe('identity.verify.dispute and review', () => {
  it('follow an outcome, by the holder and by a reviewer of the policy', () => {
    const city = bench()
    grant(city)
    expect([dispute(city), review(city)].map(codeOf)).toEqual(Array(2).fill('IDENTITY_STATE_INVALID'))
    record(city, { outcome: 'FAIL' })
    expect(codeOf(review(city))).toBe('IDENTITY_STATE_INVALID')
    expect(codeOf(dispute(city, pair2))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(dispute(city))).toBe(null)
    expect([review(city, agency2), review(city, dpo)].map(codeOf)).toEqual(Array(2).fill('IDENTITY_NOT_AUTHORIZED'))
    expect([review(city), review(city), dispute(city)].map(codeOf)).toEqual([
      null,
      'IDENTITY_STATE_INVALID',
      'IDENTITY_STATE_INVALID',
    ])
  })

  it('IDENTITY_REVIEW_NOT_HUMAN: neither the agency’s DID nor one with a key of it', () => {
    const city = bench()
    grant(city)
    record(city, { outcome: 'FAIL' })
    dispute(city)
    expect(codeOf(review(city, agency))).toBe('IDENTITY_REVIEW_NOT_HUMAN')
    const add = [keyFor(city, reviewer, { kid: 'machine', name: 'agency', rel: 2 })]
    const change = { did: reviewer, prevVersionId: 1, add, revoke: [], relations: [], services: null, controller: null }
    expect(codeOf(city.run(didUpdate, { sender: reviewer, payload: change }))).toBe(null)
    expect(codeOf(review(city))).toBe('IDENTITY_REVIEW_NOT_HUMAN')
    expect(toHex(add[0]?.pub ?? fromHex(''))).toBe(toHex(signerOf('agency').publicKey))
  })
})

describe('identity.erasure.log', () => {
  it('tells of a destruction and writes nothing', () => {
    const city = bench()
    grant(city)
    const before = city.view.diff()
    expect(erase(city).events).toEqual([
      {
        name: 'identity.erasureLogged',
        payload: { receiptCommit: RECEIPT, by: dpo, action: 'VALUE_AND_SALT_DESTROYED', date: 20261123 },
      },
    ])
    expect(city.view.diff()).toEqual(before)
  })

  it('is for privacy officers, about days since the consent', () => {
    const city = bench()
    grant(city)
    expect(codeOf(erase(city, { sender: agency }))).toBe('IDENTITY_NOT_AUTHORIZED')
    for (const date of [20261122, 20261124, 20261199]) expect(codeOf(erase(city, { date }))).toBe('IDENTITY_DATE_INVALID')
  })
})
