// Owns: tests of evidence on its way through real nodes in virtual time: found, carried, recorded once, kept over a crash.
import { describe, expect, it } from 'vitest'
import { toHex } from '../core/base/bytes.ts'
import { must } from '../core/base/assert.ts'
import { isFailure } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import { decodeEvidence, duplicateVoteOf, encodeEvidence, offenceOf } from '../core/chain/evidence.ts'
import type { Vote } from '../core/chain/vote.ts'
import { decodeConsensusMessage, encodeConsensusMessage } from '../consensus/message.ts'
import { listEvidence } from '../modules/governance/evidence-queries.ts'
import { signedVote, someBlock } from '../test/helpers/offences.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import type { VirtualNode, VirtualNodes } from '../test/helpers/virtual-nodes.ts'
import { POOL_MAX, openEvidencePool } from './evidence-pool.ts'
import { KEYS } from './storage/keys.ts'

const heightOf = (node: VirtualNode): number => node.running?.head().height ?? 0

async function startAll(n: number): Promise<VirtualNodes> {
  const made = createVirtualNodes(n)
  for (let i = 0; i < n; i++) await made.start(i)
  await made.until('block 2 everywhere', () => made.nodes.every((node) => heightOf(node) >= 2))
  return made
}

const accusedOf = (made: VirtualNodes, index: number) => {
  const { address, signer } = must(made.world.validators[index], 'a validator')
  return { chainId: made.world.genesis.chainId, authority: address, key: signer }
}

const twoVotes = (made: VirtualNodes, index: number, over: Parameters<typeof signedVote>[1] = {}): Uint8Array => {
  const by = accusedOf(made, index)
  const at = { height: 1, ...over }
  const pair = duplicateVoteOf(signedVote(by, at), signedVote(by, { ...at, blockId: someBlock('2') }))
  return encodeEvidence(must(pair, 'a pair'))
}

function recordsOn(node: VirtualNode) {
  const { state } = must(node.running, 'a running node')
  const block = { chainId: '', genesisHash: '', height: 0, time: 0, params: {} } as never
  const page = listEvidence.run(state, { from: null, limit: null }, block)
  return isFailure(page) ? [] : page.records
}

/** From now on the last node prevotes and precommits a block of its own beside each of its honest votes, to every node. */
function equivocate(made: VirtualNodes, index: number): void {
  const by = accusedOf(made, index)
  const liar = must(made.nodes[index], 'a node')
  made.hooks.beforeSend = (node, channel, frame) => {
    if (node !== liar || channel !== 'consensus') return
    const message = decodeConsensusMessage(frame)
    if (message.kind !== 'vote' || message.vote.blockId === null) return
    const { type, height, round } = message.vote
    const second: Vote = signedVote(by, { type, height, round, blockId: someBlock('e') })
    for (const other of made.nodes) {
      if (other !== liar)
        other.handlers?.onFrame(made.world.peerIdOf(index), 'consensus', encodeConsensusMessage({ kind: 'vote', vote: second }))
    }
  }
}

describe('an equivocating validator among four', () => {
  it('is recorded on every node with one record per offence, its own node stops signing, and the chain goes on', async () => {
    const made = await startAll(4)
    equivocate(made, 3)
    const honest = made.nodes.slice(0, 3)
    await made.until('a record everywhere', () => honest.every((node) => recordsOn(node).length > 0))
    const height = Math.max(...honest.map(heightOf))
    await made.until('five more blocks', () => honest.every((node) => heightOf(node) >= height + 5), 120_000)
    const records = honest.map(recordsOn)
    const offences = records.map((list) =>
      list.map(({ validator, offence, height, round }) => `${validator} ${offence} ${height} ${round}`),
    )
    expect(offences[1]).toEqual(offences[0])
    expect(offences[2]).toEqual(offences[0])
    expect(new Set(offences[0]).size).toBe(offences[0]?.length)
    for (const { validator } of records[0] ?? []) expect(validator).toBe(accusedOf(made, 3).authority)
    expect(made.nodes[3]?.running?.signing.pause()).toMatchObject({ reason: 'twin' })
    for (const node of honest) {
      expect(node.errors).toEqual([])
      expect(node.penalties).toEqual([])
      expect(must(node.running, 'running').evidence.waiting()).toEqual([])
      expect(await must(node.running, 'running').options.metrics.text()).toMatch(
        /naru_evidence_total\{kind="duplicateVote"\} [1-9]/,
      )
    }
  })
})

