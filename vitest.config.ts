// Owns: which tests run, in which order, with which limits. Not here: the last line of a run (scripts/summary-reporter.ts).

import { configDefaults, defineConfig } from 'vitest/config'
import { createSummaryReporter } from './scripts/summary-reporter.ts'

const ignored = [...configDefaults.exclude, '.naru/**', 'coverage/**']

export default defineConfig({
  test: {
    maxWorkers: 2,
    pool: 'forks',
    reporters: ['default', createSummaryReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, 'test/property/**', 'test/e2e/**'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'property',
          include: ['test/property/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
