// Owns: a status list of the chain in the form of a W3C BitstringStatusListCredential.
// Not here: compressing the bits (compressors differ, so it is nobody's record), signing it (its issuer's business).
import { formatUtc } from '../../core/base/civil-time.ts'
import type { TimeMs } from '../../core/base/ids.ts'
import type { Json } from '../../core/codec/schema.ts'

/** A list as it stands on chain; `issuer` is its DID as text, `encodedList` `u` and base64url of the gzip of its bits. */
export type StatusCredentialParts = {
  readonly issuer: string
  readonly listId: bigint
  readonly purpose: 'REVOCATION' | 'SUSPENSION'
  readonly updatedAt: TimeMs
  readonly encodedList: string
}

/** Id of the credential of a list: a DID URL of its issuer. */
export function statusCredentialId({ issuer, listId }: Pick<StatusCredentialParts, 'issuer' | 'listId'>): string {
  return `${issuer}/status-lists/${listId}`
}

/** The credential, without a proof: its issuer may add one, and the state proof of the list shows the bits. */
export function buildStatusCredential(parts: StatusCredentialParts): { readonly [name: string]: Json } {
  const { issuer, purpose, updatedAt, encodedList } = parts
  const id = statusCredentialId(parts)
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    id,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer,
    validFrom: formatUtc(updatedAt),
    credentialSubject: {
      id: `${id}#list`,
      type: 'BitstringStatusList',
      statusPurpose: purpose === 'REVOCATION' ? 'revocation' : 'suspension',
      encodedList,
    },
  }
}
