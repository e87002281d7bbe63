// Owns: raw HTTP and WebSocket callers for tests of the JSON-RPC listeners. Not here: the client library (sdk).
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import { WebSocket } from 'ws'

/** What came back: status, headers, body as text. */
export type RawAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

type Target = {
  readonly port?: number
  readonly socketPath?: string
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
}

/** Sends bytes and gathers the answer. */
export function sendRaw(target: Target, body?: string | Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const where = target.socketPath === undefined ? { host: '127.0.0.1', port: target.port } : { socketPath: target.socketPath }
    const outgoing = request(
      {
        ...where,
        method: target.method ?? 'POST',
        path: target.path ?? '/',
        headers: { 'content-type': 'application/json', ...target.headers },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
        response.on('error', reject)
      },
    )
    // A refused body may break off while it is still being sent; what counts is the answer.
    outgoing.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)))
    outgoing.end(body)
  })
}

/** A JSON-RPC reply as tests read it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Reply = { jsonrpc: string; id: unknown; result?: any; error?: { code: number; message: string; data: any } }

/** Calls a method by POST. */
export async function callHttp(port: number, method: string, params?: unknown): Promise<Reply> {
  const { text } = await sendRaw(
    { port },
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) }),
  )
  return JSON.parse(text) as Reply
}

/** An open WebSocket that keeps every message. */
export type WsClient = {
  readonly socket: WebSocket
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape.
  readonly messages: any[]
  readonly send: (text: string | Uint8Array) => void
  readonly call: (method: string, params?: unknown) => Promise<Reply>
  /** Resolves once `count` messages match. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape.
  readonly waitFor: (count: number, matches?: (message: any) => boolean) => Promise<any[]>
  readonly close: () => Promise<void>
}

/** Opens `GET /ws`. */
export async function openWs(port: number, path = '/ws'): Promise<WsClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  await once(socket, 'open')
  const messages: unknown[] = []
  const watchers = new Set<() => void>()
  let lastId = 0
  socket.on('message', (message) => {
    messages.push(JSON.parse(message.toString()))
    for (const watch of [...watchers]) watch()
  })
  const waitFor: WsClient['waitFor'] = (count, matches = () => true) =>
    new Promise((resolve) => {
      const watch = (): void => {
        const found = messages.filter(matches)
        if (found.length < count) return
        watchers.delete(watch)
        resolve(found)
      }
      watchers.add(watch)
      watch()
    })
  return {
    socket,
    messages: messages as WsClient['messages'],
    send: (text) => socket.send(text),
    call: async (method, params) => {
      const id = `call-${++lastId}`
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }))
      const [reply] = await waitFor(1, (message) => message.id === id)
      return reply as Reply
    },
    waitFor,
    close: async () => {
      socket.close()
      if (socket.readyState !== socket.CLOSED) await once(socket, 'close')
    },
  }
}

/** Sends bytes over a bare TCP connection and gathers all that comes until it is closed. */
export async function sendBytes(port: number, parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', () => undefined)
  for (const part of parts) socket.write(part)
  await once(socket, 'close')
  return text
}
