// Owns: `devnet up`: make or continue a devnet, wait, tell, and hold it in the foreground.
// Not here: files (layout.ts), signals (processes.ts).
import { join, resolve } from 'node:path'
import type { CommandCall } from '../command.ts'
import { formatDuration, parseDuration } from '../duration.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import type { Output } from '../output.ts'
import { dirOf } from '../target.ts'
import {
  createLayout,
  hasLayout,
  nodeAddresses,
  nodePaths,
  readAccounts,
  readLayout,
  removeLayout,
  writeAtomically,
} from './layout.ts'
import type { Layout } from './layout.ts'
import { assertPortsFree, livePid, readHeight, spawnNode, stopNodes, waitUntilReady } from './processes.ts'
import { watchRows } from './view.ts'

/** What scripts read, printed by `devnet up` and kept in `devnet.json`. */
export type DevnetDocument = {
  readonly chainId: string
  readonly nodes: readonly { name: string; pid: number | null; rpc: string; metrics: string; admin: string; dataDir: string }[]
  readonly accounts: readonly { name: string; id: string; did: string }[]
}

const NODES_MAX = 32
const DOUBLE_MS = 500

/** The document of a devnet as it runs now. */
export function buildDocument(dir: string, layout: Layout): DevnetDocument {
  return {
    chainId: layout.chainId,
    nodes: layout.nodes.map((node) => ({
      name: node.name,
      pid: livePid(dir, node.name),
      ...nodeAddresses(dir, node),
      dataDir: nodePaths(dir, node.name).data,
    })),
    accounts: readAccounts(layout).map(({ name, id, did }) => ({ name, id, did })),
  }
}

/** Writes the document beside the devnet; pids change with every start. */
export function writeDocument(dir: string, layout: Layout): DevnetDocument {
  const document = buildDocument(dir, layout)
  writeAtomically(join(dir, 'devnet.json'), `${JSON.stringify(document, null, 2)}\n`)
  return document
}

type UpOptions = {
  readonly dir: string
  readonly count: number
  readonly blockIntervalMs: number
  readonly timeoutMs: number
  readonly detach: boolean
  readonly wait: boolean
}

function parseUp(call: CommandCall): UpOptions {
  const { options } = call
  const count = Number(options['nodes'])
  if (!Number.isInteger(count) || count < 1 || count > NODES_MAX)
    refuseUsage(`-n takes 1 to ${NODES_MAX} nodes, not ${String(options['nodes'])}`)
  const wait = options['wait']
  if (wait !== undefined && wait !== 'ready') refuseUsage(`--wait takes ready, not ${String(wait)}`)
  const blockIntervalMs = parseDuration(options['blockTime'] as string)
  if (blockIntervalMs < 10 || blockIntervalMs > 60_000)
    refuseUsage(`--block-time is 10ms to 60s, not ${String(options['blockTime'])}`)
  const detach = options['detach'] === true
  return {
    dir: resolve(dirOf(call)),
    count,
    blockIntervalMs,
    timeoutMs: parseDuration(options['timeout'] as string),
    detach,
    wait: !detach || wait === 'ready',
  }
}

/** Runs `devnet up`. */
export async function runUp(call: CommandCall): Promise<void> {
  const { out, options } = call
  const up = parseUp(call)
  const { dir } = up
  const startedAt = performance.now()
  if (options['fresh'] === true && hasLayout(dir)) {
    await stopNodes(dir, readLayout(dir).nodes)
    removeLayout(dir)
  }
  const layout = await openLayout(up, out)
  const stopSignal = up.detach ? null : listenForStop()
  const heightBefore = Math.max(
    ...(await Promise.all(layout.nodes.map((node) => readHeight(dir, node, 200)))).map((height) => height ?? 0),
  )
  await assertPortsFree(dir, layout.nodes)
  for (const node of layout.nodes) spawnNode(dir, node, !up.detach)
  writeDocument(dir, layout)
  try {
    if (up.wait) await waitWithProgress({ up, layout, out, startedAt, isRunning: heightBefore > 0, stopSignal })
    const document = buildDocument(dir, layout)
    if (up.detach) out.result(document, describeDevnet(dir, document))
    else await hold({ up, layout, out, document, stopSignal: stopSignal as Promise<number> })
  } catch (error) {
    if (!up.detach) await stopNodes(dir, layout.nodes)
    throw error
  }
}

