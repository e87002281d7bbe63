// Owns: exit codes (stable, documented in docs/reference/cli.md) and how an error becomes one. Not here: printing it (output.ts).
import { NodeError } from '../core/base/errors.ts'
import { exitCodeOfFault } from '../node/exit-codes.ts'

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

/** Faults of commands on a stopped node's data, by the beginning of their code; a node's own are in node/exit-codes.ts. */
const EXIT_BY_PREFIX: readonly (readonly [prefix: string, exit: number])[] = [
  ['SNAPSHOT_NOT_EMPTY', EXIT.refused],
  ['SNAPSHOT_EXISTS', EXIT.usage],
  ['SNAPSHOT_MISSING', EXIT.usage],
  ['SNAPSHOT_EMPTY', EXIT.usage],
  ['SNAPSHOT_', EXIT.verification],
  ['BACKUP_EXISTS', EXIT.usage],
  ['BACKUP_MISSING', EXIT.usage],
  ['BACKUP_KEY', EXIT.refused],
  ['BACKUP_HEIGHT', EXIT.refused],
  ['BACKUP_', EXIT.verification],
  ['ROLLBACK_SIGNED', EXIT.refused],
  ['ROLLBACK_', EXIT.usage],
  ['PRUNE_', EXIT.usage],
  ['AUDIT_', EXIT.usage],
  ['RPC_UNREACHABLE', EXIT.unreachable],
  ['RPC_TIMEOUT', EXIT.timeout],
]

/** Exit code of anything thrown; what nobody foresaw is 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  if (error instanceof Error && error.name === 'CodecError') return EXIT.usage
  // By name: what a program of the SDK throws, without loading the SDK for every command.
  if (error instanceof Error && error.name === 'LightError') return EXIT.verification
  if (error instanceof Error && error.name === 'RpcError') return EXIT.nodeError
  const found = error instanceof NodeError ? EXIT_BY_PREFIX.find(([prefix]) => error.code.startsWith(prefix)) : undefined
  return found?.[1] ?? exitCodeOfFault(error)
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
