// Owns: the processes of a devnet: spawn, pid files, readiness, signals.
// Not here: files of a node (layout.ts), what they say (view.ts).
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, EXIT } from '../errors.ts'
import { callRpc, readPage } from '../rpc-client.ts'
import { isAlive } from './alive.ts'
import { nodeAddresses, nodePaths, writeAtomically } from './layout.ts'
import type { NodePlace } from './layout.ts'

const MAIN = join(dirname(import.meta.dirname), 'main.ts')
const POLL_MS = 40
const STOP_MS = 10_000

/** Pid of a node's live process, or null; a pid file that a crash or another program's reuse made stale is removed. */
export function livePid(dir: string, name: string): number | null {
  const { pid: file, config } = nodePaths(dir, name)
  if (!existsSync(file)) return null
  const pid = Number(readFileSync(file, 'utf8').trim())
  if (Number.isSafeInteger(pid) && pid > 1 && isAlive(pid) && isOurs(pid, config)) return pid
  rmSync(file, { force: true })
  return null
}

/** Where the system tells command lines, a pid that now belongs to another program is none of ours, and a zombie no process. */
function isOurs(pid: number, config: string): boolean {
  if (process.platform !== 'linux') return true
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(config)
  } catch {
    return false
  }
}

/** True while the process is stopped by SIGSTOP. */
export function isPaused(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** How a node's process differs from the plain one. */
export type SpawnManner = {
  /** A program that runs the node as its last words say, in the same process. */
  readonly wrap?: readonly string[]
  /** Further words for Node itself. */
  readonly execArgv?: readonly string[]
  /** Told once when the process ended: its exit code, or null after a signal. */
  readonly onExit?: (code: number | null) => void
}

/** Starts a node's process; with `tied` it stops by itself when this process ends in whatever way. Returns the pid. */
export function spawnNode(dir: string, node: NodePlace, tied: boolean, manner: SpawnManner = {}): number {
  const running = livePid(dir, node.name)
  if (running !== null) return running
  const paths = nodePaths(dir, node.name)
  const log = openSync(paths.log, 'a')
  try {
    // The launcher's own NARU_* would turn four nodes into one.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NARU_')))
    const nodeWords = [...process.execArgv, ...(manner.execArgv ?? []), MAIN, 'node', 'start', '--config', paths.config]
    const [program = '', ...words] = [...(manner.wrap ?? []), process.execPath, ...nodeWords]
    const child = spawn(program, words, {
      detached: true,
      stdio: ['ignore', 'ignore', log, ...(tied ? (['ipc'] as const) : [])],
      env,
    })
    if (manner.onExit !== undefined) child.once('exit', manner.onExit)
    child.unref()
    child.channel?.unref()
    if (child.pid === undefined)
      throw new CliError(EXIT.unexpected, 'SPAWN_FAILED', `${node.name} could not be started; see ${paths.log}`)
    writeAtomically(paths.pid, `${child.pid}\n`)
    return child.pid
  } finally {
    closeSync(log)
  }
}

/** Throws CliError when a port of a stopped node is taken by another program. */
export async function assertPortsFree(dir: string, nodes: readonly NodePlace[]): Promise<void> {
  for (const node of nodes) {
    if (livePid(dir, node.name) !== null) continue
    for (const [use, port] of Object.entries(node.ports)) {
      if (!(await isAnswered(port))) continue
      const text = `port ${port} (${use} of ${node.name}) is in use by another program`
      throw new CliError(EXIT.config, 'PORT_IN_USE', `${text}: stop it, or make a new devnet with --fresh`)
    }
  }
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const tell = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => tell(true))
    socket.once('error', () => tell(false))
  })
}

/** Height of a node's head, or null while it does not answer. */
export async function readHeight(dir: string, node: NodePlace, timeoutMs = 1_000): Promise<number | null> {
  try {
    const { value } = await callRpc<{ value: { height: number } }>(nodeAddresses(dir, node).rpc, 'chain_head', {}, timeoutMs)
    return value.height
  } catch {
    return null
  }
}

/** True when the node says that it is ready to serve. */
export async function isReady(dir: string, node: NodePlace): Promise<boolean> {
  return (await readPage(`${nodeAddresses(dir, node).metrics}/readyz`, 1_000))?.status === 200
}

/**
 * Waits until each node is ready with a final block; `onReady` is told once per node. Throws CliError NODE_STOPPED with the last
 * line of the log of a node that ended, or TIMEOUT naming those that are not ready.
 */
