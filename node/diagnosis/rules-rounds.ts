// Owns: causes that show in rounds: proposals that fail, votes that are missing, bodies that cannot be had.
// Not here: who is away or late (rules-others.ts), this node's own (rules-own.ts).
import { CLOSED_FIX, namesOf, needOf } from './facts.ts'
import type { FailedRound, SeenValidator } from './observation.ts'
import type { Rule } from './rules-own.ts'
import { formatDuration, formatTimeOfDay, hasOrHave, isOrAre, listNames, say, sortNames } from './words.ts'

const VOTE_PATIENCE_MS = 2_000

/** A block that is wanted cannot be had. */
export const findBody: Rule = (seen, facts) => {
  const { commit, proposal, proposer, stepMs, height } = seen.round
  if (commit === 'asked' && stepMs > VOTE_PATIENCE_MS) {
    return {
      cause: 'bodyMissing',
      validators: [],
      sentence: `block ${height} is committed, but its body has not come for ${formatDuration(stepMs)}: no connected peer has it`,
      fix: 'connect to one of the validators that signed it',
    }
  }
  const failed = commonest(facts.failures, 'bodyMissing')
  if (failed === null && !(facts.isStalled && proposal === 'asked' && stepMs > VOTE_PATIENCE_MS)) return null
  const names = failed === null ? [proposer] : failed.names
  return {
    cause: 'bodyMissing',
    validators: names,
    sentence: `${listNames(names)} proposed blocks whose body nobody gives out, so nobody can vote for them`,
    fix: 'look at the log and the uplink of these validators; if it goes on, the council replaces them',
  }
}

type Common = { readonly names: readonly string[]; readonly count: number }

function commonest(failures: readonly FailedRound[], why: FailedRound['why']): Common | null {
  const found = failures.filter((failed) => failed.why === why)
  if (found.length === 0) return null
  return { names: sortNames(found.map(({ proposer }) => proposer)), count: found.length }
}

/** Proposals are executed here and found wrong. */
export const findInvalid: Rule = (seen, facts) => {
  const failed = commonest(facts.failures, 'invalid')
  if (failed === null) return null
  const last = seen.invalid[seen.invalid.length - 1]
  return {
    cause: 'proposalInvalid',
    validators: failed.names,
    sentence: say(
      `blocks proposed by ${listNames(failed.names)} are not valid `,
      `here${last === undefined ? '' : ` (${last.reason})`}; ${failed.count} rounds failed for `,
      'it',
    ),
    fix: 'compare versions: if many nodes say so, that validator is at fault, if only this one does, this one is',
  }
}

/** A proposer that is away costs a round each time it is its turn. */
export const findProposerDown: Rule = (seen, facts) => {
  const gone = [...facts.away, ...facts.mute].map(({ name }) => name)
  const failed = facts.failures.filter(({ why, proposer }) => why === 'noProposal' && gone.includes(proposer))
  if (failed.length === 0) return null
  const names = sortNames(failed.map(({ proposer }) => proposer))
  return {
    cause: 'proposerDown',
    validators: names,
    sentence: say(
      `${listNames(names)} ${isOrAre(names)} away, so each round in which it is their turn to `,
      `propose fails (${failed.length} lately); ${needOf(seen, facts)}`,
    ),
    fix: CLOSED_FIX,
  }
}

/** A proposer that is there and proposes nothing. */
export const findProposerSilent: Rule = (_seen, facts) => {
  const here = facts.others.filter((other) => !facts.away.includes(other) && !facts.mute.includes(other)).map(({ name }) => name)
  const failed = facts.failures.filter(({ why, proposer }) => why === 'noProposal' && here.includes(proposer))
  if (failed.length === 0) return null
  const names = sortNames(failed.map(({ proposer }) => proposer))
  return {
    cause: 'proposerSilent',
    validators: names,
    sentence: say(
      `${listNames(names)} ${isOrAre(names)} connected but proposed nothing when it was their `,
      `turn (${failed.length} rounds)`,
    ),
    fix: 'run naru consensus why on these nodes: paused signing, a slow machine, or a withheld proposal',
  }
}

/** Reachable validators that do not vote, while we wait for votes or because rounds ended without them. */
export const findNotVoting: Rule = (seen, facts) => {
  const { step, stepMs } = seen.round
  const isWaiting = facts.isStalled && stepMs > VOTE_PATIENCE_MS && (step === 'prevote' || step === 'precommit')
  const fewVotes = facts.failures.filter(({ why }) => why === 'fewVotes')
  const absent = new Set(fewVotes.flatMap(({ missing }) => missing))
  const isMissing = (validator: SeenValidator): boolean =>
    (isWaiting && validator[step as 'prevote' | 'precommit'] === 'none') || absent.has(validator.name)
  const missing = facts.others.filter((other) => !facts.away.includes(other) && !facts.mute.includes(other) && isMissing(other))
  if (missing.length === 0 || (!isWaiting && fewVotes.length === 0)) return null
  const names = namesOf(missing)
  const longest = Math.max(0, ...missing.map(({ voteMs }) => voteMs ?? seen.self.upMs))
  const voted = seen.validators.filter((validator) => !missing.includes(validator) && !facts.away.includes(validator)).length
  const gone = namesOf(facts.away)
  const besides = gone.length === 0 ? '' : `; ${listNames(gone)} ${isOrAre(gone)} not reachable`
  return {
    cause: 'notVoting',
    validators: names,
    sentence: say(
      `${listNames(names)} ${hasOrHave(names)} not voted since `,
      `${formatTimeOfDay(seen.nowMs - longest)}, although connected; ${voted} of `,
      `${seen.validators.length} vote, ${seen.quorum} needed${besides}`,
    ),
    fix: 'run naru consensus why on these nodes: their signing may be paused or refused',
  }
}

/** Votes for different blocks in one round: somebody proposed twice. */
export const findSplit: Rule = (seen, facts) => {
  const failed = commonest(facts.failures, 'split')
  if (failed === null && seen.round.prevoteWords < 3) return null
  const names = failed?.names ?? [seen.round.proposer]
  return {
    cause: 'splitVotes',
    validators: names,
    sentence: say(
      `the votes are split between different blocks of ${listNames(names)}: one proposer showed `,
      'different blocks to different validators',
    ),
    fix: 'look for "Validator signed conflicting messages" in the logs; the evidence suspends the validator',
  }
}
