// Owns: signed transfers in any number, and the accounts they move between. Not here: sending them (load.ts).
import { fromHex } from '../core/base/bytes.ts'
import { TX_VERSION, assembleTransaction, txSigningBytes } from '../core/chain/transaction.ts'
import type { Transaction, TxBody } from '../core/chain/transaction.ts'
import { encode } from '../core/codec/schema.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { KEY_PURPOSES } from '../core/execution/module.ts'
import { toHex } from '../core/base/bytes.ts'
import { TransferPayload } from '../modules/payment/schema.ts'
import { transfer } from '../modules/payment/transfer.ts'
import { DEV_KEY_ID, buildAccount, deriveSeed } from '../cli/devnet/accounts.ts'
import type { DevAccount } from '../cli/devnet/accounts.ts'

/** Accounts and the nonce each takes next, so that several loads may follow each other. */
export type Payers = { readonly genesisHash: string; readonly accounts: readonly DevAccount[]; readonly nonces: bigint[] }

/** Which transfers: account `first` (modulo all) pays its neighbour, then the next account, `count` times. */
export type TransferRange = { readonly first: number; readonly count: number; readonly validUntil: number }

const WON_EACH = 1_000_000_000n

/** `count` accounts of a seed, in an order that never changes. */
export function buildPayers(seed: Uint8Array, count: number): readonly DevAccount[] {
  return Array.from({ length: count }, (_, i) => buildAccount(`load-${i}`, deriveSeed(seed, `load/${i}`)))
}

type GenesisRooms = { identity: { dids: unknown[] }; payment: { accounts: unknown[] } }

/** Adds the accounts to a genesis document: agency credits, a billion won each, no limits. Changes the document. */
export function addPayers(document: { rooms: unknown }, accounts: readonly DevAccount[]): void {
  const { identity, payment } = document.rooms as GenesisRooms
  const purposes = KEY_PURPOSES.authentication | KEY_PURPOSES.assertion | KEY_PURPOSES.invocation
  for (const { id, publicKey } of accounts) {
    const keys = [{ kid: DEV_KEY_ID, publicKey: `0x${toHex(publicKey)}`, purposes }]
    identity.dids.push({ account: id, keys, creditClass: 2 })
    payment.accounts.push({ account: id, bank: '004', amount: WON_EACH.toString(), exempt: true })
  }
}

/** The body of a transfer of one won. */
export function buildTransferBody(
  call: { readonly chainTag: Uint8Array; readonly from: DevAccount; readonly to: DevAccount } & Pick<
    TxBody,
    'nonce' | 'validUntil'
  >,
): TxBody {
  return {
    version: TX_VERSION,
    chainTag: call.chainTag,
    type: transfer.type,
    sender: call.from.address,
    keyId: DEV_KEY_ID,
    lane: 0,
    nonce: call.nonce,
    validUntil: call.validUntil,
    payload: encode(TransferPayload, { to: call.to.address, amount: 1n, memoCommit: null }),
    sponsor: null,
  }
}

/** Signs the transfers of a range and moves the nonces on. */
export function signTransfers(payers: Payers, { first, count, validUntil }: TransferRange): readonly Transaction[] {
  const { accounts, nonces } = payers
  const chainTag = fromHex(payers.genesisHash.slice(0, 16))
  const signers = new Map<number, ReturnType<typeof createSigner>>()
  return Array.from({ length: count }, (_, i) => {
    const at = (first + i) % accounts.length
    const from = accounts[at] as DevAccount
    const to = accounts[(at + 1) % accounts.length] as DevAccount
    const nonce = nonces[at] as bigint
    nonces[at] = nonce + 1n
    const signer = signers.get(at) ?? createSigner(from.seed)
    signers.set(at, signer)
    const body = buildTransferBody({ chainTag, from, to, nonce, validUntil })
    return assembleTransaction(body, [signer.sign(txSigningBytes(body))])
  })
}
