// Owns: JSON-RPC 2.0 between bytes and methods: requests, notifications, batches, one reply to each (interfaces.md 2.1).
// Not here: sockets (server.ts), what methods do (methods/).
import { buildError, buildThrownError, RpcError } from './errors.ts'
import type { ErrorObject } from './errors.ts'
import { parseJsonBytes } from './json-text.ts'
import type { RpcLimits } from './limits.ts'
import type { Call, Method, MethodTable, RawParams } from './method.ts'
import { findNearest } from './nearest.ts'
import type { Json } from '../core/codec/schema.ts'
import { createReadDesk, READ_COST } from './read-desk.ts'
import type { ReadDesk, ReadSession } from './read-desk.ts'
import type { RequestCounters } from './request-counters.ts'

/** Who calls, as far as calls depend on it. */
export type Caller = Pick<Call, 'streams' | 'afterReply'> & {
  /** Null, or how long to wait before the next call of this cost. */
  readonly spend: (cost: number) => number | null
}

/** Where faults of our own go; the shape of a pino logger. */
export type RpcLog = {
  readonly error: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly info: (fields: object, message: string) => void
}

/** What calls need that is the same for all of them. */
export type DispatchOptions = Pick<Call, 'node' | 'forms'> & {
  readonly limits: RpcLimits
  readonly methods: MethodTable
  readonly counters: RequestCounters
  readonly log: RpcLog
  /** A clock that only goes forward, for how long a batch may take at a stretch; the machine's unless given. */
  readonly nowMs?: () => number
}

/** The text of the one answer, or null where none is due. */
export type Answer = string | null

/** Answers the bytes of a request or batch. Never throws; a promise only where a method waits. */
export type Dispatch = (bytes: Uint8Array, caller: Caller) => Answer | Promise<Answer>

type Id = string | number | null

type Request = {
  readonly id: Id
  readonly isNotification: boolean
  readonly method: string
  readonly params: RawParams
  /** Who signed it, as it came (core/chain/read-request.ts). */
  readonly auth: unknown
}

/** Every error reply begins so; no other does. */
const ERROR_START = '{"jsonrpc":"2.0","error":'

function errorReply(id: Id, error: ErrorObject): string {
  return `${ERROR_START}${JSON.stringify(error)},"id":${JSON.stringify(id)}}`
}

/** Whether an id can be echoed exactly as it came; a number beyond 2^53 cannot. */
function isId(id: unknown): id is Id {
  return id === null || typeof id === 'string' || (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER)
}

function invalid(id: unknown, message: string): string {
  return errorReply(isId(id) ? id : null, buildError('INVALID_REQUEST', message))
}

/** The request in a JSON value, or the text of the error reply. */
function readRequest(value: unknown): Request | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid(null, 'A request is an object.')
  const { jsonrpc, id = null, method, params, auth } = value as Record<string, unknown>
  if (!isId(id)) return invalid(null, 'id is a string, null or a number that is exact (below 2^53).')
  if (jsonrpc !== '2.0') return invalid(id, 'jsonrpc is exactly "2.0".')
  if (typeof method !== 'string') return invalid(id, 'method is a string.')
  const hasParams = Object.hasOwn(value, 'params')
  if (hasParams && (typeof params !== 'object' || params === null)) return invalid(id, 'params is an object or an array.')
  return { id, isNotification: !Object.hasOwn(value, 'id'), method, params: params as RawParams, auth }
}

function refuseMethod(name: string, methods: MethodTable): ErrorObject {
  const nearest = findNearest(name, methods.keys())
  const shown = name.slice(0, 64)
  return nearest === null
    ? buildError('METHOD_NOT_FOUND', `There is no method ${shown} here; rpc_methods lists them.`)
    : buildError('METHOD_NOT_FOUND', `There is no method ${shown} here; did you mean ${nearest}?`, { nearest })
}

