// Owns: what block time does in identity: suspensions by offices lapse, unused consents expire. Not here: when (agenda.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import type { Address } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { takeDueItems } from './agenda.ts'
import { expireConsent } from './consent.ts'
import { writeStatus } from './life.ts'
import { suspensions } from './store.ts'

/** Carries out what fell due on earlier Korean days, a bounded part of it per block. */
export function runDueWork(context: ApplyContext, block: BlockEnv): void {
  for (const item of takeDueItems(context.view, block)) {
    if (item.kind === 'suspension') lapseSuspension(context, item.did, block)
    else expireConsent(context, item.receiptCommit)
  }
}

// Renewed holds have a later entry of their own; an owner's hold outlives the office's.
function lapseSuspension(context: ApplyContext, did: Address, block: BlockEnv): void {
  const { view } = context
  const suspension = suspensions.get(view, did)
  if (suspension === null || suspension.authority === null || suspension.authority.lastsUntil >= kstDate(block.time)) return
  if (suspension.byOwner) {
    suspensions.set(view, did, { byOwner: true, authority: null })
    return
  }
  suspensions.remove(view, did)
  writeStatus(context, { did, status: 'ACTIVE', by: null, reasonCode: 'LAPSED', caseCommit: null, time: block.time })
}
