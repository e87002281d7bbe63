// Owns: JSON-RPC over kept connections, as a load generator needs it. Not here: the SDK's client, what is asked.
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Posts one call or a batch and gives the parsed answer. Rejects when the connection breaks. */
export function post(url: string, body: unknown): Promise<unknown> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString('utf8')))
        } catch (error) {
          reject(error as Error)
        }
      })
      response.on('error', reject)
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection that the node closed while we were busy with something else: nothing was asked yet.
      if (call.reusedSocket && error.code === 'ECONNRESET') post(url, body).then(resolve, reject)
      else reject(error)
    })
    call.end(text)
  })
}

/** Answer of one call. Rejects with the node's own message when it refuses. */
export async function callMethod<T>(url: string, method: string, params: unknown): Promise<T> {
  const answer = (await post(url, { jsonrpc: '2.0', id: 1, method, params })) as { result: T; error?: { message: string } }
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result
}

/** Height of a node's head. */
export async function readHeadHeight(url: string): Promise<number> {
  return (await callMethod<{ value: { height: number } }>(url, 'chain_head', {})).value.height
}
