// Owns: identity.did.create: a self-certifying DID comes into being, sponsored by an onboarding office.
// Not here: later changes (did-update.ts).
import { failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { deriveAddress } from '../../core/crypto/address.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import { checkControllers, checkServices } from './did-change.ts'
import { IdentityError } from './errors.ts'
import { DidCreated } from './events.ts'
import { checkFirstKeys } from './keyset.ts'
import { checkNewKeys, checkPossession, countProofs } from './possession.ts'
import { checkPolicy } from './recovery.ts'
import { CreatePayload } from './schema.ts'
import type { NewKey } from './schema.ts'
import { dids } from './store.ts'

/** The id is known before submission: it derives from genesis hash, first invocation key and nonce (domain.md 4.1). */
export const didCreate = defineTransaction({
  type: 0x0201,
  name: 'identity.did.create',
  about: 'Creates the sender’s DID with its keys; a sponsor with the onboarding role pays.',
  payload: CreatePayload,
  keyPurpose: KEY_PURPOSES.invocation,
  operations: ({ keys }) => countProofs(keys),
  selfKey: ({ keys }, keyId) => keys.find((key) => key.kid === keyId && isInvocation(key))?.pub ?? null,

  checkStateless: ({ payload, sender }) =>
    checkNewKeys(payload.keys) ??
    checkFirstKeys(payload.keys) ??
    checkServices(payload.services) ??
    checkControllers(sender, payload.controller),

  checkStateful: (view, { payload, sender, block }) => {
    const { keys, nonce, recovery } = payload
    if (sender !== derivedId({ keys, nonce, block })) return failure(IdentityError.DID_MISMATCH)
    if (dids.has(view, sender)) return failure(IdentityError.DID_EXISTS)
    return checkPossession({ genesisHash: block.genesisHash, did: sender, keys }) ?? checkPolicy(view, recovery, block)
  },

  apply: (context, { payload, sender, sponsor, block }) => {
    const { keys, services, controller, recovery } = payload
    dids.set(context.view, sender, {
      versionId: 1,
      controller,
      keys: keys.map(({ kid, type, pub, rel }) => ({ kid, type, pub, rel, addedAt: block.time, revokedAt: null })),
      services,
      status: 'ACTIVE',
      recovery,
      createdAt: block.time,
      updatedAt: block.time,
    })
    context.emit(DidCreated, { did: sender, sponsor })
  },
})

function isInvocation(key: NewKey): boolean {
  return (key.rel & KEY_PURPOSES.invocation) !== 0
}

function derivedId({ keys, nonce, block }: { keys: readonly NewKey[]; nonce: bigint; block: BlockEnv }): Address | null {
  const first = keys.find(isInvocation)
  return first === undefined ? null : deriveAddress({ genesisHash: block.genesisHash, publicKey: first.pub, nonce })
}
