// Owns: moving the clocks of a devnet forward, all at once or one alone. Not here: the clock itself (node/dev-clock.ts).
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CLOCK_OFFSET_MS_MAX, DEV_CLOCK_FILE, writeDevClock } from '../../node/dev-clock.ts'
import { parseDuration } from '../duration.ts'
import { refuseUsage } from '../errors.ts'
import { callRpc } from '../rpc-client.ts'
import { nodeAddresses, nodePaths, writeLayout } from './layout.ts'
import type { Layout, NodePlace } from './layout.ts'
import { livePid } from './processes.ts'

/** Milliseconds of `+30d`. Throws a usage error: chain time never goes back. */
export function parseForward(text: string): number {
  if (!text.startsWith('+')) refuseUsage(`${JSON.stringify(text)} is no step forward; write +30d. Block time never goes back`)
  return parseDuration(text.slice(1))
}

/** Moves the clock of every node of a devnet by `forwardMs`; nodes that are down have it when they start. */
export async function moveDevnetTime(dir: string, layout: Layout, forwardMs: number): Promise<Layout> {
  const clockOffsetMs = (layout.clockOffsetMs ?? 0) + forwardMs
  if (clockOffsetMs > CLOCK_OFFSET_MS_MAX)
    refuseUsage('a devnet lives at most a hundred years ahead; begin a new one with --fresh')
  const moved = { ...layout, clockOffsetMs }
  writeLayout(dir, moved)
  await Promise.all(layout.nodes.map((node) => setNodeClock(dir, node, clockOffsetMs)))
  return moved
}

/** Sets the clock of one node `skewMs` apart from the devnet's time; 0 brings it back. */
export async function skewNode(dir: string, layout: Layout, node: NodePlace, skewMs: number): Promise<void> {
  await setNodeClock(dir, node, (layout.clockOffsetMs ?? 0) + skewMs)
}

/** Gives a node that has never run the devnet's time. */
export function bringClock(dir: string, layout: Layout, node: NodePlace): void {
  if (layout.clockOffsetMs !== undefined) writeStoppedClock(dir, node, layout.clockOffsetMs)
}

async function setNodeClock(dir: string, node: NodePlace, offsetMs: number): Promise<void> {
  if (livePid(dir, node.name) === null) return writeStoppedClock(dir, node, offsetMs)
  const params = { aheadMs: Math.max(0, offsetMs), behindMs: Math.max(0, -offsetMs) }
  await callRpc(`unix:${nodeAddresses(dir, node).admin}`, 'admin_setClockOffset', params, 5_000)
}

function writeStoppedClock(dir: string, node: NodePlace, offsetMs: number): void {
  const { data } = nodePaths(dir, node.name)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  writeDevClock(join(data, DEV_CLOCK_FILE), offsetMs)
}
