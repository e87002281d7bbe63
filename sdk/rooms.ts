// Owns: the commonest transactions as typed actions.
// Not here: their rules (modules), sending them (sender.ts), all other types (by name).
import type { Infer } from '../core/codec/schema.ts'
import type { Address, Hash32 } from '../core/base/ids.ts'
import { deriveAddress } from '../core/crypto/address.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { KEY_PURPOSES } from '../core/execution/module.ts'
import type { TransactionDefinition } from '../core/execution/module.ts'
import { didCreate } from '../modules/identity/did-create.ts'
import { possessionBytes } from '../modules/identity/possession.ts'
import type { CreatePayload, NewKey } from '../modules/identity/schema.ts'
import { mint as mintDefinition } from '../modules/payment/mint.ts'
import type { MintPayload, TransferPayload } from '../modules/payment/schema.ts'
import { transfer as transferDefinition } from '../modules/payment/transfer.ts'
import { NodeError } from '../core/base/errors.ts'
import { parseAccount } from './chain.ts'
import type { ChainRef } from './chain.ts'

/** A type with its payload, ready for `buildTransaction` or a sender. */
export type TypedAction<P> = { readonly type: TransactionDefinition<P>; readonly payload: P }

/** `payment.transfer`: won to an account (bech32m, DID or 40 hex digits). Throws NodeError BAD_ACCOUNT. */
export function transfer(
  chain: ChainRef,
  payment: { to: string; amount: bigint; memoCommit?: Hash32 | null },
): TypedAction<Infer<typeof TransferPayload>> {
  const { to, amount, memoCommit = null } = payment
  return { type: transferDefinition, payload: { to: parseAccount(chain, to), amount, memoCommit } }
}

/** `payment.mint`: the sending bank issues won to an account; its reference serves once. Throws NodeError BAD_ACCOUNT. */
export function mint(
  chain: ChainRef,
  issue: { to: string; amount: bigint; bankRef: string },
): TypedAction<Infer<typeof MintPayload>> {
  const { to, amount, bankRef } = issue
  return { type: mintDefinition, payload: { to: parseAccount(chain, to), amount, bankRef } }
}

/** A key of a new DID; `purposes` are bits of KEY_PURPOSES, and where left out authentication, assertion and invocation. */
export type FirstKey = { readonly keyId: string; readonly seed: Uint8Array; readonly purposes?: number }

const EVERYDAY = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation

/**
 * `identity.did.create` with the account that it makes: its sender, signing with an invocation key, sponsored by an office
 * that may onboard. Each key proves its possession. Throws NodeError KEY_MISSING without an invocation key.
 */
export function createDid(
  chain: ChainRef,
  wish: { keys: readonly FirstKey[]; nonce?: bigint },
): { readonly account: Address; readonly action: TypedAction<Infer<typeof CreatePayload>> } {
  const { keys, nonce = 0n } = wish
  const { genesisHash } = chain
  const made = keys.map(({ keyId, seed, purposes = EVERYDAY }) => ({ kid: keyId, rel: purposes, signer: createSigner(seed) }))
  const first = made.find(({ rel }) => (rel & KEY_PURPOSES.invocation) !== 0)
  if (first === undefined) throw new NodeError('KEY_MISSING', 'a new DID needs a key with the purpose invocation (8)')
  const account = deriveAddress({ genesisHash, publicKey: first.signer.publicKey, nonce })
  const newKeys = keys.map((key) => newKey(chain, { did: account, ...key }))
  const payload = { nonce, keys: newKeys, services: [], controller: [], recovery: null }
  return { account, action: { type: didCreate, payload } }
}

/** A key on its way into a DID, with the proof that its seed is held. */
export function newKey(chain: Pick<ChainRef, 'genesisHash'>, wish: FirstKey & { readonly did: Address }): NewKey {
  const { did, keyId, seed, purposes = EVERYDAY } = wish
  const signer = createSigner(seed)
  const key = { kid: keyId, type: 'ED25519' as const, pub: signer.publicKey, rel: purposes }
  return { ...key, proof: signer.sign(possessionBytes({ genesisHash: chain.genesisHash, did, key })) }
}
