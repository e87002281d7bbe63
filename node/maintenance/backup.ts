// Owns: a backup of what chain data cannot bring back: configuration, genesis, key, sign state, network identity, peers; making,
// testing and restoring one. Not here: chain data (snapshot-folder.ts), the passphrase (keystore.ts), which is in no backup.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { Height, TimeMs } from '../../core/base/ids.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { loadConfig } from '../config.ts'
import type { NodeConfig } from '../config.ts'
import { readKey, readOrCreatePeerSeed } from '../keystore.ts'
import { raiseSignFloor, readSignState } from './sign-state-file.ts'

/** Version of a backup folder; another one is refused. */
export const BACKUP_FORMAT = 1
const MANIFEST_NAME = 'backup.json'
const NAMES = {
  config: 'naru.yaml',
  genesis: 'genesis.json',
  key: 'validator.key',
  signState: 'sign-state',
  peerKey: 'p2p.key',
  peers: 'peers.json',
}

type FileEntry = { readonly name: string; readonly bytes: number; readonly sha256: string }

/** What a backup holds, in `backup.json`. Heights are those of the sign state at the time, 0 without one. */
export type BackupManifest = {
  readonly format: number
  readonly chainId: string
  readonly genesisHash: string
  readonly createdAtMs: TimeMs
  readonly signedHeight: Height
  readonly publicKey: string | null
  readonly files: readonly FileEntry[]
}

/** A file of a backup that was opened and found to be what it should be. */
export type BackupCheck = { readonly name: string; readonly text: string }

function refuseBackup(code: 'EXISTS' | 'MISSING' | 'FORMAT' | 'CORRUPT' | 'KEY' | 'HEIGHT', message: string): never {
  throw new NodeError(`BACKUP_${code}`, message)
}

function chainTagOf(genesis: Genesis): Uint8Array {
  return fromHex(genesis.hash.slice(0, 16))
}

/**
 * Makes a backup folder; a running node is not disturbed, since the sign state always has one whole slot.
 * Throws NodeError BACKUP_EXISTS, BACKUP_KEY for an unencrypted key of a real network, or JOURNAL_*.
 */
