// Owns: tests of carrying out block sync: what is applied, who lied, and who did not.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { toHex } from '../core/base/bytes.ts'
import { BlockSchema } from '../core/chain/block.ts'
import type { Block } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { decode, encode } from '../core/codec/schema.ts'
import { NodeError } from '../core/base/errors.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import { createAnswers } from './answers.ts'
import { BodyAnswerSchema, BodyRequestSchema } from './block-fetcher.ts'
import { BlocksAnswerSchema, BlocksRequestSchema, createBlockSync } from './block-sync.ts'
import type { ChainHead } from './chain-head.ts'
import type { ChainNode } from './chain-node.ts'
import { createLogger } from './logger.ts'

// A network that has made some blocks, one of them with a transaction, and a fresh node beside it.
const source = createVirtualNodes(4)
for (const node of source.nodes) await source.start(node.index)
await source.until('block 1', () => source.nodes.every((node) => (node.running?.head().height ?? 0) >= 1))
const [from, to] = source.world.citizens
const tx = source.world.signTransfer(must(from, 'a citizen'), {
  to: must(to, 'a citizen').address,
  amount: 1n,
  lane: 0,
  nonce: 0n,
  validUntil: 100,
})
must(source.nodes[0]?.running, 'a node').desk.admit(tx.bytes)
await source.until('block 4', () => source.nodes.every((node) => (node.running?.head().height ?? 0) >= 4))
const full: ChainNode = must(source.nodes[0]?.running, 'a node')
const entryAt = (height: number) => ({
  block: must(full.chain.blockBytesAt(height), 'a block'),
  certificate: must(full.chain.certificateAt(height), 'a certificate'),
})

async function createRig(answer: (from: number, count: number) => Uint8Array, change = (head: ChainHead): ChainHead => head) {
  const made = createVirtualNodes(4)
  await made.start(0)
  const node: ChainNode = must(made.nodes[0]?.running, 'a node')
  const penalties: string[] = []
  const committed: number[] = []
  let head = change(node.head())
  const executor = { ...node.executor, head: () => head }
  let asked = 0
  const sync = createBlockSync({
    executor,
    network: {
      penalise: (peer, reason) => void penalties.push(`${peer}: ${reason}`),
      request: (_peer, _protocol, raw) => {
        asked++
        const request = decode(BlocksRequestSchema, raw, 64)
        try {
          return Promise.resolve(answer(request.from, request.count))
        } catch (error) {
          return Promise.reject(error)
        }
      },
    },
    clock: made.time.clock,
    runTask: (task) => void task(),
    commit: (candidate, certificate) => {
      committed.push(candidate.block.header.height)
      // Only the way of a block to the door is tested here: the state stays that of the genesis, so one block is enough.
      head = {
        ...head,
        height: candidate.block.header.height,
        blockId: candidate.blockId,
        header: candidate.block.header,
        certificate,
      }
      sync.tell({ kind: 'headMoved', height: head.height, nowMs: made.time.clock.nowMs() })
      return Promise.resolve()
    },
    log: createLogger({ level: 'silent' }),
  })
  const claim = async (height: number): Promise<void> => {
    sync.tell({ kind: 'peerHeight', peer: 'p', height, nowMs: made.time.clock.nowMs() })
    await made.time.advance(0)
  }
  await made.time.advance(1_000)
  return { made, penalties, committed, sync, claim, asked: () => asked }
}

const answerOf = (entries: readonly { block: Uint8Array; certificate: Certificate }[]): Uint8Array =>
  encode(BlocksAnswerSchema, entries)
const alter = (height: number, change: (block: Block) => Block) => {
  const { block, certificate } = entryAt(height)
  return { block: encode(BlockSchema, change(decode(BlockSchema, block, block.length))), certificate }
}

