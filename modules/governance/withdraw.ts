// Owns: governance.withdraw: the proposer takes an undecided proposal back.
// Not here: expiry, which needs no transaction (voting.ts).
import { failure, isFailure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { GovernanceError } from './errors.ts'
import { Withdrawn } from './events.ts'
import { ProposalRefPayload } from './schema.ts'
import { proposals } from './store.ts'
import { openProposal } from './voting.ts'

/** Only the account that proposed may withdraw. */
export const withdraw = defineTransaction({
  type: 0x0103,
  name: 'governance.withdraw',
  about: 'Takes back an undecided proposal of one’s own.',
  payload: ProposalRefPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'authority',

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const proposal = openProposal(view, payload.proposalId, block.height)
    if (isFailure(proposal)) return proposal
    return proposal.proposer === sender ? null : failure(GovernanceError.NOT_AUTHORIZED)
  },

  apply: (context, { payload, block }) => {
    const { proposalId } = payload
    const proposal = proposals.mustGet(context.view, proposalId)
    proposals.set(context.view, proposalId, { ...proposal, status: 'withdrawn', decidedAt: block.height })
    context.emit(Withdrawn, { proposalId })
  },
})