describe('evidence that a client or peer brings', () => {
  it('to one node is in a block of another, once', async () => {
    const made = await startAll(4)
    const bytes = twoVotes(made, 2)
    const first = must(made.nodes[0]?.running, 'running')
    expect(first.offerEvidence(bytes)).toMatchObject({ isNew: true })
    expect(first.offerEvidence(bytes)).toMatchObject({ isNew: false })
    await made.until('a record on the last', () => recordsOn(must(made.nodes[3], 'a node')).length > 0)
    await made.until('recorded on the first', () => recordsOn(must(made.nodes[0], 'a node')).length > 0)
    expect(first.offerEvidence(bytes)).toMatchObject({ code: 'GOVERNANCE_EVIDENCE_KNOWN' })
    expect(recordsOn(must(made.nodes[0], 'a node'))).toHaveLength(1)
    expect([...(made.nodes[0]?.records.keys() ?? [])].filter((key) => key.startsWith(KEYS.evidencePrefix))).toEqual([])
  })

  it('that is forged or no evidence counts against the peer; what is early, expired or known does not', async () => {
    const made = await startAll(4)
    const node = must(made.nodes[0], 'a node')
    const send = (bytes: Uint8Array): void =>
      node.handlers?.onFrame('peer-2', 'consensus', encodeConsensusMessage({ kind: 'evidence', bytes }))
    send(twoVotes(made, 2, { height: 90_000 }))
    send(twoVotes(made, 2, { height: 0 }))
    send(twoVotes(made, 2))
    send(twoVotes(made, 2))
    expect(node.penalties).toEqual([])
    const forged = twoVotes(made, 1)
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
    send(forged)
    send(new Uint8Array([9, 9]))
    expect(node.penalties.map(({ reason }) => reason)).toEqual([
      'evidence that proves nothing: GOVERNANCE_EVIDENCE_FORGED',
      'evidence that proves nothing: GOVERNANCE_EVIDENCE_MALFORMED',
    ])
  })
})

describe('waiting evidence', () => {
  it('outlives a crash before any block took it', async () => {
    const made = createVirtualNodes(4)
    await made.start(0)
    const node = must(made.nodes[0], 'a node')
    // Alone, no block is made: height 1 is the running one.
    expect(node.running?.offerEvidence(twoVotes(made, 2))).toMatchObject({ isNew: true })
    await made.time.advance(10)
    made.crash(0, 'lose')
    await made.start(0)
    expect(node.running?.evidence.waiting().map(toHex)).toEqual([toHex(twoVotes(made, 2))])
    for (const i of [1, 2, 3]) await made.start(i)
    await made.until('a record', () => recordsOn(node).length > 0)
    expect(offenceOf(must(recordsOn(node)[0], 'a record').record.evidence).validator).toBe(accusedOf(made, 2).authority)
  })

  it('is bounded, and one culprit’s many offences do not push another’s out of the next block', async () => {
    const made = await startAll(4)
    const { executor } = must(made.nodes[0]?.running, 'running')
    const pool = await openEvidencePool({
      executor,
      store: { writeBatch: () => Promise.resolve(), range: async function* () {} },
      onFatal: (error) => {
        throw error
      },
    })
    for (let round = 0; round < LIMITS.evidencePerKeyMax; round++)
      expect(pool.offer(twoVotes(made, 2, { round }))).toMatchObject({ isNew: true })
    expect(pool.offer(twoVotes(made, 2, { round: 77 }))).toMatchObject({ code: 'EVIDENCE_POOL_FULL' })
    expect(pool.offer(twoVotes(made, 1))).toMatchObject({ isNew: true })
    const next = pool
      .waiting()
      .slice(0, 2)
      .map((bytes) => offenceOf(must(decodeEvidence(bytes), 'evidence')).validator)
    expect(next).toEqual([accusedOf(made, 2).authority, accusedOf(made, 1).authority])
    expect(POOL_MAX).toBeGreaterThanOrEqual(LIMITS.blockEvidenceMax)
  })
})
