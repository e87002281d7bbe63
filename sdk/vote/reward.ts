// Owns: rewards of a survey that lead to no ballot: who took part asks for a token blindly, once, and claims with it later from
// any account. Not here: tokens (sdk/points-token.ts), the grant (modules/points/claim.ts).
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { ProofBytes } from '../../modules/vote/ballot-schema.ts'
import { proveClaim } from '../../modules/vote/crypto/schnorr.ts'
import type { Claim } from '../../modules/vote/crypto/schnorr.ts'
import { isHeld } from '../../modules/vote/proofs.ts'
import { answerToken } from '../points-token.ts'
import type { TokenAnswer, TokenKeys } from '../points-token.ts'
import { proofBytes, randomScalar } from './voter.ts'

/** A voter asks for the token of a ballot; `blinded` of `requestToken` is all that it tells of the token. */
export type RewardRequest = {
  readonly pollId: string
  readonly rollIndex: number
  readonly blinded: Uint8Array
  readonly proof: ProofBytes
}

const rewardClaim = (eh: string, blinded: Uint8Array): Claim => ({ tag: 'seoul-vote-v1/reward', before: [fromHex(eh), blinded] })

/** Signs the request with the election key, which says that the token goes to who holds it. */
export function requestReward(
  { pollId, eh, rollIndex, secret }: { pollId: string; eh: string; rollIndex: number; secret: bigint },
  blinded: Uint8Array,
): RewardRequest {
  return { pollId, rollIndex, blinded, proof: proofBytes(proveClaim(rewardClaim(eh, blinded), secret, randomScalar())) }
}

/** What the desk asks the chain about a voter: the key on the roll, and whether a ballot of it is counted. */
export type RewardVoter = { readonly key: Uint8Array; readonly hasCast: boolean }

/** The operator's desk of one survey. */
export type RewardDesk = {
  /** Answers one request a voter; the same one again gets the same answer. Throws NodeError (`createRewardDesk`). */
  readonly answer: (request: RewardRequest, voter: RewardVoter | null) => TokenAnswer
  /** What the operator knows in the end: which voters asked, with what. No token is in it. */
  readonly transcript: () => readonly { readonly rollIndex: number; readonly blinded: string; readonly evaluated: string }[]
}

/**
 * A desk that answers for one poll. Refuses with REWARD_POLL (another poll), REWARD_NOT_ON_ROLL, REWARD_NOT_CAST (no counted
 * ballot), REWARD_PROOF (not signed by the election key), REWARD_TAKEN (another token was asked for by this voter).
 */
export function createRewardDesk({ pollId, eh, keys }: { pollId: string; eh: string; keys: TokenKeys }): RewardDesk {
  const given = new Map<number, { readonly blinded: string; readonly answer: TokenAnswer }>()
  return {
    answer(request, voter) {
      const { rollIndex, blinded, proof } = request
      if (request.pollId !== pollId) throw new NodeError('REWARD_POLL', `this desk rewards ${pollId}, not ${request.pollId}`)
      if (voter === null) throw new NodeError('REWARD_NOT_ON_ROLL', `there is no voter ${rollIndex}`)
      if (!isHeld(rewardClaim(eh, blinded), voter.key, proof))
        throw new NodeError('REWARD_PROOF', `the election key of voter ${rollIndex} did not sign this request`)
      if (!voter.hasCast) throw new NodeError('REWARD_NOT_CAST', `no ballot of voter ${rollIndex} is counted; vote first`)
      const known = given.get(rollIndex)
      if (known !== undefined && known.blinded !== toHex(blinded))
        throw new NodeError('REWARD_TAKEN', `voter ${rollIndex} has asked for another token already`)
      const answer = known?.answer ?? answerToken(keys, blinded)
      given.set(rollIndex, { blinded: toHex(blinded), answer })
      return answer
    },
    transcript: () =>
      [...given].map(([rollIndex, { blinded, answer }]) => ({ rollIndex, blinded, evaluated: toHex(answer.evaluated) })),
  }
}
