// Owns: the room's agenda: items by Korean day, taken in the order of scheduling, a bounded number per block.
// Not here: what a due item means (due-work.ts), what silence confirms after hours (deem.ts).
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import type { AgendaItem } from './schema.ts'
import { agendaCursor, agendaDays, agendaItems } from './store.ts'

/** Items and empty days that one block looks at. */
export const AGENDA_STEPS_MAX = 128

/** Puts an item on the agenda: it falls due in the first blocks of `day`, or now where that has begun. */
export function scheduleItem(view: WriteView, plan: { day: CivilDate; item: AgendaItem; block: BlockEnv }): void {
  const today = kstDate(plan.block.time)
  const cursor = agendaCursor.get(view, null)?.day ?? today
  const day = Math.max(plan.day, cursor)
  const ends = agendaDays.get(view, day) ?? { first: 0, next: 0 }
  agendaItems.set(view, { day, index: ends.next }, plan.item)
  agendaDays.set(view, day, { ...ends, next: ends.next + 1 })
  if (!agendaCursor.has(view, null)) agendaCursor.set(view, null, { day: today })
}

/** Takes what is due off the agenda, the earliest day first; the rest waits for the next block. */
export function takeDueItems(view: WriteView, block: BlockEnv): readonly AgendaItem[] {
  const start = agendaCursor.get(view, null)
  const today = kstDate(block.time)
  if (start === null) return []
  const due: AgendaItem[] = []
  let day = start.day
  for (let steps = 0; steps < AGENDA_STEPS_MAX && day <= today; ) {
    const ends = agendaDays.get(view, day)
    const last = ends === null ? 0 : Math.min(ends.next, ends.first + AGENDA_STEPS_MAX - steps)
    for (let index = ends?.first ?? 0; index < last; index++) {
      due.push(agendaItems.mustGet(view, { day, index }))
      agendaItems.remove(view, { day, index })
    }
    steps += ends === null ? 1 : last - ends.first
    if (ends !== null && last < ends.next) {
      agendaDays.set(view, day, { first: last, next: ends.next })
      break
    }
    if (ends !== null) agendaDays.remove(view, day)
    // Today is not over: what is put on it later in the day is taken then.
    if (day === today) break
    day = addDays(day, 1)
  }
  if (day !== start.day) agendaCursor.set(view, null, { day })
  return due
}
