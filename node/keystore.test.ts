import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { publicKeyOf } from '../core/crypto/keys.ts'
import { changePassphrase, createKey, readKey, readOrCreatePeerSeed, readPassphrase, writeDevKey } from './keystore.ts'

const dir = mkdtempSync(join(tmpdir(), 'naru-keys-'))
afterAll(() => rmSync(dir, { recursive: true }))

const seed = new Uint8Array(32).fill(7)
const passphrase = 'a ferry at Mapo'
const workFactor = 4
let next = 0
const path = (): string => join(dir, `key-${next++}`)

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing was thrown'
}

test('a key that was encrypted is read back, and its file is for its owner alone', async () => {
  const file = path()
  const made = await createKey({ path: file, passphrase, seed, workFactor })
  expect(made.publicKey).toEqual(publicKeyOf(seed))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'latin1').startsWith('age-encryption.org/v1')).toBe(true)
  expect(await readKey({ path: file, passphrase, network: 'city' })).toEqual({ seed, publicKey: publicKeyOf(seed) })
})

test('without a seed each key is another one', async () => {
  const [a, b] = [
    await createKey({ path: path(), passphrase, workFactor }),
    await createKey({ path: path(), passphrase, workFactor }),
  ]
  expect(a.seed).not.toEqual(b.seed)
})

test('a wrong passphrase, or none, is KEY_PASSPHRASE', async () => {
  const file = path()
  await createKey({ path: file, passphrase, seed, workFactor })
  expect(await codeOf(() => readKey({ path: file, passphrase: 'another one', network: 'city' }))).toBe('KEY_PASSPHRASE')
  expect(await codeOf(() => readKey({ path: file, network: 'city' }))).toBe('KEY_PASSPHRASE')
})

test('a short passphrase is refused before anything is written', async () => {
  expect(await codeOf(() => createKey({ path: path(), passphrase: 'short', workFactor }))).toBe('KEY_PASSPHRASE')
})

test('a key file is never replaced', async () => {
  const file = path()
  await createKey({ path: file, passphrase, seed, workFactor })
  expect(await codeOf(() => createKey({ path: file, passphrase, workFactor }))).toBe('KEY_EXISTS')
  expect((await readKey({ path: file, passphrase, network: 'city' })).seed).toEqual(seed)
})

test('a changed passphrase opens the same key, and the old one no longer does', async () => {
  const file = path()
  await createKey({ path: file, passphrase, seed, workFactor })
  await changePassphrase({ path: file, from: passphrase, to: 'a bridge at Mapo', workFactor })
  expect((await readKey({ path: file, passphrase: 'a bridge at Mapo', network: 'city' })).seed).toEqual(seed)
  expect(await codeOf(() => readKey({ path: file, passphrase, network: 'city' }))).toBe('KEY_PASSPHRASE')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a file that others may read is KEY_MODE', async () => {
  const file = path()
  await createKey({ path: file, passphrase, seed, workFactor })
  chmodSync(file, 0o644)
  expect(await codeOf(() => readKey({ path: file, passphrase, network: 'city' }))).toBe('KEY_MODE')
})

test('a missing file is KEY_MISSING', async () => {
  expect(await codeOf(() => readKey({ path: path(), passphrase, network: 'city' }))).toBe('KEY_MISSING')
})

test('a devnet key opens on a devnet alone', async () => {
  const file = path()
  writeDevKey(file, seed)
  expect((await readKey({ path: file, network: 'devnet' })).seed).toEqual(seed)
  expect(await codeOf(() => readKey({ path: file, network: 'city' }))).toBe('KEY_DEV_ON_REAL_CHAIN')
  expect(await codeOf(() => readKey({ path: file, network: 'test' }))).toBe('KEY_DEV_ON_REAL_CHAIN')
})

test('an unencrypted file that does not say devnet opens nowhere', async () => {
  const file = path()
  const secret = { format: 'narud-dev-key', version: 1, seed: `0x${'07'.repeat(32)}` }
  writeFileSync(file, JSON.stringify(secret), { mode: 0o600 })
  expect(await codeOf(() => readKey({ path: file, network: 'devnet' }))).toBe('KEY_DEV_ON_REAL_CHAIN')
})

test('an unknown format or version, or a seed of another length, is KEY_FORMAT', async () => {
  for (const secret of [
    { format: 'other', version: 1, network: 'devnet', seed: `0x${'07'.repeat(32)}` },
    { format: 'narud-dev-key', version: 2, network: 'devnet', seed: `0x${'07'.repeat(32)}` },
    { format: 'narud-dev-key', version: 1, network: 'devnet', seed: '0x07' },
  ]) {
    const file = path()
    writeFileSync(file, JSON.stringify(secret), { mode: 0o600 })
    expect(await codeOf(() => readKey({ path: file, network: 'devnet' }))).toBe('KEY_FORMAT')
  }
})

test('the peer seed is made once and stays', () => {
  const file = path()
  const first = readOrCreatePeerSeed(file)
  expect(first.length).toBe(32)
  expect(readOrCreatePeerSeed(file)).toEqual(first)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a peer seed that is no hex is KEY_FORMAT', async () => {
  const file = path()
  writeFileSync(file, 'zz', { mode: 0o600 })
  expect(await codeOf(() => readOrCreatePeerSeed(file))).toBe('KEY_FORMAT')
})

const signer = (from: Parameters<typeof readPassphrase>[0]['passphrase']) => ({
  keystore: join(dir, 'v.age'),
  passphrase: from,
  journal: join(dir, 'j'),
})

test('a passphrase comes from the environment or from a systemd credential', () => {
  expect(readPassphrase(signer({ from: 'none' }), {})).toBeUndefined()
  expect(readPassphrase(signer({ from: 'env', name: 'PASS' }), { PASS: 'x y' })).toBe('x y')
  const credentials = join(dir, 'credentials')
  mkdirSync(credentials)
  writeFileSync(join(credentials, 'naru-key'), 'from systemd\n')
  const found = readPassphrase(signer({ from: 'systemd-credential', name: 'naru-key' }), { CREDENTIALS_DIRECTORY: credentials })
  expect(found).toBe('from systemd')
})

test('a passphrase that is not there is KEY_PASSPHRASE', async () => {
  expect(await codeOf(() => readPassphrase(signer({ from: 'env', name: 'PASS' }), {}))).toBe('KEY_PASSPHRASE')
  expect(await codeOf(() => readPassphrase(signer({ from: 'systemd-credential', name: 'k' }), {}))).toBe('KEY_PASSPHRASE')
})

test('a passphrase file beside the key is refused, elsewhere it is read', async () => {
  const beside = join(dir, 'pass')
  writeFileSync(beside, 'lies here\n', { mode: 0o600 })
  expect(await codeOf(() => readPassphrase(signer({ from: 'file', path: beside }), {}))).toBe('KEY_PASSPHRASE')
  const elsewhere = join(dir, 'elsewhere')
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'pass'), 'lies there\n', { mode: 0o600 })
  expect(readPassphrase(signer({ from: 'file', path: join(elsewhere, 'pass') }), {})).toBe('lies there')
})
