// Owns: changes of the validator set: what is decided when, activation, floors, sanctions, errors.
// Not here: attendance (attendance.test.ts), random sequences (test/property/validators.test.ts).
import { describe, expect, it } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { createApplyContext } from '../../core/execution/apply.ts'
import type { ChainEvent } from '../../core/chain/receipt.ts'
import { benchBlockId, createCouncil } from '../../test/helpers/council.ts'
import type { Council } from '../../test/helpers/council.ts'
import { accountOf, signerOf } from '../../test/room-bench.ts'
import type { Outcome } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { readStanding } from './attendance.ts'
import { epochAt } from './epochs.ts'
import { neverPropose, ownerOfKey, readChainParams, suspendValidator } from './keeper.ts'
import type { Action } from './schema.ts'
import { PENDING_CHANGES_MAX } from './set-schema.ts'
import { successions } from './set-store.ts'
import { quorumOf, scheduleChange, seatsPerActivation } from './succession.ts'

const codeOf = (outcome: Outcome): string | null => outcome.failure?.code ?? null
const remove = (name: string): Action => ({ kind: 'validatorRemove', authority: accountOf(name) })
const move = (name: string, peerId: string): Action => ({
  kind: 'validatorMove',
  authority: accountOf(name),
  peerId,
  addresses: ['/ip4/127.0.0.1/tcp/7'],
})
const contextOf = (city: Council) => {
  const events: ChainEvent[] = []
  return { context: createApplyContext(city.view, events, 64), events }
}
const heightsOf = (city: Council): readonly (readonly [number, number])[] =>
  successions.mustGet(city.view, null).pending.map(({ height, changes }) => [height, changes.length] as const)

/** A council after some blocks, so that everyone was seen online. */
const settled = (n = 4, params = {}): Council => {
  const city = createCouncil(n, params)
  city.blocks(4)
  return city
}

