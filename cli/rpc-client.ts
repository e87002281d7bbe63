// Owns: JSON-RPC calls to a node over HTTP or its operator socket, and what their failures mean for an exit code.
// Not here: which node (target.ts), the methods (rpc).
import { request } from 'node:http'
import { CliError, EXIT } from './errors.ts'

/** Where a node listens: an http URL, or `unix:` and the path of its operator socket. */
export type RpcAddress = string

/** A call that did not work: `unreachable` or an error the node answered with. */
export type RpcErrorBody = {
  readonly code: number
  readonly message: string
  readonly data?: { readonly code?: string } & Record<string, unknown>
}

const CALL_TIMEOUT_MS = 15_000

/**
 * Calls one method, signed by `auth` where that is given. Throws CliError with exit code 4 (unreachable), 5 (the node's error) or
 * 6 (no answer in time).
 */
export async function callRpc<T>(
  address: RpcAddress,
  method: string,
  params: unknown = {},
  timeoutMs = CALL_TIMEOUT_MS,
  auth?: object,
): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, auth })
  const { status, text } = await post(address, body, timeoutMs)
  let reply: { result?: T; error?: RpcErrorBody }
  try {
    reply = JSON.parse(text) as { result?: T; error?: RpcErrorBody }
  } catch {
    throw new CliError(EXIT.nodeError, 'BAD_ANSWER', `${address} answered with HTTP ${status} and no JSON; is this a Naru node?`)
  }
  if (reply.error !== undefined) {
    const { code, message, data } = reply.error
    throw new CliError(EXIT.nodeError, data?.code ?? 'RPC_ERROR', `${method}: ${message}`, {
      code,
      ...(data === undefined ? {} : { data }),
    })
  }
  return reply.result as T
}

/** Status and text of a GET, or null when nobody answers in time. */
export async function readPage(
  url: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly text: string } | null> {
  try {
    return await exchange(url, { method: 'GET' }, null, timeoutMs)
  } catch {
    return null
  }
}

async function post(address: RpcAddress, body: string, timeoutMs: number) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  try {
    return await exchange(address, { method: 'POST', headers }, body, timeoutMs)
  } catch (error) {
    if (error instanceof CliError) throw error
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new CliError(
      EXIT.unreachable,
      'UNREACHABLE',
      `no node answers at ${address} (${reason}); is it running? See naru devnet status`,
    )
  }
}

type Exchange = { readonly method: string; readonly headers?: Readonly<Record<string, string | number>> }

function exchange(
  address: string,
  call: Exchange,
  body: string | null,
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  const target = address.startsWith('unix:') ? { socketPath: address.slice(5), path: '/', host: 'localhost' } : urlParts(address)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      outgoing.destroy(new CliError(EXIT.timeout, 'TIMEOUT', `${address} gave no answer within ${timeoutMs} ms`))
    }, timeoutMs)
    const outgoing = request({ ...target, ...call, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        clearTimeout(timer)
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
      })
    })
    outgoing.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    outgoing.end(body ?? undefined)
  })
}

function urlParts(address: string) {
  const url = URL.parse(address)
  if (url === null || url.protocol !== 'http:') {
    throw new CliError(EXIT.usage, 'USAGE', `${address} is no address of a node; write http://host:port or unix:/path/admin.sock`)
  }
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    path: `${url.pathname}${url.search}`,
  }
}
