// Owns: questions and answers between real hosts. Not here: gates and buckets on their own (link-faults.test.ts).
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../../core/base/limits.ts'
import { connectAll, CUT, dialHost, NETWORK_NAME, startHost, startRawClient, until } from '../../test/helpers/network-hosts.ts'
import type { TestHost } from '../../test/helpers/network-hosts.ts'

let one: TestHost
let two: TestHost

beforeEach(async () => {
  one = await startHost(1)
  two = await startHost(2)
  await connectAll([one, two])
})

afterEach(async () => {
  await Promise.all([one.network.stop(), two.network.stop()])
})

function ask(protocol: 'status' | 'body' | 'blocks', request: Uint8Array, timeoutMs = 5_000): Promise<Uint8Array> {
  return one.network.request(two.network.self, protocol, request, timeoutMs)
}

describe('requests', () => {
  test('the answer belongs to the question and the protocol', async () => {
    two.answer = (protocol, request) => Promise.resolve(new Uint8Array([protocol.length, ...request]))
    expect(await ask('status', new Uint8Array([1, 2]))).toEqual(new Uint8Array([6, 1, 2]))
    expect(await ask('body', new Uint8Array([3]))).toEqual(new Uint8Array([4, 3]))
    expect(await ask('blocks', new Uint8Array(0))).toEqual(new Uint8Array([6]))
  })

  test('an answer of the full limit arrives intact', async () => {
    const answer = new Uint8Array(LIMITS.syncResponseBytesMax).map((_, i) => i % 251)
    two.answer = () => Promise.resolve(answer)
    expect(Buffer.compare(await ask('blocks', new Uint8Array(1), 20_000), answer)).toBe(0)
  })

  test('twelve requests at once are all answered', async () => {
    two.answer = (_protocol, request) => Promise.resolve(request)
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => ask('body', new Uint8Array([i]))))
    expect(answers).toEqual(Array.from({ length: 12 }, (_, i) => new Uint8Array([i])))
  })

  test('no answer is PEER_CLOSED', async () => {
    two.answer = () => Promise.resolve(null)
    await expect(ask('status', new Uint8Array(1))).rejects.toMatchObject({ name: 'NodeError', code: 'PEER_CLOSED' })
  })

  test('a handler that throws is PEER_CLOSED and harms nobody', async () => {
    two.answer = () => Promise.reject(new Error('broken handler'))
    await expect(ask('status', new Uint8Array(1))).rejects.toMatchObject({ code: 'PEER_CLOSED' })
    two.answer = (_protocol, request) => Promise.resolve(request)
    expect(await ask('status', new Uint8Array([5]))).toEqual(new Uint8Array([5]))
  })

  test('an answer that does not come in time is PEER_TIMEOUT', async () => {
    two.answer = () => new Promise(() => {})
    await expect(ask('status', new Uint8Array(1), 100)).rejects.toMatchObject({ code: 'PEER_TIMEOUT' })
  })

  test('a peer that is not connected is PEER_CLOSED', async () => {
    one.network.setLinkFault(two.network.self, CUT)
    await until(() => one.network.peers().length === 0, 'cut off')
    await expect(ask('status', new Uint8Array(1))).rejects.toMatchObject({ code: 'PEER_CLOSED' })
  })

  test('a request over the limit is PEER_TOO_LARGE and is not sent', async () => {
    await expect(ask('status', new Uint8Array(4_097))).rejects.toMatchObject({ code: 'PEER_TOO_LARGE' })
    expect(two.network.counters().requestsIn).toBe(0)
  })

  test('an own answer over the limit is not sent', async () => {
    two.answer = () => Promise.resolve(new Uint8Array(4_097))
    await expect(ask('status', new Uint8Array(1))).rejects.toMatchObject({ code: 'PEER_CLOSED' })
    expect(two.warnings).toEqual(['Own answer is over the limit and was not sent'])
  })

  test('an answer over the limit is PEER_TOO_LARGE and penalises the sender', async () => {
    const client = await startRawClient(99, () => {})
    await client.handle(`/naru/${NETWORK_NAME}/status/1`, (stream) => {
      stream.send(new Uint8Array([0, 1, 0, 0, 1, 1, 1]))
    })
    const peer = client.peerId.toString()
    one.network.setAllowed([{ peer, addresses: [] }])
    await dialHost(client, one)
    await until(() => one.network.peers()[0]?.peer === peer, 'connected')
    await expect(one.network.request(peer, 'status', new Uint8Array(1), 5_000)).rejects.toMatchObject({ code: 'PEER_TOO_LARGE' })
    expect(one.network.counters().penalties).toBe(1)
    await client.stop()
  })

  test('more than two running and sixteen waiting requests are refused at once', async () => {
    two.answer = () => new Promise(() => {})
    const outcomes = Array.from({ length: 19 }, () => ask('status', new Uint8Array(1), 300).catch((error) => error.code))
    expect(await outcomes.at(-1)).toBe('PEER_CLOSED')
    expect(await Promise.all(outcomes.slice(0, 18))).toEqual(Array.from({ length: 18 }, () => 'PEER_TIMEOUT'))
  })

  test('a peer that asks too fast is refused and others are served', async () => {
    two.answer = (_protocol, request) => Promise.resolve(request)
    const outcomes: string[] = []
    for (let i = 0; i < 60; i++)
      outcomes.push(
        await ask('status', new Uint8Array(1)).then(
          () => 'ok',
          (error) => error.code,
        ),
      )
    expect(outcomes.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => 'ok'))
    expect(outcomes).toContain('PEER_CLOSED')
    expect(await ask('body', new Uint8Array([1]))).toEqual(new Uint8Array([1]))
  })

  test('a slow link delays question and answer', async () => {
    two.answer = (_protocol, request) => Promise.resolve(request)
    one.network.setLinkFault(two.network.self, { drop: false, delayMs: 100, jitterMs: 0 })
    const sentMs = performance.now()
    await ask('status', new Uint8Array(1))
    expect(performance.now() - sentMs).toBeGreaterThanOrEqual(195)
  })
})
