// Owns: the vote and lock rule of one height as small functions over small numbers, and broken versions of it.
// Not here: which states they lead to (explore.ts), the machine that validators run (consensus/), which conformance.test.ts holds
// against this file. Rounds and values are small integers, -1 is none; a value is a block that every validator finds valid.

/** What an honest validator remembers: its last precommitted round per value (for evidence), and its lock. */
export type Memory = { readonly precommitted: readonly number[]; readonly lockedRound: number; readonly lockedValue: number }

/** A prevote for a value with the valid round of its proposal. */
export type Word = { readonly value: number; readonly validRound: number }

/** How honest validators behave; everything that is not said here is free to the scheduler. */
export type LockRule = {
  readonly name: string
  /** Whether a proposal may be prevoted under this lock (R2 and R3: lines 23 and 29 of the paper). */
  readonly mayPrevote: (memory: Memory, word: Word) => boolean
  /** Whether a re-proposal needs the polka that it names (R3). */
  readonly needsPolka: boolean
  /** Whether a polka counts only prevotes of one valid round (R5). */
  readonly countsByValidRound: boolean
  /** Whether a quorum of nil prevotes clears the lock; ours never does (R6). */
  readonly unlocksOnNil: boolean
  /** Whether a restart loses the lock; ours keeps it in the signer's journal (W1). */
  readonly forgetsOnRestart: boolean
  /** How many votes fewer than more than two thirds pass for a quorum. */
  readonly quorumShort: number
}

const SOUND = {
  needsPolka: true,
  countsByValidRound: true,
  unlocksOnNil: false,
  forgetsOnRestart: false,
  quorumShort: 0,
} as const

/** Our rule: a value is prevoted only when our lock is not newer than the valid round of its proposal. */
export const STRICT: LockRule = {
  name: 'strict',
  ...SOUND,
  mayPrevote: ({ lockedRound }, { validRound }) => lockedRound <= validRound,
}

/** The rule of the paper: the locked value itself may always be prevoted. */
export const PLAIN: LockRule = {
  name: 'plain',
  ...SOUND,
  mayPrevote: ({ lockedRound, lockedValue }, { value, validRound }) => lockedRound <= validRound || lockedValue === value,
}

/** Bugs of real implementations; each breaks agreement. */
export const MUTANTS: readonly LockRule[] = [
  { ...STRICT, name: 'lock ignored', mayPrevote: () => true },
  {
    ...STRICT,
    name: 'locked round 0 taken for no lock',
    mayPrevote: ({ lockedRound }, { validRound }) => lockedRound <= 0 || lockedRound <= validRound,
  },
  {
    ...STRICT,
    name: 'any re-proposal unlocks',
    mayPrevote: ({ lockedRound }, { validRound }) => lockedRound === -1 || validRound >= 0,
  },
  { ...STRICT, name: 'unlocked by a nil polka', unlocksOnNil: true },
  { ...STRICT, name: 'valid round believed without its polka', needsPolka: false },
  { ...STRICT, name: 'lock lost in a restart', forgetsOnRestart: true },
  { ...STRICT, name: 'quorum one vote short', quorumShort: 1 },
]

/** The memory of a validator that signed nothing yet. */
export function freshMemory(values: number): Memory {
  return { precommitted: new Array<number>(values).fill(-1), lockedRound: -1, lockedValue: -1 }
}

/** The memory after a precommit for a value, which is also the lock (L38). */
export function afterPrecommit(memory: Memory, round: number, value: number): Memory {
  return { precommitted: memory.precommitted.with(value, round), lockedRound: round, lockedValue: value }
}

/**
 * Whether a prevote makes an amnesia pair with an earlier precommit of the same key: precommit(r1, v) and prevote(r2 > r1,
 * another value, vr < r1). The last precommit of each other value decides, because vr < r1 holds for it if it holds for any.
 */
export function isAmnesia(memory: Memory, { value, validRound }: Word): boolean {
  return memory.precommitted.some((round, other) => other !== value && validRound < round)
}
