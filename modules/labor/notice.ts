// Owns: labor.notice and labor.guardianTerminate: a last day is set. Not here: the end itself (life.ts).
import { addDays, isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ApplyContext, TxCall } from '../../core/execution/module.ts'
import type { Infer } from '../../core/codec/schema.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole, paramAt } from '../governance/keeper.ts'
import { checkParty, findContractIn, sizesAt, versionOn, withFlag } from './contract.ts'
import { LaborError } from './errors.ts'
import { NoticeGiven } from './events.ts'
import type { ContractFlagCode } from './flags.ts'
import { scheduleEnd } from './life.ts'
import { addMonthsTo } from './months.ts'
import { NoticePayload } from './schema.ts'
import type { Contract } from './schema.ts'
import { raiseFlag } from './shift-flags.ts'
import { contracts } from './store.ts'

type Call = TxCall<Infer<typeof NoticePayload>>

const checkDate = ({ payload: { endOn } }: Pick<Call, 'payload'>): Failure | null =>
  isCivilDate(endOn) ? null : failure(LaborError.TERM_INVALID, { field: 'endOn', needs: 'a day as yyyymmdd' })

function checkLastDay({ endOn }: Contract, asked: number, today: number): Failure | null {
  if (asked < today) return failure(LaborError.NOTICE_DATE, { today })
  return endOn !== null && asked > endOn ? failure(LaborError.NOTICE_DATE, { agreed: endOn }) : null
}

// LSA 26 and 27: a breach is told, and the worker keeps the claim to thirty days' pay; the notice stands.
function dismissalFlags(view: ReadView, { payload, block }: Call): readonly ContractFlagCode[] {
  const contract = contracts.mustGet(view, payload.contractId)
  const today = kstDate(block.time)
  const flags: ContractFlagCode[] = []
  const isNew = today < addMonthsTo(contract.startOn, Number(paramAt(view, 'labor.noticeFromMonths', block)))
  const least = addDays(today, Number(paramAt(view, 'labor.noticeDays', block)))
  if (!isNew && payload.endOn < least) flags.push('NOTICE_SHORT')
  const isLarge =
    versionOn(view, payload.contractId, today).terms.headcount === 'GE5' || sizesAt(view, contract).at(-1)?.headcount === 'GE5'
  if (isLarge && payload.reasonCommit === null) flags.push('REASON_MISSING')
  return flags
}

function giveNotice(context: ApplyContext, { payload, sender, block }: Call, flags: readonly ContractFlagCode[]): void {
  const { view, emit } = context
  const { contractId, endOn, reasonCommit } = payload
  const contract = contracts.mustGet(view, contractId)
  const givenOn = kstDate(block.time)
  const noticed: Contract = { ...contract, state: 'NOTICE', endOn, notice: { by: sender, givenOn, reasonCommit } }
  contracts.set(view, contractId, flags.reduce<Contract>(withFlag, noticed))
  scheduleEnd(view, contractId, block)
  emit(NoticeGiven, { contractId, by: sender, endOn, givenOn })
  for (const code of flags) raiseFlag(context, { contractId, code, date: givenOn, seq: null })
}

/** By either party; an employer's breach of the rules of dismissal is flagged and not refused. */
export const notice = defineTransaction({
  type: 0x0508,
  name: 'labor.notice',
  about: 'A party sets the last day of a contract, with a reason in writing off the chain.',
  payload: NoticePayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: checkDate,

  checkStateful: (view, { payload, sender, block }) => {
    const contract = findContractIn(view, payload.contractId, ['ACTIVE'])
    if (isFailure(contract)) return contract
    return checkParty(contract, sender) ?? checkLastDay(contract, payload.endOn, kstDate(block.time))
  },

  apply: (context, call) => {
    const { employer } = contracts.mustGet(context.view, call.payload.contractId)
    giveNotice(context, call, call.sender === employer ? dismissalFlags(context.view, call) : [])
  },
})

/** A guardian, or an inspector, ends a contract that is bad for a minor (LSA 67(2)). */
export const guardianTerminate = defineTransaction({
  type: 0x0509,
  name: 'labor.guardianTerminate',
  about: 'The guardian of a minor, or an inspector, ends a contract that is unfavourable to the minor.',
  payload: NoticePayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: checkDate,

  checkStateful: (view, { payload, sender, block }) => {
    const contract = findContractIn(view, payload.contractId, ['ACTIVE', 'NOTICE'])
    if (isFailure(contract)) return contract
    if (contract.minor === null) return failure(LaborError.NOT_MINOR)
    const isInspector = hasRole(view, { account: sender, role: 'INSPECTOR', scope: null, block })
    if (contract.minor.guardian !== sender && !isInspector) return failure(LaborError.NOT_GUARDIAN)
    return checkLastDay(contract, payload.endOn, kstDate(block.time))
  },

  apply: (context, call) => giveNotice(context, call, ['MINOR_TERMINATED']),
})