describe('an answer', () => {
  it('with the block asked for is committed', async () => {
    const rig = await createRig(() => answerOf([entryAt(1)]))
    await rig.claim(1)
    expect([rig.committed, rig.penalties]).toEqual([[1], []])
  })

  it.each<[string, () => Uint8Array]>([
    ['bytes that are no answer', () => new Uint8Array([1, 2, 3])],
    ['a block that is none', () => answerOf([{ ...entryAt(1), block: new Uint8Array([1]) }])],
    ['another height than asked for', () => answerOf([entryAt(2)])],
    [
      'the certificate of another block',
      () =>
        answerOf([
          { block: entryAt(1).block, certificate: { ...entryAt(1).certificate, blockId: entryAt(2).certificate.blockId } },
        ]),
    ],
    [
      'a certificate with a bad signature',
      () =>
        answerOf([
          {
            ...entryAt(1),
            certificate: {
              ...entryAt(1).certificate,
              signatures: entryAt(1).certificate.signatures.map(() => new Uint8Array(64)),
            },
          },
        ]),
    ],
    [
      'a certificate of too few',
      () => {
        const { certificate } = entryAt(1)
        return answerOf([
          {
            ...entryAt(1),
            certificate: { ...certificate, bitmap: new Uint8Array([0x80]), signatures: certificate.signatures.slice(0, 1) },
          },
        ])
      },
    ],
    ['a final header with another body', () => answerOf([alter(1, (block) => ({ ...block, txs: [tx.bytes] }))])],
    [
      'a final header with another certificate inside',
      () => answerOf([alter(1, (block) => ({ ...block, lastCommit: entryAt(2).certificate }))]),
    ],
  ])('with %s is a lie: the peer is penalised once and not asked again', async (_, answer) => {
    const rig = await createRig(answer)
    await rig.claim(3)
    expect(rig.committed).toEqual([])
    expect(rig.penalties).toEqual(['p: sent a block that does not verify'])
    await rig.claim(3)
    expect(rig.asked()).toBe(1)
  })

  it('that is final by its certificate but not valid here is nobody’s lie: the peer told the truth', async () => {
    const rig = await createRig(
      (first) => answerOf([entryAt(first)]),
      (head) => ({ ...head, params: { ...head.params, heartbeatMs: 1 } }),
    )
    await rig.claim(1)
    await rig.made.time.advance(1_000)
    await rig.claim(1)
    expect([rig.committed, rig.asked()]).toEqual([[], 2])
    expect(rig.penalties).toEqual([])
  })

  it('that is empty, missing or late is a failure, no lie, and does not stop the service', async () => {
    let first = true
    const rig = await createRig(() => {
      if (!first) return answerOf([entryAt(1)])
      first = false
      throw new NodeError('PEER_TIMEOUT', 'late')
    })
    await rig.claim(1)
    expect([rig.committed, rig.penalties]).toEqual([[], []])
    await rig.made.time.advance(1_000)
    await rig.claim(1)
    expect(rig.committed).toEqual([1])
    const empty = await createRig(() => answerOf([]))
    await empty.claim(5)
    expect([empty.sync.isBehind(), empty.penalties]).toEqual([false, []])
  })
})

describe('what we answer', () => {
  const answers = createAnswers({
    chain: full.chain,
    bodies: { block: () => null, assemble: () => ({ kind: 'unknown' }) } as never,
    head: full.head,
    status: () => new Uint8Array([7]),
  })
  const blocks = (first: number, count: number) => {
    const answer = answers('blocks', encode(BlocksRequestSchema, { from: first, count }))
    return answer === null ? null : decode(BlocksAnswerSchema, answer, answer.length).map(({ certificate }) => certificate.height)
  }
  const withTx = must(
    [1, 2, 3, 4]
      .map((height) => full.chain.certificateAt(height))
      .find((certificate) => full.chain.headerAt(certificate?.height ?? 0)?.txCount === 1),
    'a block with a transaction',
  )
  const body = (indexes: readonly number[], blockId = withTx.blockId) => {
    const answer = answers('body', encode(BodyRequestSchema, { blockId, indexes }))
    return answer === null ? null : decode(BodyAnswerSchema, answer, answer.length)
  }

  it('is the status, and blocks up to our head, however many are asked for', () => {
    expect(answers('status', new Uint8Array(0))).toEqual(new Uint8Array([7]))
    expect(blocks(2, 2)).toEqual([2, 3])
    expect(blocks(0, 0xffffffff)?.slice(0, 4)).toEqual([1, 2, 3, 4])
    expect(blocks(1_000_000, 64)).toEqual([])
    expect(blocks(Number.MAX_SAFE_INTEGER, 64)).toEqual([])
  })

  it('is a body or its transactions by place, each place once and in order', () => {
    expect(body([])?.[0]).toEqual(full.chain.blockBytesAt(withTx.height))
    expect(body([0])?.map(toHex)).toEqual([toHex(tx.bytes)])
    expect(body([0, 0])).toBeNull()
    expect(body([1])).toBeNull()
    expect(body(Array.from({ length: 20_000 }, () => 0))).toBeNull()
    expect(body([], 'ee'.repeat(32) as never)).toBeNull()
  })

  it('is nothing for garbage', () => {
    expect(answers('body', new Uint8Array([1]))).toBeNull()
    expect(answers('blocks', new Uint8Array([1]))).toBeNull()
  })
})
