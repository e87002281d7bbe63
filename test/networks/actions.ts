// Owns: what a step does: signals, links, disks, bytes on them, clocks. Not here: when (run.ts), what must hold (expectations.ts).
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex } from '../../core/base/bytes.ts'
import { nodeAddresses, nodePaths } from '../../cli/devnet/layout.ts'
import { livePid, signalNode } from '../../cli/devnet/processes.ts'
import { readWal } from '../../node/storage/wal.ts'
import { eventually, waitForHeight } from '../helpers/devnet.ts'
import { naruMain } from '../helpers/naru.ts'
import type { Step } from './plan.ts'
import { newestWal, parseSkew } from './stage.ts'
import type { Stage } from './stage.ts'

/** How long anything may take on the slowest machine before the run gives up; never a measure of the node. */
export const GIVE_UP_MS = 120_000

type Actions = { readonly [D in Step['do']]: (stage: Stage, step: Extract<Step, { do: D }>) => Promise<void> | void }

const ACTIONS: Actions = {
  watch: () => undefined,
  kill: async (stage, { nodes, walRecordsMin }) => {
    for (const name of nodes) stage.up.delete(name)
    await Promise.all(nodes.map((name) => killWith(stage, name, walRecordsMin ?? 0)))
  },
  stop: async (stage, { nodes }) => {
    for (const name of nodes) stage.up.delete(name)
    const killed = await stage.devnet.stop(...nodes)
    if (killed.length > 0) throw new Error(`${killed.join(', ')} did not stop in ten seconds and had to be killed`)
  },
  start: (stage, { nodes }) => startNodes(stage, nodes),
  restart: async (stage, { nodes }) => {
    await ACTIONS.stop(stage, { do: 'stop', nodes, expect: [] })
    await startNodes(stage, nodes)
  },
  rollingRestart: async (stage, { nodes, blocksBetween }) => {
    for (const name of nodes) {
      await ACTIONS.restart(stage, { do: 'restart', nodes: [name], expect: [] })
      await waitForHeight(stage.devnet, [name], (await stage.height()) + blocksBetween, GIVE_UP_MS)
    }
  },
  pause: (stage, { nodes }) => signalAll(stage, nodes, 'SIGSTOP'),
  resume: (stage, { nodes }) => signalAll(stage, nodes, 'SIGCONT'),
  split: (stage, { groups }) => stage.links.split(groups),
  delay: (stage, { nodes, by }) => stage.links.delay(nodes, by),
  loss: (stage, { nodes, percent }) => stage.links.loss(nodes, percent),
  heal: (stage) => stage.links.heal(),
  fillDisk: (stage, { nodes, bytesLeft }) => {
    for (const name of nodes) stage.disk(name).fill(bytesLeft)
  },
  emptyDisk: (stage, { nodes }) => {
    for (const name of nodes) stage.disk(name).empty()
  },
  tearWal: (stage, { nodes }) => forEach(nodes, (name) => tearWal(stage, name)),
  flip: (stage, { nodes, in: place }) => forEach(nodes, (name) => FLIPS[place](stage, name)),
  skewClock: (stage, { nodes, by }) => forEach(nodes, (name) => stage.setSkew(name, parseSkew(by))),
  wipe: (stage, { nodes }) => {
    for (const name of nodes) {
      assertStopped(stage, name)
      const { data } = nodePaths(stage.devnet.dir, name)
      // A small disk is mounted there: what is in it goes, the folder stays. Key and sign state live beside it.
      for (const entry of readdirSync(data)) rmSync(join(data, entry), { recursive: true, force: true })
      stage.repaired.push(name)
    }
  },
  addNode: async (stage) => {
    const name = await stage.devnet.addObserver()
    stage.names.push(name)
    await startNodes(stage, [name])
  },
  join: async (stage, { nodes, approvedBy }) => {
    for (const name of nodes) await joinValidators(stage, name, approvedBy)
  },
  remove: async (stage, { nodes, approvedBy }) => {
    for (const name of nodes) {
      for (const by of approvedBy) await runValidator(stage, ['remove', name, '--from', by])
      await waitForSeat(stage, name, false)
    }
  },
}

