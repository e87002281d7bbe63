// Owns: streams over WebSocket and Server-Sent Events: order, resumption without gap or double, slow clients.
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { ALICE, BOB, createFakeNode, wireOf } from '../test/helpers/fake-node.ts'
import type { FakeNode } from '../test/helpers/fake-node.ts'
import { callHttp, openWs, sendRaw } from '../test/helpers/rpc-client.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'
import { buildLimits } from './limits.ts'
import { createFeed } from './feed.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { Delivery, Sink, StreamRequest } from './subscriptions.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})
const start: typeof startRpc = async (options) => {
  const rpc = await startRpc(options)
  stops.push(rpc.stop)
  return rpc
}

const { formatAddress } = textContextOf('devnet')

/** Commits a block of notes with the given amounts. */
async function commitNotes(node: FakeNode, amounts: readonly number[], memo = ''): Promise<void> {
  for (const amount of amounts) await node.submitTransaction(node.sign({ amount: BigInt(amount), memo }).bytes)
  node.commitBlock()
}

// biome-ignore lint/suspicious/noExplicitAny: notifications of every shape.
const isEvent = (message: any): boolean => message.method === 'sub_event'
type Noted = { readonly event: { readonly amount: string } }
// biome-ignore lint/suspicious/noExplicitAny: notifications of every shape.
const amountsOf = (messages: any[]): number[] =>
  messages.flatMap(({ params }) => params.items.map((item: Noted) => Number(item.event.amount)))

