// Owns: real hosts on 127.0.0.1: connecting, direct frames, hostile clients, link faults. Not here: requests.test.ts, gossip.test.ts.
import type { Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test } from 'vitest'
import type { Clock } from '../ports.ts'
import { createNetwork } from './host.ts'
import {
  allow,
  connectAll,
  CUT,
  dialHost,
  NETWORK_NAME,
  sleep,
  startHost,
  startRawClient,
  systemClock,
  until,
} from '../../test/helpers/network-hosts.ts'
import type { TestHost } from '../../test/helpers/network-hosts.ts'

const hosts: TestHost[] = []
const clients: Libp2p[] = []

async function start(seed: number, options?: { listen?: string; networkName?: string; clock?: Clock }): Promise<TestHost> {
  const host = await startHost(seed, options)
  hosts.push(host)
  return host
}

async function startClient(seed: number, host: TestHost, onStream: (stream: Stream) => void = () => {}): Promise<Libp2p> {
  const client = await startRawClient(seed, onStream)
  clients.push(client)
  host.network.setAllowed([{ peer: client.peerId.toString(), addresses: [] }])
  return client
}

function numbered(i: number, size: number): Uint8Array {
  const frame = new Uint8Array(size).fill(i & 255)
  new DataView(frame.buffer).setUint32(0, i)
  return frame
}

function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(0)
}

afterEach(async () => {
  await Promise.all([...hosts.splice(0).map((host) => host.network.stop()), ...clients.splice(0).map((client) => client.stop())])
})

describe('connecting', () => {
  test('four hosts connect all to all, once each, and exchange frames', async () => {
    const four = await Promise.all([1, 2, 3, 4].map((seed) => start(seed)))
    await connectAll(four)
    for (const host of four) host.network.broadcast('consensus', new TextEncoder().encode(host.network.self))
    await until(() => four.every((host) => host.frames.length === 3), 'everybody has three frames')
    for (const host of four) {
      const others = four.filter((other) => other !== host).map((other) => other.network.self)
      expect(host.frames.map(({ frame }) => new TextDecoder().decode(frame)).sort()).toEqual([...others].sort())
      for (const { peer, frame } of host.frames) expect(new TextDecoder().decode(frame)).toBe(peer)
      expect([...host.events].sort()).toEqual(others.map((peer) => `+${peer}`).sort())
    }
  })

  test('the same seed gives the same peer id, and a seed of another length is refused', async () => {
    const one = await start(1)
    expect(one.network.self).toBe('12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5')
    const options = { networkName: 'n', listen: [], gossip: { peersExpected: 3, heartbeatMs: 700 }, clock: systemClock }
    const log = { debug: () => {}, info: () => {}, warn: () => {} }
    await expect(createNetwork({ ...options, log, seed: new Uint8Array(31) })).rejects.toMatchObject({ code: 'PEER_KEY' })
  })

  test('nobody is allowed before setAllowed, and a peer that is not allowed is refused', async () => {
    const [one, two] = [await start(1), await start(2)]
    allow(two, [one])
    await until(() => two.network.counters().dials >= 2, 'the other side has tried twice')
    expect(one.network.peers()).toEqual([])
    expect(two.events).toEqual([])
    expect(one.network.counters().connectionsRefused).toBeGreaterThan(0)
    allow(one, [two])
    await until(() => one.network.peers().length === 1 && two.network.peers().length === 1, 'now they are connected')
  })

  test('taking a peer off the list closes its connection', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    pair[0].network.setAllowed([])
    await until(() => pair[0].network.peers().length === 0 && pair[1].network.peers().length === 0, 'both sides have noticed')
    expect(pair[0].events).toEqual([`+${pair[1].network.self}`, `-${pair[1].network.self}`])
    expect(pair[0].network.send(pair[1].network.self, 'consensus', new Uint8Array(1))).toBe(false)
  })

  test('a peer that restarts is found again without anybody being told', async () => {
    const [one, two] = [await start(1), await start(2)]
    await connectAll([one, two])
    const listen = two.network.listenAddresses()[0]?.split('/p2p/')[0]
    await two.network.stop()
    await until(() => one.network.peers().length === 0, 'the loss is noticed')
    const again = await start(2, listen === undefined ? {} : { listen })
    again.network.setAllowed([{ peer: one.network.self, addresses: [] }])
    await until(() => one.network.peers().length === 1 && again.network.peers().length === 1, 'the dial loop has found it')
    one.network.send(again.network.self, 'consensus', new Uint8Array([9]))
    await until(() => again.frames.length === 1, 'frames flow again')
  })

  test('hosts of different networks do not become peers', async () => {
    const [one, two] = [await start(1), await start(2, { networkName: 'another' })]
    allow(one, [two])
    allow(two, [one])
    await until(() => one.warnings.length > 0 || two.warnings.length > 0, 'one of them has said so')
    expect([...one.warnings, ...two.warnings]).toContain('Peer does not speak the protocols of this network')
    expect([...one.events, ...two.events]).toEqual([])
  })

  test('stop is prompt, and a stopped network neither sends nor throws', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    const startedMs = performance.now()
    await pair[0].network.stop()
    expect(performance.now() - startedMs).toBeLessThan(2_000)
    pair[0].network.broadcast('consensus', new Uint8Array(1))
    pair[0].network.publish('tx', new Uint8Array(1))
    expect(pair[0].network.send(pair[1].network.self, 'consensus', new Uint8Array(1))).toBe(false)
    await expect(pair[0].network.request(pair[1].network.self, 'status', new Uint8Array(1), 100)).rejects.toMatchObject({
      code: 'PEER_CLOSED',
    })
  })
})

