// Owns: transcripts of block sync: whom it asks for what, and what silence, lies and fake heights lead to.
import { describe, expect, it } from 'vitest'
import { bestPeerHeight, createSyncState, stepSync } from './machine.ts'
import type { SyncInput } from './machine.ts'

type Line = readonly [input: string, ...effects: string[]]

function parse(line: string): SyncInput {
  const [at, kind, subject, value, oldest] = line.split(' ') as [string, string, string, string, string?]
  const nowMs = Number(at)
  switch (kind) {
    case 'claim':
      return {
        ...{ kind: 'peerHeight', peer: subject, height: Number(value), nowMs },
        ...(oldest === undefined ? {} : { oldest: Number(oldest) }),
      }
    case 'gone':
      return { kind: 'peerGone', peer: subject }
    case 'head':
      return { kind: 'headMoved', height: Number(subject), nowMs }
    case 'answered':
      return { kind: 'answered', peer: subject, blocks: Number(value), nowMs }
    case 'failed':
    case 'lied':
      return { kind, peer: subject, nowMs }
    default:
      return { kind: 'tick', nowMs }
  }
}

function play(head: number, lines: readonly Line[]) {
  const state = createSyncState(head, 0)
  for (const [input, ...expected] of lines) {
    const effects = stepSync(state, parse(input)).map((effect) =>
      effect.kind === 'reportPeer' ? `report ${effect.peer}` : `ask ${effect.peer} ${effect.from}+${effect.count}`,
    )
    expect([input, ...effects]).toEqual([input, ...expected])
  }
  return state
}

describe('block sync', () => {
  it('asks the furthest peer, one request at a time, and goes on to the head', () => {
    play(10, [
      ['1000 claim a 50', 'ask a 11+40'],
      ['1000 claim b 200'],
      ['1100 head 50'],
      ['1100 answered a 40', 'ask b 51+64'],
      ['1200 head 114'],
      ['1200 answered b 64', 'ask b 115+64'],
      ['1300 head 178'],
      ['1300 answered b 64', 'ask b 179+22'],
      ['1400 head 200'],
      ['1400 answered b 22'],
      ['2000 tick'],
    ])
  })

  it('chooses by name between peers that are equally far', () => {
    play(10, [['0 claim b 10'], ['0 claim c 20', 'ask c 11+10'], ['0 claim a 20'], ['1 failed c', 'ask a 11+10']])
  })

  it('asks no peer for blocks that it says it does not hold, whatever it claims later without saying it', () => {
    play(10, [
      ['0 claim pruned 9000 5000'],
      ['0 claim whole 20 1', 'ask whole 11+10'],
      ['50 claim pruned 9001'],
      ['100 head 20'],
      ['100 answered whole 10'],
      ['200 tick'],
      ['300 claim pruned 9002 21', 'ask pruned 21+64'],
    ])
  })

  it('gives consensus a moment for the very next block', () => {
    play(10, [['100 claim a 11'], ['399 tick'], ['400 tick', 'ask a 11+1']])
    play(10, [['300 head 11'], ['600 claim a 12'], ['699 tick'], ['700 tick', 'ask a 12+1']])
  })

  it('asks another one when the first is silent, and comes back to it later and later', () => {
    play(10, [
      ['0 claim a 30', 'ask a 11+20'],
      ['0 claim b 20'],
      ['15000 failed a', 'ask b 11+10'],
      ['15010 head 20'],
      ['15010 answered b 10'],
      ['15500 claim a 30'],
      ['16000 claim a 30', 'ask a 21+10'],
      ['31000 failed a'],
      ['32999 claim a 30'],
      ['33000 claim a 30', 'ask a 21+10'],
      ['48000 failed a'],
      ['51999 claim a 30'],
      ['52000 claim a 30', 'ask a 21+10'],
    ])
  })

  it('reports a liar once and does not ask it for two minutes, whatever it claims', () => {
    play(10, [
      ['0 claim a 1000', 'ask a 11+64'],
      ['10 claim b 15'],
      ['20 lied a', 'report a', 'ask b 11+5'],
      ['30 head 15'],
      ['30 answered b 5'],
      ['60000 claim a 1000'],
      ['120020 claim a 1000', 'ask a 16+64'],
    ])
  })

  it('does not believe a fake height twice, and does not show it to people meanwhile', () => {
    const state = play(10, [['0 claim a 9007199254740990', 'ask a 11+64'], ['5 answered a 0']])
    expect(bestPeerHeight(state)).toBe(0)
    stepSync(state, parse('500 claim a 9007199254740990'))
    expect(bestPeerHeight(state)).toBe(0)
    expect(stepSync(state, parse('1005 claim b 12'))).toEqual([{ kind: 'requestBlocks', peer: 'b', from: 11, count: 2 }])
  })

  it('forgets a peer that has gone, and asks another one for the same blocks', () => {
    play(10, [
      ['0 claim a 30', 'ask a 11+20'],
      ['0 claim b 20'],
      ['10 gone a'],
      ['1000 tick', 'ask b 11+10'],
      ['1001 failed a'],
      ['1002 answered a 5'],
      ['1003 tick'],
      ['1010 head 20'],
      ['1010 answered b 10'],
    ])
  })

  it('asks for nothing while nobody is ahead', () => {
    play(10, [['0 claim a 10'], ['0 claim b 9'], ['0 claim c 0'], ['5000 tick']])
  })

  it('keeps nothing of peers that have gone, however many came', () => {
    const state = createSyncState(0, 0)
    for (let i = 0; i < 1_000; i++) {
      stepSync(state, { kind: 'peerHeight', peer: `p${i}`, height: 0, nowMs: 0 })
      stepSync(state, { kind: 'peerGone', peer: `p${i}` })
    }
    expect(state.peers.size).toBe(0)
  })
})
