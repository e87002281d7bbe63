// Owns: what an injected standstill is. Not here: the standstills (cases.ts, cases-of-peers.ts).
import type { Cause } from '../../rpc/node-api.ts'
import type { StallStage } from './stall-stage.ts'

/** One standstill; machines count from 0, so that machine 2 is validator v3. */
export type StallCase = {
  readonly name: string
  /** Validators in the network; 4 unless told. */
  readonly n?: number
  /** Who is asked; machine 0 unless told. */
  readonly asked?: number
  /** Machines that are on before the injection; all unless told. */
  readonly on?: readonly number[]
  readonly inject: (stage: StallStage) => void | Promise<void>
  /** How long after the injection the question comes; 25 s unless told. */
  readonly askAfterMs?: number
  readonly cause: Cause
  /** Machines that must be named, no more and no fewer. */
  readonly names: readonly number[]
  /** Null where both may be: a chain that crawls stands still between two of its blocks. */
  readonly state: 'ok' | 'degraded' | 'stalled' | null
}
