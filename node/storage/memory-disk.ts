// Owns: a disk in memory that forgets what was not synced, for crash tests and the simulator; faults by plan.
// Not here: the real disk (file-system.ts).
import { dirname } from 'node:path'
import type { FileSystem, OpenFlags } from './file-system.ts'

/** Names of operations that change the disk; a fault plan sees each before it happens. */
export type DiskChange = 'create' | 'write' | 'truncate' | 'sync' | 'rename' | 'link' | 'unlink' | 'syncDirectory'

/** What happens to unsynced writes at a crash: kept, lost, or a write is cut after that many bytes with the later ones lost. */
export type CrashMode = 'keep' | 'lose' | { readonly cutBytes: number }

/** A disk in memory. `beforeChange` may throw: the operation then does not happen. */
export type MemoryDisk = FileSystem & {
  /** The disk as a machine finds it after a power cut now. */
  readonly crash: (mode: CrashMode) => MemoryDisk
  /** Changes bytes in place, durably, as rot would. */
  readonly corrupt: (path: string, change: (bytes: Uint8Array) => Uint8Array) => void
  /** Bytes a reader sees now, or null without such a file. */
  readonly content: (path: string) => Uint8Array | null
}

type Change = { readonly at: number; readonly bytes: Uint8Array } | { readonly length: number }
type Inode = { bytes: Uint8Array; durable: Uint8Array; unsynced: Change[] }
type Entries = Map<string, Inode>

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

function resize(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  out.set(bytes.subarray(0, Math.min(length, bytes.length)))
  return out
}

function applyChange(bytes: Uint8Array, change: Change): Uint8Array {
  if ('length' in change) return resize(bytes, change.length)
  const out = resize(bytes, Math.max(bytes.length, change.at + change.bytes.length))
  out.set(change.bytes, change.at)
  return out
}

/** Bytes of a file after a crash. */
function surviving(inode: Inode, mode: CrashMode): Uint8Array {
  if (mode === 'lose') return inode.durable.slice()
  if (mode === 'keep') return inode.bytes.slice()
  let bytes = inode.durable
  let left = mode.cutBytes
  for (const change of inode.unsynced) {
    if ('length' in change) {
      bytes = applyChange(bytes, change)
      continue
    }
    const kept = Math.min(left, change.bytes.length)
    bytes = applyChange(bytes, { at: change.at, bytes: change.bytes.subarray(0, kept) })
    left -= kept
    if (left === 0) break
  }
  return bytes.slice()
}

/** An empty disk; `beforeChange` is the fault plan, called before every change with its kind and path. */
export function createMemoryDisk(beforeChange: FaultPlan = () => undefined): MemoryDisk {
  return createDisk({ current: new Map(), durable: new Map(), beforeChange })
}

type FaultPlan = (change: DiskChange, path: string) => void

/** Names as programs see them, and as they stand after a power cut. */
type Names = { readonly current: Entries; readonly durable: Entries; readonly beforeChange: FaultPlan }

function find(names: Names, path: string): Inode {
  const inode = names.current.get(path)
  if (inode === undefined) throw systemError('ENOENT', path)
  return inode
}

function createDisk(names: Names): MemoryDisk {
  const { current } = names
  return {
    existsSync: (path) => current.has(path) || [...current.keys()].some((name) => name.startsWith(`${path}/`)),
    readdirSync: (path) =>
      [...current.keys()].filter((name) => dirname(name) === path).map((name) => name.slice(path.length + 1)),
    mkdirSync: () => undefined,
    ...buildFileOperations(names),
    ...buildNameOperations(names),
    crash: (mode) => crash(names, mode),
    corrupt: (path, damage) => {
      const inode = find(names, path)
      inode.bytes = damage(inode.bytes.slice())
      inode.durable = inode.bytes.slice()
    },
    content: (path) => current.get(path)?.bytes.slice() ?? null,
  }
}

/** Names are kept or lost with the data: a crash that keeps unsynced writes keeps unsynced names too. */
function crash(names: Names, mode: CrashMode): MemoryDisk {
  const copies = new Map<Inode, Inode>()
  const after: Entries = new Map()
  for (const [path, inode] of mode === 'lose' ? names.durable : names.current) {
    const bytes = surviving(inode, mode)
    const copy = copies.get(inode) ?? { bytes, durable: bytes.slice(), unsynced: [] }
    copies.set(inode, copy)
    after.set(path, copy)
  }
  return createDisk({ current: after, durable: new Map(after), beforeChange: () => undefined })
}

type FileOperations = Pick<
  FileSystem,
  'openSync' | 'closeSync' | 'readSync' | 'writeSync' | 'ftruncateSync' | 'fdatasyncSync' | 'sizeSync'
>

function buildFileOperations(names: Names): FileOperations {
  const open = new Map<number, { inode: Inode; path: string }>()
  let nextFd = 3

  function handle(fd: number): { inode: Inode; path: string } {
    const entry = open.get(fd)
    if (entry === undefined) throw systemError('EBADF', String(fd))
    return entry
  }

  function change(fd: number, kind: DiskChange, next: Change): void {
    const { inode, path } = handle(fd)
    names.beforeChange(kind, path)
    inode.bytes = applyChange(inode.bytes, next)
    inode.unsynced.push(next)
  }

  return {
    openSync: (path, flags: OpenFlags) => {
      if (flags === 'wx+') {
        if (names.current.has(path)) throw systemError('EEXIST', path)
        names.beforeChange('create', path)
        names.current.set(path, { bytes: new Uint8Array(0), durable: new Uint8Array(0), unsynced: [] })
      }
      open.set(nextFd, { inode: find(names, path), path })
      return nextFd++
    },
    closeSync: (fd) => {
      handle(fd)
      open.delete(fd)
    },
    readSync: (fd, buffer, offset, length, position) => {
      const part = handle(fd).inode.bytes.subarray(position, position + length)
      buffer.set(part, offset)
      return part.length
    },
    writeSync: (fd, buffer, offset, length, position) => {
      change(fd, 'write', { at: position, bytes: buffer.slice(offset, offset + length) })
      return length
    },
    ftruncateSync: (fd, length) => change(fd, 'truncate', { length }),
    fdatasyncSync: (fd) => {
      const { inode, path } = handle(fd)
      names.beforeChange('sync', path)
      inode.durable = inode.bytes.slice()
      inode.unsynced = []
    },
    sizeSync: (fd) => handle(fd).inode.bytes.length,
  }
}

function buildNameOperations(names: Names): Pick<FileSystem, 'renameSync' | 'linkSync' | 'unlinkSync' | 'syncDirectorySync'> {
  const { current, durable, beforeChange } = names
  return {
    renameSync: (from, to) => {
      const inode = find(names, from)
      beforeChange('rename', from)
      current.delete(from)
      current.set(to, inode)
    },
    linkSync: (existing, to) => {
      const inode = find(names, existing)
      if (current.has(to)) throw systemError('EEXIST', to)
      beforeChange('link', existing)
      current.set(to, inode)
    },
    unlinkSync: (path) => {
      find(names, path)
      beforeChange('unlink', path)
      current.delete(path)
    },
    syncDirectorySync: (path) => {
      beforeChange('syncDirectory', path)
      for (const name of durable.keys()) if (dirname(name) === path) durable.delete(name)
      for (const [name, inode] of current) if (dirname(name) === path) durable.set(name, inode)
    },
  }
}
