// Owns: the recovery file: JSON that people read before they sign it. Not here: when it holds (core/chain/recovery.ts).
import { readFileSync } from 'node:fs'
import { CodecError, NodeError } from '../core/base/errors.ts'
import { RecoverySchema } from '../core/chain/recovery.ts'
import type { Recovery } from '../core/chain/recovery.ts'
import type { Json } from '../core/codec/schema.ts'
import { NETWORKS } from '../core/crypto/address.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'

/** First member of every recovery file. */
export const RECOVERY_FORMAT = 'naru-recovery/1'

/** A recovery with the network whose accounts its text names. */
export type RecoveryFile = { readonly network: NetworkName; readonly recovery: Recovery }

/** The file as text. */
export function formatRecovery({ network, recovery }: RecoveryFile): string {
  const json = RecoverySchema.toJson(recovery, textContextOf(network)) as { readonly [key: string]: Json }
  return `${JSON.stringify({ format: RECOVERY_FORMAT, network, ...json }, null, 2)}\n`
}

/** The recovery in a file's text. Throws NodeError RECOVERY_FILE naming what is wrong. */
export function parseRecovery(source: string, where: string): RecoveryFile {
  try {
    const { format, network, ...json } = JSON.parse(source) as Record<string, unknown>
    if (format !== RECOVERY_FORMAT) throw new CodecError(`format is ${JSON.stringify(format)}, expected "${RECOVERY_FORMAT}"`)
    if (typeof network !== 'string' || !Object.hasOwn(NETWORKS, network)) throw new CodecError('network is city, test or devnet')
    const name = network as NetworkName
    return { network: name, recovery: RecoverySchema.fromJson(json, textContextOf(name), '$') }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new NodeError(
      'RECOVERY_FILE',
      `${where} is no recovery file: ${reason}. Ask for it again; naru recovery show reads it.`,
    )
  }
}

/** Reads a recovery file. Throws NodeError RECOVERY_FILE. */
export function readRecovery(path: string): RecoveryFile {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    throw new NodeError('RECOVERY_FILE', `cannot read the recovery file ${path}; check the path and its permissions`, error)
  }
  return parseRecovery(source, path)
}
