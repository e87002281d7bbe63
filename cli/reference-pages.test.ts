import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeProgram } from './command.ts'
import { GROUPS } from './groups.ts'
import { buildCliPage, buildConfigPage } from './reference-pages.ts'

const page = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'docs', 'reference', name), 'utf8')

test('docs/reference/cli.md tells every command as it is (else run: npm run docs:gen)', async () => {
  expect(page('cli.md')).toBe(buildCliPage(await describeProgram(GROUPS)))
})

test('docs/reference/config.md tells every key as it is (else run: npm run docs:gen)', () => {
  expect(page('config.md')).toBe(buildConfigPage())
})

test('every key of the configuration is on the page with its variable', () => {
  expect(buildConfigPage()).toContain('| `rpc.listen` | `"127.0.0.1:8545"` | Public JSON-RPC listener. | `NARU_RPC__LISTEN` |')
  expect(buildConfigPage()).toContain('| `rpc.limits.batchMax` | `100` | Calls in one batch. | `NARU_RPC__LIMITS__BATCH_MAX` |')
})
