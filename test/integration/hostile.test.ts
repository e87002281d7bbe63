// Owns: a validator that turned liar against three real nodes over libp2p: they go on, stay bounded, and make it pay for proven lies.
// Not here: each rule by itself (node/consensus-link.test.ts, node/network).
import { randomBytes } from 'node:crypto'
import type { Connection } from '@libp2p/interface'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { must } from '../../core/base/assert.ts'
import { fromHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { BLOCK_VERSION, blockIdOf, evidenceHash } from '../../core/chain/block.ts'
import type { CompactBlock } from '../../core/chain/block.ts'
import { certificateHash } from '../../core/chain/certificate.ts'
import { buildValidatorSet, proposerOf } from '../../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../../core/chain/vote.ts'
import type { Vote } from '../../core/chain/vote.ts'
import { encode } from '../../core/codec/schema.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { buildAccount, deriveSeed } from '../../cli/devnet/accounts.ts'
import { encodeConsensusMessage } from '../../consensus/message.ts'
import { encodeSummary } from '../../consensus/summary.ts'
import { BodyRequestSchema } from '../../node/block-fetcher.ts'
import { BlocksRequestSchema } from '../../node/block-sync.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import { encodeFrame } from '../../node/network/frames.ts'
import type { NetworkWithCounters } from '../../node/network/host.ts'
import { createCluster, until } from '../helpers/cluster.ts'
import type { Cluster } from '../helpers/cluster.ts'
import { framesOf, startRawPeer } from '../helpers/raw-peer.ts'
import type { RawPeer } from '../helpers/raw-peer.ts'

const SEED = fromHex('07'.repeat(32))
const LIAR = 3
const HONEST = [0, 1, 2] as const

let made: Cluster
let liar: RawPeer
let connections: Connection[] = []
let nonce = 0n
const account = buildAccount('v4', deriveSeed(SEED, 'validator/v4'))
const signer = createSigner(account.seed)

const nodeAt = (index: number): ChainNode => must(made.nodes[index]?.running, 'a running node')
const networkOf = (index: number): NetworkWithCounters => nodeAt(index).options.network as NetworkWithCounters
const penaltiesOf = (index: number): number => networkOf(index).counters().penalties
const heightNow = (): number => Math.max(...HONEST.map((index) => nodeAt(index).head().height))

async function connect(): Promise<void> {
  await liar?.stop()
  liar = await startRawPeer(deriveSeed(SEED, `p2p/v${LIAR + 1}`), made.genesis.hash.slice(0, 16))
  connections = []
  for (const index of HONEST) connections.push(await liar.dial(networkOf(index).listenAddresses()))
}

function vote(parts: { height: number; round?: number; blockId?: string | null; type?: Vote['type'] }): Vote {
  const { height, round = 0, blockId = null, type = 'prevote' } = parts
  const content = { height, round, blockId: blockId === null ? null : asHash32(blockId), validRound: -1 }
  const signature = signer.sign(consensusSigningBytes(made.genesis.chainId, type, content))
  return { type, ...content, validator: account.address, signature }
}

const voteFrame = (message: Vote): Uint8Array => encodeConsensusMessage({ kind: 'vote', vote: message })

async function sendFrames(index: number, messages: readonly Uint8Array[]): Promise<void> {
  const stream = await liar.open(must(connections[index], 'a connection'), 'consensus')
  await liar.send(stream, framesOf(messages))
}

// The network still finalises: a transfer given to one honest node is final on all three, and their queues are short.
async function expectWell(): Promise<void> {
  const to = must(made.accounts.get('citizen-2'), 'an account')
  const tx = made.sign('citizen-1', 'payment.transfer', { to: to.address, amount: 1n, memoCommit: null }, { nonce: nonce++ })
  nodeAt(0).desk.admit(tx.bytes)
  nodeAt(0).publishTransaction(tx.id, tx.bytes)
  await until('a transfer final on all three', () => HONEST.every((index) => nodeAt(index).chain.placeOf(tx.id) !== null))
  for (const index of HONEST) {
    expect(nodeAt(index).queueLength()).toBeLessThan(1_000)
    expect(nodeAt(index).mempool.count()).toBeLessThan(10)
    expect(made.nodes[index]?.errors).toEqual([])
    // Honest nodes do not hold it against each other.
    for (const view of networkOf(index).peers()) if (view.peer !== liar.peerId) expect(view.penalty).toBe(0)
  }
}

beforeAll(async () => {
  made = await createCluster(4)
  for (const index of HONEST) await made.start(index)
  await until('block 1', () => HONEST.every((index) => nodeAt(index).head().height >= 1))
  await connect()
}, 60_000)

// On a busy machine the flood of one test may cost the connection, which is no penalty: the next one begins with a whole one.
beforeEach(async () => {
  if (connections.some(({ status }) => status !== 'open')) await connect()
})

afterAll(async () => {
  await liar?.stop()
  await made?.close()
})

describe('what proves nothing is not penalised, and costs little', () => {
  let before: number[] = []
  beforeEach(() => {
    before = HONEST.map(penaltiesOf)
  })
  const expectNoPenalty = (): void => expect(HONEST.map(penaltiesOf)).toEqual(before)

  it('a hundred thousand votes for heights to come', async () => {
    const base = heightNow() + 2
    const template = vote({ height: base })
    // Those near enough to be kept are well signed: a bad one among them would be a lie once its height has come.
    const flood = Array.from({ length: 100_000 }, (_, i) =>
      voteFrame(i < 100 ? vote({ height: base + i }) : { ...template, height: base + i }),
    )
    const heapBefore = process.memoryUsage().heapUsed
    await Promise.all(HONEST.map((index) => sendFrames(index, flood)))
    await expectWell()
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(300_000_000)
    expectNoPenalty()
  })

  it('votes of heights that are over, and the same vote a thousand times', async () => {
    const height = heightNow()
    await sendFrames(0, [
      voteFrame(vote({ height: 1 })),
      ...Array.from({ length: 1_000 }, () => voteFrame(vote({ height: height + 1 }))),
    ])
    await expectWell()
    expectNoPenalty()
  })

  it('a claim to be nine quadrillion blocks ahead', async () => {
    const empty = new Uint8Array(1)
    const claim = {
      height: Number.MAX_SAFE_INTEGER,
      round: 0,
      step: 'propose',
      validRound: -1,
      prevotes: empty,
      precommits: empty,
      hasProposal: false,
    } as const
    for (const index of HONEST) {
      const stream = await liar.open(must(connections[index], 'a connection'), 'summary')
      await liar.send(stream, encodeFrame(encodeSummary(claim)))
    }
    await expectWell()
    expectNoPenalty()
  })

  it('requests with huge counts, for blocks that are not there, and for one place a thousand times over', async () => {
    const connection = must(connections[1], 'a connection')
    const blocks = await liar.ask(connection, 'blocks', encodeFrame(encode(BlocksRequestSchema, { from: 0, count: 0xffffffff })))
    expect(must(blocks, 'an answer').length).toBeLessThanOrEqual(8_388_608)
    const far = await liar.ask(
      connection,
      'blocks',
      encodeFrame(encode(BlocksRequestSchema, { from: Number.MAX_SAFE_INTEGER, count: 64 })),
    )
    expect(must(far, 'an answer').length).toBeLessThan(16)
    const withTx = must(
      Array.from({ length: heightNow() }, (_, i) => nodeAt(1).chain.headerAt(i + 1)).find((header) => (header?.txCount ?? 0) > 0),
      'a block with a transaction',
    )
    const askFor = (blockId: string, indexes: readonly number[]): Promise<Uint8Array | null> =>
      liar.ask(connection, 'body', encodeFrame(encode(BodyRequestSchema, { blockId: asHash32(blockId), indexes })))
    expect(await askFor(blockIdOf(withTx), [0])).not.toBeNull()
    expect(await askFor(blockIdOf(withTx), new Array<number>(20_000).fill(0))).toBeNull()
    expect(await askFor('ee'.repeat(32), [])).toBeNull()
    expect(await liar.ask(connection, 'body', encodeFrame(new Uint8Array(randomBytes(100))))).toBeNull()
    await expectWell()
    expectNoPenalty()
  })

  it('a proposal with a giant compact block by its rightful proposer: its transactions are nowhere, the next round goes on', async () => {
    const node = nodeAt(0)
    const set = buildValidatorSet(REGISTRY.readValidators(node.state))
    await until('our turn to propose', () => {
      return proposerOf(set, { height: node.head().height + 1, round: 0 }).authority === account.address
    })
    const head = node.head()
    const txIds = Array.from({ length: 20_000 }, (_, i) => asHash32(i.toString(16).padStart(64, '0')))
    const block: CompactBlock = {
      header: {
        ...head.header,
        version: BLOCK_VERSION,
        height: head.height + 1,
        time: Date.now(),
        parentId: head.blockId,
        lastCommitHash: certificateHash(head.certificate),
        evidenceHash: evidenceHash([]),
        proposer: account.address,
        txCount: txIds.length,
      },
      lastCommit: head.certificate,
      evidence: [],
      txIds,
    }
    const content = { height: head.height + 1, round: 0, blockId: blockIdOf(block.header), validRound: -1 }
    const signature = signer.sign(consensusSigningBytes(made.genesis.chainId, 'proposal', content))
    const proposal = { ...content, proposer: account.address, signature }
    const frame = encodeConsensusMessage({ kind: 'proposal', proposal, polka: null, block })
    await Promise.all(HONEST.map((index) => sendFrames(index, [frame])))
    await expectWell()
    expectNoPenalty()
  })

  it('a status and streams that end in the middle of a frame', async () => {
    const frame = encodeFrame(voteFrame(vote({ height: 1 })))
    for (const index of HONEST) {
      const connection = must(connections[index], 'a connection')
      const stream = await liar.open(connection, 'consensus')
      await liar.send(stream, frame.subarray(0, frame.length - 3))
      stream.abort(new Error('gone'))
    }
    await Promise.all(connections.map((connection) => liar.ask(connection, 'status', new Uint8Array([0, 0, 0, 9, 1]))))
    await expectWell()
    expectNoPenalty()
  })
})

describe('what proves a lie is penalised, and four lies end the connection', () => {
  const bad = (message: Vote): Vote => ({ ...message, signature: new Uint8Array(64) })

  it('a vote with a bad signature, each one', async () => {
    const before = penaltiesOf(0)
    const height = heightNow() + 1
    await sendFrames(
      0,
      Array.from({ length: 20 }, (_, i) => voteFrame(bad(vote({ height: height + (i % 3), round: i })))),
    )
    await until('a ban', () => networkOf(0).counters().bans > 0)
    expect(penaltiesOf(0) - before).toBeLessThanOrEqual(20)
    await until('it is gone', () =>
      networkOf(0)
        .peers()
        .every(({ peer }) => peer !== liar.peerId),
    )
    await expectWell()
  })

  it('bytes that are no frame of ours, and votes of another chain', async () => {
    const before = penaltiesOf(1)
    const content = { height: heightNow() + 1, round: 0, blockId: null, validRound: -1 }
    const signature = signer.sign(consensusSigningBytes('another-chain', 'prevote', content))
    const foreign = voteFrame({ type: 'prevote', ...content, validator: account.address, signature })
    await sendFrames(1, [new Uint8Array(randomBytes(300)), new Uint8Array([255])])
    await until('two penalties', () => penaltiesOf(1) >= before + 2)
    const { chainId } = made.genesis
    expect(chainId).not.toBe('another-chain')
    await sendFrames(1, [foreign])
    await until('a third', () => penaltiesOf(1) >= before + 3)
    await expectWell()
  })

  it('a length prefix of four gigabytes: the stream ends before a byte of it is kept', async () => {
    const before = penaltiesOf(2)
    const stream = await liar.open(must(connections[2], 'a connection'), 'consensus')
    await liar.send(stream, new Uint8Array([255, 255, 255, 255, 1, 2, 3]))
    await until('a penalty', () => penaltiesOf(2) > before)
    await until('it is cut', () =>
      networkOf(2)
        .peers()
        .every(({ peer }) => peer !== liar.peerId),
    )
    await expectWell()
  })

  it('gossip that is no batch, once per message and not twice', async () => {
    await connect()
    const before = penaltiesOf(2)
    await until(
      'the mesh',
      () =>
        liar !== null &&
        networkOf(2)
          .peers()
          .some(({ peer }) => peer === liar.peerId),
    )
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await liar.publish(new Uint8Array(randomBytes(200)))
    await until('a penalty', () => penaltiesOf(2) > before)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(penaltiesOf(2)).toBe(before + 1)
    await expectWell()
  })
})
