// Owns: which legal parameters there are, their bounds and their value until a council sets another (domain.md 14).
// Not here: values over time (store.ts), consensus parameters (core/chain/params.ts).
import { INSURANCE_PARAMS } from './insurance-params.ts'
import { LABOR_PARAMS } from './labor-params.ts'
import type { ParamRule } from './param-rule.ts'
import { WAGE_PARAMS } from './wage-params.ts'

const WON_MAX = 10n ** 15n

/** Every parameter that a rule of this chain reads; a room adds its rows here. */
export const PARAM_RULES: readonly ParamRule[] = [
  {
    key: 'governance.proposalBlocks',
    min: 10n,
    max: 10_000_000n,
    initial: 10_000n,
    about: 'Blocks in which a proposal can be approved.',
  },
  {
    key: 'identity.suspend.maxDays',
    min: 1n,
    max: 365n,
    initial: 30n,
    about: 'Days until a suspension by an authority needs renewal.',
  },
  {
    key: 'identity.recovery.minDelaySec',
    min: 3_600n,
    max: 31_536_000n,
    initial: 172_800n,
    about: 'Shortest delay of a recovery, seconds.',
  },
  {
    key: 'identity.derived.maxAgeDays',
    min: 1n,
    max: 366n,
    initial: 30n,
    about: 'Days for which a credential of derived facts is taken after its issue.',
  },
  {
    key: 'payment.holdLimit',
    min: 1n,
    max: WON_MAX,
    initial: 1_000_000n,
    about: 'Won that one account may hold, locked won included.',
  },
  {
    key: 'payment.convertLimit',
    min: 1n,
    max: WON_MAX,
    initial: 5_000_000n,
    about: 'Won minted to one account in a calendar year.',
  },
  {
    key: 'payment.dailyLimit',
    min: 1n,
    max: WON_MAX,
    initial: 2_000_000n,
    about: 'Won that one account may transfer on a Korean day.',
  },
  {
    key: 'payment.redeemHours',
    min: 1n,
    max: 720n,
    initial: 24n,
    about: 'Hours until an unanswered redemption goes back to its holder.',
  },
  {
    key: 'payment.netDebitCap',
    min: 0n,
    max: WON_MAX,
    initial: 10_000_000_000n,
    family: true,
    about: 'Won that one bank may owe all others between two settlements; a member names one bank.',
  },
  {
    key: 'payment.feePpm.SMALL_A',
    min: 0n,
    max: 100_000n,
    initial: 0n,
    about: 'Fee of merchants with sales of at most 800 million won, millionths.',
  },
  {
    key: 'payment.feePpm.SMALL_B',
    min: 0n,
    max: 100_000n,
    initial: 3_000n,
    about: 'Fee of merchants with sales of up to 1,200 million won, millionths.',
  },
  {
    key: 'payment.feePpm.SMALL_C',
    min: 0n,
    max: 100_000n,
    initial: 5_000n,
    about: 'Fee of small businesses above that, millionths.',
  },
  {
    key: 'payment.feePpm.GENERAL',
    min: 0n,
    max: 100_000n,
    initial: 12_000n,
    about: 'Fee of all other merchants, millionths.',
  },
  {
    key: 'payment.cpmTtlSec',
    min: 10n,
    max: 3_600n,
    initial: 180n,
    about: 'Longest validity of a payer’s own code, seconds.',
  },
  {
    key: 'payment.dynamicTtlSec',
    min: 10n,
    max: 86_400n,
    initial: 300n,
    about: 'Longest validity of a merchant’s signed code for one order, seconds.',
  },
  {
    key: 'payment.refundDays',
    min: 1n,
    max: 1_825n,
    initial: 90n,
    about: 'Days in which a merchant may refund.',
  },
  {
    key: 'payment.disputeDays',
    min: 1n,
    max: 365n,
    initial: 30n,
    about: 'Days in which a payer may dispute.',
  },
  {
    key: 'points.transferDaily',
    min: 0n,
    max: WON_MAX,
    initial: 100_000n,
    about: 'Points that one account may give away on a Korean day.',
  },
  {
    key: 'points.refundGraceDays',
    min: 1n,
    max: 365n,
    initial: 30n,
    about: 'Days for which points live again that expired before a refund gave them back.',
  },
  {
    key: 'points.noticeDays',
    min: 1n,
    max: 365n,
    initial: 14n,
    about: 'Days in which a grantee may object to a clawback.',
  },
  {
    key: 'points.settleDelayDays',
    min: 0n,
    max: 365n,
    initial: 1n,
    about: 'Days after a Korean day before its points are paid to merchants.',
  },
  {
    key: 'points.batchMandate',
    min: 0n,
    max: WON_MAX,
    initial: 10_000_000n,
    about: 'Points of one batch of grants above which the city council has to agree.',
  },
  {
    key: 'points.alarmDay',
    min: 0n,
    max: WON_MAX,
    initial: 3_000_000n,
    about: 'Points that one merchant takes on a Korean day before it is told.',
  },
  {
    key: 'points.alarmShare',
    min: 1n,
    max: 100n,
    initial: 90n,
    about: 'Percent of a merchant’s takings of a Korean day that may be points before it is told.',
  },
  {
    key: 'points.alarmShareFrom',
    min: 0n,
    max: WON_MAX,
    initial: 200_000n,
    about: 'Points of a Korean day from which points.alarmShare is looked at.',
  },
  {
    key: 'points.alarmLots',
    min: 1n,
    max: 65_534n,
    initial: 30n,
    about: 'Lots of points that one account may get on a Korean day, granted or given, before it is told.',
  },
  {
    key: 'vote.minCell',
    min: 2n,
    max: 64n,
    initial: 5n,
    about: 'Fewest keys on the roll of a poll that hides who took part.',
  },
  {
    key: 'vote.maxRing',
    min: 2n,
    max: 64n,
    initial: 64n,
    about: 'Most keys on the roll of a poll that hides who took part.',
  },
  { key: 'vote.maxOptions', min: 2n, max: 16n, initial: 16n, about: 'Most options of a poll, a blank vote included.' },
  ...INSURANCE_PARAMS,
  ...LABOR_PARAMS,
  ...WAGE_PARAMS,
]

const RULE_BY_KEY: ReadonlyMap<string, ParamRule> = new Map(PARAM_RULES.map((rule) => [rule.key, rule]))

/** The rule of a key or, for a member of a family, of its family; null for an unknown key. */
export function paramRuleOf(key: string): ParamRule | null {
  const exact = RULE_BY_KEY.get(key)
  if (exact !== undefined) return exact
  const isMember = (rule: ParamRule): boolean =>
    rule.family === true && key.startsWith(`${rule.key}.`) && key.length > rule.key.length + 1
  return PARAM_RULES.find(isMember) ?? null
}
