// Owns: the logs of a devnet's nodes, merged and followed. Not here: writing them (node/logger.ts).
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Output } from '../output.ts'
import { nodePaths } from './layout.ts'
import type { NodePlace } from './layout.ts'
import { lastLines } from './processes.ts'

const TAIL_LINES = 40
const FOLLOW_MS = 200

/** Prints the last lines of each node in order of time and, with `follow`, whatever comes after until interrupted. */
export async function showLogs(options: {
  dir: string
  nodes: readonly NodePlace[]
  follow: boolean
  out: Output
}): Promise<void> {
  const { dir, nodes, follow, out } = options
  const tails = nodes.map(({ name }) => ({ name, path: nodePaths(dir, name).log }))
  const offsets = new Map(tails.map(({ name, path }) => [name, existsSync(path) ? statSync(path).size : 0]))
  const lines = tails.flatMap(({ name, path }) => lastLines(path, TAIL_LINES).map((line) => ({ name, line, time: timeOf(line) })))
  lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
  for (const { name, line } of lines) tell(name, line, out)
  while (follow) {
    for (const { name, path } of tails) {
      const { text, offset } = readFrom(path, offsets.get(name) ?? 0)
      offsets.set(name, offset)
      for (const line of text.split('\n')) if (line !== '') tell(name, line, out)
    }
    await sleep(FOLLOW_MS)
  }
}

/** Whole lines after an offset; a file that shrank was begun anew. */
function readFrom(path: string, offset: number): { text: string; offset: number } {
  if (!existsSync(path)) return { text: '', offset: 0 }
  const size = statSync(path).size
  const start = size < offset ? 0 : offset
  if (size === start) return { text: '', offset: start }
  const bytes = Buffer.alloc(size - start)
  const fd = openSync(path, 'r')
  try {
    const count = readSync(fd, bytes, 0, bytes.length, start)
    const end = bytes.subarray(0, count).lastIndexOf(10) + 1
    return { text: bytes.subarray(0, end).toString('utf8'), offset: start + end }
  } finally {
    closeSync(fd)
  }
}

function timeOf(line: string): string {
  return /"time":"([^"]+)"/.exec(line)?.[1] ?? ''
}

function tell(name: string, line: string, out: Output): void {
  let fields: Record<string, unknown>
  try {
    fields = JSON.parse(line) as Record<string, unknown>
  } catch {
    fields = { msg: line }
  }
  const { time, level, module, msg, ...rest } = fields
  const clock = typeof time === 'string' ? time.slice(11, 23) : ''
  const extra = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`
  out.item(
    { node: name, ...fields },
    `${name} ${clock} ${String(level ?? '-')} ${String(module ?? '-')} ${String(msg ?? '')}${extra}`,
  )
}
