// Owns: what block time does in labor, a bounded part of it per block: silence confirms, days come.
// Not here: each of these works.
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { takeDueItems } from './agenda.ts'
import { isInForce } from './contract.ts'
import { deemShifts } from './deem.ts'
import type { InsurancePort } from './insurance-port.ts'
import { archiveContract, endContract, expireDraft, reachFinalDay } from './life.ts'
import { addMonthsTo } from './months.ts'
import { reachOverdue, reachPayday } from './payday.ts'
import type { AgendaItem } from './schema.ts'
import { contracts } from './store.ts'

type At = { readonly port: InsurancePort; readonly block: BlockEnv }

/** The room's work at the beginning of a block. */
export function createDueWork(port: InsurancePort) {
  return (context: ApplyContext, block: BlockEnv): void => {
    const at = { port, block }
    for (const item of takeDueItems(context.view, block)) reach(context, item, at)
    deemShifts(context, at)
  }
}

function reach(context: ApplyContext, item: AgendaItem, at: At): void {
  const { contractId } = item
  const { block } = at
  if (item.kind === 'offer') expireDraft(context, contractId, block)
  else if (item.kind === 'end') endContract(context, contractId, at)
  else if (item.kind === 'payday') reachPayday(context, item, at)
  else if (item.kind === 'overdue') reachOverdue(context, item, block)
  else if (item.kind === 'settle') reachFinalDay(context, contractId, block)
  else if (item.kind === 'archive') archiveContract(context, contractId)
  else reachThreeMonths(context, contractId, at)
}

function reachThreeMonths(context: ApplyContext, contractId: AgendaItem['contractId'], { port, block }: At): void {
  const contract = contracts.mustGet(context.view, contractId)
  if (isInForce(contract)) port.onThreeMonths(context, { contractId, on: addMonthsTo(contract.startOn, 3), block })
}
