// Owns: what several rules need to know of an observation: who is away, whose clock is off, whether the chain stands still.
// Not here: the rules (rules-own.ts, rules-others.ts).
import { sortNames } from './words.ts'
import type { FailedRound, Observation, SeenValidator } from './observation.ts'

/** Conclusions of an observation. */
export type Facts = {
  readonly isStalled: boolean
  /** The chain waits for nobody: no reason for a block yet. */
  readonly isResting: boolean
  readonly others: readonly SeenValidator[]
  readonly away: readonly SeenValidator[]
  /** Connected, but nothing came for a while although everyone speaks each second. */
  readonly mute: readonly SeenValidator[]
  readonly reachable: number
  /** Validators whose clock differs from the most, with by how much; ourselves left out. */
  readonly skewed: readonly { readonly name: string; readonly offsetMs: number }[]
  /** Our clock minus that of the others, 0 where it is not known or right. */
  readonly ownOffsetMs: number
  /** The same without a limit; null before any clock was heard. */
  readonly clockOffsetMs: number | null
  readonly failures: readonly FailedRound[]
}

/** Everyone says where it stands each second; so much longer is silence. */
const MUTE_MS = 5_000
/** Commit, network and disk on top of a round in which every step times out. */
const GRACE_MS = 2_000
/** Failed rounds so old explain nothing of today. */
const FAILURE_MS = 60_000

/** Draws the conclusions. */
export function concludeFrom(seen: Observation): Facts {
  const { head, params, round, mempool } = seen
  const isResting = round.step === 'newHeight' && !mempool.hasReady
  const patienceMs = params.roundMs + GRACE_MS + params.blockIntervalMs
  // The head of an idle chain is old without harm: what counts is how long there has been something to do.
  const isStalled = round.workMs === null ? head.sinceMs > patienceMs + params.heartbeatMs : round.workMs > patienceMs
  const others = seen.validators.filter(({ contact }) => contact !== 'self')
  const away = others.filter(({ contact }) => contact !== 'connected')
  const mute = others.filter(({ contact, silentMs }) => contact === 'connected' && (silentMs ?? 0) > MUTE_MS)
  const { skewed, ownOffsetMs, clockOffsetMs } = compareClocks(seen, others)
  return {
    isStalled,
    isResting,
    others,
    away,
    mute,
    reachable: seen.validators.length - away.length - mute.length,
    skewed,
    ownOffsetMs,
    clockOffsetMs,
    failures: tellingFailures(seen, isStalled),
  }
}

// A round may fail by chance; what fails again and again for one reason has one. In a standstill only its own rounds count.
function tellingFailures({ failedRounds, round }: Observation, isStalled: boolean): readonly FailedRound[] {
  if (isStalled) return failedRounds.filter(({ height }) => height === round.height)
  const fresh = failedRounds.filter(({ agoMs }) => agoMs <= FAILURE_MS)
  const isAgain = (failed: FailedRound): boolean =>
    fresh.filter(({ why, proposer }) => why === failed.why && proposer === failed.proposer).length > 1
  return fresh.filter(isAgain)
}

// The middle of all clocks is right; between two middles the one nearer to our own.
function compareClocks(
  seen: Observation,
  others: readonly SeenValidator[],
): Pick<Facts, 'skewed' | 'ownOffsetMs' | 'clockOffsetMs'> {
  const measured = others.flatMap(({ name, clockOffsetMs }) =>
    clockOffsetMs === null ? [] : [{ name, offsetMs: clockOffsetMs }],
  )
  if (measured.length === 0) return { skewed: [], ownOffsetMs: 0, clockOffsetMs: null }
  const all = [0, ...measured.map(({ offsetMs }) => offsetMs)].sort((a, b) => a - b)
  const low = all[(all.length - 1) >> 1] ?? 0
  const high = all[all.length >> 1] ?? 0
  const middle = Math.abs(low) <= Math.abs(high) ? low : high
  const limitMs = seen.params.precisionMs / 2
  const skewed = measured
    .map(({ name, offsetMs }) => ({ name, offsetMs: offsetMs - middle }))
    .filter(({ offsetMs }) => Math.abs(offsetMs) > limitMs)
  return { skewed, ownOffsetMs: Math.abs(middle) > limitMs ? 0 - middle : 0, clockOffsetMs: 0 - middle }
}

/** Names of validators in the order in which people count. */
export const namesOf = (seen: readonly SeenValidator[]): readonly string[] => sortNames(seen.map(({ name }) => name))

/** How many are in reach and how many it takes. */
export function needOf(seen: Observation, facts: Facts): string {
  return `${facts.reachable} of ${seen.validators.length} reachable, ${seen.quorum} needed`
}

/** What to do about processes that are not there. */
export const CLOSED_FIX = 'start their processes again; the chain goes on by itself as soon as enough are back'
