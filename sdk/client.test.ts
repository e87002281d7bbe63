// Owns: tests of calls over HTTP against a server that answers as it is told. Not here: streams (stream.test.ts), real nodes (node.test.ts).
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import { RpcError } from './errors.ts'

type Request = { id: number; method: string; params: Record<string, unknown> }
type Respond = (body: Request | Request[], response: ServerResponse, request: IncomingMessage) => void

const open: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function serve(
  respond: Respond,
  port = 0,
): Promise<{ url: string; port: number; server: Server; connections: () => number }> {
  let connections = 0
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => respond(JSON.parse(text), response, request))
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const at = server.address() as AddressInfo
  open.push(() => stop(server))
  return { url: `http://127.0.0.1:${at.port}/`, port: at.port, server, connections: () => connections }
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function client(url: string, timeoutMs = 5_000): Client {
  const made = createClient({ url, timeoutMs })
  open.push(async () => made.close())
  return made
}

const answer = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
const echo: Respond = (body, response) => {
  const one = ({ id, method, params }: Request) => ({ jsonrpc: '2.0', id, result: { method, params } })
  // Replies of a batch in another order than its calls.
  answer(response, Array.isArray(body) ? body.map(one).reverse() : one(body))
}

describe('a call', () => {
  test('sends JSON-RPC 2.0 and gives the result', async () => {
    const heard: unknown[] = []
    const { url } = await serve((body, response, request) => {
      heard.push(body, request.method, request.headers['content-type'])
      echo(body, response, request)
    })
    expect(await client(url).call('state_get', { key: 'a/b' })).toEqual({ method: 'state_get', params: { key: 'a/b' } })
    expect(heard).toEqual([{ jsonrpc: '2.0', id: 1, method: 'state_get', params: { key: 'a/b' } }, 'POST', 'application/json'])
  })

  test('leaves its connection to the next', async () => {
    const { url, connections } = await serve(echo)
    const one = client(url)
    for (let i = 0; i < 30; i++) await one.call('node_info')
    expect(connections()).toBeLessThan(4)
  })

  test('gives the node’s error with code and data, whatever the HTTP status', async () => {
    const error = {
      code: 1103,
      message: 'This node is at 3, you asked for at least 9.',
      data: { code: 'NODE_BEHIND', retryable: true, have: 3, want: 9 },
    }
    for (const status of [200, 429, 503]) {
      const { url } = await serve((body, response) =>
        answer(response, { jsonrpc: '2.0', id: (body as Request).id, error }, status),
      )
      const thrown = await client(url)
        .call('chain_head')
        .catch((cause: unknown) => cause)
      expect(thrown).toBeInstanceOf(RpcError)
      expect(thrown).toMatchObject({ code: 1103, message: error.message, data: error.data })
    }
  })

  test('takes an error without an id, and one of no known form', async () => {
    const { url } = await serve((body, response) => {
      const { method } = body as Request
      answer(response, { jsonrpc: '2.0', id: null, error: method === 'a' ? { code: -32700, message: 'no JSON' } : 'broken' })
    })
    await expect(client(url).call('a')).rejects.toMatchObject({ code: -32700, message: 'no JSON', data: {} })
    await expect(client(url).call('b')).rejects.toMatchObject({ code: -32603 })
  })

  test('refuses what is no answer to it', async () => {
    const answers: unknown[] = [
      '<html>Bad gateway</html>',
      '',
      { jsonrpc: '2.0', id: 99, result: 1 },
      { jsonrpc: '2.0', id: 1 },
      [],
      'null',
    ]
    for (const other of answers) {
      const { url } = await serve((_body, response) => answer(response, other))
      await expect(client(url).call('chain_head')).rejects.toMatchObject({ name: 'NodeError', code: 'RPC_BAD_ANSWER' })
    }
  })

  test('ends by its own timeout or the client’s', async () => {
    const { url } = await serve(() => undefined)
    await expect(client(url, 50).call('chain_head')).rejects.toMatchObject({ code: 'RPC_TIMEOUT' })
    await expect(client(url).call('chain_head', {}, { timeoutMs: 40 })).rejects.toThrow('gave no answer within 40 ms')
    await expect(client(url, 50).batch([{ method: 'a' }])).rejects.toMatchObject({ code: 'RPC_TIMEOUT' })
  })

  test('says that nobody listens, and works again when somebody does', async () => {
    const { url, port, server } = await serve(echo)
    const one = client(url)
    await one.call('a')
    await stop(server)
    await expect(one.call('a')).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    await serve(echo, port)
    expect(await one.call('b')).toEqual({ method: 'b', params: {} })
  })

  test('fails at once when the client is closed', async () => {
    const { url } = await serve(() => undefined)
    const one = client(url)
    const call = one.call('chain_head')
    one.close()
    await expect(call).rejects.toMatchObject({ code: 'RPC_CLOSED' })
    await expect(one.call('chain_head')).rejects.toMatchObject({ code: 'RPC_CLOSED' })
  })
})

