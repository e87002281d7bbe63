// Owns: the overlay against a plain map, through checkpoints. Not here: who uses it (core/execution).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssertionFault } from '../base/assert.ts'
import { createOverlay } from './overlay.ts'

const base = new Map<string, Uint8Array>([
  ['a', Uint8Array.of(1)],
  ['b', Uint8Array.of(2, 2)],
  ['c', Uint8Array.of(3, 3, 3)],
])
const view = { get: (key: string) => base.get(key) ?? null }

describe('an overlay', () => {
  it('reads through to its base and never writes it', () => {
    const overlay = createOverlay(view)
    expect(overlay.get('a')).toEqual(Uint8Array.of(1))
    expect(overlay.get('z')).toBeNull()
    overlay.set('a', Uint8Array.of(9))
    overlay.set('b', null)
    expect([overlay.get('a'), overlay.get('b')]).toEqual([Uint8Array.of(9), null])
    expect([base.get('a'), base.get('b')]).toEqual([Uint8Array.of(1), Uint8Array.of(2, 2)])
  })

  it('tells its changes sorted by key, deletions as null', () => {
    const overlay = createOverlay(view)
    overlay.set('z', Uint8Array.of(7))
    overlay.set('b', null)
    overlay.set('B', Uint8Array.of(8))
    expect(overlay.diff()).toEqual([
      { key: 'B', value: Uint8Array.of(8) },
      { key: 'b', value: null },
      { key: 'z', value: Uint8Array.of(7) },
    ])
  })

  it('has at most one checkpoint, and nothing to end without one', () => {
    const overlay = createOverlay(view)
    expect(() => overlay.revert()).toThrow(AssertionFault)
    expect(() => overlay.release()).toThrow(AssertionFault)
    overlay.checkpoint()
    expect(() => overlay.checkpoint()).toThrow(new AssertionFault('one checkpoint at a time'))
    overlay.release()
    expect(() => overlay.release()).toThrow(AssertionFault)
  })

  it('counts the bytes that a checkpoint added: keys and values, less what they replaced, never below zero', () => {
    const overlay = createOverlay(view)
    overlay.set('outside', new Uint8Array(100))
    overlay.checkpoint()
    expect(overlay.addedBytes()).toBe(0)
    overlay.set('new', new Uint8Array(10))
    expect(overlay.addedBytes()).toBe(13)
    overlay.set('new', new Uint8Array(4))
    expect(overlay.addedBytes()).toBe(7)
    overlay.set('c', new Uint8Array(5))
    expect(overlay.addedBytes()).toBe(9)
    overlay.set('c', null)
    expect(overlay.addedBytes()).toBe(3)
    overlay.set('outside', null)
    expect(overlay.addedBytes()).toBe(0)
    overlay.revert()
    overlay.checkpoint()
    expect(overlay.addedBytes()).toBe(0)
  })

  it('agrees with a plain map through any writes, reverts and releases', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const value = fc.option(fc.uint8Array({ minLength: 1, maxLength: 6 }))
    const write = fc.record({ key, value })
    const part = fc.record({ writes: fc.array(write, { maxLength: 8 }), end: fc.constantFrom('none', 'revert', 'release') })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const overlay = createOverlay(view)
        let model = new Map<string, Uint8Array | null>(base)
        let touched = new Set<string>()
        for (const { writes, end } of parts) {
          const before = { model: new Map(model), touched: new Set(touched) }
          if (end !== 'none') overlay.checkpoint()
          for (const { key: at, value: to } of writes) {
            overlay.set(at, to)
            model.set(at, to)
            touched.add(at)
          }
          if (end !== 'none') {
            const sizeOf = (from: ReadonlyMap<string, Uint8Array | null>): number =>
              [...from].reduce((sum, [at, held]) => sum + (held === null ? 0 : at.length + held.length), 0)
            expect(overlay.addedBytes()).toBe(Math.max(0, sizeOf(model) - sizeOf(before.model)))
          }
          if (end === 'release') overlay.release()
          if (end === 'revert') {
            overlay.revert()
            ;({ model, touched } = before)
          }
          for (const at of ['a', 'b', 'c', 'd', 'e', 'f']) expect(overlay.get(at)).toEqual(model.get(at) ?? null)
          expect(overlay.diff()).toEqual([...touched].sort().map((at) => ({ key: at, value: model.get(at) ?? null })))
        }
      }),
    )
  })
})
