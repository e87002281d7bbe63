// Owns: identity.did.resume: an office lifts a suspension. Not here: lapsing by block time (due-work.ts).
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkOfficeAct, checkStatus, writeStatus } from './life.ts'
import { ResumePayload } from './life-schema.ts'
import { suspensions } from './store.ts'

/** The owner of a suspended DID signs nothing, so that only an office resumes. */
export const didResume = defineTransaction({
  type: 0x0205,
  name: 'identity.did.resume',
  about: 'Lifts the suspension of a DID, by a registration office that knows the person.',
  payload: ResumePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'urgent',

  checkStateless: () => null,

  checkStateful: (view, call) => checkStatus(view, call.payload.did, ['SUSPENDED']) ?? checkOfficeAct(view, call),

  apply: (context, { payload, sender, block }) => {
    const { did, caseCommit } = payload
    suspensions.remove(context.view, did)
    writeStatus(context, { did, status: 'ACTIVE', by: sender, reasonCode: null, caseCommit, time: block.time })
  },
})
