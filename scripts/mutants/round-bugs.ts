// Owns: planted bugs of rounds, quorums, proposals, certificates and evidence (consensus.md 1.2, 1.3).
// Not here: locks and polkas (lock-bugs.ts), signing, logs and commits (durability-bugs.ts).
import { TRANSCRIPTS, runs, tests } from './kinds.ts'
import type { Edit, Mutant } from './kinds.ts'

const inRound = (find: string, replace: string): Edit => ({ file: 'consensus/round.ts', find, replace })
const inReceive = (find: string, replace: string): Edit => ({ file: 'consensus/receive.ts', find, replace })
const inVotes = (find: string, replace: string): Edit => ({ file: 'consensus/vote-keeper.ts', find, replace })
const inEvidence = (find: string, replace: string): Edit => ({ file: 'core/chain/evidence.ts', find, replace })
const inMachine = (find: string, replace: string): Edit => ({ file: 'consensus/machine.ts', find, replace })

/** Bugs of votes, quorums and rounds. */
const ROUNDS: readonly Mutant[] = [
  {
    name: 'quorum-off-by-one',
    about: 'two thirds are enough in place of more than two thirds',
    edits: [
      {
        file: 'core/chain/validator-set.ts',
        find: 'quorum: Math.floor((2 * validators.length) / 3) + 1,',
        replace: 'quorum: Math.floor((2 * validators.length) / 3),',
      },
    ],
    suites: [runs('partition-half', '1..3', 4)],
  },
  {
    name: 'skip-with-a-third',
    about: 'a third of the validators, who may all lie, move an honest one to a later round',
    edits: [
      {
        file: 'core/chain/validator-set.ts',
        find: 'skip: Math.floor(validators.length / 3) + 1,',
        replace: 'skip: Math.floor(validators.length / 3),',
      },
    ],
    suites: [tests('core/chain/validator-set.test.ts')],
  },
  {
    name: 'skip-counts-sender-twice',
    about: 'prevote and precommit of one sender count as two for the skip',
    edits: [
      inVotes(
        '  if (other.votes[index] === null) votes.voters += 1\n  box.votes[index] = vote',
        '  votes.voters += 1\n  box.votes[index] = vote',
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'timers-survive-skip',
    about: 'timers of older rounds are not cancelled when a round is entered (Malachite 9aa00970)',
    edits: [inRound("if (round > 0) effects.push({ kind: 'cancelTimers', height, belowRound: round })", '')],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'stale-timeout-acts',
    about: 'a timeout of an older round acts on this one',
    edits: [
      inMachine(
        'input.height === state.height && input.round === state.round && state.step',
        'input.height === state.height && state.step',
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'timeout-of-another-height',
    about: 'a timeout of the height before acts on this one',
    edits: [inMachine('const isCurrent = input.height === state.height && input.round', 'const isCurrent = input.round')],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'old-round-cannot-decide',
    about: 'precommits of a past round do not decide',
    edits: [
      inReceive(
        "  if (vote.type === 'precommit') {\n    if",
        "  if (vote.type === 'precommit') {\n    if (vote.round < state.round) return\n    if",
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'unbounded-future-rounds',
    about: 'votes of any later round are kept (Besu GHSA-23rh)',
    edits: [inVotes('if (round <= currentRound + 1) return true', 'if (round >= 0) return true')],
    suites: [runs('flood', '1..1', 4), TRANSCRIPTS],
  },
  {
    name: 'unbounded-future-heights',
    about: 'messages of any later height are kept',
    edits: [
      {
        file: 'consensus/future-inputs.ts',
        find: 'if (known === undefined && future.size >= LIMITS.futureHeightsMax) {',
        replace: 'if (known === undefined && future.size >= Number.MAX_SAFE_INTEGER) {',
      },
    ],
    suites: [tests('consensus/future-inputs.test.ts')],
  },
  {
    name: 'early-inputs-not-cleared',
    about: 'messages of a height stay in the buffer when it begins (Malachite 67806306)',
    edits: [
      {
        file: 'consensus/future-inputs.ts',
        find: 'if (other <= height) future.delete(other)',
        replace: 'if (other < height - 1) future.delete(other)',
      },
    ],
    suites: [tests('consensus/future-inputs.test.ts')],
  },
  {
    name: 'votes-survive-height',
    about: 'the votes of the height before count at the next one',
    edits: [
      {
        file: 'consensus/state.ts',
        find: 'Object.assign(state, createHeightPart(height, set, start.firstRound ?? 0))',
        replace: 'Object.assign(state, createHeightPart(height, set, start.firstRound ?? 0), { votes: state.votes })',
      },
    ],
    suites: [TRANSCRIPTS, runs('calm', '1..1', 4)],
  },
  {
    name: 'votes-go-on-after-quorum',
    about: 'a node that knows of a commit goes on voting while the body is missing (R8)',
    edits: [inMachine('state.pendingCommit === null ? RULES : [decide]', 'RULES')],
    suites: [TRANSCRIPTS],
  },
]

/** Bugs of proposals, certificates and evidence. */
const MESSAGES: readonly Mutant[] = [
  {
    name: 'invalid-proposal-prevoted',
    about: 'a block that is not valid is prevoted (Mainsail: a result object is always truthy)',
    edits: [
      inRound("if (validity === 'invalid' || !held.timely", 'if (!held.timely'),
      inRound(
        "return validity === 'valid' && prevote(state, effects, { blockId, validRound: -1 })",
        "return validity !== undefined && validity !== 'asked' && prevote(state, effects, { blockId, validRound: -1 })",
      ),
    ],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'prevote-before-execution',
    about: 'a block is prevoted before it has been executed',
    edits: [
      inRound(
        "return validity === 'valid' && prevote(state, effects, { blockId, validRound: -1 })",
        'return prevote(state, effects, { blockId, validRound: -1 })',
      ),
    ],
    suites: [runs('poison', '1..2', 4), TRANSCRIPTS],
  },
  {
    name: 'any-time-is-timely',
    about: 'a proposer with a wrong clock moves the chain’s time (PBTS)',
    edits: [
      {
        file: 'node/consensus-link.ts',
        find: 'return time <= receivedMs + precisionMs && time >= receivedMs - delayMs - precisionMs',
        replace: 'return time >= receivedMs - delayMs - precisionMs || delayMs >= 0',
      },
    ],
    suites: [tests('node/consensus-link.test.ts')],
  },
  {
    name: 'polka-vote-by-vote',
    about: 'a polka certificate is fed vote by vote, so an equivocator’s other vote breaks it (Malachite liveness.rs)',
    edits: [inReceive('  if (!hasPolka(state, certificate)) addPolka(state, certificate)', '')],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'commit-vote-by-vote',
    about: 'a commit certificate is fed vote by vote',
    edits: [inReceive('  if (state.pendingCommit === null) setPendingCommit(state, certificate)\n', '')],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'last-signature-unchecked',
    about: 'a certificate with one invalid signature among good ones is accepted (Malachite)',
    edits: [
      {
        file: 'core/chain/certificate.ts',
        find: 'for (let i = 0; i < signers.length; i++) {',
        replace: 'for (let i = 0; i < signers.length - 1; i++) {',
      },
    ],
    suites: [tests('core/chain/certificate.test.ts')],
  },
  {
    name: 'certificate-of-a-third',
    about: 'a certificate proves less than a quorum',
    edits: [
      {
        file: 'core/chain/certificate.ts',
        find: 'if (signers.length < set.quorum) return',
        replace: 'if (signers.length < set.skip) return',
      },
    ],
    suites: [tests('core/chain/certificate.test.ts')],
  },
  {
    name: 'sync-trusts-certificates',
    about: 'a synced block is committed whatever its certificate says',
    edits: [{ file: 'node/block-sync.ts', find: '  if (refused !== null) return lied(refused)\n', replace: '' }],
    suites: [runs('lying-sync', '1..2', 4), tests('node/block-sync.test.ts')],
  },
  {
    name: 'amnesia-names-the-honest',
    about: 'a prevote that rests on the very polka of the precommit counts as amnesia',
    edits: [inEvidence('prevote.validRound < precommit.round ? null', 'prevote.validRound <= precommit.round ? null')],
    suites: [TRANSCRIPTS],
  },
  {
    name: 'evidence-half-signed',
    about: 'evidence of which one message is signed by somebody else is taken',
    edits: [inEvidence('[evidence.first, evidence.second].every(', '[evidence.first, evidence.second].some(')],
    suites: [tests('modules/governance/evidence.test.ts', 'core/chain/evidence.test.ts')],
  },
  {
    name: 'offence-recorded-twice',
    about: 'an offence that is on record is recorded again',
    edits: [
      {
        file: 'modules/governance/evidence.ts',
        find: 'if (evidenceRecords.has(view, evidenceId)) return',
        replace: 'if (evidenceId.length === 0) return',
      },
    ],
    suites: [runs('accusations', '1..3', 4), tests('modules/governance/evidence.test.ts')],
  },
]

/** Every planted bug of rounds and messages. */
export const ROUND_BUGS: readonly Mutant[] = [...ROUNDS, ...MESSAGES]
