// Owns: vote.roll.add and roll.close: who may vote, as election keys. Not here: which person has which key (off chain).
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32 } from '../../core/base/ids.ts'
import { list, struct } from '../../core/codec/compound.ts'
import { hash32 } from '../../core/codec/fields.ts'
import { decodeTrusted, encode } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { hashFields } from '../../core/crypto/hash.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv, Judge } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { hasRole, paramAt } from '../governance/keeper.ts'
import { rollClaim } from './crypto/schnorr.ts'
import { VoteError } from './errors.ts'
import { RollAdded, RollClosed } from './events.ts'
import { changePoll, findPoll, findPollIn, requireOffice } from './poll.ts'
import { isHeld } from './proofs.ts'
import { NewVoterSchema, PollPayload, ROLL_BATCH_MAX, ROLL_MAX, RollAddPayload } from './schema.ts'
import type { Manifest, Poll } from './schema.ts'
import { polls, rollIndexes, voters } from './store.ts'

/** The hash of a roll with one key more: a chain from 32 zero bytes. */
export function extendRoll(root: Hash32, key: Uint8Array): Hash32 {
  return hashFields('naru/vote-roll/v1', fromHex(root), key)
}

/** Election keys join; a person behind a key is nobody's business here. */
export const rollAdd = defineTransaction({
  type: 0x0702,
  name: 'vote.roll.add',
  about: 'Adds election keys to the roll, each with the proof that its secret is held.',
  payload: RollAddPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: ({ voters: added }) => 2 * added.length,
  costly: { statementOf, judge: judgeRoll },

  checkStateless: ({ payload }) => (payload.voters.length === 0 ? failure(VoteError.ROLL_EMPTY) : null),

  checkStateful: (view, { payload, sender, block, judge = judgeRoll }) => {
    const poll = findPoll(view, payload.pollId)
    if (isFailure(poll)) return poll
    const refused = requireRegistrar(view, poll.manifest, sender, block)
    if (refused !== null) return refused
    const isOpen = (poll.state === 'DRAFT' || poll.state === 'ROLL') && block.time < poll.manifest.rollCloseAt
    const rollMax = poll.manifest.mode === 'SECRET_ANON' ? Number(paramAt(view, 'vote.maxRing', block)) : ROLL_MAX
    if (!isOpen || poll.rollCount + payload.voters.length > rollMax) return failure(VoteError.ROLL_CLOSED, { rollMax })
    return checkKeys(view, poll, payload.voters, judge)
  },

  apply: ({ view, emit }, { payload, block }) => {
    const { pollId, batchCommit } = payload
    const poll = polls.mustGet(view, pollId)
    let { rollRoot, rollCount } = poll
    for (const { key } of payload.voters) {
      voters.set(view, { pollId, rollIndex: rollCount }, { key, struck: false })
      rollIndexes.set(view, { pollId, key }, { rollIndex: rollCount })
      rollRoot = extendRoll(rollRoot, key)
      rollCount += 1
    }
    changePoll(view, poll, { state: 'ROLL', rollCount, rollRoot }, block)
    emit(RollAdded, { pollId, batchCommit, added: payload.voters.length, rollCount })
  },
})

// Residents are registered by their gu; a poll's own office may register as well.
function requireRegistrar(view: ReadView, manifest: Manifest, account: Address, block: BlockEnv): Failure | null {
  if (hasRole(view, { account, role: 'REG_AUTH', scope: null, block })) return null
  return requireOffice(view, manifest, account, block)
}

type NewVoters = readonly { readonly key: Uint8Array; readonly proof: { c: Uint8Array; z: Uint8Array } }[]

function checkKeys(view: ReadView, { manifest, eh }: Poll, added: NewVoters, judge: Judge): Failure | null {
  const { pollId } = manifest
  const seen = new Set<string>()
  for (const [position, { key }] of added.entries()) {
    const hex = toHex(key)
    if (seen.has(hex) || rollIndexes.has(view, { pollId, key })) return failure(VoteError.ROLL_DUPLICATE, { position })
    seen.add(hex)
  }
  const bad = judge(encode(RollStatementSchema, { eh, voters: added }))
  return bad === null ? null : failure(VoteError.POK_INVALID, { position: Number(bad) })
}

/** Keys for the roll of the poll whose manifest hash this is. */
const RollStatementSchema = struct({ eh: hash32, voters: list(NewVoterSchema, ROLL_BATCH_MAX) })

function statementOf(view: ReadView, { pollId, voters: added }: Infer<typeof RollAddPayload>): Uint8Array | null {
  const poll = polls.get(view, pollId)
  return poll === null ? null : encode(RollStatementSchema, { eh: poll.eh, voters: added })
}

// The position of the first key whose secret is not proved to be held, or null.
function judgeRoll(bytes: Uint8Array): string | null {
  const { eh, voters: added } = decodeTrusted(RollStatementSchema, bytes)
  const claim = rollClaim(fromHex(eh))
  const bad = added.findIndex(({ key, proof }) => !isHeld(claim, key, proof))
  return bad === -1 ? null : String(bad)
}

/** The roll is fixed; an OPEN poll is ready, a SECRET one waits for its key. */
export const rollClose = defineTransaction({
  type: 0x0703,
  name: 'vote.roll.close',
  about: 'Fixes the roll.',
  payload: PollPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const poll = findPollIn(view, payload.pollId, ['DRAFT', 'ROLL'], block)
    if (isFailure(poll)) return poll
    const refused = requireOffice(view, poll.manifest, sender, block)
    if (refused !== null) return refused
    if (poll.rollCount === 0) return failure(VoteError.ROLL_EMPTY)
    const ringMin = poll.manifest.mode === 'SECRET_ANON' ? Number(paramAt(view, 'vote.minCell', block)) : 0
    return poll.rollCount < ringMin ? failure(VoteError.RING_TOO_SMALL, { rollCount: poll.rollCount, ringMin }) : null
  },

  apply: ({ view, emit }, { payload: { pollId }, block }) => {
    const poll = polls.mustGet(view, pollId)
    const { rollCount, rollRoot, manifest } = poll
    changePoll(view, poll, { state: manifest.mode === 'OPEN' ? 'READY' : 'KEYGEN' }, block)
    emit(RollClosed, { pollId, rollCount, rollRoot })
  },
})
