// Owns: identity.did.suspend: a DID signs nothing until it is resumed or recovered. Not here: lapsing (due-work.ts).
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { paramAt } from '../governance/keeper.ts'
import { scheduleItem } from './agenda.ts'
import { checkOfficeAct, checkOwnerAct, checkStatus, isOwnerAct, writeStatus } from './life.ts'
import { SuspendPayload } from './life-schema.ts'
import { suspensions } from './store.ts'

/** The owner suspends until an office resumes or guardians recover; an office for days that it can renew. */
export const didSuspend = defineTransaction({
  type: 0x0204,
  name: 'identity.did.suspend',
  about: 'Suspends a DID: by its owner, or by a registration office for a limited number of days, which it may renew.',
  payload: SuspendPayload,
  keyPurpose: KEY_PURPOSES.invocation | KEY_PURPOSES.authentication,
  blockLane: 'urgent',

  checkStateless: () => null,

  checkStateful: (view, call) => {
    if (isOwnerAct(view, call)) return checkOwnerAct(view, call) ?? checkStatus(view, call.payload.did, ['ACTIVE'])
    return checkStatus(view, call.payload.did, ['ACTIVE', 'SUSPENDED']) ?? checkOfficeAct(view, call)
  },

  apply: (context, call) => {
    const { payload, sender, block } = call
    const { did, reasonCode, guCode, caseCommit } = payload
    const { view } = context
    const before = suspensions.get(view, did)
    if (guCode === null || caseCommit === null) suspensions.set(view, did, { byOwner: true, authority: null })
    else {
      const maxDays = Number(paramAt(view, 'identity.suspend.maxDays', block))
      const lastsUntil = addDays(kstDate(block.time), maxDays)
      const authority = { by: sender, guCode, reasonCode, caseCommit, since: before?.authority?.since ?? block.time, lastsUntil }
      suspensions.set(view, did, { byOwner: before?.byOwner ?? false, authority })
      scheduleItem(view, { day: lastsUntil, item: { kind: 'suspension', did }, block })
    }
    writeStatus(context, { did, status: 'SUSPENDED', by: sender, reasonCode, caseCommit, time: block.time })
  },
})
