// Owns: a signed request to read: what is signed, so that it answers one call of one account on one chain, once.
// Not here: who may read what (core/execution/restriction.ts), clocks and nonces seen (rpc/read-desk.ts).
import type { Address, Hash32, TimeMs } from '../base/ids.ts'
import { LIMITS } from '../base/limits.ts'
import { utf8ToBytes } from '../base/bytes.ts'
import { struct } from '../codec/compound.ts'
import { address, code, fixedBytes, hash32, text, u53 } from '../codec/fields.ts'
import { encode } from '../codec/schema.ts'
import type { Infer } from '../codec/schema.ts'
import { sha256 } from '../crypto/hash.ts'
import { signingBytes, SIGN_TAGS } from './signing.ts'

/** Characters of a method's name. */
const METHOD_CHARS_MAX = 64

/** Member `auth` of a request: who asks, when, a nonce of this request, and the signature of `readBytes`. */
export const ReadAuthSchema = struct({
  account: address,
  keyId: code(16),
  time: u53,
  nonce: fixedBytes(16),
  signature: fixedBytes(64),
})

/** What stands in the member `auth`. */
export type ReadAuth = Infer<typeof ReadAuthSchema>

const ReadRequestSchema = struct({
  genesisHash: hash32,
  chainId: code(LIMITS.chainIdCharsMax),
  account: address,
  keyId: code(16),
  time: u53,
  nonce: fixedBytes(16),
  method: text(METHOD_CHARS_MAX),
  paramsHash: hash32,
})

/** A call with who makes it. */
export type ReadRequest = {
  readonly genesisHash: Hash32
  readonly chainId: string
  readonly account: Address
  readonly keyId: string
  readonly time: TimeMs
  readonly nonce: Uint8Array
  readonly method: string
  /** Parameters as they go out in JSON; left out is the same as none. */
  readonly params: unknown
}

/** Bytes that a key with the purpose authentication signs. */
export function readBytes({ params, ...request }: ReadRequest): Uint8Array {
  const paramsHash = sha256(utf8ToBytes(canonicalJson(params ?? {})))
  return signingBytes(SIGN_TAGS.read, encode(ReadRequestSchema, { ...request, paramsHash }))
}

/** JSON text with the members of each object in the order of their names: one text per value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}
