// Owns: the room's agenda: its stores, and when a day's items fall due. Not here: how items are kept (core/execution/agenda.ts),
// what a due item means (due-work.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { putOnAgenda, takeFromAgenda } from '../../core/execution/agenda.ts'
import type { Agenda } from '../../core/execution/agenda.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import type { AgendaItem } from './life-schema.ts'
import { agendaCursor, agendaDays, agendaItems } from './store.ts'

const AGENDA: Agenda<AgendaItem> = { cursor: agendaCursor, days: agendaDays, items: agendaItems, takesToday: false }

/** Puts an item on the agenda: it falls due in the first blocks of the day after `day`, which is today or later. */
export function scheduleItem(view: WriteView, { day, item, block }: { day: CivilDate; item: AgendaItem; block: BlockEnv }): void {
  putOnAgenda(view, AGENDA, { day, item, today: kstDate(block.time) })
}

/** Takes what is due off the agenda, the earliest day first; the rest waits for the next block. */
export function takeDueItems(view: WriteView, block: BlockEnv): readonly AgendaItem[] {
  return takeFromAgenda(view, AGENDA, kstDate(block.time))
}
