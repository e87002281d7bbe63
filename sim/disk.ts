// Owns: the disks of a simulated machine: files that forget what was not synced, a store whose batches are whole or absent.
// Not here: when a machine crashes (machine.ts), the file disk itself (node/storage/memory-disk.ts).
import { NodeError } from '../core/base/errors.ts'
import { STORE_AFTER } from './boundary.ts'
import type { FileSystem } from '../node/storage/file-system.ts'
import type { DiskChange } from '../node/storage/memory-disk.ts'
import type { Store, StoreChange, StoreRange } from '../node/storage/level.ts'

/** Asked before each change of a disk; it throws what the disk would throw, or what ends the machine. */
export type BeforeChange = (kind: DiskChange | 'batch', path: string) => void

/** The file disk with every change announced; `dropSync` says whether a sync is a lie now. */
export function guardFiles(disk: FileSystem, before: BeforeChange, dropSync: () => boolean): FileSystem {
  const paths = new Map<number, string>()
  const pathOf = (fd: number): string => paths.get(fd) ?? '?'
  return {
    ...disk,
    openSync(path, flags) {
      if (flags === 'wx+') before('create', path)
      const fd = disk.openSync(path, flags)
      paths.set(fd, path)
      return fd
    },
    writeSync(fd, buffer, offset, length, position) {
      before('write', pathOf(fd))
      return disk.writeSync(fd, buffer, offset, length, position)
    },
    ftruncateSync(fd, length) {
      before('truncate', pathOf(fd))
      disk.ftruncateSync(fd, length)
    },
    fdatasyncSync(fd) {
      before('sync', pathOf(fd))
      if (!dropSync()) disk.fdatasyncSync(fd)
    },
    renameSync(from, to) {
      before('rename', from)
      disk.renameSync(from, to)
    },
    linkSync(existing, to) {
      before('link', existing)
      disk.linkSync(existing, to)
    },
    unlinkSync(path) {
      before('unlink', path)
      disk.unlinkSync(path)
    },
    syncDirectorySync(path) {
      before('syncDirectory', path)
      disk.syncDirectorySync(path)
    },
  }
}

/** What survives of a store: the records of whole batches. */
export type Records = Map<string, Uint8Array>

/** How a machine carries out a batch. */
export type StoreParts = {
  readonly records: Records
  readonly before: BeforeChange
  /** Resolves after the disk's delay; never on a machine that has crashed. */
  readonly wait: () => Promise<void>
  readonly isAlive: () => boolean
}

/** The store of a running machine; `land` lets a batch that is on its way reach the disk after all, as a crash may. */
export type MemoryStore = Store & { readonly land: () => void }

type Waiting = Map<string, Uint8Array | null>

function landOn(records: Records, waiting: Waiting): void {
  for (const [key, value] of waiting) {
    if (value === null) records.delete(key)
    else records.set(key, value)
  }
  waiting.clear()
}

/** The node's store over records in memory: readers see a batch a moment before it is durable. */
export function createMemoryStore({ records, before, wait, isAlive }: StoreParts): MemoryStore {
  const waiting: Waiting = new Map()
  const read = (key: string): Uint8Array | null => {
    const found = waiting.has(key) ? waiting.get(key) : records.get(key)
    return found?.slice() ?? null
  }
  const merged = (): Records => {
    const all = new Map(records)
    landOn(all, new Map(waiting))
    return all
  }
  return {
    get: read,
    getMany: (keys) => Promise.resolve(keys.map(read)),
    async writeBatch(changes: readonly StoreChange[]) {
      announce(before, 'store')
      for (const { key, value } of changes) waiting.set(key, value?.slice() ?? null)
      await wait()
      if (!isAlive()) return new Promise<void>(() => undefined)
      landOn(records, waiting)
      announce(before, STORE_AFTER)
    },
    range: (range) => readRange(merged(), range),
    holdView() {
      const held = merged()
      return {
        get: (key) => held.get(key)?.slice() ?? null,
        getMany: (keys) => Promise.resolve(keys.map((key) => held.get(key)?.slice() ?? null)),
        range: (range) => readRange(held, range),
        close: () => Promise.resolve(),
      }
    },
    approximateBytes: () => Promise.resolve(0),
    compactRange: () => Promise.resolve(),
    close: () => Promise.resolve(),
    land: () => landOn(records, waiting),
  }
}

function announce(before: BeforeChange, what: string): void {
  try {
    before('batch', what)
  } catch (error) {
    throw new NodeError('STORE_IO', `cannot write to store: ${String(error)}. Check the disk, then start again.`, error)
  }
}

async function* readRange(records: Records, range: StoreRange): AsyncGenerator<readonly [string, Uint8Array]> {
  const { gte, gt, lt, lte, reverse, limit } = range
  const isInside = (key: string): boolean =>
    (gte === undefined || key >= gte) &&
    (gt === undefined || key > gt) &&
    (lt === undefined || key < lt) &&
    (lte === undefined || key <= lte)
  const keys = [...records.keys()].filter(isInside).sort()
  if (reverse === true) keys.reverse()
  for (const key of limit === undefined ? keys : keys.slice(0, limit)) yield [key, (records.get(key) as Uint8Array).slice()]
}
