// Owns: a sign state met without its key: what it has signed, and raising its floor for rollback and restored backups.
// Not here: the journal (node/storage/journal.ts), keys (keystore.ts).
import { NodeError } from '../../core/base/errors.ts'
import type { Height, Round } from '../../core/base/ids.ts'
import { nodeFileSystem, readFileBytes } from '../storage/file-system.ts'
import { openJournal, readJournal } from '../storage/journal.ts'
import type { Journal } from '../storage/journal.ts'
import { JOURNAL_SLOT_BYTES, decodeJournalSlot } from '../storage/journal-slot.ts'
import type { JournalSlot } from '../storage/journal-slot.ts'

/** Whose sign state it is and how far it reaches; heights are 0 where there is none. */
export type SignStateView = {
  readonly publicKeyHex: string
  readonly lastHeight: Height
  readonly lastRound: Round
  readonly floorHeight: Height
}

function newestSlot(bytes: Uint8Array): JournalSlot | null {
  let newest: JournalSlot | null = null
  for (const index of [0, 1]) {
    const slot = decodeJournalSlot(bytes.subarray(index * JOURNAL_SLOT_BYTES, (index + 1) * JOURNAL_SLOT_BYTES))
    if (slot !== null && (newest === null || slot.counter > newest.counter)) newest = slot
  }
  return newest
}

/** Opens a sign state by the key that it names itself. Throws NodeError JOURNAL_*. */
function openSignState(path: string, chainTag: Uint8Array): Journal {
  const slot = newestSlot(readFileBytes(nodeFileSystem, path) ?? new Uint8Array())
  return openJournal({ path, chainTag, publicKeyHex: slot?.publicKeyHex ?? '', allowCreate: false })
}

/** Reads how far a sign state reaches. Throws NodeError JOURNAL_MISSING, JOURNAL_CORRUPT, JOURNAL_VERSION or JOURNAL_CHAIN. */
export function readSignState(path: string, chainTag: Uint8Array): SignStateView {
  const journal = openSignState(path, chainTag)
  try {
    const { last, floorHeight } = journal.state()
    const publicKeyHex = newestSlot(readFileBytes(nodeFileSystem, path) ?? new Uint8Array())?.publicKeyHex ?? ''
    return { publicKeyHex, lastHeight: last?.height ?? 0, lastRound: last?.round ?? 0, floorHeight }
  } finally {
    journal.close()
  }
}

/** The same by reading alone: nothing is opened for writing. Throws NodeError JOURNAL_*. */
export function readJournalFile(path: string, chainTag: Uint8Array): SignStateView {
  const bytes = readFileBytes(nodeFileSystem, path)
  if (bytes === null) throw new NodeError('JOURNAL_MISSING', `sign state ${path} is missing`)
  const slot = newestSlot(bytes)
  if (slot === null) throw new NodeError('JOURNAL_CORRUPT', `both slots of sign state ${path} are unreadable`)
  const { publicKeyHex } = slot
  const { last, floorHeight } = readJournal({ path, chainTag, publicKeyHex }).state
  return { publicKeyHex, lastHeight: Math.max(last?.height ?? 0, floorHeight), lastRound: last?.round ?? 0, floorHeight }
}

/** Durably forbids the key to sign at this height or below; a floor is never lowered. */
export function raiseSignFloor(path: string, chainTag: Uint8Array, height: Height): void {
  const journal = openSignState(path, chainTag)
  try {
    journal.raiseFloor(height)
  } finally {
    journal.close()
  }
}

/**
 * Refuses a rollback to a height below the key's last signature. Blocks above `to` would be decided anew, and the key has spoken
 * on them: whoever trusts the old blocks and whoever sees the new ones would hold two words of one validator.
 * Throws NodeError ROLLBACK_SIGNED.
 */
export function assertMayRollBack(state: SignStateView, to: Height): void {
  if (state.lastHeight <= to) return
  const text = `this key has signed at height ${state.lastHeight}, above ${to}; signing there again could be a double sign`
  throw new NodeError(
    'ROLLBACK_SIGNED',
    `${text}. With --raise-floor the key stays silent up to there and follows; the sign state is never wound back`,
  )
}
