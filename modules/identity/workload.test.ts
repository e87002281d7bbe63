import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { addDays, DAY_MS, kstDate } from '../../core/base/civil-time.ts'
import type { Address } from '../../core/base/ids.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { TransactionDefinition } from '../../core/execution/module.ts'
import { createIdentityBench, decide, hashOf, keyFor, runByCouncil, saltOf } from '../../test/identity-bench.ts'
import { accountOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { hasRole } from '../governance/keeper.ts'
import { consentGrant } from './consent-grant.ts'
import { consentWithdraw } from './consent-withdraw.ts'
import { credAnchorBatch } from './cred-anchor-batch.ts'
import { didDeactivate } from './did-deactivate.ts'
import { didResume } from './did-resume.ts'
import { didRotate } from './did-rotate.ts'
import { didSuspend } from './did-suspend.ts'
import { didTerminate } from './did-terminate.ts'
import { didUpdate } from './did-update.ts'
import { erasureLog } from './erasure-log.ts'
import { checkIdentityInvariants } from './invariants.ts'
import { issuerAccredit } from './issuer-accredit.ts'
import { issuerPropose } from './issuer-propose.ts'
import { issuerRevoke } from './issuer-revoke.ts'
import { issuerSuspend } from './issuer-suspend.ts'
import { findKey, readDid } from './keeper.ts'
import { policyRegister } from './policy-register.ts'
import { policyRetire } from './policy-retire.ts'
import { recoveryApprove } from './recovery-approve.ts'
import { recoveryCancel } from './recovery-cancel.ts'
import { recoveryFinish } from './recovery-finish.ts'
import { recoverySet } from './recovery-set.ts'
import { recoveryStart } from './recovery-start.ts'
import { guardianCommitment } from './recovery.ts'
import { schemaRegister } from './schema-register.ts'
import { statusCreate } from './status-create.ts'
import { readBits } from './status-list.ts'
import { statusSet } from './status-set.ts'
import { consents, schemaHeads, statusLists } from './store.ts'
import { verifyDispute } from './verify-dispute.ts'
import { verifyRecord } from './verify-record.ts'
import { verifyReview } from './verify-review.ts'

const at = (name: string): Address => accountOf(name)
const pick = <T>(items: readonly T[], n: number): T => items[n % items.length] as T
const OWNERS = ['alice', 'bob', 'company'].map(at)
const OFFICES = ['mapo', 'jongno', 'carol'].map(at)
const GUARDS = ['guard1', 'guard2', 'guard3', 'bob'].map(at)
const PAIRS = ['pair1', 'pair2', 'alice'].map(at)
const ISSUERS = ['issuer', 'issuer2'].map(at)
const REVIEWERS = ['reviewer', 'agency', 'dpo'].map(at)
const GUS = ['11440', '11110']
const POLICIES = ['YOUTH-2026', 'SURVEY-1']
const AGENCIES = ['agency', 'agency2'].map(at)
const RESIDENT = 'SeoulResidentCredential'
const LIST = 1n

/** Three small numbers decide who, whom and how. */
type Dice = { readonly a: number; readonly b: number; readonly c: number }
/** A transaction to try; `role` is what its sender must hold for it to succeed (invariant 19). */
type Move = {
  readonly sender: Address
  readonly purpose: number
  readonly role: { readonly role: string; readonly scope: string | null } | null
  readonly run: (city: RoomBench, keyId: string) => Outcome
}
type MoveMaker = (city: RoomBench, dice: Dice) => Move

function move<P>(
  definition: TransactionDefinition<P>,
  call: { sender: Address; payload: P; sponsor?: Address },
  options: { role?: Move['role']; isDecided?: boolean } = {},
): Move {
  const { role = null, isDecided = false } = options
  return {
    sender: call.sender,
    purpose: definition.keyPurpose,
    role,
    run: (city, keyId) => {
      if (isDecided) {
        const payload = encode(definition.payload, call.payload)
        decide(city, { kind: 'mandate', sender: call.sender, txType: definition.type, payload })
      }
      return city.run(definition, { ...call, keyId })
    },
  }
}

const guardSalt = (guardian: Address): Uint8Array => saltOf(GUARDS.indexOf(guardian) + 1)
const versionOf = (city: RoomBench, did: Address): number => readDid(city.view, did)?.versionId ?? 0
const receiptOf = (n: number) => hashOf(0x40 + (n % 4))
const act = ({ a, b, c }: Dice) => {
  const isOffice = a % 3 !== 0
  const did = pick(OWNERS, b)
  const office = isOffice ? { guCode: pick(GUS, c), caseCommit: hashOf(1) } : { guCode: null, caseCommit: null }
  const role = isOffice ? { role: 'REG_AUTH', scope: pick(GUS, c) } : null
  return { sender: isOffice ? pick(OFFICES, a) : did, payload: { did, ...office }, role }
}
const youth = (policyId: string) => ({
  policyId,
  purposeCode: 'YOUTH_ALLOWANCE',
  legalBasis: 'CONSENT' as const,
  predicates: [{ anyOf: [{ claim: 'age_ge_19', isTrue: true, value: null }] }],
  acceptedTypes: [RESIDENT],
  minAssurance: 1,
  retentionDays: 30,
})
const newKey = (city: RoomBench, did: Address, c: number) => {
  const kid = `n${versionOf(city, did) + (c % 2)}`
  return keyFor(city, did, { kid, name: `${OWNERS.indexOf(did)}-${kid}` })
}

const LIFE: readonly MoveMaker[] = [
  (_city, dice) => {
    const { sender, payload, role } = act(dice)
    const reasonCode = pick(['LOST_DEVICE', 'COURT', 'FRAUD'] as const, dice.c)
    return move(didSuspend, { sender, payload: { ...payload, reasonCode } }, { role })
  },
  (_city, dice) => {
    const { sender, payload } = act({ ...dice, a: dice.a * 3 + 1 })
    return move(didResume, { sender, payload }, { role: { role: 'REG_AUTH', scope: payload.guCode } })
  },
  (_city, dice) => {
    const { sender, payload, role } = act({ ...dice, b: 1 + (dice.b % 2) })
    const reasonCode = role === null ? 'OWNER_REQUEST' : 'DEATH'
    return dice.c % 4 === 0 ? move(didDeactivate, { sender, payload: { ...payload, reasonCode } }, { role }) : LIFE_WAIT
  },
  (city, { a, b }) => {
    const terminationDate = kstDate(city.block().time)
    const sender = at(pick(['cityhall', 'mapo'], a))
    const options = { role: { role: 'CITY_GOV', scope: null } }
    return move(didTerminate, { sender, payload: { did: pick(OWNERS, b), terminationDate } }, options)
  },
  (city, { a, c }) => {
    const did = pick(OWNERS, a)
    const revoke = (readDid(city.view, did)?.keys ?? []).findLast((key) => key.revokedAt === null)?.kid ?? 'k1'
    const prevVersionId = versionOf(city, did)
    return move(didRotate, { sender: did, payload: { did, prevVersionId, revoke, add: newKey(city, did, c) } })
  },
  (city, { a, b, c }) => {
    const did = pick(OWNERS, a)
    const controller = pick([null, [], [pick(OWNERS, a + 1)]] as const, b)
    const change = { add: [newKey(city, did, c)], revoke: [], relations: [], services: null, controller }
    return move(didUpdate, {
      sender: pick([did, at('bob')], c),
      payload: { did, prevVersionId: versionOf(city, did), ...change },
    })
  },
]
// An owner's suspension of nobody in particular: refused, and nothing changes.
const LIFE_WAIT = move(didResume, { sender: at('carol'), payload: { did: at('alice'), guCode: null, caseCommit: null } })

const RECOVERY: readonly MoveMaker[] = [
  (_city, { a, b }) => {
    const guardians = GUARDS.slice(0, 3).map((guardian) => guardianCommitment(guardian, guardSalt(guardian)))
    const did = pick([at('alice'), at('bob'), at('pair1')], a)
    return move(recoverySet, { sender: did, payload: { did, threshold: 1 + (b % 3), guardians, delaySec: 172_800 } })
  },
  (city, { a, b, c }) => {
    const [did, sender] = [pick(OWNERS, a % 2), pick(GUARDS, b)]
    return move(recoveryStart, { sender, payload: { did, salt: guardSalt(sender), newKeys: [newKey(city, did, c)] } })
  },
  (_city, { a, b }) => {
    const sender = pick(GUARDS, b)
    return move(recoveryApprove, { sender, payload: { did: pick(OWNERS, a % 2), salt: guardSalt(sender) } })
  },
  (_city, { a }) => move(recoveryCancel, { sender: pick(OWNERS, a % 2), payload: { did: pick(OWNERS, a % 2) } }),
  (_city, { a }) => move(recoveryFinish, { sender: at('carol'), payload: { did: pick(OWNERS, a % 2) } }),
]

const TRUST: readonly MoveMaker[] = [
  (_city, { a }) => {
    const payload = { orgCode: 'GU', types: [RESIDENT, 'IncomeBandCredential'], policyHash: hashOf(1) }
    return move(issuerPropose, { sender: pick([...ISSUERS, at('pair2')], a), payload })
  },
  (city, { a, b, c }) => {
    const validUntil = addDays(kstDate(city.block().time), b % 20)
    const payload = { issuer: pick(ISSUERS, a), types: [RESIDENT], assurance: 1 + (c % 3), validUntil }
    return move(issuerAccredit, { sender: at('cityhall'), payload }, { isDecided: c % 4 !== 0 })
  },
  (city, { a, b, c }) => {
    const payload = { issuer: pick(ISSUERS, a), effectiveAt: city.block().time - b * 1_000 }
    return move(issuerSuspend, { sender: at('cityhall'), payload }, { isDecided: c % 4 !== 0 })
  },
  (city, { a, b, c }) => {
    const effectiveAt = city.block().time - b * 1_000
    const payload = { issuer: pick(ISSUERS, a), effectiveAt, compromisedSince: effectiveAt }
    return move(issuerRevoke, { sender: at('cityhall'), payload }, { isDecided: c % 8 === 0 })
  },
  (city, { a, b }) => {
    const version = (schemaHeads.get(city.view, RESIDENT)?.latest ?? 0) + (b % 2)
    const claims = [{ name: 'a', type: 'BOOLEAN', sdAlways: true } as const]
    return move(schemaRegister, { sender: pick(ISSUERS, a), payload: { schemaId: RESIDENT, version, claims, hash: hashOf(2) } })
  },
  (_city, { a, b }) =>
    move(statusCreate, {
      sender: pick(ISSUERS, a),
      payload: {
        listId: LIST + BigInt(b % 2),
        purpose: b % 2 === 0 ? ('REVOCATION' as const) : ('SUSPENSION' as const),
        size: 131_072,
      },
    }),
  (city, { a, b, c }) => {
    const key = { issuer: pick(ISSUERS, a), listId: LIST + BigInt(b % 2) }
    const seq = (statusLists.get(city.view, key)?.seq ?? 0n) + 1n
    const changes = [0, 1, 2].map((i) => ({ index: ((c + i * 7) * 11_003) % 131_072, bit: (c + i) % 3 !== 0 }))
    return move(statusSet, { sender: key.issuer, payload: { listId: key.listId, seq, changes } })
  },
  (_city, { a, b }) => {
    const payload = { schemaId: RESIDENT, root: hashOf(b), count: 10, period: 202611 }
    return move(credAnchorBatch, { sender: pick(ISSUERS, a), payload })
  },
]

const VERIFICATION: readonly MoveMaker[] = [
  (_city, { a, c }) => {
    const options = { role: { role: 'VERIFIER', scope: pick(POLICIES, a) }, isDecided: c % 4 !== 0 }
    return move(policyRegister, { sender: pick(AGENCIES, a), payload: youth(pick(POLICIES, a)) }, options)
  },
  (_city, { a, b }) =>
    move(
      policyRetire,
      { sender: pick(AGENCIES, a + (b % 3 === 0 ? 1 : 0)), payload: { policyId: pick(POLICIES, a) } },
      { role: { role: 'VERIFIER', scope: pick(POLICIES, a) } },
    ),
  grantMove,
  grantMove,
  grantMove,
  (city, { a, b }) => {
    const receiptCommit = receiptOf(b)
    return move(consentWithdraw, { sender: holderOr(city, receiptCommit, a), payload: { receiptCommit } })
  },
  recordMove,
  recordMove,
  disputeMove,
  disputeMove,
  reviewMove,
  reviewMove,
  reviewMove,
  (city, { a, b }) => {
    const date = kstDate(city.block().time)
    const payload = { receiptCommit: receiptOf(b), action: 'VALUE_AND_SALT_DESTROYED' as const, date }
    return move(erasureLog, { sender: at(pick(['dpo', 'agency'], a)), payload }, { role: { role: 'DPO', scope: null } })
  },
]

function holderOr(city: RoomBench, receiptCommit: ReturnType<typeof receiptOf>, a: number): Address {
  const consent = consents.get(city.view, receiptCommit)
  return consent === null || a % 4 === 0 ? pick(PAIRS, a) : consent.holder
}

function disputeMove(city: RoomBench, { a, b }: Dice): Move {
  const receiptCommit = receiptOf(b)
  return move(verifyDispute, { sender: holderOr(city, receiptCommit, a), payload: { receiptCommit, reasonCommit: hashOf(3) } })
}

function reviewMove(city: RoomBench, { a, b }: Dice): Move {
  const receiptCommit = receiptOf(b)
  const scope = consents.get(city.view, receiptCommit)?.policyId ?? null
  const payload = { receiptCommit, outcome: 'PASS' as const, reasonCommit: hashOf(4) }
  return move(verifyReview, { sender: pick(REVIEWERS, a), payload }, { role: { role: 'VERIFIER', scope } })
}

function grantMove(city: RoomBench, { a, b, c }: Dice): Move {
  const expiresOn = addDays(kstDate(city.block().time), c % 4)
  const use = { policyId: pick(POLICIES, b), verifier: pick(AGENCIES, b) }
  const holderAge = c % 5 === 0 ? ('UNDER_14' as const) : ('AGE_GE_14' as const)
  const payload = { receiptCommit: receiptOf(b), ...use, expiresOn, holderAge }
  return move(consentGrant, { sender: pick(PAIRS, a), payload, ...(c % 2 === 0 ? { sponsor: at('parent') } : {}) })
}

function recordMove(city: RoomBench, { b, c }: Dice): Move {
  const receiptCommit = receiptOf(b)
  const consent = consents.get(city.view, receiptCommit)
  const outcome = pick(['PASS', 'FAIL', 'ERROR'] as const, c)
  const seen = { outcome, policyVersion: consent?.policyVersion ?? 1, statusSeqs: [], checkedAt: city.block().time }
  const scope = consent?.policyId ?? null
  return move(
    verifyRecord,
    { sender: pick(AGENCIES, b), payload: { receiptCommit, ...seen } },
    { role: { role: 'VERIFIER', scope } },
  )
}

const MOVES = [...LIFE, ...RECOVERY, ...TRUST, ...VERIFICATION, ...VERIFICATION]
const KINDS = new Set(MOVES)
const ROLES = [
  { role: 'REG_AUTH', did: at('mapo'), scope: '11440' },
  { role: 'VERIFIER', did: at('agency'), scope: null },
  { role: 'VERIFIER', did: at('reviewer'), scope: 'YOUTH-2026' },
  { role: 'DPO', did: at('dpo'), scope: null },
]

const dice = fc.record({ a: fc.nat(11), b: fc.nat(11), c: fc.nat(11) })
const step = fc.oneof(
  { weight: 14, arbitrary: fc.record({ kind: fc.constant('move' as const), which: fc.nat(MOVES.length - 1), dice }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4 * DAY_MS }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('role' as const), which: fc.nat(ROLES.length - 1), isGrant: fc.boolean() }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const then = (maker: MoveMaker | undefined, a: number, b: number, c: number): Step => ({
  kind: 'move',
  which: MOVES.indexOf(maker as MoveMaker),
  dice: { a, b, c },
})
// What chance alone seldom strings together; the steps between come from chance.
const STORIES: readonly (readonly Step[])[] = [
  [then(RECOVERY[1], 0, 0, 0), then(RECOVERY[2], 0, 1, 0), { kind: 'wait', ms: 2 * DAY_MS }, then(RECOVERY[4], 0, 0, 0)],
  [then(LIFE[2], 0, 1, 0), then(LIFE[3], 0, 2, 0)],
  [then(grantMove, 0, 2, 1), then(recordMove, 0, 2, 1), then(disputeMove, 1, 2, 0), then(reviewMove, 0, 2, 0)],
]
const chapter = fc.oneof(
  { weight: 12, arbitrary: step.map((one): readonly Step[] => [one]) },
  { weight: 1, arbitrary: fc.constantFrom(...STORIES) },
)

function start(): RoomBench {
  const city = createIdentityBench()
  const sender = at('issuer')
  city.run(issuerPropose, { sender, payload: { orgCode: 'GU', types: [RESIDENT], policyHash: hashOf(1) } })
  const accredited = { issuer: sender, types: [RESIDENT], assurance: 2, validUntil: 20271231 }
  runByCouncil(city, issuerAccredit, { sender: at('cityhall'), payload: accredited })
  city.run(statusCreate, { sender, payload: { listId: LIST, purpose: 'REVOCATION' as const, size: 131_072 } })
  runByCouncil(city, policyRegister, { sender: at('agency'), payload: youth('YOUTH-2026') })
  const guardians = GUARDS.slice(0, 3).map((guardian) => guardianCommitment(guardian, guardSalt(guardian)))
  city.run(recoverySet, { sender: at('alice'), payload: { did: at('alice'), threshold: 2, guardians, delaySec: 172_800 } })
  return city
}

const liveKeyOf = (city: RoomBench, { sender, purpose }: Move): string | null =>
  readDid(city.view, sender)?.keys.find((key) => {
    const found = findKey(city.view, sender, key.kid)
    return found?.live === true && (found.purposes & purpose) !== 0
  })?.kid ?? null

const digestOf = (city: RoomBench): string => {
  const records = city.view.diff().filter(({ key }) => key.startsWith('identity/'))
  return sha256(new TextEncoder().encode(records.map(({ key, value }) => `${key}=${value === null ? '' : toHex(value)}`).join()))
}
const versionsOf = (city: RoomBench): readonly number[] => OWNERS.map((did) => versionOf(city, did))
const revokedIn = (city: RoomBench): readonly Uint8Array[] =>
  ISSUERS.map((issuer) => readBits(city.view, { issuer, listId: LIST }))
const isMonotone = (before: readonly Uint8Array[], after: readonly Uint8Array[]): boolean =>
  before.every((list, i) => list.every((byte, j) => (byte & ~((after[i] as Uint8Array)[j] as number)) === 0))

function checkState(city: RoomBench): void {
  const records = [...city.scan('')]
  const scan = (prefix: string) => records.filter(([key]) => key.startsWith(prefix))
  expect(checkIdentityInvariants(scan)).toEqual([])
  // Invariant 17: the main DID of a citizen with a recovery policy stands in no consent.
  const main = at('alice')
  for (const [, bytes] of scan('identity/consent/')) expect(toHex(bytes)).not.toContain(main)
}

/** Runs one step and gives whether a transaction succeeded. */
function take(city: RoomBench, one: Step): boolean {
  if (one.kind === 'wait') {
    city.advance(one.ms)
    return false
  }
  if (one.kind === 'role') {
    const role = pick(ROLES, one.which)
    const period = { validFrom: null, validUntil: null }
    decide(city, one.isGrant ? { kind: 'roleGrant', ...role, ...period } : { kind: 'roleRevoke', ...role })
    return false
  }
  const tried = pick(MOVES, one.which)(city, one.dice)
  const keyId = liveKeyOf(city, tried)
  if (keyId === null) return false
  const { role, sender } = tried
  const isHeld = role === null || hasRole(city.view, { account: sender, ...role, block: city.block() })
  const before = digestOf(city)
  const { failure } = tried.run(city, keyId)
  if (failure !== null) expect(digestOf(city)).toBe(before)
  else expect(isHeld).toBe(true)
  return failure === null
}

describe('a random season of identity', () => {
  // The bound is for a machine with much else to do; nothing here depends on time.
  it('keeps versions, bits, privacy and authority after every step', { timeout: 240_000 }, () => {
    const succeeded = new Set<MoveMaker>()
    let total = 0
    fc.assert(
      fc.property(fc.array(chapter, { minLength: 40, maxLength: 80, size: 'max' }), (chapters) => {
        const city = start()
        for (const one of chapters.flat()) {
          const versions = versionsOf(city)
          const bits = revokedIn(city)
          const isDone = take(city, one)
          if (isDone && one.kind === 'move') {
            succeeded.add(pick(MOVES, one.which))
            total += 1
          }
          const growth = versionsOf(city).map((version, i) => version - (versions[i] ?? 0))
          expect(growth.filter((by) => by !== 0 && by !== 1)).toEqual([])
          expect(growth.filter((by) => by === 1).length).toBeLessThanOrEqual(1)
          expect(isMonotone(bits, revokedIn(city))).toBe(true)
          checkState(city)
        }
      }),
      { numRuns: 30 },
    )
    expect(total).toBeGreaterThan(200)
    expect(KINDS.size - succeeded.size).toBeLessThanOrEqual(4)
    expect(digestOf(start())).toBe(digestOf(start()))
  })

  it('gives one state for one history, whatever the machine thinks of time and place (invariant 20)', {
    timeout: 120_000,
  }, () => {
    const { TZ, LANG } = process.env
    const run = (chapters: readonly (readonly Step[])[]): readonly string[] => {
      const city = start()
      return chapters.flat().map((one) => `${take(city, one)} ${digestOf(city)}`)
    }
    try {
      fc.assert(
        fc.property(fc.array(chapter, { minLength: 20, maxLength: 30, size: 'max' }), (chapters) => {
          Object.assign(process.env, { TZ: 'Asia/Seoul', LANG: 'ko_KR.UTF-8' })
          const here = run(chapters)
          Object.assign(process.env, { TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8' })
          expect(run(chapters)).toEqual(here)
        }),
        { numRuns: 4 },
      )
    } finally {
      process.env['TZ'] = TZ ?? 'UTC'
      process.env['LANG'] = LANG ?? 'C.UTF-8'
    }
  })
})
