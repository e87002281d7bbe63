// Owns: what the machines of a run tell those who watch it, types only. Not here: what must hold (checkers).
import type { Misbehaviour } from '../consensus/effect.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ChainNode } from '../node/chain-node.ts'
import type { Candidate } from '../node/executor.ts'
import type { SignedRecord } from '../node/storage/sign-state.ts'

/** Everything that can be seen from outside; machines are numbers from 0. */
export type Observer = {
  /** A signature is durable in the journal and may leave. */
  readonly onSigned: (index: number, record: SignedRecord) => void
  /** The journal was opened: the highest signature in it, and the height up to which nothing new is signed. */
  readonly onJournal: (index: number, last: SignedRecord | null, floorHeight: number) => void
  /** A message is about to leave the process. */
  readonly onSend: (index: number, to: number, channel: string, bytes: Uint8Array) => void
  /** The node told its listeners that a block is final. */
  readonly onCommit: (index: number, candidate: Candidate, certificate: Certificate) => void
  readonly onEvidence: (index: number, misbehaviour: Misbehaviour) => void
  readonly onPenalty: (by: number, peer: number, reason: string) => void
  readonly onStarted: (index: number, node: ChainNode) => void
  readonly onStartFailed: (index: number, error: unknown) => void
  /** The node stopped itself. */
  readonly onFatal: (index: number, error: unknown) => void
  /** Something threw where nothing may throw. */
  readonly onThrow: (index: number, error: unknown) => void
  /** Two replays of one disk knew different things. */
  readonly onRehearsed: (index: number, difference: string | null) => void
  readonly onLog: (index: number, level: string, message: string, fields: Readonly<Record<string, unknown>>) => void
}
