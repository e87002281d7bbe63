// Owns: `GET /1.0/identifiers/{did}` as a Universal Resolver answers it, and `GET /1.0/status-lists/{did}/{listId}`.
// Not here: what a DID resolves to (modules/identity), JSON-RPC (dispatch.ts).
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CodecError, isFailure } from '../core/base/errors.ts'
import type { Json } from '../core/codec/schema.ts'
import type { QueryDefinition } from '../core/execution/module.ts'
import type { Spend } from './budget.ts'
import { sendJson, sendText } from './http.ts'
import type { Page } from './http.ts'
import { renderStatusCredential } from './methods/identity.ts'
import { buildHeadEnv } from './head-env.ts'
import type { NodeApi } from './node-api.ts'
import type { Forms } from './render.ts'

/** What the pages are served with. */
export type DidPageOptions = { readonly node: NodeApi; readonly forms: Forms; readonly spend: Spend }

type Resolved = { readonly [member: string]: Json } & {
  readonly didDocument: Json
  readonly didResolutionMetadata: { readonly error?: string }
  readonly didDocumentMetadata: { readonly deactivated?: boolean }
}

const RESULT_TYPES = ['application/did-resolution', 'application/ld+json;profile="https://w3id.org/did-resolution"']
const DOCUMENT_TYPES = [
  'application/did+ld+json',
  'application/did+json',
  'application/did',
  'application/ld+json',
  'application/json',
]
const STATUS_BY_ERROR: Readonly<Record<string, number>> = {
  invalidDid: 400,
  invalidDidUrl: 400,
  notFound: 404,
  representationNotSupported: 406,
  methodNotSupported: 501,
}
const OPTIONS = ['versionId', 'versionTime']

/** The pages of a registry that has the identity room; none otherwise. Paths that end in `/` stand for all below them. */
export function buildDidPages(options: DidPageOptions): [string, Page][] {
  const queries = options.node.registry.modules.flatMap((room) => room.queries) as readonly QueryDefinition[]
  const resolve = queries.find(({ name }) => name === 'identity_resolve')
  if (resolve === undefined) return []
  return [
    [
      '/1.0/identifiers/',
      (request, response, url) =>
        priced(options, { request, response }, () => answerDid(options, { resolve, request, response, url })),
    ],
    [
      '/1.0/status-lists/',
      (request, response, url) => priced(options, { request, response }, () => answerList(options, response, url)),
    ],
  ]
}

function priced(
  { spend }: DidPageOptions,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  answer: () => void,
): void {
  const waitMs = spend(request.socket.remoteAddress ?? '', 1)
  if (waitMs === null) return answer()
  response.setHeader('Retry-After', Math.ceil(waitMs / 1_000))
  sendJson(response, 429, { error: 'Too many calls; wait as Retry-After says.' })
}

type DidRequest = {
  readonly resolve: QueryDefinition
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
}

function answerDid(options: DidPageOptions, { resolve, request, response, url }: DidRequest): void {
  const type = chooseType(request.headers.accept ?? '*/*')
  if (type === null) return sendResult(response, RESULT_TYPES[0] as string, failed('representationNotSupported'))
  const result = resolveUrl(options, resolve, url)
  const isWhole = RESULT_TYPES.includes(type) || result.didResolutionMetadata.error !== undefined
  if (isWhole) return sendResult(response, RESULT_TYPES.includes(type) ? type : (RESULT_TYPES[0] as string), result)
  const status = result.didDocumentMetadata.deactivated === true ? 410 : 200
  sendText(response, status, `${JSON.stringify(result.didDocument)}\n`, type)
}

function sendResult(response: ServerResponse, type: string, result: Resolved): void {
  const { error } = result.didResolutionMetadata
  const status =
    error === undefined ? (result.didDocumentMetadata.deactivated === true ? 410 : 200) : (STATUS_BY_ERROR[error] ?? 500)
  const body = { '@context': 'https://w3id.org/did-resolution/v1', ...result }
  sendText(response, status, `${JSON.stringify(body)}\n`, type)
}

function failed(error: string, message?: string): Resolved {
  const metadata = message === undefined ? { error } : { error, errorMessage: message }
  return { didDocument: null, didResolutionMetadata: metadata, didDocumentMetadata: {} }
}

function resolveUrl({ node, forms }: DidPageOptions, resolve: QueryDefinition, url: URL): Resolved {
  const did = decodePart(url.pathname.slice('/1.0/identifiers/'.length))
  const stray = [...url.searchParams.keys()].find((name) => !OPTIONS.includes(name))
  if (stray !== undefined)
    return failed('invalidDidUrl', `there is no option ${stray.slice(0, 32)}; there are ${OPTIONS.join(', ')}`)
  if (did === null) return failed('invalidDid')
  const versionId = url.searchParams.get('versionId')
  const versionTime = url.searchParams.get('versionTime')
  if (versionId !== null && !/^[1-9]\d{0,8}$/.test(versionId)) return failed('invalidDidUrl', 'versionId is a number from 1 on')
  const raw = { did, versionId: versionId === null ? null : Number(versionId), versionTime }
  try {
    const result = resolve.run(node.state(), resolve.params.fromJson(raw, forms.text, '$'), buildHeadEnv(node))
    if (isFailure(result)) return failed('internalError', result.text)
    return resolve.result.toJson(result, forms.text) as unknown as Resolved
  } catch (thrown) {
    if (thrown instanceof CodecError) return failed('invalidDidUrl', thrown.message)
    throw thrown
  }
}

function decodePart(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

// The first type of the client's list that can be made, best quality first; parameters but `profile` do not matter.
function chooseType(accept: string): string | null {
  const wanted = accept
    .slice(0, 1_024)
    .split(',')
    .map((entry) => ({
      type: entry
        .replace(/;\s*q=[^;]*/i, '')
        .replace(/\s+/g, '')
        .toLowerCase(),
      q: qualityOf(entry),
    }))
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
  for (const { type } of wanted) {
    if (type === '*/*' || type === 'application/*' || type === '') return RESULT_TYPES[0] as string
    const known = [...RESULT_TYPES, ...DOCUMENT_TYPES].find((made) => made === type)
    if (known !== undefined) return known
  }
  return null
}

function qualityOf(entry: string): number {
  const value = Number(/;\s*q=([\d.]+)/i.exec(entry)?.[1] ?? '1')
  return Number.isNaN(value) ? 0 : value
}

function answerList({ node, forms }: DidPageOptions, response: ServerResponse, url: URL): void {
  const [did = '', listId = '', ...rest] = url.pathname.slice('/1.0/status-lists/'.length).split('/')
  const issuer = forms.text.parseAddress(decodePart(did) ?? '')
  if (issuer === null || rest.length > 0 || !/^(0|[1-9]\d{0,18})$/.test(listId)) {
    return sendJson(response, 400, { error: 'A status list is /1.0/status-lists/{issuer DID}/{number}.' })
  }
  const credential = renderStatusCredential(node, { issuer, listId: BigInt(listId) })
  if (isFailure(credential)) return sendJson(response, 404, { error: credential.text })
  sendText(response, 200, `${JSON.stringify(credential)}\n`, 'application/vc')
}