function forEach(names: readonly string[], run: (name: string) => void): void {
  for (const name of names) run(name)
}

/** Carries out what a step does. */
export async function perform<D extends Step['do']>(stage: Stage, step: Extract<Step, { do: D }>): Promise<void> {
  const action = ACTIONS[step.do as D] as (stage: Stage, step: Extract<Step, { do: D }>) => Promise<void> | void
  await action(stage, step)
}

async function startNodes(stage: Stage, names: readonly string[]): Promise<void> {
  const { devnet, links, up } = stage
  devnet.spawn(...names)
  for (const name of names) {
    up.add(name)
    await eventually(
      `${name} answers`,
      async () => {
        if (livePid(devnet.dir, name) === null) return true
        return (await devnet.height(name)) >= 0 ? true : null
      },
      GIVE_UP_MS,
    )
    if (livePid(devnet.dir, name) !== null) await links.restore(name)
  }
}

/** Runs `naru validator` as an operator does; gives its document. Throws where it ends with another code than 0. */
async function runValidator({ devnet }: Stage, words: readonly string[]): Promise<unknown> {
  const { dir } = devnet
  const { rpc } = nodeAddresses(dir, devnet.node('v1'))
  const result = await naruMain(['validator', ...words, '--dir', dir, '--rpc', rpc, '--json'], { timeoutMs: GIVE_UP_MS })
  if (result.code !== 0) throw new Error(`naru validator ${words.join(' ')} ended with ${result.code}: ${result.stderr}`)
  return result.json()
}

async function joinValidators(stage: Stage, name: string, approvedBy: readonly string[]): Promise<void> {
  const { dir } = stage.devnet
  const request = join(dir, `${name}.request.json`)
  const place = ['--config', nodePaths(dir, name).config, '--from', `operator-${name.slice(1)}`]
  // It stays, and shows again and again that its node follows the chain, until it has its seat.
  const joining = runValidator(stage, ['join', '--name', name, '--out', request, ...place])
  joining.catch(() => undefined)
  await eventually(`the request of ${name}`, () => (existsSync(request) ? true : null), GIVE_UP_MS)
  for (const by of approvedBy) {
    await eventually(
      `the approval of ${by}`,
      async () => {
        const fault = await runValidator(stage, ['approve', request, '--from', by]).then(
          () => null,
          (error: Error) => error,
        )
        if (fault !== null && !fault.message.includes('has not shown lately')) throw fault
        return fault === null ? true : null
      },
      GIVE_UP_MS,
    )
  }
  await joining
  await waitForSeat(stage, name, true)
}

async function waitForSeat(stage: Stage, name: string, wanted: boolean): Promise<void> {
  await eventually(
    `${name} ${wanted ? 'has' : 'has no'} seat`,
    async () => {
      const { validators } = (await runValidator(stage, ['list'])) as { validators: readonly { name: string }[] }
      return validators.some((validator) => validator.name === name) === wanted ? true : null
    },
    GIVE_UP_MS,
  )
}

function signalAll(stage: Stage, names: readonly string[], signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const name of names) signalNode(stage.devnet.dir, stage.devnet.node(name), signal)
}

// The process is frozen while its log is looked at, so that what was seen is what the crash leaves.
async function killWith(stage: Stage, name: string, recordsMin: number): Promise<void> {
  const { devnet } = stage
  if (recordsMin === 0) return devnet.kill(name)
  const node = devnet.node(name)
  await eventually(
    `${name} has ${recordsMin} records in the log of its running height`,
    async () => {
      signalNode(devnet.dir, node, 'SIGSTOP')
      await sleep(5)
      if (walRecords(stage, name) >= recordsMin) return true
      signalNode(devnet.dir, node, 'SIGCONT')
      await sleep(15)
      return null
    },
    GIVE_UP_MS,
  )
  await devnet.kill(name)
}

