// Owns: the folder of a backup: names, manifest with its own hash, files with theirs. Not here: what is in it (backup.ts).
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../../core/base/errors.ts'
import type { Height, TimeMs } from '../../core/base/ids.ts'
import { sha256 } from '../../core/crypto/hash.ts'

/** Version of a backup folder; another one is refused. */
export const BACKUP_FORMAT = 1
/** The manifest's file name. */
export const MANIFEST_NAME = 'backup.json'
/** Names of the files in a backup folder. */
export const NAMES = {
  config: 'naru.yaml',
  genesis: 'genesis.json',
  key: 'validator.key',
  signState: 'sign-state',
  nextKey: 'validator-next.key',
  nextSignState: 'sign-state-next',
  peerKey: 'p2p.key',
  peers: 'peers.json',
}

type FileEntry = { readonly name: string; readonly bytes: number; readonly sha256: string }

/** What a backup holds, in `backup.json`. `signedHeight` is the highest of its sign states at the time, 0 without one. */
export type BackupManifest = {
  readonly format: number
  readonly chainId: string
  readonly genesisHash: string
  readonly createdAtMs: TimeMs
  readonly signedHeight: Height
  readonly publicKey: string | null
  readonly files: readonly FileEntry[]
}

/** Throws NodeError `BACKUP_` with this ending. */
export function refuseBackup(code: 'EXISTS' | 'MISSING' | 'FORMAT' | 'CORRUPT' | 'KEY' | 'HEIGHT', message: string): never {
  throw new NodeError(`BACKUP_${code}`, message)
}

/** UTF-8. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The text of `backup.json`: the manifest and its own hash. */
export function formatBackup(manifest: BackupManifest): string {
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

/** Every file of a backup, each with the hash that the manifest names. Throws NodeError BACKUP_CORRUPT. */
export function readFiles(dir: string, manifest: BackupManifest): ReadonlyMap<string, Uint8Array> {
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

/** Writes files that are not there yet; only the owner may read keys and sign states. */
export function writeFiles(into: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of files) {
    writeFileSync(join(into, name), bytes, { mode: 0o600, flag: 'wx', flush: true })
    chmodSync(join(into, name), name === NAMES.genesis || name === NAMES.config || name === NAMES.peers ? 0o644 : 0o600)
  }
}
