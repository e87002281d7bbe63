// Owns: domain-separated bytes to sign. Not here: the records that are signed.
import { concatBytes, utf8ToBytes } from '../base/bytes.ts'

/** Tags of everything Naru signs; two tags never share a byte string. */
export const SIGN_TAGS = {
  transaction: 'naru/tx/v1',
  proposal: 'naru/proposal/v1',
  prevote: 'naru/prevote/v1',
  precommit: 'naru/precommit/v1',
  recovery: 'naru/recovery/v1',
  possession: 'naru/key-possession/v1',
  seat: 'naru/validator-seat/v1',
  ready: 'naru/validator-ready/v1',
  read: 'naru/read/v1',
} as const

/** u16-BE length of the tag, the tag, then the encoded record. */
export function signingBytes(tag: string, encoded: Uint8Array): Uint8Array {
  const tagBytes = utf8ToBytes(tag)
  return concatBytes(new Uint8Array([tagBytes.length >> 8, tagBytes.length & 255]), tagBytes, encoded)
}
