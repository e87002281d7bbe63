// Owns: the exit code of what stops a node or keeps it from starting (interfaces.md 1.3).
// Not here: errors of commands (cli/errors.ts).
import { NodeError } from '../core/base/errors.ts'

const UNEXPECTED = 1
const CONFIG = 3
/** What was fetched or read is not what was signed. */
const VERIFICATION = 12
/** Refused for safety: going on could sign twice, or with a key that anyone knows. */
const REFUSED = 20
/** The disk fails, or what it holds does not fit. */
const STORE = 22

const EXIT_BY_PREFIX: readonly (readonly [prefix: string, exit: number])[] = [
  ['KEY_DEV_ON_REAL_CHAIN', REFUSED],
  ['DEV_FAULTS_ON_REAL_CHAIN', REFUSED],
  ['DATA_DIR_LOCKED', REFUSED],
  ['RECOVERY_FILE', CONFIG],
  ['RECOVERY_', REFUSED],
  ['JOURNAL_IO', STORE],
  ['JOURNAL_', REFUSED],
  ['CONFIG_', CONFIG],
  ['GENESIS_MISMATCH', STORE],
  ['KEY_', CONFIG],
  ['GENESIS_', CONFIG],
  ['PEER_KEY', CONFIG],
  ['NETWORK_LISTEN', CONFIG],
  ['RPC_LISTEN', CONFIG],
  ['STORE_', STORE],
  ['WAL_', STORE],
  ['LOCK_IO', STORE],
  ['SNAPSHOT_', VERIFICATION],
]

/** Exit code of a fault of the node; what nobody foresaw is 1. */
export function exitCodeOfFault(error: unknown): number {
  if (!(error instanceof NodeError)) return UNEXPECTED
  return EXIT_BY_PREFIX.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? UNEXPECTED
}
