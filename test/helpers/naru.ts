// Owns: running the command line as a script does: no terminal, output and exit code kept, never longer than its time.
// Not here: devnets without the command line (devnet.ts).
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

/** What a command left behind. */
export type NaruResult = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
  /** The one JSON document on stdout. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape.
  readonly json: () => any
}

/** The root of the project. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** Runs `./naru` with these words; `env` is added to the environment. */
export function naru(words: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number } = {}) {
  return runProgram('/bin/sh', [join(ROOT, 'naru'), ...words], options)
}

/** Runs the command line without the launcher, by this very Node. */
export function naruMain(words: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number } = {}) {
  return runProgram(process.execPath, [join(ROOT, 'cli/main.ts'), ...words], options)
}

/** Runs a program to its end without a terminal; after the time it is killed and its code is null. */
export function runProgram(
  file: string,
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number } = {},
): Promise<NaruResult> {
  const begun = performance.now()
  const env = { ...process.env, ...options.env }
  const child = spawn(file, words, { cwd: options.cwd ?? ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => out.push(part))
  child.stderr.on('data', (part: Buffer) => err.push(part))
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000)
  return new Promise((done, fail) => {
    child.once('error', fail)
    // A detached devnet does not hold the pipes: its nodes have none of ours.
    child.once('close', (code) => {
      clearTimeout(timer)
      const stdout = Buffer.concat(out).toString('utf8')
      const stderr = Buffer.concat(err).toString('utf8')
      done({ code, stdout, stderr, ms: performance.now() - begun, json: () => JSON.parse(stdout) as unknown })
    })
  })
}
