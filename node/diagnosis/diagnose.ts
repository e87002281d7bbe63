// Owns: from an observation to one cause and one plain sentence: the order of the rules. Pure: no clock, no node.
// Not here: gathering the observation (look.ts), the single rules (rules-own.ts, rules-others.ts).
import type { Diagnosis, Finding } from '../../rpc/node-api.ts'
import { concludeFrom } from './facts.ts'
import type { Facts } from './facts.ts'
import type { Observation } from './observation.ts'
import {
  buildUnknown,
  findAway,
  findBehind,
  findFaultyThird,
  findPeerClock,
  findSlowAnswers,
  findSlowNetwork,
} from './rules-others.ts'
import { findBody, findInvalid, findNotVoting, findProposerDown, findProposerSilent, findSplit } from './rules-rounds.ts'
import {
  findInvalidHere,
  findOwnClock,
  findPause,
  findRefusal,
  findSlowMachine,
  findStranger,
  findSync,
  findWaiting,
} from './rules-own.ts'
import type { Rule } from './rules-own.ts'
import { formatDuration, say } from './words.ts'

/** What keeps this node or the chain from going on, the weightiest first: the first that fits is the cause. */
const RULES: readonly Rule[] = [
  findFaultyThird,
  findInvalidHere,
  findPause,
  findOwnClock,
  findAway,
  findSlowMachine,
  findSync,
  findRefusal,
  findWaiting,
  findBehind,
  findSlowAnswers,
  findBody,
  findPeerClock,
  findInvalid,
  findSplit,
  findProposerDown,
  findNotVoting,
  findProposerSilent,
  findSlowNetwork,
  findStranger,
]

/** The diagnosis of one moment. */
export function diagnose(seen: Observation): Diagnosis {
  const facts = concludeFrom(seen)
  const found = RULES.map((rule) => rule(seen, facts)).filter((finding) => finding !== null)
  const rest = describeRest(seen, facts)
  const [main = rest, ...also] = facts.isStalled && found.length === 0 ? [buildUnknown(seen, facts)] : found
  const isHarmless = main.cause === 'progressing' || main.cause === 'idle' || main.cause === 'nothingReady'
  return {
    ...main,
    state: isHarmless ? 'ok' : facts.isStalled ? 'stalled' : 'degraded',
    height: seen.head.height,
    round: seen.round.round,
    step: seen.round.step,
    sinceMs: seen.nowMs - seen.head.sinceMs,
    reachable: facts.reachable,
    quorum: seen.quorum,
    validatorCount: seen.validators.length,
    also,
  }
}

/** A head of so few block intervals is news; the chain is not called idle between two blocks. */
const FRESH_INTERVALS = 3

function describeRest(seen: Observation, facts: Facts): Finding {
  const since = formatDuration(seen.head.sinceMs)
  const heartbeat = formatDuration(seen.params.heartbeatMs)
  const none = { validators: [], fix: 'nothing to do' }
  if (!facts.isResting || seen.head.sinceMs < FRESH_INTERVALS * seen.params.blockIntervalMs)
    return { ...none, cause: 'progressing', sentence: `the chain goes on: block ${seen.head.height} came ${since} ago` }
  if (seen.mempool.count === 0) {
    const sentence = say(
      `there is nothing to do: no transaction waits; block ${seen.head.height} came ${since} `,
      `ago, an empty one follows after ${heartbeat}`,
    )
    return { ...none, cause: 'idle', sentence }
  }
  const { count } = seen.mempool
  const sentence = say(
    `${count} ${count === 1 ? 'transaction waits' : 'transactions wait'} for an earlier nonce `,
    `of the same sender, none can go into a block; block ${seen.head.height} came ${since} ago`,
  )
  return {
    ...none,
    cause: 'nothingReady',
    sentence,
    fix: 'send the missing transactions (account_getNonce tells which), or let these expire',
  }
}
