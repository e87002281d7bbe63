// Owns: failures, faults and assertions. Not here: which failures exist (core/execution, modules).
import { describe, expect, it } from 'vitest'
import { assert, assertNever, AssertionFault, must } from './assert.ts'
import { CodecError, defineErrors, failure, isFailure, NodeError } from './errors.ts'

const Table = defineErrors('ROOM', { FULL: [0x0101, 'early', 'The room is full.'] })
const Plain = defineErrors('', { FULL: [1, 'stale', 'Full.'] })

describe('a table of errors', () => {
  it('gives each row its room, number, class and sentence', () => {
    expect(Table.FULL).toEqual({ code: 'ROOM_FULL', number: 0x0101, class: 'early', text: 'The room is full.' })
    expect(Plain.FULL.code).toBe('FULL')
  })

  it('makes failures that carry the facts of their case', () => {
    expect(failure(Table.FULL)).toEqual({ failure: true, ...Table.FULL })
    expect(failure(Table.FULL, { seats: 3 }).detail).toEqual({ seats: 3 })
    expect('detail' in failure(Table.FULL)).toBe(false)
  })

  it('tells a failure from every other value', () => {
    expect(isFailure(failure(Table.FULL))).toBe(true)
    for (const other of [null, undefined, true, 'failure', 1, {}, { failure: 'true' }, [], { failure: false }])
      expect(isFailure(other)).toBe(false)
  })
})

describe('exceptions', () => {
  it('of the surroundings carry a stable code and their cause', () => {
    const cause = new Error('disk')
    const error = new NodeError('WAL_BROKEN', 'the log is broken', cause)
    expect([error.code, error.name, error.message, error.cause]).toEqual(['WAL_BROKEN', 'NodeError', 'the log is broken', cause])
    expect('cause' in new NodeError('X', 'y')).toBe(false)
    expect(new CodecError('x').name).toBe('CodecError')
  })

  it('of our own making are assertions', () => {
    expect(() => assert(true, 'holds')).not.toThrow()
    expect(() => assert(false, 'one and one is two')).toThrow(new AssertionFault('one and one is two'))
    expect(() => assertNever('other' as never)).toThrow('unreachable variant: other')
    for (const missing of [null, undefined]) expect(() => must(missing, 'a head')).toThrow(AssertionFault)
    for (const present of [0, '', false, 0n]) expect(must(present, 'present')).toBe(present)
  })
})
