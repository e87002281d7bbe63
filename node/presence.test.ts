// Owns: tests of who counts as absent. Virtual time; not here: connections.
import { describe, expect, it } from 'vitest'
import { createVirtualTime } from '../test/helpers/virtual-nodes.ts'
import { createPresence } from './presence.ts'

describe('presence', () => {
  it('lets nobody be absent in the first 300 ms, then everyone who never came, and never ourselves', async () => {
    const time = createVirtualTime(0)
    const presence = createPresence(time.clock, 'me')
    await time.advance(299)
    expect(presence.isAbsent('a')).toBe(false)
    await time.advance(1)
    expect(presence.isAbsent('a')).toBe(true)
    expect(presence.isAbsent('me')).toBe(false)
  })

  it('counts from the end of a connection, and a return ends it at once', async () => {
    const time = createVirtualTime(0)
    const presence = createPresence(time.clock, 'me')
    presence.onConnected('a')
    await time.advance(10_000)
    expect(presence.isAbsent('a')).toBe(false)
    presence.onDisconnected('a')
    await time.advance(299)
    expect(presence.isAbsent('a')).toBe(false)
    await time.advance(1)
    expect(presence.isAbsent('a')).toBe(true)
    presence.onConnected('a')
    expect(presence.isAbsent('a')).toBe(false)
  })
})
