// Owns: the write-ahead log, one append-only file per height: append, flush, replay, torn tails, quarantine (W5-W8).
// Not here: bytes of records (wal-format.ts), the signer's safety record (journal.ts), when to flush (node/effects.ts).
import { dirname, join } from 'node:path'
import { assert } from '../../core/base/assert.ts'
import { concatBytes, equalBytes, toHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { createFileDurably, type FileSystem, findFreeName, nodeFileSystem, readFileBytes, writeAllBytes } from './file-system.ts'
import {
  decodeWalHeader,
  encodeWalHeader,
  encodeWalRecord,
  scanWalRecords,
  WAL_FORMAT_VERSION,
  WAL_HEADER_BYTES,
  type WalRecord,
} from './wal-format.ts'

/** Where a log lives and which one it is; `chainTag` is the first 8 bytes of the genesis hash. */
export type WalPlace = {
  readonly dir: string
  readonly chainTag: Uint8Array
  readonly height: number
  readonly disk?: FileSystem
}

/** What a log file holds; `records` end at the first damage. */
export type WalContent = {
  readonly status: 'absent' | 'clean' | 'torn' | 'corrupt'
  readonly records: readonly WalRecord[]
  /** Bytes of a readable prefix, header included. */
  readonly validBytes: number
  /** Bytes of an unfinished end, which `openWal` cuts off. 0 unless torn. */
  readonly tornBytes: number
  /** Files of this height set aside earlier by `quarantineWal`. */
  readonly quarantined: number
}

/** An open log; single writer. After any WAL_IO it refuses everything: the caller stops the node and never retries (W6). */
export type Wal = {
  /** The height whose inputs go in. */
  readonly height: () => number
  /** Bytes that opening cut off an unfinished end, for one log line; 0 mostly. */
  readonly tornBytes: number
  /** Takes a record into memory; nothing is durable before `flush`. */
  readonly append: (type: number, payload: Uint8Array) => void
  /** Makes every appended record durable by one write and one sync. Throws NodeError WAL_IO. */
  readonly flush: () => void
  /** Begins a later height's file and deletes the older ones; only after the block's batch is durable (W7). Throws WAL_IO. */
  readonly startHeight: (height: number) => void
  /** Flushes and closes; safe to call twice. */
  readonly close: () => void
}

const SUFFIX = '.wal'

function formatWalPath(dir: string, height: number): string {
  return join(dir, `${String(height).padStart(16, '0')}${SUFFIX}`)
}

function parseWalHeight(name: string): number | null {
  const match = /^(\d{16})\.wal$/.exec(name)
  return match === null ? null : Number(match[1])
}

function onDisk<T>(what: string, path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof NodeError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new NodeError('WAL_IO', `cannot ${what} write-ahead log ${path}: ${reason}. Check the disk, then start again.`, error)
  }
}

/** Reads the log of a height without changing it. Throws NodeError WAL_VERSION, WAL_CHAIN (not ours) or WAL_IO. */
export function readWal(place: WalPlace): WalContent {
  const disk = place.disk ?? nodeFileSystem
  const path = formatWalPath(place.dir, place.height)
  const [bytes, quarantined] = onDisk('read', path, () => [readFileBytes(disk, path), countQuarantined(disk, place)] as const)
  const nothing = { records: [], validBytes: 0, tornBytes: 0, quarantined }
  if (bytes === null) return { ...nothing, status: 'absent' }
  const header = decodeWalHeader(bytes)
  if (header === null) {
    // The header is synced before any record is taken: a bare damaged header is a crash at creation, records after it are not.
    if (bytes.length <= WAL_HEADER_BYTES) return { ...nothing, status: 'torn', tornBytes: bytes.length }
    return { ...nothing, status: 'corrupt' }
  }
  if (header.version !== WAL_FORMAT_VERSION) {
    const text = `${path} has format version ${header.version}, this program reads ${WAL_FORMAT_VERSION}`
    throw new NodeError('WAL_VERSION', `${text}. Start the release that wrote it, or move the file away.`)
  }
  if (!equalBytes(header.chainTag, place.chainTag)) {
    const text = `${path} belongs to the chain with tag ${toHex(header.chainTag)}, not ${toHex(place.chainTag)}`
    throw new NodeError('WAL_CHAIN', `${text}. Use the data directory of this chain.`)
  }
  if (header.height !== place.height) return { ...nothing, status: 'corrupt' }
  const scan = scanWalRecords(bytes)
  const tornBytes = scan.status === 'torn' ? bytes.length - scan.validBytes : 0
  return { status: scan.status, records: scan.records, validBytes: scan.validBytes, tornBytes, quarantined }
}

function countQuarantined(disk: FileSystem, place: WalPlace): number {
  if (!disk.existsSync(place.dir)) return 0
  const prefix = formatWalPath('', place.height)
  return disk.readdirSync(place.dir).filter((name) => name.startsWith(`${prefix}.corrupt-`)).length
}

