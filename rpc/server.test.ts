// Owns: the public listener over real sockets: HTTP statuses, bounds, CORS, hosts, slow senders, names that must not be there.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { callHttp, openWs, sendBytes, sendRaw } from '../test/helpers/rpc-client.ts'
import { createFakeNode } from '../test/helpers/fake-node.ts'
import { createTestLog, startRpc, startSpec } from '../test/helpers/rpc-listeners.ts'
import { buildAdminMethods } from './methods/admin.ts'
import type { AdminApi } from './node-api.ts'
import { createRpcServer } from './server.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const start: typeof startRpc = async (options) => {
  const rpc = await startRpc(options)
  stops.push(rpc.stop)
  return rpc
}
const spec: typeof startSpec = async (limits) => {
  const parts = await startSpec(limits)
  stops.push(parts.stop)
  return parts
}

const HEAD = '{"jsonrpc":"2.0","id":1,"method":"chain_head"}'

describe('HTTP', () => {
  it('answers a call with 200 and its length', async () => {
    const { port } = await start()
    const { status, headers, text } = await sendRaw({ port }, HEAD)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json')
    expect(Number(headers['content-length'])).toBe(text.length)
  })

  it('answers an error of a call with 200 too', async () => {
    const { port } = await start()
    expect((await sendRaw({ port }, '{')).status).toBe(200)
  })

  it('answers a notification with 204 and nothing', async () => {
    const { port } = await start()
    expect(await sendRaw({ port }, '{"jsonrpc":"2.0","method":"chain_head"}')).toMatchObject({ status: 204, text: '' })
  })

  it('refuses a body above the bound with 413, told by its length or not', async () => {
    const { port } = await start()
    const big = 'x'.repeat(1_048_577)
    expect((await sendRaw({ port }, big)).status).toBe(413)
    const chunked = await sendBytes(port, [
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      `100001\r\n${big}\r\n0\r\n\r\n`,
    ])
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('still answers others after ten megabytes of nonsense', async () => {
    const { port } = await start()
    const { status } = await sendRaw({ port }, Buffer.alloc(10_485_760, 0x5b))
    expect(status).toBe(413)
    expect((await callHttp(port, 'chain_head')).result.value.height).toBe(0)
  })

  it('takes a body of exactly the bound', async () => {
    const { port } = await start()
    const filled = `{"jsonrpc":"2.0","id":1,"method":"chain_head"${' '.repeat(1_048_576 - HEAD.length)}}`
    expect(filled).toHaveLength(1_048_576)
    expect((await sendRaw({ port }, filled)).status).toBe(200)
  })

  it('refuses other types and compressed bodies with 415', async () => {
    const { port } = await start()
    expect((await sendRaw({ port, headers: { 'content-type': 'text/plain' } }, HEAD)).status).toBe(415)
    expect((await sendRaw({ port, headers: { 'content-encoding': 'gzip' } }, HEAD)).status).toBe(415)
    expect((await sendRaw({ port, headers: { 'content-type': 'Application/JSON; charset=utf-8' } }, HEAD)).status).toBe(200)
  })

  it('answers 405 for GET / and 404 for unknown paths', async () => {
    const { port } = await start()
    const root = await sendRaw({ port, method: 'GET' })
    expect([root.status, root.headers.allow]).toEqual([405, 'POST'])
    expect((await sendRaw({ port, method: 'POST', path: '/rpc' }, HEAD)).status).toBe(404)
    expect((await sendRaw({ port, method: 'GET', path: '/metrics' })).status).toBe(404)
    expect((await sendRaw({ port, method: 'DELETE', path: '/livez' })).status).toBe(405)
  })

  it('answers 400 for what is not HTTP', async () => {
    const { port } = await start()
    expect(await sendBytes(port, ['hello\r\n\r\n'])).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('answers two requests of one connection in order, also when the first waits', async () => {
    const { port } = await spec()
    const post = (body: string, last = false) =>
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${last ? 'Connection: close\r\n' : ''}\r\n${body}`
    const first = '{"jsonrpc":"2.0","id":"first","method":"later"}'
    const second = '{"jsonrpc":"2.0","id":"second","method":"get_data"}'
    const text = await sendBytes(port, [post(first) + post(second, true)])
    expect(text.indexOf('"first"')).toBeGreaterThan(0)
    expect(text.indexOf('"second"')).toBeGreaterThan(text.indexOf('"first"'))
  })
})

describe('health pages', () => {
  it('tell every criterion, and why the chain stands still or not, to those who want to know', async () => {
    const { port, node } = await start()
    expect((await sendRaw({ port, method: 'GET', path: '/healthz' })).text).toBe('ok\n')
    node.setHealth({
      ready: false,
      criteria: [
        { name: 'peers', holds: false, text: '1 connected, 2 needed' },
        { name: 'synced', holds: true, text: 'block 7 of 7' },
      ],
    })
    const { status, text } = await sendRaw({ port, method: 'GET', path: '/healthz?verbose' })
    expect([status, text]).toEqual([
      503,
      '[-] peers: 1 connected, 2 needed\n[+] synced: block 7 of 7\nok (progressing): the chain goes on\n',
    ])
  })

  it('answer live always and ready only when the node is, with the reasons', async () => {
    const { node, port } = await start()
    expect((await sendRaw({ port, method: 'GET', path: '/livez' })).status).toBe(200)
    expect((await sendRaw({ port, method: 'GET', path: '/readyz' })).status).toBe(200)
    node.setHealth({ ready: false, reasons: [{ code: 'SYNCING', text: '12 blocks behind' }] })
    const { status, text } = await sendRaw({ port, method: 'GET', path: '/readyz' })
    expect(status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({ ready: false, reasons: [{ code: 'SYNCING', text: '12 blocks behind' }] })
    expect((await sendRaw({ port, method: 'GET', path: '/livez' })).status).toBe(200)
  })
})

describe('pages of other origins', () => {
  const cityFake = () => createFakeNode({ network: 'city' })

  it('may call where they are listed and get the header for their origin alone', async () => {
    const { port } = await start({ fake: cityFake(), origins: ['https://pay.example'] })
    const listed = await sendRaw({ port, headers: { origin: 'https://pay.example' } }, HEAD)
    expect([listed.status, listed.headers['access-control-allow-origin'], listed.headers.vary]).toEqual([
      200,
      'https://pay.example',
      'Origin',
    ])
    const other = await sendRaw({ port, headers: { origin: 'https://evil.example' } }, HEAD)
    expect([other.status, other.headers['access-control-allow-origin']]).toEqual([403, undefined])
  })

  it('are asked for by a preflight', async () => {
    const { port } = await start({ fake: cityFake(), origins: ['https://pay.example'] })
    const headers = { origin: 'https://pay.example', 'access-control-request-method': 'POST' }
    const answer = await sendRaw({ port, method: 'OPTIONS', headers })
    expect([answer.status, answer.headers['access-control-allow-headers']]).toEqual([204, 'Content-Type, Last-Event-ID'])
    expect((await sendRaw({ port, method: 'OPTIONS', headers: { origin: 'https://evil.example' } })).status).toBe(403)
  })

  it('may all call on a devnet', async () => {
    const { port } = await start()
    const answer = await sendRaw({ port, headers: { origin: 'https://any.example' } }, HEAD)
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, '*'])
  })

  it('cannot be let in by * on a city network', () => {
    const build = (options: object) => () =>
      createRpcServer({ node: cityFake(), listen: { host: '127.0.0.1', port: 0 }, log: createTestLog(), ...options })
    expect(build({ origins: ['*'] })).toThrow('rpc.origins: "*" is for devnets')
    expect(build({ hosts: ['*'] })).toThrow('rpc.hosts: "*" is for devnets')
  })

  it('cannot reach a node by rebinding their own name to it', async () => {
    const { port } = await start({ fake: cityFake(), hosts: ['rpc.city.example'] })
    const status = async (host: string): Promise<number> => (await sendRaw({ port, headers: { host } }, HEAD)).status
    expect(await status(`evil.example:${port}`)).toBe(403)
    expect(await status('rpc.city.example')).toBe(200)
    expect(await status(`localhost:${port}`)).toBe(200)
    expect(await status(`127.0.0.1:${port}`)).toBe(200)
    expect(await status(`[::1]:${port}`)).toBe(200)
  })

  it('are refused at the WebSocket upgrade as well', async () => {
    const { port } = await start({ fake: cityFake() })
    const upgrade = (headers: string) =>
      sendBytes(port, [
        `GET /ws HTTP/1.1\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      ])
    expect(await upgrade('Host: localhost\r\nOrigin: https://evil.example\r\n')).toMatch(/^HTTP\/1\.1 403 /)
    expect(await upgrade('Host: evil.example\r\n')).toMatch(/^HTTP\/1\.1 403 /)
  })
})

describe('bounds of connections', () => {
  it('cut off a client that never ends its headers while others are answered', async () => {
    const { port } = await start({ limits: { headersTimeoutMs: 100, requestTimeoutMs: 200 } })
    const slow = sendBytes(port, ['POST / HTTP/1.1\r\nHost: localhost\r\n'])
    expect((await callHttp(port, 'chain_head')).result.value.height).toBe(0)
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('cut off a client that never ends its body', async () => {
    const { port } = await start({ limits: { headersTimeoutMs: 100, requestTimeoutMs: 200 } })
    const slow = sendBytes(port, [
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    ])
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('cut off a client that never reads its answer', async () => {
    const { port } = await spec({ waitMsMax: 100, requestTimeoutMs: 200 })
    const body = '{"jsonrpc":"2.0","id":1,"method":"big","params":{"letters":10000000}}'
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await once(socket, 'readable')
    await new Promise((resolve) => setTimeout(resolve, 600))
    let bytes = 0
    socket.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length
    })
    await once(socket, 'close')
    expect(bytes).toBeLessThan(10_000_000)
  })

  it('drop connections beyond the bound and take new ones when others have left', async () => {
    const { port } = await start({ limits: { connectionsMax: 2 } })
    const clients = [await openWs(port), await openWs(port)]
    await expect(callHttp(port, 'chain_head')).rejects.toThrow()
    for (const client of clients) await client.close()
    expect((await callHttp(port, 'chain_head')).result.value.height).toBe(0)
  })

  it('refuse WebSocket clients beyond the bound with 503', async () => {
    const { port, server } = await start({ limits: { webSocketsMax: 1 } })
    const client = await openWs(port)
    expect(server.counters().webSockets).toBe(1)
    await expect(openWs(port)).rejects.toThrow('503')
    await client.close()
  })

  it('refuse a WebSocket on another path with 404', async () => {
    const { port } = await start()
    await expect(openWs(port, '/')).rejects.toThrow('404')
  })

  it('close a WebSocket whose message is above the bound', async () => {
    const { port } = await start()
    const client = await openWs(port)
    const closed = new Promise((resolve) => client.socket.on('close', resolve))
    client.send('x'.repeat(1_048_577))
    expect(await closed).toBe(1009)
    expect((await callHttp(port, 'chain_head')).result.value.height).toBe(0)
  })

  it('refuse a WebSocket client’s calls beyond those it waits for', async () => {
    const { port, node } = await start({ limits: { callsPerSocketMax: 2 } })
    const client = await openWs(port)
    const hash = `0x${'1'.repeat(64)}`
    const waiting = [1, 2].map(() => client.call('tx_wait', { hash, timeoutMs: 300 }))
    const refused = await client.call('tx_wait', { hash, timeoutMs: 300 })
    expect(refused.error).toMatchObject({ code: 1201, data: { code: 'RATE_LIMITED' } })
    expect((await Promise.all(waiting)).map(({ result }) => result.status)).toEqual(['unknown', 'unknown'])
    expect(node.head().header.height).toBe(0)
    await client.close()
  })

  it('bound the calls that wait at one time over all clients', async () => {
    const { port } = await start({ limits: { waitersMax: 1 } })
    const params = { hash: `0x${'1'.repeat(64)}`, timeoutMs: 200 }
    const [one, two] = await Promise.all([callHttp(port, 'tx_wait', params), callHttp(port, 'tx_wait', params)])
    expect([one, two].filter(({ error }) => error?.code === 1201)).toHaveLength(1)
    expect((await callHttp(port, 'tx_wait', { ...params, timeoutMs: 1 })).result.status).toBe('unknown')
  })

  it('charge a remote address for what it asks', async () => {
    const { port } = await start({ limits: { costPerSecond: 1, costBurst: 10 } })
    const replies = []
    for (let i = 0; i < 11; i++) replies.push(await callHttp(port, 'chain_head'))
    expect(replies.slice(0, 10).every(({ result }) => result !== undefined)).toBe(true)
    expect(replies[10]?.error).toMatchObject({ code: 1201 })
    expect(replies[10]?.error?.data.retryAfterMs).toBeGreaterThan(0)
  })
})

describe('the public listener', () => {
  it('knows no admin method and no dev method, by any transport', async () => {
    const { port } = await start()
    const client = await openWs(port)
    const names = [
      ...buildAdminMethods({} as AdminApi).map(({ name }) => name),
      'admin_backup',
      'dev_mine',
      'dev_fund',
      'dev_setSealing',
    ]
    expect(names).toContain('admin_shutdown')
    for (const name of names) {
      expect((await callHttp(port, name)).error?.code).toBe(-32601)
      expect((await client.call(name)).error?.code).toBe(-32601)
    }
    const listed = (await callHttp(port, 'rpc_methods')).result as string[]
    expect(listed.filter((name) => /^(admin|dev)_/.test(name))).toEqual([])
    await client.close()
  })

  it('answers INTERNAL and goes on when the node fails under a call', async () => {
    const { node, port, log } = await start()
    node.breakReads(true)
    const { error } = await callHttp(port, 'chain_head')
    expect(error).toMatchObject({ code: -32603, data: { code: 'INTERNAL', retryable: true } })
    expect(JSON.stringify(error)).not.toContain('disk on fire')
    expect(log.lines.some((line) => line.includes('disk on fire'))).toBe(true)
    node.breakReads(false)
    expect((await callHttp(port, 'chain_head')).result.value.height).toBe(0)
  })

  it('says by name and reason that a port is taken', async () => {
    const { port } = await start()
    const second = createRpcServer({ node: createFakeNode(), listen: { host: '127.0.0.1', port }, log: createTestLog() })
    await expect(second.start()).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`)
  })

  it('lets go of the node when it stops', async () => {
    const { node, stop, port } = await startRpc()
    const client = await openWs(port)
    expect(node.listenerCount()).toBe(1)
    await stop()
    expect(node.listenerCount()).toBe(0)
    await client.close()
    await expect(callHttp(port, 'chain_head')).rejects.toThrow()
  })

  it('counts calls by method, unknown ones under one name', async () => {
    const { port, server } = await start()
    await callHttp(port, 'chain_head')
    await callHttp(port, 'no_such_a')
    await callHttp(port, 'no_such_b')
    const { requests } = server.counters()
    expect(requests.get('chain_head')).toMatchObject({ calls: 1, errors: 0 })
    expect(requests.get('unknown')).toMatchObject({ calls: 2, errors: 2 })
    expect([...requests.keys()]).toEqual(['chain_head', 'unknown'])
  })
})
