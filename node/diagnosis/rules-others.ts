// Owns: causes that lie with the others or between us: away, silent, behind, clocks, slow links.
// Not here: failed rounds (rules-rounds.ts), this node's own (rules-own.ts).
import type { Finding } from '../../rpc/node-api.ts'
import { CLOSED_FIX, namesOf, needOf } from './facts.ts'
import type { Facts } from './facts.ts'
import type { Observation, SeenValidator } from './observation.ts'
import type { Rule } from './rules-own.ts'
import { formatDuration, formatOffset, formatTimeOfDay, isOrAre, listNames, say, sortNames } from './words.ts'

/** Machines that fall silent within this time of each other do so for one reason. */
const TOGETHER_MS = 15_000

const SLOW_FIX =
  'measure delay and loss between the validators; look for an overloaded link, or machines without time for the node'

function sinceOf(seen: Observation, validators: readonly SeenValidator[]): string {
  const longest = Math.max(0, ...validators.map(timeAway))
  return `since ${formatTimeOfDay(seen.nowMs - longest)}`
}

// A lost machine was gone from its last word on, not from when that was noticed.
function timeAway({ contact, awayMs, silentMs }: SeenValidator): number {
  return (contact === 'lost' ? silentMs : (awayMs ?? silentMs)) ?? 0
}

/** Too many validators were caught with conflicting signatures. */
export const findFaultyThird: Rule = (seen) => {
  const evil = seen.validators.filter(({ isEvil }) => isEvil)
  if (evil.length === 0 || seen.validators.length - evil.length >= seen.quorum) return null
  const names = namesOf(evil)
  return {
    cause: 'faultyThird',
    validators: names,
    sentence: say(
      `${listNames(names)} signed conflicting messages: more than a third of the `,
      `${seen.validators.length} validators cannot be trusted, so no certificate can`,
    ),
    fix: 'stop paying out on this chain; the validators’ council replaces these keys by an offline-signed recovery',
  }
}

/** Fewer validators are in reach than a quorum takes. */
export const findAway: Rule = (seen, facts) => {
  const gone = [...facts.away, ...facts.mute]
  if (gone.length === 0 || facts.reachable >= seen.quorum) return null
  const names = namesOf(seen.validators.filter((validator) => gone.includes(validator)))
  const told = `${needOf(seen, facts)}`
  const lost = gone.filter(({ contact }) => contact === 'lost')
  const since = sinceOf(seen, gone)
  if (facts.mute.length === gone.length) {
    return {
      cause: 'silent',
      validators: names,
      sentence: say(
        `${listNames(names)} ${isOrAre(names)} connected but said nothing ${since}: their `,
        `processes hang or are paused; ${told}`,
      ),
      fix: 'look at these machines: a stopped process, an endless loop, memory that is swapped out',
    }
  }
  if (lost.length === facts.others.length && lost.length > 1) {
    return {
      cause: 'isolated',
      validators: seen.self.name === null ? [] : [seen.self.name],
      sentence: `this node hears no other validator ${since}: its own network is cut; ${told}`,
      fix: 'check cable, firewall and address of this machine first; the others may well go on',
    }
  }
  if (lost.length > 1 && isTogether(lost)) {
    return {
      cause: 'partitioned',
      validators: names,
      sentence: say(
        `${listNames(names)} fell silent together at ${since.slice('since '.length)}: the network `,
        `between them and this node is cut, or they lost power together; ${told}`,
      ),
      fix: 'check the links between the two groups; the chain goes on as soon as the cut is gone',
    }
  }
  return {
    cause: 'unreachable',
    validators: names,
    sentence: `${listNames(names)} ${isOrAre(names)} not reachable ${since}; ${told}`,
    fix: CLOSED_FIX,
  }
}

function isTogether(lost: readonly SeenValidator[]): boolean {
  const times = lost.map(({ silentMs }) => silentMs ?? 0)
  return Math.max(...times) - Math.min(...times) <= TOGETHER_MS
}

