// Owns: the operator's socket and metrics port. Not here: the public listener (server.test.ts).
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeError } from '../core/base/errors.ts'
import { createFakeNode } from '../test/helpers/fake-node.ts'
import { sendRaw } from '../test/helpers/rpc-client.ts'
import { createTestLog } from '../test/helpers/rpc-listeners.ts'
import type { AdminApi } from './node-api.ts'
import { createOperatorServer } from './operator-server.ts'
import type { OperatorServer } from './operator-server.ts'

let folder: string
let socketPath: string
let server: OperatorServer | null
let told: unknown[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'naru-operator-'))
  socketPath = join(folder, 'admin.sock')
  server = null
  told = []
})
afterEach(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const tell =
  (name: string) =>
  (...values: unknown[]): void =>
    void told.push([name, ...values])

function createAdmin(changes: Partial<AdminApi> = {}): AdminApi {
  return {
    status: () => ({ height: 7 }),
    consensusState: () => ({ round: 2 }),
    setLogLevel: tell('level'),
    setLinkFault: tell('fault'),
    setClockOffset: tell('clock'),
    addPeer: tell('peer'),
    doctor: () => ({ version: '1' }),
    pauseSigning: tell('pause'),
    resumeSigning: () => ({ reason: 'operator', text: 'maintenance' }),
    upkeep: () => ({ storeBytes: 5 }),
    beginSnapshot: async (out) => tell('snapshot')(out),
    beginPrune: async (keep) => tell('prune')(keep),
    beginCompact: async () => tell('compact')(),
    shutdown: tell('shutdown'),
    metrics: async () => 'naru_chain_height 7\n',
    ...changes,
  }
}

async function start(admin: AdminApi = createAdmin(), node = createFakeNode()) {
  const created = createOperatorServer({
    node,
    admin,
    socketPath,
    metricsListen: { host: '127.0.0.1', port: 0 },
    log: createTestLog(),
  })
  const { metricsPort } = await created.start()
  server = created
  return { port: metricsPort ?? 0, node }
}

const call = async (method: string, params?: unknown) => {
  const { text } = await sendRaw(
    { socketPath },
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) }),
  )
  return JSON.parse(text) as { result?: unknown; error?: { code: number; message: string } }
}

describe('the operator’s socket', () => {
  it('belongs to its owner alone', async () => {
    await start()
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
  })

  it('answers admin methods and the public ones', async () => {
    await start()
    expect((await call('admin_status')).result).toEqual({ height: 7 })
    expect((await call('admin_consensusState')).result).toEqual({ round: 2 })
    expect((await call('admin_peers')).result).toEqual([])
    expect((await call('node_info')).result).toMatchObject({ chainId: 'fake-1' })
  })

  it('hands on what the operator wants', async () => {
    await start()
    const fault = { drop: false, delayMs: 300, jitterMs: 50 }
    for (const [method, params] of [
      ['admin_setLogLevel', ['debug']],
      ['admin_setClockOffset', { aheadMs: 0, behindMs: 300 }],
      ['admin_addPeer', { address: '/ip4/10.0.0.2/tcp/4001' }],
      ['admin_setLinkFault', { peer: 'v1', fault }],
      ['admin_setLinkFault', { peer: 'v1', fault: { ...fault, lossPercent: 20 } }],
      ['admin_setLinkFault', { peer: 'v1' }],
    ] as const) {
      expect((await call(method, params)).result).toBe(true)
    }
    expect(told).toEqual([
      ['level', 'debug'],
      ['clock', -300],
      ['peer', '/ip4/10.0.0.2/tcp/4001'],
      ['fault', 'v1', { ...fault, lossPercent: null }],
      ['fault', 'v1', { ...fault, lossPercent: 20 }],
      ['fault', 'v1', null],
    ])
    expect((await call('admin_setLinkFault', { peer: 'v1', fault: { drop: 'yes' } })).error?.code).toBe(-32602)
    expect((await call('admin_setLogLevel', { level: 'trace' })).error).toMatchObject({
      code: -32602,
      message: 'level: expected one of debug, info, warn, error, silent, got "trace"',
    })
  })

  it('tells the operator what the node cannot do', async () => {
    await start(
      createAdmin({
        setLinkFault: () => {
          throw new NodeError('PEER_UNKNOWN', 'no peer v9 is connected')
        },
      }),
    )
    expect((await call('admin_setLinkFault', { peer: 'v9' })).error).toMatchObject({
      code: -32602,
      message: 'no peer v9 is connected',
    })
  })

  it('answers a shutdown and then shuts down, once', async () => {
    const stopped = Promise.withResolvers<void>()
    await start(createAdmin({ shutdown: stopped.resolve }))
    expect((await call('admin_shutdown')).result).toBe(true)
    await expect(stopped.promise).resolves.toBe(undefined)
  })

  it('takes the place of a file left from a crash, and not that of a living node', async () => {
    writeFileSync(socketPath, '')
    await start()
    expect((await call('admin_status')).result).toEqual({ height: 7 })
    const second = createOperatorServer({
      node: createFakeNode(),
      admin: createAdmin(),
      socketPath,
      metricsListen: null,
      log: createTestLog(),
    })
    await expect(second.start()).rejects.toThrow('is in use')
    expect((await call('admin_status')).result).toEqual({ height: 7 })
  })

  it('is gone after a stop', async () => {
    await start()
    await server?.stop()
    server = null
    expect(existsSync(socketPath)).toBe(false)
  })

  it('refuses pages of any origin', async () => {
    await start()
    expect((await sendRaw({ socketPath, headers: { origin: 'https://any.example' } }, '{}')).status).toBe(403)
  })

  it('says that it cannot listen in a folder that is not its own', async () => {
    chmodSync(folder, 0o700)
    const created = createOperatorServer({
      node: createFakeNode(),
      admin: createAdmin(),
      socketPath: join(folder, 'none', 'x.sock'),
      metricsListen: null,
      log: createTestLog(),
    })
    await expect(created.start()).rejects.toThrow('cannot listen on')
  })
})

describe('the metrics port', () => {
  const read = (port: number, path: string, method = 'GET') => sendRaw({ port, path, method })

  it('gives metrics and health to collectors and nothing else', async () => {
    const { port, node } = await start()
    const metrics = await read(port, '/metrics')
    expect([metrics.status, metrics.text, metrics.headers['content-type']]).toEqual([
      200,
      'naru_chain_height 7\n',
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect((await read(port, '/livez')).status).toBe(200)
    node.setHealth({ ready: false })
    expect((await read(port, '/readyz')).status).toBe(503)
    expect((await read(port, '/')).status).toBe(404)
    expect((await sendRaw({ port }, '{"jsonrpc":"2.0","id":1,"method":"admin_status"}')).status).toBe(404)
  })

  it('answers 500 when the figures cannot be gathered', async () => {
    const { port } = await start(createAdmin({ metrics: () => Promise.reject(new Error('broken')) }))
    expect((await read(port, '/metrics')).status).toBe(500)
  })

  it('says that its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const created = createOperatorServer({
      node: createFakeNode(),
      admin: createAdmin(),
      socketPath: null,
      metricsListen: { host: '127.0.0.1', port },
      log: createTestLog(),
    })
    await expect(created.start()).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`)
    taken.close()
  })
})
