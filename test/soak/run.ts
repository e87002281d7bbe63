// Owns: what every long run shares: words, a folder that a stopped run goes on from, progress lines, results. Not here: the runs.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeAtomically } from '../../cli/devnet/layout.ts'
import { formatTable } from '../../cli/output.ts'

/** A long run that was asked for. */
export type LongRun = {
  readonly dir: string
  /** True in the private network that `runInPrivateNetwork` made. */
  readonly inside: boolean
  readonly option: (name: string) => string | undefined
  readonly count: (name: string, fallback: number) => number
  /** One line on stderr with the time of day. */
  readonly say: (line: string) => void
  /** True once a signal asked to stop; a second signal ends at once. */
  readonly isStopping: () => boolean
}

/** Exit codes of a long run. */
export const RUN_EXIT = { ok: 0, usage: 2, violated: 12, interrupted: 130 } as const

/** Reads the words of a long run and makes its folder. `known` names its options beside --dir and --fresh. */
export function openRun(options: { name: string; help: string; known: readonly string[] }): LongRun {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const named = Object.fromEntries([...options.known, 'dir'].map((name) => [name, text]))
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({ options: { ...named, fresh: flag, help: flag, inside: flag } }).values as typeof values
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${options.help}`)
    process.exit(RUN_EXIT.usage)
  }
  if (values['help'] === true) {
    console.log(options.help)
    process.exit(RUN_EXIT.ok)
  }
  const dir = resolve((values['dir'] as string | undefined) ?? join('.naru', 'soak', options.name))
  const inside = values['inside'] === true
  if (values['fresh'] === true && !inside) rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  const option = (name: string): string | undefined => values[name] as string | undefined
  return {
    dir,
    inside,
    option,
    count(name, fallback) {
      const count = Number(option(name) ?? fallback)
      if (Number.isSafeInteger(count) && count > 0) return count
      console.error(`--${name} takes a whole number above 0, not ${String(option(name))}`)
      return process.exit(RUN_EXIT.usage)
    },
    say: (line) => console.error(`[${new Date().toISOString().slice(11, 19)}] ${line}`),
    isStopping: listenForStop(),
  }
}

function listenForStop(): () => boolean {
  let isStopping = false
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (isStopping) process.exit(RUN_EXIT.interrupted)
      isStopping = true
      console.error('stopping after this round; the same command goes on from here')
    })
  return () => isStopping
}

/** The kept state of a run, or null where none was kept. */
export function readState<T>(dir: string): T | null {
  const path = join(dir, 'state.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : null
}

/** Keeps the state of a run. */
export function writeState(dir: string, state: unknown): void {
  writeAtomically(join(dir, 'state.json'), JSON.stringify(state))
}

/** Writes the result as JSON into the folder and as a table and a line of JSON to stdout. */
export function tellResult(dir: string, result: object, rows: readonly (readonly string[])[]): void {
  const path = join(dir, 'result.json')
  writeAtomically(path, `${JSON.stringify(result, null, 2)}\n`)
  console.log(`${formatTable(rows)}\n\n${path}`)
}

/** Middle, worst and number of some times in ms. */
export type Times = { readonly medianMs: number; readonly worstMs: number; readonly count: number }

/** Sums up times; zeros where there are none. */
export function sumUp(values: readonly number[]): Times {
  const sorted = [...values].sort((a, b) => a - b)
  return { medianMs: Math.round(sorted[sorted.length >> 1] ?? 0), worstMs: Math.round(sorted.at(-1) ?? 0), count: sorted.length }
}

/** `median 12 ms, worst 34 ms of 5`. */
export function formatTimes({ medianMs, worstMs, count }: Times): string {
  return `median ${medianMs} ms, worst ${worstMs} ms of ${count}`
}
