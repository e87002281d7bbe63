// Owns: what a story about the city needs before it begins: DIDs of offices, roles and accreditations by the council.
// Not here: any story, how a devnet is reached (devnet-access.ts).
import { randomBytes } from 'node:crypto'
import { createDid, createSender, createWallet, encodeAction } from '../sdk/index.ts'
import type { FinalTransaction, Json, Sender, Wallet } from '../sdk/index.ts'
import type { Devnet } from './devnet-access.ts'

/** A DID that the story made, with the sender of its transactions. */
export type Party = { readonly wallet: Wallet; readonly sender: Sender; readonly seed: Uint8Array }

/** The sender of a DID at a node; `via` sponsors the creation of DIDs. */
export function senderOf(devnet: Devnet, wallet: Wallet, sponsor?: Wallet): Sender {
  return createSender({ client: devnet.client('v1'), chain: devnet.chain, wallet, ...(sponsor === undefined ? {} : { sponsor }) })
}

/** A new DID with one key, onboarded by the city's office. */
export async function createParty(devnet: Devnet): Promise<Party> {
  const seed = new Uint8Array(randomBytes(32))
  const { account, action } = createDid(devnet.chain, { keys: [{ keyId: 'k1', seed }] })
  const wallet = createWallet({ seed, account, keyId: 'k1', network: devnet.chain.network })
  await senderOf(devnet, wallet, devnet.wallet('office-1')).send(action)
  return { wallet, sender: senderOf(devnet, wallet), seed }
}

/** Two of three councillors decide an action, such as a role. */
export async function decide(devnet: Devnet, action: Json): Promise<FinalTransaction> {
  const laid = await devnet.sender('council-1', 'v1').send({ type: 'governance.propose', payload: { action } })
  return devnet.sender('council-2', 'v1').send({ type: 'governance.approve', payload: { proposalId: laid.hash } })
}

/** The council gives a party a role, with a scope or without. */
export function grantRole(devnet: Devnet, role: string, party: Wallet, scope: string | null = null): Promise<FinalTransaction> {
  return decide(devnet, { kind: 'roleGrant', role, did: party.address, scope, validFrom: null, validUntil: null })
}

/** The council mandates one transaction of one sender, word by word, and the sender sends it. */
export async function sendByMandate(
  devnet: Devnet,
  sender: { wallet: Wallet; sender: Sender },
  action: { type: string; payload: Json },
): Promise<FinalTransaction> {
  const { typeNumber, bytes } = encodeAction(devnet.chain, action)
  const mandate = {
    kind: 'mandate',
    sender: sender.wallet.address,
    txType: typeNumber,
    payload: `0x${Buffer.from(bytes).toString('hex')}`,
  }
  await decide(devnet, mandate)
  return sender.sender.send(action)
}
