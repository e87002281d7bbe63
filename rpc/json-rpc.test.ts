// Owns: the rules of JSON-RPC 2.0, over HTTP and over WebSocket, with the examples of the specification first.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openWs, sendRaw } from '../test/helpers/rpc-client.ts'
import type { WsClient } from '../test/helpers/rpc-client.ts'
import { createSpecDispatch, startSpec } from '../test/helpers/rpc-listeners.ts'

type Spec = Awaited<ReturnType<typeof startSpec>>
let spec: Spec
let ws: WsClient

beforeAll(async () => {
  spec = await startSpec()
  ws = await openWs(spec.port)
})
afterAll(async () => {
  await ws.close()
  await spec.stop()
})
beforeEach(() => {
  spec.heard.length = 0
})

/** Error replies are compared by code and id; the rest of the error is free. */
function plain(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(plain)
  const { error, ...rest } = reply as { error?: { code: number } }
  return error === undefined ? rest : { ...rest, error: error.code }
}

const overHttp = async (text: string): Promise<unknown> => {
  const answer = await sendRaw({ port: spec.port }, text)
  if (answer.status === 204) return answer.text === '' ? 'nothing' : 'a body with 204'
  return plain(JSON.parse(answer.text))
}

/** The answer that arrives within two round trips, or nothing. */
const overWs = async (text: string): Promise<unknown> => {
  ws.messages.length = 0
  ws.send(text)
  // The second round trip lets answers that come later arrive too.
  await ws.call('get_data')
  await ws.call('get_data')
  const answers = ws.messages.filter(({ id }) => !String(id).startsWith('call-'))
  if (answers.length === 0) return 'nothing'
  return answers.length === 1 ? plain(answers[0]) : `${answers.length} answers`
}

const ok = (id: unknown, result: unknown) => ({ jsonrpc: '2.0', id, result })
const bad = (id: unknown, error: number) => ({ jsonrpc: '2.0', id, error })

const EXCHANGES: readonly (readonly [name: string, sent: string, answer: unknown])[] = [
  ['positional parameters', '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}', ok(1, 19)],
  [
    'positional parameters the other way round',
    '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
    ok(2, -19),
  ],
  [
    'named parameters',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    ok(3, 19),
  ],
  [
    'named parameters in another order',
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
    ok(4, 19),
  ],
  ['a notification', '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', 'nothing'],
  ['a notification of an unknown method', '{"jsonrpc": "2.0", "method": "foobar"}', 'nothing'],
  ['a call of an unknown method', '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', bad('1', -32601)],
  ['invalid JSON', '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', bad(null, -32700)],
  ['an invalid request', '{"jsonrpc": "2.0", "method": 1, "params": "bar"}', bad(null, -32600)],
  [
    'a batch of invalid JSON',
    '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]',
    bad(null, -32700),
  ],
  ['an empty batch', '[]', bad(null, -32600)],
  ['an invalid batch that is not empty', '[1]', [bad(null, -32600)]],
  ['an invalid batch of three', '[1,2,3]', [bad(null, -32600), bad(null, -32600), bad(null, -32600)]],
  [
    'a mixed batch',
    `[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
      {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
      {"foo": "boo"},
      {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
      {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]`,
    [ok('1', 7), ok('2', 19), bad(null, -32600), bad('5', -32601), ok('9', ['hello', 5])],
  ],
  [
    'a batch of notifications',
    '[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]',
    'nothing',
  ],
]

