// Owns: status lists on a client's side: fetching a whole list against its proven digest, its bits, the W3C credential of a list.
// Not here: the lists on chain (modules/identity), one entry by query: there is none.
import { equalBytes, fromHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { sha256Bytes } from '../../core/crypto/hash.ts'
import { statusLists } from '../../modules/identity/store.ts'
import { STATUS_BITS } from '../../modules/identity/trust-schema.ts'
import { formatAccount } from '../chain.ts'
import type { Read } from '../methods.ts'
import { parseBytes } from '../proof.ts'
import { decodeBase64url, encodeBase64url, refuseMalformed } from './jws.ts'
import { readProven } from './proven-state.ts'
import type { StateSource } from './proven-state.ts'

/** A whole list as of a sequence number; a set bit revokes or suspends, by the purpose. */
export type StatusList = {
  readonly issuer: Address
  readonly listId: bigint
  readonly purpose: 'REVOCATION' | 'SUSPENSION'
  readonly seq: bigint
  readonly bits: Uint8Array
}

const TRIES = 4
const LIST_BYTES = STATUS_BITS / 8

/**
 * The whole list, its bits compared with the digest that the validators signed for. Throws NodeError STATUS_UNKNOWN,
 * STATUS_REFUSED.
 */
export async function fetchStatusList(source: StateSource, key: { issuer: Address; listId: bigint }): Promise<StatusList> {
  const { client, chain } = source
  const name = `list ${key.listId} of ${formatAccount(chain, key.issuer)}`
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { value: head } = await readProven(source, (view) => statusLists.get(view, key), { keys: [statusLists.keyOf(key)] })
    if (head === null) throw new NodeError('STATUS_UNKNOWN', `there is no status ${name}`)
    const params = { issuer: formatAccount(chain, key.issuer), listId: key.listId.toString() }
    const answer = await client.call<Read<{ bits: string; seq: string }>>('identity_statusList', params)
    const bits = parseBytes(answer.value.bits, 'bits')
    const isWhole = bits.length === LIST_BYTES && equalBytes(sha256Bytes(bits), fromHex(head.digest))
    if (isWhole) return { ...key, purpose: head.purpose, seq: head.seq, bits }
    // Bits of another number: the list changed in between.
    if (answer.value.seq === head.seq.toString()) break
  }
  throw new NodeError('STATUS_REFUSED', `the node's bits of ${name} are not those of its proven digest; ask another node`)
}

/**
 * Whether an entry is set; entry 0 is the most significant bit of byte 0. Throws NodeError CREDENTIAL_MALFORMED outside the
 * list.
 */
export function isStatusSet(bits: Uint8Array, index: number): boolean {
  const isInside = Number.isSafeInteger(index) && index >= 0 && index < bits.length * 8
  if (!isInside) return refuseMalformed(`status entry ${index} lies outside a list of ${bits.length * 8}`)
  return ((bits[Math.floor(index / 8)] as number) & (0x80 >> (index % 8))) !== 0
}

/** Bits as `encodedList` of a BitstringStatusListCredential: `u` and base64url of their gzip. */
export async function encodeStatusBits(bits: Uint8Array): Promise<string> {
  const stream = new Blob([bits as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('gzip'))
  return `u${encodeBase64url(new Uint8Array(await new Response(stream).arrayBuffer()))}`
}

/** Bits of an `encodedList`, at most `bytesMax` of them. Throws NodeError CREDENTIAL_MALFORMED. */
export async function decodeStatusBits(encoded: string, bytesMax = 1_048_576): Promise<Uint8Array> {
  if (!encoded.startsWith('u') || encoded.length > bytesMax * 2) return refuseMalformed('an encodedList begins with u')
  const packed = decodeBase64url(encoded.slice(1))
  const reader = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.length
      // A few kilobytes of gzip can unfold to gigabytes.
      if (size > bytesMax) throw new RangeError('too long')
      parts.push(value)
    }
  } catch {
    await reader.cancel().catch(() => undefined)
    return refuseMalformed(`the encodedList is no gzip of at most ${bytesMax} bytes`)
  }
  const bits = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bits.set(part, at)
    at += part.length
  }
  return bits
}
