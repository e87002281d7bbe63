// Owns: tests of messages that come before their height: every bound, and that one peer cannot take the others' places.
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../core/base/limits.ts'
import { createToyVotes } from '../test/helpers/toy-votes.ts'
import { EARLY_BYTES_PER_PEER_MAX, EARLY_PER_PEER_MAX, createEarlyMessages } from './early-messages.ts'

const toy = createToyVotes()
const message = (height: number) => ({ kind: 'vote', vote: toy.vote(0, { height }) }) as const

describe('messages for heights to come', () => {
  it('are handed out once, in order of arrival, when their height begins', () => {
    const early = createEarlyMessages()
    const first = { peer: 'a', message: message(3), frameBytes: 150 }
    const second = { peer: 'b', message: message(3), frameBytes: 150 }
    early.hold(first, { height: 3, current: 2 })
    early.hold(second, { height: 3, current: 2 })
    expect(early.takeUp(2)).toEqual([])
    expect(early.takeUp(3)).toEqual([first, second])
    expect(early.takeUp(3)).toEqual([])
  })

  it('are forgotten when their height is skipped', () => {
    const early = createEarlyMessages()
    early.hold({ peer: 'a', message: message(3), frameBytes: 150 }, { height: 3, current: 2 })
    expect(early.takeUp(5)).toEqual([])
    expect(early.count()).toBe(0)
  })

  it('are kept for the ten nearest heights only', () => {
    const early = createEarlyMessages()
    for (let height = 3; height < 100_000; height++)
      early.hold({ peer: 'a', message: message(3), frameBytes: 1 }, { height, current: 2 })
    expect(early.count()).toBe(LIMITS.futureHeightsMax)
  })

  it('are bounded by peer, so that a flood of one leaves room for the others', () => {
    const early = createEarlyMessages()
    for (let i = 0; i < 1_000; i++) early.hold({ peer: 'liar', message: message(3), frameBytes: 150 }, { height: 3, current: 2 })
    expect(early.count()).toBe(EARLY_PER_PEER_MAX)
    early.hold({ peer: 'honest', message: message(3), frameBytes: 150 }, { height: 3, current: 2 })
    expect(early.count()).toBe(EARLY_PER_PEER_MAX + 1)
  })

  it('are bounded by height over all peers', () => {
    const early = createEarlyMessages()
    for (let i = 0; i < 1_000; i++) early.hold({ peer: `p${i}`, message: message(3), frameBytes: 150 }, { height: 3, current: 2 })
    expect(early.count()).toBe(LIMITS.futureMessagesPerHeightMax)
  })

  it('are bounded by the bytes of their frames: ten heights of the largest proposals do not fill the memory', () => {
    const early = createEarlyMessages()
    const frameBytes = LIMITS.consensusFrameBytesMax
    for (let i = 0; i < 1_000; i++)
      early.hold({ peer: 'liar', message: message(3), frameBytes }, { height: 3 + (i % 10), current: 2 })
    expect(early.count() * frameBytes).toBe(EARLY_BYTES_PER_PEER_MAX)
    early.takeUp(12)
    early.hold({ peer: 'liar', message: message(13), frameBytes }, { height: 13, current: 12 })
    expect(early.count()).toBe(1)
  })
})
