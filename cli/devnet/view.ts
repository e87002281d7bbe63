// Owns: what the nodes of a devnet say of themselves, as rows and as a table that is redrawn. Not here: processes (processes.ts).
import { setTimeout as sleep } from 'node:timers/promises'
import { formatTable } from '../output.ts'
import type { Output } from '../output.ts'
import { callRpc } from '../rpc-client.ts'
import { nodeAddresses } from './layout.ts'
import type { Layout, NodePlace } from './layout.ts'
import { isPaused, livePid } from './processes.ts'

/** One node at one moment; what it did not tell is null. */
export type NodeRow = {
  readonly name: string
  readonly role: 'validator' | 'observer'
  readonly state: 'ready' | 'not ready' | 'silent' | 'paused' | 'stopped'
  readonly pid: number | null
  readonly height: number | null
  readonly round: number | null
  readonly step: string | null
  readonly peers: number | null
  readonly mempool: number | null
  readonly stateRoot: string | null
  readonly reasons: readonly string[]
}

type Health = { ready: boolean; reasons: { text: string }[]; round: number; step: string; peers: number }

const ASK_TIMEOUT_MS = 800

/** Asks one node; a stopped, paused or silent one gives a row too. */
export async function readRow(dir: string, node: NodePlace): Promise<NodeRow> {
  const pid = livePid(dir, node.name)
  const role = node.observer ? 'observer' : 'validator'
  const silent = {
    name: node.name,
    role,
    pid,
    height: null,
    round: null,
    step: null,
    peers: null,
    mempool: null,
    stateRoot: null,
    reasons: [],
  } as const
  if (pid === null) return { ...silent, state: 'stopped' }
  if (isPaused(pid)) return { ...silent, state: 'paused' }
  const { rpc } = nodeAddresses(dir, node)
  try {
    const [health, head, mempool] = await Promise.all([
      callRpc<Health>(rpc, 'node_health', {}, ASK_TIMEOUT_MS),
      callRpc<{ value: { height: number; stateRoot: string } }>(rpc, 'chain_head', {}, ASK_TIMEOUT_MS),
      callRpc<{ count: number }>(rpc, 'mempool_status', {}, ASK_TIMEOUT_MS),
    ])
    const { ready, round, step, peers } = health
    const told = { height: head.value.height, round, step, peers, mempool: mempool.count, stateRoot: head.value.stateRoot }
    return { ...silent, ...told, state: ready ? 'ready' : 'not ready', reasons: health.reasons.map(({ text }) => text) }
  } catch {
    return { ...silent, state: 'silent' }
  }
}

/** Asks all nodes at once. */
export async function readRows(dir: string, layout: Layout): Promise<readonly NodeRow[]> {
  return Promise.all(layout.nodes.map((node) => readRow(dir, node)))
}

/** The rows as a table. */
export function formatRows(rows: readonly NodeRow[]): string {
  const cell = (value: string | number | null): string => (value === null ? '-' : String(value))
  return formatTable([
    ['node', 'state', 'height', 'round', 'step', 'peers', 'mempool', 'state root'],
    ...rows.map((row) => [
      row.name,
      row.state,
      cell(row.height),
      cell(row.round),
      cell(row.step),
      cell(row.peers),
      cell(row.mempool),
      row.stateRoot === null ? '-' : row.stateRoot.slice(0, 18),
    ]),
  ])
}

const TTY_MS = 400
const LINE_MS = 1_000
const CLEAR_BELOW = '\u001b[J'

/** Shows the rows until `until` settles: a table redrawn in place on a TTY, else one line per change. */
export async function watchRows(options: {
  dir: string
  layout: () => Layout
  out: Output
  until: Promise<unknown>
}): Promise<void> {
  const { dir, layout, out, until } = options
  let isOver = false
  const over = until.then(() => {
    isOver = true
  })
  let drawn: readonly string[] = []
  const told = new Map<string, string>()
  while (!isOver) {
    const rows = await readRows(dir, layout())
    if (isOver) break
    if (out.isTty) drawn = redraw(rows, drawn)
    else tellChanges(rows, told, out)
    await Promise.race([over, sleep(out.isTty ? TTY_MS : LINE_MS)])
  }
}

/** Draws the rows over what was drawn before and returns the lines that now stand there. */
function redraw(rows: readonly NodeRow[], drawn: readonly string[]): readonly string[] {
  const notes = rows.flatMap((row) => row.reasons.map((reason) => `${row.name}: ${reason}`))
  // A line that wraps would move the place to which the next drawing goes back.
  const width = process.stdout.columns ?? 80
  const lines = [...formatRows(rows).split('\n'), ...notes].map((line) => line.slice(0, width - 1))
  if (lines.join('\n') === drawn.join('\n')) return drawn
  const up = drawn.length === 0 ? '' : `\u001b[${drawn.length}A`
  process.stdout.write(`${up}${CLEAR_BELOW}${lines.join('\n')}\n`)
  return lines
}

function tellChanges(rows: readonly NodeRow[], told: Map<string, string>, out: Output): void {
  for (const row of rows) {
    // Height alone changes all the time in a busy network; a line a second and node is the bound.
    const mark = JSON.stringify([row.state, row.height, row.peers, row.stateRoot])
    if (told.get(row.name) === mark) continue
    told.set(row.name, mark)
    const { name, state, height, round, peers, mempool, stateRoot } = row
    const text =
      height === null ? '' : ` height ${height} round ${round} peers ${peers} mempool ${mempool} root ${stateRoot?.slice(0, 18)}`
    out.item({ event: 'node', ...row }, `${name} ${state}${text}`)
  }
}
