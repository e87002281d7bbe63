// Owns: step(state, input) -> effects, the single door of the consensus machine. Not here: the rules (round.ts), taking in
// messages (receive.ts), verification (verify.ts, before this), everything that waits or touches the world (node/).
// Synchronous and deterministic: the same inputs give the same effects and the same state on every machine.
import { assertNever } from '../core/base/assert.ts'
import type { Effect } from './effect.ts'
import { addFuture, heightOfMessage, roundOfMessage, takeFuture } from './future-inputs.ts'
import type { Input, MessageInput, StartHeight } from './input.ts'
import { addToLastCommit } from './last-commit.ts'
import { askForBlocks, onBlockValidated, onCommit, onPolka, onProposal, onVote } from './receive.ts'
import {
  adoptPastPolka,
  decide,
  expire,
  leaveIdle,
  lockOnPolka,
  precommitNilOnPolka,
  prevote,
  prevoteFresh,
  prevoteNilWithProposer,
  prevoteReproposal,
  propose,
  skipRound,
  startPrecommitTimer,
  startPrevoteTimer,
  startRound,
} from './round.ts'
import type { Rule } from './round.ts'
import { SIGN_STEPS } from '../core/chain/vote.ts'
import { beginHeight } from './state.ts'
import type { ConsensusState } from './state.ts'
import { votesInside } from './vote-keeper.ts'

/** In order of priority: Decide > R5 > R6 > R3/R2 > skip > timers (R9). */
const RULES: readonly Rule[] = [
  decide,
  lockOnPolka,
  adoptPastPolka,
  precommitNilOnPolka,
  prevoteReproposal,
  prevoteFresh,
  prevoteNilWithProposer,
  leaveIdle,
  skipRound,
  startPrevoteTimer,
  startPrecommitTimer,
]

/** Takes one input in, changes the state in place, and returns what is to be done, in order. */
export function step(state: ConsensusState, input: Input): Effect[] {
  const effects: Effect[] = []
  receive(state, effects, input)
  settle(state, effects)
  return effects
}

function receive(state: ConsensusState, effects: Effect[], input: Input): void {
  switch (input.kind) {
    case 'startHeight':
      onStartHeight(state, effects, input)
      return
    case 'proposal':
    case 'vote':
    case 'polka':
    case 'commit':
      onMessage(state, effects, input)
      return
    case 'early':
      onEarly(state, effects, input.message)
      return
    case 'blockValidated':
      if (input.height === state.height && isRunning(state)) onBlockValidated(state, input)
      return
    case 'wake':
      if (input.height === state.height && state.step === 'newHeight' && isVoting(state))
        startRound(state, effects, state.firstRound)
      return
    case 'blockBuilt':
      if (input.height === state.height && input.round === state.buildingRound && isVoting(state))
        onBlockBuilt(state, effects, input.blockId)
      return
    case 'timeout': {
      const isCurrent = input.height === state.height && input.round === state.round && state.step !== 'newHeight'
      if (isCurrent && isVoting(state)) expire(state, effects, input.step)
      return
    }
    default:
      assertNever(input)
  }
}

/** Re-checks every rule until none fires; while a commit awaits its block, only that one may (R8). */
function settle(state: ConsensusState, effects: Effect[]): void {
  while (isRunning(state)) {
    askForBlocks(state, effects)
    const rules = state.pendingCommit === null ? RULES : [decide]
    if (!rules.some((rule) => rule(state, effects))) return
  }
}

function isRunning(state: ConsensusState): boolean {
  return state.step !== 'decided'
}

function isVoting(state: ConsensusState): boolean {
  return isRunning(state) && state.pendingCommit === null
}

function onStartHeight(state: ConsensusState, effects: Effect[], start: StartHeight): void {
  if (isRunning(state)) effects.push({ kind: 'cancelTimers', height: state.height, belowRound: state.round + 1 })
  beginHeight(state, start)
  const inputs = takeFuture(state.future, start.height)
  if (state.signedUpTo.round >= 0) resume(state, effects)
  if (inputs.length > 0) effects.push({ kind: 'replay', height: start.height, inputs })
}

/** W1: goes on in the round of the last signed message with all of them as our own, past the steps that were signed before. */
function resume(state: ConsensusState, effects: Effect[]): void {
  const { round, step: signedStep } = state.signedUpTo
  startRound(state, effects, round)
  const { proposal, prevote: ownPrevote, precommit } = state.own
  if (proposal !== null) onProposal(state, effects, { proposal, timely: true })
  if (ownPrevote !== null) onVote(state, effects, ownPrevote)
  if (precommit !== null) onVote(state, effects, precommit)
  if (signedStep === SIGN_STEPS.prevote) state.step = 'prevote'
  if (signedStep === SIGN_STEPS.precommit) state.step = 'precommit'
}

function onMessage(state: ConsensusState, effects: Effect[], input: MessageInput): void {
  const height = heightOfMessage(input)
  if (height > state.height) addFuture(state.future, input)
  else if (height < state.height || !isRunning(state)) onLate(state, input)
  else if (roundOfMessage(input) < state.firstRound) return
  else if (input.kind === 'proposal') onProposal(state, effects, input)
  else if (input.kind === 'vote') onVote(state, effects, input.vote)
  else if (input.kind === 'polka') onPolka(state, effects, input.certificate)
  else onCommit(state, effects, input.certificate)
}

/** Of a height that is over, only precommits for its block matter. */
function onLate(state: ConsensusState, input: MessageInput): void {
  const last = state.lastCommit
  if (last === null || heightOfMessage(input) !== last.height) return
  if (input.kind === 'vote') addToLastCommit(last, [input.vote])
  else if (input.kind === 'commit') addToLastCommit(last, votesInside(last.set, input.certificate))
}

function onEarly(state: ConsensusState, effects: Effect[], message: MessageInput): void {
  const height = heightOfMessage(message)
  if (height > state.height) addFuture(state.future, message)
  else if (height === state.height && isRunning(state)) effects.push({ kind: 'replay', height, inputs: [message] })
}

function onBlockBuilt(state: ConsensusState, effects: Effect[], blockId: Parameters<typeof propose>[2] | null): void {
  if (blockId === null) {
    prevote(state, effects, null) // R16
    return
  }
  // The host executed what it built, so the block needs no second check.
  state.validity.set(blockId, 'valid')
  propose(state, effects, blockId)
}
