// Owns: the key layout of labor. Everything under `labor/sealed/` is restricted state: validators hold it, nodes show it to the
// parties and to officials with an open case. Not here: what the records mean (the schemas).
import { sortableHex } from '../../core/base/bytes.ts'
import type { CivilDate, CivilMonth } from '../../core/base/civil-time.ts'
import type { Address, Hash32, TxId } from '../../core/base/ids.ts'
import { defineStore } from '../../core/state/store.ts'
import { ClaimSchema, FundSchema, HistorySchema, OpenClaimsSchema } from './claim-schema.ts'
import { BooksSchema, DueSchema, PayslipSchema } from './pay-schema.ts'
import {
  AgendaCursorSchema,
  AgendaDaySchema,
  AgendaItemSchema,
  ContractSchema,
  DraftSchema,
  PartyContractSchema,
  PartySchema,
  VersionMarkSchema,
  VersionSchema,
  WorkplaceSchema,
} from './schema.ts'
import {
  ContractFlagsSchema,
  DaySchema,
  DeemItemSchema,
  FlagCountsSchema,
  OpenShiftSchema,
  QueueEndsSchema,
} from './shift-schema.ts'

/** Keys below this are restricted state. */
export const SEALED_PREFIX = 'labor/sealed/'

/** Id of a contract: that of its offer. */
export type ContractId = TxId | Hash32

/** Contracts, without a number of their terms. */
export const contracts = defineStore({ prefix: 'labor/contract', key: (id: ContractId) => id, value: ContractSchema })

/** Signed versions, by number from 1. */
export const versions = defineStore({
  prefix: 'labor/sealed/version',
  key: ({ contractId, version }: { contractId: ContractId; version: number }) => `${contractId}/${sortableHex(version)}`,
  value: VersionSchema,
})

/** Public marks of signed versions. */
export const versionMarks = defineStore({
  prefix: 'labor/versionMark',
  key: ({ contractId, version }: { contractId: ContractId; version: number }) => `${contractId}/${sortableHex(version)}`,
  value: VersionMarkSchema,
})

/** An offer, or a proposed change, that waits for the other party. */
export const drafts = defineStore({ prefix: 'labor/sealed/draft', key: (id: ContractId) => id, value: DraftSchema })

/** How many contracts name a party. */
export const parties = defineStore({ prefix: 'labor/party', key: (did: Address) => did, value: PartySchema })

/** Contracts of a party in the order they were offered. */
export const partyContracts = defineStore({
  prefix: 'labor/partyContract',
  key: ({ did, index }: { did: Address; index: number }) => `${did}/${sortableHex(index)}`,
  value: PartyContractSchema,
})

/** A workplace of an employer. */
export type WorkplaceKey = { readonly employer: Address; readonly workplaceId: string }
const workplaceText = ({ employer, workplaceId }: WorkplaceKey): string => `${employer}/${workplaceId}`

/** People in work at a workplace. */
export const workplaces = defineStore({ prefix: 'labor/workplace', key: workplaceText, value: WorkplaceSchema })

/** Breaches of a workplace in a month, counted. */
export const flagCounts = defineStore({
  prefix: 'labor/flagCount',
  key: ({ ym, ...workplace }: WorkplaceKey & { readonly ym: CivilMonth }) => `${workplaceText(workplace)}/${ym}`,
  value: FlagCountsSchema,
})

/** One contract and a month. */
export type MonthKey = { readonly contractId: ContractId; readonly ym: CivilMonth }
const monthText = ({ contractId, ym }: MonthKey): string => `${contractId}/${ym}`

/** Breaches of a contract in a month. */
export const contractFlags = defineStore({ prefix: 'labor/sealed/flags', key: monthText, value: ContractFlagsSchema })

/** Records of attendance by the day they start on. */
export const days = defineStore({
  prefix: 'labor/sealed/day',
  key: ({ contractId, date }: { contractId: ContractId; date: CivilDate }) => `${contractId}/${date}`,
  value: DaySchema,
})

/** The open record of a contract. */
export const openShifts = defineStore({ prefix: 'labor/sealed/open', key: (id: ContractId) => id, value: OpenShiftSchema })

/** Workers' proposals in the order in which silence confirms them. */
export const deemQueue = defineStore({
  prefix: 'labor/sealed/deem',
  key: (index: number) => sortableHex(index),
  value: DeemItemSchema,
})

/** Ends of that queue. */
export const deemEnds = defineStore({ prefix: 'labor/deemEnds', key: (_: null) => 'all', value: QueueEndsSchema })

/** What is owed for a month. */
export const dues = defineStore({ prefix: 'labor/sealed/due', key: monthText, value: DueSchema })

/** Payslips of a month by number from 1. */
export const payslips = defineStore({
  prefix: 'labor/sealed/payslip',
  key: ({ seq, ...month }: MonthKey & { readonly seq: number }) => `${monthText(month)}/${sortableHex(seq)}`,
  value: PayslipSchema,
})

/** Books of a contract that was signed. */
export const books = defineStore({ prefix: 'labor/sealed/books', key: (id: ContractId) => id, value: BooksSchema })

/** Cases. */
export const claims = defineStore({ prefix: 'labor/sealed/claim', key: (id: Hash32) => id, value: ClaimSchema })

/** Open cases of a contract. */
export const openClaims = defineStore({ prefix: 'labor/sealed/openClaims', key: (id: ContractId) => id, value: OpenClaimsSchema })

/** What the fund has paid to a worker of a contract. */
export const funds = defineStore({ prefix: 'labor/sealed/fund', key: (id: ContractId) => id, value: FundSchema })

/** Work histories that were asked for. */
export const histories = defineStore({ prefix: 'labor/sealed/history', key: (id: Hash32) => id, value: HistorySchema })

/** Days on which something falls due. */
export const agendaDays = defineStore({ prefix: 'labor/agendaDay', key: (day: CivilDate) => String(day), value: AgendaDaySchema })

/** What falls due on a day, in the order of scheduling. */
export const agendaItems = defineStore({
  prefix: 'labor/agendaItem',
  key: ({ day, index }: { day: CivilDate; index: number }) => `${day}/${sortableHex(index)}`,
  value: AgendaItemSchema,
})

/** The earliest day that may still hold items. */
export const agendaCursor = defineStore({ prefix: 'labor/agendaCursor', key: (_: null) => 'all', value: AgendaCursorSchema })
