// Owns: the operator's listeners: admin methods on a unix socket, metrics and health on a port.
// Not here: the public one (server.ts).
import { chmodSync, existsSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { NodeError } from '../core/base/errors.ts'
import { createAccess } from './access.ts'
import { createDispatch } from './dispatch.ts'
import type { RpcLog } from './dispatch.ts'
import { buildHealthPages, createHttpHandler, sendText } from './http.ts'
import type { HttpHandler, Page } from './http.ts'
import { buildLimits } from './limits.ts'
import { closeListener, createListener, openListener } from './listener.ts'
import type { ListenAddress } from './listener.ts'
import { buildMethodTable, buildPublicMethods } from './methods.ts'
import { buildAdminMethods } from './methods/admin.ts'
import type { AdminApi, NodeApi } from './node-api.ts'
import { createRequestCounters } from './request-counters.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'

/** What the operator's listeners need; either may be left out. */
export type OperatorServerOptions = {
  readonly node: NodeApi
  readonly admin: AdminApi
  /** JSON-RPC by POST / over this unix socket, readable by its owner alone. */
  readonly socketPath: string | null
  /** GET /metrics, /livez, /readyz. */
  readonly metricsListen: ListenAddress | null
  readonly log: RpcLog
}

/** Listeners that can be started once and stopped once. */
export type OperatorServer = {
  readonly start: () => Promise<{ readonly metricsPort: number | null }>
  readonly stop: () => Promise<void>
}

const SOCKET_MODE = 0o600
const PRIVATE_UMASK = 0o177
const STOP_GRACE_MS = 1_000

/** True when a process answers on the socket. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const tell = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => tell(true))
    socket.once('error', () => tell(false))
  })
}

/** A socket file that nobody answers on is left from a crash. Throws NodeError RPC_LISTEN for one in use. */
async function removeStaleSocket(path: string): Promise<void> {
  if (!existsSync(path)) return
  if (await isAnswered(path)) throw new NodeError('RPC_LISTEN', `${path} is in use: another node runs on this folder.`)
  unlinkSync(path)
}

function buildMetricsPage(admin: AdminApi, log: RpcLog): Page {
  const send = async (): Promise<string | null> => {
    try {
      return await admin.metrics()
    } catch (err) {
      log.error({ err }, 'Metrics failed')
      return null
    }
  }
  return (_request, response) => {
    void send().then((text) => {
      if (text === null) sendText(response, 500, 'metrics failed\n', 'text/plain')
      else sendText(response, 200, text, 'text/plain; version=0.0.4; charset=utf-8')
    })
  }
}

/** The unix socket belongs to the owner from its first moment: the mask is set while it is made. */
async function openPrivateSocket(server: ReturnType<typeof createListener>, path: string): Promise<void> {
  await removeStaleSocket(path)
  const before = process.umask(PRIVATE_UMASK)
  try {
    const opening = openListener(server, { path })
    process.umask(before)
    await opening
  } finally {
    process.umask(before)
  }
  chmodSync(path, SOCKET_MODE)
}

/** The operator's listeners over a node. */
export function createOperatorServer(options: OperatorServerOptions): OperatorServer {
  const { node, admin, socketPath, metricsListen, log } = options
  const limits = buildLimits()
  const forms = { registry: node.registry, text: textContextOf(node.network) }
  const methods = buildMethodTable([...buildAdminMethods(admin), ...buildPublicMethods(node.registry)])
  const dispatch = createDispatch({ node, forms, limits, methods, counters: createRequestCounters(), log })
  const access = createAccess({ network: node.network, origins: [], hosts: ['localhost'] })
  const base = { access, bodyBytesMax: limits.bodyBytesMax, spend: () => null }
  const handler = createHttpHandler({ ...base, dispatch, pages: new Map(buildHealthPages(node)) })
  const metricsPages = new Map([...buildHealthPages(node), ['/metrics', buildMetricsPage(admin, log)] as const])
  const socketServer = createListener(handler, limits)
  const metricsServer = createListener(createPagesHandler(metricsPages), limits)
  return {
    start: async () => {
      if (socketPath !== null) await openPrivateSocket(socketServer, socketPath)
      if (metricsListen === null) return { metricsPort: null }
      const address = await openListener(metricsServer, { ...metricsListen })
      return { metricsPort: typeof address === 'object' && address !== null ? address.port : metricsListen.port }
    },
    stop: async () => {
      if (socketPath !== null) await closeListener(socketServer, STOP_GRACE_MS)
      if (metricsListen !== null) await closeListener(metricsServer, STOP_GRACE_MS)
    },
  }
}

/** Pages alone, for collectors that come by any name. */
function createPagesHandler(pages: ReadonlyMap<string, Page>): HttpHandler {
  return (request, response) => {
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    const page = url === null ? undefined : pages.get(url.pathname)
    if (url !== null && page !== undefined && request.method === 'GET') return page(request, response, url)
    sendText(response, 404, 'There is /metrics, /livez, /readyz and /healthz.\n', 'text/plain')
  }
}
