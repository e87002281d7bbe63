// Owns: identity.did.terminate: after a day, even old signatures of a closed organisation count no more.
// Not here: deactivation (did-deactivate.ts).
import { isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { readAccount } from '../../core/state/accounts.ts'
import { hasRole } from '../governance/keeper.ts'
import { IdentityError } from './errors.ts'
import { checkStatus, writeEnd } from './life.ts'
import { TerminatePayload } from './life-schema.ts'
import { lives } from './store.ts'

/** For organisations only: a person's signatures outlive the person. */
export const didTerminate = defineTransaction({
  type: 0x0207,
  name: 'identity.did.terminate',
  about: 'Terminates the deactivated DID of an organisation; after the date its old signatures count no more.',
  payload: TerminatePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'authority',

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { did, terminationDate } = payload
    const bad = checkStatus(view, did, ['DEACTIVATED'])
    if (bad !== null) return bad
    if (!hasRole(view, { account: sender, role: 'CITY_GOV', scope: null, block })) {
      return failure(IdentityError.NOT_AUTHORIZED, { needs: 'CITY_GOV' })
    }
    if (readAccount(view, did).creditClass === 0) return failure(IdentityError.NOT_ORGANISATION)
    const isDay = isCivilDate(terminationDate) && terminationDate >= kstDate(block.time)
    return isDay ? null : failure(IdentityError.DATE_INVALID, { terminationDate })
  },

  apply: (context, { payload, sender, block }) => {
    const { did, terminationDate } = payload
    writeEnd(context, { did, status: 'TERMINATED', by: sender, reasonCode: null, caseCommit: null, time: block.time })
    lives.set(context.view, did, { ...lives.mustGet(context.view, did), terminatedOn: terminationDate })
  },
})
