// Owns: identity.erasure.log: a privacy officer tells that values and salts behind a receipt are destroyed (PIPA 21, 36).
// Not here: what was destroyed (off chain).
import { isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { hasRole } from '../governance/keeper.ts'
import { findConsent } from './consent.ts'
import { ErasureLogPayload } from './consent-schema.ts'
import { IdentityError } from './errors.ts'
import { ErasureLogged } from './events.ts'

/** Writes nothing: its event in the block is the proof. What is left on chain commits to nothing that anyone can open. */
export const erasureLog = defineTransaction({
  type: 0x021c,
  name: 'identity.erasure.log',
  about: 'Logs that the values and salts behind a consent receipt are destroyed.',
  payload: ErasureLogPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { receiptCommit, date } = payload
    if (!hasRole(view, { account: sender, role: 'DPO', scope: null, block })) {
      return failure(IdentityError.NOT_AUTHORIZED, { needs: 'DPO' })
    }
    const consent = findConsent(view, receiptCommit)
    if (isFailure(consent)) return consent
    const isPast = isCivilDate(date) && date >= consent.grantedOn && date <= kstDate(block.time)
    return isPast ? null : failure(IdentityError.DATE_INVALID, { date })
  },

  apply: ({ emit }, { payload, sender }) => emit(ErasureLogged, { by: sender, ...payload }),
})