function withDeadline(reply: Promise<string>, request: Request, deadlineMs: number): Promise<string> {
  return new Promise((resolve) => {
    const late = (): void => resolve(errorReply(request.id, buildError('DEADLINE', undefined, { deadlineMs })))
    const timer = setTimeout(late, deadlineMs)
    void reply.then((text) => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}

/** Work on one batch in one turn of the loop, ms. */
const BATCH_TURN_MS = 100

type Desk = DispatchOptions & { waiters: number; readonly readers: ReadDesk; readonly nowMs: () => number }

function replyError(desk: Desk, request: Request, thrown: unknown): string {
  const known = buildThrownError(thrown)
  if (known === null) desk.log.error({ err: thrown, method: request.method }, 'RPC method failed')
  return errorReply(request.id, known ?? buildError('INTERNAL'))
}

function replyResult(desk: Desk, request: Request, result: Json): string {
  const max = desk.limits.responseBytesMax
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(request.id)},"result":${JSON.stringify(result)}}`
  if (!isTooLarge(text, max)) return text
  return errorReply(request.id, buildError('TOO_LARGE', 'The answer is too large; ask for less.', { max }))
}

async function awaitReply(desk: Desk, request: Request, pending: Promise<Json>): Promise<string> {
  try {
    return replyResult(desk, request, await pending)
  } catch (thrown) {
    return replyError(desk, request, thrown)
  }
}

async function awaitWaiter(desk: Desk, reply: Promise<string>): Promise<string> {
  desk.waiters += 1
  const text = await reply
  desk.waiters -= 1
  return text
}

function replyLater(desk: Desk, request: Request, method: Method, pending: Promise<Json>): Promise<string> {
  const reply = awaitReply(desk, request, pending)
  return method.waits ? awaitWaiter(desk, reply) : withDeadline(reply, request, desk.limits.deadlineMs)
}

function count(desk: Desk, method: string, reply: string, startedMs: number, isRefused = false): string {
  const outcome = isRefused ? 'refused' : reply.startsWith(ERROR_START) ? 'error' : 'ok'
  desk.counters.end({ method, durationMs: performance.now() - startedMs, outcome })
  return reply
}

function answer(desk: Desk, request: Request, method: Method, call: Call): string | Promise<string> {
  try {
    const result = method.invoke(call, request.params)
    return result instanceof Promise ? replyLater(desk, request, method, result) : replyResult(desk, request, result)
  } catch (thrown) {
    return replyError(desk, request, thrown)
  }
}

// Nothing restricted leaves before the read is in the log; an error's proof may show something too.
function withLog(desk: Desk, request: Request, session: ReadSession, reply: string): string | Promise<string> {
  const reads = session.reads()
  if (reads.length === 0) return reply
  return desk.node.accessLog.append(reads).then(
    () => reply,
    (err: unknown) => {
      desk.log.error({ err, method: request.method }, 'Access log failed')
      return errorReply(request.id, buildError('READ_LOG_FAILED'))
    },
  )
}

function invoke(desk: Desk, request: Request, caller: Caller): string | Promise<string> {
  const { methods, limits, node, forms } = desk
  const startedMs = performance.now()
  desk.counters.begin()
  const method = methods.get(request.method)
  if (method === undefined)
    return count(desk, 'unknown', errorReply(request.id, refuseMethod(request.method, methods)), startedMs)
  const { name } = method
  const cost = method.cost + (request.auth === undefined ? 0 : READ_COST)
  const retryAfterMs = method.waits && desk.waiters >= limits.waitersMax ? 1_000 : caller.spend(cost)
  if (retryAfterMs !== null)
    return count(desk, name, errorReply(request.id, buildError('RATE_LIMITED', undefined, { retryAfterMs })), startedMs, true)
  try {
    const session = desk.readers.open(request)
    const shown = { ...forms, show: session.show }
    const { streams, afterReply } = caller
    const call: Call = { node, forms: shown, limits, methods, session, streams, afterReply }
    const result = answer(desk, request, method, call)
    const reply =
      result instanceof Promise
        ? result.then((text) => withLog(desk, request, session, text))
        : withLog(desk, request, session, result)
    return reply instanceof Promise
      ? reply.then((text) => count(desk, name, text, startedMs))
      : count(desk, name, reply, startedMs)
  } catch (thrown) {
    return count(desk, name, replyError(desk, request, thrown), startedMs)
  }
}

function handleOne(desk: Desk, value: unknown, caller: Caller): Answer | Promise<Answer> {
  const request = readRequest(value)
  if (typeof request === 'string') return request
  const reply = invoke(desk, request, caller)
  if (!request.isNotification) return reply
  return typeof reply === 'string' ? null : reply.then(() => null)
}

function handleBatch(desk: Desk, values: readonly unknown[], caller: Caller): Answer | Promise<Answer> {
  const { batchMax, responseBytesMax } = desk.limits
  if (values.length === 0) return invalid(null, 'A batch holds at least one request.')
  if (values.length > batchMax) {
    const message = `A batch holds at most ${batchMax} requests, this one ${values.length}.`
    return errorReply(null, buildError('TOO_LARGE', message, { max: batchMax, got: values.length }))
  }
  const replies: (Answer | Promise<Answer>)[] = []
  const startedMs = desk.nowMs()
  for (const value of values) {
    if (desk.nowMs() - startedMs >= BATCH_TURN_MS) return answerLater(desk, { values, replies }, caller)
    replies.push(handleOne(desk, value, caller))
  }
  return replies.some((reply) => reply instanceof Promise)
    ? Promise.all(replies).then((texts) => joinBatch(texts, responseBytesMax))
    : joinBatch(replies as Answer[], responseBytesMax)
}

type Begun = { readonly values: readonly unknown[]; readonly replies: (Answer | Promise<Answer>)[] }

// A hundred costly calls at a stretch would keep consensus waiting: the rest of them goes on in later turns.
async function answerLater(desk: Desk, { values, replies }: Begun, caller: Caller): Promise<Answer> {
  while (replies.length < values.length) {
    await new Promise((resolve) => setImmediate(resolve))
    const startedMs = desk.nowMs()
    do replies.push(handleOne(desk, values[replies.length], caller))
    while (replies.length < values.length && desk.nowMs() - startedMs < BATCH_TURN_MS)
  }
  return joinBatch(await Promise.all(replies), desk.limits.responseBytesMax)
}

/** Dispatch over a method table. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const readers = createReadDesk({ node: options.node, text: options.forms.text })
  const { nowMs = () => performance.now() } = options
  const desk: Desk = { ...options, waiters: 0, readers, nowMs }
  return (bytes, caller) => {
    try {
      const value = parseJsonBytes(bytes, desk.limits.jsonDepthMax)
      return Array.isArray(value) ? handleBatch(desk, value, caller) : handleOne(desk, value, caller)
    } catch (thrown) {
      if (thrown instanceof RpcError) return errorReply(null, thrown.error)
      desk.log.error({ err: thrown }, 'RPC dispatch failed')
      return errorReply(null, buildError('INTERNAL'))
    }
  }
}

function isTooLarge(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true
  return text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax
}

/** One array of the replies; those beyond the bound of a response say so instead. */
function joinBatch(replies: readonly Answer[], bytesMax: number): Answer {
  let bytes = 2
  const kept: string[] = []
  for (const reply of replies) {
    if (reply === null) continue
    const size = Buffer.byteLength(reply) + 1
    bytes += size
    if (bytes <= bytesMax) kept.push(reply)
    else {
      bytes -= size
      const { id } = JSON.parse(reply) as { id: Id }
      kept.push(errorReply(id, buildError('TOO_LARGE', 'The batch’s answer is too large; ask for less.', { max: bytesMax })))
    }
  }
  return kept.length === 0 ? null : `[${kept.join(',')}]`
}