describe('direct frames', () => {
  test('ten thousand frames each way arrive complete and in order', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    const [one, two] = [pair[0].network, pair[1].network]
    for (let i = 0; i < 10_000; i++) {
      // The queue holds 1,024: a sender that is faster than the link has to let it breathe.
      if (i % 500 === 0)
        await until(() => one.peers()[0]?.queuedBytes === 0 && two.peers()[0]?.queuedBytes === 0, 'queues are empty')
      expect(one.send(two.self, 'consensus', numbered(i, 300))).toBe(true)
      expect(two.send(one.self, 'consensus', numbered(i, 300))).toBe(true)
    }
    await until(() => pair.every((host) => host.frames.length === 10_000), 'all frames are there')
    for (const host of pair) {
      expect(
        host.frames.every(({ channel, frame }, i) => channel === 'consensus' && frame.length === 300 && numberOf(frame) === i),
      ).toBe(true)
      expect(host.network.counters().dropped).toBe(0)
    }
  })

  test('frames of very different sizes keep their order and content', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    const sizes = [4, 1_048_576, 5, 65_536, 65_020, 300_000, 7, 1_048_576, 100]
    sizes.forEach((size, i) => {
      expect(pair[0].network.send(pair[1].network.self, 'consensus', numbered(i, size))).toBe(true)
    })
    await until(() => pair[1].frames.length === sizes.length, 'all frames are there')
    expect(pair[1].frames.map(({ frame }) => frame.length)).toEqual(sizes)
    expect(pair[1].frames.every(({ frame }, i) => Buffer.compare(frame, numbered(i, sizes[i] as number)) === 0)).toBe(true)
  })

  test('of summaries queued together only the latest is sent', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    for (let i = 1; i <= 5; i++) pair[0].network.send(pair[1].network.self, 'summary', new Uint8Array([i]))
    await until(() => pair[1].frames.length > 0, 'a summary has arrived')
    expect(pair[1].frames.map(({ channel, frame }) => [channel, ...frame])).toEqual([['summary', 5]])
    expect(pair[0].network.counters().replaced).toBe(4)
  })

  test('a frame of a size the other side would punish is not sent', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    expect(pair[0].network.send(pair[1].network.self, 'summary', new Uint8Array(1_025))).toBe(false)
    expect(pair[0].network.send(pair[1].network.self, 'consensus', new Uint8Array(1_048_577))).toBe(false)
    expect(pair[0].warnings.length).toBe(2)
  })

  test('towards a peer that does not read, the queue is bounded and the oldest frames go', async () => {
    const host = await start(1)
    const streams: Stream[] = []
    const client = await startClient(99, host, (stream) => {
      if (stream.protocol.includes('consensus')) {
        stream.pause()
        streams.push(stream)
      }
    })
    await dialHost(client, host)
    await until(() => streams.length === 1 && host.network.peers().length === 1, 'connected')
    const peer = client.peerId.toString()
    let refused = 0
    for (let i = 0; i < 4_000; i++) {
      if (!host.network.send(peer, 'consensus', numbered(i, 1_000))) refused += 1
      if (i % 100 === 0) await sleep(0)
    }
    expect(refused).toBeGreaterThan(1_000)
    expect(host.network.counters().dropped).toBe(refused)
    expect(host.network.peers()[0]?.queuedBytes).toBeLessThan(2_000_000)
    const numbers: number[] = []
    let rest = Buffer.alloc(0)
    streams[0]?.addEventListener('message', (event) => {
      rest = Buffer.concat([rest, event.data.subarray()])
      for (; rest.length >= 1_004; rest = rest.subarray(1_004)) numbers.push(rest.readUInt32BE(4))
    })
    streams[0]?.resume()
    await until(() => numbers.at(-1) === 3_999, 'the newest frame arrives when the peer reads again')
    expect(numbers.length).toBe(4_000 - refused)
    expect(numbers.every((value, i) => i === 0 || value > (numbers[i - 1] as number))).toBe(true)
  })
})

