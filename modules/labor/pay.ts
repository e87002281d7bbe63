// Owns: labor.wage.pay and labor.wage.attestCash: wages reach the worker.
// Not here: what is owed (due.ts), escrow's own (escrow.ts).
import { isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, TxCall } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { checkWonMove, payWage } from '../payment/keeper.ts'
import { followPayment } from './claim-follow.ts'
import { checkParty, checkSide, findContractIn, sideOf } from './contract.ts'
import { applyPayment, payableOn } from './due.ts'
import { LaborError } from './errors.ts'
import { escrowAccount } from './escrow-account.ts'
import { CashAttested, WagePaid } from './pay-events.ts'
import { AttestCashPayload, WagePayPayload } from './pay-schema.ts'
import { ACCOUNTED, checkMonth } from './payslip-issue.ts'
import { contracts, dues } from './store.ts'
import type { MonthKey } from './store.ts'
import { checkAmount } from './terms-shape.ts'

type PayCall = TxCall<Infer<typeof WagePayPayload>>

function checkPayable(view: ReadView, key: MonthKey, { amount, on }: { amount: bigint; on: number }): Failure | null {
  if (!dues.has(view, key)) return failure(LaborError.PAYSLIP_UNKNOWN, { ym: key.ym })
  const most = payableOn(view, key, on)
  return amount > most ? failure(LaborError.WAGE_EXCEEDS, { most: most.toString() }) : null
}

function moveOf(view: ReadView, { payload, sender, block }: PayCall) {
  const { contractId, amount, source } = payload
  const { worker } = contracts.mustGet(view, contractId)
  return { from: source === 'ESCROW' ? escrowAccount(contractId) : sender, to: worker, amount, block }
}

/** In won, to the worker, in full: LSA 43. Wages come first, then the interest that they bear. */
export const wagePay = defineTransaction({
  type: 0x0516,
  name: 'labor.wage.pay',
  about: 'The employer pays wages of a month, and interest on late ones, in deposit tokens to the worker’s own account.',
  payload: WagePayPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkMonth(payload.ym) ?? checkAmount(payload.amount),

  checkStateful: (view, call) => {
    const { payload, sender, block } = call
    const contract = findContractIn(view, payload.contractId, ACCOUNTED)
    if (isFailure(contract)) return contract
    const stranger = checkSide(contract, sender, 'EMPLOYER')
    if (stranger !== null) return stranger
    if (payload.currency !== 'KRW') return failure(LaborError.WAGE_NOT_CURRENCY, { currency: payload.currency })
    if (payload.payee !== contract.worker) return failure(LaborError.WAGE_NOT_DIRECT)
    const { amount } = payload
    return checkPayable(view, payload, { amount, on: kstDate(block.time) }) ?? checkWonMove(view, moveOf(view, call))
  },

  apply: (context, call) => {
    const { payload, txId, block } = call
    const { contractId, ym, amount, source } = payload
    const key = { contractId, ym }
    payWage(context, { ...moveOf(context.view, call), reqId: txId })
    const { state } = applyPayment(context, key, { amount, on: kstDate(block.time), how: 'paid', block })
    context.emit(WagePaid, { ...key, state, fromEscrow: source === 'ESCROW' })
    followPayment(context, contractId, block)
  },
})

type CashCall = TxCall<Infer<typeof AttestCashPayload>>

function isAgreed(view: ReadView, { payload, sender }: CashCall): boolean {
  const { amount, paidOn, contractId } = payload
  const word = dues.mustGet(view, payload).cashWord
  const by = sideOf(contracts.mustGet(view, contractId), sender)
  return word !== null && word.by !== by && word.amount === amount && word.paidOn === paidOn
}

function countCash(context: ApplyContext, { payload, block }: CashCall): void {
  const { contractId, ym, amount, paidOn } = payload
  const key = { contractId, ym }
  const due = dues.mustGet(context.view, key)
  dues.set(context.view, key, { ...due, cashWord: null })
  applyPayment(context, key, { amount, on: paidOn, how: 'cash', block })
  followPayment(context, contractId, block)
}

/** Both sides say that so much was paid on a day; the second word counts it. */
export const attestCash = defineTransaction({
  type: 0x0517,
  name: 'labor.wage.attestCash',
  about: 'Both sides say that wages of a month were paid outside the chain; the second same word counts it.',
  payload: AttestCashPayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload }) => {
    const { ym, amount, paidOn } = payload
    if (!isCivilDate(paidOn)) return failure(LaborError.PERIOD_INVALID, { paidOn })
    return checkMonth(ym) ?? checkAmount(amount)
  },

  checkStateful: (view, { payload, sender, block }) => {
    const contract = findContractIn(view, payload.contractId, ACCOUNTED)
    if (isFailure(contract)) return contract
    const stranger = checkParty(contract, sender)
    if (stranger !== null) return stranger
    const { amount, paidOn } = payload
    if (paidOn > kstDate(block.time)) return failure(LaborError.PERIOD_OPEN, { paidOn })
    return checkPayable(view, payload, { amount, on: paidOn })
  },

  apply: (context, call) => {
    const { view, emit } = context
    const { contractId, ym, amount, paidOn } = call.payload
    const by = sideOf(contracts.mustGet(view, contractId), call.sender) ?? 'EMPLOYER'
    const agreed = isAgreed(view, call)
    emit(CashAttested, { contractId, ym, by, agreed })
    if (agreed) countCash(context, call)
    else {
      const due = dues.mustGet(view, call.payload)
      dues.set(view, call.payload, { ...due, cashWord: { by, amount, paidOn } })
    }
  },
})
