// Owns: who validated at any height, by the genesis and every change since.
// Not here: the records' form (core/chain/set-change.ts).
import type { Hash32, Height } from '../../core/base/ids.ts'
import { SetChangeSchema, setAfter } from '../../core/chain/set-change.ts'
import type { SetChange } from '../../core/chain/set-change.ts'
import type { ValidatorSet } from '../../core/chain/validator-set.ts'
import { decodeTrusted } from '../../core/codec/schema.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { StoreView } from './level.ts'

/** The sets of a chain, newest last; small enough to be held in memory, since sets change a few times a year. */
export type SetHistory = {
  /** The set that signs a height. */
  readonly at: (height: Height) => ValidatorSet
  /** The set with this hash, or null. */
  readonly byHash: (hash: Hash32) => ValidatorSet | null
  /** Notes that the header of a height named this set for the height after it. */
  readonly note: (height: Height, set: ValidatorSet) => void
}

/** Every change of validators up to a height, in order. Throws NodeError STORE_CORRUPT for one that does not fit its header. */
export async function readSetChanges(store: Pick<StoreView, 'range'>, top: Height): Promise<readonly SetChange[]> {
  const changes: SetChange[] = []
  for await (const [key, value] of store.range({ gte: 'v/', lt: 'v0' })) {
    if (Number.parseInt(key.slice(2), 16) > top) break
    changes.push(readChange(key, value))
  }
  return changes
}

function readChange(key: string, value: Uint8Array): SetChange {
  try {
    const change = decodeTrusted(SetChangeSchema, value)
    if (setAfter(change) !== null) return change
  } catch {
    // Told below.
  }
  throw new NodeError('STORE_CORRUPT', `${key}, a change of validators, cannot be read: run naru audit`)
}

/** The history over the genesis set and the changes since. */
export function createSetHistory(genesisSet: ValidatorSet, changes: readonly SetChange[]): SetHistory {
  const rows: { after: Height; set: ValidatorSet }[] = [{ after: -1, set: genesisSet }]
  const note = (after: Height, set: ValidatorSet): void => {
    while ((rows.at(-1)?.after ?? -1) >= after) rows.pop()
    rows.push({ after, set })
  }
  for (const change of changes) {
    const set = setAfter(change)
    if (set !== null) note(change.header.height, set)
  }
  return {
    at: (height) => rows.findLast(({ after }) => after < height)?.set ?? genesisSet,
    byHash: (hash) => rows.find(({ set }) => set.hash === hash)?.set ?? null,
    note,
  }
}
