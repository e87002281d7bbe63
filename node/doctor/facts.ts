// Owns: what the doctor measured, as plain data: from the machine and the files, and from the running node where one answers.
// Not here: measuring (measure.ts, running.ts), judging (checks.ts).
import type { Height, TimeMs } from '../../core/base/ids.ts'

/** What a running node tells over its operator socket. */
export type RunningFacts = {
  readonly version: string
  readonly isValidator: boolean
  readonly quorum: number
  readonly validatorCount: number
  /** Connected validators by name, ourselves left out; a name stands as often as it has connections. */
  readonly connected: readonly string[]
  /** True once another validator has reached our listener by itself. */
  readonly hasInbound: boolean
  readonly versions: Readonly<Record<string, string>>
  /** Our clock minus the middle of the others'; null before any was heard. */
  readonly clockOffsetMs: number | null
  readonly roundsAboveZero: number
  readonly blocksLooked: number
  readonly headAgeMs: number
  readonly blockIntervalMs: number
  readonly heartbeatMs: number
  readonly twin: string | null
  readonly pause: string | null
  readonly ownSignedHeight: Height | null
  readonly journalHeight: Height | null
  readonly rpc: { readonly p99Ms: number | null; readonly calls: number; readonly rejected: number; readonly waiting: number }
  readonly storeBytes: number
  readonly storeReclaimableBytes: number
  readonly storeGrowthBytesPerDay: number | null
  /** The configuration in force, flat, without secrets. */
  readonly config: Readonly<Record<string, string>>
  readonly plannedUpgradeMs: number | null
}

/** What the files and the machine tell; null where it cannot be told. */
export type FileFacts = {
  readonly isNtpActive: boolean | null
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number; readonly freeInodeShare: number | null }
  readonly store: { readonly exists: boolean; readonly isClean: boolean; readonly hasManifest: boolean }
  readonly key: {
    readonly isExpected: boolean
    readonly exists: boolean
    readonly mode: number
    readonly isOwn: boolean
    readonly isEncrypted: boolean
    readonly isDevnet: boolean
  }
  readonly signState: { readonly error: string | null; readonly height: Height; readonly isBesideKey: boolean }
  readonly pause: { readonly reason: string; readonly text: string } | null
  readonly backupTestedAtMs: TimeMs | null
  readonly openFilesMax: number | null
  readonly memoryMaxBytes: number | null
  readonly memoryPressure: number | null
  readonly configWarnings: readonly string[]
  readonly config: Readonly<Record<string, string>>
  readonly publicAdmin: string | null
  readonly version: string
}

/** Everything measured. */
export type DoctorFacts = { readonly nowMs: TimeMs; readonly files: FileFacts; readonly running: RunningFacts | null }

/** Ids of the checks, in the order in which they are shown. */
export const CHECK_IDS = [
  'clock',
  'disk',
  'store',
  'key',
  'sign-state',
  'twin',
  'peers',
  'round',
  'version',
  'config',
  'ports',
  'backup',
  'limits',
  'rpc',
] as const

/** Id of a check. */
export type CheckId = (typeof CHECK_IDS)[number]

/** One check's outcome: `skip` where it takes a running node and none answers. */
export type Check = {
  readonly id: CheckId
  readonly status: 'pass' | 'warn' | 'fail' | 'skip'
  readonly measured: string
  readonly threshold: string
  readonly fix: string
}