export async function waitUntilReady(options: {
  dir: string
  nodes: readonly NodePlace[]
  timeoutMs: number
  onReady?: (node: NodePlace, height: number) => void
}): Promise<void> {
  const { dir, nodes, timeoutMs, onReady } = options
  const deadline = performance.now() + timeoutMs
  let waiting = [...nodes]
  while (waiting.length > 0) {
    const found = await Promise.all(
      waiting.map(async (node) => ({ node, height: (await isReady(dir, node)) ? await readHeight(dir, node) : null })),
    )
    for (const { node, height } of found) {
      if (height !== null && height >= 1) onReady?.(node, height)
      else if (livePid(dir, node.name) === null) throw buildStoppedError(dir, node)
    }
    waiting = found.filter(({ height }) => height === null || height < 1).map(({ node }) => node)
    if (waiting.length === 0) return
    if (performance.now() > deadline) throw await buildTimeoutError(dir, waiting, timeoutMs)
    await sleep(POLL_MS)
  }
}

function buildStoppedError(dir: string, node: NodePlace): CliError {
  const { log } = nodePaths(dir, node.name)
  const lines = lastLines(log, 20)
  const telling =
    lines.findLast((line) => line.includes('"level":"error"') || line.startsWith('naru: ')) ?? lines.at(-1) ?? 'it left no line'
  return new CliError(EXIT.nodeError, 'NODE_STOPPED', `${node.name} stopped: ${messageOf(telling)}; see ${log}`, {
    node: node.name,
    log,
  })
}

async function buildTimeoutError(dir: string, waiting: readonly NodePlace[], timeoutMs: number): Promise<CliError> {
  const parts = await Promise.all(
    waiting.map(async (node) => {
      const page = await readPage(`${nodeAddresses(dir, node).metrics}/readyz`, 500)
      return `${node.name} (${page === null ? 'does not answer' : page.text.replaceAll(/\s+/g, ' ').slice(0, 200)})`
    }),
  )
  return new CliError(EXIT.timeout, 'TIMEOUT', `not ready after ${timeoutMs} ms: ${parts.join(', ')}; see naru devnet logs`)
}

/** Message and reason of a log line, each without its stack. */
function messageOf(line: string): string {
  try {
    const { msg, reason } = JSON.parse(line) as { msg?: string; reason?: string }
    return [msg, reason?.split('\n')[0]].filter((part) => part !== undefined).join(': ')
  } catch {
    return line.replace(/^naru: /, '').trim()
  }
}

/** The last lines of a file, at most `count`, read from its final 64 KiB. */
export function lastLines(path: string, count: number): readonly string[] {
  if (!existsSync(path) || statSync(path).size === 0) return []
  const text = readFileSync(path)
  return text
    .subarray(Math.max(0, text.length - 65_536))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .slice(-count)
}

/** Stops nodes by SIGTERM and, where that takes longer than ten seconds, by SIGKILL. Returns the names of those killed. */
export async function stopNodes(dir: string, nodes: readonly NodePlace[]): Promise<readonly string[]> {
  const live = nodes.flatMap((node) => {
    const pid = livePid(dir, node.name)
    return pid === null ? [] : [{ name: node.name, pid }]
  })
  for (const { pid } of live) {
    signal(pid, 'SIGTERM')
    signal(pid, 'SIGCONT')
  }
  const late = await waitForEnd(dir, live, STOP_MS)
  for (const { pid } of late) signal(pid, 'SIGKILL')
  await waitForEnd(dir, late, STOP_MS)
  return late.map(({ name }) => name)
}

type Live = { readonly name: string; readonly pid: number }

async function waitForEnd(dir: string, live: readonly Live[], timeoutMs: number): Promise<readonly Live[]> {
  const deadline = performance.now() + timeoutMs
  let left = live
  for (;;) {
    left = left.filter(({ name }) => livePid(dir, name) !== null)
    if (left.length === 0 || performance.now() > deadline) return left
    await sleep(POLL_MS)
  }
}

/** Sends a signal to a node's process and returns its pid. Throws CliError NODE_NOT_RUNNING. */
export function signalNode(dir: string, node: NodePlace, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): number {
  const pid = livePid(dir, node.name)
  if (pid === null)
    throw new CliError(
      EXIT.unreachable,
      'NODE_NOT_RUNNING',
      `${node.name} is not running; start it with naru devnet restart ${node.name}`,
    )
  signal(pid, name)
  return pid
}

/** Kills a node and waits until its process is gone. */
export async function killNode(dir: string, node: NodePlace): Promise<number> {
  const pid = signalNode(dir, node, 'SIGKILL')
  await waitForEnd(dir, [{ name: node.name, pid }], STOP_MS)
  return pid
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
