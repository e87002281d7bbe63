// Owns: the plain last line of a test run, `N passed, N failed`. Not here: which tests run (vitest.config.ts).

import { writeFileSync, writeSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

type Counts = { passed: number; failed: number; skipped: number }

/** Counts every test once; a file that failed outside its tests counts as one failed test. */
function countModule(counts: Counts, module: TestModule): void {
  const failedBefore = counts.failed
  for (const testCase of module.children.allTests()) {
    const { state } = testCase.result()
    if (state === 'passed') counts.passed += 1
    else if (state === 'failed') counts.failed += 1
    else counts.skipped += 1
  }
  if (!module.ok() && counts.failed === failedBefore) counts.failed += 1
}

/** Formats the counts as the one line that machines read; skipped tests are named only if there are any. */
export function formatSummary(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`
}

/**
 * Creates the vitest reporter of the last line. The line is written as the process exits, after every other reporter;
 * with NARU_SUMMARY_FILE it goes into that file, so that a caller can add its own checks and print one line in all.
 */
export function createSummaryReporter(): Reporter {
  let line: string | undefined
  process.once('exit', () => {
    if (line === undefined) return
    const file = process.env.NARU_SUMMARY_FILE
    if (file === undefined || file === '') writeSync(1, `\n${line}\n`)
    else writeFileSync(file, `${line}\n`)
  })
  return {
    onTestRunEnd(modules, unhandledErrors): void {
      const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
      for (const module of modules) countModule(counts, module)
      counts.failed += unhandledErrors.length
      line = formatSummary(counts)
    },
  }
}
