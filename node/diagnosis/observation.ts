// Owns: what one node sees of itself and of the others at one moment, as plain data. Not here: gathering it (look.ts), what it
// means (diagnose.ts).
import type { Height, Round, TimeMs } from '../../core/base/ids.ts'
import type { Step } from '../../consensus/state.ts'
import type { PauseReason } from '../signing-switch.ts'

/** How a connection stands: `closed` was ended by the other side's machine, `lost` fell silent first. */
export type Contact = 'self' | 'connected' | 'closed' | 'lost' | 'never'

/** What a vote of the present round says; `none` is no vote. */
export type Word = 'block' | 'nil' | 'none'

/** One validator as this node sees it. Times are ms ago; null is never. */
export type SeenValidator = {
  readonly name: string
  readonly contact: Contact
  /** Since the connection ended, or since our own start where there never was one; null while connected. */
  readonly awayMs: number | null
  /** Since anything came over its own connection. */
  readonly silentMs: number | null
  /** Since a new vote of it was seen, over whatever way. */
  readonly voteMs: number | null
  /** What it said of itself last: where it stands. */
  readonly height: Height | null
  readonly round: Round | null
  readonly prevote: Word
  readonly precommit: Word
  /** Its clock minus ours by its last answer; null before the first. */
  readonly clockOffsetMs: number | null
  /** How long it took to answer a question last. */
  readonly answerMs: number | null
  /** Others that hold a vote of it in this round, by their word. */
  readonly heardBy: readonly string[]
  readonly isEvil: boolean
}

/** Why a round ended without a block, as far as this node saw. */
export type FailedRound = {
  readonly height: Height
  readonly round: Round
  readonly proposer: string
  readonly why: 'noProposal' | 'invalid' | 'untimely' | 'bodyMissing' | 'fewVotes' | 'split' | 'refusedByOthers' | 'late'
  /** Whose votes were missing, for `fewVotes`. */
  readonly missing: readonly string[]
  readonly agoMs: number
}

/** Everything that the diagnosis looks at. */
export type Observation = {
  readonly nowMs: TimeMs
  readonly self: {
    readonly name: string | null
    readonly hasKey: boolean
    readonly isValidator: boolean
    readonly pause: { readonly reason: PauseReason; readonly text: string; readonly sinceMs: TimeMs } | null
    /** The last refusal of the guard in this height. */
    readonly refused: string | null
    /** False until this node has heard where the others stand. */
    readonly isGuardOpen: boolean
    readonly upMs: number
  }
  readonly head: { readonly height: Height; readonly sinceMs: number }
  readonly params: {
    readonly blockIntervalMs: number
    readonly heartbeatMs: number
    readonly precisionMs: number
    /** Longest time of a round 0 in which every step times out. */
    readonly roundMs: number
  }
  /** `bestPeerHeight` is one that more than a third of the validators claim, or that sync trusts. */
  readonly sync: { readonly behind: boolean; readonly bestPeerHeight: Height }
  readonly round: {
    readonly height: Height
    readonly round: Round
    readonly step: Step
    readonly stepMs: number
    /** Since this height left its idle step; null while it rests. */
    readonly workMs: number | null
    readonly proposer: string
    readonly proposal: 'none' | 'asked' | 'valid' | 'invalid'
    readonly isTimely: boolean
    /** A quorum committed: `asked` waits for the body, `invalid` is a block that is not valid here. */
    readonly commit: 'none' | 'asked' | 'valid' | 'invalid'
    readonly prevoteWords: number
  }
  readonly quorum: number
  /** In the order of the set, ourselves included. */
  readonly validators: readonly SeenValidator[]
  readonly failedRounds: readonly FailedRound[]
  /** Why proposals were found invalid here, newest last. */
  readonly invalid: readonly { readonly proposer: string; readonly reason: string }[]
  readonly mempool: { readonly count: number; readonly hasReady: boolean }
  readonly disk: { readonly committingMs: number | null; readonly lastCommitMs: number; readonly lastExecuteMs: number }
}
