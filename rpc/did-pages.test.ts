// Owns: the Universal Resolver's form over HTTP, and what DID Core asks of documents and results, over real records.
// Not here: which version is meant (modules/identity).
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gunzipSync } from 'node:zlib'
import { didDeactivate } from '../modules/identity/did-deactivate.ts'
import { didUpdate } from '../modules/identity/did-update.ts'
import { issuerAccredit } from '../modules/identity/issuer-accredit.ts'
import { issuerPropose } from '../modules/identity/issuer-propose.ts'
import { statusCreate } from '../modules/identity/status-create.ts'
import { statusSet } from '../modules/identity/status-set.ts'
import { REGISTRY } from '../modules/registry.ts'
import { formatDid, NETWORKS } from '../core/crypto/address.ts'
import { createFakeNode } from '../test/helpers/fake-node.ts'
import { createIdentityBench, hashOf, keyFor, runByCouncil } from '../test/identity-bench.ts'
import { accountOf, textOf } from '../test/room-bench.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'

const city = createIdentityBench()
const didOf = (name: string, net: number = NETWORKS.devnet.netId): string => formatDid(accountOf(name), net)
let rpc: Awaited<ReturnType<typeof startRpc>>

beforeAll(async () => {
  const did = accountOf('alice')
  city.advance(5_000)
  const add = [keyFor(city, did, { kid: 'k2', name: 'alice-2', rel: 1 })]
  const services = [{ id: 'desk', type: 'Desk', uri: 'https://desk.example/a' }]
  city.run(didUpdate, {
    sender: did,
    payload: { did, prevVersionId: 1, add, revoke: [], relations: [], services, controller: [accountOf('bob')] },
  })
  const gone = accountOf('dave')
  city.run(didDeactivate, { sender: gone, payload: { did: gone, reasonCode: 'OWNER_REQUEST', guCode: null, caseCommit: null } })
  const issuer = accountOf('issuer')
  city.run(issuerPropose, { sender: issuer, payload: { orgCode: 'GU', types: ['T'], policyHash: hashOf(1) } })
  const accredited = { issuer, types: ['T'], assurance: 2, validUntil: 20271231 }
  runByCouncil(city, issuerAccredit, { sender: accountOf('cityhall'), payload: accredited })
  city.run(statusCreate, { sender: issuer, payload: { listId: 1n, purpose: 'REVOCATION' as const, size: 131_072 } })
  city.run(statusSet, { sender: issuer, payload: { listId: 1n, seq: 1n, changes: [{ index: 0, bit: true }] } })
  const fake = createFakeNode()
  const node = { ...fake, registry: REGISTRY, state: () => city.view }
  rpc = await startRpc({ fake: node as typeof fake })
})

afterAll(() => rpc.stop())

type Reply = { readonly status: number; readonly headers: Record<string, string | string[] | undefined>; readonly text: string }

function ask(path: string, options: { accept?: string; method?: string; origin?: string } = {}): Promise<Reply> {
  const { accept, method = 'GET', origin } = options
  const headers = { ...(accept === undefined ? {} : { accept }), ...(origin === undefined ? {} : { origin }) }
  return new Promise((done, fail) => {
    const call = request({ host: '127.0.0.1', port: rpc.port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString() }),
      )
    })
    call.on('error', fail)
    call.end()
  })
}

const resolve = (did: string, options = {}) => ask(`/1.0/identifiers/${did}`, options)
const errorOf = async (did: string, options = {}) => {
  const { status, text } = await resolve(did, options)
  const { didDocument, didResolutionMetadata, didDocumentMetadata } = JSON.parse(text)
  expect([didDocument, didDocumentMetadata]).toEqual([null, {}])
  return [status, didResolutionMetadata.error]
}

