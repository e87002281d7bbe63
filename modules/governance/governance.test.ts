import { describe, expect, it } from 'vitest'
import { kstMidnight } from '../../core/base/civil-time.ts'
import { asAddress, asHash32 } from '../../core/base/ids.ts'
import type { Address, TxId } from '../../core/base/ids.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { readAccount } from '../../core/state/accounts.ts'
import { accountOf, createRoomBench, genesisDocument, textOf } from '../../test/room-bench.ts'
import type { Outcome, RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { writeParam } from './actions.ts'
import { approve } from './approve.ts'
import {
  hasRole,
  lawOn,
  paramAt,
  paramOn,
  readChainParams,
  readCouncil,
  readValidators,
  requireMandate,
  requireRole,
  spendMandate,
  statuteOn,
} from './keeper.ts'
import { PARAM_RULES, paramRuleOf } from './param-keys.ts'
import { propose } from './propose.ts'
import { getCouncil, getParam, getProposal, getRoles, getValidators } from './queries.ts'
import { isGuCode } from './roles.ts'
import { PARAM_VALUES_MAX, ROLES_MAX } from './schema.ts'
import type { Action } from './schema.ts'
import { params, proposals, roles } from './store.ts'
import { withdraw } from './withdraw.ts'

const [city1, city2, city3, v1, v2, v3, alice] = ['city1', 'city2', 'city3', 'v1', 'v2', 'v3', 'alice'].map(accountOf) as [
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
  Address,
]

const bench = (): RoomBench => createRoomBench(REGISTRY)
const codeOf = (outcome: Outcome): string | null => outcome.failure?.code ?? null
const lay = (city: RoomBench, sender: Address, action: Action): Outcome => city.run(propose, { sender, payload: { action } })
const agree = (city: RoomBench, sender: Address, proposalId: TxId): Outcome =>
  city.run(approve, { sender, payload: { proposalId } })
const takeBack = (city: RoomBench, sender: Address, proposalId: TxId): Outcome =>
  city.run(withdraw, { sender, payload: { proposalId } })
const decide = (city: RoomBench, action: Action): Outcome => {
  const laid = lay(city, city1, action)
  return laid.failure === null ? agree(city, city2, laid.txId) : laid
}

const grant = (over: Partial<Extract<Action, { kind: 'roleGrant' }>> = {}): Action => ({
  kind: 'roleGrant',
  role: 'REG_AUTH',
  did: alice,
  scope: '11440',
  validFrom: null,
  validUntil: null,
  ...over,
})
const revoke = (role: string, scope: string | null): Action => ({ kind: 'roleRevoke', role, did: alice, scope })
const setParam = (key: string, effectiveFrom: number, value: bigint): Action => ({
  kind: 'paramSet',
  key,
  effectiveFrom,
  value: { kind: 'number', value },
  sourceRef: '서울시 고시 2026-1',
})
const holds = (city: RoomBench, role: string, scope: string | null): boolean =>
  hasRole(city.view, { account: alice, role, scope, block: city.block() })

describe('proposals', () => {
  it('run at the quorum of the city council, inside the deciding approval', () => {
    const city = bench()
    const { txId: proposalId, events } = lay(city, city1, grant())
    expect(events.map(({ name }) => name)).toEqual(['governance.proposed', 'governance.approved'])
    expect(events[0]?.payload).toEqual({ proposalId, council: 'city', proposer: city1, expiresAt: 10_001 })
    expect(holds(city, 'REG_AUTH', '11440')).toBe(false)
    const decided = agree(city, city3, proposalId)
    expect(decided.events.map(({ name }) => name)).toEqual([
      'governance.approved',
      'governance.roleGranted',
      'governance.executed',
    ])
    expect(holds(city, 'REG_AUTH', '11440')).toBe(true)
    expect(city.ask(getProposal, { proposalId: `0x${proposalId}` })).toMatchObject({
      status: 'executed',
      council: 'city',
      approvals: [textOf('city1'), textOf('city3')],
      action: { kind: 'roleGrant', role: 'REG_AUTH', scope: '11440' },
      decidedAt: 1,
    })
    expect(city.broken()).toEqual([])
  })

  it('run at once in a council of one', () => {
    const document = genesisDocument()
    const rooms = document.rooms as { governance: { councils: object } }
    rooms.governance.councils = { city: { threshold: 1, members: [textOf('city1')] } }
    const city = createRoomBench(REGISTRY, document)
    expect(lay(city, city1, grant()).events.at(-1)?.name).toBe('governance.executed')
    expect(holds(city, 'REG_AUTH', '11440')).toBe(true)
  })

  it('about credit classes are decided by more than two thirds of the validators', () => {
    const city = bench()
    const action: Action = { kind: 'accountClassSet', account: alice, creditClass: 1 }
    expect(codeOf(lay(city, city1, action))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    const { txId } = lay(city, v1, action)
    expect(codeOf(agree(city, city1, txId))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    agree(city, v2, txId)
    expect(readAccount(city.view, alice).creditClass).toBe(0)
    expect(agree(city, v3, txId).events.at(-1)?.name).toBe('governance.executed')
    expect(readAccount(city.view, alice).creditClass).toBe(1)
  })

  it('change the city council; approvals of former members no longer count', () => {
    const city = bench()
    const { txId: old } = lay(city, city1, grant())
    expect(codeOf(decide(city, { kind: 'councilSet', threshold: 2, members: [city2, city3, alice] }))).toBe(null)
    expect(codeOf(agree(city, city1, old))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(agree(city, city2, old).events).toEqual([
      { name: 'governance.approved', payload: { proposalId: old, approver: city2, approvals: 1 } },
    ])
    expect(agree(city, alice, old).events.at(-1)?.name).toBe('governance.executed')
    expect(city.ask(getCouncil, { council: 'city' })).toEqual({ threshold: 2, members: ['city2', 'city3', 'alice'].map(textOf) })
  })

  it('can be withdrawn by their proposer alone', () => {
    const city = bench()
    const { txId } = lay(city, city1, grant())
    expect(codeOf(takeBack(city, city2, txId))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(takeBack(city, city1, txId).events).toEqual([{ name: 'governance.withdrawn', payload: { proposalId: txId } }])
    expect(city.ask(getProposal, { proposalId: `0x${txId}` })).toMatchObject({ status: 'withdrawn' })
  })

  it('GOVERNANCE_NOT_AUTHORIZED: only members propose and approve', () => {
    const city = bench()
    expect(codeOf(lay(city, alice, grant()))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    const { txId } = lay(city, city1, grant())
    expect(codeOf(agree(city, alice, txId))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    const question = { account: alice, role: 'CITY_GOV', scope: null, block: city.block() }
    expect(requireRole(city.view, question)?.code).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(requireRole(city.view, { ...question, account: accountOf('cityhall') })).toBe(null)
  })

  it('GOVERNANCE_PROPOSAL_UNKNOWN: no such proposal', () => {
    const proposalId = asHash32('cd'.repeat(32))
    expect(codeOf(agree(bench(), city1, proposalId))).toBe('GOVERNANCE_PROPOSAL_UNKNOWN')
    expect(bench().ask(getProposal, { proposalId: `0x${proposalId}` })).toBe('GOVERNANCE_PROPOSAL_UNKNOWN')
  })

  it('GOVERNANCE_PROPOSAL_EXPIRED: the last height that may approve is 10,000 after the proposal', () => {
    const city = bench()
    const first = lay(city, city1, grant()).txId
    const second = lay(city, city1, grant({ scope: '11110' })).txId
    city.jumpTo(10_001)
    expect(codeOf(agree(city, city2, first))).toBe(null)
    city.jumpTo(10_002)
    expect(codeOf(agree(city, city2, second))).toBe('GOVERNANCE_PROPOSAL_EXPIRED')
    expect(city.ask(getProposal, { proposalId: `0x${second}` })).toMatchObject({ status: 'expired', decidedAt: null })
  })

  it('GOVERNANCE_PROPOSAL_DECIDED: a decided proposal takes no more approvals', () => {
    const city = bench()
    const { txId } = lay(city, city1, grant())
    agree(city, city2, txId)
    expect(codeOf(agree(city, city3, txId))).toBe('GOVERNANCE_PROPOSAL_DECIDED')
    expect(codeOf(takeBack(city, city1, txId))).toBe('GOVERNANCE_PROPOSAL_DECIDED')
  })

  it('GOVERNANCE_ALREADY_APPROVED: one member, one approval', () => {
    const city = bench()
    const { txId } = lay(city, city1, grant())
    expect(codeOf(agree(city, city1, txId))).toBe('GOVERNANCE_ALREADY_APPROVED')
    expect(proposals.get(city.view, txId)?.approvals).toEqual([city1])
  })

  it('stay open when the deciding approval finds that the action cannot run any more', () => {
    const city = bench()
    const first = lay(city, city1, grant()).txId
    const second = lay(city, city1, grant()).txId
    expect(codeOf(agree(city, city2, first))).toBe(null)
    expect(codeOf(agree(city, city2, second))).toBe('GOVERNANCE_ROLE_EXISTS')
    expect(proposals.get(city.view, second)?.status).toBe('open')
  })
})

describe('roles', () => {
  it('hold from their first to their last Korean day, both included', () => {
    const city = bench()
    expect(codeOf(decide(city, grant({ validFrom: 20261125, validUntil: 20261126 })))).toBe(null)
    expect(holds(city, 'REG_AUTH', '11440')).toBe(false)
    city.advanceTo(kstMidnight(20261125) - 1)
    expect(holds(city, 'REG_AUTH', '11440')).toBe(false)
    city.advance(1)
    expect(holds(city, 'REG_AUTH', '11440')).toBe(true)
    city.advanceTo(kstMidnight(20261127) - 1)
    expect(holds(city, 'REG_AUTH', '11440')).toBe(true)
    city.advance(1)
    expect(holds(city, 'REG_AUTH', '11440')).toBe(false)
  })

  it('count for their scope only; without a scope they count for all', () => {
    const city = bench()
    decide(city, grant())
    expect([holds(city, 'REG_AUTH', '11440'), holds(city, 'REG_AUTH', '11110'), holds(city, 'REG_AUTH', null)]).toEqual([
      true,
      false,
      true,
    ])
    decide(city, grant({ scope: null }))
    expect(holds(city, 'REG_AUTH', '11110')).toBe(true)
    expect(holds(city, 'BANK', null)).toBe(false)
  })

  it('end by revocation, and the record with the last of them', () => {
    const city = bench()
    decide(city, grant())
    decide(city, grant({ scope: '11110' }))
    expect(decide(city, revoke('REG_AUTH', '11440')).events.map(({ name }) => name)).toContain('governance.roleRevoked')
    expect([holds(city, 'REG_AUTH', '11440'), holds(city, 'REG_AUTH', '11110')]).toEqual([false, true])
    decide(city, revoke('REG_AUTH', '11110'))
    expect(roles.has(city.view, alice)).toBe(false)
    expect(city.ask(getRoles, { account: textOf('alice') })).toEqual({ roles: [] })
    const bank = { roles: [{ role: 'BANK', scope: '004', validFrom: null, validUntil: null }] }
    expect(city.ask(getRoles, { account: textOf('bankA') })).toEqual(bank)
  })

  it('GOVERNANCE_ROLE_EXISTS: the same role and scope cannot overlap in days, but may follow', () => {
    const city = bench()
    decide(city, grant({ validFrom: 20270101, validUntil: 20270131 }))
    expect(codeOf(decide(city, grant({ validFrom: 20270131 })))).toBe('GOVERNANCE_ROLE_EXISTS')
    expect(codeOf(decide(city, grant()))).toBe('GOVERNANCE_ROLE_EXISTS')
    expect(codeOf(decide(city, grant({ validFrom: 20270201 })))).toBe(null)
    expect(codeOf(decide(city, grant({ validUntil: 20261231 })))).toBe(null)
  })

  it('GOVERNANCE_ROLE_UNKNOWN: no such role, or none to revoke', () => {
    expect(codeOf(decide(bench(), grant({ role: 'MAYOR' })))).toBe('GOVERNANCE_ROLE_UNKNOWN')
    expect(codeOf(decide(bench(), revoke('REG_AUTH', '11440')))).toBe('GOVERNANCE_ROLE_UNKNOWN')
  })

  it('GOVERNANCE_ROLE_PERIOD_INVALID: days are days and in order', () => {
    for (const period of [{ validFrom: 20260230 }, { validUntil: 0 }, { validFrom: 20260102, validUntil: 20260101 }]) {
      expect(codeOf(lay(bench(), city1, grant(period)))).toBe('GOVERNANCE_ROLE_PERIOD_INVALID')
    }
  })

  it('GOVERNANCE_SCOPE_INVALID: a gu code, a code where one is needed, none where none is', () => {
    const city = bench()
    expect(codeOf(decide(city, grant({ scope: '99999' })))).toBe('GOVERNANCE_SCOPE_INVALID')
    expect(codeOf(decide(city, grant({ role: 'BANK', scope: null })))).toBe('GOVERNANCE_SCOPE_INVALID')
    expect(codeOf(decide(city, grant({ role: 'CITY_GOV', scope: '11440' })))).toBe('GOVERNANCE_SCOPE_INVALID')
    expect(codeOf(decide(city, grant({ role: 'BANK', scope: '004' })))).toBe(null)
    expect(['11110', '11440', '11740', '11215'].every(isGuCode)).toBe(true)
  })

  it('GOVERNANCE_ROLES_FULL: one record holds 64; grants that ended make room', () => {
    const city = bench()
    const today = Array.from({ length: ROLES_MAX }, (_, i) => grant({ role: 'ISSUER', scope: `S${i}`, validUntil: 20261123 }))
    for (const action of today) expect(codeOf(decide(city, action))).toBe(null)
    expect(codeOf(decide(city, grant()))).toBe('GOVERNANCE_ROLES_FULL')
    city.advanceTo(kstMidnight(20261124))
    expect(codeOf(decide(city, grant()))).toBe(null)
    expect(roles.get(city.view, alice)?.roles).toHaveLength(1)
  })
})

describe('legal parameters', () => {
  it('have their initial value until one takes effect on its Korean day', () => {
    const city = bench()
    expect(paramAt(city.view, 'payment.holdLimit', city.block())).toBe(1_000_000n)
    expect(codeOf(decide(city, setParam('payment.holdLimit', 202612, 2_000_000n)))).toBe(null)
    city.advanceTo(kstMidnight(20261201) - 1)
    expect(paramAt(city.view, 'payment.holdLimit', city.block())).toBe(1_000_000n)
    city.advance(1)
    expect(paramAt(city.view, 'payment.holdLimit', city.block())).toBe(2_000_000n)
    expect(paramOn(city.view, 'payment.holdLimit', 20261130)).toBe(1_000_000n)
    const asked = { key: 'payment.holdLimit', date: 20261130 }
    expect(city.ask(getParam, asked)).toMatchObject({ isInitial: true, value: { kind: 'number', value: '1000000' } })
    expect(city.ask(getParam, { key: 'payment.holdLimit' })).toMatchObject({ effectiveFrom: 20261201, isInitial: false })
  })

  it('keep every value; a later decision for the same day replaces a planned one', () => {
    const city = bench()
    decide(city, setParam('payment.dailyLimit', 20270201, 3n))
    decide(city, setParam('payment.dailyLimit', 20270101, 1n))
    decide(city, setParam('payment.dailyLimit', 20270101, 2n))
    expect(params.get(city.view, 'payment.dailyLimit')?.entries.map((entry) => entry.value.value)).toEqual([1n, 2n, 3n])
    expect(paramOn(city.view, 'payment.dailyLimit', 20270115)).toBe(2n)
    expect(paramOn(city.view, 'payment.dailyLimit', 20270301)).toBe(3n)
    expect(city.broken()).toEqual([])
  })

  it('of a family fall back from the member to the family', () => {
    const city = bench()
    decide(city, setParam('payment.netDebitCap', 20261124, 7n))
    decide(city, setParam('payment.netDebitCap.004', 20261124, 9n))
    city.advanceTo(kstMidnight(20261124))
    const at = (key: string): bigint => paramAt(city.view, key, city.block())
    expect([at('payment.netDebitCap.004'), at('payment.netDebitCap.088'), at('payment.netDebitCap.A.B')]).toEqual([9n, 7n, 7n])
    expect(paramRuleOf('payment.netDebitCap.')).toBe(null)
    expect(paramRuleOf('payment.holdLimit.004')).toBe(null)
  })

  it('have initial values inside their bounds', () => {
    for (const { min, max, initial, key } of PARAM_RULES) expect([key, min <= initial && initial <= max]).toEqual([key, true])
  })

  it('GOVERNANCE_PARAM_UNKNOWN: no rule reads it', () => {
    expect(codeOf(decide(bench(), setParam('payment.nothing', 20270101, 1n)))).toBe('GOVERNANCE_PARAM_UNKNOWN')
    expect(bench().ask(getParam, { key: 'payment.nothing' })).toBe('GOVERNANCE_PARAM_UNKNOWN')
  })

  it('GOVERNANCE_PARAM_OUT_OF_BOUNDS: a value outside its bounds', () => {
    expect(codeOf(decide(bench(), setParam('payment.holdLimit', 20270101, 0n)))).toBe('GOVERNANCE_PARAM_OUT_OF_BOUNDS')
    expect(codeOf(decide(bench(), setParam('payment.redeemHours', 20270101, 721n)))).toBe('GOVERNANCE_PARAM_OUT_OF_BOUNDS')
  })

  it('GOVERNANCE_PARAM_RETROACTIVE: today has begun, also by the time of the deciding approval', () => {
    const city = bench()
    expect(codeOf(decide(city, setParam('payment.holdLimit', 20261123, 2n)))).toBe('GOVERNANCE_PARAM_RETROACTIVE')
    expect(codeOf(decide(city, setParam('payment.holdLimit', 202611, 2n)))).toBe('GOVERNANCE_PARAM_RETROACTIVE')
    const { txId } = lay(city, city1, setParam('payment.holdLimit', 20261124, 2n))
    city.advanceTo(kstMidnight(20261124))
    expect(codeOf(agree(city, city2, txId))).toBe('GOVERNANCE_PARAM_RETROACTIVE')
  })

  it('GOVERNANCE_PARAM_DATE_INVALID: a day or a month of this century', () => {
    for (const date of [0, 2026, 20260230, 202613, 21000101]) {
      expect(codeOf(lay(bench(), city1, setParam('payment.holdLimit', date, 2n)))).toBe('GOVERNANCE_PARAM_DATE_INVALID')
    }
    expect(bench().ask(getParam, { key: 'payment.holdLimit', date: 1 })).toBe('GOVERNANCE_PARAM_DATE_INVALID')
  })

  it('GOVERNANCE_PARAM_FULL: a record takes 256 values', () => {
    const city = bench()
    for (let i = 0; i < PARAM_VALUES_MAX; i++)
      expect(codeOf(decide(city, setParam('payment.holdLimit', 20270101, 5n)))).toBe(null)
    expect(codeOf(decide(city, setParam('payment.holdLimit', 20270101, 5n)))).toBe('GOVERNANCE_PARAM_FULL')
  })
})

describe('the governance room', () => {
  it('GOVERNANCE_COUNCIL_INVALID: distinct members and a threshold that they can reach', () => {
    const members = [city1, city2]
    for (const council of [
      { threshold: 0, members },
      { threshold: 3, members },
      { threshold: 1, members: [city1, city1] },
    ]) {
      expect(codeOf(lay(bench(), city1, { kind: 'councilSet', ...council }))).toBe('GOVERNANCE_COUNCIL_INVALID')
    }
  })

  it('GOVERNANCE_CLASS_UNKNOWN: the chain has three credit classes', () => {
    expect(codeOf(lay(bench(), v1, { kind: 'accountClassSet', account: alice, creditClass: 3 }))).toBe('GOVERNANCE_CLASS_UNKNOWN')
  })

  it('keeps validators sorted and consensus parameters as the genesis document has them', () => {
    const city = bench()
    const authorities = readValidators(city.view).map((validator) => validator.authority)
    expect(authorities).toEqual(['v1', 'v2', 'v3', 'v4'].map(accountOf).sort())
    expect(readCouncil(city.view, 'validators')).toEqual({ threshold: 3, members: authorities })
    expect(readChainParams(city.view)).toEqual(CITY_PARAMS)
    expect(city.ask(getValidators, {})).toHaveLength(4)
    expect(getValidators.keyOf?.({})).toBe('governance/validators')
    expect(getCouncil.keyOf?.({ council: 'validators' })).toBe('governance/validators')
    expect(getCouncil.keyOf?.({ council: 'city' })).toBe('governance/council/city')
  })

  it('refuses a genesis document that no council could have decided', () => {
    const twist = (change: object) => () => {
      const document = genesisDocument()
      const rooms = document.rooms as { governance: object }
      rooms.governance = { ...rooms.governance, ...change }
      return createRoomBench(REGISTRY, document)
    }
    expect(twist({ councils: { city: { threshold: 2, members: [textOf('city1')] } } })).toThrow(
      'governance.councils.city: GOVERNANCE_COUNCIL',
    )
    expect(twist({ validators: [] })).toThrow('at least one validator')
    expect(twist({ params: { ...CITY_PARAMS, blockTxsMax: 0 } })).toThrow('blockTxsMax is 0')
    expect(twist({ roles: [{ role: 'BANK', did: textOf('alice') }] })).toThrow('governance.roles[0]: GOVERNANCE_SCOPE_INVALID')
    expect(twist({ roles: [{ role: 'DPO', did: textOf('alice'), validFrom: 1 }] })).toThrow('roles[0]: GOVERNANCE_ROLE_PERIOD')
    const legal = { key: 'x', effectiveFrom: 202601, value: { kind: 'number', value: '1' }, sourceRef: '' }
    expect(twist({ legalParams: [legal] })).toThrow('legalParams[0]: GOVERNANCE_PARAM_UNKNOWN')
  })

  it('notices values out of order and roles that cannot be', () => {
    const city = bench()
    const entry = { effectiveFrom: 20270101, value: { kind: 'number' as const, value: 1n }, sourceRef: '', setAt: 1 }
    params.set(city.view, 'payment.holdLimit', { entries: [entry, { ...entry, effectiveFrom: 20260101 }] })
    roles.set(city.view, asAddress('11'.repeat(20)), {
      roles: [{ role: 'KING', scope: null, validFrom: null, validUntil: null }],
    })
    expect(city.broken()).toEqual([
      'governance/param/payment.holdLimit: values do not stand in the order of their dates',
      `governance/roles/${'11'.repeat(20)}: a role that could not be granted`,
    ])
  })
})

describe('a mandate of the city council', () => {
  const mandate = { sender: alice, txType: 0x020e, payload: new Uint8Array([0x91, 0x01]) }

  it('GOVERNANCE_MANDATE_MISSING: holds for one sender, type and payload, for a while, once', () => {
    const city = bench()
    const missing = (over: Partial<typeof mandate> = {}): string | null =>
      requireMandate(city.view, { ...mandate, ...over }, city.block().height)?.code ?? null
    expect(missing()).toBe('GOVERNANCE_MANDATE_MISSING')
    const { failure, events } = decide(city, { kind: 'mandate', ...mandate })
    expect(failure).toBe(null)
    expect(events.at(-2)).toMatchObject({
      name: 'governance.mandated',
      payload: { sender: alice, txType: 0x020e, usableUntil: 10_001 },
    })
    expect([missing(), missing({ sender: city1 }), missing({ txType: 0x020f }), missing({ payload: new Uint8Array(2) })]).toEqual(
      [null, 'GOVERNANCE_MANDATE_MISSING', 'GOVERNANCE_MANDATE_MISSING', 'GOVERNANCE_MANDATE_MISSING'],
    )
    city.jumpTo(10_002)
    expect(missing()).toBe('GOVERNANCE_MANDATE_MISSING')
    city.jumpTo(10_001)
    spendMandate(city.view, mandate)
    expect(missing()).toBe('GOVERNANCE_MANDATE_MISSING')
  })

  it('is decided by the city, not by the validators', () => {
    expect(codeOf(lay(bench(), v1, { kind: 'mandate', ...mandate }))).toBe('GOVERNANCE_NOT_AUTHORIZED')
  })
})

describe('parameters with steps of law', () => {
  const KEY = 'insurance.ei.ratePpm'
  const setRate = (view: Parameters<typeof writeParam>[0], effectiveFrom: number, value: bigint): void =>
    writeParam(view, { key: KEY, effectiveFrom, value: { kind: 'number', value }, sourceRef: 'ref' }, 0)

  it('have the step that is in force, and say beyond which day nothing is decided', () => {
    const { view } = createRoomBench(REGISTRY)
    expect([20180101, 20190930, 20191001, 20220701, 20261231].map((day) => lawOn(view, KEY, day))).toEqual([
      { value: 6_500n, standing: 'decided' },
      { value: 6_500n, standing: 'decided' },
      { value: 8_000n, standing: 'decided' },
      { value: 9_000n, standing: 'decided' },
      { value: 9_000n, standing: 'decided' },
    ])
    expect(lawOn(view, KEY, 20270101)).toEqual({ value: 9_000n, standing: 'latest' })
    expect(lawOn(view, KEY, 20171231)).toEqual({ value: 6_500n, standing: 'none' })
    expect(lawOn(view, 'insurance.iaci.ppm.DIVING', 20261101)).toEqual({ value: 0n, standing: 'none' })
    expect(statuteOn('insurance.nowhere', 20261101)).toBe(null)
  })

  it('yield to an entry of the same or a later day, and come back with a later step', () => {
    const { view } = createRoomBench(REGISTRY)
    setRate(view, 20190101, 7_000n)
    setRate(view, 20220701, 9_500n)
    setRate(view, 202701, 10_000n)
    expect([20181231, 20190101, 20191001, 20220701, 20270101].map((day) => lawOn(view, KEY, day).value)).toEqual([
      6_500n,
      7_000n,
      8_000n,
      9_500n,
      10_000n,
    ])
    expect(lawOn(view, KEY, 20270101).standing).toBe('decided')
  })

  it('tell by governance_getParam since when the step holds', () => {
    const bench = createRoomBench(REGISTRY)
    expect(bench.ask(getParam, { key: KEY, date: 20200101 })).toEqual({
      key: KEY,
      value: { kind: 'number', value: '8000' },
      effectiveFrom: 20191001,
      isInitial: true,
    })
  })
})
