// Owns: listeners for tests: the public one over a fake node, and one with the methods of the JSON-RPC 2.0 specification's examples.
import { option, struct } from '../../core/codec/compound.ts'
import { text } from '../../core/codec/fields.ts'
import type { Json } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { createAccess } from '../../rpc/access.ts'
import { createDispatch } from '../../rpc/dispatch.ts'
import type { Dispatch, RpcLog } from '../../rpc/dispatch.ts'
import { createFeed } from '../../rpc/feed.ts'
import { createHttpHandler } from '../../rpc/http.ts'
import { buildLimits } from '../../rpc/limits.ts'
import type { RpcLimits } from '../../rpc/limits.ts'
import { closeListener, createListener, openListener } from '../../rpc/listener.ts'
import { defineMethod } from '../../rpc/method.ts'
import type { Method } from '../../rpc/method.ts'
import { buildMethodTable } from '../../rpc/methods.ts'
import { anyJson } from '../../rpc/params.ts'
import { createRequestCounters } from '../../rpc/request-counters.ts'
import { createRpcServer } from '../../rpc/server.ts'
import type { RpcServerOptions } from '../../rpc/server.ts'
import { createSubscriptions } from '../../rpc/subscriptions.ts'
import { attachWebSocket } from '../../rpc/web-socket.ts'
import { createFakeNode } from './fake-node.ts'
import type { FakeNode } from './fake-node.ts'

/** A log that keeps what it is told. */
export function createTestLog(): RpcLog & { readonly lines: string[] } {
  const lines: string[] = []
  const keep = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${String((fields as { err?: unknown }).err ?? '')}`)
  return { lines, error: keep('error'), warn: keep('warn'), info: keep('info') }
}

/** The public listener over a fake node on a free port. */
export async function startRpc(options: Partial<RpcServerOptions> & { fake?: FakeNode } = {}) {
  const node = options.fake ?? createFakeNode()
  const log = createTestLog()
  const server = createRpcServer({ node, listen: { host: '127.0.0.1', port: 0 }, log, ...options })
  const { port } = await server.start()
  return { node, port, server, log, stop: server.stop }
}

const numbers = (names: readonly string[]) => struct(Object.fromEntries(names.map((name) => [name, option(anyJson)])))
const five = numbers(['a', 'b', 'c', 'd', 'e'])
const total = (values: object): number => Object.values(values).reduce((sum: number, value) => sum + Number(value ?? 0), 0)

/** The methods that the examples of the specification call. `heard` keeps what notifications said. */
export function buildSpecMethods(heard: unknown[]): Method[] {
  const result = {}
  const listen = (name: string): Method =>
    defineMethod({ name, about: 'Hears.', params: five, result, run: (_call, params) => heard.push([name, params]) })
  return [
    defineMethod({
      name: 'subtract',
      about: 'Subtracts.',
      params: numbers(['minuend', 'subtrahend']),
      result,
      run: (_call, { minuend, subtrahend }) => Number(minuend) - Number(subtrahend),
    }),
    defineMethod({ name: 'sum', about: 'Adds.', params: five, result, run: (_call, params) => total(params) }),
    defineMethod({ name: 'get_data', about: 'Tells.', params: struct({}), result, run: () => ['hello', 5] }),
    defineMethod({ name: 'fail', about: 'Breaks.', params: struct({}), result, run: () => JSON.parse('{') as Json }),
    defineMethod({ name: 'later', about: 'Answers later.', params: struct({}), result, run: () => Promise.resolve('done') }),
    defineMethod({
      name: 'never',
      about: 'Never answers.',
      params: struct({}),
      result,
      run: () => new Promise<Json>(() => undefined),
    }),
    defineMethod({
      name: 'big',
      about: 'Answers with as many letters.',
      params: struct({ letters: option(anyJson), say: option(text(64)) }),
      result,
      run: (_call, { letters }) => 'x'.repeat(Number(letters)),
    }),
    listen('update'),
    listen('foobar_known'),
    listen('notify_hello'),
    listen('notify_sum'),
  ]
}

/** A dispatch over the specification's methods. */
export function createSpecDispatch(changes: Partial<RpcLimits> = {}, nowMs = (): number => performance.now()) {
  const node = createFakeNode()
  const heard: unknown[] = []
  const log = createTestLog()
  const limits = buildLimits(changes)
  const forms = { registry: node.registry, text: textContextOf(node.network) }
  const counters = createRequestCounters()
  const methods = buildMethodTable(buildSpecMethods(heard))
  const dispatch: Dispatch = createDispatch({ node, forms, limits, methods, counters, log, nowMs })
  return { node, heard, log, limits, forms, counters, dispatch }
}

/** Those methods over HTTP and WebSocket on a free port. */
export async function startSpec(changes: Partial<RpcLimits> = {}) {
  const parts = createSpecDispatch(changes)
  const { node, limits, forms, dispatch } = parts
  const access = createAccess({ network: node.network })
  const spend = () => null
  const subscriptions = createSubscriptions({ feed: createFeed(node, forms), limits, nowMs: () => performance.now() })
  const server = createListener(
    createHttpHandler({ dispatch, access, bodyBytesMax: limits.bodyBytesMax, spend, pages: new Map() }),
    limits,
  )
  const sockets = attachWebSocket(server, { dispatch, access, limits, subscriptions, spend })
  const address = await openListener(server, { host: '127.0.0.1', port: 0 })
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stop = async (): Promise<void> => {
    sockets.stop()
    await closeListener(server, 200)
  }
  return { ...parts, port, stop }
}