describe('GET /1.0/identifiers/{did}', () => {
  test('answers the resolution result, or the document alone where that is asked for', async () => {
    const whole = await resolve(didOf('alice'))
    expect([whole.status, whole.headers['content-type']]).toEqual([200, 'application/did-resolution'])
    expect(JSON.parse(whole.text)).toMatchObject({
      '@context': 'https://w3id.org/did-resolution/v1',
      didDocument: { id: didOf('alice'), service: [{ id: `${didOf('alice')}#desk` }] },
      didDocumentMetadata: { versionId: '2', deactivated: false, status: 'ACTIVE' },
    })
    for (const type of ['application/did+ld+json', 'application/did+json', 'application/did', 'application/json']) {
      const { headers, text } = await resolve(didOf('alice'), { accept: `${type};q=0.9, text/html;q=1` })
      expect([headers['content-type'], JSON.parse(text).id]).toEqual([type, didOf('alice')])
    }
    const profile = 'application/ld+json;profile="https://w3id.org/did-resolution"'
    expect((await resolve(didOf('alice'), { accept: profile })).headers['content-type']).toBe(profile)
  })

  test('answers a version by number or time, a percent-encoded DID, and HEAD', async () => {
    const first = JSON.parse((await resolve(`${didOf('alice')}?versionId=1`)).text)
    expect(first.didDocumentMetadata).toMatchObject({ versionId: '1', nextVersionId: '2', nextUpdate: '2026-11-23T00:00:05Z' })
    const then = await resolve(`${didOf('alice')}?versionTime=2026-11-23T00:00:04Z`)
    expect(JSON.parse(then.text).didDocumentMetadata.versionId).toBe('1')
    expect((await resolve(encodeURIComponent(didOf('alice')))).status).toBe(200)
    const head = await resolve(didOf('alice'), { method: 'HEAD' })
    expect([head.status, head.text, Number(head.headers['content-length']) > 500]).toEqual([200, '', true])
  })

  test('has a status for every way of not resolving', async () => {
    expect(await errorOf(didOf('bob', 1))).toEqual([404, 'notFound'])
    expect(await errorOf(`${didOf('alice')}?versionId=3`)).toEqual([404, 'notFound'])
    expect(await errorOf(`${didOf('alice').slice(0, -1)}0`)).toEqual([400, 'invalidDid'])
    expect(await errorOf('did:seoul')).toEqual([400, 'invalidDid'])
    expect(await errorOf('')).toEqual([400, 'invalidDid'])
    expect(await errorOf('%E0%A4%A')).toEqual([400, 'invalidDid'])
    expect(await errorOf('did:web:example.com')).toEqual([501, 'methodNotSupported'])
    expect(await errorOf(`${didOf('alice')}?versionId=0`)).toEqual([400, 'invalidDidUrl'])
    expect(await errorOf(`${didOf('alice')}?versionTime=noon`)).toEqual([400, 'invalidDidUrl'])
    expect(await errorOf(`${didOf('alice')}?service=desk`)).toEqual([400, 'invalidDidUrl'])
    expect(await errorOf(didOf('alice'), { accept: 'text/html' })).toEqual([406, 'representationNotSupported'])
    const gone = await resolve(didOf('dave'))
    expect([gone.status, JSON.parse(gone.text).didDocumentMetadata.deactivated]).toEqual([410, true])
    expect((await resolve(didOf('dave'), { accept: 'application/did' })).status).toBe(410)
    expect((await resolve(didOf('alice'), { method: 'PUT' })).status).toBe(405)
  })

  test('lets pages of allowed origins read', async () => {
    const reply = await resolve(didOf('alice'), { origin: 'https://page.example' })
    expect(reply.headers['access-control-allow-origin']).toBe('*')
  })
})

