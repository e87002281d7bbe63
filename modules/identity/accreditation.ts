// Owns: accreditations over time: for what an issuer is accredited today, spans of the past, the index by type.
// Not here: the transactions (issuer-*.ts), how a credential of the past stands (keeper.ts).
import { addDays, isCivilDate, kstDate, kstMidnight } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, TimeMs } from '../../core/base/ids.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { IdentityError } from './errors.ts'
import { ISSUERS_MAX, SPANS_MAX } from './trust-schema.ts'
import type { Issuer } from './trust-schema.ts'
import { issuers, issuersByType } from './store.ts'

/** The moment of a question. */
export type Moment = Pick<BlockEnv, 'time'>

/** Whether the issuer is accredited for a type on the block's day; type null asks for any. */
export function isAccredited(view: ReadView, question: { issuer: Address; type: string | null; block: Moment }): boolean {
  const record = issuers.get(view, question.issuer)
  if (record === null || record.status !== 'ACCREDITED' || isOver(record, question.block)) return false
  return question.type === null || record.types.includes(question.type)
}

/** IDENTITY_NOT_ACCREDITED unless the issuer is accredited for the type on the block's day. */
export function requireAccredited(
  view: ReadView,
  question: { issuer: Address; type: string | null; block: Moment },
): Failure | null {
  return isAccredited(view, question) ? null : failure(IdentityError.NOT_ACCREDITED, { type: question.type ?? 'any' })
}

/** Whether the last day of the accreditation has passed. */
export function isOver({ validUntil }: Pick<Issuer, 'validUntil'>, block: Moment): boolean {
  return validUntil < kstDate(block.time)
}

/** IDENTITY_DATE_INVALID unless a last day exists and has not passed. */
export function checkLastDay(day: number, block: Moment): Failure | null {
  return isCivilDate(day) && day >= kstDate(block.time) ? null : failure(IdentityError.DATE_INVALID, { day })
}

/** IDENTITY_TYPES_INVALID unless there are types, each named once. */
export function checkTypes(types: readonly string[]): Failure | null {
  return types.length > 0 && new Set(types).size === types.length ? null : failure(IdentityError.TYPES_INVALID)
}

/** The spans with a new one that is open from a time on; an open one ended with its last day. */
export function openSpan({ spans, validUntil }: Pick<Issuer, 'spans' | 'validUntil'>, from: TimeMs): Issuer['spans'] {
  const closed = spans.map((span) => (span.to === null ? { ...span, to: endOf(validUntil) } : span))
  return [...closed, { from, to: null }].slice(-SPANS_MAX)
}

/** The spans cut off at a time. */
export function cutSpans(spans: Issuer['spans'], at: TimeMs): Issuer['spans'] {
  return spans.map(({ from, to }) => ({ from, to: to === null || to > at ? at : to }))
}

/** IDENTITY_ISSUERS_FULL when one more issuer of a type would not fit. */
export function checkIndex(view: ReadView, issuer: Address, types: readonly string[]): Failure | null {
  const isFull = (type: string): boolean => {
    const listed = issuersByType.get(view, type)?.issuers ?? []
    return listed.length >= ISSUERS_MAX && !listed.includes(issuer)
  }
  const full = types.find(isFull)
  return full === undefined ? null : failure(IdentityError.ISSUERS_FULL, { type: full })
}

/** Lists the issuer under these types and under no other of `before`. */
export function writeIndex(
  view: WriteView,
  issuer: Address,
  change: { before: readonly string[]; types: readonly string[] },
): void {
  for (const type of new Set([...change.before, ...change.types])) {
    const others = (issuersByType.get(view, type)?.issuers ?? []).filter((listed) => listed !== issuer)
    const listed = change.types.includes(type) ? [...others, issuer] : others
    if (listed.length === 0) issuersByType.remove(view, type)
    else issuersByType.set(view, type, { issuers: listed })
  }
}

/** The last ms of an accreditation's last day; 0 for a candidate's. */
export function endOf(day: number): TimeMs {
  return day === 0 ? 0 : kstMidnight(addDays(day, 1)) - 1
}
