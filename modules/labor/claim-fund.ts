// Owns: labor.claim.subrogate: the fund pays wages in the employer's place (Wage Claim Guarantee Act 7). Not here: other steps
// (claim-steps.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { checkWonMove, payWage } from '../payment/keeper.ts'
import { followPayment, moveClaim } from './claim-follow.ts'
import { checkRole, findClaimIn } from './claim.ts'
import { SubrogatePayload } from './claim-schema.ts'
import type { Claim } from './claim-schema.ts'
import { applyPayment, owedOf } from './due.ts'
import { LaborError } from './errors.ts'
import { claims, dues, funds } from './store.ts'
import { checkAmount } from './terms-shape.ts'

type Part = { readonly ym: number; readonly krw: bigint }

const sumOf = (months: readonly Part[]): bigint => months.reduce((total, { krw }) => total + krw, 0n)

// Simplified substitute payment: so much in all to one worker of one employer, so much of it for wages, no more than is owed.
function checkLimits(
  view: ReadView,
  { claim, months, block }: { claim: Claim; months: readonly Part[]; block: BlockEnv },
): Failure | null {
  const { contractId } = claim
  if (contractId === null) return failure(LaborError.SUBROGATION_LIMIT, { most: '0' })
  for (const { ym, krw } of months) {
    const due = claim.months.includes(ym) ? dues.get(view, { contractId, ym }) : null
    const owed = due === null ? 0n : owedOf(due)
    if (krw > owed) return failure(LaborError.SUBROGATION_LIMIT, { ym, most: owed.toString() })
  }
  const limits = ['labor.fundMax', 'labor.fundWagesMax'].map((key) => paramAt(view, key, block))
  const most = limits.reduce((least, limit) => (limit < least ? limit : least)) - (funds.get(view, contractId)?.paid ?? 0n)
  return sumOf(months) > most ? failure(LaborError.SUBROGATION_LIMIT, { most: most.toString() }) : null
}

/** The fund’s won reaches the worker; the employer owes that much less, and the fund asks it back off the chain. */
export const claimSubrogate = defineTransaction({
  type: 0x0523,
  name: 'labor.claim.subrogate',
  about: 'The fund pays certified arrears in the employer’s place, within its limits.',
  payload: SubrogatePayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload }) => {
    const { months } = payload
    const isOrdered = months.every(({ ym }, at) => at === 0 || (months[at - 1]?.ym ?? 0) < ym)
    if (months.length === 0 || !isOrdered) return failure(LaborError.CLAIM_EMPTY)
    return months.map(({ krw }) => checkAmount(krw)).find((refused) => refused !== null) ?? null
  },

  checkStateful: (view, { payload, sender, block }) => {
    const stranger = checkRole(view, { account: sender, role: 'INS_COMWEL', block })
    if (stranger !== null) return stranger
    const claim = findClaimIn(view, payload.caseId, ['CERTIFIED'])
    if (isFailure(claim)) return claim
    const { months } = payload
    return (
      checkLimits(view, { claim, months, block }) ??
      checkWonMove(view, { from: sender, to: claim.worker, amount: sumOf(months), block })
    )
  },

  apply: (context, { payload, sender, txId, block }) => {
    const { view } = context
    const { caseId, months } = payload
    const claim = claims.mustGet(view, caseId)
    const { contractId } = claim
    if (contractId === null) return
    const amount = sumOf(months)
    payWage(context, { from: sender, to: claim.worker, amount, block, reqId: txId })
    for (const { ym, krw } of months)
      applyPayment(context, { contractId, ym }, { amount: krw, on: kstDate(block.time), how: 'subrogated', block })
    funds.set(view, contractId, { paid: (funds.get(view, contractId)?.paid ?? 0n) + amount })
    moveClaim(context, caseId, { ...claim, state: 'SUBROGATED', subrogated: amount })
    followPayment(context, contractId, block)
  },
})