/** Sets a corrupt log aside as `<file>.corrupt-<n>` and returns that path; the caller also raises the journal's floor (W8). */
export function quarantineWal(place: Omit<WalPlace, 'chainTag'>): string {
  const disk = place.disk ?? nodeFileSystem
  const path = formatWalPath(place.dir, place.height)
  return onDisk('set aside', path, () => {
    const target = findFreeName(disk, path, 'corrupt')
    disk.renameSync(path, target)
    disk.syncDirectorySync(place.dir)
    return target
  })
}

type OpenFile = { readonly fd: number; readonly sizeBytes: number }

function createWalFile(disk: FileSystem, place: WalPlace): OpenFile {
  const header = encodeWalHeader(place)
  const path = formatWalPath(place.dir, place.height)
  if (disk.existsSync(path)) disk.unlinkSync(path)
  return { fd: createFileDurably(disk, path, header), sizeBytes: header.length }
}

function reopenWalFile(disk: FileSystem, path: string, content: WalContent): OpenFile {
  const fd = disk.openSync(path, 'r+')
  if (content.tornBytes > 0) {
    disk.ftruncateSync(fd, content.validBytes)
    disk.fdatasyncSync(fd)
  }
  return { fd, sizeBytes: content.validBytes }
}

/** Deletes logs of heights below the given one; set-aside files stay for the operator. */
function deleteOlder(disk: FileSystem, dir: string, height: number): void {
  let deleted = false
  for (const name of disk.readdirSync(dir)) {
    const other = parseWalHeight(name)
    if (other === null || other >= height) continue
    disk.unlinkSync(join(dir, name))
    deleted = true
  }
  if (deleted) disk.syncDirectorySync(dir)
}

function openFile(disk: FileSystem, place: WalPlace, content: WalContent): OpenFile {
  const path = formatWalPath(place.dir, place.height)
  return onDisk('open', path, () => {
    if (!disk.existsSync(place.dir)) {
      disk.mkdirSync(place.dir)
      disk.syncDirectorySync(dirname(place.dir))
    }
    const empty = content.validBytes === 0
    const file = empty ? createWalFile(disk, place) : reopenWalFile(disk, path, content)
    deleteOlder(disk, place.dir, place.height)
    return file
  })
}

/**
 * Opens the log of `height` (head + 1) for appending: cuts off a torn end, deletes logs of older heights (W7).
 * Throws NodeError WAL_CORRUPT (call quarantineWal first), WAL_VERSION, WAL_CHAIN or WAL_IO.
 */
export function openWal(place: WalPlace): Wal {
  const disk = place.disk ?? nodeFileSystem
  const content = readWal(place)
  if (content.status === 'corrupt') {
    const path = formatWalPath(place.dir, place.height)
    throw new NodeError('WAL_CORRUPT', `${path} is damaged before intact records. Set it aside and do not sign at this height.`)
  }
  return createWal(disk, place, openFile(disk, place, content), content.tornBytes)
}

function createWal(disk: FileSystem, place: WalPlace, first: OpenFile, tornBytes: number): Wal {
  let { fd, sizeBytes } = first
  let height = place.height
  let pending: Uint8Array[] = []
  let status: 'open' | 'broken' | 'closed' = 'open'

  /** Any fault ends this log for good: after a failed sync the kernel may have dropped the pages, so a retry could lie. */
  function guard(what: string, action: () => void): void {
    const path = formatWalPath(place.dir, height)
    if (status !== 'open') throw new NodeError('WAL_IO', `cannot ${what} write-ahead log ${path}: it is ${status}. Start again.`)
    try {
      onDisk(what, path, action)
    } catch (error) {
      status = 'broken'
      throw error
    }
  }

  function flush(): void {
    guard('flush', () => {
      if (pending.length === 0) return
      const bytes = concatBytes(...pending)
      writeAllBytes(disk, fd, bytes, sizeBytes)
      disk.fdatasyncSync(fd)
      sizeBytes += bytes.length
      pending = []
    })
  }

  return {
    tornBytes,
    height: () => height,
    append: (type, payload) => guard('append to', () => void pending.push(encodeWalRecord(type, payload))),
    flush,
    startHeight: (next) => {
      assert(next > height, `a log goes from height ${height} only upwards, not to ${next}`)
      guard('start the next', () => {
        // Records of the finished height explain nothing any more.
        pending = []
        const file = createWalFile(disk, { ...place, height: next })
        disk.closeSync(fd)
        fd = file.fd
        sizeBytes = file.sizeBytes
        height = next
        deleteOlder(disk, place.dir, next)
      })
    },
    close: () => {
      if (status === 'closed') return
      if (status === 'open') flush()
      status = 'closed'
      onDisk('close', place.dir, () => disk.closeSync(fd))
    },
  }
}