/** Enough are in reach, but too few of them have reached this height. */
export const findBehind: Rule = (seen, facts) => {
  const here = [...facts.others].filter((other) => other.contact === 'connected' && !facts.mute.includes(other))
  const behind = here.filter(({ height }) => height !== null && height < seen.round.height)
  if (!facts.isStalled || behind.length === 0 || facts.reachable - behind.length >= seen.quorum) return null
  const names = namesOf(behind)
  const heights = behind.map(({ name, height }) => `${name} at block ${height ?? 0}`)
  return {
    cause: 'peersBehind',
    validators: names,
    sentence: say(
      `${listNames(names)} ${isOrAre(names)} still behind block ${seen.round.height} `,
      `(${heights.join(', ')}); ${facts.reachable - behind.length} of ${seen.validators.length} `,
      `are here, ${seen.quorum} needed`,
    ),
    fix: 'wait until they have caught up; if they do not move, look at their own naru consensus why',
  }
}

/** Somebody's clock is off, and proposals fail for it. */
export const findPeerClock: Rule = (seen, facts) => {
  if (facts.skewed.length === 0) return null
  const names = sortNames(facts.skewed.map(({ name }) => name))
  const skewed = names.flatMap((name) => facts.skewed.filter((entry) => entry.name === name))
  const whose = names.length === 1 ? ['its', 'it refuses'] : ['their', 'they refuse']
  const told = skewed.map(({ name, offsetMs }) => `${name}’s clock is ${formatOffset(offsetMs)}`)
  return {
    cause: 'peerClock',
    validators: names,
    sentence: say(
      `${listNames(told)}; ${whose[0] ?? ''} proposals are refused beyond `,
      `${seen.params.precisionMs} ms, and ${whose[1] ?? ''} those of others`,
    ),
    fix: 'have the time service of these machines mended',
  }
}

/** Answers take longer than a round: measured, so it comes before what late messages merely look like. */
export const findSlowAnswers: Rule = (seen, facts) => {
  const isHere = (other: SeenValidator): boolean => other.contact === 'connected' && !facts.mute.includes(other)
  const slow = facts.others.filter((other) => isHere(other) && (other.answerMs ?? 0) > seen.params.roundMs)
  if (!facts.isStalled || slow.length === 0 || facts.reachable - slow.length >= seen.quorum) return null
  const names = namesOf(slow)
  const longest = Math.max(...slow.map(({ answerMs }) => answerMs ?? 0))
  return {
    cause: 'slowNetwork',
    validators: slow.length === facts.others.length ? [] : names,
    sentence: say(
      `${listNames(names)} ${names.length === 1 ? 'needs' : 'need'} ${formatDuration(longest)} `,
      `and more for an answer, a whole round has ${formatDuration(seen.params.roundMs)}: `,
      'messages come too late',
    ),
    fix: SLOW_FIX,
  }
}

/** Everyone speaks, but too late for the round. */
export const findSlowNetwork: Rule = (_seen, facts) => {
  const late = facts.failures.filter(({ why }) => why === 'late' || why === 'untimely' || why === 'refusedByOthers')
  const isMoving = facts.failures.length > 0 && facts.isStalled
  if (late.length === 0 && !isMoving) return null
  return {
    cause: 'slowNetwork',
    validators: [],
    sentence: say(
      `votes and proposals arrive after their round is over (${facts.failures.length} rounds `,
      'failed lately): messages take too long or get lost',
    ),
    fix: SLOW_FIX,
  }
}

/** What a finding is when nothing fits. */
export function buildUnknown(seen: Observation, facts: Facts): Finding {
  const { height, round, step, stepMs } = seen.round
  return {
    cause: 'unknown',
    validators: [],
    sentence: say(
      `block ${height} has been in round ${round}, step ${step}, for ${formatDuration(stepMs)}, `,
      `and nothing that is known explains it; ${needOf(seen, facts)}`,
    ),
    fix: 'send naru doctor --bundle of two or three validators to the maintainers',
  }
}
