// Owns: the small synchronous file system port of the durable files, and whole-buffer reads and writes over it.
// Not here: record layouts (wal-format.ts, journal-slot.ts), crash simulation (memory-disk.ts).
import * as fs from 'node:fs'
import { dirname } from 'node:path'

/** Ways a file is opened: read, read and write, create anew (fails if present). */
export type OpenFlags = 'r' | 'r+' | 'wx+'

/** What durable files need from a disk; every function throws on failure as in node:fs, `writeSync` may write less than asked. */
export type FileSystem = {
  readonly openSync: (path: string, flags: OpenFlags) => number
  readonly closeSync: (fd: number) => void
  readonly readSync: (fd: number, buffer: Uint8Array, offset: number, length: number, position: number) => number
  readonly writeSync: (fd: number, buffer: Uint8Array, offset: number, length: number, position: number) => number
  readonly fdatasyncSync: (fd: number) => void
  readonly ftruncateSync: (fd: number, length: number) => void
  readonly sizeSync: (fd: number) => number
  readonly existsSync: (path: string) => boolean
  readonly readdirSync: (path: string) => readonly string[]
  readonly mkdirSync: (path: string) => void
  readonly renameSync: (from: string, to: string) => void
  readonly linkSync: (existing: string, to: string) => void
  readonly unlinkSync: (path: string) => void
  /** Makes creations, renames and deletions inside the directory durable. */
  readonly syncDirectorySync: (path: string) => void
}

/** Owner only: a journal or log of consensus concerns nobody else on the machine. */
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

function syncDirectorySync(path: string): void {
  // Windows cannot open a directory for sync; its rename is durable by journalled metadata.
  if (process.platform === 'win32') return
  const fd = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** The real disk. */
export const nodeFileSystem: FileSystem = {
  openSync: (path, flags) => fs.openSync(path, flags, FILE_MODE),
  closeSync: fs.closeSync,
  readSync: (fd, buffer, offset, length, position) => fs.readSync(fd, buffer, offset, length, position),
  writeSync: (fd, buffer, offset, length, position) => fs.writeSync(fd, buffer, offset, length, position),
  fdatasyncSync: fs.fdatasyncSync,
  ftruncateSync: fs.ftruncateSync,
  sizeSync: (fd) => fs.fstatSync(fd).size,
  existsSync: fs.existsSync,
  readdirSync: (path) => fs.readdirSync(path),
  mkdirSync: (path) => {
    fs.mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE })
  },
  renameSync: fs.renameSync,
  linkSync: fs.linkSync,
  unlinkSync: fs.unlinkSync,
  syncDirectorySync,
}

/** Writes all bytes at the position, over as many writes as the disk needs; throws what the disk throws. */
export function writeAllBytes(disk: FileSystem, fd: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) {
    const written = disk.writeSync(fd, bytes, done, bytes.length - done, position + done)
    if (written <= 0) throw new Error(`the disk took ${done} of ${bytes.length} bytes`)
    done += written
  }
}

/** The whole content of an open file. */
export function readAllBytes(disk: FileSystem, fd: number): Uint8Array {
  const bytes = new Uint8Array(disk.sizeSync(fd))
  let done = 0
  while (done < bytes.length) {
    const count = disk.readSync(fd, bytes, done, bytes.length - done, done)
    if (count <= 0) return bytes.slice(0, done)
    done += count
  }
  return bytes
}

/** The whole content of a file, or null when there is none. */
export function readFileBytes(disk: FileSystem, path: string): Uint8Array | null {
  let fd: number
  try {
    fd = disk.openSync(path, 'r')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw error
  }
  try {
    return readAllBytes(disk, fd)
  } finally {
    disk.closeSync(fd)
  }
}

/** Creates a file that must not exist yet, durable with its directory entry; returns its open descriptor. */
export function createFileDurably(disk: FileSystem, path: string, bytes: Uint8Array): number {
  const fd = disk.openSync(path, 'wx+')
  try {
    writeAllBytes(disk, fd, bytes, 0)
    disk.fdatasyncSync(fd)
    disk.syncDirectorySync(dirname(path))
  } catch (error) {
    disk.closeSync(fd)
    throw error
  }
  return fd
}

/** The first of `<path>.<label>-1`, `-2`, … that does not exist: where a damaged or replaced file is set aside. */
export function findFreeName(disk: FileSystem, path: string, label: string): string {
  let number = 1
  while (disk.existsSync(`${path}.${label}-${number}`)) number += 1
  return `${path}.${label}-${number}`
}

/** True for a system error with the given code, such as ENOENT or EEXIST. */
export function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === code
}
