// Owns: the public listener: HTTP, WebSocket and event streams over one method table.
// Not here: the operator's (operator-server.ts).
import { createAccess } from './access.ts'
import type { AccessOptions } from './access.ts'
import { createBudget } from './budget.ts'
import { buildDidPages } from './did-pages.ts'
import { createDispatch } from './dispatch.ts'
import type { RpcLog } from './dispatch.ts'
import { createEventStreams } from './event-stream.ts'
import { createFeed } from './feed.ts'
import { buildHealthPages, createHttpHandler } from './http.ts'
import { buildLimits } from './limits.ts'
import type { RpcLimits } from './limits.ts'
import { closeListener, createListener, openListener } from './listener.ts'
import type { ListenAddress } from './listener.ts'
import { buildMethodTable, buildPublicMethods } from './methods.ts'
import type { NodeApi } from './node-api.ts'
import { assertEventNamesFree } from './render.ts'
import { createRequestCounters } from './request-counters.ts'
import type { EndedCall, MethodCount } from './request-counters.ts'
import { createSubscriptions } from './subscriptions.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'
import { attachWebSocket } from './web-socket.ts'

/** What the public listener needs. */
export type RpcServerOptions = Pick<AccessOptions, 'origins' | 'hosts'> & {
  readonly node: NodeApi
  readonly listen: ListenAddress
  readonly limits?: Partial<RpcLimits>
  /** Told of each call as it ends. */
  readonly onCall?: (call: EndedCall) => void
  readonly log: RpcLog
}

/** Figures for the metrics page. */
export type RpcCounters = {
  readonly webSockets: number
  readonly eventStreams: number
  readonly subscriptions: number
  /** Streams cut off because their client did not read, or at a stop. */
  readonly gaps: number
  readonly requests: ReadonlyMap<string, MethodCount>
  /** Calls that wait for their answer, and calls that a limit refused. */
  readonly pending: number
  readonly rejected: number
}

/** A listener that can be started once and stopped once. */
export type RpcServer = {
  readonly start: () => Promise<{ readonly port: number }>
  readonly stop: () => Promise<void>
  readonly counters: () => RpcCounters
}

const STOP_GRACE_MS = 2_000

function monotonicMs(): number {
  return performance.now()
}

/** The public listener over a node. Throws NodeError CONFIG_INVALID for `*` in origins or hosts outside a devnet. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { node, listen, log } = options
  const limits = buildLimits(options.limits)
  const forms = { registry: node.registry, text: textContextOf(node.network) }
  assertEventNamesFree(node.registry)
  const access = createAccess({ ...options, network: node.network })
  const requests = createRequestCounters(options.onCall)
  const methods = buildMethodTable(buildPublicMethods(node.registry))
  const dispatch = createDispatch({ node, forms, limits, methods, counters: requests, log })
  const subscriptions = createSubscriptions({ feed: createFeed(node, forms), limits, nowMs: monotonicMs })
  const spend = createBudget(limits, monotonicMs)
  const streams = createEventStreams({ forms, limits, subscriptions })
  const pages = new Map([...buildHealthPages(node), ['/events', streams.page] as const, ...buildDidPages({ node, forms, spend })])
  const server = createListener(createHttpHandler({ dispatch, access, bodyBytesMax: limits.bodyBytesMax, spend, pages }), limits)
  const sockets = attachWebSocket(server, { dispatch, access, limits, subscriptions, spend })
  const sweep = (): void => {
    const nowMs = monotonicMs()
    subscriptions.sweep(nowMs)
    sockets.sweep(nowMs)
  }
  let end = (): void => {}
  return {
    start: async () => {
      const address = await openListener(server, { host: listen.host, port: listen.port })
      const timer = setInterval(sweep, limits.sweepMs)
      const leave = node.onCommit(subscriptions.onCommit)
      end = () => {
        clearInterval(timer)
        leave()
      }
      const port = typeof address === 'object' && address !== null ? address.port : listen.port
      log.info({ host: listen.host, port }, 'JSON-RPC listening')
      return { port }
    },
    stop: async () => {
      end()
      subscriptions.closeAll()
      sockets.stop()
      await closeListener(server, STOP_GRACE_MS)
    },
    counters: () => ({
      webSockets: sockets.count(),
      eventStreams: streams.count(),
      ...subscriptions.counters(),
      requests: requests.read(),
      pending: requests.pending(),
      rejected: requests.rejected(),
    }),
  }
}
