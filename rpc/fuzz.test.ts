// Owns: nonsense over real sockets: always exactly one answer (or none where none is due), never a crash.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callHttp, openWs, sendRaw } from '../test/helpers/rpc-client.ts'
import type { WsClient } from '../test/helpers/rpc-client.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'

let rpc: Awaited<ReturnType<typeof startRpc>>
let ws: WsClient
let methods: string[]

beforeAll(async () => {
  rpc = await startRpc()
  rpc.node.commitBlock()
  ws = await openWs(rpc.port)
  methods = (await callHttp(rpc.port, 'rpc_methods')).result as string[]
})
afterAll(async () => {
  await ws.close()
  await rpc.stop()
})

type Message = { jsonrpc?: unknown; id?: unknown; result?: unknown; error?: { code?: unknown; message?: unknown } }

/** One reply object of the specification: a version, an id, and exactly one of result and error. */
function isReply(value: unknown): boolean {
  const { jsonrpc, id, error, ...rest } = value as Message
  if (jsonrpc !== '2.0' || id === undefined) return false
  if ('result' in rest) return error === undefined
  return typeof error?.code === 'number' && typeof error.message === 'string'
}

/** The number of answers due to a JSON value: one, or as many as its batch holds calls. */
function dueReplies(value: unknown): number {
  if (!Array.isArray(value) || value.length === 0 || value.length > 100) return isNotification(value) ? 0 : 1
  return value.filter((item) => !isNotification(item)).length
}

function isNotification(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.hasOwn(value, 'id')) return false
  const { jsonrpc, method, params } = value as Record<string, unknown>
  const hasGoodParams = !Object.hasOwn(value, 'params') || (typeof params === 'object' && params !== null)
  return jsonrpc === '2.0' && typeof method === 'string' && hasGoodParams
}

async function expectAnswered(bytes: Uint8Array, due: number): Promise<void> {
  const { status, text } = await sendRaw({ port: rpc.port }, bytes)
  if (due === 0) {
    expect([status, text]).toEqual([204, ''])
    return
  }
  expect(status).toBe(200)
  const reply = JSON.parse(text) as unknown
  const replies = Array.isArray(reply) ? reply : [reply]
  expect(replies).toHaveLength(due)
  expect(replies.every(isReply)).toBe(true)
}

async function expectAnsweredByWs(bytes: Uint8Array, due: number): Promise<void> {
  ws.messages.length = 0
  ws.send(bytes)
  await ws.call('rpc_version')
  await ws.call('rpc_version')
  const answers = ws.messages.filter(({ id, method }) => method === undefined && !String(id).startsWith('call-'))
  expect(answers).toHaveLength(due === 0 ? 0 : 1)
  expect(answers.flat().every(isReply)).toBe(true)
  expect(answers.flat()).toHaveLength(due)
}

const utf8 = new TextEncoder()
const id = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.boolean(), fc.jsonValue({ maxDepth: 1 }))
// Methods that wait are left out: their answers come when they are due, not at once.
const method = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'chain_head',
    'state_get',
    'tx_submit',
    'tx_build',
    'events_query',
    'sub_unsubscribe',
    'account_get',
    'constructor',
    '__proto__',
  ),
)
const request = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) }),
    id,
    method,
    params: fc.jsonValue({ maxDepth: 3 }),
  },
  { requiredKeys: [] },
)

describe('nonsense', () => {
  it('as bytes gets one answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        let due = 1
        try {
          due = dueReplies(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)))
        } catch {
          due = 1
        }
        await expectAnswered(bytes, due)
      }),
      { numRuns: 200 },
    )
  })

  it('as JSON gets one answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await expectAnswered(utf8.encode(JSON.stringify(value)), dueReplies(value))
      }),
      { numRuns: 200 },
    )
  })

  it('as requests and batches gets as many answers as are due, by HTTP', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.array(request, { maxLength: 6 })), async (value) => {
        const sent = JSON.stringify(value)
        await expectAnswered(utf8.encode(sent), dueReplies(JSON.parse(sent)))
      }),
      { numRuns: 300 },
    )
  })

  it('as requests and batches gets as many answers as are due, by WebSocket', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.array(request, { maxLength: 6 })), async (value) => {
        const sent = JSON.stringify(value)
        await expectAnsweredByWs(utf8.encode(sent), dueReplies(JSON.parse(sent)))
      }),
      { numRuns: 200 },
    )
  })

  it('as parameters of every method gets one answer that is no fault of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }), async (params) => {
        for (const name of methods.filter((known) => !/^tx_wait|AndWait$/.test(known))) {
          const reply = await callHttp(rpc.port, name, params)
          expect(isReply(reply)).toBe(true)
          expect(reply.error?.code).not.toBe(-32603)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('that is not UTF-8 gets one parse error, by both transports', async () => {
    for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0x22, 0xf5, 0x80, 0x80, 0x80, 0x22]]) {
      await expectAnswered(new Uint8Array(bytes), 1)
      await expectAnsweredByWs(new Uint8Array(bytes), 1)
    }
    ws.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false })
    const [reply] = await ws.waitFor(1, ({ error }) => error?.code === -32700)
    expect(reply).toMatchObject({ id: null, error: { code: -32700 } })
  })

  it('nested deeply or long gets one answer', async () => {
    const texts = [
      '['.repeat(1_000_000),
      '{"a":'.repeat(200_000),
      `"${'x'.repeat(1_000_000)}"`,
      `{"jsonrpc":"2.0","method":"${'x'.repeat(900_000)}","id":1}`,
      `[${'1,'.repeat(400_000)}1]`,
    ]
    for (const text of texts) {
      await expectAnswered(utf8.encode(text), 1)
      await expectAnsweredByWs(utf8.encode(text), 1)
    }
  })

  it('as a huge id is echoed or refused, never changed', async () => {
    const long = 'i'.repeat(900_000)
    const echo = async (text: string): Promise<unknown> =>
      (JSON.parse((await sendRaw({ port: rpc.port }, `{"jsonrpc":"2.0","method":"rpc_version","id":${text}}`)).text) as Message)
        .id
    expect(await echo(`"${long}"`)).toBe(long)
    expect(await echo('9007199254740991')).toBe(9_007_199_254_740_991)
    expect(await echo('9007199254740993')).toBe(null)
    expect(await echo('-1e400')).toBe(null)
    expect(await echo('"\\u0000\\"\\\\\\ud800"')).toBe('\u0000"\\\ud800')
  })

  it('leaves the node answering and its log without a fault', async () => {
    expect((await callHttp(rpc.port, 'chain_head')).result.value.height).toBe(1)
    expect(rpc.log.lines.filter((line) => line.startsWith('error'))).toEqual([])
  })
})
