// Owns: typed records over a view, and what is remembered of their decoding. Not here: which stores exist (modules).
import { describe, expect, it } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { CodecError } from '../base/errors.ts'
import { list, struct } from '../codec/compound.ts'
import { u8, u64 } from '../codec/fields.ts'
import type { Schema } from '../codec/schema.ts'
import { createOverlay } from './overlay.ts'
import { defineStore } from './store.ts'

const Record = struct({ count: u64, marks: list(u8, 3) })
const records = defineStore({ prefix: 'room/record', key: (name: string) => name, value: Record })
const empty = () => createOverlay({ get: () => null })

describe('a store', () => {
  it('keeps records under its prefix', () => {
    const view = empty()
    expect([records.get(view, 'x'), records.has(view, 'x')]).toEqual([null, false])
    records.set(view, 'x', { count: 5n, marks: [1, 2] })
    expect(view.diff().map(({ key }) => key)).toEqual(['room/record/x'])
    expect(records.get(view, 'x')).toEqual({ count: 5n, marks: [1, 2] })
    expect(records.mustGet(view, 'x').count).toBe(5n)
    records.remove(view, 'x')
    expect([records.get(view, 'x'), records.has(view, 'x')]).toEqual([null, false])
    expect(() => records.mustGet(view, 'x')).toThrow(new AssertionFault('record room/record/x exists'))
  })

  it('refuses a record outside its schema before it is written', () => {
    const view = empty()
    expect(() => records.set(view, 'x', { count: -1n, marks: [] })).toThrow(CodecError)
    expect(() => records.set(view, 'x', { count: 1n, marks: [1, 2, 3, 4] })).toThrow(CodecError)
    expect(view.diff()).toEqual([])
  })

  it('decodes a version of a record once and every new version anew', () => {
    let decodings = 0
    const counted: Schema<{ count: bigint; marks: readonly number[] }> = {
      ...Record,
      fromPlain: (plain) => {
        decodings += 1
        return Record.fromPlain(plain)
      },
    }
    const store = defineStore({ prefix: 'room/counted', key: (name: string) => name, value: counted })
    const view = empty()
    store.set(view, 'x', { count: 1n, marks: [] })
    expect([store.get(view, 'x'), store.get(view, 'x'), decodings]).toEqual([
      { count: 1n, marks: [] },
      { count: 1n, marks: [] },
      1,
    ])
    store.set(view, 'x', { count: 2n, marks: [] })
    expect([store.get(view, 'x')?.count, decodings]).toEqual([2n, 2])
    view.checkpoint()
    store.set(view, 'x', { count: 3n, marks: [] })
    expect(store.get(view, 'x')?.count).toBe(3n)
    view.revert()
    expect([store.get(view, 'x')?.count, decodings]).toEqual([2n, 3])
  })

  it('gives what the bytes say and never the object that was written', () => {
    const view = empty()
    const written = { count: 1n, marks: [1] }
    records.set(view, 'x', written)
    written.marks.push(2)
    written.count = 9n
    expect(records.get(view, 'x')).toEqual({ count: 1n, marks: [1] })
  })

  it('does not mix up two stores over the same bytes', () => {
    const other = defineStore({ prefix: 'room/record', key: (name: string) => name, value: struct({ n: u64, m: list(u8, 3) }) })
    const view = empty()
    records.set(view, 'x', { count: 1n, marks: [] })
    expect(records.get(view, 'x')).toEqual({ count: 1n, marks: [] })
    expect(other.get(view, 'x')).toEqual({ n: 1n, m: [] })
  })
})
