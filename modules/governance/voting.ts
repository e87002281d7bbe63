// Owns: approvals and quorum of a proposal, the same for both councils. Not here: what a decision does (actions.ts).
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Height, TxId } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { applyAction } from './actions.ts'
import { GovernanceError } from './errors.ts'
import { Approved, Executed } from './events.ts'
import { readCouncil } from './keeper.ts'
import type { CouncilName, Proposal } from './schema.ts'
import { proposals } from './store.ts'

/** GOVERNANCE_NOT_AUTHORIZED unless the account sits in the council. */
export function checkMember(view: ReadView, council: CouncilName, account: Address): Failure | null {
  return readCouncil(view, council).members.includes(account) ? null : failure(GovernanceError.NOT_AUTHORIZED, { council })
}

/** The proposal while it can still be approved or withdrawn, or why it cannot. */
export function openProposal(view: ReadView, proposalId: TxId, height: Height): Proposal | Failure {
  const proposal = proposals.get(view, proposalId)
  if (proposal === null) return failure(GovernanceError.PROPOSAL_UNKNOWN)
  if (proposal.status !== 'open') return failure(GovernanceError.PROPOSAL_DECIDED, { status: proposal.status })
  return height > proposal.expiresAt ? failure(GovernanceError.PROPOSAL_EXPIRED, { expiresAt: proposal.expiresAt }) : proposal
}

/** Approvals that count: those of accounts which sit in the council now. */
function presentOf(view: ReadView, council: CouncilName, approvals: readonly Address[]): readonly Address[] {
  const { members } = readCouncil(view, council)
  return approvals.filter((account) => members.includes(account))
}

/** Whether these approvals decide. */
export function isQuorum(view: ReadView, council: CouncilName, approvals: readonly Address[]): boolean {
  return presentOf(view, council, approvals).length >= readCouncil(view, council).threshold
}

/** Records an approval by a member and carries the proposal out when it decides. */
export function applyApproval(
  context: ApplyContext,
  vote: { proposalId: TxId; proposal: Proposal; approver: Address; block: BlockEnv },
): void {
  const { proposalId, approver, block } = vote
  const { view } = context
  const { council } = vote.proposal
  // Approvals of former members are dropped, which also bounds the record by the size of a council.
  const approvals = presentOf(view, council, [...vote.proposal.approvals, approver])
  const proposal = { ...vote.proposal, approvals }
  const decides = isQuorum(view, council, approvals)
  proposals.set(view, proposalId, decides ? { ...proposal, status: 'executed', decidedAt: block.height } : proposal)
  context.emit(Approved, { proposalId, approver, approvals: approvals.length })
  if (!decides) return
  applyAction(context, proposal.action, block)
  context.emit(Executed, { proposalId })
}
