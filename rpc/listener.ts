// Owns: a bounded node:http server: timeouts against slow senders, connection bound, start and stop. Not here: what it answers.
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import { NodeError } from '../core/base/errors.ts'
import type { HttpHandler } from './http.ts'
import type { RpcLimits } from './limits.ts'

/** Where a listener listens; port 0 takes a free one. */
export type ListenAddress = { readonly host: string; readonly port: number }

const HEADER_BYTES_MAX = 16_384
/** How often node:http looks for connections that are too slow. */
const CHECK_INTERVAL_MS = 1_000

/** A server that no slow or silent client can hold open for ever. */
export function createListener(handler: HttpHandler, limits: RpcLimits): Server {
  const server = createServer(
    {
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, limits.headersTimeoutMs),
      maxHeaderSize: HEADER_BYTES_MAX,
      noDelay: true,
    },
    handler,
  )
  // Longer than any wait: what moves no byte for so long is a client that does not read its answer.
  server.timeout = limits.waitMsMax + limits.requestTimeoutMs
  server.maxConnections = limits.connectionsMax
  return server
}

/** Starts listening. Throws NodeError RPC_LISTEN when the address cannot be had. */
export function openListener(server: Server, where: ListenOptions): Promise<AddressInfo | string | null> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => {
      const place = where.path ?? `${where.host}:${where.port}`
      reject(new NodeError('RPC_LISTEN', `cannot listen on ${place}: ${cause.message}`, cause))
    }
    server.once('error', refuse)
    server.listen(where, () => {
      server.removeListener('error', refuse)
      resolve(server.address())
    })
  })
}

/** Stops listening; answers in the making have `graceMs` to finish. */
export function closeListener(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
