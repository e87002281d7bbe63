// Owns: governance.propose: a council member lays an action before the council that decides it.
// Not here: the actions (actions.ts).
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { checkAction, checkActionShape, councilOf } from './actions.ts'
import { Proposed } from './events.ts'
import { paramAt } from './keeper.ts'
import { checkNoneOpen, listProposal } from './proposal-list.ts'
import { ProposePayload } from './schema.ts'
import { applyApproval, checkMember, isQuorum } from './voting.ts'

/** The proposer's own approval counts: a council of one decides at once. */
export const propose = defineTransaction({
  type: 0x0101,
  name: 'governance.propose',
  about: 'Lays an action before the council that decides it; the proposer approves by proposing.',
  payload: ProposePayload,
  keyPurpose: KEY_PURPOSES.authentication,
  blockLane: 'authority',

  operations: ({ action }) => ('possession' in action ? 1 : 0),

  checkStateless: ({ payload }) => checkActionShape(payload.action),

  checkStateful: (view, { payload: { action }, sender, block }) => {
    const council = councilOf(action)
    const stage = isQuorum(view, council, [sender]) ? 'execute' : 'propose'
    return (
      checkMember(view, council, sender) ??
      checkNoneOpen(view, action, { proposer: sender, height: block.height }) ??
      checkAction(view, action, { block, stage })
    )
  },

  apply: (context, { payload, sender, txId, block }) => {
    const { action } = payload
    const council = councilOf(action)
    const expiresAt = block.height + Number(paramAt(context.view, 'governance.proposalBlocks', block))
    const proposedAt = block.height
    listProposal(context.view, { proposalId: txId, action, proposer: sender })
    context.emit(Proposed, { proposalId: txId, council, proposer: sender, expiresAt })
    const proposal = {
      action,
      council,
      proposer: sender,
      proposedAt,
      expiresAt,
      approvals: [],
      status: 'open',
      decidedAt: null,
    } as const
    applyApproval(context, { proposalId: txId, proposal, approver: sender, block })
  },
})
