// Owns: labor.settle and labor.void: a contract's end in law. Not here: settling by the calendar (life.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { hasRole } from '../governance/keeper.ts'
import { checkParty, closeContract, countActive, findContractIn, isInForce } from './contract.ts'
import { LaborError } from './errors.ts'
import type { InsurancePort } from './insurance-port.ts'
import { scheduleFinal, settleContract, unsettledOf } from './life.ts'
import { finalDayOf } from './months.ts'
import { ContractRefPayload, VoidPayload } from './schema.ts'
import { contracts, drafts } from './store.ts'

/** The worker any time, the employer once the days of final pay are over: hours may still come before. */
export const settle = defineTransaction({
  type: 0x050a,
  name: 'labor.settle',
  about: 'Closes a contract that is over, once all wages and interest are paid and nothing is undecided.',
  payload: ContractRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId } = payload
    const contract = findContractIn(view, contractId, ['ENDED'])
    if (isFailure(contract)) return contract
    const stranger = checkParty(contract, sender)
    if (stranger !== null) return stranger
    const final = finalDayOf(view, contractId)
    const isEarly = sender === contract.employer && final !== null && kstDate(block.time) <= final
    const open = isEarly ? `hours until ${final}` : unsettledOf(view, contractId)
    return open === null ? null : failure(LaborError.NOT_SETTLED, { open })
  },

  apply: (context, { payload, block }) => settleContract(context, payload.contractId, block),
})

/** What the law puts in the place of a void part needs no voiding (LSA 15): this is for a contract void as a whole. */
export function createVoid(port: InsurancePort) {
  return defineTransaction({
    type: 0x050b,
    name: 'labor.void',
    about: 'An inspector records that a court found a contract void; work that was done stays to be paid.',
    payload: VoidPayload,
    keyPurpose: KEY_PURPOSES.assertion,

    checkStateless: ({ payload }) =>
      payload.courtRefCommit === ZERO_HASH ? failure(LaborError.TERM_MISSING, { field: 'courtRefCommit' }) : null,

    checkStateful: (view, { payload, sender, block }) => {
      if (!hasRole(view, { account: sender, role: 'INSPECTOR', scope: null, block }))
        return failure(LaborError.NOT_AUTHORIZED, { needs: 'INSPECTOR' })
      const contract = findContractIn(view, payload.contractId, ['OFFERED', 'ACTIVE', 'NOTICE', 'ENDED', 'SETTLED'])
      return isFailure(contract) ? contract : null
    },

    apply: (context, { payload, sender, block }) => {
      const { view } = context
      const { contractId, courtRefCommit } = payload
      const contract = contracts.mustGet(view, contractId)
      const today = kstDate(block.time)
      const wasInForce = isInForce(contract)
      if (wasInForce) countActive(view, contract, { change: -1, block })
      const endOn = contract.endOn === null || contract.endOn > today ? today : contract.endOn
      drafts.remove(view, contractId)
      const voidedBy = { by: sender, courtRefCommit, on: today }
      closeContract(context, contractId, { ...contract, state: 'VOID', endOn, voidedBy })
      if (!wasInForce) return
      scheduleFinal(context, contractId, block)
      port.onEnded(context, { contractId, on: endOn, block })
    },
  })
}
