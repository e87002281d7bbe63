// Owns: governance.approve: a member adds its approval; the deciding one carries the proposal out.
// Not here: counting (voting.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkAction } from './actions.ts'
import { GovernanceError } from './errors.ts'
import { ProposalRefPayload } from './schema.ts'
import { proposals } from './store.ts'
import { applyApproval, checkMember, isQuorum, openProposal } from './voting.ts'

/** Refused with the action's own failure when it would decide and the action cannot run any more. */
export const approve = defineTransaction({
  type: 0x0102,
  name: 'governance.approve',
  about: 'Approves an open proposal; at quorum it is carried out at once.',
  payload: ProposalRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'authority',

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const proposal = openProposal(view, payload.proposalId, block.height)
    if (isFailure(proposal)) return proposal
    const { council, approvals, action } = proposal
    const stranger = checkMember(view, council, sender)
    if (stranger !== null) return stranger
    if (approvals.includes(sender)) return failure(GovernanceError.ALREADY_APPROVED)
    return isQuorum(view, council, [...approvals, sender]) ? checkAction(view, action, { block, stage: 'execute' }) : null
  },

  apply: (context, { payload, sender, block }) => {
    const { proposalId } = payload
    const proposal = proposals.mustGet(context.view, proposalId)
    applyApproval(context, { proposalId, proposal, approver: sender, block })
  },
})