describe('hostile clients', () => {
  const protocol = `/naru/${NETWORK_NAME}/consensus/1`

  test('an absurd length disconnects and penalises the sender, and the host lives on', async () => {
    const host = await start(1)
    const client = await startClient(99, host)
    const connection = await dialHost(client, host)
    const stream = await connection.newStream(protocol)
    await until(() => host.network.peers().length === 1, 'connected')
    stream.send(new Uint8Array([0xff, 0xff, 0xff, 0xff, 1, 2, 3]))
    await until(() => host.network.peers().length === 0 && client.getConnections().length === 0, 'the sender is disconnected')
    expect(host.network.counters().penalties).toBe(1)
    await dialHost(client, host)
    await until(() => host.network.peers().length === 1, 'one offence is no ban')
    // 25 points, less what has decayed since.
    expect(host.network.peers()[0]?.penalty).toBeGreaterThan(10)
  })

  test('the fourth offence bans the sender', async () => {
    const host = await start(1)
    const client = await startClient(99, host)
    for (let i = 0; i < 4; i++) {
      const connection = await dialHost(client, host)
      const stream = await connection.newStream(protocol)
      await until(() => host.network.peers().length === 1, 'connected')
      stream.send(new Uint8Array(5_000).fill(0x47))
      await until(() => host.network.peers().length === 0 && client.getConnections().length === 0, 'disconnected')
    }
    expect(host.network.counters()).toMatchObject({ penalties: 4, bans: 1 })
    const refusedBefore = host.network.counters().connectionsRefused
    await dialHost(client, host).catch(() => null)
    await until(() => host.network.counters().connectionsRefused > refusedBefore, 'the ban holds')
    expect(host.network.peers()).toEqual([])
  })

  test('bytes sent back on a one-way stream disconnect the sender', async () => {
    const host = await start(1)
    const client = await startClient(99, host, (stream) => {
      if (stream.protocol === protocol) stream.send(new Uint8Array(10))
    })
    await dialHost(client, host)
    await until(() => host.network.counters().penalties > 0 && host.network.peers().length === 0, 'penalised and disconnected')
  })

  test('streams reset by the peer are opened again', async () => {
    const host = await start(1)
    const streams: Stream[] = []
    const client = await startClient(99, host, (stream) => {
      if (stream.protocol === protocol) streams.push(stream)
    })
    await dialHost(client, host)
    await until(() => streams.length === 1, 'the first stream')
    streams[0]?.abort(new Error('test'))
    await until(() => streams.length === 2, 'the second stream')
    let received = 0
    streams[1]?.addEventListener('message', (event) => {
      received += event.data.byteLength
    })
    await until(() => host.network.send(client.peerId.toString(), 'consensus', new Uint8Array(100)), 'queued')
    await until(() => received === 104, 'and it carries frames')
  })

  test('a peer that says nothing for half a minute is cut, and an idle honest one is not', async () => {
    const hurried: Clock = {
      nowMs: () => Date.now(),
      monotonicMs: () => performance.now() * 10,
      startTimer: (delayMs, fire) => systemClock.startTimer(delayMs / 10, fire),
    }
    const pair = [await start(1, { clock: hurried }), await start(2, { clock: hurried })] as const
    const client = await startRawClient(99, () => {})
    clients.push(client)
    const peer = client.peerId.toString()
    await connectAll(pair)
    pair[0].network.setAllowed([
      { peer: pair[1].network.self, addresses: [] },
      { peer, addresses: [] },
    ])
    await dialHost(client, pair[0])
    await until(() => pair[0].network.peers().length === 2, 'all connected')
    await until(() => pair[0].network.counters().silences === 1, 'the silent one is cut')
    expect(pair[0].network.peers().map((view) => view.peer)).toEqual([pair[1].network.self])
    expect(pair[0].events).toEqual([`+${pair[1].network.self}`, `+${peer}`, `-${peer}`])
    expect(pair[1].frames.length + pair[0].frames.length).toBe(0)
  })

  test('of two connections of one peer one is kept, and frames flow over it', async () => {
    const host = await start(1)
    let received = 0
    const client = await startClient(99, host, (stream) => {
      stream.addEventListener('message', (event) => {
        if (stream.protocol === protocol) received += event.data.byteLength
      })
    })
    const addresses = host.network.listenAddresses().map((address) => multiaddr(address))
    await Promise.all([client.dial(addresses, { force: true }), client.dial(addresses), dialHost(client, host)])
    await client.dial(addresses, { force: true })
    await until(() => client.getConnections().length === 1 && host.network.peers().length === 1, 'one is left')
    await until(() => host.network.send(client.peerId.toString(), 'consensus', new Uint8Array(96)), 'queued')
    await until(() => received === 100, 'the frame has come')
    expect(host.events).toEqual([`+${client.peerId.toString()}`])
  })

  test('garbage on every protocol of the host leaves it working', async () => {
    const [host, friend] = [await start(1), await start(2)]
    const client = await startRawClient(99, () => {})
    clients.push(client)
    const peer = client.peerId.toString()
    await connectAll([host, friend])
    host.network.setAllowed([
      { peer: friend.network.self, addresses: [] },
      { peer, addresses: [] },
    ])
    const names = ['consensus', 'summary', 'status', 'body', 'blocks'].map((name) => `/naru/${NETWORK_NAME}/${name}/1`)
    const protocols = [...names, '/meshsub/1.2.0', '/ipfs/id/1.0.0', '/ipfs/ping/1.0.0']
    for (let i = 0; i < 40; i++) {
      const connection = await dialHost(client, host).catch(() => null)
      const stream = await connection?.newStream(protocols[i % protocols.length] as string).catch(() => null)
      if (stream === null || stream === undefined) continue
      try {
        stream.send(new Uint8Array(5_000).map((_, at) => (at * 31 + i * 97) & (i % 3 === 0 ? 255 : 7)))
        await sleep(5)
        if (i % 2 === 0) stream.abort(new Error('test'))
        else await stream.close({ signal: AbortSignal.timeout(100) })
      } catch {
        // The host has hung up, as it should.
      }
    }
    friend.network.broadcast('consensus', new Uint8Array([1]))
    friend.answer = (_protocol, request) => Promise.resolve(request)
    expect(await host.network.request(friend.network.self, 'status', new Uint8Array([3]), 5_000)).toEqual(new Uint8Array([3]))
    await until(() => host.frames.some((frame) => frame.peer === friend.network.self), 'it still works')
    expect(host.network.counters().penalties).toBeGreaterThan(0)
  })

  test('a host survives bytes that are no libp2p at all', async () => {
    const pair = [await start(1), await start(2)] as const
    const port = Number(pair[0].network.listenAddresses()[0]?.split('/')[4])
    const { connect } = await import('node:net')
    for (let i = 0; i < 10; i++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.end(Buffer.alloc(2_000, i * 25))
    }
    await connectAll(pair)
    pair[1].network.broadcast('consensus', new Uint8Array([1]))
    await until(() => pair[0].frames.length === 1, 'it still works')
  })
})

