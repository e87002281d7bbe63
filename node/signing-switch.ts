// Owns: whether this node's key may sign at all: pausing it (by the operator, or because a second process signs with it) and
// resuming it, which only the operator does.
// Not here: what was signed (storage/journal.ts), the guard of a restart (restart-guard.ts).
import type { Height, TimeMs } from '../core/base/ids.ts'
import type { ConsensusSigner } from './signer.ts'

/** Why nothing is signed: the operator said so, or our own key was seen at work elsewhere. */
export type PauseReason = 'operator' | 'twin'

/** A pause with its story; `height` is the highest at which a foreign signature under our key was seen, 0 for none. */
export type SigningPause = {
  readonly reason: PauseReason
  readonly text: string
  readonly sinceMs: TimeMs
  readonly height: Height
}

/** What outlives the process: the pause, and up to which height another process may have signed with our key. */
export type SigningMemory = { readonly pause: SigningPause | null; readonly closedUpTo: Height }

/** Where the memory is kept; a node without one forgets a pause when it ends. */
export type SigningMemoryStore = { readonly read: () => SigningMemory | null; readonly write: (memory: SigningMemory) => void }

/** What the switch is built from; `onChange` is told of every pause and of its end. */
export type SigningSwitchParts = {
  readonly nowMs: () => TimeMs
  readonly store: SigningMemoryStore | null
  readonly onChange: (pause: SigningPause | null) => void
}

/** The switch between the guard and the key. */
export type SigningSwitch = {
  readonly pause: () => SigningPause | null
  /** Nothing is signed from now on; the first reason stays, a twin's outweighs the operator's. */
  readonly stop: (reason: PauseReason, text: string, height?: Height) => void
  /** Signing goes on, above every height at which a foreign signature was seen; the pause that ended, or null. */
  readonly resume: () => SigningPause | null
  readonly maySign: (height: Height) => boolean
  /** Foreign signatures up to here were seen and taken note of by the operator. */
  readonly closedUpTo: () => Height
}

/** Builds the switch with what the store remembers. */
export function createSigningSwitch(parts: SigningSwitchParts): SigningSwitch {
  let memory: SigningMemory = parts.store?.read() ?? { pause: null, closedUpTo: 0 }
  const set = (next: SigningMemory): void => {
    const isChanged = (next.pause === null) !== (memory.pause === null) || next.pause?.reason !== memory.pause?.reason
    memory = next
    parts.store?.write(next)
    if (isChanged) parts.onChange(next.pause)
  }
  if (memory.pause !== null) parts.onChange(memory.pause)
  return {
    pause: () => memory.pause,
    stop(reason, text, height = 0) {
      const { pause, closedUpTo } = memory
      const highest = Math.max(height, pause?.height ?? 0)
      const isFirst = pause === null || (reason === 'twin' && pause.reason === 'operator')
      if (isFirst) set({ pause: { reason, text, sinceMs: parts.nowMs(), height: highest }, closedUpTo })
      else if (highest > pause.height) set({ pause: { ...pause, height: highest }, closedUpTo })
    },
    resume() {
      const { pause, closedUpTo } = memory
      if (pause !== null) set({ pause: null, closedUpTo: Math.max(closedUpTo, pause.height) })
      return pause
    },
    maySign: (height) => memory.pause === null && height > memory.closedUpTo,
    closedUpTo: () => memory.closedUpTo,
  }
}

/** The signer behind the switch: refuses without a trace in the journal while the key is paused. */
export function switchSigner(signer: ConsensusSigner, gate: Pick<SigningSwitch, 'maySign'>): ConsensusSigner {
  return {
    ...signer,
    signProposal: (proposal) => (gate.maySign(proposal.height) ? signer.signProposal(proposal) : null),
    signVote: (vote) => (gate.maySign(vote.height) ? signer.signVote(vote) : null),
  }
}
