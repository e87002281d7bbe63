// Owns: names of what the law sees in a contract or its hours: told and kept, never a refusal (domain.md 8.3).
// Not here: when (shift-flags.ts, accept.ts, notice.ts), the rules of hours (wage/flags.ts).
import type { WageFlagCode } from './wage/types.ts'

/** Flags of contracts. */
export const CONTRACT_FLAGS = [
  ...['LATE_CONTRACT', 'FIXED_TERM_OVER_2Y', 'HEADCOUNT_GE5', 'NOTICE_SHORT', 'REASON_MISSING', 'MINOR_TERMINATED', 'ARREARS'],
] as const

/** Flags of hours; a floor that was applied has an event of its own. */
export const SHIFT_FLAGS = [
  ...['BREAK_MISSING', 'OVER_8H', 'OVER_40H', 'EXCESS_OVER_12H', 'NIGHT', 'MINOR_NIGHT', 'MINOR_HOURS', 'HOLIDAY_WORK'],
  ...['HOURS_REACH_15'],
] as const

/** Name of a flag of a contract. */
export type ContractFlagCode =
  | 'LATE_CONTRACT'
  | 'FIXED_TERM_OVER_2Y'
  | 'HEADCOUNT_GE5'
  | 'NOTICE_SHORT'
  | 'REASON_MISSING'
  | 'MINOR_TERMINATED'
  | 'ARREARS'

/** Name of a flag. */
export type LawFlagCode = ContractFlagCode | WageFlagCode
