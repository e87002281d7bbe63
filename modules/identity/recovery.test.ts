import { describe, expect, it } from 'vitest'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { codeOf, createIdentityBench, hashOf, keyFor, saltOf } from '../../test/identity-bench.ts'
import type { PayloadOf } from '../../test/identity-bench.ts'
import { accountOf, GENESIS_TIME, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { didDeactivate } from './did-deactivate.ts'
import { didRotate } from './did-rotate.ts'
import { didSuspend } from './did-suspend.ts'
import { didUpdate } from './did-update.ts'
import { findKey, findPastKey, readDid } from './keeper.ts'
import { recovery as readRecovery } from './queries.ts'
import { recoveryApprove } from './recovery-approve.ts'
import { recoveryCancel } from './recovery-cancel.ts'
import { recoveryFinish } from './recovery-finish.ts'
import { recoverySet } from './recovery-set.ts'
import { recoveryStart } from './recovery-start.ts'
import { guardianCommitment } from './recovery.ts'
import type { NewKey } from './schema.ts'
import { recoveries } from './store.ts'

type Guards = [Address, Address, Address]
const [guard1, guard2, guard3] = ['guard1', 'guard2', 'guard3'].map(accountOf) as Guards
const [alice, bob, mapo] = ['alice', 'bob', 'mapo'].map(accountOf) as Guards
const TWO_DAYS_MS = 172_800_000
const CASE = hashOf(0xca)

const saltFor = (guardian: Address): Uint8Array => saltOf([guard1, guard2, guard3, alice].indexOf(guardian) + 1)
const commit = (guardian: Address): Hash32 => guardianCommitment(guardian, saltFor(guardian))
const POLICY = { threshold: 2, guardians: [guard1, guard2, guard3].map(commit), delaySec: 172_800 }

const setPolicy = (city: RoomBench, over: Partial<PayloadOf<typeof recoverySet>> = {}, sender = alice): Outcome =>
  city.run(recoverySet, { sender, payload: { did: alice, ...POLICY, ...over } })
const bench = (): RoomBench => {
  const city = createIdentityBench()
  expect(codeOf(setPolicy(city))).toBe(null)
  return city
}
const fresh = (city: RoomBench, kid = 'n1', name = 'alice-new'): NewKey => keyFor(city, alice, { kid, name })
const start = (city: RoomBench, guardian: Address, over: Partial<PayloadOf<typeof recoveryStart>> = {}): Outcome =>
  city.run(recoveryStart, {
    sender: guardian,
    payload: { did: alice, salt: saltFor(guardian), newKeys: [fresh(city)], ...over },
  })
const approve = (city: RoomBench, guardian: Address, salt = saltFor(guardian)): Outcome =>
  city.run(recoveryApprove, { sender: guardian, payload: { did: alice, salt } })
const finish = (city: RoomBench): Outcome => city.run(recoveryFinish, { sender: bob, payload: { did: alice } })
const cancel = (city: RoomBench, sender = alice): Outcome => city.run(recoveryCancel, { sender, payload: { did: alice } })
const suspend = (city: RoomBench, sender: Address, reasonCode: 'LOST_DEVICE' | 'COURT' = 'LOST_DEVICE'): Outcome => {
  const office = sender === mapo ? { guCode: '11440', caseCommit: CASE } : { guCode: null, caseCommit: null }
  return city.run(didSuspend, { sender, payload: { did: alice, reasonCode, ...office } })
}
const rotate = (city: RoomBench, revoke = 'k1', add = keyFor(city, alice, { kid: 'r1', name: 'alice-r1' })): Outcome => {
  const prevVersionId = readDid(city.view, alice)?.versionId ?? 0
  return city.run(didRotate, { sender: alice, payload: { did: alice, prevVersionId, revoke, add } })
}

describe('a lost phone', () => {
  it('is suspended and recovered by guardians: the account stays, every old key is gone', () => {
    const city = bench()
    city.advance(60_000)
    expect(codeOf(suspend(city, mapo))).toBe(null)
    const { events } = start(city, guard1)
    const readyAt = GENESIS_TIME + 60_000 + TWO_DAYS_MS
    expect(events).toEqual([{ name: 'identity.recoveryStarted', payload: { did: alice, by: guard1, readyAt } }])
    city.advance(1_000)
    expect(approve(city, guard3).events).toEqual([
      { name: 'identity.recoveryApproved', payload: { did: alice, by: guard3, approvals: 2 } },
    ])
    city.advanceTo(readyAt)
    const { failure, events: last } = finish(city)
    expect(failure).toBe(null)
    expect(last.map(({ name }) => name)).toEqual([
      'identity.didUpdated',
      'identity.keyRevoked',
      'identity.didStatusChanged',
      'identity.recoveryFinished',
    ])
    expect(readDid(city.view, alice)).toMatchObject({ versionId: 2, status: 'ACTIVE', recovery: POLICY })
    expect([findKey(city.view, alice, 'k1')?.live, findKey(city.view, alice, 'n1')?.live]).toEqual([false, true])
    const old = { did: alice, keyId: 'k1', purpose: 2, block: city.block() }
    expect(findPastKey(city.view, { ...old, signedAt: GENESIS_TIME })).not.toBe(null)
    expect(findPastKey(city.view, { ...old, signedAt: GENESIS_TIME + 60_000 })).toBe(null)
    expect(recoveries.has(city.view, alice)).toBe(false)
    expect(city.broken()).toEqual([])
  })

  it('stays suspended where a court ordered it, with the new keys in place', () => {
    const city = bench()
    suspend(city, mapo, 'COURT')
    start(city, guard1)
    approve(city, guard2)
    city.advance(TWO_DAYS_MS)
    expect(codeOf(finish(city))).toBe(null)
    expect(readDid(city.view, alice)).toMatchObject({ versionId: 2, status: 'SUSPENDED' })
    expect(findKey(city.view, alice, 'n1')?.live).toBe(false)
    expect(city.broken()).toEqual([])
  })

  it('loses the controllers that its finder may have named', () => {
    const city = bench()
    const change = { did: alice, prevVersionId: 1, add: [], revoke: [], relations: [], services: null, controller: [bob] }
    city.run(didUpdate, { sender: alice, payload: change })
    start(city, guard1)
    approve(city, guard2)
    city.advance(TWO_DAYS_MS)
    finish(city)
    expect(readDid(city.view, alice)).toMatchObject({ versionId: 3, controller: [] })
  })
})

describe('identity.recovery.set', () => {
  it('holds at once the first time, later after the delay of the policy in force', () => {
    const city = bench()
    const later = { threshold: 1, guardians: [commit(guard1)], delaySec: 345_600 }
    city.advance(1_000)
    const effectiveAt = GENESIS_TIME + 1_000 + TWO_DAYS_MS
    expect(setPolicy(city, later).events).toEqual([{ name: 'identity.recoveryPolicySet', payload: { did: alice, effectiveAt } }])
    const ask = (): unknown => city.ask(readRecovery, { did: textOf('alice') })
    expect(ask()).toMatchObject({ policy: { threshold: 2 }, next: { effectiveAt, policy: { threshold: 1 } }, pending: null })
    city.advanceTo(effectiveAt - 1)
    expect(ask()).toMatchObject({ policy: { threshold: 2 } })
    city.advance(1)
    expect(ask()).toMatchObject({ policy: { threshold: 1 }, next: null })
    expect(setPolicy(city).events[0]?.payload).toEqual({ did: alice, effectiveAt: effectiveAt + 345_600_000 })
    expect(readDid(city.view, alice)).toMatchObject({ versionId: 1, recovery: later })
    expect(city.broken()).toEqual([])
  })

  it('does not touch a recovery under way: the policy at its start governs it', () => {
    const city = bench()
    start(city, guard1)
    setPolicy(city, { threshold: 1, guardians: [commit(guard1)] })
    city.advance(TWO_DAYS_MS)
    expect(codeOf(finish(city))).toBe('IDENTITY_RECOVERY_NOT_READY')
    expect(codeOf(approve(city, guard2))).toBe(null)
    expect(codeOf(finish(city))).toBe(null)
    expect(readDid(city.view, alice)?.recovery?.threshold).toBe(1)
  })

  it('IDENTITY_RECOVERY_POLICY_INVALID: a threshold in reach, distinct guardians, 48 hours', () => {
    const city = bench()
    for (const bad of [
      { threshold: 0 },
      { threshold: 4 },
      { delaySec: 172_799 },
      { guardians: [commit(guard1), commit(guard1)] },
    ]) {
      expect(codeOf(setPolicy(city, bad))).toBe('IDENTITY_RECOVERY_POLICY_INVALID')
    }
    expect(codeOf(setPolicy(city, {}, bob))).toBe('IDENTITY_NOT_AUTHORIZED')
    suspend(city, mapo)
    expect(codeOf(setPolicy(city))).toBe('IDENTITY_STATE_INVALID')
  })
})

describe('identity.recovery.start and approve', () => {
  it('IDENTITY_GUARDIAN_UNKNOWN: strangers, wrong salts, the DID itself, no policy at all', () => {
    const city = bench()
    expect(codeOf(start(city, bob))).toBe('IDENTITY_GUARDIAN_UNKNOWN')
    expect(codeOf(start(city, guard1, { salt: saltOf(9) }))).toBe('IDENTITY_GUARDIAN_UNKNOWN')
    expect(codeOf(start(createIdentityBench(), guard1))).toBe('IDENTITY_GUARDIAN_UNKNOWN')
    const own = createIdentityBench()
    setPolicy(own, { threshold: 1, guardians: [commit(alice)] })
    expect(codeOf(start(own, alice))).toBe('IDENTITY_GUARDIAN_UNKNOWN')
    start(city, guard1)
    expect(codeOf(approve(city, guard2, saltOf(9)))).toBe('IDENTITY_GUARDIAN_UNKNOWN')
  })

  it('IDENTITY_RECOVERY_PENDING: one at a time, until it lapses without its guardians', () => {
    const city = bench()
    start(city, guard1)
    expect(codeOf(start(city, guard2))).toBe('IDENTITY_RECOVERY_PENDING')
    city.advance(TWO_DAYS_MS)
    expect(codeOf(start(city, guard2))).toBe(null)
    approve(city, guard3)
    city.advance(TWO_DAYS_MS)
    expect(codeOf(start(city, guard1))).toBe('IDENTITY_RECOVERY_PENDING')
  })

  it('IDENTITY_GUARDIAN_DUPLICATE: each guardian counts once, the starting one too', () => {
    const city = bench()
    start(city, guard1)
    expect(codeOf(approve(city, guard1))).toBe('IDENTITY_GUARDIAN_DUPLICATE')
    approve(city, guard2)
    expect(codeOf(approve(city, guard2))).toBe('IDENTITY_GUARDIAN_DUPLICATE')
  })

  it('takes keys that are new, proven and enough to act', () => {
    const city = bench()
    const used = keyFor(city, alice, { kid: 'n1', name: 'alice' })
    const bad = keyFor(city, bob, { kid: 'n1', name: 'alice-new' })
    expect(codeOf(start(city, guard1, { newKeys: [used] }))).toBe('IDENTITY_KEY_REUSED')
    expect(codeOf(start(city, guard1, { newKeys: [bad] }))).toBe('IDENTITY_KEY_POP_INVALID')
    expect(codeOf(start(city, guard1, { newKeys: [] }))).toBe('IDENTITY_KEYSET_INVALID')
    expect(codeOf(start(city, guard1, { newKeys: [{ ...fresh(city), pub: new Uint8Array(32) }] }))).toBe('IDENTITY_KEY_WEAK')
  })
})

describe('identity.recovery.cancel and finish', () => {
  it('lets the owner win while a key is left: by cancelling, rotating or ending the DID', () => {
    const cancelled = { name: 'identity.recoveryCancelled', payload: { did: alice, by: alice } }
    const byCancel = bench()
    start(byCancel, guard1)
    expect(codeOf(cancel(byCancel, bob))).toBe('IDENTITY_NOT_AUTHORIZED')
    expect(cancel(byCancel).events).toEqual([cancelled])
    const byRotation = bench()
    start(byRotation, guard1)
    expect(rotate(byRotation).events[0]).toEqual(cancelled)
    const byEnd = bench()
    start(byEnd, guard1)
    setPolicy(byEnd)
    const own = { did: alice, reasonCode: 'OWNER_REQUEST', guCode: null, caseCommit: null } as const
    expect(byEnd.run(didDeactivate, { sender: alice, payload: own }).events[0]).toEqual(cancelled)
    for (const city of [byCancel, byRotation, byEnd]) {
      expect(city.ask(readRecovery, { did: textOf('alice') })).toMatchObject({ pending: null, next: null })
      expect(city.broken()).toEqual([])
    }
    expect(codeOf(start(byEnd, guard1))).toBe('IDENTITY_STATE_INVALID')
  })

  it('cannot be stopped through a suspended DID: neither by its keys nor by controllers that a thief named', () => {
    const city = bench()
    const change = { did: alice, prevVersionId: 1, add: [], revoke: [], relations: [], services: null, controller: [bob] }
    city.run(didUpdate, { sender: alice, payload: change })
    start(city, guard1)
    suspend(city, mapo)
    expect(codeOf(cancel(city, bob))).toBe('IDENTITY_STATE_INVALID')
    const own = { did: alice, reasonCode: 'OWNER_REQUEST', guCode: null, caseCommit: null } as const
    expect(codeOf(city.run(didDeactivate, { sender: bob, payload: own }))).toBe('IDENTITY_STATE_INVALID')
  })

  it('IDENTITY_RECOVERY_NONE: nothing to approve, cancel or finish', () => {
    const city = bench()
    expect([approve(city, guard1), cancel(city), finish(city)].map(codeOf)).toEqual(Array(3).fill('IDENTITY_RECOVERY_NONE'))
  })

  it('IDENTITY_RECOVERY_NOT_READY: before the delay, or without the guardians', () => {
    const city = bench()
    start(city, guard1)
    city.advance(TWO_DAYS_MS)
    expect(codeOf(finish(city))).toBe('IDENTITY_RECOVERY_NOT_READY')
    approve(city, guard2)
    expect(codeOf(finish(city))).toBe(null)
    const early = bench()
    start(early, guard1)
    approve(early, guard2)
    early.advance(TWO_DAYS_MS - 1)
    expect(codeOf(finish(early))).toBe('IDENTITY_RECOVERY_NOT_READY')
  })

  it('refuses to finish with a key that the DID used in the meantime', () => {
    const city = bench()
    start(city, guard1)
    approve(city, guard2)
    const payload = {
      did: alice,
      prevVersionId: 1,
      add: [fresh(city)],
      revoke: [],
      relations: [],
      services: null,
      controller: null,
    }
    expect(codeOf(city.run(didUpdate, { sender: alice, payload }))).toBe(null)
    city.advance(TWO_DAYS_MS)
    expect(codeOf(finish(city))).toBe('IDENTITY_KEY_REUSED')
  })
})
