// Owns: causes that lie in this node: its key, its clock, its disk, its place behind the others.
// Not here: the others (rules-others.ts).
import type { Finding } from '../../rpc/node-api.ts'
import type { Facts } from './facts.ts'
import type { Observation } from './observation.ts'
import { formatDuration, formatOffset, formatTimeOfDay, say } from './words.ts'

/** Looks for one cause; null where it is not there. */
export type Rule = (seen: Observation, facts: Facts) => Finding | null

const OWN = 'this node'
const GUARD_PATIENCE_MS = 3_000
const SYNC_PATIENCE_MS = 30_000
const SLOW_COMMIT_MS = 1_500
/** So late in a round the block must have been executed long ago. */
const SLOW_EXECUTE_SHARE = 2

function nameOf(seen: Observation): string {
  return seen.self.name === null ? OWN : `${seen.self.name} (this node)`
}

function mine(seen: Observation): readonly string[] {
  return seen.self.name === null ? [] : [seen.self.name]
}

/** A quorum committed a block that executes to something else here. */
export const findInvalidHere: Rule = (seen) => {
  if (seen.round.commit !== 'invalid') return null
  return {
    cause: 'invalidHere',
    validators: mine(seen),
    sentence: say(
      `a quorum committed block ${seen.round.height}, which is not valid on ${nameOf(seen)}: its `,
      'state or its program differs from the others',
    ),
    fix: 'stop this node, run naru audit, and restore it from a snapshot; compare its version with the others',
  }
}

/** The key is paused, by a person or because a twin was seen. */
export const findPause: Rule = (seen) => {
  const { pause, isValidator } = seen.self
  if (pause === null || !isValidator) return null
  const since = `since ${formatTimeOfDay(pause.sinceMs)}`
  if (pause.reason === 'twin') {
    return {
      cause: 'twin',
      validators: mine(seen),
      sentence: `${nameOf(seen)} signs nothing ${since}: a second process signs with its key (${pause.text})`,
      fix: 'find and stop the other process, make sure that it stays off, then naru rpc call admin_resumeSigning',
    }
  }
  return {
    cause: 'signingPaused',
    validators: mine(seen),
    sentence: `${nameOf(seen)} signs nothing ${since}: an operator paused it (${pause.text})`,
    fix: 'naru rpc call admin_resumeSigning when the reason is gone',
  }
}

/** The guard of the sign state refuses what this height needs. */
export const findRefusal: Rule = (seen) => {
  const { refused, isValidator } = seen.self
  if (refused === null || !isValidator) return null
  return {
    cause: 'signingRefused',
    validators: mine(seen),
    sentence: `${nameOf(seen)} cannot vote on block ${seen.round.height}: its sign state refuses (${refused})`,
    fix: 'wait until the others have passed that height; never replace the sign state while the key may have signed elsewhere',
  }
}

/** After a start nothing is signed before enough others said where they stand. */
export const findWaiting: Rule = (seen, facts) => {
  const { isGuardOpen, isValidator, upMs } = seen.self
  if (isGuardOpen || !isValidator || upMs < GUARD_PATIENCE_MS) return null
  return {
    cause: 'waitingForOthers',
    validators: mine(seen),
    sentence: say(
      `${nameOf(seen)} started ${formatDuration(upMs)} ago and signs nothing before `,
      `${seen.quorum - 1} others said where they stand and it has caught up; `,
      `${facts.reachable - 1} are reachable`,
    ),
    fix: 'connect it to more validators, or wait until it has caught up',
  }
}

/** A key that is no validator's. */
export const findStranger: Rule = (seen) => {
  const { hasKey, isValidator } = seen.self
  if (!hasKey || isValidator) return null
  return {
    cause: 'notValidator',
    validators: [],
    sentence: 'this node has a key, but the chain knows no validator with it: it follows without a vote',
    fix: 'check signer.keystore and the chain’s validator set, or have the key added to the set',
  }
}

/** The middle of the others' clocks is far from ours. */
export const findOwnClock: Rule = (seen, facts) => {
  if (facts.ownOffsetMs === 0) return null
  return {
    cause: 'ownClock',
    validators: mine(seen),
    sentence: say(
      `the clock of ${nameOf(seen)} is `,
      `${formatOffset(facts.ownOffsetMs)}${facts.ownOffsetMs > 0 ? ' of' : ''} those of the `,
      `other validators; proposals fail beyond ${seen.params.precisionMs} ms`,
    ),
    fix: 'start or mend the time service of this machine (systemctl status systemd-timesyncd or chronyc tracking)',
  }
}

/** Others are ahead of us. */
export const findSync: Rule = (seen) => {
  const { behind, bestPeerHeight } = seen.sync
  if (!behind) return null
  const place = `block ${seen.head.height} of ${bestPeerHeight}`
  if (seen.head.sinceMs <= SYNC_PATIENCE_MS) {
    return {
      cause: 'syncing',
      validators: mine(seen),
      sentence: `${nameOf(seen)} is catching up: ${place}`,
      fix: 'wait; the others go on meanwhile',
    }
  }
  return {
    cause: 'syncStuck',
    validators: mine(seen),
    sentence: say(
      `${nameOf(seen)} is behind (${place}) and got no usable block for `,
      `${formatDuration(seen.head.sinceMs)}: no peer answers with one`,
    ),
    fix: 'look for "Synced block refused" in the log; add peers that hold the blocks, or restore a snapshot',
  }
}

/** A committed or wanted block takes too long on this machine. */
export const findSlowMachine: Rule = (seen) => {
  const { committingMs, lastCommitMs, lastExecuteMs } = seen.disk
  const slowest = Math.max(committingMs ?? 0, lastCommitMs)
  if (slowest > SLOW_COMMIT_MS) {
    return {
      cause: 'slowDisk',
      validators: mine(seen),
      sentence: `the disk of ${nameOf(seen)} takes ${formatDuration(slowest)} to write a block`,
      fix: 'look at the disk’s load and health (iostat, smartctl); move data.dir to a faster one',
    }
  }
  if (lastExecuteMs * SLOW_EXECUTE_SHARE <= seen.params.roundMs) return null
  return {
    cause: 'slowExecution',
    validators: mine(seen),
    sentence: say(
      `${nameOf(seen)} takes ${formatDuration(lastExecuteMs)} to execute a block, a round allows `,
      `${formatDuration(seen.params.roundMs)}`,
    ),
    fix: 'look for other load on this machine; propose a smaller blockTxsMax',
  }
}
