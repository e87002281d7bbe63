// Owns: labor.offer: an employer signs terms and lays them before a worker. Not here: their checks (terms-shape.ts, law.ts), what
// the worker does (accept.ts, answer.ts).
import { addDays, DAY_MS, kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { TxCall } from '../../core/execution/module.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { paramAt } from '../governance/keeper.ts'
import { requireActive } from '../identity/keeper.ts'
import { isBrn } from '../payment/keeper.ts'
import { scheduleItem } from './agenda.ts'
import { isLargeWith, listContract } from './contract.ts'
import { LaborError } from './errors.ts'
import { ContractOffered } from './events.ts'
import { checkLaw } from './law.ts'
import { OfferPayload } from './schema.ts'
import type { Contract, Minor } from './schema.ts'
import { contracts, drafts } from './store.ts'
import { checkTermsShape } from './terms-shape.ts'

type Offer = Omit<TxCall<Infer<typeof OfferPayload>>, 'block'>

function checkMinorShape({ payload, sender }: Offer): Failure | null {
  const { minor, terms, worker } = payload
  const isYoung = terms.ageBand === 'UNDER_18'
  if (minor === null) return isYoung ? failure(LaborError.TERM_MISSING, { field: 'minor' }) : null
  if (!isYoung) return failure(LaborError.TERM_INVALID, { field: 'ageBand', needs: 'UNDER_18 where a minor is named' })
  if (minor.familyCommit === ZERO_HASH) return failure(LaborError.TERM_MISSING, { field: 'minor.familyCommit' })
  if (minor.permitCommit === ZERO_HASH) return failure(LaborError.TERM_MISSING, { field: 'minor.permitCommit' })
  if (minor.guardian === worker) return failure(LaborError.TERM_INVALID, { field: 'minor.guardian', needs: 'another account' })
  return minor.guardian === sender
    ? failure(LaborError.TERM_INVALID, { field: 'minor.guardian', needs: 'not the employer' })
    : null
}

function openContract({ payload, sender, block }: TxCall<Infer<typeof OfferPayload>>, expiresAt: number): Contract {
  const { worker, brn, workplaceId, minor, docHash, terms } = payload
  const guarded = (one: Minor) => ({ guardian: one.guardian, consentCommit: null })
  return {
    ...{ employer: sender, worker, brn, workplaceId, state: 'OFFERED', version: 0, docHash },
    minor: minor === null ? null : guarded(minor),
    ...{ offeredAt: block.time, expiresAt, activatedOn: null, startOn: terms.startOn, endOn: terms.endOn },
    ...{ notice: null, settledOn: null, voidedBy: null, flags: [] },
  }
}

/** The transaction's id is the contract's. */
export const offer = defineTransaction({
  type: 0x0501,
  name: 'labor.offer',
  about: 'An employer offers a contract with every term that the law asks for in writing, signed; it stands for seven days.',
  payload: OfferPayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: (call) => {
    const { worker, brn, docHash, terms } = call.payload
    if (worker === call.sender) return failure(LaborError.SELF_CONTRACT)
    if (!isBrn(brn)) return failure(LaborError.BRN_INVALID, { brn })
    return checkTermsShape(terms, docHash) ?? checkMinorShape(call)
  },

  checkStateful: (view, { payload, sender, block }) => {
    const { worker, workplaceId, minor, terms } = payload
    const isLarge = isLargeWith(view, { employer: sender, workplaceId, block, more: 1 })
    return (
      requireActive(view, worker) ??
      (minor === null ? null : requireActive(view, minor.guardian)) ??
      checkLaw(view, { terms, minor, from: terms.startOn, isLarge, block })
    )
  },

  apply: (context, call) => {
    const { payload, sender, keyId, txId, block } = call
    const { view, emit } = context
    const { worker, minor, docHash, terms } = payload
    const expiresAt = block.time + Number(paramAt(view, 'labor.offerDays', block)) * DAY_MS
    const contract = openContract(call, expiresAt)
    contracts.set(view, txId, contract)
    const proposed = { by: sender, kid: keyId, txId, at: block.time }
    drafts.set(view, txId, { effectiveFrom: terms.startOn, docHash, minor, terms, proposed, expiresAt })
    listContract(view, txId, contract)
    scheduleItem(view, { day: addDays(kstDate(expiresAt), 1), item: { kind: 'offer', contractId: txId }, block })
    const needsConsent = minor === null ? 'no' : 'yes'
    emit(ContractOffered, { contractId: txId, employer: sender, worker, needsConsent, docHash })
  },
})