describe('link faults', () => {
  test('a cut link lets nothing pass until it heals', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    const [one, two] = [pair[0].network, pair[1].network]
    one.setLinkFault(two.self, CUT)
    await until(() => one.peers().length === 0 && two.peers().length === 0, 'both sides are cut off')
    const dialsBefore = two.counters().dials
    await until(() => two.counters().dials > dialsBefore, 'the other side has tried again')
    expect(one.send(two.self, 'consensus', new Uint8Array([1]))).toBe(false)
    expect(one.peers()).toEqual([])
    expect(pair[1].events.length).toBe(2)
    one.setLinkFault(two.self, null)
    await until(() => one.peers().length === 1 && two.peers().length === 1, 'healed')
    one.send(two.self, 'consensus', new Uint8Array([2]))
    await until(() => pair[1].frames.length === 1, 'frames flow')
    expect(pair[1].frames[0]?.frame).toEqual(new Uint8Array([2]))
  })

  test('a slow link delays frames of both directions and keeps their order', async () => {
    const pair = [await start(1), await start(2)] as const
    await connectAll(pair)
    const [one, two] = [pair[0].network, pair[1].network]
    one.setLinkFault(two.self, { drop: false, delayMs: 150, jitterMs: 50 })
    const sentMs = performance.now()
    for (let i = 0; i < 50; i++) {
      one.send(two.self, 'consensus', numbered(i, 100))
      two.send(one.self, 'consensus', numbered(i, 100))
    }
    await until(() => pair.some((host) => host.frames.length > 0), 'the first frame')
    expect(performance.now() - sentMs).toBeGreaterThanOrEqual(99)
    await until(() => pair.every((host) => host.frames.length === 50), 'all frames')
    for (const host of pair)
      expect(host.frames.map(({ frame }) => numberOf(frame))).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })
})
