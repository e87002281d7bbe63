import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { kstMidnight } from '../../core/base/civil-time.ts'
import type { Address } from '../../core/base/ids.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { codeOf, createIdentityBench, hashOf, runByCouncil } from '../../test/identity-bench.ts'
import type { PayloadOf } from '../../test/identity-bench.ts'
import { accountOf, GENESIS_TIME, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { credAnchorBatch } from './cred-anchor-batch.ts'
import { didDeactivate } from './did-deactivate.ts'
import { didSuspend } from './did-suspend.ts'
import { issuerAccredit } from './issuer-accredit.ts'
import { issuerPropose } from './issuer-propose.ts'
import { issuerRevoke } from './issuer-revoke.ts'
import { issuerSuspend } from './issuer-suspend.ts'
import { standingOf } from './keeper.ts'
import { schemaRegister } from './schema-register.ts'
import { statusCreate } from './status-create.ts'
import { statusSet } from './status-set.ts'
import { issuersByType, statusLists } from './store.ts'
import { anchor, issuer as readIssuer, issuersOfType, schema, statusList } from './trust-queries.ts'

const [issuer, issuer2, cityhall, alice] = ['issuer', 'issuer2', 'cityhall', 'alice'].map(accountOf) as [
  Address,
  Address,
  Address,
  Address,
]
const RESIDENT = 'SeoulResidentCredential'
const INCOME = 'IncomeBandCredential'
const bench = createIdentityBench

const propose = (city: RoomBench, sender = issuer, types: readonly string[] = [RESIDENT]): Outcome =>
  city.run(issuerPropose, { sender, payload: { orgCode: 'MAPO-GU', types, policyHash: hashOf(1) } })
const accreditation = (over: Partial<PayloadOf<typeof issuerAccredit>> = {}): PayloadOf<typeof issuerAccredit> => ({
  issuer,
  types: [RESIDENT],
  assurance: 2,
  validUntil: 20271231,
  ...over,
})
const accredit = (city: RoomBench, over: Partial<PayloadOf<typeof issuerAccredit>> = {}): Outcome =>
  runByCouncil(city, issuerAccredit, { sender: cityhall, payload: accreditation(over) })
const suspend = (city: RoomBench, effectiveAt = city.block().time): Outcome =>
  runByCouncil(city, issuerSuspend, { sender: cityhall, payload: { issuer, effectiveAt } })
const revoke = (city: RoomBench, over: Partial<PayloadOf<typeof issuerRevoke>> = {}): Outcome => {
  const payload = { issuer, effectiveAt: city.block().time, compromisedSince: null, ...over }
  return runByCouncil(city, issuerRevoke, { sender: cityhall, payload })
}
const accredited = (): RoomBench => {
  const city = bench()
  propose(city)
  expect(codeOf(accredit(city))).toBe(null)
  return city
}
const register = (city: RoomBench, over: Partial<PayloadOf<typeof schemaRegister>> = {}, sender = issuer): Outcome => {
  const claims = [{ name: 'age_ge_19', type: 'BOOLEAN', sdAlways: true } as const]
  return city.run(schemaRegister, { sender, payload: { schemaId: RESIDENT, version: 1, claims, hash: hashOf(2), ...over } })
}
const open = (city: RoomBench, purpose: 'REVOCATION' | 'SUSPENSION' = 'REVOCATION', listId = 7n): Outcome =>
  city.run(statusCreate, { sender: issuer, payload: { listId, purpose, size: 131_072 } })
const set = (city: RoomBench, seq: bigint, changes: PayloadOf<typeof statusSet>['changes'], listId = 7n): Outcome =>
  city.run(statusSet, { sender: issuer, payload: { listId, seq, changes } })
const bitsOf = (city: RoomBench): { bits: string; digest: string; seq: string } =>
  city.ask(statusList, { issuer: textOf('issuer'), listId: '7' }) as { bits: string; digest: string; seq: string }
const anchorIt = (city: RoomBench, over: Partial<PayloadOf<typeof credAnchorBatch>> = {}): Outcome =>
  city.run(credAnchorBatch, {
    sender: issuer,
    payload: { schemaId: RESIDENT, root: hashOf(3), count: 1_000, period: 202611, ...over },
  })
const standing = (city: RoomBench, issuedAt: number, type = RESIDENT): string => standingOf(city.view, { issuer, type, issuedAt })

describe('the accreditation of an issuer', () => {
  it('is proposed by the candidate and decided by the city council', () => {
    const city = bench()
    expect(propose(city).events).toEqual([
      { name: 'identity.issuerProposed', payload: { issuer, orgCode: 'MAPO-GU', types: [RESIDENT] } },
    ])
    const asked = city.run(issuerAccredit, { sender: cityhall, payload: accreditation() })
    expect(codeOf(asked)).toBe('GOVERNANCE_MANDATE_MISSING')
    expect(accredit(city).events).toEqual([
      { name: 'identity.issuerAccredited', payload: { issuer, types: [RESIDENT], assurance: 2, validUntil: 20271231 } },
    ])
    expect(city.ask(readIssuer, { did: textOf('issuer') })).toMatchObject({
      status: 'ACCREDITED',
      isAccredited: true,
      decidedAt: 1,
      spans: [{ from: GENESIS_TIME, to: null }],
    })
    expect(city.ask(issuersOfType, { vct: RESIDENT })).toEqual({ issuers: [textOf('issuer')] })
    expect(city.broken()).toEqual([])
  })

  it('needs the council again for every step: a mandate is good once and for its very words', () => {
    const city = accredited()
    suspend(city)
    const payload = accreditation()
    expect(codeOf(city.run(issuerAccredit, { sender: cityhall, payload }))).toBe('GOVERNANCE_MANDATE_MISSING')
    expect(codeOf(accredit(city))).toBe(null)
    expect(codeOf(city.run(issuerSuspend, { sender: cityhall, payload: { issuer, effectiveAt: 1 } }))).toBe(
      'GOVERNANCE_MANDATE_MISSING',
    )
    const end = { issuer, effectiveAt: 1, compromisedSince: null }
    expect(codeOf(city.run(issuerRevoke, { sender: cityhall, payload: end }))).toBe('GOVERNANCE_MANDATE_MISSING')
  })

  it('judges a credential by the accreditation of its time', () => {
    const city = accredited()
    const [first, second] = [GENESIS_TIME + 60_000, GENESIS_TIME + 120_000]
    city.advanceTo(first + 10_000)
    suspend(city, first)
    expect([standing(city, first), standing(city, first + 1), standing(city, GENESIS_TIME - 1)]).toEqual([
      'VERIFIER_POLICY',
      'INVALID',
      'INVALID',
    ])
    city.advanceTo(second)
    accredit(city, { types: [RESIDENT, INCOME] })
    expect([first, first + 1, second].map((at) => standing(city, at))).toEqual(['VALID', 'INVALID', 'VALID'])
    expect([standing(city, second, INCOME), standing(city, second, 'Other')]).toEqual(['VALID', 'INVALID'])
    city.advance(10_000)
    revoke(city, { effectiveAt: second + 5_000, compromisedSince: second + 1_000 })
    expect([first, second, second + 999, second + 1_000, second + 5_001].map((at) => standing(city, at))).toEqual([
      'VALID',
      'VALID',
      'VALID',
      'INVALID',
      'INVALID',
    ])
    expect(issuersByType.get(city.view, RESIDENT)).toBe(null)
    expect(city.broken()).toEqual([])
  })

  it('is worth nothing new once the issuer’s DID has ended, and little while it is suspended', () => {
    const city = accredited()
    const own = { did: issuer, guCode: null, caseCommit: null }
    city.run(didSuspend, { sender: issuer, payload: { ...own, reasonCode: 'FRAUD' } })
    expect(standing(city, GENESIS_TIME)).toBe('VERIFIER_POLICY')
    const ended = accredited()
    ended.run(didDeactivate, { sender: issuer, payload: { ...own, reasonCode: 'OWNER_REQUEST' } })
    expect(standing(ended, GENESIS_TIME)).toBe('INVALID')
  })

  it('ends with its last day and can be renewed then', () => {
    const city = bench()
    propose(city)
    accredit(city, { validUntil: 20261130 })
    expect(codeOf(accredit(city))).toBe('IDENTITY_ISSUER_EXISTS')
    city.advanceTo(kstMidnight(20261205))
    expect(codeOf(open(city))).toBe('IDENTITY_NOT_ACCREDITED')
    expect(codeOf(accredit(city))).toBe(null)
    const days = [20261130, 20261201, 20261205].map(kstMidnight)
    expect(days.map((at) => standing(city, at))).toEqual(['VALID', 'INVALID', 'VALID'])
  })

  it('IDENTITY_ISSUER_EXISTS: a decided issuer is not proposed again', () => {
    const city = bench()
    expect([propose(city), propose(city)].map(codeOf)).toEqual([null, null])
    accredit(city)
    expect(codeOf(propose(city))).toBe('IDENTITY_ISSUER_EXISTS')
  })

  it('IDENTITY_ISSUER_UNKNOWN: nobody decides about who never asked', () => {
    const city = bench()
    expect([accredit(city), suspend(city), revoke(city)].map(codeOf)).toEqual(Array(3).fill('IDENTITY_ISSUER_UNKNOWN'))
    expect(city.ask(readIssuer, { did: textOf('issuer') })).toBe('IDENTITY_ISSUER_UNKNOWN')
  })

  it('IDENTITY_STATE_INVALID: a candidate is not suspended, a revoked issuer never returns', () => {
    const city = bench()
    propose(city)
    expect(codeOf(suspend(city))).toBe('IDENTITY_STATE_INVALID')
    expect(codeOf(revoke(city))).toBe(null)
    expect([accredit(city), suspend(city), revoke(city)].map(codeOf)).toEqual(Array(3).fill('IDENTITY_STATE_INVALID'))
  })

  it('IDENTITY_TYPES_INVALID and IDENTITY_ASSURANCE_INVALID: types named once, assurance 1 to 3', () => {
    const city = bench()
    expect([propose(city, issuer, []), propose(city, issuer, ['A', 'A'])].map(codeOf)).toEqual(
      Array(2).fill('IDENTITY_TYPES_INVALID'),
    )
    propose(city)
    expect(codeOf(accredit(city, { types: [] }))).toBe('IDENTITY_TYPES_INVALID')
    expect([accredit(city, { assurance: 0 }), accredit(city, { assurance: 4 })].map(codeOf)).toEqual(
      Array(2).fill('IDENTITY_ASSURANCE_INVALID'),
    )
  })

  it('IDENTITY_ISSUERS_FULL: 256 issuers of one type', () => {
    const city = bench()
    propose(city)
    const others = Array.from({ length: 256 }, (_, i) => sha256(new Uint8Array([i])).slice(0, 40) as Address)
    issuersByType.set(city.view, RESIDENT, { issuers: others })
    expect(codeOf(accredit(city))).toBe('IDENTITY_ISSUERS_FULL')
    issuersByType.set(city.view, RESIDENT, { issuers: others.slice(1) })
    expect(codeOf(accredit(city))).toBe(null)
  })

  it('IDENTITY_DATE_INVALID: last days to come, decisions about what has happened', () => {
    const city = accredited()
    const future = city.block().time + 1
    expect(
      [suspend(city, future), revoke(city, { effectiveAt: future }), revoke(city, { compromisedSince: future })].map(codeOf),
    ).toEqual(Array(3).fill('IDENTITY_DATE_INVALID'))
    const other = bench()
    propose(other)
    expect(codeOf(accredit(other, { validUntil: 20261122 }))).toBe('IDENTITY_DATE_INVALID')
    expect(codeOf(accredit(other, { validUntil: 20270229 }))).toBe('IDENTITY_DATE_INVALID')
  })
})

describe('identity.schema.register', () => {
  it('adds version by version, by the issuer or the city, and changes none', () => {
    const city = accredited()
    expect(register(city).events).toEqual([
      { name: 'identity.schemaRegistered', payload: { schemaId: RESIDENT, version: 1, by: issuer } },
    ])
    expect(codeOf(register(city, { version: 2, hash: hashOf(9) }, cityhall))).toBe(null)
    expect(city.ask(schema, { schemaId: RESIDENT })).toMatchObject({ version: 2, latest: 2, hash: `0x${hashOf(9)}` })
    expect(city.ask(schema, { schemaId: RESIDENT, version: 1 })).toMatchObject({
      version: 1,
      registeredBy: textOf('issuer'),
      claims: [{ name: 'age_ge_19', type: 'BOOLEAN', sdAlways: true }],
    })
  })

  it('IDENTITY_SCHEMA_EXISTS and IDENTITY_VERSION_CONFLICT: the next version and no other', () => {
    const city = accredited()
    register(city)
    expect(codeOf(register(city))).toBe('IDENTITY_SCHEMA_EXISTS')
    expect(codeOf(register(city, { version: 3 }))).toBe('IDENTITY_VERSION_CONFLICT')
    expect(codeOf(register(city, { version: 0 }))).toBe('IDENTITY_VERSION_CONFLICT')
  })

  it('IDENTITY_SCHEMA_INVALID: claims of distinct names', () => {
    const claim = { name: 'a', type: 'CODE', sdAlways: false } as const
    expect(codeOf(register(accredited(), { claims: [] }))).toBe('IDENTITY_SCHEMA_INVALID')
    expect(codeOf(register(accredited(), { claims: [claim, claim] }))).toBe('IDENTITY_SCHEMA_INVALID')
  })

  it('IDENTITY_NOT_ACCREDITED and IDENTITY_NOT_AUTHORIZED: for a type of one’s own', () => {
    const city = accredited()
    expect(codeOf(register(city, { schemaId: INCOME }))).toBe('IDENTITY_NOT_ACCREDITED')
    expect(codeOf(register(city, {}, issuer2))).toBe('IDENTITY_NOT_ACCREDITED')
    register(city, {}, cityhall)
    expect(codeOf(register(city, { version: 2 }))).toBe('IDENTITY_NOT_AUTHORIZED')
  })

  it('IDENTITY_SCHEMA_UNKNOWN: a schema or version that never was', () => {
    expect(bench().ask(schema, { schemaId: RESIDENT })).toBe('IDENTITY_SCHEMA_UNKNOWN')
    expect(bench().ask(schema, { schemaId: RESIDENT, version: 4 })).toBe('IDENTITY_SCHEMA_UNKNOWN')
  })
})

describe('a status list', () => {
  // W3C Bitstring Status List 1.0, example of an encodedList: 16,384 zero bytes.
  const W3C_EMPTY = 'H4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA'

  it('starts as the empty list of the W3C recommendation', () => {
    const city = accredited()
    expect(codeOf(open(city))).toBe(null)
    const { bits, digest, seq } = bitsOf(city)
    const expected = new Uint8Array(gunzipSync(Buffer.from(W3C_EMPTY, 'base64url')))
    expect(bits).toBe(`0x${toHex(expected)}`)
    expect([digest, seq]).toEqual([`0x${sha256(expected)}`, '0'])
    expect(city.broken()).toEqual([])
  })

  it('counts entries from the most significant bit of the first byte, over all 64 pages', () => {
    const city = accredited()
    open(city)
    const indexes = [0, 7, 8, 2_047, 2_048, 131_071]
    expect(
      set(
        city,
        1n,
        indexes.map((index) => ({ index, bit: true })),
      ).events,
    ).toEqual([{ name: 'identity.statusChanged', payload: { issuer, listId: 7n, seq: 1n } }])
    const expected = new Uint8Array(16_384)
    Object.assign(expected, { 0: 0x81, 1: 0x80, 255: 0x01, 256: 0x80, 16383: 0x01 })
    const { bits, digest } = bitsOf(city)
    expect(bits).toBe(`0x${toHex(expected)}`)
    expect(digest).toBe(`0x${sha256(expected)}`)
    expect([...city.scan('identity/statusPage')].length).toBe(3)
    expect(city.broken()).toEqual([])
  })

  it('takes 512 changes at once, decoys among them', () => {
    const city = accredited()
    open(city)
    const changes = Array.from({ length: 512 }, (_, i) => ({ index: i * 256, bit: i % 2 === 0 }))
    expect(codeOf(set(city, 1n, changes))).toBe(null)
    expect([...city.scan('identity/statusPage')].length).toBe(64)
    expect(() => set(city, 2n, [...changes, { index: 1, bit: true }])).toThrow('a list of at most 512 items')
  })

  it('IDENTITY_STATUS_IRREVERSIBLE: a revocation is for ever, a suspension is not', () => {
    const city = accredited()
    open(city)
    open(city, 'SUSPENSION', 8n)
    for (const listId of [7n, 8n]) set(city, 1n, [{ index: 9, bit: true }], listId)
    expect(codeOf(set(city, 2n, [{ index: 9, bit: false }]))).toBe('IDENTITY_STATUS_IRREVERSIBLE')
    expect(
      codeOf(
        set(city, 2n, [
          { index: 9, bit: true },
          { index: 10, bit: false },
        ]),
      ),
    ).toBe(null)
    expect(codeOf(set(city, 2n, [{ index: 9, bit: false }], 8n))).toBe(null)
  })

  it('IDENTITY_STATUS_RANGE: 131072 entries, each once', () => {
    const city = accredited()
    const small = city.run(statusCreate, { sender: issuer, payload: { listId: 1n, purpose: 'REVOCATION' as const, size: 1_024 } })
    expect(codeOf(small)).toBe('IDENTITY_STATUS_RANGE')
    open(city)
    const twice = [
      { index: 3, bit: true },
      { index: 3, bit: false },
    ]
    expect(codeOf(set(city, 1n, [{ index: 131_072, bit: true }]))).toBe('IDENTITY_STATUS_RANGE')
    expect(codeOf(set(city, 1n, twice))).toBe('IDENTITY_STATUS_RANGE')
    expect(codeOf(set(city, 1n, []))).toBe('IDENTITY_UPDATE_EMPTY')
  })

  it('IDENTITY_STATUS_SEQ: one change after the other', () => {
    const city = accredited()
    open(city)
    expect([0n, 2n, 1n, 1n].map((seq) => codeOf(set(city, seq, [{ index: 0, bit: true }])))).toEqual([
      'IDENTITY_STATUS_SEQ',
      'IDENTITY_STATUS_SEQ',
      null,
      'IDENTITY_STATUS_SEQ',
    ])
  })

  it('IDENTITY_STATUS_EXISTS and IDENTITY_STATUS_UNKNOWN: one list of a number', () => {
    const city = accredited()
    expect(codeOf(set(city, 1n, [{ index: 0, bit: true }]))).toBe('IDENTITY_STATUS_UNKNOWN')
    expect(city.ask(statusList, { issuer: textOf('issuer'), listId: '7' })).toBe('IDENTITY_STATUS_UNKNOWN')
    expect([open(city), open(city)].map(codeOf)).toEqual([null, 'IDENTITY_STATUS_EXISTS'])
  })

  it('IDENTITY_NOT_ACCREDITED: opened while accredited, still changed while suspended, never once revoked', () => {
    const city = bench()
    expect(codeOf(open(city))).toBe('IDENTITY_NOT_ACCREDITED')
    expect(codeOf(set(city, 1n, [{ index: 0, bit: true }]))).toBe('IDENTITY_NOT_ACCREDITED')
    propose(city)
    accredit(city)
    open(city)
    suspend(city)
    expect(codeOf(set(city, 1n, [{ index: 0, bit: true }]))).toBe(null)
    expect(codeOf(open(city, 'REVOCATION', 9n))).toBe('IDENTITY_NOT_ACCREDITED')
    revoke(city)
    expect(codeOf(set(city, 2n, [{ index: 1, bit: true }]))).toBe('IDENTITY_NOT_ACCREDITED')
    expect(statusLists.mustGet(city.view, { issuer, listId: 7n }).seq).toBe(1n)
  })
})

describe('identity.cred.anchorBatch', () => {
  it('keeps root, count, month and the time that tells late from early', () => {
    const city = accredited()
    city.advance(1_000)
    expect(anchorIt(city).events[0]?.payload).toEqual({
      issuer,
      schemaId: RESIDENT,
      root: hashOf(3),
      count: 1_000,
      period: 202611,
    })
    expect(city.ask(anchor, { issuer: textOf('issuer'), root: `0x${hashOf(3)}` })).toEqual({
      schemaId: RESIDENT,
      count: 1_000,
      period: 202611,
      anchoredAt: GENESIS_TIME + 1_000,
    })
  })

  it('IDENTITY_ANCHOR_EXISTS and IDENTITY_ANCHOR_UNKNOWN: a root once', () => {
    const city = accredited()
    expect(city.ask(anchor, { issuer: textOf('issuer'), root: `0x${hashOf(3)}` })).toBe('IDENTITY_ANCHOR_UNKNOWN')
    expect([anchorIt(city), anchorIt(city)].map(codeOf)).toEqual([null, 'IDENTITY_ANCHOR_EXISTS'])
  })

  it('refuses strangers, other types and months to come', () => {
    const city = accredited()
    expect(codeOf(anchorIt(city, { schemaId: INCOME }))).toBe('IDENTITY_NOT_ACCREDITED')
    expect(codeOf(anchorIt(city, { period: 202612 }))).toBe('IDENTITY_DATE_INVALID')
    expect(codeOf(anchorIt(city, { period: 202613 }))).toBe('IDENTITY_DATE_INVALID')
    const payload = { schemaId: RESIDENT, root: hashOf(3), count: 1, period: 202611 }
    expect(codeOf(city.run(credAnchorBatch, { sender: alice, payload }))).toBe('IDENTITY_NOT_ACCREDITED')
  })
})
