import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MUTANTS } from './mutants.ts'
import { countOf } from './mutants/planting.ts'

const ROOT = join(import.meta.dirname, '..')

describe('the list of planted bugs', () => {
  it('holds at least twenty, each with a name of its own, an edit and a suite', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
    for (const { name, edits, suites } of MUTANTS) expect([name, edits.length > 0, suites.length > 0]).toEqual([name, true, true])
  })

  // The full run (`npm run mutants`) takes minutes; that every bug can still be planted is checked each time.
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s stands in the tree exactly once', (_, { edits }) => {
    for (const edit of edits) {
      expect([edit.file, countOf(ROOT, edit)]).toEqual([edit.file, 1])
      expect(edit.replace).not.toBe(edit.find)
    }
  })
})
