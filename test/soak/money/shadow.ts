// Owns: books kept beside the chain's own from what it told: won issued and redeemed, points granted, what was used once.
// Not here: the rooms' invariants, which see only the state.
import { bankTotals } from '../../../modules/payment/store.ts'
import { lots, programmeBooks } from '../../../modules/points/store.ts'
import type { ReadView } from '../../../core/state/view.ts'
import { BANK_CODES } from './city.ts'
import type { MoneyCity, Outcome, Told } from './city.ts'

/** Books beside the chain's. */
export type Shadow = {
  /** Takes down what a transaction or a block told; sentences for what must not be. */
  readonly hear: (view: ReadView, events: readonly Told[]) => readonly string[]
  /** Something that serves once was used: a sentence where it was used before. */
  readonly useOnce: (what: string, outcome: Outcome) => readonly string[]
  /** Sentences where the chain's sums are not those of the books, to the won and to the point. */
  readonly compare: (view: ReadView) => readonly string[]
}

type Lots = readonly { readonly lotId: number; readonly points: bigint }[]

function outstandingOf(view: ReadView): bigint {
  return BANK_CODES.reduce((sum, code) => sum + (bankTotals.get(view, code)?.outstanding ?? 0n), 0n)
}

/** Opens the books at the state of a city. */
export function openShadow(city: MoneyCity): Shadow {
  let won = outstandingOf(city.view)
  const granted = new Map<string, bigint>()
  const refunded = new Map<unknown, bigint>()
  const totals = new Map<unknown, bigint>()
  const used = new Set<string>()
  const grant = (programmeId: unknown, points: bigint): void =>
    void granted.set(String(programmeId), (granted.get(String(programmeId)) ?? 0n) + points)

  const take: Readonly<Record<string, (payload: Told['payload'], view: ReadView) => readonly string[]>> = {
    'payment.minted': ({ amount }) => {
      won += amount as bigint
      return []
    },
    'payment.redeemed': ({ amount }) => {
      won -= amount as bigint
      return []
    },
    'payment.paid': ({ payId, total }) => {
      const twice = totals.has(payId) ? [`payment ${String(payId)} was made twice`] : []
      totals.set(payId, total as bigint)
      return twice
    },
    'payment.refunded': ({ payId, amount }) => {
      const sum = (refunded.get(payId) ?? 0n) + (amount as bigint)
      refunded.set(payId, sum)
      return sum > (totals.get(payId) ?? 0n) ? [`payment ${String(payId)} gave back ${sum}, more than was paid`] : []
    },
    'points.granted': ({ programmeId, points, offset }) => {
      grant(programmeId, (points as bigint) - (offset as bigint))
      return []
    },
    'points.batch': ({ programmeId, items }) => {
      for (const item of items as readonly { code: number; points: bigint; offset: bigint }[])
        if (item.code === 0) grant(programmeId, item.points - item.offset)
      return []
    },
    'points.spent': ({ lots: taken }, view) => checkOrder(view, taken as Lots),
  }
  return {
    hear: (view, events) => events.flatMap(({ name, payload }) => take[name]?.(payload, view) ?? []),
    useOnce(what, { code }) {
      if (code !== null) return []
      const twice = used.has(what) ? [`${what} was used twice`] : []
      used.add(what)
      return twice
    },
    compare(view) {
      const broken: string[] = []
      const now = outstandingOf(view)
      if (now !== won) broken.push(`${now} won are outstanding, ${won} were issued and not redeemed`)
      for (const [programmeId, points] of granted) {
        const said = programmeBooks.get(view, programmeId)?.granted ?? 0n
        if (said !== points) broken.push(`programme ${programmeId}: ${said} granted, ${points} were told`)
      }
      return broken
    },
  }
}

// Invariant 6: what expires first goes first, of one day the older lot.
function checkOrder(view: ReadView, taken: Lots): readonly string[] {
  const places = taken.map(({ lotId }) => ({ lotId, day: lots.mustGet(view, lotId).expiresOn }))
  const wrong = places.some(({ lotId, day }, i) => {
    const before = places[i - 1]
    return before !== undefined && (before.day > day || (before.day === day && before.lotId >= lotId))
  })
  return wrong ? [`lots were spent out of order: ${places.map(({ lotId }) => lotId).join(', ')}`] : []
}
