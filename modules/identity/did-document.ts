// Owns: the W3C form of a DID (DID Core 1.0, Multikey): document, metadata, their JSON.
// Not here: which version is meant (queries.ts).
import { base58 } from '@scure/base'
import { concatBytes } from '../../core/base/bytes.ts'
import { formatUtc, parseUtc } from '../../core/base/civil-time.ts'
import type { Address, TimeMs } from '../../core/base/ids.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import type { StructSchema } from '../../core/codec/compound.ts'
import { address, bool, code, text, u53 } from '../../core/codec/fields.ts'
import { refuse } from '../../core/codec/schema.ts'
import type { Infer, Json, Schema, TextContext } from '../../core/codec/schema.ts'
import { NETWORKS, formatDid } from '../../core/crypto/address.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import type { ResolutionError } from './did-input.ts'
import { CONTROLLERS_MAX, KEYS_MAX, SERVICES_MAX, StatusSchema } from './schema.ts'
import type { Did, Key } from './schema.ts'

// The text context formats accounts with the network's prefix, which names the network's number.
function didTextOf(did: Address, context: TextContext): string {
  const bech32 = context.formatAddress(did)
  const network = Object.values(NETWORKS).find(({ hrp }) => bech32.startsWith(`${hrp}1`))
  return network === undefined ? refuse('did', 'an account of a known network', bech32) : formatDid(did, network.netId)
}

/** A DID as `did:seoul:...` text in JSON. */
export const didText: Schema<Address> = {
  ...address,
  toJson: didTextOf,
  jsonSchema: { type: 'string', pattern: '^did:seoul:[0-9a-f]{2}:[0-9a-f]{48}$' },
}

/** A place inside a DID document: `did:seoul:...#name`. */
export type DidUrl = { readonly did: Address; readonly fragment: string }

const didUrlParts = struct({ did: address, fragment: code(32) })

/** Schema of a DID URL with a fragment. */
export const didUrl: Schema<DidUrl> = {
  ...didUrlParts,
  toJson: ({ did, fragment }, context) => `${didTextOf(did, context)}#${fragment}`,
  fromJson: (json, context, path) => {
    const [did, fragment] = typeof json === 'string' ? json.split('#') : []
    return { did: address.fromJson(did, context, path), fragment: code(32).fromJson(fragment, context, path) }
  },
  jsonSchema: { type: 'string', pattern: '^did:seoul:[0-9a-f]{2}:[0-9a-f]{48}#[A-Za-z0-9_.-]{1,32}$' },
}

/** A time as RFC 3339 text to the second in JSON. */
export const utcTime: Schema<TimeMs> = {
  ...u53,
  toJson: formatUtc,
  fromJson: (json, _context, path) =>
    (typeof json === 'string' ? parseUtc(json) : null) ?? refuse(path, 'a UTC time such as 2026-11-23T00:00:00Z', json),
  jsonSchema: { type: 'string', format: 'date-time' },
}

// DID Core leaves absent properties out instead of writing null.
function sparse<T>(inner: StructSchema<T>): StructSchema<T> {
  const toJson = (value: T, context: TextContext): Json => {
    const entries = Object.entries(inner.toJson(value, context) as { readonly [key: string]: Json })
    return Object.fromEntries(entries.filter(([, json]) => json !== null))
  }
  return { ...inner, toJson }
}

// A relation that no key has is left out: DID Core 5.3 knows sets of one or more.
const urls = option(list(didUrl, KEYS_MAX))
const MethodSchema = struct({ id: didUrl, type: text(32), controller: didText, publicKeyMultibase: code(64) })
const EndpointSchema = struct({ id: didUrl, type: code(32), serviceEndpoint: text(128) })

/** A DID document; keys stand under the relations that they are declared for. */
export const DidDocumentSchema = sparse(
  struct({
    '@context': list(text(64), 4),
    id: didText,
    controller: option(list(didText, CONTROLLERS_MAX)),
    verificationMethod: option(list(MethodSchema, KEYS_MAX)),
    authentication: urls,
    assertionMethod: urls,
    keyAgreement: urls,
    capabilityInvocation: urls,
    capabilityDelegation: urls,
    service: option(list(EndpointSchema, SERVICES_MAX)),
  }),
)