describe('a subscription over WebSocket', () => {
  it('delivers heads as chain_head gives them, in order, with rising seq and cursors', async () => {
    const { node, port } = await start()
    const client = await openWs(port)
    const { result } = await client.call('sub_subscribe', { topic: 'heads' })
    expect(result).toEqual({ subscription: 's-1', resumedFrom: 'c1.0.0' })
    for (let i = 0; i < 3; i++) node.commitBlock()
    const events = await client.waitFor(3, isEvent)
    expect(events.map(({ params }) => [params.seq, params.cursor, params.height])).toEqual([
      [1, 'c1.1.0', 1],
      [2, 'c1.2.0', 2],
      [3, 'c1.3.0', 3],
    ])
    expect(events[2].params.items).toEqual([(await client.call('chain_head')).result.value])
    expect(events[2]).toEqual({
      jsonrpc: '2.0',
      method: 'sub_event',
      params: { subscription: 's-1', seq: 3, cursor: 'c1.3.0', height: 3, items: events[2].params.items },
    })
    await client.close()
  })

  it('answers the subscription before its first event, also within a batch', async () => {
    const { node, port } = await start()
    await commitNotes(node, [1])
    const client = await openWs(port)
    client.send(
      '[{"jsonrpc":"2.0","id":1,"method":"sub_subscribe","params":["heads",null,"c1.0.0"]},{"jsonrpc":"2.0","id":2,"method":"tx_wait","params":["0x' +
        '1'.repeat(64) +
        '",50]}]',
    )
    await client.waitFor(1, isEvent)
    expect(Array.isArray(client.messages[0])).toBe(true)
    expect(client.messages).toHaveLength(2)
    await client.close()
  })

  it('delivers events with their place, name and fields', async () => {
    const { node, port } = await start()
    const client = await openWs(port)
    await client.call('sub_subscribe', { topic: 'events' })
    const tx = node.sign({ amount: 5n, memo: 'lunch' })
    await node.submitTransaction(tx.bytes)
    node.commitBlock()
    const [event] = await client.waitFor(1, isEvent)
    expect(event.params.items).toEqual([
      {
        height: 1,
        txIndex: 0,
        eventIndex: 0,
        tx: `0x${tx.id}`,
        event: { name: 'demo.noted', from: formatAddress(ALICE), to: formatAddress(BOB), amount: '5', memo: 'lunch' },
      },
    ])
    await client.close()
  })

  it('filters by name, by room and by account', async () => {
    const { node, port } = await start()
    const client = await openWs(port)
    const carol = ALICE.replaceAll('a1', 'ca') as typeof ALICE
    const subscribe = async (topic: string, filter: object): Promise<string> =>
      (await client.call('sub_subscribe', { topic, filter })).result.subscription
    const named = await subscribe('events', { names: ['demo.noted'] })
    const room = await subscribe('events', { names: ['demo.*'], account: formatAddress(carol) })
    const account = await subscribe('account', { account: formatAddress(carol) })
    await node.submitTransaction(node.sign({ amount: 1n }).bytes)
    await node.submitTransaction(node.sign({ amount: 2n, to: carol }).bytes)
    // A text that reads like the account is not the account.
    await node.submitTransaction(node.sign({ amount: 3n, memo: formatAddress(carol) }).bytes)
    node.commitBlock()
    const events = await client.waitFor(3, isEvent)
    const heard = Object.fromEntries(events.map((event) => [event.params.subscription, amountsOf([event])]))
    expect(heard).toEqual({ [named]: [1, 2, 3], [room]: [2], [account]: [2] })
    await client.close()
  })

  it('refuses wishes that make no sense, each with its code', async () => {
    const { node, port } = await start({ limits: { subscriptionsPerClientMax: 1 } })
    for (let i = 0; i < 5; i++) node.commitBlock()
    node.prune(4)
    const client = await openWs(port)
    const codeOf = async (params: object): Promise<unknown> => (await client.call('sub_subscribe', params)).error?.data.code
    expect(await codeOf({ topic: 'blocks' })).toBe('INVALID_PARAMS')
    expect(await codeOf({ topic: 'account' })).toBe('INVALID_PARAMS')
    expect(await codeOf({ topic: 'events', filter: { names: ['demo.notes'] } })).toBe('INVALID_PARAMS')
    expect(await codeOf({ topic: 'heads', from: 'c2.1.1' })).toBe('CURSOR_INVALID')
    expect(await codeOf({ topic: 'heads', from: 'c1.01.1' })).toBe('CURSOR_INVALID')
    expect(await codeOf({ topic: 'heads', from: 'c1.6.0' })).toBe('NODE_BEHIND')
    expect(await codeOf({ topic: 'heads', from: 'c1.3.0' })).toBe('PRUNED')
    expect(await codeOf({ topic: 'heads', from: 'final' })).toBe(undefined)
    expect(await codeOf({ topic: 'heads' })).toBe('TOO_LARGE')
    expect((await callHttp(port, 'sub_subscribe', { topic: 'heads' })).error?.code).toBe(-32601)
    await client.close()
  })

  it('ends by sub_unsubscribe and can begin again', async () => {
    const { node, port, server } = await start()
    const client = await openWs(port)
    const { result } = await client.call('sub_subscribe', ['heads'])
    expect(server.counters().subscriptions).toBe(1)
    expect((await client.call('sub_unsubscribe', [result.subscription])).result).toBe(true)
    expect((await client.call('sub_unsubscribe', [result.subscription])).result).toBe(false)
    node.commitBlock()
    await client.call('sub_subscribe', { topic: 'heads', from: 'c1.0.0' })
    const events = await client.waitFor(1, isEvent)
    expect(events.map(({ params }) => params.subscription)).toEqual(['s-2'])
    await client.close()
  })

  it('catches up over long history and then follows the head', async () => {
    const { node, port } = await start()
    for (let i = 1; i <= 500; i++) await commitNotes(node, i % 5 === 0 ? [] : [1_000 + i])
    const client = await openWs(port)
    await client.call('sub_subscribe', { topic: 'events', from: 'c1.0.0' })
    await commitNotes(node, [1_501])
    const events = await client.waitFor(401, isEvent)
    const expected = Array.from({ length: 501 }, (_, i) => 1_001 + i).filter((amount) => amount % 5 !== 0)
    expect(amountsOf(events)).toEqual(expected)
    await client.close()
  })

  it('delivers each event once and in order across disconnects, at another node', async () => {
    const { node, port } = await start()
    const other = await start({ fake: node })
    const heard: number[] = []
    let cursor = 'c1.0.0'
    let sent = 0
    for (let turn = 0; turn < 8; turn++) {
      const client = await openWs(turn % 2 === 0 ? port : other.port)
      await client.call('sub_subscribe', { topic: 'events', from: cursor })
      await commitNotes(
        node,
        Array.from({ length: turn % 3 }, () => ++sent + 100),
      )
      await commitNotes(node, [++sent + 100])
      const isLast = (message: { method?: string }): boolean => isEvent(message) && amountsOf([message]).includes(sent + 100)
      await client.waitFor(1, isLast)
      const events = client.messages.filter(isEvent)
      // The connection breaks after some of what was delivered: the rest must come again.
      const kept = turn % 2 === 0 ? events : events.slice(0, 1)
      heard.push(...amountsOf(kept))
      cursor = kept.at(-1)?.params.cursor ?? cursor
      client.socket.terminate()
    }
    const client = await openWs(port)
    await client.call('sub_subscribe', { topic: 'events', from: cursor })
    await commitNotes(node, [++sent + 100])
    await client.waitFor(1, (message) => isEvent(message) && amountsOf([message]).includes(sent + 100))
    heard.push(...amountsOf(client.messages.filter(isEvent)))
    expect(heard).toEqual(Array.from({ length: sent }, (_, i) => i + 101))
    await client.close()
  })

  it('tells where to resume when the node stops', async () => {
    const { node, port, server } = await startRpc()
    const client = await openWs(port)
    await client.call('sub_subscribe', { topic: 'heads' })
    node.commitBlock()
    await client.waitFor(1, isEvent)
    const closed = once(client.socket, 'close')
    await server.stop()
    const [gap] = await client.waitFor(1, (message) => message.method === 'sub_gap')
    expect(gap).toEqual({
      jsonrpc: '2.0',
      method: 'sub_gap',
      params: { subscription: 's-1', resumeFrom: 'c1.1.0', reason: 'shutdown' },
    })
    expect((await closed)[0]).toBe(1013)
  })

  it('cuts off a client that never reads, with bounded memory, while others go on', async () => {
    const { node, port, server } = await start({ limits: { clientQueueBytesMax: 50_000, slowClientMs: 50, sweepMs: 10 } })
    const slow = await openWs(port)
    const quick = await openWs(port)
    for (let i = 0; i < 16; i++) await slow.call('sub_subscribe', { topic: 'events' })
    await quick.call('sub_subscribe', { topic: 'events' })
    slow.socket.pause()
    const closed = once(slow.socket, 'close')
    let committed = 0
    // The kernel's own buffers fill first; then ours; then the client is cut.
    while (server.counters().webSockets === 2 && committed < 4_000) {
      await commitNotes(
        node,
        Array.from({ length: 40 }, () => 1),
        'x'.repeat(60),
      )
      committed += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(server.counters().webSockets).toBe(1)
    expect(server.counters().gaps).toBe(16)
    const events = await quick.waitFor(committed, isEvent)
    expect(events).toHaveLength(committed)
    slow.socket.resume()
    await closed
    await quick.close()
  })
})

describe('a stream', () => {
  const forms = (node: FakeNode) => ({ registry: node.registry, text: textContextOf('devnet') })
  const anyEvents: StreamRequest = { topic: 'events', filter: { names: null, account: null }, from: null }

  function open(limits: Partial<ReturnType<typeof buildLimits>> = {}) {
    const node = createFakeNode()
    let now = 0
    let queued = 0
    const told: (Delivery | { gap: string; reason: string })[] = []
    let closed = false
    const sink: Sink = {
      deliver: (delivery) => void told.push(delivery),
      tellGap: ({ resumeFrom, reason }) => void told.push({ gap: resumeFrom, reason }),
      queuedBytes: () => queued,
      close: () => {
        closed = true
      },
    }
    const hub = createSubscriptions({ feed: createFeed(node, forms(node)), limits: buildLimits(limits), nowMs: () => now })
    node.onCommit(hub.onCommit)
    const client = hub.openClient(sink)
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const settle = async () => {
      for (let i = 0; i < 4; i++) await turn()
    }
    return {
      node,
      hub,
      client,
      told,
      settle,
      isClosed: () => closed,
      fill: (bytes: number) => {
        queued = bytes
      },
      passTo: (ms: number) => {
        now = ms
        hub.sweep(now)
      },
    }
  }

  it('waits while its client is full and goes on where it stopped', async () => {
    const { node, client, told, settle, fill, passTo } = open({ clientQueueBytesMax: 100 })
    client.subscribe(anyEvents).start()
    fill(101)
    await commitNotes(node, [1])
    await commitNotes(node, [2])
    await settle()
    passTo(10)
    expect(told).toEqual([])
    fill(0)
    passTo(20)
    await settle()
    expect(told.map((delivery) => (delivery as Delivery).cursor)).toEqual(['c1.1.0', 'c1.2.0'])
  })

  it('tells the gap and closes after slowClientMs above the bound, not before', async () => {
    const { node, client, told, settle, fill, passTo, isClosed } = open({ clientQueueBytesMax: 100, slowClientMs: 1_000 })
    client.subscribe(anyEvents).start()
    await commitNotes(node, [1])
    await settle()
    fill(101)
    passTo(100)
    passTo(1_099)
    expect(isClosed()).toBe(false)
    passTo(1_100)
    expect([told.at(-1), isClosed()]).toEqual([{ gap: 'c1.1.0', reason: 'slow-consumer' }, true])
  })

  it('forgives a client that reads in time', () => {
    const { client, fill, passTo, isClosed } = open({ clientQueueBytesMax: 100, slowClientMs: 1_000 })
    client.subscribe(anyEvents).start()
    fill(101)
    passTo(100)
    fill(0)
    passTo(900)
    fill(101)
    passTo(1_200)
    passTo(2_000)
    expect(isClosed()).toBe(false)
  })

  it('repeats its cursor when nothing happened for a while, past blocks without its events', async () => {
    const { node, client, told, settle, passTo } = open({ heartbeatMs: 1_000 })
    client.subscribe(anyEvents).start()
    node.commitBlock()
    node.commitBlock()
    await settle()
    passTo(999)
    expect(told).toEqual([])
    passTo(1_000)
    expect(told).toEqual([{ subscription: 's-1', seq: 1, cursor: 'c1.2.0', height: 2, items: [] }])
    passTo(1_500)
    expect(told).toHaveLength(1)
  })

  it('tells a gap when the blocks it should deliver were pruned meanwhile', async () => {
    const { node, client, told, settle, fill, passTo, isClosed } = open({ clientQueueBytesMax: 100 })
    client.subscribe(anyEvents).start()
    fill(101)
    await settle()
    for (let i = 0; i < 40; i++) node.commitBlock()
    node.prune(30)
    fill(0)
    passTo(1)
    await settle()
    expect([told, isClosed()]).toEqual([[{ gap: 'c1.0.0', reason: 'pruned' }], true])
  })

  it('cuts a block of more than 256 events into deliveries that can each be resumed from', async () => {
    const { node, client, told, settle } = open()
    await commitNotes(
      node,
      Array.from({ length: 300 }, (_, i) => i + 100),
    )
    client.subscribe({ ...anyEvents, from: { height: 0, index: 0 } }).start()
    await settle()
    expect(told.map((delivery) => [(delivery as Delivery).cursor, (delivery as Delivery).items.length])).toEqual([
      ['c1.1.255', 256],
      ['c1.1.299', 44],
    ])
  })

  it('delivers the same list for every way of cutting it into connections', async () => {
    const node = createFakeNode()
    const sizes = [3, 0, 1, 0, 0, 2, 5, 0, 1]
    let sent = 100
    for (const size of sizes)
      await commitNotes(
        node,
        Array.from({ length: size }, () => sent++),
      )
    const all = Array.from({ length: sent - 100 }, (_, i) => i + 100)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 4 }), { maxLength: 12 }), async (cuts) => {
        const heard: number[] = []
        let from = { height: 0, index: 0 }
        for (const cut of [...cuts, 100]) {
          const deliveries: Delivery[] = []
          const sink = {
            deliver: (delivery: Delivery) => void deliveries.push(delivery),
            tellGap: () => undefined,
            queuedBytes: () => 0,
            close: () => undefined,
          }
          const hub = createSubscriptions({ feed: createFeed(node, forms(node)), limits: buildLimits(), nowMs: () => 0 })
          hub
            .openClient(sink)
            .subscribe({ ...anyEvents, from })
            .start()
          await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
          for (const { items, cursor } of deliveries.slice(0, cut)) {
            heard.push(...items.map((item) => Number((JSON.parse(item) as { event: { amount: string } }).event.amount)))
            const [, height, index] = cursor.split('.').map(Number)
            from = { height: height as number, index: index as number }
          }
        }
        expect(heard).toEqual(all)
      }),
      { numRuns: 40 },
    )
  })
})