describe('a new validator', () => {
  it('signs from the activation height on: execution height plus the delay', () => {
    const city = settled()
    expect(city.height()).toBe(5)
    expect(codeOf(city.showReady('v5'))).toBe(null)
    const decided = city.decide(city.addOf('v5'))
    expect(decided.events.map(({ name }) => name)).toEqual([
      'governance.approved',
      'governance.changeScheduled',
      'governance.executed',
    ])
    expect(decided.events[1]?.payload).toEqual({ authority: accountOf('v5'), change: 'add', activeFrom: 15 })
    city.blocks(8)
    expect([city.height(), city.names()]).toEqual([13, ['v1', 'v2', 'v3', 'v4']])
    // The state after block 14 names the set of block 15.
    const events = city.blocks(1)
    expect([city.height(), city.names(15)]).toEqual([14, ['v1', 'v2', 'v3', 'v4', 'v5']])
    expect(events).toEqual([
      {
        name: 'governance.validatorAdded',
        payload: { authority: accountOf('v5'), validator: 'v5', publicKey: signerOf('consensus-v5').publicKey, activeFrom: 15 },
      },
    ])
    city.blocks(20)
    expect([1, 14, 15, 34].map((height) => city.names(height).length)).toEqual([4, 4, 5, 5])
    expect(epochAt(city.view, 14)).toMatchObject({ number: 0, from: 1, until: 15 })
    expect(epochAt(city.view, 15)).toMatchObject({ number: 1, from: 15, until: null })
    expect(epochAt(city.view, 0)).toBe(null)
    expect(city.broken()).toEqual([])
  })

  it('GOVERNANCE_NOT_READY: shows first that its node follows the chain, with that key and not long ago', () => {
    const city = settled()
    expect(codeOf(city.decide(city.addOf('v5')))).toBe('GOVERNANCE_NOT_READY')
    const other = settled()
    other.showReady('v5', { key: 'consensus-other' })
    expect(codeOf(other.decide(other.addOf('v5')))).toBe('GOVERNANCE_NOT_READY')
    const late = settled()
    late.showReady('v5')
    late.blocks(CITY_PARAMS.readyWindow)
    expect(codeOf(late.decide(late.addOf('v5')))).toBe('GOVERNANCE_NOT_READY')
    expect(late.names(late.height() + 11)).toHaveLength(4)
  })

  it('GOVERNANCE_READY_STALE, GOVERNANCE_READY_UNKNOWN_BLOCK, GOVERNANCE_READY_INVALID: only of the chain itself', () => {
    const city = settled()
    city.blocks(200)
    const now = city.height()
    expect(codeOf(city.showReady('v5', { height: now - 101 }))).toBe('GOVERNANCE_READY_STALE')
    expect(codeOf(city.showReady('v5', { height: now - 1 }))).toBe('GOVERNANCE_READY_STALE')
    expect(codeOf(city.showReady('v5', { blockId: benchBlockId(1) }))).toBe('GOVERNANCE_READY_UNKNOWN_BLOCK')
    expect(codeOf(city.showReady('v5', { height: now - 100 }))).toBe(null)
    const { publicKey } = signerOf('consensus-v5')
    const forged = { publicKey, height: now - 2, blockId: benchBlockId(now - 2), signature: new Uint8Array(64) }
    const definition = REGISTRY.transactionByName.get('governance.ready')
    if (definition === undefined) throw new Error('no such transaction')
    expect(codeOf(city.run(definition, { sender: accountOf('v5'), payload: forged }))).toBe('GOVERNANCE_READY_INVALID')
  })

  it('GOVERNANCE_POSSESSION_INVALID: its key signs for this seat, this chain and this change', () => {
    const city = settled()
    const good = city.addOf('v5')
    if (good.kind !== 'validatorAdd') throw new Error('an addition')
    expect(codeOf(city.lay('v1', { ...good, authority: accountOf('v6') }))).toBe('GOVERNANCE_POSSESSION_INVALID')
    expect(codeOf(city.lay('v1', { ...good, possession: new Uint8Array(64) }))).toBe('GOVERNANCE_POSSESSION_INVALID')
    city.showReady('v5')
    city.decide(good)
    city.blocks(12)
    city.decide(remove('v5'))
    city.blocks(12)
    // The same proof again: the seat has had a change since, and the key has had a seat.
    expect(codeOf(city.lay('v1', { ...good, publicKey: signerOf('new').publicKey }))).toBe('GOVERNANCE_POSSESSION_INVALID')
    expect(codeOf(city.lay('v1', good))).toBe('GOVERNANCE_KEY_USED')
  })

  it('GOVERNANCE_SEAT_EXISTS, GOVERNANCE_KEY_USED, GOVERNANCE_SEAT_TAKEN: differs from every other', () => {
    const city = settled()
    const good = city.addOf('v5')
    if (good.kind !== 'validatorAdd') throw new Error('an addition')
    expect(codeOf(city.lay('v1', city.addOf('v4', 'fresh')))).toBe('GOVERNANCE_SEAT_EXISTS')
    expect(codeOf(city.lay('v1', city.addOf('v5', 'consensus-v1')))).toBe('GOVERNANCE_KEY_USED')
    expect(codeOf(city.lay('v1', { ...good, name: 'v2' }))).toBe('GOVERNANCE_SEAT_TAKEN')
    expect(codeOf(city.lay('v1', { ...good, peerId: 'peer-v2' }))).toBe('GOVERNANCE_SEAT_TAKEN')
    expect(codeOf(city.lay('v1', move('v1', 'peer-v2')))).toBe('GOVERNANCE_SEAT_TAKEN')
  })

  it('GOVERNANCE_QUORUM_AT_RISK: is not taken in while the others could not decide with it', () => {
    const city = settled()
    city.blocks(25, ['v4'])
    city.showReady('v5')
    // Three of five online with the newcomer makes four: the quorum of five.
    expect(codeOf(city.decide(city.addOf('v5')))).toBe(null)
    const worse = settled(7)
    worse.blocks(25, ['v6', 'v7'])
    worse.showReady('v8')
    // Five and the newcomer are six: the quorum of eight.
    expect(quorumOf(8)).toBe(6)
    expect(codeOf(worse.decide(worse.addOf('v8')))).toBe(null)
    worse.showReady('v9')
    // The one that waits has not signed yet, so it counts for nothing.
    expect(worse.decide(worse.addOf('v9')).failure).toMatchObject({
      code: 'GOVERNANCE_QUORUM_AT_RISK',
      detail: { online: 6, quorum: 7, validators: 9 },
    })
  })

  it('GOVERNANCE_SET_FULL: is one of a hundred at most', () => {
    const city = createCouncil(100)
    expect(codeOf(city.lay('v1', city.addOf('v101')))).toBe('GOVERNANCE_SET_FULL')
  })
})

