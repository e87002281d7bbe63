// Owns: a trustee's secret share on its way to another trustee, encrypted with age. Not here: what a share is (trustee.ts), where
// keys are kept (cli). An entry file of its own: it brings age with it.
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { NodeError } from '../../core/base/errors.ts'

/** A share in the clear: who gives it to whom, in which poll; `share` is 64 hex digits, least significant byte first. */
export type ShareLetter = {
  readonly format: 'naru-share/v1'
  readonly pollId: string
  readonly from: number
  readonly to: number
  readonly share: string
}

/** A secret for reading letters, and what others encrypt to: `AGE-SECRET-KEY-1…` and `age1…`. */
export async function createLetterKey(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** The letter as an age file for one recipient. Throws NodeError RECIPIENT_INVALID. */
export async function sealLetter(letter: ShareLetter, recipient: string): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  try {
    encrypter.addRecipient(recipient)
  } catch (cause) {
    throw new NodeError('RECIPIENT_INVALID', `${recipient.slice(0, 80)} is no age recipient; it reads age1…`, cause)
  }
  return encrypter.encrypt(JSON.stringify(letter))
}

/** The letter again. Throws NodeError LETTER_INVALID where it was written to another, or is none. */
export async function openLetter(bytes: Uint8Array, identity: string): Promise<ShareLetter> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  try {
    const letter = JSON.parse(await decrypter.decrypt(bytes, 'text')) as ShareLetter
    const isLetter = letter.format === 'naru-share/v1' && /^[0-9a-f]{64}$/.test(letter.share)
    if (isLetter && typeof letter.pollId === 'string' && Number.isInteger(letter.from) && Number.isInteger(letter.to))
      return letter
  } catch (cause) {
    throw new NodeError('LETTER_INVALID', 'it does not open with this trustee’s key: written to another, or damaged', cause)
  }
  throw new NodeError('LETTER_INVALID', 'what it holds is no naru-share/v1')
}
