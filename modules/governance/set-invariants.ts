// Owns: what always holds over the records of the validator set. Not here: councils and parameters (invariants.ts).
import { equalBytes, toHex } from '../../core/base/bytes.ts'
import { decodeTrusted } from '../../core/codec/schema.ts'
import type { Store } from '../../core/state/store.ts'
import { isSameSeat } from './set-change.ts'
import { attendances, epochs, keyHistory, successions } from './set-store.ts'
import { currentValidators } from './store.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** One sentence per breach. */
export function checkSetInvariants(scan: Scan): readonly string[] {
  const succession = onlyOf(scan, successions)
  const validators = onlyOf(scan, currentValidators)
  const attendance = onlyOf(scan, attendances)
  if (succession === null || validators === null || attendance === null) return ['governance: a record of the set is missing']
  const broken: string[] = []
  const newest = [...scan(epochs.keyOf(succession.epoch))].map(([, bytes]) => decodeTrusted(epochs.schema, bytes))[0]
  if (newest === undefined || !isSameList(newest.validators, validators))
    broken.push('governance/validators: not the set of the newest epoch')
  if (validators.some((one, i) => validators.slice(i + 1).some((other) => isSameSeat(one, other))))
    broken.push('governance/validators: two seats share a key, a name or a network identity')
  const seated = validators.map(({ authority }) => authority).sort()
  if (
    attendance.seats
      .map(({ authority }) => authority)
      .sort()
      .join() !== seated.join()
  )
    broken.push('governance/attendance: not exactly the seats of the set')
  for (const { authority, missed, since } of attendance.seats) {
    const counted = attendance.upTo - Math.max(attendance.from, since) + 1
    if (missed > Math.max(0, counted)) broken.push(`governance/attendance: ${authority} missed ${missed} of ${counted} blocks`)
  }
  for (const { authority, publicKey } of validators) {
    const key = keyHistory.keyOf(toHex(publicKey))
    const owner = [...scan(key)].map(([, bytes]) => decodeTrusted(keyHistory.schema, bytes))[0]
    if (owner?.authority !== authority || owner.until !== null) broken.push(`${key}: not the running key of ${authority}`)
  }
  const heights = succession.pending.map(({ height }) => height)
  if (heights.some((height, i) => i > 0 && height <= (heights[i - 1] ?? 0)))
    broken.push('governance/succession: activations do not stand in the order of their heights')
  return [...broken, ...checkEpochs(scan)]
}

// Every height has one set: the epochs stand without gap, each beginning above the one before.
function checkEpochs(scan: Scan): readonly string[] {
  const all = [...scan(`${epochs.prefix}/`)].map(([key, bytes]) => ({ key, ...decodeTrusted(epochs.schema, bytes) }))
  return all
    .filter(({ key, from }, i) => key !== epochs.keyOf(i) || from <= (all[i - 1]?.from ?? 0))
    .map(({ key }) => `${key}: the epochs do not follow each other`)
}

function onlyOf<V>(scan: Scan, store: Store<null, V>): V | null {
  for (const [key, bytes] of scan(store.keyOf(null))) if (key === store.keyOf(null)) return decodeTrusted(store.schema, bytes)
  return null
}

function isSameList(a: readonly { publicKey: Uint8Array }[], b: readonly { publicKey: Uint8Array }[]): boolean {
  return a.length === b.length && a.every(({ publicKey }, i) => equalBytes(publicKey, b[i]?.publicKey ?? new Uint8Array()))
}
