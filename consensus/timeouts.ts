// Owns: how long each step of a round may take, from the chain's parameters. Not here: timers themselves (the host has them).
import type { Round } from '../core/base/ids.ts'
import type { ChainParams } from '../core/chain/params.ts'
import type { TimerStep } from './input.ts'

/** Milliseconds until a step of a round times out: linear in the round, capped by `timeoutMaxMs`. */
export function timeoutMs(params: ChainParams, at: { step: TimerStep; round: Round }): number {
  const [base, increment] =
    at.step === 'propose'
      ? [params.timeoutProposeMs, params.timeoutProposeStepMs]
      : [params.timeoutVoteMs, params.timeoutVoteStepMs]
  return Math.min(base + increment * at.round, params.timeoutMaxMs)
}
