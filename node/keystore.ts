// Owns: key files (a validator's age-encrypted one, unencrypted devnet ones, the libp2p seed) and where a passphrase comes from.
// Not here: asking a person for one (cli), what is signed (signer.ts).
import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Decrypter, Encrypter } from 'age-encryption'
import { fromHex, isHex, toHex } from '../core/base/bytes.ts'
import { NodeError } from '../core/base/errors.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { publicKeyOf } from '../core/crypto/keys.ts'
import type { NodeConfig } from './config.ts'

/** A key in memory: 32-byte RFC 8032 seed and its 32-byte public key. */
export type KeyPair = { readonly seed: Uint8Array; readonly publicKey: Uint8Array }

type SecretFile = {
  readonly format: 'naru-key' | 'narud-dev-key'
  readonly version: 1
  readonly network?: 'devnet'
  readonly seed: string
}

const AGE_HEADER = 'age-encryption.org/'
const SEED_BYTES = 32
/** Base-2 logarithm of scrypt's cost; 18 is age's own default, about a second. */
const WORK_FACTOR = 18
const PASSPHRASE_CHARS_MIN = 8

/**
 * Reads a key file for a network. Throws NodeError KEY_MISSING, KEY_MODE, KEY_FORMAT, KEY_PASSPHRASE, or KEY_DEV_ON_REAL_CHAIN
 * for an unencrypted devnet key anywhere but on a devnet.
 */
export async function readKey(from: { path: string; passphrase?: string | undefined; network: NetworkName }): Promise<KeyPair> {
  const { path, passphrase, network } = from
  const bytes = readSecretFile(path, 'KEY_MISSING')
  if (isEncrypted(bytes)) return keyPairOf(parseSecret(path, await decrypt(path, bytes, passphrase), 'naru-key'))
  const secret = parseSecret(path, new TextDecoder().decode(bytes), 'narud-dev-key')
  if (network !== 'devnet' || secret.network !== 'devnet') {
    const text = `${path} is an unencrypted devnet key and this network is ${network}`
    throw new NodeError('KEY_DEV_ON_REAL_CHAIN', `${text}: make a key of its own with naru keys new`)
  }
  return keyPairOf(secret)
}

/** Makes an encrypted key file of mode 0600; a file that is already there is never replaced (KEY_EXISTS). */
export async function createKey(options: {
  path: string
  passphrase: string
  seed?: Uint8Array
  workFactor?: number
}): Promise<KeyPair> {
  const seed = options.seed ?? new Uint8Array(randomBytes(SEED_BYTES))
  const secret: SecretFile = { format: 'naru-key', version: 1, seed: `0x${toHex(seed)}` }
  const bytes = await encrypt(JSON.stringify(secret), options.passphrase, options.workFactor)
  writeSecretFile(options.path, bytes, 'wx')
  return { seed, publicKey: publicKeyOf(seed) }
}

/** Encrypts a key file with another passphrase; the old file is replaced in one step. */
export async function changePassphrase(options: { path: string; from: string; to: string; workFactor?: number }): Promise<void> {
  const bytes = readSecretFile(options.path, 'KEY_MISSING')
  const text = await decrypt(options.path, bytes, options.from)
  const next = `${options.path}.new`
  writeSecretFile(next, await encrypt(text, options.to, options.workFactor), 'w')
  renameSync(next, options.path)
}

/** Writes an unencrypted key that only a devnet takes. */
export function writeDevKey(path: string, seed: Uint8Array): KeyPair {
  const secret: SecretFile = { format: 'narud-dev-key', version: 1, network: 'devnet', seed: `0x${toHex(seed)}` }
  writeSecretFile(path, `${JSON.stringify(secret)}\n`, 'wx')
  return { seed, publicKey: publicKeyOf(seed) }
}

/**
 * Seed of the libp2p identity: 64 hex digits in a file of mode 0600, made at first use.
 * Throws NodeError KEY_MODE or KEY_FORMAT.
 */
export function readOrCreatePeerSeed(path: string): Uint8Array {
  try {
    writePeerSeed(path, new Uint8Array(randomBytes(SEED_BYTES)))
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'KEY_EXISTS') throw error
  }
  const text = new TextDecoder().decode(readSecretFile(path, 'KEY_MISSING')).trim()
  if (!isHex(text, SEED_BYTES))
    throw new NodeError('KEY_FORMAT', `${path} does not hold 64 hex digits: restore it, or remove it for a new peer id`)
  return fromHex(text)
}