describe('a batch', () => {
  test('matches answers by id, with refusals as values', async () => {
    const { url } = await serve((body, response) => {
      const replies = (body as Request[]).map(({ id, method }) =>
        method === 'bad'
          ? { jsonrpc: '2.0', id, error: { code: 1101, message: 'none' } }
          : { jsonrpc: '2.0', id, result: method },
      )
      answer(response, replies.reverse())
    })
    const results = await client(url).batch([{ method: 'a' }, { method: 'bad' }, { method: 'c', params: { x: 1 } }])
    expect(results[0]).toBe('a')
    expect(results[1]).toMatchObject({ name: 'RpcError', code: 1101 })
    expect(results[2]).toBe('c')
    expect(await client(url).batch([])).toEqual([])
  })

  test('that is refused as a whole throws the reason', async () => {
    const { url } = await serve((_body, response) =>
      answer(response, { jsonrpc: '2.0', id: null, error: { code: 1202, message: 'too many' } }),
    )
    await expect(client(url).batch([{ method: 'a' }, { method: 'b' }])).rejects.toMatchObject({ code: 1202 })
  })

  test('with an answer missing, or none at all, is refused', async () => {
    const { url } = await serve((body, response) =>
      answer(response, [{ jsonrpc: '2.0', id: (body as Request[])[0]?.id, result: 1 }]),
    )
    await expect(client(url).batch([{ method: 'a' }, { method: 'b' }])).rejects.toMatchObject({ code: 'RPC_BAD_ANSWER' })
    const single = await serve((body, response) =>
      answer(response, { jsonrpc: '2.0', id: (body as Request[])[0]?.id, result: 1 }),
    )
    await expect(client(single.url).batch([{ method: 'a' }])).rejects.toMatchObject({ code: 'RPC_BAD_ANSWER' })
  })
})

describe('a client', () => {
  test('takes http, https, ws and wss addresses and no other', () => {
    expect(() => createClient({ url: 'localhost:8545' })).toThrow(expect.objectContaining({ code: 'RPC_BAD_URL' }))
    for (const url of ['http://a', 'https://a', 'ws://a/ws', 'wss://a/ws']) createClient({ url }).close()
  })

  test('takes a transport of one’s own, and says that it has no streams', async () => {
    const sent: unknown[] = []
    const own = createClient({
      transport: {
        request: async (payload, { timeoutMs }) => {
          sent.push([payload, timeoutMs])
          return { jsonrpc: '2.0', id: 1, result: 7 }
        },
        close: () => undefined,
      },
    })
    expect(await own.call<number>('x_y', {}, { timeoutMs: 5 })).toBe(7)
    expect(sent).toEqual([[{ jsonrpc: '2.0', id: 1, method: 'x_y', params: {} }, 5]])
    expect(() => own.subscribe('heads')).toThrow(expect.objectContaining({ code: 'RPC_NO_STREAM' }))
  })
})
