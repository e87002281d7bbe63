// Owns: labor.accept: the worker signs, and the contract is in force. Not here: what falls due from then on (due-work.ts).
import { kstDate, monthOf } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { scheduleItem } from './agenda.ts'
import { countActive, findContractIn, isOverTwoYears, sizesAt, withFlag, writeVersion } from './contract.ts'
import { LaborError } from './errors.ts'
import { ContractActivated } from './events.ts'
import type { ContractFlagCode } from './flags.ts'
import type { InsurancePort } from './insurance-port.ts'
import { scheduleEnd } from './life.ts'
import { addMonthsTo, paydayOf } from './months.ts'
import { raiseFlag } from './shift-flags.ts'
import { AcceptPayload } from './schema.ts'
import type { Contract, Draft } from './schema.ts'
import { books, contracts, drafts } from './store.ts'

function flagsOf(contract: Contract, { terms }: Draft, { isLarge, block }: { isLarge: boolean; block: BlockEnv }) {
  const flags: ContractFlagCode[] = []
  if (kstDate(block.time) > contract.startOn) flags.push('LATE_CONTRACT')
  if (isOverTwoYears(terms)) flags.push('FIXED_TERM_OVER_2Y')
  if (isLarge && terms.headcount === 'LT5') flags.push('HEADCOUNT_GE5')
  return flags
}

// Wages of the first month, the last day, the third month.
function scheduleFirst(context: ApplyContext, contractId: Hash32, block: BlockEnv): void {
  const { view } = context
  const contract = contracts.mustGet(view, contractId)
  const ym = monthOf(contract.startOn)
  books.set(view, contractId, { nextYm: ym, openMonths: [], openShifts: 0, disputes: 0, openClaims: 0 })
  scheduleItem(view, { day: paydayOf(view, contractId, ym), item: { kind: 'payday', contractId, ym }, block })
  scheduleItem(view, { day: addMonthsTo(contract.startOn, 3), item: { kind: 'threeMonths', contractId }, block })
  scheduleEnd(view, contractId, block)
}

/** The worker signs; insurances are told. */
export function createAccept(port: InsurancePort) {
  return defineTransaction({
    type: 0x0503,
    name: 'labor.accept',
    about: 'The worker signs the offered text with an own key: the contract is in force.',
    payload: AcceptPayload,
    keyPurpose: KEY_PURPOSES.assertion,

    checkStateless: () => null,

    checkStateful: (view, { payload, sender, block }) => {
      const contract = findContractIn(view, payload.contractId, ['OFFERED'])
      if (isFailure(contract)) return contract
      const { minor, worker, docHash, expiresAt } = contract
      if (sender === minor?.guardian) return failure(LaborError.GUARDIAN_CANNOT_SIGN)
      if (sender !== worker) return failure(LaborError.NOT_PARTY, { needs: 'WORKER' })
      if (payload.docHash !== docHash) return failure(LaborError.HASH_MISMATCH, { offered: `0x${docHash}` })
      if (block.time > expiresAt) return failure(LaborError.OFFER_EXPIRED)
      if (minor === null) return payload.isAdult ? null : failure(LaborError.MINOR_UNDECLARED)
      return minor.consentCommit === null ? failure(LaborError.CONSENT_MISSING) : null
    },

    apply: (context, { payload, sender, keyId, txId, block }) => {
      const { view, emit } = context
      const { contractId } = payload
      const draft = drafts.mustGet(view, contractId)
      const offered = contracts.mustGet(view, contractId)
      const { expiresAt: _, ...signed } = draft
      writeVersion(view, { contractId, version: 1 }, { ...signed, accepted: { by: sender, kid: keyId, txId, at: block.time } })
      drafts.remove(view, contractId)
      countActive(view, offered, { change: 1, block })
      const isLarge = sizesAt(view, offered).at(-1)?.headcount === 'GE5'
      const flags = flagsOf(offered, draft, { isLarge, block })
      const today = kstDate(block.time)
      const active: Contract = { ...offered, state: 'ACTIVE', version: 1, activatedOn: today }
      contracts.set(view, contractId, flags.reduce<Contract>(withFlag, active))
      const { employer, worker, docHash } = offered
      emit(ContractActivated, { contractId, employer, worker, docHash, on: today })
      for (const code of flags) raiseFlag(context, { contractId, code, date: today, seq: null })
      scheduleFirst(context, contractId, block)
      port.onActivated(context, { contractId, on: offered.startOn, block })
    },
  })
}
