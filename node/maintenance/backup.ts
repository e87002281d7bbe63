// Owns: a backup of what chain data cannot bring back: configuration, genesis, key, sign state, network identity, peers; making,
// testing and restoring one. Not here: its folder (backup-folder.ts), chain data (snapshot-folder.ts), passphrases, never in one.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import type { Height, TimeMs } from '../../core/base/ids.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { parseGenesis } from '../../core/execution/init-genesis.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { loadConfig } from '../config.ts'
import type { NodeConfig } from '../config.ts'
import { readKey, readOrCreatePeerSeed } from '../keystore.ts'
import {
  BACKUP_FORMAT,
  encodeText,
  formatBackup,
  MANIFEST_NAME,
  NAMES,
  readBackup,
  readFiles,
  refuseBackup,
  writeFiles,
} from './backup-folder.ts'
import type { BackupManifest } from './backup-folder.ts'
import { raiseSignFloor, readSignState } from './sign-state-file.ts'

/** A file of a backup that was opened and found to be what it should be. */
export type BackupCheck = { readonly name: string; readonly text: string }

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
  const states = signersOf(config).map(({ signer, keyName, stateName }) => {
    const key = new Uint8Array(readFileSync(signer.keystore))
    if (!isEncrypted(key) && genesis.network !== 'devnet')
      refuseBackup('KEY', `${signer.keystore} is not encrypted, and a backup travels: encrypt it with naru keys import first`)
    files.set(keyName, key)
    const state = readSignState(signer.journal, chainTagOf(genesis))
    files.set(stateName, new Uint8Array(readFileSync(signer.journal)))
    return state
  })
  const manifest: BackupManifest = {
    format: BACKUP_FORMAT,
    chainId: genesis.chainId,
    genesisHash: `0x${genesis.hash}`,
    createdAtMs: nowMs,
    signedHeight: Math.max(0, ...states.map(({ lastHeight }) => lastHeight)),
    publicKey: states[0] === undefined ? null : `0x${states[0].publicKeyHex}`,
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

type NamedSigner = { readonly signer: NonNullable<NodeConfig['signer']>; readonly keyName: string; readonly stateName: string }

/**
 * Signers of a configuration with the names of their files in a backup. That of a planned rotation is kept once its key is
 * made: from its activation on it is the key of the seat.
 */
function signersOf({ signer, nextSigner }: NodeConfig): readonly NamedSigner[] {
  if (signer === null) return []
  const first = [{ signer, keyName: NAMES.key, stateName: NAMES.signState }]
  const isMade = nextSigner !== null && existsSync(nextSigner.keystore) && existsSync(nextSigner.journal)
  return isMade ? [...first, { signer: nextSigner, keyName: NAMES.nextKey, stateName: NAMES.nextSignState }] : first
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
  for (const { signer, keyName, stateName } of signersOf(config)) {
    const key = signer === config.signer ? 'signer' : 'nextSigner'
    set([key, 'keystore'], `./${keyName}`)
    set([key, 'journal'], `./${stateName}`)
    if (signer.passphrase.from === 'file') set([key, 'passphrase', 'path'], signer.passphrase.path)
  }
  return document.toString()
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
  for (const named of signersOf(config)) checks.push(...(await openSigner(named, genesis, passphrase)))
  return checks
}

async function openSigner(
  { signer, keyName, stateName }: NamedSigner,
  genesis: Genesis,
  passphrase: string | undefined,
): Promise<BackupCheck[]> {
  const state = readSignState(signer.journal, chainTagOf(genesis))
  const check = { name: stateName, text: `key 0x${state.publicKeyHex}, signed up to height ${state.lastHeight}` }
  const bytes = new Uint8Array(readFileSync(signer.keystore))
  if (isEncrypted(bytes) && passphrase === undefined)
    return [check, { name: keyName, text: 'encrypted; not opened, because no passphrase was given (NARU_PASSPHRASE)' }]
  const { publicKey } = await readKey({ path: signer.keystore, passphrase, network: genesis.network })
  if (toHex(publicKey) !== state.publicKeyHex)
    refuseBackup('CORRUPT', `the key in ${keyName} is not the one that ${stateName} belongs to`)
  return [check, { name: keyName, text: 'opens, and the sign state is its own' }]
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
  const signStates = [NAMES.signState, NAMES.nextSignState].filter((name) => files.has(name))
  if (signStates.length > 0 && (afterHeight === null || afterHeight < manifest.signedHeight)) {
    const text = `the backup’s sign state ends at height ${manifest.signedHeight}, and the key may have signed since`
    refuseBackup('HEIGHT', `${text}: ask the network for its height, add a margin, and name it with --after-height`)
  }
  mkdirSync(into, { recursive: true, mode: 0o700 })
  const bytes = files.get(NAMES.genesis) ?? new Uint8Array()
  const genesis = parseGenesis(registry, JSON.parse(new TextDecoder().decode(bytes)))
  // The configuration comes last: before it is there, nobody starts a node with a floor that is not raised yet.
  writeFiles(into, new Map([...files].filter(([name]) => name !== NAMES.config)))
  if (afterHeight !== null) for (const name of signStates) raiseSignFloor(join(into, name), chainTagOf(genesis), afterHeight)
  writeFiles(into, new Map([...files].filter(([name]) => name === NAMES.config)))
  return manifest
}
