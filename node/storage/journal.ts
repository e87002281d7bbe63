// Owns: the signer journal, the small file that keeps a key from signing twice: two alternating slots, never rotated (W1–W4).
// Not here: bytes of a slot (journal-slot.ts), the decision to sign (sign-guard.ts), the key (node/keystore.ts).
import { dirname } from 'node:path'
import { assert } from '../../core/base/assert.ts'
import { equalBytes, toHex, utf8ToBytes } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import { createFileDurably, type FileSystem, findFreeName, nodeFileSystem, readFileBytes, writeAllBytes } from './file-system.ts'
import {
  decodeJournalSlot,
  encodeJournalSlot,
  JOURNAL_FORMAT_VERSION,
  JOURNAL_SLOT_BYTES,
  type JournalSlot,
} from './journal-slot.ts'
import { addSignature, createSignState, type SignedRecord, type SignState } from './sign-state.ts'

/** Which journal: a journal belongs to one key on one chain; `chainTag` is the first 8 bytes of the genesis hash. */
export type JournalPlace = {
  readonly path: string
  readonly chainTag: Uint8Array
  /** 64 hex digits. */
  readonly publicKeyHex: string
  readonly disk?: FileSystem
}

/** The open journal; single writer. After any JOURNAL_IO every call throws: the caller stops the node. */
export type Journal = {
  /** What is durably known to be signed. */
  readonly state: () => SignState
  /**
   * True when one slot was unreadable at opening: a write broken by a crash, or a rotten newest slot. The signature in it may
   * have left, so the caller raises the floor to max(last height, head + 1) before signing anything new (W8).
   */
  readonly damaged: boolean
  /** Makes one more signature durable; only then may it leave the process (W2). `decideSign` comes first. Throws JOURNAL_IO. */
  readonly record: (entry: SignedRecord) => void
  /** Durably refuses new signatures at this height and below; never lowers the floor. Throws JOURNAL_IO. */
  readonly raiseFloor: (height: number) => void
  /** Closes the file; later calls throw JOURNAL_IO. */
  readonly close: () => void
}

const HOW_TO_MEND = 'run `naru keys sign-state init --after-height H` with H at or above every height this key may have signed'

function onDisk<T>(what: string, path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof NodeError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new NodeError('JOURNAL_IO', `cannot ${what} sign state ${path}: ${reason}. Check the disk, then start again.`, error)
  }
}

type Winner = { readonly slot: JournalSlot; readonly index: number; readonly damaged: boolean }

/** The valid slot with the highest counter, or null when both are unreadable. */
function findWinner(bytes: Uint8Array): Winner | null {
  let winner: { slot: JournalSlot; index: number } | null = null
  let readable = 0
  for (const index of [0, 1]) {
    const slot = decodeJournalSlot(bytes.subarray(index * JOURNAL_SLOT_BYTES, (index + 1) * JOURNAL_SLOT_BYTES))
    if (slot === null) continue
    readable += 1
    if (winner === null || slot.counter > winner.slot.counter) winner = { slot, index }
  }
  return winner === null ? null : { ...winner, damaged: readable < 2 }
}

function assertOurs(place: JournalPlace, slot: JournalSlot): void {
  const { path, chainTag, publicKeyHex } = place
  if (slot.version !== JOURNAL_FORMAT_VERSION) {
    const text = `${path} has format version ${slot.version}, this program reads ${JOURNAL_FORMAT_VERSION}`
    throw new NodeError('JOURNAL_VERSION', `${text}. Start the release that wrote it.`)
  }
  if (!equalBytes(slot.chainTag, chainTag)) {
    const text = `${path} belongs to the chain with tag ${toHex(slot.chainTag)}, not ${toHex(chainTag)}`
    throw new NodeError('JOURNAL_CHAIN', `${text}. Use the sign state of this chain.`)
  }
  if (slot.publicKeyHex !== publicKeyHex) {
    const text = `${path} belongs to key ${slot.publicKeyHex}, not ${publicKeyHex}`
    throw new NodeError('JOURNAL_KEY', `${text}. Use the sign state of this key.`)
  }
}

/** Creates the file with both slots valid, complete under its name or not there at all. */
function createJournalFile(disk: FileSystem, place: JournalPlace, state: SignState): void {
  const bytes = new Uint8Array(2 * JOURNAL_SLOT_BYTES)
  for (const index of [0, 1])
    bytes.set(encodeJournalSlot({ ...place, counter: BigInt(index + 1), state }), index * JOURNAL_SLOT_BYTES)
  const unfinished = `${place.path}.new`
  if (disk.existsSync(unfinished)) disk.unlinkSync(unfinished)
  disk.closeSync(createFileDurably(disk, unfinished, bytes))
  disk.renameSync(unfinished, place.path)
  disk.syncDirectorySync(dirname(place.path))
}

function readWinner(disk: FileSystem, place: JournalPlace): Winner {
  const bytes = readFileBytes(disk, place.path)
  if (bytes === null)
    throw new NodeError('JOURNAL_MISSING', `sign state ${place.path} is missing: restore it, or ${HOW_TO_MEND}.`)
  const winner = findWinner(bytes)
  if (winner === null) {
    throw new NodeError(
      'JOURNAL_CORRUPT',
      `both slots of sign state ${place.path} are unreadable, so nothing is signed: ${HOW_TO_MEND}.`,
    )
  }
  assertOurs(place, winner.slot)
  return winner
}

