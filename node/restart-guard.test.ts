// Owns: tests of when a node that has just started may sign.
import { describe, expect, it } from 'vitest'
import { createToyVotes } from '../test/helpers/toy-votes.ts'
import { createVirtualTime } from '../test/helpers/virtual-nodes.ts'
import { createRestartGuard } from './restart-guard.ts'

const peer = (name: string): string => `12D3KooW${name}`

function createRig(names?: readonly string[]) {
  const toy = createToyVotes(names)
  const time = createVirtualTime(0)
  const rig = { time, head: 5, best: 0, opened: 0 }
  const guard = createRestartGuard({
    clock: time.clock,
    self: peer('v1'),
    set: () => toy.set,
    headHeight: () => rig.head,
    bestPeerHeight: () => rig.best,
    onOpen: () => void rig.opened++,
  })
  return { rig, guard }
}

describe('the restart guard', () => {
  it('opens once a quorum, ourselves included, has said where it stands, and stays open', () => {
    const { rig, guard } = createRig()
    guard.onClaim(peer('v1'))
    guard.onClaim(peer('v2'))
    guard.onClaim(peer('v2'))
    guard.onClaim('an observer')
    expect([guard.isOpen(), rig.opened]).toEqual([false, 0])
    guard.onClaim(peer('v3'))
    expect([guard.isOpen(), rig.opened]).toEqual([true, 1])
    rig.best = 100
    guard.review()
    expect([guard.isOpen(), rig.opened]).toEqual([true, 1])
  })

  it('stays closed while anyone is ahead, and opens when we caught up or the claim proved empty', () => {
    const { rig, guard } = createRig()
    rig.best = 900
    for (const name of ['v2', 'v3', 'v4']) guard.onClaim(peer(name))
    expect(guard.isOpen()).toBe(false)
    rig.head = 899
    guard.review()
    expect(guard.isOpen()).toBe(false)
    rig.head = 900
    guard.review()
    expect(guard.isOpen()).toBe(true)
  })

  it('takes one neighbour after a while where the others cannot be reached, and never nobody', async () => {
    const { rig, guard } = createRig()
    await rig.time.advance(60_000)
    guard.review()
    expect(guard.isOpen()).toBe(false)
    guard.onClaim(peer('v2'))
    expect(guard.isOpen()).toBe(true)
    const early = createRig()
    early.guard.onClaim(peer('v2'))
    await early.rig.time.advance(9_999)
    early.guard.review()
    expect(early.guard.isOpen()).toBe(false)
  })

  it('lets a single validator sign at once', () => {
    expect(createRig(['v1']).guard.isOpen()).toBe(true)
  })
})
