// Owns: `GET /events` as Server-Sent Events; a browser resumes by itself with Last-Event-ID.
// Not here: streams (subscriptions.ts).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Address } from '../core/base/ids.ts'
import { buildError, RpcError } from './errors.ts'
import { sendJson } from './http.ts'
import type { Page } from './http.ts'
import type { RpcLimits } from './limits.ts'
import { parseStreamRequest } from './methods/events.ts'
import type { Forms } from './render.ts'
import type { Delivery, Sink, StreamRequest, Subscriptions, Topic } from './subscriptions.ts'

/** What event streams are served with. */
export type EventStreamOptions = { readonly forms: Forms; readonly limits: RpcLimits; readonly subscriptions: Subscriptions }

/** Open streams and the page that opens them. */
export type EventStreamSide = { readonly page: Page; readonly count: () => number }

const TOPICS: readonly Topic[] = ['heads', 'events', 'account']
const KNOWN = ['topic', 'names', 'account', 'merchant', 'cursor']

function formatDelivery({ seq, cursor, height, items }: Delivery): string {
  const data = `{"seq":${seq},"cursor":"${cursor}","height":${height},"items":[${items.join(',')}]}`
  return `id: ${cursor}\nevent: items\ndata: ${data}\n\n`
}

function createSink(response: ServerResponse): Sink {
  return {
    deliver: (delivery) => void response.write(formatDelivery(delivery)),
    tellGap: ({ resumeFrom, reason }) => void response.write(`event: gap\ndata: ${JSON.stringify({ resumeFrom, reason })}\n\n`),
    queuedBytes: () => response.writableLength,
    close: () => {
      response.end()
      setTimeout(() => response.destroy(), 1_000).unref()
    },
  }
}

function refuseParam(field: string, message: string): never {
  throw new RpcError(buildError('INVALID_PARAMS', message, { field }))
}

function parseAccount(text: string | null, { text: context }: Forms): Address | null {
  if (text === null) return null
  return context.parseAddress(text) ?? refuseParam('account', 'account is bech32m or did:seoul of this network.')
}

/** The stream that a request's query and Last-Event-ID ask for. Throws RpcError. */
function parseQuery(request: IncomingMessage, url: URL, forms: Forms): StreamRequest {
  const query = url.searchParams
  for (const name of query.keys()) if (!KNOWN.includes(name)) refuseParam(name, `Known are ${KNOWN.join(', ')}.`)
  const topic = (query.get('topic') ?? 'events') as Topic
  if (!TOPICS.includes(topic)) refuseParam('topic', `topic is one of ${TOPICS.join(', ')}.`)
  const resumed = request.headers['last-event-id']
  const from = typeof resumed === 'string' && resumed !== '' ? resumed : query.get('cursor')
  const names = query.get('names')
  const merchant = query.get('merchant')
  if (merchant !== null && !/^\d{15}$/.test(merchant)) refuseParam('merchant', 'merchant is a number of fifteen digits.')
  const account = parseAccount(query.get('account'), forms)
  const filter = { names: names === null ? null : names.split(','), account, merchant }
  return parseStreamRequest(forms.registry, { topic, filter, from })
}

/** `GET /events?topic=&names=&account=&merchant=&cursor=`. */
export function createEventStreams({ forms, limits, subscriptions }: EventStreamOptions): EventStreamSide {
  let open = 0
  const page: Page = (request, response, url) => {
    if (request.method !== 'GET') return void response.writeHead(405).end()
    if (open >= limits.eventStreamsMax) return sendJson(response, 503, { error: 'Too many event streams; try again later.' })
    const client = subscriptions.openClient(createSink(response))
    try {
      const { resumedFrom, start } = client.subscribe(parseQuery(request, url, forms))
      open += 1
      response.on('close', () => {
        open -= 1
        client.leave()
      })
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
      response.write(`id: ${resumedFrom}\nevent: open\ndata: {"resumedFrom":"${resumedFrom}"}\n\n`)
      start()
    } catch (thrown) {
      client.leave()
      if (!(thrown instanceof RpcError)) throw thrown
      sendJson(response, 400, { error: thrown.error })
    }
  }
  return { page, count: () => open }
}
