// Owns: what always holds over merchants and payments (domain.md 10, invariants 7 and 8). Not here: balances (invariants.ts).
import { decodeTrusted } from '../../core/codec/schema.ts'
import { kstDate } from '../../core/base/civil-time.ts'
import type { Store } from '../../core/state/store.ts'
import { brns, cpmNonces, cpmQueue, journal, merchantBooks, merchantDays, merchants, orders, pays } from './merchant-store.ts'
import type { Pay } from './pay-schema.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** One sentence per breach. */
export function checkMerchantInvariants(scan: Scan): readonly string[] {
  const known = new Map(records(scan, pays))
  return [
    ...checkPays(known),
    ...checkRegistry(scan),
    ...checkJournals(scan, known),
    ...checkDays(scan, known),
    ...checkNonces(scan),
  ]
}

// Invariant 7: what went back is at most what was paid, in each of its parts, and the state says how much that is.
function* checkPays(known: ReadonlyMap<string, Pay>): Iterable<string> {
  for (const [payId, pay] of known) {
    const { total, pointsPart, fee, refunded, pointsBack, feeBack, state, dispute } = pay
    if (refunded > total || pointsBack > pointsPart || feeBack > fee || refunded - pointsBack > total - pointsPart)
      yield `payment ${payId}: more went back than was paid`
    if (pointsBack !== (refunded * pointsPart) / total) yield `payment ${payId}: the points that went back drifted`
    const expected = refunded === 0n ? 'CAPTURED' : refunded === total ? 'REFUNDED' : 'PART_REFUNDED'
    if ((state === 'DISPUTED') !== (dispute !== null) || (dispute?.stateBefore ?? state) !== expected)
      yield `payment ${payId}: ${state} with ${refunded} of ${total} back`
  }
}

function* checkRegistry(scan: Scan): Iterable<string> {
  const open = new Set<string>()
  for (const [merchantId, merchant] of records(scan, merchants)) {
    if (merchant.state === 'CLOSED') continue
    open.add(merchant.brn)
    if (merchant.qrKeys.filter(({ revokedAt }) => revokedAt === null).length > 1)
      yield `merchant ${merchantId}: more than one key for its codes lives`
  }
  for (const [brn, { merchantId }] of records(scan, brns)) {
    if (!open.delete(brn)) yield `registration number ${brn}: its merchant ${merchantId} is not open`
  }
  for (const brn of open) yield `registration number ${brn}: an open merchant has it, the index does not`
}

// Invariant 8: an order stands for one payment; a journal holds each payment once and has no gaps.
function* checkJournals(scan: Scan, known: ReadonlyMap<string, Pay>): Iterable<string> {
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  for (const [place, { payId }] of records(scan, journal)) {
    const merchantId = place.slice(0, place.indexOf('/'))
    counts.set(merchantId, (counts.get(merchantId) ?? 0) + 1)
    if (seen.has(payId) || known.get(payId)?.merchantId !== merchantId)
      yield `journal ${place}: a payment that does not belong there`
    seen.add(payId)
  }
  if (seen.size !== known.size) yield `${known.size} payments, ${seen.size} in journals`
  for (const [merchantId, { payments }] of records(scan, merchantBooks)) {
    if (payments !== (counts.get(merchantId) ?? 0)) yield `merchant ${merchantId}: ${payments} payments, the journal has others`
  }
  for (const [place, { payId }] of records(scan, orders)) {
    if (place !== `${known.get(payId)?.merchantId}/${known.get(payId)?.orderRef}`)
      yield `order ${place}: stands for another payment`
  }
}

function* checkDays(scan: Scan, known: ReadonlyMap<string, Pay>): Iterable<string> {
  const sums = new Map<string, { krw: bigint; points: bigint; fee: bigint }>()
  let back = 0n
  for (const { merchantId, paidAt, total, pointsPart, fee, refunded } of known.values()) {
    const key = `${merchantId}/${kstDate(paidAt)}`
    const sum = sums.get(key) ?? { krw: 0n, points: 0n, fee: 0n }
    sums.set(key, { krw: sum.krw + total - pointsPart, points: sum.points + pointsPart, fee: sum.fee + fee })
    back += refunded
  }
  for (const [key, day] of records(scan, merchantDays)) {
    const sum = sums.get(key) ?? { krw: 0n, points: 0n, fee: 0n }
    if (day.krw !== sum.krw || day.points !== sum.points || day.fee !== sum.fee) yield `day ${key}: its payments give other sums`
    back -= day.krwBack + day.pointsBack
  }
  if (back !== 0n) yield `days count ${-back} won and points more as given back than the payments say`
}

function* checkNonces(scan: Scan): Iterable<string> {
  const queued = new Set([...records(scan, cpmQueue)].map(([, entry]) => cpmNonces.keyOf(entry)))
  for (const [key] of records(scan, cpmNonces)) {
    if (!queued.has(`${cpmNonces.prefix}/${key}`)) yield `spent number ${key}: not in the queue`
  }
}

function* records<K, V>(scan: Scan, store: Store<K, V>): Iterable<readonly [string, V]> {
  for (const [key, bytes] of scan(`${store.prefix}/`))
    yield [key.slice(store.prefix.length + 1), decodeTrusted(store.schema, bytes)]
}
