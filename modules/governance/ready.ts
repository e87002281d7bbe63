// Owns: governance.ready: a candidate shows that its node follows the chain and holds its consensus key (consensus.md 4, G4).
// Not here: what it is good for (seats.ts).
import { failure } from '../../core/base/errors.ts'
import type { Address, Hash32, Height } from '../../core/base/ids.ts'
import { SIGN_TAGS, signingBytes } from '../../core/chain/signing.ts'
import { encode } from '../../core/codec/schema.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { GovernanceError } from './errors.ts'
import { CandidateReady } from './set-events.ts'
import { ReadyClaimSchema, ReadyPayload } from './set-schema.ts'
import { attendances, readiness, signedBlocks } from './set-store.ts'

/** What a candidate's consensus key signs. */
export function readyClaimBytes(claim: { genesisHash: Hash32; authority: Address; height: Height; blockId: Hash32 }): Uint8Array {
  return signingBytes(SIGN_TAGS.ready, encode(ReadyClaimSchema, claim))
}

/** Names a recent block; only a node that follows the chain knows its id. The newest one counts. */
export const ready = defineTransaction({
  type: 0x0104,
  name: 'governance.ready',
  about: 'Shows that the sender’s node follows the chain and holds a consensus key, before a seat is decided.',
  payload: ReadyPayload,
  keyPurpose: KEY_PURPOSES.authentication,
  operations: () => 1,

  checkStateless: () => null,

  checkStateful: (view, { payload, sender, block }) => {
    const { height, blockId, publicKey, signature } = payload
    // Ids of blocks below the attendance window are not kept.
    const oldest = Math.max(attendances.mustGet(view, null).from, block.height - block.params.readyWindow)
    // A check before the next block sees the state after the head, which knows the ids of the blocks below the head alone.
    const newest = block.height - 2
    if (height < oldest || height > newest) return failure(GovernanceError.READY_STALE, { height, oldest, newest })
    if (signedBlocks.get(view, height)?.blockId !== blockId) return failure(GovernanceError.READY_UNKNOWN_BLOCK, { height })
    const message = readyClaimBytes({ genesisHash: block.genesisHash, authority: sender, height, blockId })
    return verifySignature({ publicKey, message, signature }) ? null : failure(GovernanceError.READY_INVALID)
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { publicKey, height } = payload
    readiness.set(view, sender, { publicKey, height, at: block.height })
    emit(CandidateReady, { authority: sender, height })
  },
})
