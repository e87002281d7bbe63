// Owns: labor.history.request and labor.history.issue: a work history in bands, as far as the worker asks (LSA 39(2)).
// Not here: the credential itself, which stays off the chain.
import { kstDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { checkRole } from './claim.ts'
import { HistoryIssuePayload, HistoryRequestPayload } from './claim-schema.ts'
import type { History } from './claim-schema.ts'
import { checkSide, findContractIn, versionOn } from './contract.ts'
import { LaborError } from './errors.ts'
import { addMonthsTo } from './months.ts'
import { HistoryIssued } from './pay-events.ts'
import { contracts, histories } from './store.ts'
import { weeklyMinutes } from './wage/rate.ts'

const MONTH_BANDS = [0, 3, 6, 12, 24, 36, 60] as const
const MONTHS_MAX = 60
const HOUR_BANDS = [0, 15, 30, 40] as const

/** The band that a number lies in; the last one has no end. */
export function bandOf(value: number, bands: readonly number[]): { readonly from: number; readonly below: number | null } {
  const at = bands.findLastIndex((from) => from <= value)
  return { from: bands[at] ?? 0, below: bands[at + 1] ?? null }
}

/** The transaction's id is the request's. */
export const historyRequest = defineTransaction({
  type: 0x0526,
  name: 'labor.history.request',
  about: 'A worker asks the labor centre for a work history of a contract: months, and hours only where asked for.',
  payload: HistoryRequestPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender }) => {
    const contract = findContractIn(view, payload.contractId, ['ACTIVE', 'NOTICE', 'ENDED', 'SETTLED', 'ARCHIVED'])
    return isFailure(contract) ? contract : checkSide(contract, sender, 'WORKER')
  },

  apply: ({ view }, { payload, sender, txId, block }) =>
    histories.set(view, txId, { ...payload, worker: sender, requestedAt: block.time, issued: null }),
})

// Completed months from the first day up to the last one, or today.
function monthsWorked(view: ReadView, { contractId }: History, today: number): number {
  const { startOn, endOn } = contracts.mustGet(view, contractId)
  const last = endOn === null || endOn > today ? today : endOn
  let months = 0
  while (months < MONTHS_MAX && addMonthsTo(startOn, months + 1) <= last) months += 1
  return months
}

/** The bands are the chain's own; the centre signs the credential that shows them. */
export const historyIssue = defineTransaction({
  type: 0x0527,
  name: 'labor.history.issue',
  about: 'The labor centre issues a work history that a worker asked for; the chain says in which bands it lies.',
  payload: HistoryIssuePayload,
  keyPurpose: KEY_PURPOSES.assertion,

  checkStateless: ({ payload }) =>
    payload.credentialCommit === ZERO_HASH ? failure(LaborError.TERM_MISSING, { field: 'credentialCommit' }) : null,

  checkStateful: (view, { payload, sender, block }) => {
    const stranger = checkRole(view, { account: sender, role: 'LABOR_CENTRE', block })
    if (stranger !== null) return stranger
    return histories.get(view, payload.requestId)?.issued === null ? null : failure(LaborError.HISTORY_UNKNOWN)
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { requestId, credentialCommit } = payload
    const history = histories.mustGet(view, requestId)
    const on = kstDate(block.time)
    const months = bandOf(monthsWorked(view, history, on), MONTH_BANDS)
    const { terms } = versionOn(view, history.contractId, on)
    const hours = history.withHours ? bandOf(Math.floor(weeklyMinutes(terms) / 60), HOUR_BANDS) : null
    const issued = {
      ...{ by: sender, on, monthsFrom: months.from, monthsBelow: months.below, credentialCommit },
      ...{ hoursFrom: hours?.from ?? null, hoursBelow: hours?.below ?? null },
    }
    histories.set(view, requestId, { ...history, issued })
    emit(HistoryIssued, { requestId, by: sender })
  },
})