const RULES: readonly (readonly [name: string, sent: string, answer: unknown])[] = [
  ['id null is a call and not a notification', '{"jsonrpc":"2.0","method":"get_data","id":null}', ok(null, ['hello', 5])],
  ['a number id comes back as a number', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":0}', ok(0, 1)],
  ['a text id comes back as text', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":"0"}', ok('0', 1)],
  ['an empty text is an id', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":""}', ok('', 1)],
  ['a fraction is an id', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":1.5}', ok(1.5, 1)],
  [
    'an id beyond 2^53 cannot be echoed and is refused',
    '{"jsonrpc":"2.0","method":"sum","params":[1],"id":12345678901234567890}',
    bad(null, -32600),
  ],
  ['an infinite id is refused', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":1e999}', bad(null, -32600)],
  ['an object is no id', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":{}}', bad(null, -32600)],
  ['a list is no id', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":[1]}', bad(null, -32600)],
  ['a boolean is no id', '{"jsonrpc":"2.0","method":"sum","params":[1],"id":true}', bad(null, -32600)],
  ['version 1.0 is refused with its id', '{"jsonrpc":"1.0","method":"sum","params":[1],"id":4}', bad(4, -32600)],
  ['version as a number is refused', '{"jsonrpc":2.0,"method":"sum","params":[1],"id":4}', bad(4, -32600)],
  ['a missing version is refused', '{"method":"sum","params":[1],"id":4}', bad(4, -32600)],
  ['a missing method is refused', '{"jsonrpc":"2.0","id":4}', bad(4, -32600)],
  ['params as text are refused', '{"jsonrpc":"2.0","method":"sum","params":"1","id":4}', bad(4, -32600)],
  ['params null are refused', '{"jsonrpc":"2.0","method":"sum","params":null,"id":4}', bad(4, -32600)],
  ['too many positional params are refused', '{"jsonrpc":"2.0","method":"subtract","params":[1,2,3],"id":4}', bad(4, -32602)],
  ['an unknown named param is refused', '{"jsonrpc":"2.0","method":"subtract","params":{"minuent":1},"id":4}', bad(4, -32602)],
  ['names that begin with rpc. are reserved', '{"jsonrpc":"2.0","method":"rpc.anything","id":4}', bad(4, -32601)],
  ['names of object members are no methods', '{"jsonrpc":"2.0","method":"constructor","id":4}', bad(4, -32601)],
  [
    'of a key that stands twice the last one counts',
    '{"jsonrpc":"2.0","method":"sum","params":[1],"params":[2],"id":1,"id":2}',
    ok(2, 2),
  ],
  ['a fault of ours is -32603', '{"jsonrpc":"2.0","method":"fail","id":4}', bad(4, -32603)],
  ['a notification that fails stays silent', '{"jsonrpc":"2.0","method":"fail"}', 'nothing'],
  ['a notification with bad params stays silent', '{"jsonrpc":"2.0","method":"subtract","params":{"x":1}}', 'nothing'],
  ['a text is no request', '"hello"', bad(null, -32600)],
  ['null is no request', 'null', bad(null, -32600)],
  ['empty text is no JSON', ' ', bad(null, -32700)],
  ['a byte order mark is no JSON', '\ufeff{"jsonrpc":"2.0","method":"get_data","id":1}', bad(null, -32700)],
  ['a list within a batch is no request', '[[{"jsonrpc":"2.0","method":"get_data","id":1}]]', [bad(null, -32600)]],
  [
    'two notifications and a call in a batch give one answer',
    '[{"jsonrpc":"2.0","method":"update"},{"jsonrpc":"2.0","method":"later","id":1},{"jsonrpc":"2.0","method":"update"}]',
    [ok(1, 'done')],
  ],
  [
    'brackets within texts do not nest',
    `{"jsonrpc":"2.0","method":"big","params":{"letters":1,"say":"${'['.repeat(60)}\\"${'{'.repeat(3)}"},"id":1}`,
    ok(1, 'x'),
  ],
]

for (const [transport, exchange] of [
  ['HTTP', overHttp],
  ['WebSocket', overWs],
] as const) {
  describe(`the examples of the specification over ${transport}`, () => {
    it.each(EXCHANGES)('answer %s', async (_name, sent, answer) => {
      expect(await exchange(sent)).toEqual(answer)
    })

    it('runs notifications although nobody hears of it', async () => {
      await exchange('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}')
      expect(spec.heard).toEqual([['update', { a: 1, b: 2, c: 3, d: 4, e: 5 }]])
    })
  })

  describe(`the rules over ${transport}`, () => {
    it.each(RULES)('%s', async (_name, sent, answer) => {
      expect(await exchange(sent)).toEqual(answer)
    })

    it('refuses nesting beyond the bound without reading it', async () => {
      expect(await exchange(`${'['.repeat(65)}${']'.repeat(65)}`)).toEqual(bad(null, -32700))
      expect(await exchange(`${'[{"a":'.repeat(50_000)}`)).toEqual(bad(null, -32700))
    })

    it('takes a batch of 100 and refuses one of 101 with one object', async () => {
      const one = '{"jsonrpc":"2.0","method":"sum","params":[1],"id":1}'
      expect(await exchange(`[${Array(100).fill(one).join(',')}]`)).toEqual(Array(100).fill(ok(1, 1)))
      expect(await exchange(`[${Array(101).fill(one).join(',')}]`)).toEqual(bad(null, 1202))
    })
  })
}

describe('a dispatch', () => {
  const call = (params: object) => new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id: 1, ...params }))
  const caller = { streams: null, afterReply: () => undefined, spend: () => null }

  it('has exactly one of result and error in each reply', () => {
    const { dispatch } = createSpecDispatch()
    for (const method of ['get_data', 'fail', 'nothing']) {
      const reply = JSON.parse(String(dispatch(call({ method }), caller))) as object
      expect('result' in reply).toBe(!('error' in reply))
    }
  })

  it('names the nearest method and parameter', () => {
    const { dispatch } = createSpecDispatch()
    const reply = JSON.parse(String(dispatch(call({ method: 'substract' }), caller)))
    expect(reply.error).toMatchObject({ code: -32601, data: { nearest: 'subtract' } })
    const other = JSON.parse(String(dispatch(call({ method: 'subtract', params: { minuent: 1 } }), caller)))
    expect(other.error).toMatchObject({ code: -32602, data: { field: 'minuent', nearest: 'minuend' } })
    expect(other.error.message).toBe('There is no parameter minuent; did you mean minuend?')
  })

  it('answers DEADLINE for a call that never ends', async () => {
    const { dispatch } = createSpecDispatch({ deadlineMs: 20 })
    const reply = JSON.parse(String(await dispatch(call({ method: 'never' }), caller)))
    expect(reply.error).toMatchObject({ code: 1203, data: { code: 'DEADLINE', retryable: true } })
  })

  it('answers TOO_LARGE in place of a result above the bound', () => {
    const { dispatch } = createSpecDispatch({ responseBytesMax: 1_000 })
    const reply = JSON.parse(String(dispatch(call({ method: 'big', params: { letters: 1_001 } }), caller)))
    expect(reply).toMatchObject({ id: 1, error: { code: 1202 } })
  })

  it('keeps a batch’s answer below the bound, one reply for each call', () => {
    const { dispatch } = createSpecDispatch({ responseBytesMax: 3_000 })
    const calls = [1, 2, 3, 4].map((id) => ({ jsonrpc: '2.0', method: 'big', params: { letters: 900 }, id }))
    const replies = JSON.parse(String(dispatch(new TextEncoder().encode(JSON.stringify(calls)), caller)))
    expect(replies.map((reply: { id: number; error?: { code: number } }) => [reply.id, reply.error?.code])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [4, 1202],
    ])
  })

  it('counts a batch’s calls one by one', () => {
    const { dispatch, counters } = createSpecDispatch()
    const calls = [1, 2, 3].map((id) => ({ jsonrpc: '2.0', method: id === 3 ? 'fail' : 'sum', params: [], id }))
    expect(dispatch(new TextEncoder().encode(JSON.stringify(calls)), caller)).toBeTypeOf('string')
    expect(counters.read().get('sum')).toMatchObject({ calls: 2, errors: 0 })
    expect(counters.read().get('fail')).toMatchObject({ calls: 1, errors: 1 })
  })

  it('answers a costly batch over several turns of the loop, in order and whole', async () => {
    let now = 0
    const tick = (): number => {
      now += 40
      return now
    }
    const { dispatch } = createSpecDispatch({}, tick)
    const calls = Array.from({ length: 20 }, (_, id) => ({ jsonrpc: '2.0', method: 'sum', params: [id], id }))
    const answer = dispatch(new TextEncoder().encode(JSON.stringify(calls)), caller)
    expect(answer).toBeInstanceOf(Promise)
    let turns = 0
    let done = false
    const count = (): void => {
      turns += 1
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    const replies = JSON.parse(String(await answer)) as { id: number; result: number }[]
    done = true
    expect(replies.map(({ id, result }) => [id, result])).toEqual(calls.map(({ id }) => [id, id]))
    expect(turns).toBeGreaterThan(1)
  })

  it('logs a fault of ours and tells the caller nothing of it', () => {
    const { dispatch, log } = createSpecDispatch()
    const reply = String(dispatch(call({ method: 'fail' }), caller))
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toContain('RPC method failed')
    expect(reply).not.toContain('SyntaxError')
  })

  it('charges each call of a batch and refuses those that are not paid', () => {
    const { dispatch } = createSpecDispatch()
    let left = 2
    const spend = (cost: number): number | null => {
      left -= cost
      return left >= 0 ? null : 250
    }
    const calls = [1, 2, 3].map((id) => ({ jsonrpc: '2.0', method: 'sum', params: [], id }))
    const replies = JSON.parse(String(dispatch(new TextEncoder().encode(JSON.stringify(calls)), { ...caller, spend })))
    expect(replies[2].error).toMatchObject({ code: 1201, data: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 250 } })
    expect([replies[0].result, replies[1].result]).toEqual([0, 0])
  })
})
