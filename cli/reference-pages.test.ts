import { expect, test } from 'vitest'
import { describeProgram } from './command.ts'
import { GROUPS } from './groups.ts'
import { buildCliPage, buildConfigPage } from './reference-pages.ts'

test('docs/reference/cli.md tells every command as it is', async () => {
  await expect(buildCliPage(await describeProgram(GROUPS))).toMatchFileSnapshot('../docs/reference/cli.md')
})

test('docs/reference/config.md tells every key as it is', async () => {
  await expect(buildConfigPage()).toMatchFileSnapshot('../docs/reference/config.md')
})
