// Owns: signing for everyone in a city: nonces by account and lane, envelopes, the node that each account talks to.
// Not here: payloads (acts.ts, office-acts.ts).
import { toHex } from '../../core/base/bytes.ts'
import { must } from '../../core/base/assert.ts'
import type { Hash32 } from '../../core/base/ids.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../../core/chain/transaction.ts'
import { encode } from '../../core/codec/schema.ts'
import { fromHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { REGISTRY } from '../../modules/registry.ts'
import type { SignedTx } from '../open-loop.ts'
import { createSigners } from './people.ts'
import type { Person } from './people.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'

/** Somebody who signs. */
export type Actor = Person & { readonly signer: Signer }

/** A transaction to sign: its type by name, who sends it in which lane, and who pays for a newcomer. */
export type Act = {
  readonly type: string
  readonly payload: unknown
  readonly sender: Actor
  readonly lane?: number
  readonly sponsor?: Actor
  /** Which node hears of it: one account's transactions go to one node. */
  readonly place: number
}

/** The signing desk of a run. */
export type Desk = {
  readonly genesisHash: Hash32
  readonly actor: (purpose: string) => Actor
  readonly sign: (act: Act) => SignedTx
  /** Versions of the DIDs that were updated, by account number. */
  readonly versions: Map<number, number>
}

/** A desk for a chain of so many nodes; nonces go on over several loads. */
export function createDesk(chain: { genesisHash: string; nodes: number; validUntil: () => number }): Desk {
  const { genesisHash, nodes, validUntil } = chain
  const chainTag = fromHex(genesisHash.slice(0, 16))
  const nonces = new Map<string, bigint>()
  return {
    genesisHash: asHash32(genesisHash),
    actor: createSigners(),
    versions: new Map(),
    sign: ({ type, payload, sender, lane = 0, sponsor, place }) => {
      const definition = must(REGISTRY.transactionByName.get(type), `there is a transaction ${type}`)
      const key = `${sender.address}.${lane}`
      const nonce = nonces.get(key) ?? 0n
      nonces.set(key, nonce + 1n)
      const body = {
        ...{ version: TX_VERSION, chainTag, type: definition.type, sender: sender.address, keyId: DEV_KEY_ID },
        ...{ lane, nonce, validUntil: validUntil(), payload: encode(definition.payload, payload) },
        sponsor: sponsor === undefined ? null : { account: sponsor.address, keyId: DEV_KEY_ID },
      }
      const message = txSigningBytes(body)
      const signatures = [sender, ...(sponsor === undefined ? [] : [sponsor])].map(({ signer }) => signer.sign(message))
      const tx = assembleTransaction(body, signatures)
      return { id: `0x${tx.id}`, hex: `0x${toHex(tx.bytes)}`, node: place % nodes }
    },
  }
}
