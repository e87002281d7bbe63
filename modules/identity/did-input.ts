// Owns: what a resolver is asked for: a DID of this network, or why it is none. Not here: the answer (did-document.ts).
import type { Address } from '../../core/base/ids.ts'
import { refuse } from '../../core/codec/schema.ts'
import type { Schema, TextContext } from '../../core/codec/schema.ts'
import { address, code } from '../../core/codec/fields.ts'
import { NETWORKS, parseDid } from '../../core/crypto/address.ts'

/** Errors of DID resolution (DID Core 7.1.2, DID Resolution). */
export type ResolutionError = 'invalidDid' | 'notFound' | 'methodNotSupported'

/** The account that a DID names, or why it names none here. */
export type DidInput = { readonly did: Address; readonly error: null } | { readonly did: null; readonly error: ResolutionError }

const DID_CHARS_MAX = 256

// The ABNF of DID Core 3.1.
const DID = /^did:[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+$/

function readDid(text: string, context: TextContext): DidInput {
  const did = context.parseAddress(text)
  if (did !== null) return { did, error: null }
  const isDid = text.length <= DID_CHARS_MAX && DID.test(text)
  if (!isDid) return { did: null, error: 'invalidDid' }
  if (!text.startsWith('did:seoul:')) return { did: null, error: 'methodNotSupported' }
  const isElsewhere = Object.values(NETWORKS).some(({ netId }) => parseDid(text, netId) !== null)
  return { did: null, error: isElsewhere ? 'notFound' : 'invalidDid' }
}

/** A DID, or bech32m text of an account; any other text is an answer of its own and no wrong call. */
export const didInput: Schema<DidInput> = {
  ...code(DID_CHARS_MAX),
  toPlain: ({ did }) => address.toPlain(did ?? refuse('did', 'a DID', did)),
  fromPlain: (plain) => ({ did: address.fromPlain(plain), error: null }),
  toJson: ({ did }, context) => (did === null ? null : context.formatAddress(did)),
  fromJson: (json, context, path) => (typeof json === 'string' ? readDid(json, context) : refuse(path, 'a DID as text', json)),
  jsonSchema: { type: 'string', description: 'a DID such as did:seoul:…, or bech32m text of an account' },
}
