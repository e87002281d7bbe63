// Owns: evidence that waits for a block: found here, sent by peers or brought by clients; durable, bounded, fair to the accused.
// Not here: finding it (consensus), what a block may bring in (modules/governance), sending it (chain-consensus.ts).
import { must } from '../core/base/assert.ts'
import { failure, isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import type { SignatureCheck } from '../core/chain/certificate.ts'
import { decodeEvidence, offenceId, offenceOf } from '../core/chain/evidence.ts'
import { EvidencePoolError } from './evidence-errors.ts'
import type { ExecutorParts } from './executor.ts'
import { nextBlockEnv } from './chain-head.ts'
import { KEYS } from './storage/keys.ts'
import type { Store } from './storage/level.ts'

/** The chain that evidence is judged on, the store that keeps it, and whom a failing disk is told. */
export type EvidencePoolParts = {
  readonly executor: ExecutorParts
  readonly store: Pick<Store, 'range' | 'writeBatch'>
  readonly onFatal: (error: unknown) => void
}

/** What became of offered evidence: `isNew` says that it was not waiting before. */
export type Offered = { readonly evidenceId: Hash32; readonly isNew: boolean }

/** Evidence waiting for a block. */
export type EvidencePool = {
  /** Judges evidence on the head and keeps it; a Failure names what is wrong with it, and nothing changed. */
  readonly offer: (bytes: Uint8Array) => Offered | Failure
  /** What waits, one of each accused before the second of any. */
  readonly waiting: () => readonly Uint8Array[]
  readonly hasWaiting: () => boolean
  /** The head moved: what is recorded, expired or of no use any more goes. */
  readonly onCommit: () => void
}

type Entry = { readonly bytes: Uint8Array; readonly validator: Address }

/** Evidence of all accused together; of each there is room for as much as the chain records. */
export const POOL_MAX = 512

/** Opens the pool with what the store kept; what no block may bring in any more is deleted. */
export async function openEvidencePool(parts: EvidencePoolParts): Promise<EvidencePool> {
  const { store } = parts
  const entries = new Map<Hash32, Entry>()
  const write = (changes: Parameters<Store['writeBatch']>[0]): void => {
    store.writeBatch(changes).catch(parts.onFatal)
  }
  const stale: string[] = []
  for await (const [key, bytes] of store.range({ gte: KEYS.evidencePrefix, lt: `${KEYS.evidencePrefix}~` })) {
    const known = judge(parts, bytes, parts.executor.checkSignature)
    if (isFailure(known)) stale.push(key)
    else entries.set(known.evidenceId, { bytes, validator: known.validator })
  }
  if (stale.length > 0) await store.writeBatch(stale.map((key) => ({ key, value: null })))
  return {
    offer(bytes) {
      const seen = idOf(bytes)
      if (seen !== null && entries.has(seen)) return { evidenceId: seen, isNew: false }
      const full = seen === null ? null : roomFor(entries, bytes)
      if (full !== null) return full
      const judged = judge(parts, bytes, parts.executor.checkSignature)
      if (isFailure(judged)) return judged
      const { evidenceId, validator } = judged
      entries.set(evidenceId, { bytes, validator })
      write([{ key: KEYS.evidence(evidenceId), value: bytes }])
      return { evidenceId, isNew: true }
    },
    waiting: () => inTurns([...entries.values()]),
    hasWaiting: () => entries.size > 0,
    onCommit() {
      const gone: Hash32[] = []
      // Signatures were checked when each came in.
      for (const [id, { bytes }] of entries) if (isFailure(judge(parts, bytes, () => true))) gone.push(id)
      for (const id of gone) entries.delete(id)
      if (gone.length > 0) write(gone.map((id) => ({ key: KEYS.evidence(id), value: null })))
    },
  }
}

function idOf(bytes: Uint8Array): Hash32 | null {
  const evidence = decodeEvidence(bytes)
  return evidence === null ? null : offenceId(offenceOf(evidence))
}

function roomFor(entries: ReadonlyMap<Hash32, Entry>, bytes: Uint8Array): Failure | null {
  const evidence = decodeEvidence(bytes)
  const accused = evidence === null ? null : offenceOf(evidence).validator
  let own = 0
  for (const { validator } of entries.values()) if (validator === accused) own++
  return entries.size >= POOL_MAX || own >= LIMITS.evidencePerKeyMax ? failure(EvidencePoolError.FULL) : null
}

function judge(
  { executor }: EvidencePoolParts,
  bytes: Uint8Array,
  checkSignature: SignatureCheck,
): { evidenceId: Hash32; validator: Address } | Failure {
  const head = executor.head()
  const block = nextBlockEnv(head, executor.genesis, head.header.time + 1)
  const refused = executor.registry.checkEvidence(executor.state, { bytes, block, checkSignature })
  if (refused !== null) return refused
  const offence = offenceOf(must(decodeEvidence(bytes), 'judged evidence is readable'))
  return { evidenceId: offenceId(offence), validator: offence.validator }
}

// A culprit with many offences must not push another's out of the next block.
function inTurns(entries: readonly Entry[]): readonly Uint8Array[] {
  const turns: Uint8Array[][] = []
  const taken = new Map<Address, number>()
  for (const { bytes, validator } of entries) {
    const turn = taken.get(validator) ?? 0
    taken.set(validator, turn + 1)
    const row = turns[turn] ?? []
    row.push(bytes)
    turns[turn] = row
  }
  return turns.flat()
}
