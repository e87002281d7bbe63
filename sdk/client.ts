// Owns: JSON-RPC calls and batches: ids, matching of answers, errors. Not here: how bytes travel (transport.ts, web-socket.ts).
import { NodeError } from '../core/base/errors.ts'
import { buildRpcError } from './errors.ts'
import type { RpcError } from './errors.ts'
import type { RpcMethods } from './methods.ts'
import { signRead } from './signed-read.ts'
import type { Reader } from './signed-read.ts'
import type { StreamFilter, Stream, StreamTopic } from './stream.ts'
import { httpTransport } from './transport.ts'
import type { RpcRequest, Transport } from './transport.ts'
import { webSocketTransport } from './web-socket.ts'

/** Time an answer may take where a call does not say, in ms. */
export const REQUEST_TIMEOUT_MS = 15_000
/** How far a node's clock may lie beside ours and still be signed by; a devnet's may lie anywhere. */
const CLOCK_AHEAD_MAX_MS = 600_000

/** `{url}` of http(s) or ws(s), or a transport of your own. `timeoutMs` bounds each call. */
export type ClientOptions = ({ readonly url: string } | { readonly transport: Transport }) & { readonly timeoutMs?: number }

/** One call of a batch. */
export type BatchCall = { readonly method: string; readonly params?: object }

/** Bounds of one call; `as` signs it, which shows records that not everybody may read. */
export type CallOptions = { readonly timeoutMs?: number; readonly as?: Reader }

/** Calls to one node. */
export type Client = {
  /** Result of a method. Throws RpcError when the node refuses, NodeError when it cannot be asked. */
  readonly call: CallFunction
  /**
   * Results in the order of the calls; a refused one gives its RpcError as a value. Throws RpcError when all are refused at once.
   */
  readonly batch: (calls: readonly BatchCall[], options?: CallOptions) => Promise<readonly unknown[]>
  /** Events of a topic, each exactly once; needs a WebSocket URL. */
  readonly subscribe: (topic: StreamTopic, filter?: StreamFilter, options?: { readonly from?: string }) => Stream
  readonly close: () => void
}

/** Typed for the methods of `RpcMethods`, generic for every other. */
export type CallFunction = {
  <M extends keyof RpcMethods>(
    method: M,
    params?: RpcMethods[M]['params'],
    options?: CallOptions,
  ): Promise<RpcMethods[M]['result']>
  <T>(method: string, params?: object, options?: CallOptions): Promise<T>
}

/** A client of one node. Throws NodeError RPC_BAD_URL unless the URL is http(s) or ws(s). */
export function createClient(options: ClientOptions): Client {
  const transport = 'transport' in options ? options.transport : transportOf(options.url)
  const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS
  let lastId = 0
  let aheadMs = 0
  const build = (method: string, params: object = {}): RpcRequest => ({ jsonrpc: '2.0', id: ++lastId, method, params })

  const signed = (request: RpcRequest, as: Reader | undefined): RpcRequest =>
    as === undefined ? request : { ...request, auth: signRead(as, { ...request, time: Date.now() + aheadMs }) }

  const call = async (method: string, params?: object, bounds?: CallOptions): Promise<unknown> => {
    const ask = async (): Promise<Outcome> => {
      const request = signed(build(method, params), bounds?.as)
      const answer = await transport.request(request, { timeoutMs: bounds?.timeoutMs ?? timeoutMs })
      return resultOf(answer, request)
    }
    const outcome = await ask()
    const ahead = bounds?.as === undefined ? null : clockOf(outcome, bounds.as)
    if (ahead === null) return unwrap(outcome)
    // The node's clock is another than ours: it said so, and the next signature goes by it.
    aheadMs = ahead
    return unwrap(await ask())
  }

  const batch = async (calls: readonly BatchCall[], bounds?: CallOptions): Promise<readonly unknown[]> => {
    if (calls.length === 0) return []
    const requests = calls.map(({ method, params }) => build(method, params))
    const answer = await transport.request(requests, { timeoutMs: bounds?.timeoutMs ?? timeoutMs })
    return matchBatch(answer, requests)
  }

  return {
    call: call as CallFunction,
    batch,
    subscribe: (topic, filter, { from } = {}) => {
      if (transport.subscribe !== undefined) return transport.subscribe({ topic, filter: filter ?? {}, from: from ?? null })
      throw new NodeError('RPC_NO_STREAM', 'streams need a WebSocket; create the client with a ws:// or wss:// URL ending in /ws')
    },
    close: transport.close,
  }
}

function transportOf(url: string): Transport {
  if (/^https?:\/\//.test(url)) return httpTransport({ url })
  if (/^wss?:\/\//.test(url)) return webSocketTransport({ url })
  throw new NodeError('RPC_BAD_URL', `${url} is no node URL; it starts with http://, https://, ws:// or wss://`)
}

type Outcome = { readonly result: unknown } | { readonly error: RpcError }

/** How far ahead the node's clock is where it refused a signature for its own; null where it did not, or says too much. */
function clockOf(outcome: Outcome, { wallet }: Reader): number | null {
  if (!('error' in outcome) || outcome.error.data.code !== 'READ_EXPIRED') return null
  const { now } = outcome.error.data
  const ahead = typeof now === 'number' && Number.isSafeInteger(now) ? now - Date.now() : null
  const isBelieved = ahead !== null && (wallet.network === 'devnet' || Math.abs(ahead) <= CLOCK_AHEAD_MAX_MS)
  return isBelieved ? ahead : null
}

function unwrap(outcome: Outcome): unknown {
  if ('error' in outcome) throw outcome.error
  return outcome.result
}

function resultOf(answer: unknown, request: RpcRequest): Outcome {
  const reply = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  // A request that could not be read is answered with the id null.
  if ('error' in reply && (reply['id'] === request.id || reply['id'] === null)) return { error: buildRpcError(reply['error']) }
  if (reply['id'] === request.id && 'result' in reply) return { result: reply['result'] }
  throw new NodeError('RPC_BAD_ANSWER', `the answer to ${request.method} is no JSON-RPC reply to it`)
}

function matchBatch(answer: unknown, requests: readonly RpcRequest[]): readonly unknown[] {
  const first = requests[0] as RpcRequest
  if (!Array.isArray(answer)) {
    unwrap(resultOf(answer, first))
    throw new NodeError('RPC_BAD_ANSWER', 'the answer to a batch is no list of JSON-RPC replies')
  }
  const byId = new Map(answer.map((reply) => [(reply as { id?: unknown } | null)?.id, reply as unknown]))
  return requests.map((request) => {
    const outcome = resultOf(byId.get(request.id), request)
    return 'error' in outcome ? outcome.error : outcome.result
  })
}
