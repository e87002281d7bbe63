// Owns: what a light client believes and has seen: sets by height, the newest head, headers of late, forks. Synchronous.
// Not here: asking nodes (light-client.ts), what makes a header final (epochs.ts).
import { CodecError } from '../core/base/errors.ts'
import type { Height, TimeMs } from '../core/base/ids.ts'
import { blockIdOf } from '../core/chain/block.ts'
import type { SetChange } from '../core/chain/set-change.ts'
import { checkHeader, followChange, trustAt } from './epochs.ts'
import type { TrustedChain } from './epochs.ts'
import { LightError } from './errors.ts'
import type { FinalHeader, ForkEvidence } from './fork.ts'
import type { Trust } from './trust.ts'

/** Belief that only grows. Everything throws LightError rather than believe. */
export type LightState = {
  readonly trusted: () => TrustedChain
  readonly head: () => FinalHeader | null
  /** Throws LIGHT_TRUST_EXPIRED when what is believed is older than the trusting period. */
  readonly requireFresh: () => void
  /** Believes a change of the set, or throws LIGHT_REFUSED. */
  readonly follow: (change: SetChange) => void
  /** Believes a header, or throws LIGHT_REFUSED, or LIGHT_FORK where another one of its height was seen. */
  readonly accept: (found: FinalHeader) => FinalHeader
  /** Takes another node's header of a height already seen: true when it agrees, false when it proves nothing. */
  readonly confirm: (found: FinalHeader) => boolean
  /** Trust in the set of a height. */
  readonly trustAt: (height: Height) => Trust
}

/** Bounds of belief, in ms. */
export type LightBounds = {
  readonly trustingPeriodMs: number
  readonly clockDriftMs: number
  readonly nowMs: () => TimeMs
}

const SEEN_MAX = 1_024

/** Begins with what is trusted. */
export function createLightState(from: TrustedChain, { trustingPeriodMs, clockDriftMs, nowMs }: LightBounds): LightState {
  const seen = new Map<Height, FinalHeader>()
  let trusted = from
  let head: FinalHeader | null = null
  return {
    trusted: () => trusted,
    head: () => head,
    requireFresh() {
      const ageMs = nowMs() - Math.max(trusted.time, head?.header.time ?? 0)
      if (ageMs <= trustingPeriodMs) return
      const text = `what is trusted is ${days(ageMs)} days old, believed are ${days(trustingPeriodMs)}`
      throw new LightError('LIGHT_TRUST_EXPIRED', `${text}: begin at a newer checkpoint`)
    },
    follow(change) {
      trusted = believe(() => followChange(trusted, change))
      noteForks(seen, { header: change.header, commit: change.certificate })
    },
    accept(found) {
      const { header, commit } = found
      const fault = checkHeader(trusted, header, commit)
      if (fault !== null) return refuse(`height ${header.height}: ${fault}`)
      const ahead = header.time - nowMs()
      if (ahead > clockDriftMs) return refuse(`height ${header.height} is ${ahead} ms ahead of this clock`)
      noteForks(seen, found)
      if (head === null || header.height > head.header.height) head = found
      return found
    },
    confirm(found) {
      if (checkHeader(trusted, found.header, found.commit) !== null) return false
      noteForks(seen, found)
      return true
    },
    trustAt: (height) => trustAt(trusted, height) ?? refuse(`height ${height} lies below where trust begins`),
  }
}

function days(ms: number): number {
  return Math.floor(ms / 86_400_000)
}

/** Keeps every verified header of late; another one of the same height is a fork, which ends all trust in the chain. */
function noteForks(seen: Map<Height, FinalHeader>, found: FinalHeader): void {
  const { height } = found.header
  const known = seen.get(height)
  if (known !== undefined && blockIdOf(known.header) !== blockIdOf(found.header)) {
    const evidence: ForkEvidence = { height, first: known, second: found }
    throw new LightError('LIGHT_FORK', `height ${height} has two final blocks: trust neither, report the evidence`, evidence)
  }
  seen.set(height, found)
  if (seen.size > SEEN_MAX) seen.delete(seen.keys().next().value ?? height)
}

/** Runs a reading of what came from outside: bytes that are none, or a sentence why not, become LIGHT_REFUSED. */
export function believe<T>(read: () => T | string): T {
  let result: T | string
  try {
    result = read()
  } catch (cause) {
    if (cause instanceof CodecError || cause instanceof TypeError || cause instanceof RangeError) return refuse(cause.message)
    throw cause
  }
  return typeof result === 'string' ? refuse(result) : result
}

/** Throws LIGHT_REFUSED with the reason. */
export function refuse(reason: string): never {
  throw new LightError('LIGHT_REFUSED', `the node shows nothing that holds: ${reason}`)
}
