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
  doctorWarnings: 10,
  doctorFailures: 11,
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

/**
 * Faults of commands on a stopped node's data and of credentials and polls, by the beginning of their code; a node's own are in
 * node/exit-codes.ts.
 */
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
  ['AUDIT_FAILED', EXIT.verification],
  ['AUDIT_', EXIT.usage],
  ['RPC_TIMEOUT', EXIT.timeout],
  ['RPC_UNREACHABLE', EXIT.unreachable],
  ['BAD_ACCOUNT', EXIT.usage],
  ['CREDENTIAL_', EXIT.verification],
  ['SIGN_IN_', EXIT.verification],
  ['PROOF_REFUSED', EXIT.verification],
  ['STATUS_REFUSED', EXIT.verification],
  ['STATE_', EXIT.verification],
  ['POLICY_REFUSED', EXIT.refused],
  ['WALLET_', EXIT.usage],
  ['BUNDLE_INVALID', EXIT.verification],
  ['LETTER_INVALID', EXIT.verification],
  ['RECIPIENT_INVALID', EXIT.usage],
  ['BALLOT_INVALID', EXIT.usage],
  ['COUNT_UNKNOWN', EXIT.verification],
]

/** Exit code of anything thrown; what nobody foresaw is 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  if (error instanceof Error && error.name === 'CodecError') return EXIT.usage
  if (error instanceof Error && error.name === 'LightError') return EXIT.verification
  // Errors of the SDK, told by their names so that commands without it need not load it.
  if (error instanceof Error && (error.name === 'RpcError' || error.name === 'TransactionError')) return EXIT.nodeError
  const found = error instanceof NodeError ? EXIT_BY_PREFIX.find(([prefix]) => error.code.startsWith(prefix)) : undefined
  return found?.[1] ?? exitCodeOfFault(error)
}

/** The error as the JSON document that `--json` prints. */
export function renderError(error: unknown): { readonly error: Record<string, unknown> } {
  const exitCode = exitCodeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const code = stableCodeOf(error) ?? (exitCode === EXIT.usage ? 'USAGE' : 'UNEXPECTED')
  const detail = error instanceof CliError && error.detail !== undefined ? { detail: error.detail } : {}
  return { error: { code, message, exitCode, ...detail } }
}

function stableCodeOf(error: unknown): string | null {
  if (error instanceof CliError || error instanceof NodeError) return error.code
  if (!(error instanceof Error)) return null
  const { code, data } = error as { code?: unknown; data?: { code?: string } }
  if (error.name === 'TransactionError' && typeof code === 'string') return code
  return error.name === 'RpcError' ? (data?.code ?? 'RPC_ERROR') : null
}

/** A wrong call of a command. */
export function refuseUsage(message: string): never {
  throw new CliError(EXIT.usage, 'USAGE', message)
}
