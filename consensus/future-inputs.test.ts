import { describe, expect, test } from 'vitest'
import { LIMITS } from '../core/base/limits.ts'
import { asAddress } from '../core/base/ids.ts'
import { addFuture, createFutureInputs, heightOfMessage, takeFuture } from './future-inputs.ts'
import type { MessageInput } from './input.ts'

function voteInput(height: number, round: number): MessageInput {
  const validator = asAddress('01'.repeat(20))
  return {
    kind: 'vote',
    vote: { type: 'prevote', height, round, blockId: null, validRound: -1, validator, signature: new Uint8Array(64) },
  }
}

describe('the buffer of early messages', () => {
  test('gives a height back in order of arrival, each message once, and then holds nothing of it', () => {
    const future = createFutureInputs()
    for (const round of [3, 1, 2, 3, 1]) addFuture(future, voteInput(7, round))
    expect(takeFuture(future, 7)).toEqual([voteInput(7, 3), voteInput(7, 1), voteInput(7, 2)])
    expect(takeFuture(future, 7)).toEqual([])
    expect(future.size).toBe(0)
  })

  test('keeps the ten nearest heights: the farthest goes first, and one farther still is not taken in', () => {
    const future = createFutureInputs()
    for (const height of [20, 18, 16, 14, 12, 10, 8, 6, 4, 2]) addFuture(future, voteInput(height, 0))
    addFuture(future, voteInput(21, 0))
    expect([...future.keys()].sort((a, b) => a - b)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    addFuture(future, voteInput(3, 0))
    expect([...future.keys()].sort((a, b) => a - b)).toEqual([2, 3, 4, 6, 8, 10, 12, 14, 16, 18])
  })

  test('keeps at most 500 messages per height', () => {
    const future = createFutureInputs()
    for (let round = 0; round < LIMITS.futureMessagesPerHeightMax + 50; round++) addFuture(future, voteInput(5, round))
    const kept = takeFuture(future, 5)
    expect(kept.length).toBe(LIMITS.futureMessagesPerHeightMax)
    expect(kept[0]).toEqual(voteInput(5, 0))
  })

  test('forgets the heights below one that has begun', () => {
    const future = createFutureInputs()
    for (const height of [5, 6, 7]) addFuture(future, voteInput(height, 0))
    expect(takeFuture(future, 6).map(heightOfMessage)).toEqual([6])
    expect([...future.keys()]).toEqual([7])
  })
})
