// Owns: requests over HTTP: routes, body bounds, CORS, statuses.
// Not here: WebSocket (web-socket.ts), JSON-RPC itself (dispatch.ts).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from './access.ts'
import type { Answer, Caller, Dispatch } from './dispatch.ts'
import { renderHealth } from './methods/node.ts'
import type { NodeApi } from './node-api.ts'
import type { Json } from '../core/codec/schema.ts'

/** A page that answers GET at its path. */
export type Page = (request: IncomingMessage, response: ServerResponse, url: URL) => void

/** What the listener answers with. */
export type HttpOptions = {
  readonly dispatch: Dispatch
  readonly access: Access
  readonly bodyBytesMax: number
  readonly spend: (remote: string, cost: number) => number | null
  readonly pages: ReadonlyMap<string, Page>
}

/** Answers requests of a node:http server. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void

/** How long, and how much of, a refused request is still taken and dropped. */
const LINGER_MS = 1_000
const LINGER_BYTES_MAX = 33_554_432

const JSON_TYPES = ['application/json', 'application/json-rpc', 'application/jsonrequest']

/** Ends a response with JSON. */
export function sendJson(response: ServerResponse, status: number, value: Json): void {
  sendText(response, status, `${JSON.stringify(value)}\n`, 'application/json')
}

/** Ends a response with text of a type. */
export function sendText(response: ServerResponse, status: number, text: string, type: string): void {
  const body = Buffer.from(text)
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-store' })
  response.end(body)
}

/** Refuses at once, and closes when the rest of the request has come or took too long: it must not be taken for the next one. */
function refuseRequest(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy()
  const body = Buffer.from(`${JSON.stringify({ error: message })}\n`)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    Connection: 'close',
  })
  response.write(body)
  dropRest(response.req, () => response.end())
}

// A connection closed on a client that still sends is reset, and the client may never read the answer.
function dropRest(request: IncomingMessage, close: () => void): void {
  let dropped = 0
  const timer = setTimeout(close, LINGER_MS)
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > LINGER_BYTES_MAX) close()
  })
  request.once('end', close)
  request.once('close', () => clearTimeout(timer))
  request.resume()
}

/**
 * `GET /livez`: the process answers. `GET /readyz`: 503 with its reasons while it should get no traffic. `GET /healthz` says the
 * same, with `?verbose` every criterion by name and why the chain stands still or not.
 */
export function buildHealthPages(node: NodeApi): [string, Page][] {
  return [
    ['/livez', (_request, response) => sendJson(response, 200, { live: true })],
    [
      '/readyz',
      (_request, response) => {
        const health = node.health()
        sendJson(response, health.ready ? 200 : 503, renderHealth(health))
      },
    ],
    [
      '/healthz',
      (_request, response, url) => {
        const health = node.health()
        const status = health.ready ? 200 : 503
        if (!url.searchParams.has('verbose'))
          return sendText(response, status, health.ready ? 'ok\n' : 'not ready\n', 'text/plain')
        const lines = health.criteria.map(({ name, holds, text }) => `[${holds ? '+' : '-'}] ${name}: ${text}`)
        const { state, cause, sentence } = node.diagnose()
        sendText(response, status, `${[...lines, `${state} (${cause}): ${sentence}`].join('\n')}\n`, 'text/plain')
      },
    ],
  ]
}

function isJson(request: IncomingMessage): boolean {
  const type = request.headers['content-type']
  if (request.headers['content-encoding'] !== undefined && request.headers['content-encoding'] !== 'identity') return false
  return type === undefined || JSON_TYPES.includes((type.split(';')[0] ?? '').trim().toLowerCase())
}

/** Gathers a body up to a bound; beyond it `refuse` is called once and the rest is dropped. */
function readBody(request: IncomingMessage, bytesMax: number, take: (body: Buffer) => void, refuse: () => void): void {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    refuse()
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= bytesMax) chunks.push(chunk)
    else if (size - chunk.length <= bytesMax) refuse()
  })
  request.on('end', () => {
    if (size <= bytesMax) take(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
  })
}

function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return
  if (answer === null) {
    response.writeHead(204)
    response.end()
    return
  }
  const body = Buffer.from(answer)
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
  response.end(body)
}

function createCaller(request: IncomingMessage, response: ServerResponse, spend: HttpOptions['spend']): Caller {
  const remote = request.socket.remoteAddress ?? ''
  return {
    streams: null,
    afterReply: (perform) => void response.once('finish', perform),
    spend: (cost) => spend(remote, cost),
  }
}

function handlePost(options: HttpOptions, request: IncomingMessage, response: ServerResponse): void {
  const { dispatch, bodyBytesMax, spend } = options
  if (!isJson(request)) {
    refuseRequest(response, 415, 'Send application/json, not compressed.')
    return
  }
  const take = (body: Buffer): void => {
    const answer = dispatch(body, createCaller(request, response, spend))
    if (answer instanceof Promise) void answer.then((text) => sendAnswer(response, text))
    else sendAnswer(response, answer)
  }
  readBody(request, bodyBytesMax, take, () => refuseRequest(response, 413, `A request is at most ${bodyBytesMax} bytes.`))
}

function handlePreflight(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Methods', 'POST, GET')
  response.setHeader('Access-Control-Allow-Headers', 'Content-Type, Last-Event-ID')
  response.setHeader('Access-Control-Max-Age', '600')
  response.writeHead(204)
  response.end()
}

/** The handler of a listener's HTTP requests. */
export function createHttpHandler(options: HttpOptions): HttpHandler {
  const { access, pages } = options
  return (request, response) => {
    request.on('error', () => response.destroy())
    if (!access.isHostAllowed(request)) return refuseRequest(response, 403, 'This host name is not served here; see rpc.hosts.')
    const origin = access.originOf(request)
    if (origin === false) return refuseRequest(response, 403, 'Pages of this origin may not call; see rpc.origins.')
    if (origin !== null) {
      response.setHeader('Access-Control-Allow-Origin', origin)
      if (origin !== '*') response.setHeader('Vary', 'Origin')
    }
    const { method = '', url = '/' } = request
    if (method === 'POST' && url === '/') return handlePost(options, request, response)
    if (method === 'OPTIONS') return handlePreflight(response)
    handlePage(pages, request, response)
  }
}

// A path that ends in `/` stands for everything below it.
function findPage(pages: ReadonlyMap<string, Page>, path: string): Page | undefined {
  const exact = pages.get(path)
  if (exact !== undefined) return exact
  for (const [prefix, page] of pages) if (prefix.endsWith('/') && path.startsWith(prefix)) return page
  return undefined
}

function handlePage(pages: ReadonlyMap<string, Page>, request: IncomingMessage, response: ServerResponse): void {
  const url = URL.parse(request.url ?? '/', 'http://localhost')
  const page = url === null ? undefined : findPage(pages, url.pathname)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (url !== null && page !== undefined && isRead) {
    page(request, response, url)
  } else if (page !== undefined) {
    response.setHeader('Allow', 'GET')
    refuseRequest(response, 405, 'This page is read by GET.')
  } else if (url?.pathname === '/') {
    response.setHeader('Allow', 'POST')
    refuseRequest(response, 405, 'JSON-RPC is POST /.')
  } else {
    refuseRequest(
      response,
      404,
      'There is POST / for JSON-RPC, GET /ws, /events, /1.0/identifiers/{did}, /livez, /readyz, /healthz.',
    )
  }
}
