// Owns: tests of when the next block may begin: interval, reason, heartbeat, the first block, and that no wake is lost.
import { describe, expect, it } from 'vitest'
import { CITY_PARAMS } from '../core/chain/params.ts'
import { createVirtualTime } from '../test/helpers/virtual-nodes.ts'
import type { ChainHead } from './chain-head.ts'
import { createPacer } from './pacer.ts'

const params = { ...CITY_PARAMS, blockIntervalMs: 200, heartbeatMs: 5_000 }

function createRig(height: number, headTime = 0) {
  const time = createVirtualTime(0)
  const rig = { time, height, headTime, ready: false, quorum: false, woken: [] as string[] }
  const pacer = createPacer({
    clock: time.clock,
    head: () => ({ height: rig.height, params, header: { time: rig.headTime } }) as ChainHead,
    hasReady: () => rig.ready,
    hasQuorum: () => rig.quorum,
    wake: (at) => void rig.woken.push(`${at} at ${time.clock.monotonicMs()}`),
  })
  return { rig, pacer }
}

describe('the next block', () => {
  it('begins an interval after the head’s time when something waits', async () => {
    const { rig, pacer } = createRig(7)
    rig.ready = true
    pacer.onHeight()
    await rig.time.advance(199)
    expect(rig.woken).toEqual([])
    await rig.time.advance(1)
    expect(rig.woken).toEqual(['8 at 200'])
    await rig.time.advance(20_000)
    expect(rig.woken).toHaveLength(1)
  })

  it('begins with the first transaction after the interval, at once', async () => {
    const { rig, pacer } = createRig(7)
    pacer.onHeight()
    pacer.onTransaction()
    await rig.time.advance(1_000)
    pacer.onTransaction()
    expect(rig.woken).toEqual([])
    rig.ready = true
    pacer.onTransaction()
    pacer.onTransaction()
    expect(rig.woken).toEqual(['8 at 1000'])
  })

  it('begins by the heartbeat when nothing waits', async () => {
    const { rig, pacer } = createRig(7)
    pacer.onHeight()
    await rig.time.advance(4_999)
    expect(rig.woken).toEqual([])
    await rig.time.advance(1)
    expect(rig.woken).toEqual(['8 at 5000'])
  })

  it('is planned anew with every head: nothing of the old plan fires', async () => {
    const { rig, pacer } = createRig(7)
    rig.ready = true
    pacer.onHeight()
    await rig.time.advance(100)
    rig.height = 8
    rig.headTime = 100
    pacer.onHeight()
    await rig.time.advance(199)
    expect(rig.woken).toEqual([])
    await rig.time.advance(1)
    expect(rig.woken).toEqual(['9 at 300'])
  })

  it('begins at once after a long absence', async () => {
    const { rig, pacer } = createRig(7, -1_000_000)
    pacer.onHeight()
    await rig.time.advance(0)
    expect(rig.woken).toEqual(['8 at 0'])
  })

  it('does not begin once stopped', async () => {
    const { rig, pacer } = createRig(7)
    rig.ready = true
    pacer.onHeight()
    pacer.stop()
    await rig.time.advance(60_000)
    expect(rig.woken).toEqual([])
  })
})

describe('the first block', () => {
  it('begins as soon as a quorum is connected', async () => {
    const { rig, pacer } = createRig(0)
    pacer.onHeight()
    await rig.time.advance(500)
    pacer.onPeersChanged()
    expect(rig.woken).toEqual([])
    rig.quorum = true
    pacer.onPeersChanged()
    pacer.onPeersChanged()
    expect(rig.woken).toEqual(['1 at 500'])
  })

  it('begins after three seconds in any case', async () => {
    const { rig, pacer } = createRig(0)
    pacer.onHeight()
    await rig.time.advance(10_000)
    expect(rig.woken).toEqual(['1 at 3000'])
  })
})
