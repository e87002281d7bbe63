import { describe, expect, it } from 'vitest'
import { DAY_MS, kstMidnight } from '../../core/base/civil-time.ts'
import { fromHex } from '../../core/base/bytes.ts'
import { isFailure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { AGENDA_STEPS_MAX } from '../../core/execution/agenda.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../../core/chain/transaction.ts'
import { encode } from '../../core/codec/schema.ts'
import { formatDid, NETWORKS } from '../../core/crypto/address.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { applyTransaction } from '../../core/execution/apply.ts'
import { checkStatelessly } from '../../core/execution/check.ts'
import { codeOf, createIdentityBench, decide, hashOf, keyFor } from '../../test/identity-bench.ts'
import type { PayloadOf } from '../../test/identity-bench.ts'
import { accountOf, GENESIS_TIME, signerOf, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { scheduleItem } from './agenda.ts'
import { didDeactivate } from './did-deactivate.ts'
import { didResume } from './did-resume.ts'
import { didRotate } from './did-rotate.ts'
import { didSuspend } from './did-suspend.ts'
import { didTerminate } from './did-terminate.ts'
import { didUpdate } from './did-update.ts'
import { findKey, findPastKey, readDid } from './keeper.ts'
import { statusAt } from './life.ts'
import { getKeys, history, resolve } from './queries.ts'
import { dids, suspensions } from './store.ts'

const [alice, bob, mapo, jongno, company, cityhall] = ['alice', 'bob', 'mapo', 'jongno', 'company', 'cityhall'].map(
  accountOf,
) as [Address, Address, Address, Address, Address, Address]
const bench = createIdentityBench
const CASE = hashOf(0xca)
const suspend = (city: RoomBench, sender: Address, over: Partial<PayloadOf<typeof didSuspend>> = {}): Outcome => {
  const office = sender === mapo ? { guCode: '11440', caseCommit: CASE } : { guCode: null, caseCommit: null }
  return city.run(didSuspend, { sender, payload: { did: alice, reasonCode: 'LOST_DEVICE' as const, ...office, ...over } })
}
const resume = (city: RoomBench, sender: Address, over: Partial<PayloadOf<typeof didResume>> = {}): Outcome =>
  city.run(didResume, { sender, payload: { did: alice, guCode: '11440', caseCommit: CASE, ...over } })
const end = (city: RoomBench, sender: Address, over: Partial<PayloadOf<typeof didDeactivate>> = {}): Outcome => {
  const plain = { did: alice, reasonCode: 'OWNER_REQUEST', guCode: null, caseCommit: null } as const
  return city.run(didDeactivate, { sender, payload: { ...plain, ...over } })
}
const terminate = (city: RoomBench, over: { did?: Address; sender?: Address; terminationDate?: number } = {}): Outcome => {
  const { sender = cityhall, did = company, terminationDate = 20261231 } = over
  return city.run(didTerminate, { sender, payload: { did, terminationDate } })
}
const closeCompany = (city: RoomBench): Outcome => end(city, company, { did: company })
const statusOf = (city: RoomBench): string | undefined => readDid(city.view, alice)?.status

describe('identity.did.suspend', () => {
  it('stops every key at once, without a new version, and stays in the log', () => {
    const city = bench()
    city.advance(5_000)
    const { events } = suspend(city, alice)
    expect(events).toEqual([
      {
        name: 'identity.didStatusChanged',
        payload: { did: alice, versionId: 1, status: 'SUSPENDED', reasonCode: 'LOST_DEVICE' },
      },
    ])
    expect(findKey(city.view, alice, 'k1')?.live).toBe(false)
    expect(readDid(city.view, alice)).toMatchObject({ versionId: 1, status: 'SUSPENDED' })
    expect([statusAt(city.view, alice, GENESIS_TIME + 4_999), statusAt(city.view, alice, GENESIS_TIME + 5_000)]).toEqual([
      'ACTIVE',
      'SUSPENDED',
    ])
    expect(city.broken()).toEqual([])
  })

  it('by its owner lasts until an office resumes', () => {
    const city = bench()
    suspend(city, alice)
    for (let day = 0; day < 40; day++) city.advance(DAY_MS)
    expect(statusOf(city)).toBe('SUSPENDED')
    expect(codeOf(resume(city, mapo))).toBe(null)
    expect(statusOf(city)).toBe('ACTIVE')
  })

  it('by an office lapses after identity.suspend.maxDays, by block time', () => {
    const city = bench()
    suspend(city, mapo, { reasonCode: 'FRAUD' })
    expect(suspensions.mustGet(city.view, alice).authority).toMatchObject({ by: mapo, guCode: '11440', lastsUntil: 20261223 })
    city.advanceTo(kstMidnight(20261224) - 1)
    expect(statusOf(city)).toBe('SUSPENDED')
    const events = city.advance(1)
    expect(events).toEqual([
      { name: 'identity.didStatusChanged', payload: { did: alice, versionId: 1, status: 'ACTIVE', reasonCode: 'LAPSED' } },
    ])
    expect(findKey(city.view, alice, 'k1')?.live).toBe(true)
    expect(city.broken()).toEqual([])
  })

  it('can be renewed by the office, and then lasts from the renewal', () => {
    const city = bench()
    suspend(city, mapo, { reasonCode: 'COURT' })
    city.advanceTo(kstMidnight(20261220))
    expect(codeOf(suspend(city, mapo, { reasonCode: 'COURT' }))).toBe(null)
    city.advanceTo(kstMidnight(20261224))
    expect(statusOf(city)).toBe('SUSPENDED')
    expect(suspensions.mustGet(city.view, alice).authority).toMatchObject({ since: GENESIS_TIME, lastsUntil: 20270119 })
    city.advanceTo(kstMidnight(20270120))
    expect(statusOf(city)).toBe('ACTIVE')
  })

  it('of the owner outlives the one of an office', () => {
    const city = bench()
    suspend(city, alice)
    suspend(city, mapo)
    city.advanceTo(kstMidnight(20261224))
    expect(statusOf(city)).toBe('SUSPENDED')
    expect(suspensions.mustGet(city.view, alice)).toEqual({ byOwner: true, authority: null })
    expect(city.broken()).toEqual([])
  })

  it('takes the days that the city has set', () => {
    const city = bench()
    decide(city, {
      kind: 'paramSet',
      key: 'identity.suspend.maxDays',
      effectiveFrom: 20261124,
      value: { kind: 'number', value: 7n },
      sourceRef: 'test',
    })
    city.advanceTo(kstMidnight(20261124))
    suspend(city, mapo)
    expect(suspensions.mustGet(city.view, alice).authority?.lastsUntil).toBe(20261201)
  })

  it('lapses in bounded steps per block, in the order of the suspensions', () => {
    const city = bench()
    for (let i = 0; i < 2 * AGENDA_STEPS_MAX; i++) {
      scheduleItem(city.view, { day: 20261223, item: { kind: 'suspension', did: bob }, block: city.block() })
    }
    suspend(city, mapo)
    city.advanceTo(kstMidnight(20261224))
    city.advance(1)
    expect(statusOf(city)).toBe('SUSPENDED')
    expect(city.advance(1).map(({ name }) => name)).toEqual(['identity.didStatusChanged'])
    expect(statusOf(city)).toBe('ACTIVE')
    expect([...city.scan('identity/agenda')].map(([key]) => key)).toEqual(['identity/agendaCursor'])
  })

  it('IDENTITY_NOT_AUTHORIZED: strangers, offices of another gu, keys without purpose 8', () => {
    const city = bench()
    expect(codeOf(suspend(city, bob))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(suspend(city, mapo, { guCode: '11110' }))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(suspend(city, mapo, { guCode: null }))).toBe('IDENTITY_NOT_AUTHORIZED')
    const weak = [{ kid: 'k1', rel: 1 }]
    const change = { did: alice, prevVersionId: 1, add: [keyFor(city, alice, { kid: 'k2', name: 'alice2' })], revoke: [] }
    city.run(didUpdate, { sender: alice, payload: { ...change, relations: weak, services: null, controller: null } })
    expect(codeOf(suspend(city, alice))).toBe('IDENTITY_NOT_AUTHORIZED')
    decide(city, { kind: 'roleRevoke', role: 'REG_AUTH', did: mapo, scope: '11440' })
    expect(codeOf(suspend(city, mapo))).toBe('IDENTITY_NOT_AUTHORIZED')
  })

  it('IDENTITY_CASE_MISSING: an office commits to its case', () => {
    expect(codeOf(suspend(bench(), mapo, { caseCommit: null }))).toBe('IDENTITY_CASE_MISSING')
  })

  it('IDENTITY_STATE_INVALID: the owner suspends what is ACTIVE, an office resumes what is SUSPENDED', () => {
    const city = bench()
    expect(codeOf(resume(city, mapo))).toBe('IDENTITY_STATE_INVALID')
    suspend(city, alice)
    expect(codeOf(suspend(city, alice))).toBe('IDENTITY_STATE_INVALID')
    expect(codeOf(resume(city, mapo, { guCode: '11110' }))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(resume(city, mapo, { caseCommit: null }))).toBe('IDENTITY_CASE_MISSING')
    expect(codeOf(resume(city, jongno, { guCode: '11110' }))).toBe(null)
  })
})

describe('a suspended DID', () => {
  it('keeps its document, with the state in the metadata of now and of any time', () => {
    const city = bench()
    city.advance(10_000)
    suspend(city, mapo)
    city.advance(10_000)
    resume(city, mapo)
    const at = (versionTime: string): unknown => city.ask(resolve, { did: textOf('alice'), versionTime })
    const states = ['2026-11-23T00:00:09Z', '2026-11-23T00:00:10Z', '2026-11-23T00:00:20Z'].map(at)
    expect(states).toMatchObject(
      ['ACTIVE', 'SUSPENDED', 'ACTIVE'].map((status) => ({
        didDocument: { verificationMethod: [{ type: 'Multikey' }] },
        didDocumentMetadata: { status, deactivated: false, versionId: '1' },
      })),
    )
  })

  it('passes no envelope: its keys are not live until an office resumes it', () => {
    const city = bench()
    const send = (nonce: bigint): unknown => {
      const payload = { did: alice, reasonCode: 'LOST_DEVICE' as const, guCode: null, caseCommit: null }
      const body = {
        version: TX_VERSION,
        chainTag: fromHex(city.genesisHash.slice(0, 16)),
        type: didSuspend.type,
        sender: alice,
        keyId: 'k1',
        lane: 0,
        nonce,
        validUntil: 10,
        payload: encode(didSuspend.payload, payload),
        sponsor: null,
      }
      const tx = assembleTransaction(body, [signerOf('alice').sign(txSigningBytes(body))])
      const checked = checkStatelessly(REGISTRY, city.genesisHash, tx.bytes)
      if (isFailure(checked)) return checked.code
      const env = { registry: REGISTRY, view: city.view, block: city.block(), checkSignature: verifySignature }
      return applyTransaction(env, checked).code
    }
    expect([send(0n), send(1n)]).toEqual([0, 'UNKNOWN_KEY'])
    resume(city, mapo)
    expect(send(1n)).toBe(0)
  })
})

describe('identity.did.deactivate', () => {
  it('ends a DID with a last version that has no keys; old versions stay readable', () => {
    const city = bench()
    city.advance(10_000)
    const { events } = end(city, alice)
    expect(events[0]?.payload).toEqual({ did: alice, versionId: 2, status: 'DEACTIVATED', reasonCode: 'OWNER_REQUEST' })
    const now = city.ask(resolve, { did: textOf('alice') })
    expect(now).toEqual({
      didDocument: {
        '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
        id: formatDid(accountOf('alice'), NETWORKS.devnet.netId),
      },
      didResolutionMetadata: { contentType: 'application/did+ld+json' },
      didDocumentMetadata: {
        created: '2026-11-23T00:00:00Z',
        updated: '2026-11-23T00:00:10Z',
        deactivated: true,
        versionId: '2',
        status: 'DEACTIVATED',
      },
    })
    const before = city.ask(resolve, { did: textOf('alice'), versionTime: '2026-11-23T00:00:09Z' })
    expect(before).toMatchObject({
      didDocument: { verificationMethod: [{ type: 'Multikey' }] },
      didDocumentMetadata: { deactivated: true, versionId: '1', nextUpdate: '2026-11-23T00:00:10Z', status: 'ACTIVE' },
    })
    expect(city.ask(resolve, { did: textOf('alice'), versionId: 1 })).toMatchObject({
      didDocumentMetadata: { deactivated: true },
    })
    expect(city.broken()).toEqual([])
  })

  it('is final: nothing changes, suspends, resumes or ends it again', () => {
    const city = bench()
    end(city, alice)
    const key = keyFor(city, alice, { kid: 'k2', name: 'alice2' })
    const rotated = city.run(didRotate, { sender: alice, payload: { did: alice, prevVersionId: 2, revoke: 'k1', add: key } })
    const attempts = [rotated, suspend(city, mapo), resume(city, mapo), end(city, alice)]
    expect(attempts.map(codeOf)).toEqual(attempts.map(() => 'IDENTITY_STATE_INVALID'))
    expect(findKey(city.view, alice, 'k1')?.live).toBe(false)
  })

  it('is done by an office on death or emigration, in a case, and for no other reason', () => {
    const office = { guCode: '11440', caseCommit: CASE }
    expect(codeOf(end(bench(), mapo, { ...office, reasonCode: 'DEATH' }))).toBe(null)
    expect(codeOf(end(bench(), mapo, { ...office, reasonCode: 'DEATH', caseCommit: null }))).toBe('IDENTITY_CASE_MISSING')
    expect(codeOf(end(bench(), mapo, office))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(end(bench(), alice, { reasonCode: 'DEATH' }))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(codeOf(end(bench(), bob))).toBe('IDENTITY_NOT_AUTHORIZED')
    const suspended = bench()
    suspend(suspended, mapo, { reasonCode: 'DEATH_PENDING' })
    expect(codeOf(end(suspended, mapo, { ...office, reasonCode: 'DEATH' }))).toBe(null)
    suspended.advanceTo(kstMidnight(20261224))
    expect(statusOf(suspended)).toBe('DEACTIVATED')
    expect(suspended.broken()).toEqual([])
  })
})

describe('identity.did.terminate', () => {
  it('ends what old signatures are worth after its date', () => {
    const city = bench()
    const signedAt = GENESIS_TIME
    const past = { did: company, keyId: 'k1', purpose: 2, signedAt }
    const isGood = (): boolean => findPastKey(city.view, { ...past, block: city.block() }) !== null
    city.advance(1_000)
    closeCompany(city)
    expect([isGood(), findPastKey(city.view, { ...past, signedAt: signedAt + 1_000, block: city.block() })]).toEqual([true, null])
    expect(codeOf(terminate(city))).toBe(null)
    expect(readDid(city.view, company)).toMatchObject({ versionId: 3, status: 'TERMINATED' })
    expect(isGood()).toBe(true)
    city.advanceTo(kstMidnight(20270101))
    expect(isGood()).toBe(false)
    expect(city.ask(resolve, { did: textOf('company') })).toMatchObject({
      didDocument: { id: formatDid(accountOf('company'), NETWORKS.devnet.netId) },
      didDocumentMetadata: { deactivated: true, status: 'TERMINATED', versionId: '3' },
    })
    expect(city.broken()).toEqual([])
  })

  it('IDENTITY_STATE_INVALID and IDENTITY_NOT_AUTHORIZED: a deactivated DID, by the city', () => {
    const city = bench()
    expect(codeOf(terminate(city))).toBe('IDENTITY_STATE_INVALID')
    closeCompany(city)
    expect(codeOf(terminate(city, { sender: mapo }))).toBe('IDENTITY_NOT_AUTHORIZED')
  })

  it('IDENTITY_NOT_ORGANISATION: a person’s signatures outlive the person', () => {
    const city = bench()
    end(city, alice)
    expect(codeOf(terminate(city, { did: alice }))).toBe('IDENTITY_NOT_ORGANISATION')
  })

  it('IDENTITY_DATE_INVALID: a day that exists and has not passed', () => {
    const city = bench()
    closeCompany(city)
    expect(codeOf(terminate(city, { terminationDate: 20261122 }))).toBe('IDENTITY_DATE_INVALID')
    expect(codeOf(terminate(city, { terminationDate: 20270231 }))).toBe('IDENTITY_DATE_INVALID')
    expect(codeOf(terminate(city, { terminationDate: 20261123 }))).toBe(null)
  })
})

describe('identity_history', () => {
  it('gives versions and the log of states, a page of each', () => {
    const city = bench()
    for (let i = 0; i < 70; i++) {
      city.advance(1_000)
      suspend(city, mapo)
      resume(city, mapo)
    }
    const first = city.ask(history, { did: textOf('alice') }) as { changes: unknown[]; versions: unknown[] }
    expect(first).toMatchObject({ latest: 1, status: 'ACTIVE', changeCount: 140, versions: [{ versionId: 1, keys: ['k1'] }] })
    expect(first.changes.length).toBe(64)
    expect(first.changes[0]).toEqual({
      status: 'SUSPENDED',
      at: GENESIS_TIME + 1_000,
      by: textOf('mapo'),
      reasonCode: 'LOST_DEVICE',
      caseCommit: `0x${CASE}`,
    })
    const last = city.ask(history, { did: textOf('alice'), fromChange: 128, fromVersion: 2 })
    expect(last).toMatchObject({ versions: [] })
    expect((last as { changes: unknown[] }).changes.length).toBe(12)
  })

  it('IDENTITY_DID_UNKNOWN: for a DID that never was', () => {
    const stranger = 'did:seoul:03:00'
    expect(() => bench().ask(history, { did: stranger })).toThrow('an account of this network')
    const city = bench()
    dids.remove(city.view, alice)
    expect(city.ask(history, { did: textOf('alice') })).toBe('IDENTITY_DID_UNKNOWN')
    expect(city.ask(getKeys, { did: textOf('alice') })).toBe('IDENTITY_DID_UNKNOWN')
    expect(codeOf(suspend(city, mapo))).toBe('IDENTITY_DID_UNKNOWN')
  })
})