export function createBackup(from: {
  config: NodeConfig
  configText: string
  genesis: Genesis
  out: string
  nowMs: TimeMs
}): BackupManifest {
  const { config, configText, genesis, out, nowMs } = from
  if (existsSync(out)) refuseBackup('EXISTS', `${out} is already there and is not replaced: choose another name`)
  const files = new Map<string, Uint8Array>([
    [NAMES.config, encodeText(moveConfig(configText, config))],
    [NAMES.genesis, new Uint8Array(readFileSync(config.chain.genesis))],
    [
      NAMES.peers,
      encodeText(
        `${JSON.stringify({ listen: config.p2p.listen, peers: config.p2p.peers, observers: config.p2p.observers }, null, 2)}\n`,
      ),
    ],
  ])
  if (existsSync(config.p2p.keySeedFile)) files.set(NAMES.peerKey, new Uint8Array(readFileSync(config.p2p.keySeedFile)))
  let signed = { publicKeyHex: '', lastHeight: 0 }
  if (config.signer !== null) {
    const key = new Uint8Array(readFileSync(config.signer.keystore))
    if (!isEncrypted(key) && genesis.network !== 'devnet')
      refuseBackup(
        'KEY',
        `${config.signer.keystore} is not encrypted, and a backup travels: encrypt it with naru keys import first`,
      )
    signed = readSignState(config.signer.journal, chainTagOf(genesis))
    files.set(NAMES.key, key)
    files.set(NAMES.signState, new Uint8Array(readFileSync(config.signer.journal)))
  }
  const manifest: BackupManifest = {
    format: BACKUP_FORMAT,
    chainId: genesis.chainId,
    genesisHash: `0x${genesis.hash}`,
    createdAtMs: nowMs,
    signedHeight: signed.lastHeight,
    publicKey: config.signer === null ? null : `0x${signed.publicKeyHex}`,
    files: [...files].map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: `0x${sha256(bytes)}` })),
  }
  const partial = `${out}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  for (const [name, bytes] of files) writeFileSync(join(partial, name), bytes, { mode: 0o600, flush: true })
  writeFileSync(join(partial, MANIFEST_NAME), formatBackup(manifest), { mode: 0o600, flush: true })
  renameSync(partial, out)
  return manifest
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function isEncrypted(key: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(key.subarray(0, 20)).startsWith('age-encryption.org/')
}

/** The configuration with every file beside it, comments kept; a relative data directory becomes `./data`. */
function moveConfig(text: string, config: NodeConfig): string {
  const document = parseDocument(text)
  const set = (path: readonly string[], value: string): void => document.setIn(path, value)
  set(['chain', 'genesis'], `./${NAMES.genesis}`)
  set(['p2p', 'keySeedFile'], `./${NAMES.peerKey}`)
  const dir = document.getIn(['data', 'dir'])
  if (typeof dir === 'string' && !dir.startsWith('/')) set(['data', 'dir'], './data')
  if (config.signer !== null) {
    set(['signer', 'keystore'], `./${NAMES.key}`)
    set(['signer', 'journal'], `./${NAMES.signState}`)
    if (config.signer.passphrase.from === 'file') set(['signer', 'passphrase', 'path'], config.signer.passphrase.path)
  }
  return document.toString()
}

function formatBackup(manifest: BackupManifest): string {
  const text = JSON.stringify(manifest, null, 2)
  return `${text.slice(0, -2)},\n  "manifestHash": "0x${sha256(encodeText(text))}"\n}\n`
}

/** Reads a backup's manifest. Throws NodeError BACKUP_MISSING, BACKUP_FORMAT or BACKUP_CORRUPT. */
export function readBackup(dir: string): BackupManifest {
  const path = join(dir, MANIFEST_NAME)
  if (!existsSync(path)) return refuseBackup('MISSING', `there is no backup in ${dir}: a backup has a ${MANIFEST_NAME}`)
  const text = readFileSync(path, 'utf8')
  let json: (Partial<BackupManifest> & { manifestHash?: string }) | null = null
  try {
    json = JSON.parse(text) as Partial<BackupManifest> | null
  } catch {
    // Told below.
  }
  if (typeof json !== 'object' || json === null || !Array.isArray(json.files))
    return refuseBackup('CORRUPT', `${path} is damaged`)
  if (json.format !== BACKUP_FORMAT)
    refuseBackup(
      'FORMAT',
      `the backup has format ${String(json.format)}, this version reads ${BACKUP_FORMAT}: use the release that made it`,
    )
  const { manifestHash, ...manifest } = json
  if (manifestHash === undefined || formatBackup(manifest as BackupManifest) !== text)
    refuseBackup('CORRUPT', `${path} does not have its own hash`)
  return manifest as BackupManifest
}

/** Every file of a backup, each with the hash that the manifest names. */
function readFiles(dir: string, manifest: BackupManifest): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const { name, sha256: expected } of manifest.files) {
    if (!(Object.values(NAMES) as string[]).includes(name)) refuseBackup('CORRUPT', `${name} is no file of a backup`)
    const path = join(dir, name)
    if (!existsSync(path)) refuseBackup('CORRUPT', `${name} is missing`)
    const bytes = new Uint8Array(readFileSync(path))
    if (`0x${sha256(bytes)}` !== expected) refuseBackup('CORRUPT', `${name} does not have the hash that the manifest names`)
    files.set(name, bytes)
  }
  return files
}

function writeFiles(into: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of files) {
    writeFileSync(join(into, name), bytes, { mode: 0o600, flag: 'wx', flush: true })
    chmodSync(join(into, name), name === NAMES.genesis || name === NAMES.config || name === NAMES.peers ? 0o644 : 0o600)
  }
}

/**
 * Restores a backup into a temporary folder and opens everything in it as a node would; the key only where a passphrase is given
 * or none is needed. Throws NodeError BACKUP_* or what opening throws; the folder is removed either way.
 */
export async function testBackup(
  dir: string,
  registry: Registry,
  passphrase: string | undefined,
): Promise<readonly BackupCheck[]> {
  const manifest = readBackup(dir)
  const files = readFiles(dir, manifest)
  const into = mkdtempSync(join(tmpdir(), 'naru-backup-test-'))
  try {
    writeFiles(into, files)
    return [
      { name: MANIFEST_NAME, text: `${files.size} files have their hashes` },
      ...(await openAll(into, manifest, registry, passphrase)),
    ]
  } finally {
    rmSync(into, { recursive: true, force: true })
  }
}

async function openAll(
  into: string,
  manifest: BackupManifest,
  registry: Registry,
  passphrase: string | undefined,
): Promise<BackupCheck[]> {
  const { config } = loadConfig({ file: join(into, NAMES.config) })
  const checks: BackupCheck[] = [{ name: NAMES.config, text: 'the configuration is valid' }]
  const genesis = parseGenesis(registry, JSON.parse(readFileSync(config.chain.genesis, 'utf8')))
  if (`0x${genesis.hash}` !== manifest.genesisHash)
    refuseBackup('CORRUPT', `${NAMES.genesis} has hash 0x${genesis.hash}, the manifest says ${manifest.genesisHash}`)
  checks.push({ name: NAMES.genesis, text: `chain ${genesis.chainId}, genesis 0x${genesis.hash}` })
  if (existsSync(config.p2p.keySeedFile)) {
    readOrCreatePeerSeed(config.p2p.keySeedFile)
    checks.push({ name: NAMES.peerKey, text: 'the network identity opens' })
  }
  if (config.signer === null) return checks
  const state = readSignState(config.signer.journal, chainTagOf(genesis))
  checks.push({ name: NAMES.signState, text: `key 0x${state.publicKeyHex}, signed up to height ${state.lastHeight}` })
  const bytes = new Uint8Array(readFileSync(config.signer.keystore))
  if (isEncrypted(bytes) && passphrase === undefined)
    return [...checks, { name: NAMES.key, text: 'encrypted; not opened, because no passphrase was given (NARU_PASSPHRASE)' }]
  const { publicKey } = await readKey({ path: config.signer.keystore, passphrase, network: genesis.network })
  if (toHex(publicKey) !== state.publicKeyHex) refuseBackup('CORRUPT', 'the key is not the one that the sign state belongs to')
  return [...checks, { name: NAMES.key, text: 'opens, and the sign state is its own' }]
}

/**
 * Restores a backup into a folder that is empty or not there. A sign state in a backup is old by nature: its floor is raised to
 * `afterHeight`, which must be at or above every height that the key may have signed since. Throws NodeError BACKUP_*.
 */
export function restoreBackup(from: {
  dir: string
  into: string
  registry: Registry
  afterHeight: Height | null
}): BackupManifest {
  const { dir, into, registry, afterHeight } = from
  const manifest = readBackup(dir)
  const files = readFiles(dir, manifest)
  if (existsSync(into) && readdirSync(into).length > 0)
    refuseBackup('EXISTS', `${into} is not empty, and a backup replaces nothing`)
  const hasSignState = files.has(NAMES.signState)
  if (hasSignState && (afterHeight === null || afterHeight < manifest.signedHeight)) {
    const text = `the backup’s sign state ends at height ${manifest.signedHeight}, and the key may have signed since`
    refuseBackup('HEIGHT', `${text}: ask the network for its height, add a margin, and name it with --after-height`)
  }
  mkdirSync(into, { recursive: true, mode: 0o700 })
  const bytes = files.get(NAMES.genesis) ?? new Uint8Array()
  const genesis = parseGenesis(registry, JSON.parse(new TextDecoder().decode(bytes)))
  // The configuration comes last: before it is there, nobody starts a node with a floor that is not raised yet.
  writeFiles(into, new Map([...files].filter(([name]) => name !== NAMES.config)))
  if (hasSignState && afterHeight !== null) raiseSignFloor(join(into, NAMES.signState), chainTagOf(genesis), afterHeight)
  writeFiles(into, new Map([...files].filter(([name]) => name === NAMES.config)))
  return manifest
}
