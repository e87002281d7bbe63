// Owns: laying a change before the validators' council and approving it, with the forecast first. Not here: which change
// (commands/validator.ts).
import type { CommandCall } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { readWallet } from '../target.ts'
import { sendOrder } from '../wallet.ts'
import type { ActionRow, ChainView, SeatRow, VotesRow } from './chain-view.ts'
import { describeForecast, forecast, refuseRisk } from './quorum.ts'
import type { Forecast } from './quorum.ts'

/** The change to vote on; without a proposal it is laid before the council. */
export type Vote = { readonly action: ActionRow; readonly proposalId: string | null }

const NO_SEAT: SeatRow = { nonce: 0, validator: null, decided: null, ready: null, suspended: false, barred: false }

/** The forecast of a change from what the node knows. */
export async function readForecast(view: ChainView, action: ActionRow): Promise<Forecast> {
  const [validators, performance, succession, seat, { height }, { readyWindow, validatorsMin }] = await Promise.all([
    view.validators(),
    view.performance(),
    view.succession(),
    // Parameters and credit classes are about no seat.
    action.authority === undefined ? NO_SEAT : view.seat(action.authority),
    view.head(),
    view.params(),
  ])
  return forecast({ action, validators, performance, succession, seat, height, readyWindow, validatorsMin })
}

/** Shows the forecast and, unless only that was asked for or it is a risk, sends the vote; answers with where it stands. */
export async function castVote(call: CommandCall, view: ChainView, vote: Vote): Promise<void> {
  const { action } = vote
  const seen = await readForecast(view, action)
  call.out.note(describeForecast(seen))
  if (call.options['dryRun'] === true) {
    call.out.result({ dryRun: true, action, proposalId: vote.proposalId, ...seen }, 'nothing was sent')
    return refuseRisk(seen)
  }
  refuseRisk(seen)
  const wallet = await readWallet(call)
  const timeoutMs = parseDuration(call.options['timeout'] as string)
  const order =
    vote.proposalId === null
      ? { type: 'governance.propose', payload: { action } }
      : { type: 'governance.approve', payload: { proposalId: vote.proposalId } }
  const sent = await sendOrder(view.rpc, wallet, order, timeoutMs)
  const proposalId = vote.proposalId ?? sent.txId
  const votes = await view.votes(proposalId)
  const activeFrom = await activationOf(view, action, votes)
  call.out.result({ proposalId, ...sent, votes, activeFrom, ...seen }, describeVotes(proposalId, votes, activeFrom))
}

/** Votes for people. */
export function describeVotes(
  proposalId: string,
  { status, approvals, threshold, members }: VotesRow,
  activeFrom: number | null,
) {
  const who = members.filter(({ approved }) => approved).map(({ name, account }) => name ?? account)
  const rest = members.filter(({ approved }) => !approved).map(({ name, account }) => name ?? account)
  const state = `${approvals} of ${threshold} approvals (${who.join(', ')})`
  if (status === 'executed') return `decided by ${state}${activeFrom === null ? '' : `; active from height ${activeFrom}`}`
  return `${proposalId} is ${status}: ${state}; others that may approve: ${rest.join(', ')}`
}

async function activationOf(view: ChainView, { kind, authority }: ActionRow, { status }: VotesRow): Promise<number | null> {
  if (status !== 'executed' || (authority === undefined && kind !== 'chainParamsSet')) return null
  const { pending } = await view.succession()
  // A change of the parameters is the one that is about no seat.
  return pending.find(({ changes }) => changes.some((change) => change.authority === authority))?.height ?? null
}
