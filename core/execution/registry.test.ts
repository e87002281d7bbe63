// Owns: the tables over the rooms and what may not stand in them. Not here: the rooms of the city (modules/registry.test.ts).
import { describe, expect, it } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { defineErrors } from '../base/errors.ts'
import { struct } from '../codec/compound.ts'
import { EnvelopeError } from './errors.ts'
import { defineEvent, defineModule, defineQuery, defineTransaction, KEY_PURPOSES } from './module.ts'
import type { ModuleDefinition } from './module.ts'
import { buildRegistry } from './registry.ts'
import { TOYS, toyBlock, toyState } from '../../test/helpers/toy-chain.ts'

const keyRoom: ModuleDefinition = {
  name: 'keys',
  number: 1,
  about: 'Keys.',
  transactions: [],
  queries: [],
  events: [],
  errors: {},
  findKey: () => null,
  mayOnboard: () => false,
}
const transaction = (type: number, name: string) =>
  defineTransaction({
    type,
    name,
    about: 'A thing.',
    payload: struct({}),
    keyPurpose: KEY_PURPOSES.authentication,
    checkStateless: () => null,
    checkStateful: () => null,
    apply: () => undefined,
  })
const event = (type: number, name: string) => defineEvent({ type, name, about: 'A thing.', payload: struct({}) })
const query = (name: string) => defineQuery({ name, about: 'A thing.', params: struct({}), result: struct({}), run: () => ({}) })
const room = (parts: Partial<ModuleDefinition>): ModuleDefinition =>
  defineModule({ ...keyRoom, name: 'room', number: 2, ...parts, findKey: undefined, mayOnboard: undefined } as never)
const build = (parts: Partial<ModuleDefinition>) => () => buildRegistry([keyRoom, room(parts)])

describe('the registry', () => {
  it('finds every declaration by number and name', () => {
    expect(TOYS.transactionByType.get(0x0901)?.name).toBe('toy.put')
    expect(TOYS.transactionByName.get('toy.put')?.type).toBe(0x0901)
    expect(TOYS.eventByType.get(0x0901)?.name).toBe('toy.told')
    expect(TOYS.errorByNumber.get(0x0904)?.code).toBe('TOY_FAILED')
    for (const error of Object.values(EnvelopeError)) expect(TOYS.errorByNumber.get(error.number)).toBe(error)
  })

  it('refuses two of one number or name', () => {
    const twice = new AssertionFault('numbers and names in the registry are unique')
    expect(build({ transactions: [transaction(0x0201, 'room.a'), transaction(0x0201, 'room.b')] })).toThrow(twice)
    expect(build({ transactions: [transaction(0x0201, 'room.a'), transaction(0x0202, 'room.a')] })).toThrow(twice)
    expect(build({ events: [event(0x0201, 'room.a'), event(0x0201, 'room.b')] })).toThrow(twice)
    expect(build({ queries: [query('room_a'), query('room_a')] })).toThrow(twice)
    const A = [0x0201, 'failed', 'A.'] as const
    expect(build({ errors: defineErrors('ROOM', { A, B: A }) })).toThrow(twice)
  })

  it('refuses numbers and names of another room', () => {
    expect(build({ transactions: [transaction(0x0301, 'room.a')] })).toThrow('room.a has number and name of room room')
    expect(build({ transactions: [transaction(0x0201, 'other.a')] })).toThrow('other.a has number and name of room room')
    expect(build({ events: [event(0x0301, 'room.a')] })).toThrow('room.a has number and name of room room')
    const errors = defineErrors('ROOM', { A: [0x0301, 'failed', 'A.'] })
    expect(build({ errors })).toThrow('error ROOM_A has a number of room room')
    expect(build({ errors: defineErrors('ROOM', { A: [5, 'failed', 'A.'] }) })).toThrow(AssertionFault)
  })

  it('needs a room that finds keys', () => {
    expect(() => buildRegistry([])).toThrow(new AssertionFault('one room finds keys'))
    expect(() => TOYS.readValidators(toyState())).toThrow(new AssertionFault('one room keeps the validators'))
    expect(() => TOYS.readChainParams(toyState())).toThrow(new AssertionFault('one room keeps the parameters'))
    expect(TOYS.mayOnboard(toyState(), '00'.repeat(20) as never, toyBlock())).toBe(false)
  })
})

describe('the errors of the envelope', () => {
  it('keep their numbers and classes, which receipts and peers rely on', () => {
    expect(Object.values(EnvelopeError).map(({ code, number, class: kind }) => `${number} ${code} ${kind}`)).toEqual([
      '1 MALFORMED malformed',
      '2 BAD_SIGNATURE malformed',
      '3 UNKNOWN_TYPE malformed',
      '4 BAD_PAYLOAD malformed',
      '5 WRONG_CHAIN malformed',
      '6 NONCE_TOO_LOW stale',
      '7 NONCE_GAP early',
      '8 EXPIRED stale',
      '9 VALID_UNTIL_TOO_FAR early',
      '10 UNKNOWN_KEY stale',
      '11 WRONG_KEY_PURPOSE stale',
      '12 CREDIT_EXHAUSTED early',
      '13 SPONSOR_REQUIRED malformed',
      '14 SPONSOR_NOT_ALLOWED stale',
      '15 SENDER_MISMATCH malformed',
      '16 STATE_CREDIT_EXHAUSTED failed',
      '17 EXECUTION_FAULT failed',
    ])
  })
})