describe('GET /events', () => {
  const openStream = (port: number, path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => request({ port, path, headers }, resolve).on('error', reject).end())

  /** The first `count` events of a stream, ids and parsed data. */
  async function readEvents(
    response: IncomingMessage,
    count: number,
  ): Promise<{ id: string | undefined; event: string | undefined; data: { items: unknown[] } }[]> {
    let text = ''
    response.setEncoding('utf8')
    for await (const chunk of response) {
      text += chunk as string
      const parts = text.split('\n\n').slice(0, -1)
      if (parts.length < count) continue
      response.destroy()
      return parts.slice(0, count).map((part) => {
        const fields = Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
        return { id: fields['id'], event: fields['event'], data: JSON.parse(fields['data'] as string) }
      })
    }
    throw new Error(`the stream ended after: ${text}`)
  }

  it('streams events with their cursor as id and resumes by Last-Event-ID', async () => {
    const { node, port, server } = await start()
    await commitNotes(node, [1, 2])
    await commitNotes(node, [3])
    const response = await openStream(port, '/events?cursor=c1.0.0')
    expect(response.headers['content-type']).toBe('text/event-stream')
    expect(server.counters().eventStreams).toBe(1)
    const [opened, first, second] = await readEvents(response, 3)
    expect([opened?.event, opened?.id]).toEqual(['open', 'c1.0.0'])
    expect([first?.event, first?.id, first?.data.items.length]).toEqual(['items', 'c1.1.1', 2])
    expect([second?.id, second?.data.items.length]).toEqual(['c1.2.0', 1])
    const resumed = await readEvents(await openStream(port, '/events?cursor=c1.0.0', { 'last-event-id': 'c1.1.0' }), 3)
    expect(resumed.map(({ id, data }) => [id, data.items?.length])).toEqual([
      ['c1.1.0', undefined],
      ['c1.1.1', 1],
      ['c1.2.0', 1],
    ])
  })

  it('streams heads and filtered events', async () => {
    const { node, port } = await start()
    await commitNotes(node, [1])
    const heads = await readEvents(await openStream(port, '/events?topic=heads&cursor=c1.0.0'), 2)
    expect(heads[1]?.data.items).toEqual([(await callHttp(port, 'chain_head')).result.value])
    const path = `/events?topic=account&account=${formatAddress(BOB)}&names=demo.noted&cursor=c1.0.0`
    expect((await readEvents(await openStream(port, path), 2))[1]?.data.items).toHaveLength(1)
  })

  it('refuses bad wishes with 400 and an error that names the field', async () => {
    const { port } = await start()
    const read = async (path: string) => {
      const { status, text } = await sendRaw({ port, path, method: 'GET' })
      return [status, (JSON.parse(text) as { error: { data: { code: string } } }).error.data.code]
    }
    expect(await read('/events?cursor=x')).toEqual([400, 'CURSOR_INVALID'])
    expect(await read('/events?topic=blocks')).toEqual([400, 'INVALID_PARAMS'])
    expect(await read('/events?account=narud1x')).toEqual([400, 'INVALID_PARAMS'])
    expect(await read('/events?merchant=17')).toEqual([400, 'INVALID_PARAMS'])
    expect(await read('/events?color=red')).toEqual([400, 'INVALID_PARAMS'])
    expect(await read('/events?cursor=c1.9.0')).toEqual([400, 'NODE_BEHIND'])
  })

  it('refuses streams beyond the bound with 503', async () => {
    const { port } = await start({ limits: { eventStreamsMax: 1 } })
    const response = await openStream(port, '/events')
    expect((await sendRaw({ port, path: '/events', method: 'GET' })).status).toBe(503)
    response.destroy()
  })

  it('is the same list as events_query', async () => {
    const { node, port } = await start()
    for (let i = 1; i <= 6; i++)
      await commitNotes(
        node,
        Array.from({ length: i % 3 }, () => i),
      )
    const streamed = await readEvents(await openStream(port, '/events?cursor=c1.0.0'), 5)
    const { result } = await callHttp(port, 'events_query', {})
    expect(streamed.slice(1).flatMap(({ data }) => data.items)).toEqual(result.value.items)
    expect(wireOf(node.sign({ amount: 1n }))).toMatch(/^0x/)
  })
})

