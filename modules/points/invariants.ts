// Owns: what always holds over the whole state of points (domain.md 10, invariants 3 to 7). Not here: who checks it.
import { decodeTrusted } from '../../core/codec/schema.ts'
import type { Store } from '../../core/state/store.ts'
import { NO_BOOKS, WON_PER_POINT } from './programme.ts'
import { leftOf } from './rules.ts'
import type { Books, Lot } from './schema.ts'
import { carries, grants, lots, owners, pages, persons, programmeBooks, programmes, spends, takings } from './store.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** One sentence per breach. */
export function checkPointsInvariants(scan: Scan): readonly string[] {
  const all = [...records(scan, lots)].map(([id, lot]) => [Number.parseInt(id, 16), lot] as const)
  return [
    ...checkBooks(scan, all),
    ...checkIndex(scan, all),
    ...checkGrants(scan, all),
    ...checkCaps(scan),
    ...checkSpends(scan, all),
  ]
}

type Sums = { -readonly [K in keyof Books]: Books[K] }
type Lots = readonly (readonly [number, Lot])[]

// Invariants 3 and 4: lots, merchants and reserves say what a programme's books say.
function checkBooks(scan: Scan, all: Lots): readonly string[] {
  const found = new Map<string, Sums>()
  const of = (id: string): Sums => found.get(id) ?? (found.set(id, { ...NO_BOOKS }).get(id) as Sums)
  for (const [, lot] of all) {
    const sums = of(lot.programmeId)
    const { spent, burned, clawed, expired, moved, points } = lot
    if (leftOf(lot) < 0n) return [`a lot of ${lot.programmeId} gave more than it had`]
    sums.active += leftOf(lot)
    sums.spent += spent
    sums.burned += burned
    sums.clawed += clawed
    sums.expired += expired
    sums.granted += points - moved
  }
  for (const [key, { seenSpent, seenBack }] of records(scan, takings)) of(key.split('/')[2] ?? '').settled += seenSpent - seenBack
  for (const [key, { points }] of records(scan, carries)) of(key.split('/')[1] ?? '').settled += points
  for (const [key, { debt }] of records(scan, persons)) of(key.split('/')[0] ?? '').debt += debt
  const broken: string[] = []
  const fields = ['granted', 'active', 'spent', 'burned', 'clawed', 'expired', 'settled', 'debt'] as const
  for (const [id, programme] of records(scan, programmes)) {
    const books = [...records(scan, programmeBooks)].find(([key]) => key === id)?.[1] ?? NO_BOOKS
    const sums = of(id)
    for (const field of fields)
      if (books[field] !== sums[field])
        broken.push(`programme ${id}: ${field} is ${books[field]}, its records say ${sums[field]}`)
    const { granted, active, spent, burned, clawed, expired } = books
    if (granted !== active + spent + burned + clawed + expired) broken.push(`programme ${id}: granted is not what became of it`)
    if (granted > programme.budget) broken.push(`programme ${id}: ${granted} granted of ${programme.budget}`)
    if (programme.reserve === 'FULL' && books.reserve < (active + spent - books.settled) * WON_PER_POINT)
      broken.push(`programme ${id}: ${books.reserve} won for ${active} active and ${spent - books.settled} unsettled points`)
  }
  return broken
}

// Invariant 6: an owner's pages hold its lots with points left, in the order in which they are spent.
function checkIndex(scan: Scan, all: Lots): readonly string[] {
  const broken: string[] = []
  const live = new Map(all.filter(([, lot]) => leftOf(lot) > 0n))
  const months = new Map<string, bigint>()
  for (const [key, { lots: entries }] of records(scan, pages)) {
    entries.forEach(({ lotId, expiresOn, points }, at) => {
      const lot = live.get(lotId)
      live.delete(lotId)
      if (lot === undefined || leftOf(lot) !== points || lot.expiresOn !== expiresOn)
        broken.push(`page ${key}: lot ${lotId} says something else`)
      if (key !== `${lot?.owner}/${Math.floor(expiresOn / 100)}`) broken.push(`page ${key}: lot ${lotId} belongs elsewhere`)
      const before = entries[at - 1]
      const inOrder =
        before === undefined || before.expiresOn < expiresOn || (before.expiresOn === expiresOn && before.lotId < lotId)
      if (!inOrder) broken.push(`page ${key}: lot ${lotId} is out of order`)
      months.set(key, (months.get(key) ?? 0n) + points)
    })
  }
  for (const lotId of live.keys()) broken.push(`lot ${lotId}: has points left, but stands on no page`)
  for (const [owner, record] of records(scan, owners)) {
    for (const { month, points } of record.months) {
      const key = `${owner}/${month}`
      if ((months.get(key) ?? 0n) !== points) broken.push(`owner ${key}: ${points} points, its page has ${months.get(key) ?? 0n}`)
      months.delete(key)
    }
  }
  for (const key of months.keys()) broken.push(`page ${key}: its owner does not know it`)
  return broken
}