describe('a removal', () => {
  it('takes effect after the delay and frees no key', () => {
    const city = settled(5)
    expect(codeOf(city.decide(remove('v2')))).toBe(null)
    const events = city.blocks(9)
    expect(events).toEqual([
      { name: 'governance.validatorRemoved', payload: { authority: accountOf('v2'), reason: 'decided', activeFrom: 15 } },
    ])
    expect([city.names(14).length, city.names(15)]).toEqual([5, ['v1', 'v3', 'v4', 'v5']])
    expect(ownerOfKey(city.view, signerOf('consensus-v2').publicKey)).toEqual({
      authority: accountOf('v2'),
      from: 1,
      until: 15,
    })
    expect(ownerOfKey(city.view, signerOf('nobody').publicKey)).toBe(null)
    expect(codeOf(city.lay('v2', remove('v1')))).toBe('GOVERNANCE_NOT_AUTHORIZED')
    expect(city.broken()).toEqual([])
  })

  it('GOVERNANCE_SET_FLOOR: four to three is refused, unless the chain allows it', () => {
    expect(codeOf(settled().decide(remove('v4')))).toBe('GOVERNANCE_SET_FLOOR')
    const dev = settled(2, { validatorsMin: 1 })
    expect(codeOf(dev.decide(remove('v2')))).toBe(null)
    dev.blocks(10)
    expect(dev.names()).toEqual(['v1'])
    expect(codeOf(dev.decide(remove('v1')))).toBe('GOVERNANCE_SET_FLOOR')
  })

  it('GOVERNANCE_QUORUM_AT_RISK: needs a quorum online among those who stay', () => {
    const city = settled(6)
    city.blocks(25, ['v5', 'v6'])
    // Four of five stay online: the quorum of five.
    expect(codeOf(city.decide(remove('v6')))).toBe(null)
    const worse = settled(6)
    worse.blocks(25, ['v5', 'v6'])
    expect(worse.decide(remove('v1')).failure).toMatchObject({
      code: 'GOVERNANCE_QUORUM_AT_RISK',
      detail: { online: 3, quorum: 4, validators: 5 },
    })
  })

  it('is dropped when those who stay went silent before it fell due', () => {
    const city = settled(7, { activationDelay: 30 })
    city.decide(remove('v5'))
    // Five of seven decide; of the six that would stay, four are online, and their quorum is five.
    const events = city.blocks(40, ['v1', 'v2'])
    expect(events.filter(({ name }) => name === 'governance.changeDropped')).toEqual([
      { name: 'governance.changeDropped', payload: { authority: accountOf('v5'), reason: 'quorum', height: 35 } },
    ])
    expect(city.names()).toHaveLength(7)
    expect(city.broken()).toEqual([])
    city.blocks(5)
    expect(codeOf(city.decide(remove('v5')))).toBe(null)
  })

  it('GOVERNANCE_SEAT_UNKNOWN: is of a seat that there is', () => {
    const city = settled(5)
    expect(codeOf(city.lay('v1', remove('v9')))).toBe('GOVERNANCE_SEAT_UNKNOWN')
    expect(codeOf(city.lay('v1', move('v9', 'peer-v9')))).toBe('GOVERNANCE_SEAT_UNKNOWN')
    expect(codeOf(city.lay('v1', city.rotationOf('v9', 'new')))).toBe('GOVERNANCE_SEAT_UNKNOWN')
  })
})

