// Owns: the WAL of the running height: opening it, quarantine (W8), handing its records back to the loop.
// Not here: the file (storage/wal.ts).
import type { BlockId } from '../core/base/ids.ts'
import type { Block } from '../core/chain/block.ts'
import type { Input } from '../consensus/input.ts'
import type { ChainHead } from './chain-head.ts'
import type { Logger } from './logger.ts'
import type { FileSystem } from './storage/file-system.ts'
import type { Journal } from './storage/journal.ts'
import { openWal, quarantineWal, readWal } from './storage/wal.ts'
import type { WalRecord } from './storage/wal-format.ts'
import { decodeWalRecord } from './wal-records.ts'

/** The log of the running height; `append` buffers, `flush` makes durable. Both throw WAL_IO. */
export type HeightLog = {
  readonly append: (type: number, payload: Uint8Array) => void
  readonly flush: () => void
  readonly startHeight: (height: number) => void
  readonly close: () => void
  /** Hands back what the log held when it was opened: bodies first, then inputs in their order. */
  readonly replay: (into: { offerBlock: (block: Block) => BlockId; enqueue: (input: Input) => void }) => void
}

type OpenParts = {
  dir: string
  chainTag: Uint8Array
  head: ChainHead
  /** Of every key that this node may sign with. */
  journals: readonly Journal[]
  log: Logger
  disk: FileSystem
}

// Nothing else than the very block of that precommit can ever be signed here again: whoever has its body must be found.
function isLockedAt(journal: Journal, height: number): boolean {
  return journal.state().lastLock?.height === height
}

/** Opens the log of the height after the head; a rotten one is set aside and nothing new is signed at that height. */
export function openHeightLog({ dir, chainTag, head, journals, log, disk }: OpenParts): HeightLog {
  const height = head.height + 1
  const content = readWal({ dir, chainTag, height, disk })
  const records: readonly WalRecord[] = content.records
  // The floor first: a crash after the log was set aside must not find a key that signs at this height again.
  for (const journal of journals)
    if (content.status === 'corrupt' || journal.damaged) journal.raiseFloor(Math.max(journal.state().last?.height ?? 0, height))
  if (content.status === 'corrupt') {
    const path = quarantineWal({ dir, height, disk })
    log.error('The write-ahead log is damaged in its middle and was set aside; this height is followed, not signed', {
      height,
      path,
    })
  }
  if (content.status === 'absent' && journals.some((journal) => isLockedAt(journal, height)))
    log.error(
      'The sign state holds a precommit of this height, but its write-ahead log is gone: the block must come from a peer',
      {
        height,
      },
    )
  if (content.status === 'torn')
    log.warn('The write-ahead log ends in an unfinished record, which is cut off', { height, bytes: content.tornBytes })
  const wal = openWal({ dir, chainTag, height, disk })
  return {
    append: wal.append,
    flush: wal.flush,
    startHeight: wal.startHeight,
    close: wal.close,
    replay({ offerBlock, enqueue }) {
      const decoded = records.map(decodeWalRecord)
      for (const entry of decoded) if ('header' in entry) offerBlock(entry)
      for (const entry of decoded) if ('kind' in entry) enqueue(entry)
      if (records.length > 0) log.info('Replayed the write-ahead log', { height, records: records.length })
    },
  }
}