async function openLayout({ dir, count, blockIntervalMs }: UpOptions, out: Output): Promise<Layout> {
  if (!hasLayout(dir)) return createLayout({ dir, count, blockIntervalMs })
  const layout = readLayout(dir)
  const validators = layout.nodes.filter(({ observer }) => !observer).length
  out.note(`continuing the devnet in ${dir} (${validators} validators); --fresh begins a new one`)
  if (validators !== count) out.note(`-n ${count} is ignored: the devnet was made with ${validators}`)
  return layout
}

type Waiting = {
  up: UpOptions
  layout: Layout
  out: Output
  startedAt: number
  isRunning: boolean
  stopSignal: Promise<number> | null
}

async function waitWithProgress({ up, layout, out, startedAt, isRunning, stopSignal }: Waiting): Promise<void> {
  const { dir, timeoutMs } = up
  let isFirst = true
  const ready = waitUntilReady({
    dir,
    nodes: layout.nodes,
    timeoutMs,
    onReady: (node, height) => {
      const after = formatDuration(performance.now() - startedAt)
      if (isFirst && !isRunning) out.note(height === 1 ? `first final block after ${after}` : `up again after ${after}`)
      isFirst = false
      out.note(`${node.name} ready at height ${height} after ${after}`)
    },
  })
  const stopped = stopSignal?.then((exitCode) => {
    throw new CliError(exitCode, 'INTERRUPTED', 'stopped before the devnet was ready')
  })
  await (stopped === undefined ? ready : Promise.race([ready, stopped]))
}

/** Resolves with the exit code of the signal that asks to stop; a second signal ends the launcher at once. */
function listenForStop(): Promise<number> {
  return new Promise((settle) => {
    let askedAtMs: number | null = null
    const ask = (exitCode: number): void => {
      // Under npm one Ctrl-C arrives twice: from the terminal and from npm.
      if (askedAtMs !== null && performance.now() - askedAtMs > DOUBLE_MS) process.exit(exitCode)
      askedAtMs ??= performance.now()
      settle(exitCode)
    }
    process.on('SIGINT', () => ask(EXIT.interrupted))
    process.on('SIGTERM', () => ask(EXIT.terminated))
    process.on('SIGHUP', () => ask(EXIT.terminated))
  })
}

type Hold = { up: UpOptions; layout: Layout; out: Output; document: DevnetDocument; stopSignal: Promise<number> }

/** Shows the devnet until a signal comes, then stops its nodes. */
async function hold({ up, layout, out, document, stopSignal }: Hold): Promise<void> {
  const { dir } = up
  out.item({ event: 'up', ...document }, describeDevnet(dir, document))
  const { runFirstPayment } = await import('./demo.ts')
  await runFirstPayment(dir, layout, out)
  out.note('Ctrl-C stops all nodes; the chain goes on at the next start')
  await watchRows({ dir, layout: () => readLayout(dir), out, until: stopSignal })
  const exitCode = await stopSignal
  out.note('stopping')
  const killed = await stopNodes(dir, readLayout(dir).nodes)
  out.note(killed.length === 0 ? 'all nodes stopped' : `killed after ten seconds: ${killed.join(', ')}`)
  process.exitCode = exitCode
}

function describeDevnet(dir: string, document: DevnetDocument): string {
  const nodes = formatTable([
    ['node', 'pid', 'rpc', 'metrics'],
    ...document.nodes.map(({ name, pid, rpc, metrics }) => [name, String(pid ?? '-'), rpc, `${metrics}/metrics`]),
  ])
  const accounts = formatTable(document.accounts.map(({ name, id }) => [name, id]))
  return `${document.chainId} in ${dir}\n\n${nodes}\n\n${accounts}\n`
}
