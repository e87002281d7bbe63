// Owns: `devnet run`: fault networks as a process of their own. Not here: the networks and what runs them (test/networks).
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CliError, EXIT } from '../errors.ts'
import type { Output } from '../output.ts'

const RUNNER = join(import.meta.dirname, '../../test/networks/main.ts')

/** Runs the networks that the words name; the runner's exit code is ours. Throws CliError NO_NETWORK_RUNNER without it. */
export async function runFaultNetworks(words: readonly string[], out: Output): Promise<void> {
  if (!existsSync(RUNNER)) {
    const text = `${RUNNER} is not there: fault networks come with the source tree; run this in a clone`
    throw new CliError(EXIT.usage, 'NO_NETWORK_RUNNER', text)
  }
  const child = spawn(process.execPath, [...process.execArgv, RUNNER, ...words, ...(out.json ? ['--json'] : [])], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  // A terminal sends its signals to both; what only reaches this process is handed on.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name))
  process.exitCode = await new Promise<number>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done(code ?? EXIT.interrupted))
  })
}
