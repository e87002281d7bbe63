// Owns: measuring machine and files for the doctor; reads only.
// Not here: what the running node tells (running.ts), judging (checks.ts).
import { existsSync, readFileSync, readdirSync, statSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NodeError } from '../../core/base/errors.ts'
import { fromHex } from '../../core/base/bytes.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import type { LoadedConfig, NodeConfig } from '../config.ts'
import { readBackupTested } from '../upkeep/backup-tested.ts'
import { readSigningMemory } from '../signing-memory.ts'
import { readJournalFile } from '../maintenance/sign-state-file.ts'
import { NARU_VERSION } from '../version.ts'
import type { FileFacts } from './facts.ts'
import { flattenConfig } from './flat-config.ts'

/** What the doctor looks at without a running node. */
export type MeasureParts = {
  readonly loaded: LoadedConfig
  readonly genesis: Genesis
  /** Process id of the running node, null where none runs: its limits count, not ours. */
  readonly pid: number | null
}

/** Measures; nothing is written, and nothing is opened that opening would change. */
export function measureFiles({ loaded, genesis, pid }: MeasureParts): FileFacts {
  const { config, warnings } = loaded
  const dir = nearestFolder(config.data.dir)
  const space = statfsSync(dir)
  const testedAtMs = readBackupTested(config.data.dir)
  return {
    isNtpActive: readNtp(),
    disk: {
      freeBytes: space.bavail * space.bsize,
      totalBytes: space.blocks * space.bsize,
      freeInodeShare: space.files === 0 ? null : Math.floor((100 * space.ffree) / space.files),
    },
    store: measureStore(config.data.dir),
    key: measureKey(config, genesis),
    signState: measureSignState(config, genesis),
    pause: readSigningMemory(config.data.dir)?.pause ?? null,
    backupTestedAtMs: testedAtMs === 0 ? null : testedAtMs,
    openFilesMax: readOpenFiles(pid),
    memoryMaxBytes: readNumber('/sys/fs/cgroup/memory.max'),
    memoryPressure: readPressure(),
    configWarnings: warnings,
    config: flattenConfig(config),
    publicAdmin: findPublicAdmin(config),
    version: NARU_VERSION,
  }
}

function nearestFolder(path: string): string {
  for (let at = path; ; at = dirname(at)) if (existsSync(at) || dirname(at) === at) return at
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function readNumber(path: string): number | null {
  const text = readText(path)?.trim() ?? ''
  return /^\d+$/.test(text) ? Number(text) : null
}

// The file that systemd-timesyncd touches at each synchronisation, or a chrony daemon; unknown where neither leaves a trace.
function readNtp(): boolean | null {
  if (existsSync('/run/systemd/timesync/synchronized') || existsSync('/run/chrony/chronyd.pid')) return true
  return existsSync('/run/systemd/system') ? false : null
}

function measureStore(dataDir: string): FileFacts['store'] {
  const folder = join(dataDir, 'store')
  const current = readText(join(folder, 'CURRENT'))?.trim() ?? null
  if (current === null && !(existsSync(folder) && readdirSync(folder).length > 0))
    return { exists: false, isClean: true, hasManifest: false }
  const manifest = current === null ? null : join(folder, current)
  const hasManifest = manifest !== null && existsSync(manifest) && statSync(manifest).size > 0
  // A process that ended in order took its lock with it.
  return { exists: true, isClean: !existsSync(join(dataDir, 'lock')), hasManifest }
}

function measureKey(config: NodeConfig, genesis: Genesis): FileFacts['key'] {
  const isDevnet = genesis.network === 'devnet'
  const none = { isExpected: config.signer !== null, exists: false, mode: 0, isOwn: true, isEncrypted: false, isDevnet }
  if (config.signer === null || !existsSync(config.signer.keystore)) return none
  const { mode, uid } = statSync(config.signer.keystore)
  const head = readText(config.signer.keystore)?.slice(0, 20) ?? ''
  const dataUid = existsSync(config.data.dir) ? statSync(config.data.dir).uid : uid
  return {
    ...none,
    exists: true,
    mode: mode & 0o777,
    isOwn: uid === dataUid,
    isEncrypted: head.startsWith('age-encryption.org/'),
  }
}

function measureSignState(config: NodeConfig, genesis: Genesis): FileFacts['signState'] {
  if (config.signer === null) return { error: null, height: 0, isBesideKey: true }
  const { journal, keystore } = config.signer
  try {
    const { lastHeight } = readJournalFile(journal, fromHex(genesis.hash.slice(0, 16)))
    const isBesideKey = !existsSync(keystore) || statSync(keystore).dev === statSync(journal).dev
    return { error: null, height: lastHeight, isBesideKey }
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    return { error: `${error.code}: ${error.message}`, height: 0, isBesideKey: true }
  }
}

function readOpenFiles(pid: number | null): number | null {
  const text = readText(`/proc/${pid ?? 'self'}/limits`)
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(text ?? '')?.[1]
  if (soft === undefined) return null
  return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft)
}

function readPressure(): number | null {
  const text = readText('/sys/fs/cgroup/memory.pressure') ?? readText('/proc/pressure/memory')
  const average = /^full avg10=([\d.]+)/m.exec(text ?? '')?.[1]
  return average === undefined ? null : Math.floor(Number(average))
}

const LOOPBACK = /^(127\.|localhost:|\[::1\])/
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[f[cd])/i

function findPublicAdmin(config: NodeConfig): string | null {
  const { listen } = config.metrics
  if (!LOOPBACK.test(listen) && !PRIVATE.test(listen)) return `metrics.listen is ${listen}, which is open to more than operators`
  const { socket } = config.admin
  if (!existsSync(socket)) return null
  const mode = statSync(socket).mode & 0o777
  return (mode & 0o077) === 0 ? null : `admin.socket ${socket} has mode ${mode.toString(8)}: others may use it`
}