/**
 * Metadata of the resolved version; `nextUpdate` is there when it is not the present one. `deactivated` speaks of the DID,
 * not of the version (DID Core 7.1.3); `status` is our own: the state at `versionTime`, or in which the version stood last.
 */
export const DidMetadataSchema = sparse(
  struct({
    created: option(utcTime),
    updated: option(utcTime),
    deactivated: option(bool),
    versionId: option(code(10)),
    nextUpdate: option(utcTime),
    nextVersionId: option(code(10)),
    status: option(StatusSchema),
  }),
)

/** DID resolution result; `error` is `invalidDid`, `notFound` or `methodNotSupported` when there is nothing to show. */
export const ResolutionSchema = struct({
  didDocument: option(DidDocumentSchema),
  didResolutionMetadata: sparse(struct({ contentType: option(text(32)), error: option(code(32)) })),
  didDocumentMetadata: DidMetadataSchema,
})

export type Resolution = Infer<typeof ResolutionSchema>

const NO_METADATA = {
  created: null,
  updated: null,
  deactivated: null,
  versionId: null,
  nextUpdate: null,
  nextVersionId: null,
  status: null,
}

/** The answer for a DID or version that is not there, is none, or is of another method. */
export function unresolved(error: ResolutionError): Resolution {
  return { didDocument: null, didResolutionMetadata: { contentType: null, error }, didDocumentMetadata: NO_METADATA }
}

// Multicodec prefixes of ed25519-pub (0xed) and x25519-pub (0xec) as varints.
const MULTICODEC = { ED25519: new Uint8Array([0xed, 0x01]), X25519: new Uint8Array([0xec, 0x01]) } as const

/** A public key as Multikey text: `z` and base58btc of the codec prefix with the key. */
export function formatMultikey(key: Pick<Key, 'type' | 'pub'>): string {
  return `z${base58.encode(concatBytes(MULTICODEC[key.type], key.pub))}`
}

/** A version to resolve; `next` is the version after it, or null for the present one. */
export type ResolvedVersion = {
  readonly did: Address
  readonly version: Did
  readonly next: Did | null
  readonly status: Did['status']
  readonly isDeactivated: boolean
}

/** The resolution of one version; the version that ends a DID has a document without keys and services (DID Core 7.1). */
export function buildResolution({ did, version, next, status, isDeactivated }: ResolvedVersion): Resolution {
  return {
    didDocument: buildDocument(did, isEnd(version.status) ? { ...version, keys: [], services: [], controller: [] } : version),
    didResolutionMetadata: { contentType: 'application/did+ld+json', error: null },
    didDocumentMetadata: {
      created: version.createdAt,
      updated: version.updatedAt,
      deactivated: isDeactivated,
      versionId: String(version.versionId),
      nextUpdate: next === null ? null : next.updatedAt,
      nextVersionId: next === null ? null : String(next.versionId),
      status,
    },
  }
}

/** Whether a DID in this state has ended. */
export function isEnd(status: Did['status']): boolean {
  return status === 'DEACTIVATED' || status === 'TERMINATED'
}

function buildDocument(did: Address, version: Did): Infer<typeof DidDocumentSchema> {
  const live = version.keys.filter((key) => key.revokedAt === null)
  const urlOf = (fragment: string): DidUrl => ({ did, fragment })
  const orNull = <T>(items: readonly T[]): readonly T[] | null => (items.length === 0 ? null : items)
  const relation = (bit: number) => orNull(live.filter((key) => (key.rel & bit) !== 0).map((key) => urlOf(key.kid)))
  const { controller, services } = version
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    controller: orNull(controller),
    verificationMethod: orNull(
      live.map((key) => ({ id: urlOf(key.kid), type: 'Multikey', controller: did, publicKeyMultibase: formatMultikey(key) })),
    ),
    authentication: relation(KEY_PURPOSES.authentication),
    assertionMethod: relation(KEY_PURPOSES.assertion),
    keyAgreement: relation(KEY_PURPOSES.agreement),
    capabilityInvocation: relation(KEY_PURPOSES.invocation),
    capabilityDelegation: relation(KEY_PURPOSES.delegation),
    service: orNull(services.map(({ id, type, uri }) => ({ id: urlOf(id), type, serviceEndpoint: uri }))),
  }
}
