// Owns: what payment refuses, with stable numbers 0x03xx. Not here: when (the transactions, ledger.ts).
import { defineErrors } from '../../core/base/errors.ts'

/** Refusals of the payment room. */
export const PaymentError = defineErrors('PAYMENT', {
  AMOUNT_ZERO: [0x0301, 'malformed', 'The amount is zero.'],
  AMOUNT_TOO_LARGE: [0x0302, 'malformed', 'One transaction moves at most 1,000,000,000,000 won.'],
  SELF_TRANSFER: [0x0303, 'malformed', 'Sender and receiver are the same account.'],
  INSUFFICIENT: [0x0304, 'failed', 'The available balance does not cover the amount.'],
  HOLD_LIMIT: [0x0305, 'failed', 'The receiver would hold more than payment.holdLimit.'],
  DAILY_LIMIT: [0x0306, 'failed', 'The sender’s transfers of this Korean day would exceed payment.dailyLimit.'],
  CONVERT_LIMIT: [0x0307, 'failed', 'What is minted to the account in this year would exceed payment.convertLimit.'],
  ACCOUNT_FROZEN: [0x0308, 'failed', 'The account, or the part of its balance that this needs, is frozen.'],
  ACCOUNT_UNKNOWN: [0x0309, 'failed', 'The account never held tokens.'],
  NOT_FROZEN: [0x030a, 'failed', 'The account is not frozen.'],
  BANK_CAP: [0x030b, 'failed', 'The sender’s bank would owe the other banks more than payment.netDebitCap.'],
  BANK_MISMATCH: [0x030c, 'failed', 'The account, or the redemption, belongs to another bank.'],
  BANK_UNKNOWN: [0x030d, 'failed', 'There is no such bank, or the sender is none.'],
  BANKREF_USED: [0x030e, 'failed', 'The bank has used this reference before.'],
  OUTSTANDING_LIMIT: [0x030f, 'failed', 'A bank’s outstanding tokens would exceed 100,000,000,000,000,000 won.'],
  REQ_UNKNOWN: [0x0310, 'failed', 'No redemption has this id.'],
  REQ_STATE: [0x0311, 'failed', 'The redemption is already confirmed, rejected or expired.'],
})
