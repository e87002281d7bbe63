// Owns: the bounded buffer of messages for heights to come (R14). Not here: later rounds of this height (vote-keeper.ts).
// The validator set of a later height may be unknown, so nothing in here has been verified: the machine hands it back by the
// `replay` effect when the height starts, and the host verifies it then.
import { toHex } from '../core/base/bytes.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { Height, Round } from '../core/base/ids.ts'
import type { MessageInput } from './input.ts'

/** Early messages by height, then by content, so that a rebroadcast takes no second place. */
export type FutureInputs = Map<Height, Map<string, MessageInput>>

/** An empty buffer. */
export function createFutureInputs(): FutureInputs {
  return new Map()
}

/** Height that a message belongs to. */
export function heightOfMessage(input: MessageInput): Height {
  switch (input.kind) {
    case 'proposal':
      return input.proposal.height
    case 'vote':
      return input.vote.height
    default:
      return input.certificate.height
  }
}

/** Round that a message belongs to. */
export function roundOfMessage(input: MessageInput): Round {
  switch (input.kind) {
    case 'proposal':
      return input.proposal.round
    case 'vote':
      return input.vote.round
    default:
      return input.certificate.round
  }
}

/** Keeps an early message: for the ten nearest heights (the farthest goes first) at most 500 each (later ones are dropped). */
export function addFuture(future: FutureInputs, input: MessageInput): void {
  const height = heightOfMessage(input)
  const known = future.get(height)
  if (known === undefined && future.size >= LIMITS.futureHeightsMax) {
    const farthest = Math.max(...future.keys())
    if (height > farthest) return
    future.delete(farthest)
  }
  const messages = known ?? new Map<string, MessageInput>()
  if (known === undefined) future.set(height, messages)
  const key = contentKey(input)
  if (messages.size < LIMITS.futureMessagesPerHeightMax && !messages.has(key)) messages.set(key, input)
}

/** Takes out the messages of a height in order of arrival, and forgets those of heights below. */
export function takeFuture(future: FutureInputs, height: Height): readonly MessageInput[] {
  const messages = future.get(height)
  for (const other of [...future.keys()]) {
    if (other <= height) future.delete(other)
  }
  return messages === undefined ? [] : [...messages.values()]
}

function contentKey(input: MessageInput): string {
  switch (input.kind) {
    case 'proposal': {
      const { round, blockId, validRound, proposer, signature } = input.proposal
      return `proposal ${round} ${blockId} ${validRound} ${proposer} ${toHex(signature)}`
    }
    case 'vote': {
      const { type, round, blockId, validRound, validator, signature } = input.vote
      return `${type} ${round} ${blockId} ${validRound} ${validator} ${toHex(signature)}`
    }
    default: {
      const { type, round, blockId, validRound, bitmap, signatures } = input.certificate
      return `certificate ${type} ${round} ${blockId} ${validRound} ${toHex(bitmap)} ${signatures.map(toHex).join()}`
    }
  }
}
