// Owns: the key layout of points. Not here: what the records mean (schema.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import type { Address, Hash32, TxId } from '../../core/base/ids.ts'
import { defineStore } from '../../core/state/store.ts'
import {
  AlarmSchema,
  BooksSchema,
  CarrySchema,
  ClawbackSchema,
  CountSchema,
  TakingsSchema,
  ExpiryCursorSchema,
  ExpiryEntrySchema,
  FamilySchema,
  GrantSchema,
  LotSchema,
  OwnerSchema,
  PageSchema,
  PersonSchema,
  ProgrammeSchema,
  SpendSchema,
} from './schema.ts'

/** Programmes by id. */
export const programmes = defineStore({ prefix: 'points/programme', key: (id: string) => id, value: ProgrammeSchema })

/** Sums of a programme: touched by every move of its points. */
export const programmeBooks = defineStore({ prefix: 'points/books', key: (id: string) => id, value: BooksSchema })

/** Lots by number. */
export const lots = defineStore({ prefix: 'points/lot', key: (lotId: number) => sortableHex(lotId), value: LotSchema })

/** How many lots there ever were. */
export const lotCount = defineStore({ prefix: 'points', key: (_: null) => 'lotCount', value: CountSchema })

/** Months of expiry of an owner. */
export const owners = defineStore({ prefix: 'points/owner', key: (account: Address) => account, value: OwnerSchema })

/** One owner's lots of one month of expiry. */
export const pages = defineStore({
  prefix: 'points/page',
  key: ({ owner, month }: { owner: Address; month: CivilMonth }) => `${owner}/${month}`,
  value: PageSchema,
})

/** A grant's name: one per programme and event. */
export type GrantKey = { readonly programmeId: string; readonly eventId: Hash32 }

/** Grants by programme and event. */
export const grants = defineStore({
  prefix: 'points/grant',
  key: ({ programmeId, eventId }: GrantKey) => `${programmeId}/${eventId}`,
  value: GrantSchema,
})

/** What a person got and owes, by programme and tag. */
export const persons = defineStore({
  prefix: 'points/person',
  key: ({ programmeId, personTag }: { programmeId: string; personTag: Hash32 }) => `${programmeId}/${personTag}`,
  value: PersonSchema,
})

/** What payments took. */
export const spends = defineStore({ prefix: 'points/spend', key: (payId: TxId) => payId, value: SpendSchema })

/** A merchant's points of one programme on a Korean day. */
export const takings = defineStore({
  prefix: 'points/takings',
  key: ({ merchantId, day, programmeId }: { merchantId: string; day: CivilDate; programmeId: string }) =>
    `${merchantId}/${day}/${programmeId}`,
  value: TakingsSchema,
})

/** What refunds took back from a merchant that was paid already. */
export const carries = defineStore({
  prefix: 'points/carry',
  key: ({ merchantId, programmeId }: { merchantId: string; programmeId: string }) => `${merchantId}/${programmeId}`,
  value: CarrySchema,
})

/** Clawbacks by the id of the transaction that opened them. */
export const clawbacks = defineStore({ prefix: 'points/clawback', key: (caseId: TxId) => caseId, value: ClawbackSchema })

/** How many lots wait for the end of a day. */
export const expiryDays = defineStore({
  prefix: 'points/expiryDay',
  key: (day: CivilDate) => `${day}`,
  value: CountSchema,
})

/** The lots that wait for the end of a day. */
export const expiryQueue = defineStore({
  prefix: 'points/expiry',
  key: ({ day, index }: { day: CivilDate; index: number }) => `${day}/${sortableHex(index)}`,
  value: ExpiryEntrySchema,
})

/** Where the sweep stands, one record. */
export const expiryCursor = defineStore({ prefix: 'points', key: (_: null) => 'expiryCursor', value: ExpiryCursorSchema })

/** The Korean day on which a merchant was last told of as one that takes little but points. */
export const shareAlarms = defineStore({ prefix: 'points/alarm', key: (merchantId: string) => merchantId, value: AlarmSchema })

/** A pair of relatives; the lower address first. */
export const families = defineStore({
  prefix: 'points/family',
  key: ({ programmeId, a, b }: { programmeId: string; a: Address; b: Address }) =>
    a < b ? `${programmeId}/${a}/${b}` : `${programmeId}/${b}/${a}`,
  value: FamilySchema,
})
