// Owns: an agenda of a room: items by Korean day, taken in the order of scheduling, a bounded number per block.
// Not here: where a room keeps it (its store.ts), what a due item means (its due-work.ts).
import { addDays } from '../base/civil-time.ts'
import type { CivilDate } from '../base/civil-time.ts'
import type { Store } from '../state/store.ts'
import type { WriteView } from '../state/view.ts'

/** Items and empty days that one block looks at. */
export const AGENDA_STEPS_MAX = 128

/** The three stores of an agenda; `takesToday` says whether a day's items fall due as it begins, or once it is over. */
export type Agenda<T> = {
  readonly cursor: Store<null, { readonly day: CivilDate }>
  readonly days: Store<CivilDate, { readonly first: number; readonly next: number }>
  readonly items: Store<{ readonly day: CivilDate; readonly index: number }, T>
  readonly takesToday: boolean
}

/** Puts an item on the agenda: on `day`, or on the first day that is still to be looked at where that one is behind. */
export function putOnAgenda<T>(view: WriteView, agenda: Agenda<T>, plan: { day: CivilDate; item: T; today: CivilDate }): void {
  const { cursor, days, items } = agenda
  const day = Math.max(plan.day, cursor.get(view, null)?.day ?? plan.today)
  const ends = days.get(view, day) ?? { first: 0, next: 0 }
  items.set(view, { day, index: ends.next }, plan.item)
  days.set(view, day, { ...ends, next: ends.next + 1 })
  if (!cursor.has(view, null)) cursor.set(view, null, { day: plan.today })
}

/** Takes what is due off the agenda, the earliest day first; the rest waits for the next block. */
export function takeFromAgenda<T>(view: WriteView, agenda: Agenda<T>, today: CivilDate): readonly T[] {
  const { cursor, days, items, takesToday } = agenda
  const start = cursor.get(view, null)
  if (start === null) return []
  const due: T[] = []
  let day = start.day
  for (let steps = 0; steps < AGENDA_STEPS_MAX && (takesToday ? day <= today : day < today); ) {
    const ends = days.get(view, day)
    const last = ends === null ? 0 : Math.min(ends.next, ends.first + AGENDA_STEPS_MAX - steps)
    for (let index = ends?.first ?? 0; index < last; index++) {
      due.push(items.mustGet(view, { day, index }))
      items.remove(view, { day, index })
    }
    steps += ends === null ? 1 : last - ends.first
    if (ends !== null && last < ends.next) {
      days.set(view, day, { first: last, next: ends.next })
      break
    }
    if (ends !== null) days.remove(view, day)
    // Today is not over: what is put on it later in the day is taken then.
    if (day === today) break
    day = addDays(day, 1)
  }
  if (day !== start.day) cursor.set(view, null, { day })
  return due
}
