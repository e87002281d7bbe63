import { expect, it } from 'vitest'
import { createVerdictMemory } from './verdict-memory.ts'

const statement = (byte: number): Uint8Array => new Uint8Array(40).fill(byte)

it('a verdict is made once, bad ones too, and each type has its own', () => {
  let made = 0
  const memory = createVerdictMemory(10, () => made++)
  const judge = (bytes: Uint8Array): string | null => (bytes[0] === 1 ? null : 'bad')
  const ask = (type: number, byte: number): string | null => memory.recall(type, statement(byte), judge)
  expect([ask(7, 1), ask(7, 1), ask(7, 2), ask(7, 2)]).toEqual([null, null, 'bad', 'bad'])
  expect(made).toBe(2)
  expect([ask(8, 1), made]).toEqual([null, 3])
  memory.keep(memory.keyOf(7, statement(9)), 'kept')
  expect([memory.has(memory.keyOf(7, statement(9))), ask(7, 9), made]).toEqual([true, 'kept', 4])
})

it('is bounded: the oldest goes, and is made again with the same outcome', () => {
  let made = 0
  const memory = createVerdictMemory(3, () => made++)
  for (let i = 0; i < 10; i++) memory.recall(7, statement(i), () => null)
  expect([memory.count(), memory.has(memory.keyOf(7, statement(0))), memory.has(memory.keyOf(7, statement(9)))]).toEqual([
    3,
    false,
    true,
  ])
  expect(memory.recall(7, statement(0), () => null)).toBe(null)
  expect(made).toBe(11)
})
