// Owns: the key layout of insurance. Everything under `insurance/sealed/` is restricted state.
// Not here: what records mean (schema.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { defineStore } from '../../core/state/store.ts'
import { CoverSchema, DueCursorSchema, DueDaySchema, DueItemSchema, PremiumSchema, WorkplaceSchema } from './schema.ts'

/** Keys below this are restricted state. */
export const SEALED_PREFIX = 'insurance/sealed/'

/** The four insurances of a contract. */
export const covers = defineStore({ prefix: 'insurance/sealed/cover', key: (id: Hash32) => id, value: CoverSchema })

/** A contract's month. */
export type MonthKey = { readonly contractId: Hash32; readonly ym: CivilMonth }
/** Premiums of a contract by month. */
export const premiums = defineStore({
  prefix: 'insurance/sealed/premium',
  key: ({ contractId, ym }: MonthKey) => `${contractId}/${ym}`,
  value: PremiumSchema,
})

/** An employer's workplace. */
export type WorkplaceKey = { readonly employer: Address; readonly workplaceId: string }
/** How workplaces are classed. */
export const workplaces = defineStore({
  prefix: 'insurance/workplace',
  key: ({ employer, workplaceId }: WorkplaceKey) => `${employer}/${workplaceId}`,
  value: WorkplaceSchema,
})

/** What waits for the end of a day, by place. */
export const dueItems = defineStore({
  prefix: 'insurance/due',
  key: ({ day, index }: { day: CivilDate; index: number }) => `${day}/${sortableHex(index)}`,
  value: DueItemSchema,
})
/** How many wait for a day. */
export const dueDays = defineStore({ prefix: 'insurance/dueDay', key: (day: CivilDate) => `${day}`, value: DueDaySchema })
/** Where the queue stands, one record. */
export const dueCursor = defineStore({ prefix: 'insurance', key: (_: null) => 'dueCursor', value: DueCursorSchema })