describe('a seat', () => {
  it('gets another key and keeps its place; the old key stays its own', () => {
    const city = settled()
    expect(codeOf(city.decide(city.rotationOf('v3', 'consensus-v3-b')))).toBe(null)
    city.blocks(12)
    const epoch = epochAt(city.view, city.height())
    const seat = epoch?.validators.find(({ name }) => name === 'v3')
    expect(toHex(seat?.publicKey ?? new Uint8Array())).toBe(toHex(signerOf('consensus-v3-b').publicKey))
    const order = epoch?.validators.map(({ authority }) => authority) ?? []
    expect(order).toEqual([...order].sort())
    expect(ownerOfKey(city.view, signerOf('consensus-v3').publicKey)).toMatchObject({ authority: accountOf('v3'), until: 15 })
    expect(ownerOfKey(city.view, signerOf('consensus-v3-b').publicKey)).toMatchObject({ from: 15, until: null })
    expect(codeOf(city.lay('v1', city.rotationOf('v4', 'consensus-v3')))).toBe('GOVERNANCE_KEY_USED')
    expect(city.broken()).toEqual([])
  })

  it('GOVERNANCE_QUORUM_AT_RISK: keeps its key while the others are too few', () => {
    const city = settled()
    city.blocks(25, ['v2', 'v4'])
    expect(city.decide(city.rotationOf('v3', 'consensus-v3-b')).failure).toMatchObject({
      code: 'GOVERNANCE_QUORUM_AT_RISK',
      detail: { online: 2, quorum: 3, validators: 4 },
    })
  })

  it('moves to another network identity', () => {
    const city = settled()
    city.decide(move('v1', 'peer-new'))
    city.blocks(9)
    const seat = epochAt(city.view, 15)?.validators.find(({ name }) => name === 'v1')
    expect(seat).toMatchObject({ peerId: 'peer-new', addresses: ['/ip4/127.0.0.1/tcp/7'] })
    expect(seat?.publicKey).toEqual(signerOf('consensus-v1').publicKey)
  })

  it('GOVERNANCE_CHANGE_OPEN: has one change at a time', () => {
    const city = settled(5)
    const { txId } = city.lay('v1', remove('v5'))
    expect(codeOf(city.lay('v1', move('v5', 'peer-x')))).toBe('GOVERNANCE_CHANGE_OPEN')
    expect(codeOf(city.lay('v2', move('v4', 'peer-x')))).toBe(null)
    for (const name of ['v2', 'v3', 'v4']) city.agree(name, txId)
    // Decided and waiting.
    expect(codeOf(city.lay('v2', move('v5', 'peer-x')))).toBe('GOVERNANCE_CHANGE_OPEN')
    city.blocks(12)
    expect(codeOf(city.lay('v2', city.addOf('v5', 'fresh-key')))).toBe(null)
    city.jumpTo(city.height() + 10_001)
    expect(codeOf(city.lay('v3', city.addOf('v5', 'fresh-key')))).toBe(null)
  })
})

describe('a member that lays a change of its own seat and lets it lie', () => {
  it('cannot keep the others from removing it, and only one of both is carried out', () => {
    const city = settled(5)
    const squat = city.lay('v5', move('v5', 'peer-x'))
    const { txId, failure } = city.lay('v1', remove('v5'))
    expect([squat.failure, failure]).toEqual([null, null])
    for (const name of ['v2', 'v3', 'v4']) expect(city.agree(name, txId).failure).toBe(null)
    expect([city.agree('v1', squat.txId), city.agree('v2', squat.txId)].map(codeOf)).toEqual([null, null])
    expect(codeOf(city.agree('v3', squat.txId))).toBe('GOVERNANCE_CHANGE_OPEN')
    city.blocks(12)
    expect(city.names()).toEqual(['v1', 'v2', 'v3', 'v4'])
    expect(codeOf(city.agree('v3', squat.txId))).toBe('GOVERNANCE_SEAT_UNKNOWN')
    expect(city.broken()).toEqual([])
  })
})