// Invariants 5 and 6: a grant's lots carry its points, its programme and its event, however often they changed hands.
function checkGrants(scan: Scan, all: Lots): readonly string[] {
  const broken: string[] = []
  const byId = new Map(all)
  for (const [key, grant] of records(scan, grants)) {
    let points = 0n
    for (const lotId of grant.lots) {
      const lot = byId.get(lotId)
      byId.delete(lotId)
      if (lot === undefined || `${lot.programmeId}/${lot.eventId}` !== key) broken.push(`grant ${key}: lot ${lotId} is another's`)
      else points += lot.points - lot.moved
    }
    if (points !== grant.points - grant.offset) broken.push(`grant ${key}: its lots carry ${points} points`)
    if (grant.claimed > grant.points) broken.push(`grant ${key}: clawbacks ask ${grant.claimed}`)
  }
  for (const lotId of byId.keys()) broken.push(`lot ${lotId}: of no grant`)
  return broken
}

// Invariant 5: no person has more than a cap, counted from the grants themselves.
function checkCaps(scan: Scan): readonly string[] {
  const got = new Map<string, bigint>()
  const add = (key: string, points: bigint): unknown => got.set(key, (got.get(key) ?? 0n) + points)
  for (const [key, { personTag, eventDate, points }] of records(scan, grants)) {
    const id = key.split('/')[0] ?? ''
    add(`${id}/day/${personTag}/${eventDate}`, points)
    add(`${id}/year/${personTag}/${Math.floor(eventDate / 10_000)}`, points)
    add(`${id}/total/${personTag}`, points)
  }
  const rules = new Map(records(scan, programmes))
  const broken: string[] = []
  for (const [key, points] of got) {
    const [id = '', span = ''] = key.split('/')
    const rule = rules.get(id)
    const cap = span === 'day' ? rule?.capDay : span === 'year' ? rule?.capYear : rule?.capTotal
    if (cap !== undefined && cap > 0n && points > cap) broken.push(`person ${key}: ${points} points over the cap ${cap}`)
  }
  for (const [key, { total }] of records(scan, persons)) {
    const [id, tag] = key.split('/')
    const points = got.get(`${id}/total/${tag}`) ?? 0n
    if (points !== total) broken.push(`person ${key}: ${total} counted, grants say ${points}`)
  }
  return broken
}

// Invariant 7, points' side: what payments took and refunds did not give back is what lots have as spent.
function checkSpends(scan: Scan, all: Lots): readonly string[] {
  const spent = new Map<number, bigint>()
  const broken: string[] = []
  for (const [payId, record] of records(scan, spends)) {
    for (const { lotId, points, back } of record.lots) {
      if (back > points) broken.push(`payment ${payId}: lot ${lotId} got back more than it gave`)
      spent.set(lotId, (spent.get(lotId) ?? 0n) + points - back)
    }
  }
  for (const [lotId, lot] of all)
    if ((spent.get(lotId) ?? 0n) !== lot.spent)
      broken.push(`lot ${lotId}: ${lot.spent} spent, payments say ${spent.get(lotId) ?? 0n}`)
  return broken
}

function* records<K, V>(scan: Scan, store: Store<K, V>): Iterable<readonly [string, V]> {
  for (const [key, bytes] of scan(`${store.prefix}/`))
    yield [key.slice(store.prefix.length + 1), decodeTrusted(store.schema, bytes)]
}
