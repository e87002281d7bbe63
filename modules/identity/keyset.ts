// Owns: changing the keys of a DID: what may change and what the keys are afterwards.
// Not here: proofs (possession.ts), who may ask.
import { toHex } from '../../core/base/bytes.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TimeMs } from '../../core/base/ids.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { IdentityError } from './errors.ts'
import { KEYS_MAX } from './schema.ts'
import type { Key, NewKey } from './schema.ts'
import { retiredKeys, retiredKids } from './store.ts'

/** Revocations happen first, then changes of relations, then additions. */
export type KeyChange = {
  readonly revoke: readonly string[]
  readonly relations: readonly { readonly kid: string; readonly rel: number }[]
  readonly add: readonly NewKey[]
}

/** Keys after a change; `retired` are old revoked ones that had to leave the record. */
export type ChangedKeys = { readonly keys: readonly Key[]; readonly retired: readonly Key[] }

/** Whether a key of this type may carry these purposes: X25519 agrees and does nothing else, ED25519 never agrees. */
export function isRelationOf(type: Key['type'], rel: number): boolean {
  if (type === 'X25519') return rel === KEY_PURPOSES.agreement
  return rel >= 1 && rel <= 31 && (rel & KEY_PURPOSES.agreement) === 0
}

/** Whether a live key carries the purpose. */
export function hasPurpose(keys: readonly Pick<Key, 'rel' | 'revokedAt'>[], purpose: number): boolean {
  return keys.some((key) => key.revokedAt === null && (key.rel & purpose) !== 0)
}

/** IDENTITY_KEYSET_INVALID unless new keys have distinct names and values and purposes that fit. */
export function checkKeyShapes(keys: readonly Pick<NewKey, 'kid' | 'type' | 'pub' | 'rel'>[]): Failure | null {
  const misfit = keys.find((key) => !isRelationOf(key.type, key.rel))
  if (misfit !== undefined) return failure(IdentityError.KEYSET_INVALID, { kid: misfit.kid, rel: misfit.rel })
  const kids = new Set(keys.map((key) => key.kid))
  const pubs = new Set(keys.map((key) => toHex(key.pub)))
  return kids.size === keys.length && pubs.size === keys.length ? null : failure(IdentityError.KEYSET_INVALID)
}

/** IDENTITY_KEYSET_INVALID unless these can be the keys of a new DID: one may change it, one may act for it. */
export function checkFirstKeys(keys: readonly Pick<NewKey, 'kid' | 'type' | 'pub' | 'rel'>[]): Failure | null {
  const has = (purpose: number): boolean => keys.some((key) => (key.rel & purpose) !== 0)
  const isWhole = has(KEY_PURPOSES.invocation) && has(KEY_PURPOSES.authentication)
  return isWhole ? checkKeyShapes(keys) : failure(IdentityError.KEYSET_INVALID)
}

/** What forbids a change of these keys. */
export function checkKeyChange(
  view: ReadView,
  subject: { did: Address; keys: readonly Key[]; change: KeyChange },
): Failure | null {
  const { did, keys, change } = subject
  const gone = new Set<string>()
  for (const kid of change.revoke) {
    if (gone.has(kid) || liveKey(keys, kid) === null) return failure(IdentityError.KEY_UNKNOWN, { kid })
    gone.add(kid)
  }
  for (const { kid, rel } of change.relations) {
    const key = gone.has(kid) ? null : liveKey(keys, kid)
    if (key === null) return failure(IdentityError.KEY_UNKNOWN, { kid })
    if (!isRelationOf(key.type, rel)) return failure(IdentityError.RELATION_INVALID, { kid, rel })
  }
  const reused = change.add.find((key) => wasUsed(view, { did, keys, key }))
  if (reused !== undefined) return failure(IdentityError.KEY_REUSED, { kid: reused.kid })
  const after = merge(keys, change, 0)
  if (after.filter((key) => key.revokedAt === null).length > KEYS_MAX) return failure(IdentityError.KEYS_FULL, { max: KEYS_MAX })
  return hasPurpose(after, KEY_PURPOSES.invocation) ? null : failure(IdentityError.LAST_INVOCATION_KEY)
}

/** The keys after a change that `checkKeyChange` allows; the longest revoked leave when the record is full. */
export function changeKeys(keys: readonly Key[], change: KeyChange, time: TimeMs): ChangedKeys {
  const all = merge(keys, change, time)
  const excess = all.length - KEYS_MAX
  if (excess <= 0) return { keys: all, retired: [] }
  const revoked = all.filter((key) => key.revokedAt !== null).sort((a, b) => (a.revokedAt ?? 0) - (b.revokedAt ?? 0))
  const retired = revoked.slice(0, excess)
  return { keys: all.filter((key) => !retired.includes(key)), retired }
}

/** The live key of this name, or null. */
export function liveKey(keys: readonly Key[], kid: string): Key | null {
  return keys.find((key) => key.kid === kid && key.revokedAt === null) ?? null
}

function merge(keys: readonly Key[], { revoke, relations, add }: KeyChange, time: TimeMs): readonly Key[] {
  const kept = keys.map((key) => {
    if (key.revokedAt !== null) return key
    if (revoke.includes(key.kid)) return { ...key, revokedAt: time }
    const relation = relations.findLast((change) => change.kid === key.kid)
    return relation === undefined ? key : { ...key, rel: relation.rel }
  })
  const added = add.map(({ kid, type, pub, rel }) => ({ kid, type, pub, rel, addedAt: time, revokedAt: null }))
  return [...kept, ...added]
}

function wasUsed(view: ReadView, { did, keys, key }: { did: Address; keys: readonly Key[]; key: NewKey }): boolean {
  const mark = toHex(key.pub)
  return (
    keys.some((known) => known.kid === key.kid || toHex(known.pub) === mark) ||
    retiredKeys.has(view, { did, mark }) ||
    retiredKids.has(view, { did, mark: key.kid })
  )
}