/** Writes a libp2p seed where there is none yet. Throws NodeError KEY_EXISTS. */
export function writePeerSeed(path: string, seed: Uint8Array): void {
  writeSecretFile(path, `${toHex(seed)}\n`, 'wx')
}

/** Passphrase from where the configuration says, undefined for `none`. Throws NodeError KEY_PASSPHRASE naming what is missing. */
export function readPassphrase(
  signer: NonNullable<NodeConfig['signer']>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { passphrase, keystore } = signer
  if (passphrase.from === 'none') return undefined
  if (passphrase.from === 'env')
    return env[passphrase.name] ?? refusePassphrase(`the environment variable ${passphrase.name} is not set`)
  if (passphrase.from === 'fd') return firstLine(readFileSync(passphrase.fd, 'utf8'))
  if (passphrase.from === 'file') {
    if (dirname(passphrase.path) === dirname(keystore)) {
      return refusePassphrase(
        `${passphrase.path} lies beside the key, which is no protection: move it, or use a systemd credential`,
      )
    }
    return firstLine(new TextDecoder().decode(readSecretFile(passphrase.path, 'KEY_PASSPHRASE')))
  }
  const directory = env['CREDENTIALS_DIRECTORY']
  if (directory === undefined)
    return refusePassphrase(`no systemd credential ${passphrase.name}: CREDENTIALS_DIRECTORY is not set`)
  return firstLine(readFileSync(resolve(directory, passphrase.name), 'utf8'))
}

function refusePassphrase(text: string): never {
  throw new NodeError('KEY_PASSPHRASE', text)
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function isEncrypted(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, AGE_HEADER.length)) === AGE_HEADER
}

function keyPairOf(secret: SecretFile): KeyPair {
  const seed = fromHex(secret.seed.slice(2))
  return { seed, publicKey: publicKeyOf(seed) }
}

function parseSecret(path: string, text: string, format: SecretFile['format']): SecretFile {
  let secret: Partial<SecretFile> | null = null
  try {
    secret = JSON.parse(text) as Partial<SecretFile> | null
  } catch {
    // Not JSON: told below.
  }
  const isKnown = secret !== null && typeof secret === 'object' && secret.format === format && secret.version === 1
  if (!isKnown || typeof secret?.seed !== 'string' || !secret.seed.startsWith('0x') || !isHex(secret.seed.slice(2), SEED_BYTES)) {
    throw new NodeError('KEY_FORMAT', `${path} is no ${format} file of version 1: restore it from a backup`)
  }
  return secret as SecretFile
}

async function encrypt(text: string, passphrase: string, workFactor = WORK_FACTOR): Promise<Uint8Array> {
  if (passphrase.length < PASSPHRASE_CHARS_MIN) refusePassphrase(`a passphrase has at least ${PASSPHRASE_CHARS_MIN} characters`)
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  encrypter.setScryptWorkFactor(workFactor)
  return encrypter.encrypt(text)
}

async function decrypt(path: string, bytes: Uint8Array, passphrase: string | undefined): Promise<string> {
  if (passphrase === undefined) return refusePassphrase(`${path} is encrypted and no passphrase was given: set signer.passphrase`)
  if (!isEncrypted(bytes)) throw new NodeError('KEY_FORMAT', `${path} is not encrypted by age`)
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  try {
    return await decrypter.decrypt(bytes, 'text')
  } catch (error) {
    throw new NodeError('KEY_PASSPHRASE', `${path} does not open with this passphrase, or the file is damaged`, error)
  }
}

function readSecretFile(path: string, missingCode: string): Uint8Array {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    throw new NodeError(missingCode, `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  try {
    const mode = fstatSync(fd).mode & 0o777
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new NodeError('KEY_MODE', `${path} has mode ${mode.toString(8)}, others may read it: chmod 600 ${path}`)
    }
    return new Uint8Array(readFileSync(fd))
  } finally {
    closeSync(fd)
  }
}

function writeSecretFile(path: string, content: Uint8Array | string, flag: 'wx' | 'w'): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(path, content, { flag, mode: 0o600, flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new NodeError('KEY_EXISTS', `${path} is already there and is not replaced: choose another name`, error)
  }
  if (flag === 'w') chmodSync(path, 0o600)
}