function walRecords({ devnet }: Stage, name: string): number {
  const { dir, height } = newestWal(devnet, name)
  return readWal({ dir, height, chainTag: fromHex(devnet.genesisHash.slice(0, 16)) }).records.length
}

function assertStopped({ devnet }: Stage, name: string): void {
  if (livePid(devnet.dir, name) !== null) throw new Error(`${name} runs; stop or kill it before its files are touched`)
}

/** Cuts the last record in two, as a crash in the middle of a write does. */
function tearWal(stage: Stage, name: string): void {
  assertStopped(stage, name)
  const { path } = newestWal(stage.devnet, name)
  if (walRecords(stage, name) === 0) throw new Error(`${path} has no record to tear; kill with walRecordsMin`)
  truncateSync(path, statSync(path).size - 3)
}

const PARTS = 25
const PROBE = join(import.meta.dirname, 'rot-probe.ts')

// On a copy, and by a process of its own: some rotten bytes make LevelDB end the whole process.
function isRefused(from: { dir: string; file: string; at: number; genesisFile: string }): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'naru-e2e-copy-'))
  try {
    cpSync(from.dir, copy, { recursive: true })
    flipByte(join(copy, from.file), from.at)
    return spawnSync(process.execPath, [PROBE, copy, from.genesisFile], { stdio: 'ignore' }).status === 22
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Turns one bit of a byte over, on disk. */
function flipByte(path: string, at: number): void {
  const fd = openSync(path, 'r+')
  try {
    const byte = new Uint8Array(1)
    if (readSync(fd, byte, 0, 1, at) !== 1) throw new Error(`${path} ends before byte ${at}`)
    byte[0] = (byte[0] ?? 0) ^ 0x10
    writeSync(fd, byte, 0, 1, at)
  } finally {
    closeSync(fd)
  }
}

const WAL_FIRST_PAYLOAD = 28 + 8 + 4

const FLIPS = {
  /** A byte of the first record, so that intact ones follow: rot, not a torn end. */
  wal(stage: Stage, name: string): void {
    assertStopped(stage, name)
    if (walRecords(stage, name) < 2) throw new Error(`the log of ${name} has fewer than two records; kill with walRecordsMin`)
    flipByte(newestWal(stage.devnet, name).path, WAL_FIRST_PAYLOAD)
  },
  /** A byte of the slot that was written last. */
  journal(stage: Stage, name: string): void {
    assertStopped(stage, name)
    const path = nodePaths(stage.devnet.dir, name).journal
    const before = stage.signState(name).last
    const half = statSync(path).size / 2
    for (const at of [100, half + 100]) {
      const whole = readFileSync(path)
      flipByte(path, at)
      const after = stage.signState(name).last
      if (
        JSON.stringify([after?.height, after?.round, after?.step]) !==
        JSON.stringify([before?.height, before?.round, before?.step])
      )
        return
      writeFileSync(path, whole)
    }
    throw new Error(`no slot of ${path} was the last one`)
  },
  /** A byte of the store without which the node cannot know its state; that it is one is tried on a copy. */
  state(stage: Stage, name: string): void {
    assertStopped(stage, name)
    const dir = join(nodePaths(stage.devnet.dir, name).data, 'store')
    const files = readdirSync(dir).filter((file) => file.endsWith('.ldb'))
    const largest = files.sort((a, b) => statSync(join(dir, b)).size - statSync(join(dir, a)).size)[0]
    if (largest === undefined) throw new Error(`${dir} holds no table yet; restart the node first`)
    const { size } = statSync(join(dir, largest))
    const genesisFile = join(stage.devnet.dir, 'genesis.json')
    for (let part = 1; part < PARTS; part++) {
      // Keys are sorted, and those of the state come late.
      const at = size - Math.floor((size * part) / PARTS)
      if (!isRefused({ dir, file: largest, at, genesisFile })) continue
      flipByte(join(dir, largest), at)
      return
    }
    throw new Error(`no byte of ${largest} stops the node`)
  },
} as const
