// Owns: labor.amend.propose and labor.amend.accept: a change becomes a new version once both have signed it.
// Not here: what the law asks of terms (law.ts).
import { addDays, DAY_MS, isCivilDate, kstDate, monthOf } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { paramAt } from '../governance/keeper.ts'
import { scheduleItem } from './agenda.ts'
import { checkParty, findContractIn, isLargeWith, isOverTwoYears, sideOf, withFlag, writeVersion } from './contract.ts'
import { checkChange } from './amend-rules.ts'
import { LaborError } from './errors.ts'
import { AmendmentProposed, ContractAmended } from './events.ts'
import type { InsurancePort } from './insurance-port.ts'
import { checkLaw } from './law.ts'
import { scheduleEnd } from './life.ts'
import { laterMonth, paydayOf } from './months.ts'
import { refreshMonth } from './payslip.ts'
import { AmendAcceptPayload, AmendProposePayload, VERSIONS_MAX } from './schema.ts'
import type { Contract, Draft } from './schema.ts'
import { raiseFlag } from './shift-flags.ts'
import { books, contracts, drafts, dues, versions } from './store.ts'
import { checkTermsShape } from './terms-shape.ts'

const IN_FORCE: readonly Contract['state'][] = ['ACTIVE', 'NOTICE']

/** A party signs new terms; a proposal that is open is replaced. */
export const amendPropose = defineTransaction({
  type: 0x0506,
  name: 'labor.amend.propose',
  about: 'A party signs new terms for a contract in force; the other has seven days to sign them too.',
  payload: AmendProposePayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload: { effectiveFrom, terms, docHash } }) =>
    isCivilDate(effectiveFrom)
      ? checkTermsShape(terms, docHash)
      : failure(LaborError.TERM_INVALID, { field: 'effectiveFrom', needs: 'a day as yyyymmdd' }),

  checkStateful: (view, { payload, sender, block }) => {
    const { contractId, terms, effectiveFrom } = payload
    const contract = findContractIn(view, contractId, IN_FORCE)
    if (isFailure(contract)) return contract
    const refused = checkParty(contract, sender) ?? checkChange(view, { contractId, contract, terms, effectiveFrom, block })
    if (refused !== null) return refused
    const { minor } = versions.mustGet(view, { contractId, version: contract.version })
    const isLarge = isLargeWith(view, { employer: contract.employer, workplaceId: contract.workplaceId, block, more: 0 })
    return checkLaw(view, { terms, minor, from: effectiveFrom, isLarge, block })
  },

  apply: ({ view, emit }, { payload, sender, keyId, txId, block }) => {
    const { contractId, effectiveFrom, docHash, terms } = payload
    const contract = contracts.mustGet(view, contractId)
    const { minor } = versions.mustGet(view, { contractId, version: contract.version })
    const expiresAt = block.time + Number(paramAt(view, 'labor.offerDays', block)) * DAY_MS
    const proposed = { by: sender, kid: keyId, txId, at: block.time }
    drafts.set(view, contractId, { effectiveFrom, docHash, minor, terms, proposed, expiresAt })
    scheduleItem(view, { day: addDays(kstDate(expiresAt), 1), item: { kind: 'offer', contractId }, block })
    emit(AmendmentProposed, { contractId, by: sideOf(contract, sender) ?? 'EMPLOYER', docHash, effectiveFrom })
  },
})

function checkDraft(
  draft: Draft | null,
  { docHash, by, block }: { docHash: Hash32; by: string; block: BlockEnv },
): Failure | null {
  if (draft === null || draft.proposed.by === by) return failure(LaborError.DRAFT_MISSING)
  if (draft.docHash !== docHash) return failure(LaborError.HASH_MISMATCH, { offered: `0x${draft.docHash}` })
  return block.time > draft.expiresAt ? failure(LaborError.OFFER_EXPIRED) : null
}

// A day of pay that moved may already wait on the agenda: one item more does nothing.
function followChange(
  context: ApplyContext,
  contractId: Hash32,
  at: { port: InsurancePort; block: BlockEnv; from: number },
): void {
  const { view } = context
  const { block, from } = at
  const { nextYm } = books.mustGet(view, contractId)
  scheduleItem(view, {
    day: paydayOf(view, contractId, nextYm),
    item: { kind: 'payday', contractId, ym: nextYm },
    block,
  })
  scheduleEnd(view, contractId, block)
  // Also a month whose payday is still to come, where it has a payslip; and the one that shares the first day's week.
  for (let ym = monthOf(addDays(from, -6)); ym < nextYm || dues.has(view, { contractId, ym }); ym = laterMonth(ym, 1))
    refreshMonth(context, { contractId, ym }, at)
}

/** The other party signs: a new version, while the old ones stay as they were. */
export function createAmendAccept(port: InsurancePort) {
  return defineTransaction({
    type: 0x0507,
    name: 'labor.amend.accept',
    about: 'The other party signs the proposed text: a new version stands from its day on.',
    payload: AmendAcceptPayload,
    keyPurpose: KEY_PURPOSES.assertion,

    checkStateless: () => null,

    checkStateful: (view, { payload, sender, block }) => {
      const { contractId, docHash } = payload
      const contract = findContractIn(view, contractId, IN_FORCE)
      if (isFailure(contract)) return contract
      if (contract.minor?.guardian === sender) return failure(LaborError.GUARDIAN_CANNOT_SIGN)
      const draft = drafts.get(view, contractId)
      const refused = checkParty(contract, sender) ?? checkDraft(draft, { docHash, by: sender, block })
      if (refused !== null || draft === null) return refused
      if (contract.version === VERSIONS_MAX) return failure(LaborError.VERSION_LIMIT)
      const { terms, effectiveFrom } = draft
      // Days have passed since the proposal, and notice may have been given.
      return checkChange(view, { contractId, contract, terms, effectiveFrom, block, proposedAt: draft.proposed.at })
    },

    apply: (context, { payload, sender, keyId, txId, block }) => {
      const { view, emit } = context
      const { contractId } = payload
      const { expiresAt: _, ...signed } = drafts.mustGet(view, contractId)
      const contract = contracts.mustGet(view, contractId)
      const version = contract.version + 1
      const { docHash, effectiveFrom, terms } = signed
      writeVersion(view, { contractId, version }, { ...signed, accepted: { by: sender, kid: keyId, txId, at: block.time } })
      drafts.remove(view, contractId)
      const endOn = contract.state === 'NOTICE' ? contract.endOn : terms.endOn
      const amended = { ...contract, version, docHash, endOn }
      const isLong = isOverTwoYears({ startOn: contract.startOn, endOn })
      contracts.set(view, contractId, isLong ? withFlag(amended, 'FIXED_TERM_OVER_2Y') : amended)
      emit(ContractAmended, { contractId, version, docHash, effectiveFrom })
      if (isLong) raiseFlag(context, { contractId, code: 'FIXED_TERM_OVER_2Y', date: kstDate(block.time), seq: null })
      followChange(context, contractId, { port, block, from: effectiveFrom })
      port.onAmended(context, { contractId, on: effectiveFrom, block })
    },
  })
}
