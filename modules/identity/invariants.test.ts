import { describe, expect, it } from 'vitest'
import { kstDate } from '../../core/base/civil-time.ts'
import { createIdentityBench, hashOf, keyFor, runByCouncil, saltOf } from '../../test/identity-bench.ts'
import { accountOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { consentGrant } from './consent-grant.ts'
import { didSuspend } from './did-suspend.ts'
import { issuerAccredit } from './issuer-accredit.ts'
import { issuerPropose } from './issuer-propose.ts'
import { policyRegister } from './policy-register.ts'
import { guardianCommitment } from './recovery.ts'
import { recoverySet } from './recovery-set.ts'
import { recoveryStart } from './recovery-start.ts'
import { statusCreate } from './status-create.ts'
import {
  agendaDays,
  agendaItems,
  consents,
  dids,
  issuers,
  issuersByType,
  lives,
  pairwise,
  policies,
  recoveries,
  schemaHeads,
  statusPages,
  suspensions,
} from './store.ts'

const [alice, bob, guard, mapo, issuer, agency, pair] = ['alice', 'bob', 'guard1', 'mapo', 'issuer', 'agency', 'pair1'].map(
  accountOf,
)
const some = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('there is one')
  return value
}
const RECEIPT = hashOf(7)
const day = (city: RoomBench): number => kstDate(city.block().time)

// A city in which everything the invariants speak of stands once.
function bench(): RoomBench {
  const city = createIdentityBench()
  const did = some(alice)
  const policy = { did, threshold: 1, guardians: [guardianCommitment(some(guard), saltOf(1))], delaySec: 172_800 }
  city.run(recoverySet, { sender: did, payload: policy })
  const newKeys = [keyFor(city, did, { kid: 'n1', name: 'fresh' })]
  city.run(recoveryStart, { sender: some(guard), payload: { did, salt: saltOf(1), newKeys } })
  const hold = { did, reasonCode: 'FRAUD' as const, guCode: '11440', caseCommit: hashOf(1) }
  city.run(didSuspend, { sender: some(mapo), payload: hold })
  city.run(issuerPropose, { sender: some(issuer), payload: { orgCode: 'GU', types: ['T'], policyHash: hashOf(1) } })
  const accredited = { issuer: some(issuer), types: ['T'], assurance: 1, validUntil: 20271231 }
  runByCouncil(city, issuerAccredit, { sender: accountOf('cityhall'), payload: accredited })
  city.run(statusCreate, { sender: some(issuer), payload: { listId: 1n, purpose: 'REVOCATION' as const, size: 131_072 } })
  const asked = {
    policyId: 'P',
    purposeCode: 'AGE_CHECK',
    legalBasis: 'CONSENT' as const,
    predicates: [{ anyOf: [{ claim: 'age_ge_19', isTrue: true, value: null }] }],
    acceptedTypes: ['T'],
    minAssurance: 1,
    retentionDays: 1,
  }
  runByCouncil(city, policyRegister, { sender: some(agency), payload: asked })
  const consent = { receiptCommit: RECEIPT, policyId: 'P', verifier: some(agency), expiresOn: day(city) }
  city.run(consentGrant, { sender: some(pair), payload: { ...consent, holderAge: 'AGE_GE_14' as const } })
  expect(city.broken()).toEqual([])
  return city
}
const brokenBy = (change: (city: RoomBench) => void): readonly string[] => {
  const city = bench()
  change(city)
  return city.broken()
}

describe('the invariants of identity', () => {
  it('notice states that their log and records do not bear out', () => {
    const did = some(alice)
    expect(brokenBy((city) => suspensions.remove(city.view, did))).toEqual([
      `${did}: a suspension without its record or the reverse`,
    ])
    expect(brokenBy((city) => dids.set(city.view, did, { ...dids.mustGet(city.view, did), status: 'ACTIVE' }))).toEqual([
      `${did}: is ACTIVE, the log says otherwise`,
      `${did}: a suspension without its record or the reverse`,
    ])
    expect(brokenBy((city) => lives.set(city.view, did, { changes: 1, terminatedOn: 20261231 }))).toEqual([
      `${did}: a last day without termination or the reverse`,
    ])
    expect(brokenBy((city) => lives.set(city.view, did, { changes: 2, terminatedOn: null }))).toEqual([
      `${did}: 1 states are logged, 2 are counted`,
    ])
    expect(brokenBy((city) => suspensions.set(city.view, did, { byOwner: false, authority: null }))).toEqual([
      `${did}: nobody holds it suspended`,
    ])
  })

  it('notice what would never fall due', () => {
    expect(brokenBy((city) => agendaItems.remove(city.view, { day: 20261223, index: 0 }))).toEqual([
      `${alice}: its suspension would never lapse`,
      'agenda 20261223: 0 items stand, 1 are counted',
    ])
    const lost = brokenBy((city) => {
      agendaItems.remove(city.view, { day: day(city), index: 0 })
      agendaDays.remove(city.view, day(city))
    })
    expect(lost).toEqual([`consent ${RECEIPT}: would never expire`])
  })

  it('notice approvals by nobody’s guardians', () => {
    const did = some(alice)
    const forged = brokenBy((city) => {
      recoveries.set(city.view, did, { ...recoveries.mustGet(city.view, did), approvals: [hashOf(9)] })
    })
    expect(forged).toEqual([`${did}: a recovery approved by others than its guardians`])
  })

  it('notice issuers without decision or place in the index, schemas with gaps, bits beside their digest', () => {
    const did = some(issuer)
    const undecided = brokenBy((city) => issuers.set(city.view, did, { ...issuers.mustGet(city.view, did), decidedAt: null }))
    expect(undecided).toEqual([`${did}: ACCREDITED without a decision`])
    expect(brokenBy((city) => issuersByType.remove(city.view, 'T'))).toEqual([`T ${did}: accredited, but not listed`])
    const stranger = brokenBy((city) => issuersByType.set(city.view, 'T', { issuers: [did, some(bob)] }))
    expect(stranger).toEqual([`T: lists ${bob}, which is not accredited`])
    const gap = brokenBy((city) => schemaHeads.set(city.view, 'S', { latest: 1, keeper: did }))
    expect(gap).toEqual(['schema S: versions up to 1 do not stand'])
    const bits = new Uint8Array(256).fill(1)
    const page = { issuer: did, listId: 1n, page: 3 }
    expect(brokenBy((city) => statusPages.set(city.view, page, { bits }))).toEqual([
      `status list ${did}/0000000000000001: digest and bits differ`,
    ])
  })

  it('notice consents of a main DID, of a stranger to the verifier, or out of step', () => {
    const holder = some(pair)
    const main = brokenBy((city) => {
      const recovery = dids.mustGet(city.view, some(alice)).recovery
      dids.set(city.view, holder, { ...dids.mustGet(city.view, holder), recovery })
    })
    expect(main).toEqual([`${holder}: a pairwise DID with a recovery policy`])
    expect(brokenBy((city) => pairwise.remove(city.view, holder))).toEqual([
      `consent ${RECEIPT}: its holder is not bound to its verifier`,
    ])
    const early = brokenBy((city) =>
      consents.set(city.view, RECEIPT, { ...consents.mustGet(city.view, RECEIPT), status: 'DISPUTED' }),
    )
    expect(early).toEqual([`consent ${RECEIPT}: DISPUTED, but its steps say otherwise`])
    const undecided = brokenBy((city) => policies.set(city.view, 'P', { ...policies.mustGet(city.view, 'P'), decidedAt: 0 }))
    expect(undecided).toEqual(['policy P: stands without a decision'])
  })
})
