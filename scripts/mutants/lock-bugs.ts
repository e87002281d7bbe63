// Owns: planted bugs of locks and polkas (consensus.md 1.2). Not here: rounds, quorums, messages (round-bugs.ts), signing, logs
// and commits (durability-bugs.ts).
import { TRANSCRIPTS, runs } from './kinds.ts'
import type { Edit, Mutant } from './kinds.ts'

const inRound = (find: string, replace: string): Edit => ({ file: 'consensus/round.ts', find, replace })
const inVotes = (find: string, replace: string): Edit => ({ file: 'consensus/vote-keeper.ts', find, replace })

const NO_ASSERT = inRound("assert(word === null || state.lockedRound <= word.validRound, 'a prevote respects the lock')", '')
const FRESH_LOCK = '!held.timely || state.lockedRound !== -1)'
const GUARD_LOCK: Edit = {
  file: 'node/storage/sign-guard.ts',
  find: 'return request.round > lock.round && request.validRound < lock.round',
  replace: 'return false',
}

/** Every planted bug of locks and polkas. */
export const LOCK_BUGS: readonly Mutant[] = [
  {
    name: 'round-zero-is-no-lock',
    about: 'a lock of round 0 counts as none (Mainsail: truthiness on numbers)',
    edits: [inRound(FRESH_LOCK, '!held.timely || state.lockedRound > 0)'), NO_ASSERT],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'fresh-proposal-ignores-lock',
    about: 'a fresh proposal is prevoted under a lock (Mainsail onProposal); the guard of the signer must still refuse',
    edits: [inRound(FRESH_LOCK, '!held.timely)'), NO_ASSERT],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'lock-ignored-by-core-and-guard',
    about: 'neither the machine nor the signer looks at the lock: the checker of signatures must see it',
    edits: [inRound(FRESH_LOCK, '!held.timely)'), NO_ASSERT, GUARD_LOCK],
    suites: [runs('hidden-lock', '1..6', 4)],
  },
  {
    name: 'reproposal-ignores-lock',
    about: 'a re-proposal with an older polka than the lock is prevoted',
    edits: [inRound('if (state.lockedRound > validRound) return', 'if (state.lockedRound > state.round) return'), NO_ASSERT],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'nil-polka-clears-lock',
    about: 'a quorum of nil prevotes unlocks (Tendermint before 2018, goloop)',
    edits: [
      inRound(
        '  precommitNil(state, effects)\n  return true',
        '  precommitNil(state, effects)\n  state.lockedRound = -1\n  return true',
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'precommit-any-shadows-nil-polka',
    about: 'a quorum of any precommits hides the polka for nil (Malachite driver)',
    edits: [
      inRound(
        "if (state.step !== 'prevote' || tallyOf(state.votes, nil) < state.set.quorum) return false",
        `if (state.step !== 'prevote' || tallyOf(state.votes, nil) < state.set.quorum) return false
  if (roundVotes(state.votes, state.round).precommit.count >= state.set.quorum) return false`,
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'polka-of-another-block',
    about: 'a re-proposal is backed by a polka of its round for whatever block (Malachite: polka matched to the wrong value)',
    edits: [inRound('polka.round === validRound && polka.blockId === blockId)', 'polka.round === validRound)')],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'polka-without-valid-round',
    about: 'prevotes with different valid rounds add up to one polka',
    edits: [inVotes('return a.blockId === b.blockId && a.validRound === b.validRound', 'return a.blockId === b.blockId')],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'polka-locks-after-nil-precommit',
    about: 'a late polka locks although this round was precommitted nil',
    edits: [
      inRound(
        '    if (claimSigning(state, SIGN_STEPS.precommit)) {\n      state.lockedRound = round // L38',
        '    if (claimSigning(state, SIGN_STEPS.precommit)) {\n      state.lockedRound = round + 1 // L38',
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'past-polka-locks',
    about: 'a polka of a past round moves the lock (R5b: it may only make a block valid)',
    edits: [
      inRound(
        '  if (newest === null) return false\n  adoptValid(state, newest)',
        '  if (newest === null) return false\n  state.lockedRound = newest.round\n  adoptValid(state, newest)',
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'valid-block-forgotten',
    about: 'a proposer with a valid block builds a fresh one: a hidden lock never ends (IBFT1 locking)',
    edits: [inRound('    if (state.validRound >= 0)\n      propose', '    if (state.validRound >= state.round)\n      propose')],
    suites: [TRANSCRIPTS],
  },
]
