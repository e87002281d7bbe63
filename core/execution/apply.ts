// Owns: one transaction inside a block: check, apply, revert on failure, receipt. Not here: the block (execute-block.ts).
import { assert } from '../base/assert.ts'
import { failure } from '../base/errors.ts'
import type { Failure } from '../base/errors.ts'
import { LIMITS } from '../base/limits.ts'
import { payerOf } from '../chain/transaction.ts'
import type { ChainEvent, Receipt } from '../chain/receipt.ts'
import { accounts, payCredits, readAccount, spendNonce } from '../state/accounts.ts'
import type { Account } from '../state/accounts.ts'
import type { Overlay } from '../state/overlay.ts'
import { must } from '../base/assert.ts'
import { callOf, checkEnvelope } from './check.ts'
import type { CheckContext, CheckedTransaction } from './check.ts'
import { EnvelopeError } from './errors.ts'
import { encodeEvent } from './module.ts'
import type { ApplyContext } from './module.ts'

/** The surroundings of a run: a check's, with a state that can be written. */
export type ApplyEnv = Omit<CheckContext, 'view'> & { readonly view: Overlay }

/**
 * Runs one transaction. A Failure of class malformed, stale or early means that it may not stand in this block and nothing
 * changed; any other refusal gives a receipt with the failure's number: nonce spent, credits paid, nothing else changed.
 */
export function applyTransaction(env: ApplyEnv, checked: CheckedTransaction): Receipt | Failure {
  const barred = checkEnvelope(env, checked, 'exact')
  if (barred !== null) return barred
  const { tx, definition, payload } = checked
  const call = { ...callOf(tx, payload), block: env.block }
  const refused = definition.checkStateful(env.view, call)
  const mayStand = refused === null || refused.class === 'failed'
  if (!mayStand) return refused
  const events: ChainEvent[] = []
  let stateBytes = 0
  if (refused === null) {
    env.view.checkpoint()
    definition.apply(createApplyContext(env.view, events, LIMITS.eventsPerTxMax), call)
    stateBytes = env.view.addedBytes()
    if (!coversState(env, checked, stateBytes)) {
      env.view.revert()
      settleEnvelope(env, checked, 0)
      return { txId: tx.id, code: failure(EnvelopeError.STATE_CREDIT_EXHAUSTED).number, events: [] }
    }
    env.view.release()
  }
  settleEnvelope(env, checked, stateBytes)
  return { txId: tx.id, code: refused === null ? 0 : refused.number, events }
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