/**
 * Opens the journal; with `allowCreate` a missing one starts empty, which is right only for a key that never signed.
 * Throws NodeError JOURNAL_MISSING, JOURNAL_CORRUPT, JOURNAL_VERSION, JOURNAL_CHAIN, JOURNAL_KEY or JOURNAL_IO.
 */
export function openJournal(place: JournalPlace & { readonly allowCreate: boolean }): Journal {
  const disk = place.disk ?? nodeFileSystem
  return onDisk('open', place.path, () => {
    if (place.allowCreate && !disk.existsSync(place.path)) createJournalFile(disk, place, createSignState(0))
    const winner = readWinner(disk, place)
    return createJournal(disk, place, winner, disk.openSync(place.path, 'r+'))
  })
}

function createJournal(disk: FileSystem, place: JournalPlace, winner: Winner, fd: number): Journal {
  let { slot, index } = winner
  let status: 'open' | 'broken' | 'closed' = 'open'

  function assertOpen(): void {
    if (status !== 'open')
      throw new NodeError('JOURNAL_IO', `sign state ${place.path} is ${status}: nothing is signed. Start again.`)
  }

  /** Writes the other slot; the current one stays intact until the new one is durable. */
  function advance(state: SignState): void {
    const next = { ...slot, counter: slot.counter + 1n, state }
    const bytes = encodeJournalSlot(next)
    const target = 1 - index
    try {
      onDisk('write', place.path, () => {
        writeAllBytes(disk, fd, bytes, target * JOURNAL_SLOT_BYTES)
        disk.fdatasyncSync(fd)
      })
    } catch (error) {
      // What the disk now holds is unknown, and a second sync could claim success for pages that were dropped.
      status = 'broken'
      throw error
    }
    slot = next
    index = target
  }

  return {
    damaged: winner.damaged,
    state: () => {
      assertOpen()
      return slot.state
    },
    record: (entry) => {
      assertOpen()
      // The caller keeps its arrays; ours must not change under us.
      advance(addSignature(slot.state, { ...entry, signBytes: entry.signBytes.slice(), signature: entry.signature.slice() }))
    },
    raiseFloor: (height) => {
      assertOpen()
      assert(Number.isSafeInteger(height) && height >= 0, 'a floor is a height')
      if (height > slot.state.floorHeight) advance({ ...slot.state, floorHeight: height })
    },
    close: () => {
      if (status === 'closed') return
      status = 'closed'
      onDisk('close', place.path, () => disk.closeSync(fd))
    },
  }
}

/** Reads the sign state without opening it for writing (`naru keys sign-state show`); throws as `openJournal` does. */
export function readJournal(place: JournalPlace): { readonly state: SignState; readonly damaged: boolean } {
  const disk = place.disk ?? nodeFileSystem
  return onDisk('read', place.path, () => {
    const winner = readWinner(disk, place)
    return { state: winner.slot.state, damaged: winner.damaged }
  })
}

/** The height up to which a readable journal of this key forbids signing, and a line for the audit. */
function describePrevious(disk: FileSystem, place: JournalPlace): { heightMin: number; text: string } {
  const bytes = readFileBytes(disk, place.path)
  if (bytes === null) return { heightMin: 0, text: 'missing' }
  const winner = findWinner(bytes)
  if (winner === null) return { heightMin: 0, text: 'unreadable' }
  assertOurs(place, winner.slot)
  const { floorHeight, last } = winner.slot.state
  const heightMin = last === null ? floorHeight : Math.max(floorHeight, last.height)
  return { heightMin, text: `counter ${winner.slot.counter}, signed up to height ${last?.height ?? 0}, floor ${floorHeight}` }
}

/**
 * The operator's way out of a lost or corrupt journal: a new one that signs only above `afterHeight`. Sets the old file aside and
 * adds a line to `<path>.audit`. Throws NodeError JOURNAL_FLOOR when a readable journal already reaches higher, or JOURNAL_IO.
 */
export function initJournal(place: JournalPlace & { readonly afterHeight: number; readonly atMs?: number }): void {
  const disk = place.disk ?? nodeFileSystem
  onDisk('initialise', place.path, () => {
    const previous = describePrevious(disk, place)
    if (place.afterHeight < previous.heightMin) {
      const text = `sign state ${place.path} already reaches height ${previous.heightMin}`
      throw new NodeError(
        'JOURNAL_FLOOR',
        `${text}: use --after-height ${previous.heightMin} or higher, not ${place.afterHeight}.`,
      )
    }
    addAuditLine(disk, place, previous.text)
    // A second name first, then replaced by rename: at no moment is the journal missing, which might be taken for a new key.
    if (disk.existsSync(place.path)) disk.linkSync(place.path, findFreeName(disk, place.path, 'replaced'))
    createJournalFile(disk, place, createSignState(place.afterHeight))
  })
}

function addAuditLine(disk: FileSystem, place: JournalPlace & { afterHeight: number; atMs?: number }, previous: string): void {
  const line = {
    atMs: place.atMs ?? Date.now(),
    action: 'init',
    afterHeight: place.afterHeight,
    chainTag: toHex(place.chainTag),
    publicKey: place.publicKeyHex,
    previous,
  }
  const path = `${place.path}.audit`
  const fd = disk.openSync(path, disk.existsSync(path) ? 'r+' : 'wx+')
  try {
    writeAllBytes(disk, fd, utf8ToBytes(`${JSON.stringify(line)}\n`), disk.sizeSync(fd))
    disk.fdatasyncSync(fd)
  } finally {
    disk.closeSync(fd)
  }
  disk.syncDirectorySync(dirname(path))
}
