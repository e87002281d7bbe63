// Owns: exit codes (stable, documented in docs/reference/cli.md) and how an error becomes one. Not here: printing it (output.ts).
import { NodeError } from '../core/base/errors.ts'

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  config: 3,
  unreachable: 4,
  nodeError: 5,
  timeout: 6,
  verification: 12,
  refused: 20,
  halted: 21,
  store: 22,
  interrupted: 130,
  terminated: 143,
} as const

/** An error that a command ends with: `code` is stable, the message names thing, value and fix. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number
  readonly code: string
  readonly detail: Readonly<Record<string, unknown>> | undefined

  constructor(exitCode: number, code: string, message: string, detail?: Readonly<Record<string, unknown>>) {
    super(message)
    this.exitCode = exitCode
    this.code = code
    this.detail = detail
  }
}

const EXIT_BY_PREFIX: readonly (readonly [prefix: string, exit: number])[] = [
  ['KEY_DEV_ON_REAL_CHAIN', EXIT.refused],
  ['DEV_FAULTS_ON_REAL_CHAIN', EXIT.refused],
  ['DATA_DIR_LOCKED', EXIT.refused],
  ['JOURNAL_IO', EXIT.store],
  ['JOURNAL_', EXIT.refused],
  ['CONFIG_', EXIT.config],
  ['GENESIS_MISMATCH', EXIT.store],
  ['KEY_', EXIT.config],
  ['GENESIS_', EXIT.config],
  ['PEER_KEY', EXIT.config],
  ['NETWORK_LISTEN', EXIT.config],
  ['RPC_LISTEN', EXIT.config],
  ['STORE_', EXIT.store],
  ['WAL_', EXIT.store],
  ['LOCK_IO', EXIT.store],
]

/** Exit code of anything thrown; what nobody foresaw is 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  if (error instanceof NodeError) return EXIT_BY_PREFIX.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? EXIT.unexpected
  if (error instanceof Error && error.name === 'CodecError') return EXIT.usage
  if (error instanceof Error && error.name === 'TwinError') return EXIT.refused
  return EXIT.unexpected
}

/** The error as the JSON document that `--json` prints. */
export function renderError(error: unknown): { readonly error: Record<string, unknown> } {
  const exitCode = exitCodeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const code =
    error instanceof CliError || error instanceof NodeError ? error.code : exitCode === EXIT.usage ? 'USAGE' : 'UNEXPECTED'
  const detail = error instanceof CliError && error.detail !== undefined ? { detail: error.detail } : {}
  return { error: { code, message, exitCode, ...detail } }
}

/** A wrong call of a command. */
export function refuseUsage(message: string): never {
  throw new CliError(EXIT.usage, 'USAGE', message)
}
