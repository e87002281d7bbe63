// Owns: one transaction inside a block: check, apply, revert on failure, receipt. Not here: the block (execute-block.ts).
import { assert, must } from '../base/assert.ts'
import type { Failure } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { payerOf } from '../chain/transaction.ts'
import type { ChainEvent, Receipt } from '../chain/receipt.ts'
import { accounts, payCredits, readAccount, spendNonce } from '../state/accounts.ts'
import type { Account } from '../state/accounts.ts'
import type { Overlay } from '../state/overlay.ts'
import { checkEnvelope, stateCallOf } from './check.ts'
import type { CheckContext, CheckedTransaction } from './check.ts'
import { EnvelopeError } from './errors.ts'
import { encodeEvent } from './module.ts'
import type { ApplyContext, TxCall } from './module.ts'
import { isRoomFault, runRoom } from './room-fault.ts'
import type { RoomFault } from './room-fault.ts'

/** The surroundings of a run: a check's, with a state that can be written. */
export type ApplyEnv = Omit<CheckContext, 'view'> & {
  readonly view: Overlay
  /** Told when a room's own code threw, for the log. */
  readonly onFault?: (fault: RoomFault) => void
}

/**
 * Runs one transaction. A Failure of class malformed, stale or early means that it may not stand in this block and nothing
 * changed; any other refusal gives a receipt with the failure's number: nonce spent, credits paid, nothing else changed.
 */
export function applyTransaction(env: ApplyEnv, checked: CheckedTransaction): Receipt | Failure {
  const barred = checkEnvelope(env, checked, 'exact')
  if (barred !== null) return barred
  const { tx, definition } = checked
  const call = stateCallOf(env, checked)
  const refused = runRoom(definition.name, () => definition.checkStateful(env.view, call))
  if (isRoomFault(refused)) return failFor(env, checked, refused)
  if (refused === null) return applyRoom(env, checked, call)
  if (refused.class !== 'failed') return refused
  settleEnvelope(env, checked, 0)
  return { txId: tx.id, code: refused.number, events: [] }
}

function applyRoom(env: ApplyEnv, checked: CheckedTransaction, call: TxCall<unknown>): Receipt {
  const { tx, definition } = checked
  const events: ChainEvent[] = []
  env.view.checkpoint()
  const context = createApplyContext(env.view, events, LIMITS.eventsPerTxMax)
  const fault = runRoom(definition.name, () => definition.apply(context, call))
  const stateBytes = env.view.addedBytes()
  const isCovered = coversState(env, checked, stateBytes)
  if (isRoomFault(fault) || !isCovered) {
    env.view.revert()
    if (isRoomFault(fault)) return failFor(env, checked, fault)
    settleEnvelope(env, checked, 0)
    return { txId: tx.id, code: EnvelopeError.STATE_CREDIT_EXHAUSTED.number, events: [] }
  }
  env.view.release()
  settleEnvelope(env, checked, stateBytes)
  return { txId: tx.id, code: 0, events }
}

// R17: one poisonous transaction must not stop every node of the city at once.
function failFor(env: ApplyEnv, checked: CheckedTransaction, fault: RoomFault): Receipt {
  env.onFault?.(fault)
  settleEnvelope(env, checked, 0)
  return { txId: checked.tx.id, code: EnvelopeError.EXECUTION_FAULT.number, events: [] }
}

/** What `apply` of a room is given; events are encoded as they are told. */
export function createApplyContext(view: Overlay, events: ChainEvent[], eventsMax: number): ApplyContext {
  return {
    view,
    emit(event, payload) {
      events.push(encodeEvent(event, payload))
      assert(events.length <= eventsMax, `at most ${eventsMax} events are told here`)
    },
  }
}

function costOf(checked: CheckedTransaction, stateBytes: number) {
  return { bytes: checked.tx.bytes.length, operations: checked.operations, stateBytes }
}

function coversState(env: ApplyEnv, checked: CheckedTransaction, stateBytes: number): boolean {
  const { params, time } = env.block
  const account = readAccount(env.view, payerOf(checked.tx.body))
  return payCredits({ account, classes: params.creditClasses, cost: costOf(checked, stateBytes), time }) !== null
}

function settleEnvelope(env: ApplyEnv, checked: CheckedTransaction, stateBytes: number): void {
  const { body } = checked.tx
  const { params, time } = env.block
  const payer = payerOf(body)
  const pay = (account: Account): Account =>
    must(payCredits({ account, classes: params.creditClasses, cost: costOf(checked, stateBytes), time }), 'credits were checked')
  const spent = spendNonce(readAccount(env.view, body.sender), body.lane)
  accounts.set(env.view, body.sender, payer === body.sender ? pay(spent) : spent)
  if (payer !== body.sender) accounts.set(env.view, payer, pay(readAccount(env.view, payer)))
}
