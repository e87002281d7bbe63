// Owns: a validator whose disk fills up or may not be written: it stops with a reason and the right exit code, signs nothing more, and
// the other three go on. Not here: crashes (kill.test.ts), faults at every single write (node/storage).
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readChain } from '../../sdk/chain.ts'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { nodeAddresses, nodePaths, validatorAccount } from '../../cli/devnet/layout.ts'
import { livePid } from '../../cli/devnet/processes.ts'
import { readJournal } from '../../node/storage/journal.ts'
import { createDevnet, eventually, readRoots, waitForHeight, waitForOneHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { naruMain, ROOT } from '../helpers/naru.ts'
import { canMount, limitFileSize, mountSmallDisk } from '../helpers/small-disk.ts'
import type { SmallDisk } from '../helpers/small-disk.ts'
import { startTransferLoad } from '../helpers/transfer-load.ts'
import { watchVotes } from '../helpers/vote-witness.ts'

const NAMES = ['v1', 'v2', 'v3', 'v4'] as const
const OTHERS = ['v1', 'v2', 'v3'] as const
/** Exit code of a store that cannot be relied on (docs/reference/cli.md). */
const STORE = 22

let devnet: Devnet
let disk: SmallDisk | null = null

beforeAll(async () => {
  devnet = await createDevnet({ count: 4, accountCount: 24 })
  if (canMount()) disk = mountSmallDisk(nodePaths(devnet.dir, 'v4').data, 24)
  else console.log('mounting is not permitted here: a limit on file sizes and a forbidden folder stand in for the small disk')
})

afterAll(async () => {
  await devnet?.stop()
  disk?.unmount()
  await devnet?.destroy()
})

/** v4 as a child of the test, so that its exit code is known. */
function startV4(): { readonly pid: number; readonly ended: Promise<number | null>; readonly stderr: () => string } {
  const paths = nodePaths(devnet.dir, 'v4')
  const words = [join(ROOT, 'cli/main.ts'), 'node', 'start', '--config', paths.config]
  // The channel ties it to the test: it stops by itself when the test's process is gone.
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let stderr = ''
  child.stderr?.on('data', (part: Buffer) => {
    stderr += part.toString('utf8')
  })
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  if (child.pid === undefined) throw new Error('v4 did not start')
  writeFileSync(paths.pid, `${child.pid}\n`)
  return { pid: child.pid, ended, stderr: () => stderr }
}

function lastSigned(): number {
  const path = nodePaths(devnet.dir, 'v4').journal
  const publicKeyHex = toHex(validatorAccount(devnet.layout, 'v4').publicKey)
  return readJournal({ path, chainTag: fromHex(devnet.genesisHash.slice(0, 16)), publicKeyHex }).state.last?.height ?? 0
}

test('a disk that fills up stops the validator with its reason; the other three go on, and with room again it comes back', async () => {
  devnet.spawn(...OTHERS)
  const v4 = startV4()
  await devnet.start(...OTHERS)
  await waitForHeight(devnet, ['v4'], 1)
  const witness = watchVotes(devnet)
  const urls = OTHERS.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
  const load = startTransferLoad({ urls, chain: await readChain(devnet.client('v1')), accounts: devnet.accounts })
  await eventually('v4 at work', async () => ((await devnet.height('v4')) >= 4 ? true : null))

  const begun = performance.now()
  if (disk === null) limitFileSize(v4.pid, 150_000)
  else disk.fill(100_000)
  const code = await Promise.race([v4.ended, eventually('v4 stops', () => null, 60_000)])
  const stoppedMs = performance.now() - begun
  expect(code, v4.stderr()).toBe(STORE)
  expect(v4.stderr()).toMatch(/The node stops: it cannot be sure/)
  expect(v4.stderr()).toMatch(/"code":"(STORE_IO|WAL_IO|JOURNAL_IO)"/)
  expect(livePid(devnet.dir, 'v4')).toBe(null)

  const signed = lastSigned()
  const height = await devnet.height('v1')
  await waitForHeight(devnet, OTHERS, height + 3)
  expect(lastSigned()).toBe(signed)
  expect(signed).toBeLessThanOrEqual(height + 1)

  disk?.empty()
  await devnet.start('v4')
  await waitForHeight(devnet, ['v4'], height + 3)
  await load.stop()
  witness.stop()
  expect(load.faults).toEqual([])
  const final = await waitForOneHeight(devnet, NAMES)
  const roots = await Promise.all(NAMES.map((name) => readRoots(devnet, name, final)))
  for (const other of roots) expect(other).toEqual(roots[0])
  expect(witness.conflicts).toEqual([])
  for (const name of NAMES) expect(await devnet.metric(name, 'naru_consensus_evidence_total')).toBe(0)
  console.log(
    `full disk: v4 stopped by itself after ${Math.round(stoppedMs)} ms with code ${code}, last signature at height ${signed}`,
  )
})

test('a data directory that may not be written refuses to start and names it', async () => {
  await devnet.stop('v4')
  const { config, data } = nodePaths(devnet.dir, 'v4')
  const words = ['node', 'start', '--config', config, '--json']
  if (disk === null) words.push('--set', `data.dir=${forbiddenFolder()}`)
  else expect(disk.remount('ro')).toBe(true)
  const result = await naruMain(words)
  expect(result.code, result.stderr).toBe(STORE)
  expect(result.json().error).toMatchObject({
    code: disk === null ? 'STORE_IO' : 'LOCK_IO',
    exitCode: STORE,
    message: expect.stringMatching(/EROFS|EACCES|EPERM|ENOENT/),
  })
  expect(result.json().error.message).toContain(disk === null ? 'data' : data)
  const height = await devnet.height('v1')
  expect(height).toBeGreaterThan(0)
  disk?.remount('rw')
  await devnet.start('v4')
  await waitForHeight(devnet, ['v4'], height)
})

/** A folder that nobody may write into: for root no mode forbids anything, so it is one of the kernel's own. */
function forbiddenFolder(): string {
  if (process.getuid?.() === 0) return '/sys/naru-data'
  const dir = join(devnet.dir, 'forbidden')
  mkdirSync(dir)
  chmodSync(dir, 0o500)
  return join(dir, 'data')
}
