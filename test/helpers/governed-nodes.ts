// Owns: virtual nodes whose validators decide changes of their own set: transactions of any room, candidates, decisions by vote.
// Not here: the nodes (virtual-nodes.ts), the rules (modules/governance).
import { must } from '../../core/base/assert.ts'
import type { TxId } from '../../core/base/ids.ts'
import { checkCertificate } from '../../core/chain/certificate.ts'
import { assembleTransaction, txSigningBytes } from '../../core/chain/transaction.ts'
import { encode } from '../../core/codec/schema.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import type { Action } from '../../modules/governance/schema.ts'
import { readyClaimBytes } from '../../modules/governance/ready.ts'
import { readSeatNonce, seatClaimBytes } from '../../modules/governance/seats.ts'
import { successions } from '../../modules/governance/set-store.ts'
import { REGISTRY } from '../../modules/registry.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import { KEY_ID } from '../../sim/world.ts'
import type { SimAccount } from '../../sim/world.ts'
import { createVirtualNodes, keyOfNode } from './virtual-nodes.ts'
import type { VirtualNodes } from './virtual-nodes.ts'

/** Virtual nodes and what their council does. */
export type GovernedNodes = VirtualNodes & {
  readonly at: (index: number) => ChainNode
  readonly height: () => number
  /** Advances until every running node has the height. */
  readonly reach: (height: number) => Promise<void>
  /** Gives a transaction to the first node and waits until it is final; its id and the receipt's code. */
  readonly submit: (from: SimAccount, name: string, payload: unknown) => Promise<{ txId: TxId; code: number }>
  /** The authority behind a machine: its validator's account, or a citizen for a candidate. */
  readonly authorityOf: (index: number) => SimAccount
  readonly showReady: (index: number) => Promise<{ code: number }>
  readonly addOf: (index: number) => Action
  readonly rotationOf: (index: number, key: SimAccount['signer']) => Action
  /** Lays the action and approves it by a quorum of the present members; the height from which it is active. */
  readonly decide: (action: Action) => Promise<number>
  /** Names of those who signed a height by its canonical certificate, as a node holds it. */
  readonly signersOf: (index: number, height: number) => readonly string[]
  /** What is wrong with a node's stored certificates, each checked by the set of its own height. */
  readonly faultsOf: (index: number) => readonly string[]
}

/** `n` validators and so many candidates that follow the chain; none runs yet. */
export function createGovernedNodes(n: number, candidates: number): GovernedNodes {
  const made = createVirtualNodes(n, candidates)
  const { world, nodes, until } = made
  const nonces = new Map<SimAccount, bigint>()
  const at = (index: number): ChainNode => must(nodes[index]?.running, 'a running node')
  const running = (): readonly ChainNode[] => nodes.flatMap((node) => node.running ?? [])
  const height = (): number => Math.max(...running().map((node) => node.head().height))
  const authorityOf = (index: number): SimAccount =>
    must(world.validators[index] ?? world.citizens[index - n], 'an account for the machine')
  const first = (): ChainNode => must(running()[0], 'a running node')

  const submit = async (from: SimAccount, name: string, payload: unknown): Promise<{ txId: TxId; code: number }> => {
    const definition = must(REGISTRY.transactionByName.get(name), 'a transaction')
    const nonce = nonces.get(from) ?? 0n
    nonces.set(from, nonce + 1n)
    const body = {
      version: 1,
      chainTag: world.chainTag,
      type: definition.type,
      sender: from.address,
      keyId: KEY_ID,
      lane: 0,
      nonce,
      validUntil: height() + 300,
      payload: encode(definition.payload, payload),
      sponsor: null,
    }
    const tx = assembleTransaction(body, [from.signer.sign(txSigningBytes(body))])
    const node = first()
    const admitted = node.desk.admit(tx.bytes)
    if ('failure' in admitted) throw new Error(`${admitted.code} ${JSON.stringify(admitted.detail)}`)
    node.publishTransaction(tx.id, tx.bytes)
    await until(`${name} final`, () => node.chain.placeOf(tx.id) !== null)
    const place = must(node.chain.placeOf(tx.id), 'a final transaction')
    return { txId: tx.id, code: must(node.chain.receiptsAt(place.height)?.[place.index], 'a receipt').code }
  }
  const claim = (index: number, key: SimAccount['signer']) => {
    const authority = authorityOf(index).address
    const nonce = readSeatNonce(first().state, authority)
    const { publicKey } = key
    const possession = key.sign(seatClaimBytes({ genesisHash: world.genesis.hash, authority, publicKey, nonce }))
    return { authority, publicKey, possession }
  }
  const accountOf = (authority: string): SimAccount =>
    must(
      [...world.validators, ...world.citizens].find(({ address }) => address === authority),
      'a known authority',
    )

  return {
    ...made,
    at,
    height,
    authorityOf,
    submit,
    reach: (to) => until(`height ${to}`, () => running().every((node) => node.head().height >= to)),
    showReady(index) {
      // The newest block whose certificate stands in another one.
      const { header } = at(index).head()
      const [newest, blockId] = [header.height - 1, header.parentId]
      const authority = authorityOf(index)
      const key = keyOfNode(world, index)
      const claimed = { genesisHash: world.genesis.hash, authority: authority.address, height: newest, blockId }
      const signature = key.sign(readyClaimBytes(claimed))
      return submit(authority, 'governance.ready', { publicKey: key.publicKey, height: newest, blockId, signature })
    },
    addOf: (index) => ({
      kind: 'validatorAdd',
      ...claim(index, keyOfNode(world, index)),
      name: `v${index + 1}`,
      peerId: world.peerIdOf(index),
      addresses: [],
    }),
    rotationOf: (index, key) => ({ kind: 'validatorRotate', ...claim(index, key) }),
    async decide(action) {
      const { quorum, validators } = first().head().set
      const voters = validators.slice(0, quorum).map(({ authority }) => accountOf(authority))
      const proposer = must(voters[0], 'a voter')
      const laid = await submit(proposer, 'governance.propose', { action })
      const outcomes = [laid]
      for (const voter of voters.slice(1)) outcomes.push(await submit(voter, 'governance.approve', { proposalId: laid.txId }))
      const codes = outcomes.map(({ code }) => code)
      if (codes.some((code) => code !== 0)) throw new Error(`refused: ${codes.join(' ')}`)
      return must(successions.mustGet(first().state, null).pending.at(-1), 'a waiting change').height
    },
    signersOf(index, of) {
      const node = at(index)
      const certificate = must(node.chain.blockAt(of + 1)?.lastCommit, 'a certificate')
      const set = must(REGISTRY.readSetAt(node.state, of), 'a set')
      return set.validators
        .filter((_, i) => ((certificate.bitmap[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0)
        .map(({ name }) => name)
    },
    faultsOf(index) {
      const node = at(index)
      const { chainId } = world.genesis
      const faults: string[] = []
      for (let of = 1; of <= node.head().height; of++) {
        const header = must(node.chain.headerAt(of), 'a header')
        const set = must(REGISTRY.readSetAt(node.state, of), 'a set')
        const next = must(REGISTRY.readSetAt(node.state, of + 1), 'a set')
        const certificate = must(node.chain.certificateAt(of), 'a certificate')
        const refused = checkCertificate({ chainId, set, certificate, checkSignature: verifySignature })
        if (refused !== null) faults.push(`${of}: ${refused}`)
        if (header.validatorsHash !== set.hash || header.nextValidatorsHash !== next.hash) faults.push(`${of}: another set`)
      }
      return faults
    },
  }
}
