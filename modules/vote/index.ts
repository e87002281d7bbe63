// Owns: the door of the vote room: everything it declares. Not here: any rule.
import { defineModule } from '../../core/execution/module.ts'
import { cast } from './cast.ts'
import { castAnon } from './cast-anon.ts'
import { certify, voidPoll } from './certify.ts'
import { create } from './create.ts'
import { VoteError } from './errors.ts'
import { POLL_EVENTS } from './events.ts'
import { tallyFinish, tallyStart } from './finish.ts'
import { checkVoteInvariants } from './invariants.ts'
import { keyFinish } from './key-finish.ts'
import { LOOKUP_QUERIES } from './lookup.ts'
import { POLL_QUERIES } from './queries.ts'
import { rollAdd, rollClose } from './roll.ts'
import { tallyShare } from './share.ts'
import { strike } from './strike.ts'
import { trusteeAnswer, trusteeCommit, trusteeComplain } from './trustee.ts'

/** Room 7: surveys and polls from a phone that anyone can recount. */
export const vote = defineModule({
  name: 'vote',
  number: 7,
  about: 'Surveys and polls: rolls of election keys, ballots with proofs, counts that anyone can recompute.',
  transactions: [
    ...[create, rollAdd, rollClose, cast, strike, tallyStart, tallyFinish, certify, voidPoll],
    ...[trusteeCommit, trusteeComplain, trusteeAnswer, keyFinish, tallyShare, castAnon],
  ],
  queries: [...POLL_QUERIES, ...LOOKUP_QUERIES],
  events: POLL_EVENTS,
  errors: VoteError,
  checkInvariants: checkVoteInvariants,
})
