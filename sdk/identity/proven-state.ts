// Owns: running a read of the state on a client's side, every record that it touches proven under one final header.
// Not here: what is read (the rooms' keepers and queries), proofs themselves (sdk/verify.ts).
import { NodeError } from '../../core/base/errors.ts'
import type { Header } from '../../core/chain/block.ts'
import type { ReadView } from '../../core/state/view.ts'
import type { ChainRef } from '../chain.ts'
import type { Client } from '../client.ts'
import type { Read, StateProofJson } from '../methods.ts'
import { readStateProof } from '../proof.ts'
import type { Trust } from '../trust.ts'
import { verifyStateProof } from '../verify.ts'

/**
 * A node that is asked and what is believed without it. The head may be `maxAgeMs` old (ten minutes where left out): a node that
 * shows an old state shows revoked keys as live.
 */
export type StateSource = {
  readonly client: Client
  readonly chain: ChainRef
  readonly trust: Trust
  readonly maxAgeMs?: number
  readonly nowMs?: () => number
}

/** What a read gave, and the final header that proves it. */
export type Proven<T> = { readonly value: T; readonly header: Header }

/** Records under one header; a read of any other throws. */
export type ProvenRecords = { readonly header: Header; readonly records: ReadonlyMap<string, Uint8Array | null> }

const MAX_AGE_MS = 600_000
const ROUNDS_MAX = 48
const KEYS_MAX = 96
const MOVES_MAX = 8

class MissingRecord extends Error {
  readonly key: string
  constructor(key: string) {
    super(key)
    this.key = key
  }
}

/** A view of proven records. Reading a record that is not among them throws, it never reads as absent. */
export function viewOf({ records }: Pick<ProvenRecords, 'records'>): ReadView {
  return {
    get: (key) => {
      const value = records.get(key)
      if (value === undefined) throw new MissingRecord(key)
      return value
    },
  }
}

/**
 * Runs `read` over proven records, fetching what it asks for: its answer is the one that the validators signed for. Throws
 * NodeError
 * PROOF_REFUSED, STATE_STALE and STATE_MOVED, and what `call` and `read` throw.
 */
export async function readProven<T>(
  source: StateSource,
  read: (view: ReadView, header: Header) => T,
  options: { readonly keys?: readonly string[]; readonly atLeast?: number } = {},
): Promise<Proven<T> & ProvenRecords> {
  const keys = new Set(options.keys ?? [])
  if (keys.size === 0) keys.add('governance/chainParams')
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const proven = await fetchRecords(source, [...keys], options.atLeast)
    try {
      return { value: read(viewOf(proven), proven.header), ...proven }
    } catch (thrown) {
      if (!(thrown instanceof MissingRecord)) throw thrown
      keys.add(thrown.key)
    }
    if (keys.size > KEYS_MAX) break
  }
  throw new NodeError('STATE_TOO_WIDE', `the read touches more than ${KEYS_MAX} records; ask for less`)
}

/** The records of these keys, all proven under one header. Throws as `readProven`. */
export async function fetchRecords(source: StateSource, keys: readonly string[], atLeast?: number): Promise<ProvenRecords> {
  const params = atLeast === undefined ? {} : { atLeast }
  const calls = keys.map((key) => ({ method: 'state_getProof', params: { key, ...params } }))
  for (let move = 0; move < MOVES_MAX; move++) {
    const answers = await source.client.batch(calls)
    const proven = verifyAll(source, keys, answers)
    if (proven !== null) return proven
  }
  throw new NodeError('STATE_MOVED', `the head moved ${MOVES_MAX} times while ${keys.length} records were read; ask again`)
}

// Null when a block came in between: the records are then of two states.
function verifyAll(source: StateSource, keys: readonly string[], answers: readonly unknown[]): ProvenRecords | null {
  const { chain, trust, maxAgeMs = MAX_AGE_MS, nowMs = Date.now } = source
  const records = new Map<string, Uint8Array | null>()
  let header: Header | null = null
  for (const [index, answer] of answers.entries()) {
    if (answer instanceof Error) throw answer
    const key = keys[index] as string
    const proof = readStateProof(chain, (answer as Read<StateProofJson>).value)
    const verdict = verifyStateProof({ trust, proof, key })
    if (!verdict.ok) throw new NodeError('PROOF_REFUSED', `the node's proof of ${key} is refused: ${verdict.reason}`)
    if (header !== null && verdict.header.height !== header.height) return null
    header = verdict.header
    records.set(key, verdict.value)
  }
  if (header === null) throw new NodeError('PROOF_REFUSED', 'nothing was asked')
  if (nowMs() - header.time > maxAgeMs) {
    throw new NodeError('STATE_STALE', `the newest proof is of ${new Date(header.time).toISOString()}; ask another node`)
  }
  return { header, records }
}
