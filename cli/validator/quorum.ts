// Owns: what a change would do to the quorum, before anyone signs it. Not here: the chain's own rule (modules/governance).
import { CliError, EXIT } from '../errors.ts'
import type { ActionRow, PerformanceRow, SeatRow, SuccessionRow, ValidatorRow } from './chain-view.ts'

/** A set as far as its quorum goes. */
export type QuorumRow = {
  readonly validators: number
  readonly quorum: number
  readonly online: number
  readonly maySpare: number
}

/** What a change would make of the running set, and why it must not be decided now, if so. */
export type Forecast = {
  readonly before: QuorumRow
  readonly after: QuorumRow
  readonly risk: string | null
  /** What the voter should know and may accept. */
  readonly remarks: readonly string[]
}

/** What a forecast is made from. */
export type ForecastParts = {
  readonly action: ActionRow
  readonly validators: readonly ValidatorRow[]
  readonly performance: PerformanceRow
  readonly succession: SuccessionRow
  readonly seat: SeatRow
  readonly height: number
  readonly readyWindow: number
  readonly validatorsMin: number
}

function quorumRow(validators: number, online: number): QuorumRow {
  const quorum = Math.floor((2 * validators) / 3) + 1
  return { validators, quorum, online, maySpare: online - quorum }
}

/** Counts online validators before and after, as the chain will when the change is decided. */
export function forecast(parts: ForecastParts): Forecast {
  const { action, performance, validators } = parts
  const n = validators.length
  const isOnline = (authority: string): boolean => performance.validators.some((row) => row.authority === authority && row.online)
  const others = validators.filter(({ authority }) => authority !== action.authority && isOnline(authority)).length
  const before = quorumRow(n, performance.online)
  const after = afterChange(action.kind, { n, online: performance.online, others })
  return { before, after, risk: riskOf(parts, after), remarks: remarksOf(parts, after) }
}

function afterChange(kind: string, now: { n: number; online: number; others: number }): QuorumRow {
  if (kind === 'validatorAdd') return quorumRow(now.n + 1, now.online + 1)
  if (kind === 'validatorRemove') return quorumRow(now.n - 1, now.others)
  if (kind === 'validatorRotate') return quorumRow(now.n, now.others + 1)
  return quorumRow(now.n, now.online)
}

function riskOf({ action, validatorsMin }: ForecastParts, after: QuorumRow): string | null {
  if (action.kind === 'validatorRemove' && after.validators < validatorsMin)
    return `${after.validators} validators would stay, this chain keeps at least ${validatorsMin}; add one first`
  if (after.online < after.quorum)
    return `${after.online} validators would be online, ${after.quorum} of ${after.validators} decide; bring some back first`
  return null
}

function remarksOf({ action, seat, height, readyWindow, succession }: ForecastParts, after: QuorumRow): readonly string[] {
  const remarks: string[] = []
  if (action.kind === 'validatorAdd') {
    const oldest = height + 1 - readyWindow
    if (seat.ready === null || seat.ready.publicKey !== action['publicKey'] || seat.ready.height < oldest)
      remarks.push('the candidate has not shown lately that its node follows the chain; the deciding approval needs that')
    if (after.maySpare < 1) remarks.push('should the newcomer not come up, every other validator is needed')
  }
  if (action.kind !== 'validatorAdd' && after.maySpare < 1) remarks.push('every validator that is online would be needed')
  if (after.validators % 3 !== 1)
    remarks.push(`${after.validators} validators tolerate no more faults than ${after.validators - ((after.validators + 2) % 3)}`)
  if (succession.pending.length > 0) remarks.push(`${succession.pending.length} decided changes wait already`)
  return remarks
}

/** Throws CliError QUORUM_AT_RISK, exit code 20, when a change would cost the chain its quorum. */
export function refuseRisk({ risk, before, after }: Forecast): void {
  if (risk !== null) throw new CliError(EXIT.refused, 'QUORUM_AT_RISK', `not sent: ${risk}`, { before, after })
}

/** The forecast for people. */
export function describeForecast({ before, after, risk, remarks }: Forecast): string {
  const line = (word: string, row: QuorumRow): string =>
    `${word}: ${row.quorum} of ${row.validators} decide, ${row.online} online, ${row.maySpare} may fail`
  return [line('before', before), line('after ', after), ...(risk === null ? [] : [`risk: ${risk}`]), ...remarks].join('\n')
}
