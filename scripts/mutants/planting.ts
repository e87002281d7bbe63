// Owns: a copy of the tree in which bugs are planted one at a time, and the suites run there. Not here: which bugs (the lists),
// what is printed (../mutants.ts).
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Edit, Mutant, Suite } from './kinds.ts'

const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.git', '.naru', 'coverage', 'dist'])
/** A bug may keep a suite from ever ending; that is noticed as well. */
const SUITE_MS_MAX = 240_000

/** The host may be busy with other things for minutes. */
const TEST_TIMEOUT = '--testTimeout=200000'

/** A copy of the tree; bugs never touch the one that people work in. */
export type Copy = { readonly root: string; readonly remove: () => void }

/** Copies the tree at `root` to a folder of its own; packages are shared. */
export function createCopy(root: string): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'naru-mutants-'))
  cpSync(root, folder, { recursive: true, filter: (from) => from === root || !LEFT_OUT.has(basename(from)) })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  return { root: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** How often the text stands in the file. */
export function countOf(root: string, { file, find }: Edit): number {
  return readFileSync(join(root, file), 'utf8').split(find).length - 1
}

/** Plants the bug; the returned function takes it out again. Throws where a text does not stand in its file exactly once. */
export function plant(root: string, { name, edits }: Mutant): () => void {
  const before = new Map<string, string>()
  for (const edit of edits) {
    const path = join(root, edit.file)
    const text = readFileSync(path, 'utf8')
    const count = text.split(edit.find).length - 1
    if (count !== 1) throw new Error(`${name}: the text stands ${count} times in ${edit.file}, once is needed:\n${edit.find}`)
    if (!before.has(path)) before.set(path, text)
    writeFileSync(
      path,
      text.replace(edit.find, () => edit.replace),
    )
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text)
  }
}

/** One line that names what failed, or null when the suite passed. Throws when the suite itself could not run. */
export async function runSuite(root: string, suite: Suite): Promise<string | null> {
  return suite.kind === 'sim' ? await runSimulator(root, suite) : await runTests(root, suite.files)
}

async function runSimulator(root: string, suite: Extract<Suite, { kind: 'sim' }>): Promise<string | null> {
  const { scenario, seeds, heights } = suite
  const args = ['sim/main.ts', 'run', '--scenario', scenario, '--seeds', seeds, '--heights', String(heights), '--json']
  const { out, errors, isLate } = await runNode(root, [...args, '--stop', '--out', root])
  if (isLate) return 'does not end'
  type Failed = { seed: number; violations: { kind: string; text: string }[] }
  const failed = parseOr<{ failed: Failed[] }>(out, errors).failed[0]
  if (failed === undefined) return null
  const first = failed.violations[0]
  return `seed ${failed.seed}: ${first?.kind}: ${first?.text.split('\n')[0]}`
}

type TestReport = {
  readonly numTotalTests: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

async function runTests(root: string, files: readonly string[]): Promise<string | null> {
  const file = join(root, 'report.json')
  rmSync(file, { force: true })
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--maxWorkers=1', TEST_TIMEOUT]
  const { errors, isLate } = await runNode(root, [...vitest, '--reporter=json', `--outputFile=${file}`, ...files])
  if (isLate) return 'does not end'
  const report = parseOr<TestReport>(existsSync(file) ? readFileSync(file, 'utf8') : '', errors)
  // A file that does not even load would fail for any bug of spelling: that kills nothing.
  if (report.numTotalTests === 0) throw new Error(`no test ran: ${report.testResults[0]?.message ?? errors}`)
  const failed = report.testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status === 'failed')
  // A test that was only too slow on a busy machine has noticed nothing.
  const first = failed.find(({ failureMessages }) => !failureMessages.some((text) => text.includes('Test timed out')))
  if (first === undefined && failed.length > 0)
    throw new Error(`${String(failed[0]?.fullName)} timed out; the machine is too busy`)
  return first?.fullName ?? null
}

function parseOr<T>(text: string, errors: string): T {
  try {
    return JSON.parse(text.slice(0, text.lastIndexOf('}') + 1)) as T
  } catch {
    throw new Error(`the suite did not run to its end: ${errors.slice(-2_000)}`)
  }
}

type Ended = { readonly out: string; readonly errors: string; readonly isLate: boolean }

function runNode(root: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, errors, isLate] = ['', '', false]
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, SUITE_MS_MAX)
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      out += part
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      errors += part
    })
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      resolve({ out, errors, isLate })
    })
  })
}
