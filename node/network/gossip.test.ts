// Owns: gossip between real hosts: reach, verdicts, duplicates. Not here: what a transaction batch is (the node).
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { meshDegrees } from './gossip.ts'
import { connectAll, sleep, startHost, until } from '../../test/helpers/network-hosts.ts'
import type { TestHost } from '../../test/helpers/network-hosts.ts'

let hosts: TestHost[]

function at(index: number): TestHost {
  const host = hosts[index]
  if (host === undefined) throw new Error(`no host ${index}`)
  return host
}

/** Sends probes until one has reached everybody: the meshes stand. */
async function settle(): Promise<void> {
  for (let i = 0; i < 100; i++) {
    for (const host of hosts) host.network.publish('head', new Uint8Array([255, i, hosts.indexOf(host)]))
    await sleep(50)
    const reached = hosts.every((host) => new Set(host.gossip.map(({ message }) => message[2])).size === hosts.length - 1)
    if (reached) break
  }
  await sleep(100)
  for (const host of hosts) host.gossip.length = 0
}

beforeEach(async () => {
  hosts = await Promise.all([1, 2, 3, 4].map((seed) => startHost(seed)))
  await connectAll(hosts)
  await settle()
})

afterEach(async () => {
  await Promise.all(hosts.map((host) => host.network.stop()))
})

describe('gossip', () => {
  test('a message reaches everybody else exactly once, on its topic', async () => {
    const message = new Uint8Array(20_000).fill(7)
    at(0).network.publish('tx', message)
    at(1).network.publish('head', new Uint8Array([1]))
    await until(() => hosts.every((host, i) => host.gossip.length === (i < 2 ? 1 : 2)), 'everybody has both')
    await sleep(300)
    expect(hosts.map((host) => host.gossip.length)).toEqual([1, 1, 2, 2])
    expect(at(3).gossip.find(({ topic }) => topic === 'tx')?.message).toEqual(message)
    expect(at(0).gossip[0]).toMatchObject({ topic: 'head', message: new Uint8Array([1]) })
  })

  test('publishing the same bytes twice sends them once and does not throw', async () => {
    at(0).network.publish('tx', new Uint8Array([1, 2, 3]))
    at(0).network.publish('tx', new Uint8Array([1, 2, 3]))
    await until(() => hosts.slice(1).every((host) => host.gossip.length === 1), 'everybody has it')
    await sleep(200)
    at(1).network.publish('tx', new Uint8Array([1, 2, 3]))
    await sleep(200)
    expect(hosts.map((host) => host.gossip.length)).toEqual([0, 1, 1, 1])
  })

  test('an accepted message is forwarded to a host its author is not connected to', async () => {
    at(0).network.setLinkFault(at(3).network.self, { drop: true, delayMs: 0, jitterMs: 0 })
    await until(() => at(0).network.peers().length === 2 && at(3).network.peers().length === 2, 'the link is cut')
    at(0).network.publish('tx', new Uint8Array([4]))
    await until(() => at(3).gossip.length === 1, 'it came by another way')
    expect(at(3).gossip[0]?.peer).not.toBe(at(0).network.self)
  })

  test.each(['ignore', 'reject'] as const)('a message with the verdict %s is not forwarded', async (verdict) => {
    at(0).network.setLinkFault(at(3).network.self, { drop: true, delayMs: 0, jitterMs: 0 })
    await until(() => at(0).network.peers().length === 2 && at(3).network.peers().length === 2, 'the link is cut')
    for (const host of hosts) host.verdict = () => Promise.resolve(verdict)
    at(0).network.publish('tx', new Uint8Array([5]))
    await until(() => at(1).gossip.length === 1 && at(2).gossip.length === 1, 'two have judged it')
    await sleep(300)
    expect(at(3).gossip).toEqual([])
    const penalty = at(1)
      .network.peers()
      .find(({ peer }) => peer === at(0).network.self)?.penalty
    expect((penalty ?? -1) > 10).toBe(verdict === 'reject')
    expect(at(1).network.counters()[verdict === 'reject' ? 'gossipRejected' : 'gossipIgnored']).toBe(1)
  })

  test('a peer whose messages are rejected again and again is refused', async () => {
    at(1).verdict = () => 'reject'
    for (let i = 0; i < 4; i++) at(0).network.publish('tx', new Uint8Array([6, i]))
    await until(() => at(1).network.counters().bans > 0, 'banned')
    await until(
      () =>
        !at(1)
          .network.peers()
          .some(({ peer }) => peer === at(0).network.self),
      'disconnected',
    )
  })

  test('a handler that throws counts as ignore', async () => {
    for (const host of hosts.slice(1)) {
      host.verdict = () => {
        throw new Error('broken handler')
      }
    }
    at(0).network.publish('tx', new Uint8Array([7]))
    await until(() => hosts.slice(1).every((host) => host.network.counters().gossipIgnored === 1), 'ignored by all')
    expect(at(1).network.counters().penalties).toBe(0)
  })

  test('a message over the limit is not published', async () => {
    at(0).network.publish('tx', new Uint8Array(1_048_577))
    await sleep(100)
    expect(at(0).warnings).toEqual(['Gossip of a size that no peer accepts was not sent'])
    expect(hosts.every((host) => host.gossip.length === 0)).toBe(true)
  })

  test('gossip flows again over a link that was cut and healed', async () => {
    at(0).network.setLinkFault(at(1).network.self, { drop: true, delayMs: 0, jitterMs: 0 })
    await until(() => at(0).network.peers().length === 2 && at(1).network.peers().length === 2, 'the link is cut')
    at(0).network.setLinkFault(at(1).network.self, null)
    await until(() => at(0).network.peers().length === 3 && at(1).network.peers().length === 3, 'the link is back')
    for (const host of hosts.slice(2)) host.verdict = () => 'ignore'
    let direct = 0
    for (let i = 0; i < 100 && direct === 0; i++) {
      at(0).network.publish('tx', new Uint8Array([8, i]))
      await sleep(50)
      direct = at(1).gossip.filter(({ peer }) => peer === at(0).network.self).length
    }
    expect(direct).toBeGreaterThan(0)
  })
})

describe('mesh degrees', () => {
  test.each([
    [1, { D: 1, Dlo: 1, Dhi: 1, Dout: 0, Dlazy: 1 }],
    [3, { D: 3, Dlo: 3, Dhi: 3, Dout: 1, Dlazy: 3 }],
    [6, { D: 6, Dlo: 4, Dhi: 6, Dout: 1, Dlazy: 4 }],
    [99, { D: 6, Dlo: 4, Dhi: 12, Dout: 1, Dlazy: 4 }],
  ])('%i peers', (peers, degrees) => {
    expect(meshDegrees(peers)).toEqual(degrees)
  })
})
