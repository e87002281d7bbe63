// Owns: the exclusive lock on a data directory or a key file, which survives kill -9 of its holder (consensus.md 3.2, W11).
// Not here: LevelDB's own lock (level.ts), double signing by a second machine (journal.ts, node/recover.ts).
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { bytesToUtf8, toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { createFileDurably, type FileSystem, isErrorCode, nodeFileSystem, readFileBytes } from './file-system.ts'

/** A held lock; `release` removes it and may be called twice. */
export type DataLock = { readonly release: () => void }

/** Who holds a lock: a process is the same only with the same id, boot and start time. */
type Holder = {
  readonly pid: number
  /** Changes at every start of the machine; empty where the system does not tell. */
  readonly bootId: string
  /** Clock ticks from boot to the start of the process; empty where the system does not tell. */
  readonly startTime: string
  /** Names this one acquisition, so that a takeover hits the lock it judged and no newer one. */
  readonly token: string
}

const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id'
const TRIES_MAX = 20

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

type ProcessStat = { readonly state: string; readonly startTime: string }

/** State and start time of a process from /proc (proc(5): fields 3 and 22), or null where there is none. */
function readProcessStat(pid: number): ProcessStat | null {
  const text = readText(`/proc/${pid}/stat`)
  if (text === null) return null
  // The name in field 2 is in parentheses and may itself contain spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' }
}

function describeSelf(): Holder {
  return {
    pid: process.pid,
    bootId: readText(BOOT_ID_PATH)?.trim() ?? '',
    startTime: readProcessStat(process.pid)?.startTime ?? '',
    token: toHex(randomBytes(8)),
  }
}

/** True unless the process does not exist; no right to signal it also means that it exists. */
function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !isErrorCode(error, 'ESRCH')
  }
}

/** True while the very process that took the lock runs. In doubt it is taken to run. */
function isRunning(holder: Holder, self: Holder): boolean {
  if (holder.bootId !== self.bootId) return false
  if (!hasProcess(holder.pid)) return false
  const stat = readProcessStat(holder.pid)
  if (stat === null || holder.startTime === '') return true
  // A zombie has ended and only waits for its parent to take note.
  if (stat.state === 'Z' || stat.state === 'X') return false
  return stat.startTime === holder.startTime
}

/** The holder in a lock file; 'gone' without a file, 'unreadable' when it is not one of ours. */
function readHolder(disk: FileSystem, path: string): Holder | 'gone' | 'unreadable' {
  const bytes = readFileBytes(disk, path)
  if (bytes === null) return 'gone'
  try {
    const { pid, bootId, startTime, token } = JSON.parse(bytesToUtf8(bytes)) as Partial<Holder>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return 'unreadable'
    if (typeof bootId !== 'string' || typeof startTime !== 'string') return 'unreadable'
    if (typeof token !== 'string' || !/^[0-9a-f]{16}$/.test(token)) return 'unreadable'
    return { pid, bootId, startTime, token }
  } catch {
    return 'unreadable'
  }
}

function buildLockedError(what: string, path: string, holder: Holder | 'unreadable'): NodeError {
  const by = holder === 'unreadable' ? 'an unreadable lock file' : `process ${holder.pid}`
  const fix = holder === 'unreadable' ? 'if no node uses it, delete that file' : 'stop that process, or use another directory'
  return new NodeError('DATA_DIR_LOCKED', `${what} is held by ${by} (lock ${path}): ${fix}.`)
}

/** Gives the finished file a second name, which fails if the name is taken: the lock appears whole or not at all. */
function tryLink(disk: FileSystem, from: string, to: string): boolean {
  try {
    disk.linkSync(from, to)
    return true
  } catch (error) {
    if (isErrorCode(error, 'EEXIST')) return false
    throw error
  }
}

type Attempt = { readonly disk: FileSystem; readonly what: string; readonly self: Holder; readonly draft: string }

/**
 * Takes the lock at `path`. A dead holder's lock is replaced only under a claim named after that holder's token, itself a lock
 * taken in the same way: of several contenders one wins, and none can replace a lock that it has not judged.
 */
function takeLock(attempt: Attempt, path: string): void {
  const { disk, what, self, draft } = attempt
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (tryLink(disk, draft, path)) return
    const holder = readHolder(disk, path)
    if (holder === 'gone') continue
    if (holder === 'unreadable' || isRunning(holder, self)) throw buildLockedError(what, path, holder)
    const claim = `${path}.takeover-${holder.token}`
    takeLock(attempt, claim)
    try {
      const now = readHolder(disk, path)
      if (now === 'gone' || now === 'unreadable' || now.token !== holder.token) continue
      // Renaming one name of a file onto another name of the same file does nothing, hence unlink and link under the claim.
      disk.unlinkSync(path)
      if (tryLink(disk, draft, path)) return
    } finally {
      disk.unlinkSync(claim)
    }
  }
  throw new NodeError('DATA_DIR_LOCKED', `${what} is contended (lock ${path}): start one node at a time.`)
}

/**
 * Takes the exclusive lock `path` for `what` (named in messages), taking over from a process that no longer runs.
 * Throws NodeError DATA_DIR_LOCKED with the holder's process id, or LOCK_IO. Processes in other containers or on other machines
 * that share the file are not seen; LevelDB's lock and the check of peers' votes stand behind it.
 */
export function acquireLock(options: { readonly path: string; readonly what: string; readonly disk?: FileSystem }): DataLock {
  const { path, what } = options
  const disk = options.disk ?? nodeFileSystem
  const self = describeSelf()
  const draft = `${path}.${self.pid}-${self.token}`
  try {
    disk.mkdirSync(dirname(path))
    disk.closeSync(createFileDurably(disk, draft, utf8ToBytes(`${JSON.stringify(self)}\n`)))
    try {
      takeLock({ disk, what, self, draft }, path)
    } finally {
      disk.unlinkSync(draft)
    }
  } catch (error) {
    if (error instanceof NodeError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new NodeError('LOCK_IO', `cannot lock ${what} by ${path}: ${reason}. Check the path and its permissions.`, error)
  }
  return { release: () => releaseLock(disk, path, self) }
}

/** Removes the lock if it is still this acquisition's. */
function releaseLock(disk: FileSystem, path: string, self: Holder): void {
  const holder = readHolder(disk, path)
  if (holder === 'gone' || holder === 'unreadable' || holder.token !== self.token) return
  disk.unlinkSync(path)
}
