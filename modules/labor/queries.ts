// Owns: what can be read of contracts and hours over JSON-RPC. Not here: pay and cases (pay-queries.ts), the rules.
import { isCivilDate, monthOf } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, u16, u32, u64 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { findContract } from './contract.ts'
import { LaborError } from './errors.ts'
import { readLaw } from './law-params.ts'
import { firstDay, lastDay } from './months.ts'
import { ContractResult, ContractsResult, ContractSchema, VersionMarkSchema } from './schema.ts'
import { ContractFlagsSchema, FlagCountsSchema, ShiftsResult } from './shift-schema.ts'
import { contractFlags, contracts, days, drafts, flagCounts, parties, partyContracts, versionMarks, versions } from './store.ts'
import { checkMonth } from './payslip-issue.ts'
import { minWageOn } from './wage/law.ts'

const PAGE_MAX = 100

/** A contract without its terms. */
export const laborContract = defineQuery({
  name: 'labor_contract',
  about: 'A contract as everybody may see it: parties, state, dates, flags; no number of its terms.',
  params: struct({ contractId: hash32 }),
  result: ContractSchema,
  run: (view, { contractId }) => findContract(view, contractId),
  keyOf: ({ contractId }) => contracts.keyOf(contractId),
})

/** A contract with its terms. */
export const laborGetContract = defineQuery({
  name: 'labor_getContract',
  about: 'A contract with one signed version of its terms, the last one by default, and what one party has proposed.',
  params: struct({ contractId: hash32, version: option(u16) }),
  result: ContractResult,
  run: (view, { contractId, version }) => {
    const contract = findContract(view, contractId)
    if (isFailure(contract)) return contract
    const asked = version ?? contract.version
    const found = asked === 0 ? null : versions.get(view, { contractId, version: asked })
    if (found === null && asked !== 0) return failure(LaborError.VERSION_UNKNOWN, { version: asked })
    return { contract, version: found, draft: drafts.get(view, contractId) }
  },
})

/** The public mark of a version. */
export const laborVersionMark = defineQuery({
  name: 'labor_versionMark',
  about: 'The public mark of a signed version: hash of its record and of its text, first day.',
  params: struct({ contractId: hash32, version: u16 }),
  result: VersionMarkSchema,
  run: (view, key) => versionMarks.get(view, key) ?? failure(LaborError.VERSION_UNKNOWN, { version: key.version }),
  keyOf: (key) => versionMarks.keyOf(key),
})

/** Contracts of a party. */
export const laborContractsOf = defineQuery({
  name: 'labor_contractsOf',
  about: 'Contracts that name an account as employer or worker, oldest first; `after` goes on behind so many.',
  params: struct({ did: address, after: option(u32) }),
  result: ContractsResult,
  run: (view, { did, after }) => {
    const count = parties.get(view, did)?.count ?? 0
    const first = Math.min(after ?? 0, count)
    const last = Math.min(count, first + PAGE_MAX)
    const found = Array.from({ length: last - first }, (_, i) => {
      const { contractId } = partyContracts.mustGet(view, { did, index: first + i })
      return { contractId, contract: contracts.mustGet(view, contractId) }
    })
    return { contracts: found, more: last < count }
  },
})

/** Records of hours of a month. */
export const laborShifts = defineQuery({
  name: 'labor_shifts',
  about: 'Every record of hours of a contract that starts in a month, superseded ones included.',
  params: struct({ contractId: hash32, ym: u32 }),
  result: ShiftsResult,
  run: (view, { contractId, ym }) => {
    const contract = findContract(view, contractId)
    const refused = isFailure(contract) ? contract : checkMonth(ym)
    if (refused !== null) return refused
    const found = []
    for (let date = firstDay(ym); date <= lastDay(ym); date++)
      for (const [seq, shift] of (days.get(view, { contractId, date })?.shifts ?? []).entries()) found.push({ date, seq, shift })
    return { shifts: found }
  },
})

/** Breaches of a workplace. */
export const laborFlags = defineQuery({
  name: 'labor_flags',
  about: 'How often the law saw which breach at a workplace in a month, all its contracts together.',
  params: struct({ employer: address, workplaceId: code(16), ym: u32 }),
  result: FlagCountsSchema,
  run: (view, key) => flagCounts.get(view, key) ?? { flags: [] },
  keyOf: (key) => flagCounts.keyOf(key),
})

/** Breaches in one contract. */
export const laborContractFlags = defineQuery({
  name: 'labor_contractFlags',
  about: 'What the law saw in one contract in a month, by day.',
  params: struct({ contractId: hash32, ym: u32 }),
  result: ContractFlagsSchema,
  run: (view, key) => contractFlags.get(view, key) ?? { flags: [], dropped: 0 },
})

/** The minimum wage. */
export const laborMinWage = defineQuery({
  name: 'labor_minWage',
  about: 'The minimum wage of a day in won an hour, and whether the law’s table or the council has one for its year.',
  params: struct({ date: u32 }),
  result: struct({ date: u32, krw: u64, isTabled: bool }),
  run: (view, { date }) => {
    if (!isCivilDate(date)) return failure(LaborError.PERIOD_INVALID, { date })
    const law = readLaw(view)
    const year = Math.floor(monthOf(date) / 100)
    return { date, krw: minWageOn(law, date), isTabled: law.minWage.some(({ from }) => Math.floor(from / 10_000) === year) }
  },
})

/** Reads of contracts and hours. */
export const CONTRACT_QUERIES = [
  ...[
    laborContract,
    laborGetContract,
    laborVersionMark,
    laborContractsOf,
    laborShifts,
    laborFlags,
    laborContractFlags,
    laborMinWage,
  ],
]