describe('streams that catch up', () => {
  it('share each turn of the loop: together they look at no more events than the bound, and all arrive', async () => {
    const node = createFakeNode()
    for (let block = 0; block < 12; block++) {
      for (let count = 0; count < 5; count++) await node.submitTransaction(node.sign({ amount: 1n, lane: count }).bytes)
      node.commitBlock()
    }
    const feed = createFeed(node, { registry: node.registry, text: textContextOf('devnet') })
    let reads = 0
    const read = (height: number) => {
      reads += 1
      return feed.read(height)
    }
    const counted = { ...feed, read }
    const limits = buildLimits({ scanEventsMax: 10 })
    const subscriptions = createSubscriptions({ feed: counted, limits, nowMs: () => 0 })
    const heard: number[] = []
    const sink = {
      deliver: ({ height }: Delivery) => void heard.push(height),
      tellGap: () => undefined,
      queuedBytes: () => 0,
      close: () => undefined,
    }
    const streams = 4
    for (let count = 0; count < streams; count++) {
      const filter = { names: null, account: null }
      subscriptions
        .openClient(sink)
        .subscribe({ topic: 'events', filter, from: { height: 0, index: 0 } })
        .start()
    }
    let most = 0
    for (let turn = 0; turn < 100 && heard.length < 12 * streams; turn++) {
      reads = 0
      await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, reads)
    }
    expect(heard.length).toBe(12 * streams)
    // Two blocks of five events are the bound of a turn.
    expect(most).toBe(2)
  })
})
