// Owns: that no refusal of the room goes untested. Not here: when each arises (the other tests).
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IdentityError } from './errors.ts'

const HERE = import.meta.dirname
const tests = readdirSync(HERE)
  .filter((name) => name.endsWith('.test.ts') && name !== 'errors.test.ts')
  .map((name) => readFileSync(join(HERE, name), 'utf8'))
  .join('\n')

test('every error code of the room is produced by a test', () => {
  const codes = Object.values(IdentityError).map(({ code }) => code)
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(tests))).toEqual([])
  expect(new Set(codes).size).toBe(54)
})

test('numbers are of room 2 and stand once', () => {
  const numbers = Object.values(IdentityError).map(({ number }) => number)
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(numbers.filter((number) => number >> 8 !== 2)).toEqual([])
})
