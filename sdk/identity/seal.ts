// Owns: encrypting a wallet, or an agency's case, by a passphrase with age; any age program opens it.
// Not here: what is in it (wallet-data.ts), files (cli).
import { Decrypter, Encrypter } from 'age-encryption'
import { NodeError } from '../../core/base/errors.ts'

/** Base-2 logarithm of scrypt's cost; 18 is age's own default, about a second. */
const WORK_FACTOR = 18
const PASSPHRASE_CHARS_MIN = 8

/** Text under a passphrase of at least eight characters. Throws NodeError WALLET_PASSPHRASE. */
export async function seal(text: string, passphrase: string, workFactor = WORK_FACTOR): Promise<Uint8Array> {
  if (passphrase.length < PASSPHRASE_CHARS_MIN) {
    throw new NodeError('WALLET_PASSPHRASE', `a passphrase has at least ${PASSPHRASE_CHARS_MIN} characters`)
  }
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(workFactor)
  return encrypter.encrypt(text)
}

/** The text again. Throws NodeError WALLET_PASSPHRASE for another passphrase or damaged bytes. */
export async function unseal(sealed: Uint8Array, passphrase: string): Promise<string> {
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  try {
    return await decrypter.decrypt(sealed, 'text')
  } catch (cause) {
    throw new NodeError('WALLET_PASSPHRASE', 'it does not open with this passphrase, or the file is damaged', cause)
  }
}
