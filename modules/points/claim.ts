// Owns: points.claimSurveyReward: a reward for a survey's token. The operator checks the token with its key before it sends this;
// the chain sees to it that a token serves once. Not here: tokens (sdk/points-token.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import type { ReadView } from '../../core/state/view.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { tellOfReceivers } from './alarms.ts'
import { PointsGranted } from './events.ts'
import { checkGranter } from './grant.ts'
import { applyGrant, checkGrant } from './grant-rules.ts'
import { ClaimPayload } from './payloads.ts'
import type { GrantItem } from './payloads.ts'
import { checkPoints } from './rules.ts'
import { programmes } from './store.ts'
import { tokenTagOf } from './tags.ts'

// The token stands for the event and for the person, so no pseudonym leads from the reward to the ballot.
function itemOf(view: ReadView, payload: Infer<typeof ClaimPayload>, block: BlockEnv): GrantItem {
  const { programmeId, tokenInput, ...rest } = payload
  const tag = tokenTagOf(tokenInput)
  const eventKind = programmes.get(view, programmeId)?.table[rest.tier]?.kind ?? 'NONE'
  return { ...rest, personTag: tag, eventId: tag, eventKind, eventDate: kstDate(block.time) }
}

/** Of programmes whose persons are tokens. */
export const claimSurveyReward = defineTransaction({
  type: 0x0411,
  name: 'points.claimSurveyReward',
  about: 'Grants the reward of a survey to whoever holds its token, once.',
  payload: ClaimPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload }) => checkPoints(payload.points),

  checkStateful: (view, { payload, sender, block }) => {
    const { programmeId } = payload
    return (
      checkGranter(view, { programmeId, persons: 'TOKEN', sender, block }) ??
      checkGrant(view, { programmeId, item: itemOf(view, payload, block), block })
    )
  },

  apply: (context, { payload, block }) => {
    const { programmeId, to, points } = payload
    const item = itemOf(context.view, payload, block)
    const granted = applyGrant(context.view, { programmeId, item, block })
    context.emit(PointsGranted, { programmeId, eventId: item.eventId, to, points, ...granted })
    tellOfReceivers(context, [{ account: to, lots: granted.lotId === null ? 0 : 1 }], block)
  },
})