describe('activations', () => {
  it('change fewer than a third of the seats, and one where that would be none', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 30].map(seatsPerActivation)).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 9])
  })

  it('follow each other by the delay; what does not fit waits for the next', () => {
    const city = settled(8)
    for (const name of ['v8', 'v7']) expect(codeOf(city.decide(remove(name)))).toBe(null)
    expect(heightsOf(city)).toEqual([[15, 2]])
    expect(codeOf(city.decide(city.rotationOf('v1', 'new-1')))).toBe(null)
    expect(codeOf(city.decide(move('v2', 'peer-x')))).toBe(null)
    expect(heightsOf(city)).toEqual([
      [15, 2],
      [25, 2],
    ])
    city.blocks(25)
    expect([city.names(14).length, city.names(15).length, city.names(25).length]).toEqual([8, 6, 6])
    expect(epochAt(city.view, 25)).toMatchObject({ number: 2, from: 25 })
    expect(codeOf(city.decide(city.rotationOf('v3', 'new-3')))).toBe(null)
    // At 30 decided, active since 25: the delay is over by 40.
    expect(heightsOf(city)).toEqual([[40, 1]])
  })

  it('GOVERNANCE_CHANGES_FULL: hold so many changes and no more', () => {
    const city = settled(5)
    const { context } = contextOf(city)
    for (let i = 0; i < PENDING_CHANGES_MAX; i++)
      scheduleChange(context, { kind: 'move', authority: accountOf('v1'), peerId: `p${i}`, addresses: [] }, city.block())
    expect(codeOf(city.decide(remove('v5')))).toBe('GOVERNANCE_CHANGES_FULL')
  })
})

describe('consensus parameters', () => {
  const params = { ...CITY_PARAMS, timeoutProposeMs: 2_000, activationDelay: 20 }

  it('hold from the activation height on', () => {
    const city = settled()
    expect(codeOf(city.decide({ kind: 'chainParamsSet', params }))).toBe(null)
    city.blocks(8)
    expect(readChainParams(city.view)).toEqual(CITY_PARAMS)
    expect(city.blocks(1).map(({ name }) => name)).toEqual(['governance.chainParamsActive'])
    expect(readChainParams(city.view)).toEqual(params)
    // Other parameters are no other set.
    expect(successions.mustGet(city.view, null).epoch).toBe(0)
  })

  it('GOVERNANCE_CHAIN_PARAMS_INVALID: stay within their bounds', () => {
    const city = settled()
    const lay = (over: object): Outcome => city.lay('v1', { kind: 'chainParamsSet', params: { ...params, ...over } })
    expect(lay({ timeoutMaxMs: 999 }).failure).toMatchObject({
      code: 'GOVERNANCE_CHAIN_PARAMS_INVALID',
      detail: { wrong: 'timeoutMaxMs is 999, allowed are 1000 to 120000' },
    })
    expect(lay({ activationDelay: 1 }).failure?.code).toBe('GOVERNANCE_CHAIN_PARAMS_INVALID')
    expect(lay({ validatorsMin: 5 }).failure).toMatchObject({ detail: { wrong: 'validatorsMin is 5, the chain has 4' } })
    expect(lay({}).failure).toBe(null)
    expect(codeOf(lay({}))).toBe('GOVERNANCE_CHANGE_OPEN')
  })
})

