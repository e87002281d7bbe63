// Owns: the room's agenda: items by Korean day, taken in the order of scheduling, a bounded number per block.
// Not here: what a due item means (due-work.ts).
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import type { AgendaItem } from './life-schema.ts'
import { agendaCursor, agendaDays, agendaItems } from './store.ts'

/** Items and empty days that one block looks at. */
export const AGENDA_STEPS_MAX = 128

/** Puts an item on the agenda: it falls due in the first blocks of the day after `day`, which is today or later. */
export function scheduleItem(view: WriteView, plan: { day: CivilDate; item: AgendaItem; block: BlockEnv }): void {
  const { day, item, block } = plan
  const ends = agendaDays.get(view, day) ?? { first: 0, next: 0 }
  agendaItems.set(view, { day, index: ends.next }, item)
  agendaDays.set(view, day, { ...ends, next: ends.next + 1 })
  if (!agendaCursor.has(view, null)) agendaCursor.set(view, null, { day: kstDate(block.time) })
}

/** Takes what is due off the agenda, the earliest day first; the rest waits for the next block. */
export function takeDueItems(view: WriteView, block: BlockEnv): readonly AgendaItem[] {
  const start = agendaCursor.get(view, null)
  const today = kstDate(block.time)
  if (start === null || start.day >= today) return []
  const due: AgendaItem[] = []
  let day = start.day
  for (let steps = 0; steps < AGENDA_STEPS_MAX && day < today; ) {
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
    day = addDays(day, 1)
  }
  if (day !== start.day) agendaCursor.set(view, null, { day })
  return due
}
