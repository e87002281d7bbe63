// Owns: carrying JSON-RPC requests to a node and their answers back, over HTTP.
// Not here: WebSocket (web-socket.ts), ids and errors (client.ts).
import { NodeError } from '../core/base/errors.ts'
import type { ReadAuthJson } from './signed-read.ts'
import type { Stream, StreamOptions } from './stream.ts'

/** A JSON-RPC request as it goes out. */
export type RpcRequest = {
  readonly jsonrpc: '2.0'
  readonly id: number
  readonly method: string
  readonly params: object
  /** Who signed it (signed-read.ts). */
  readonly auth?: ReadAuthJson
}

/** How long to wait for an answer, in ms. */
export type RequestOptions = { readonly timeoutMs: number }

/** A way to one node. */
export type Transport = {
  /** The parsed answer to a request or a batch. Throws NodeError RPC_TIMEOUT, RPC_UNREACHABLE, RPC_BAD_ANSWER or RPC_CLOSED. */
  readonly request: (payload: RpcRequest | readonly RpcRequest[], options: RequestOptions) => Promise<unknown>
  /** Begins a stream; absent where answers cannot be followed by notifications. */
  readonly subscribe?: (options: StreamOptions) => Stream
  /** Ends it: open calls fail with RPC_CLOSED. */
  readonly close: () => void
}

/** Options of `httpTransport`. */
export type HttpOptions = {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** In place of the platform's `fetch`. */
  readonly fetch?: typeof fetch
}

/** POST to one URL; the platform's fetch keeps connections alive between calls. */
export function httpTransport({ url, headers = {}, fetch: send = fetch }: HttpOptions): Transport {
  const open = new Set<AbortController>()
  let closed = false
  const post = async (body: string, timeoutMs: number): Promise<unknown> => {
    if (closed) throw closedError()
    const ending = new AbortController()
    const timer = setTimeout(() => ending.abort(), timeoutMs)
    open.add(ending)
    try {
      const request = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, signal: ending.signal }
      const response = await send(url, request)
      return readAnswer(response.status, await response.text(), url)
    } catch (cause) {
      if (cause instanceof NodeError) throw cause
      if (closed) throw closedError()
      if (ending.signal.aborted) throw timeoutError(url, timeoutMs)
      throw new NodeError('RPC_UNREACHABLE', `${url} cannot be reached: ${reasonOf(cause)}; is the node running?`, cause)
    } finally {
      clearTimeout(timer)
      open.delete(ending)
    }
  }
  return {
    request: (payload, { timeoutMs }) => post(JSON.stringify(payload), timeoutMs),
    close: () => {
      closed = true
      for (const ending of open) ending.abort()
    },
  }
}

/** What a call throws that is not answered in time. */
export function timeoutError(url: string, timeoutMs: number): NodeError {
  return new NodeError('RPC_TIMEOUT', `${url} gave no answer within ${timeoutMs} ms; try again or another node`)
}

/** What every open and later call of a closed transport throws. */
export function closedError(): NodeError {
  return new NodeError('RPC_CLOSED', 'the client is closed; create a new one')
}

function readAnswer(status: number, text: string, url: string): unknown {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null) return answer
  } catch {
    // Falls through: a proxy's page, or nothing.
  }
  const shown = text.length === 0 ? 'nothing' : JSON.stringify(text.slice(0, 80))
  throw new NodeError('RPC_BAD_ANSWER', `${url} answered with HTTP ${status} and ${shown}, expected JSON-RPC; check the URL`)
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message
}