describe('a proved offender', () => {
  const suspend = (city: Council, name: string): string =>
    suspendValidator(contextOf(city).context, accountOf(name), city.block())

  it('leaves the set two blocks on, and never proposes from the next block', () => {
    const city = settled(5)
    expect(suspend(city, 'v3')).toBe('suspended')
    expect(readStanding(city.view).barred).toEqual([accountOf('v3')])
    expect(REGISTRY.readNextSet(city.view).eligible.map(({ name }) => name)).not.toContain('v3')
    expect(city.blocks(1)).toEqual([
      { name: 'governance.validatorRemoved', payload: { authority: accountOf('v3'), reason: 'suspended', activeFrom: 7 } },
    ])
    expect([city.names(6).length, city.names(7)]).toEqual([5, ['v1', 'v2', 'v4', 'v5']])
    expect(suspend(city, 'v3')).toBe('none')
    expect(city.broken()).toEqual([])
  })

  it('stays in the count where the set would become too small', () => {
    const city = settled(4)
    expect(suspend(city, 'v3')).toBe('barred')
    expect(suspend(city, 'v3')).toBe('barred')
    city.blocks(5)
    expect(city.names()).toHaveLength(4)
    const { eligible, fallback, validators } = REGISTRY.readNextSet(city.view)
    expect([validators, eligible, fallback].map((list) => list.length)).toEqual([4, 3, 3])
    // Another key, by vote, ends it.
    city.decide(city.rotationOf('v3', 'consensus-v3-b'))
    city.blocks(10)
    expect(readStanding(city.view).barred).toEqual([])
  })

  it('stays in the count when too many are suspended already, or too few of the others are online', () => {
    const city = settled(7)
    expect(suspend(city, 'v1')).toBe('suspended')
    city.blocks(12)
    expect(suspend(city, 'v2')).toBe('suspended')
    city.blocks(12)
    // Seven registered, five active: two thirds of seven are five.
    expect(city.names()).toHaveLength(5)
    expect(suspend(city, 'v3')).toBe('barred')
    const thin = settled(5)
    thin.blocks(25, ['v1', 'v2'])
    expect(suspend(thin, 'v3')).toBe('barred')
  })

  it('waits for the next activation when too many seats change at that time', () => {
    const city = settled(6)
    city.decide(remove('v6'))
    city.blocks(7)
    // One seat at height 15; at height 12 it is 14 that the second would fall on, within the delay.
    expect(suspend(city, 'v1')).toBe('suspended')
    expect(heightsOf(city)).toEqual([
      [15, 1],
      [25, 1],
    ])
    city.blocks(11)
    expect(city.names()).toEqual(['v1', 'v2', 'v3', 'v4', 'v5'])
    city.blocks(1)
    expect(city.names()).toEqual(['v2', 'v3', 'v4', 'v5'])
  })

  it('comes back by vote with a new key, or is struck', () => {
    const city = settled(6)
    suspend(city, 'v1')
    city.blocks(12)
    expect(codeOf(city.lay('v2', city.addOf('v1')))).toBe('GOVERNANCE_KEY_USED')
    city.showReady('v1', { key: 'fresh' })
    expect(codeOf(city.decide(city.addOf('v1', 'fresh')))).toBe(null)
    city.blocks(11)
    expect(city.names()).toHaveLength(6)
    expect(readStanding(city.view).barred).toEqual([])
    suspend(city, 'v2')
    city.blocks(12)
    expect(codeOf(city.decide(remove('v2')))).toBe(null)
    expect(heightsOf(city)).toEqual([])
    expect(codeOf(city.lay('v3', remove('v2')))).toBe('GOVERNANCE_SEAT_UNKNOWN')
    expect(city.broken()).toEqual([])
  })

  it('can be barred alone', () => {
    const city = settled()
    const { context, events } = contextOf(city)
    neverPropose(context, accountOf('v2'))
    neverPropose(context, accountOf('v2'))
    expect(events).toHaveLength(1)
    expect(REGISTRY.readNextSet(city.view).fallback.map(({ name }) => name)).not.toContain('v2')
  })
})