// The statements of DID Core 1.0 that the W3C test suite checks, on each of our outcomes; section numbers are the
// specification's.
const DID = /^did:[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+$/
const DID_URL = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]+(?:\/[^?#]*)?(?:\?[^#]*)?(?:#.*)?$/
const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const RELATIONS = ['authentication', 'assertionMethod', 'keyAgreement', 'capabilityInvocation', 'capabilityDelegation']

describe('DID Core 1.0', () => {
  const outcomes: readonly [string, string][] = [
    ['present version', 'alice'],
    ['earlier version', 'alice?versionId=1'],
    ['DID of genesis', 'bob'],
    ['ended DID', 'dave'],
  ]
  test.each(outcomes)('documents and metadata: %s', async (_name, place) => {
    const [name = '', query] = place.split('?')
    const { text } = await resolve(`${didOf(name)}${query === undefined ? '' : `?${query}`}`)
    const { didDocument: document, didDocumentMetadata: metadata, didResolutionMetadata } = JSON.parse(text)
    expect(document.id).toMatch(DID) // 5.1.1
    expect(document.id).toBe(didOf(name)) // 7.1
    for (const controller of document.controller ?? []) expect(controller).toMatch(DID) // 5.1.2
    const methods = document.verificationMethod ?? []
    for (const method of methods) {
      expect(Object.keys(method).sort()).toEqual(['controller', 'id', 'publicKeyMultibase', 'type']) // 5.2, 5.2.1: one material
      expect(method.id).toMatch(DID_URL)
      expect(method.controller).toMatch(DID)
      expect(method.publicKeyMultibase).toMatch(/^z[1-9A-HJ-NP-Za-km-z]+$/)
    }
    for (const relation of RELATIONS) {
      if (!(relation in document)) continue
      expect(document[relation].length).toBeGreaterThan(0) // 5.3: sets of one or more
      for (const url of document[relation]) expect(methods.map(({ id }: { id: string }) => id)).toContain(url)
    }
    for (const service of document.service ?? []) expect(Object.keys(service).sort()).toEqual(['id', 'serviceEndpoint', 'type']) // 5.4
    expect(document['@context'][0]).toBe('https://www.w3.org/ns/did/v1') // 6.3.1
    expect(didResolutionMetadata).toEqual({ contentType: 'application/did+ld+json' }) // 7.1.2
    for (const time of ['created', 'updated', 'nextUpdate']) if (time in metadata) expect(metadata[time]).toMatch(DATETIME) // 7.1.3
    expect(metadata.versionId).toMatch(/^[\x20-\x7e]+$/)
    expect(metadata.deactivated).toBe(name === 'dave')
  })
})

describe('GET /1.0/status-lists/{did}/{listId}', () => {
  test('is a BitstringStatusListCredential of the chain’s bits', async () => {
    const { status, headers, text } = await ask(`/1.0/status-lists/${didOf('issuer')}/1`)
    expect([status, headers['content-type']]).toEqual([200, 'application/vc'])
    const credential = JSON.parse(text)
    const id = `${didOf('issuer')}/status-lists/1`
    expect(credential).toMatchObject({
      '@context': ['https://www.w3.org/ns/credentials/v2'],
      ...{ id, type: ['VerifiableCredential', 'BitstringStatusListCredential'], issuer: didOf('issuer') },
      credentialSubject: { id: `${id}#list`, type: 'BitstringStatusList', statusPurpose: 'revocation' },
    })
    const bits = gunzipSync(Buffer.from(credential.credentialSubject.encodedList.slice(1), 'base64url'))
    expect([credential.credentialSubject.encodedList[0], bits.length, bits[0], bits[1]]).toEqual(['u', 16_384, 0x80, 0])
  })

  test('is refused for no list, no issuer, no number', async () => {
    expect((await ask(`/1.0/status-lists/${didOf('issuer')}/2`)).status).toBe(404)
    expect((await ask('/1.0/status-lists/did:web:x/1')).status).toBe(400)
    expect((await ask(`/1.0/status-lists/${didOf('issuer')}/one`)).status).toBe(400)
    expect((await ask(`/1.0/status-lists/${didOf('issuer')}/1/5`)).status).toBe(400)
  })
})

test('identity_resolve and identity_statusCredential say the same over JSON-RPC', async () => {
  const call = async (method: string, params: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(`http://127.0.0.1:${rpc.port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    return ((await response.json()) as { result: { value: Record<string, Record<string, unknown>> } }).result.value
  }
  expect((await call('identity_resolve', { did: textOf('alice') }))['didDocument']?.['id']).toBe(didOf('alice'))
  const errors = await Promise.all(['did:web:a', 'nonsense', didOf('bob', 2)].map((did) => call('identity_resolve', { did })))
  expect(errors.map((one) => one['didResolutionMetadata']?.['error'])).toEqual(['methodNotSupported', 'invalidDid', 'notFound'])
  const credential = await call('identity_statusCredential', { issuer: didOf('issuer'), listId: '1' })
  expect(credential['issuer']).toBe(didOf('issuer'))
})
