// Owns: tests of transactions between nodes: batching, repetition, verdicts, bounds. Not here: gossip itself (node/network).
import { describe, expect, it } from 'vitest'
import { failure } from '../core/base/errors.ts'
import type { ErrorDefinition } from '../core/base/errors.ts'
import { asHash32 } from '../core/base/ids.ts'
import type { TxId } from '../core/base/ids.ts'
import { LIMITS } from '../core/base/limits.ts'
import { list, struct } from '../core/codec/compound.ts'
import { bytes, u32 } from '../core/codec/fields.ts'
import { decode, encode } from '../core/codec/schema.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import { EnvelopeError } from '../core/execution/errors.ts'
import { createVirtualTime } from '../test/helpers/virtual-nodes.ts'
import type { Outcome } from './intake.ts'
import { MempoolError } from './mempool/errors.ts'
import type { Verdict } from './ports.ts'
import { createTxRelay } from './tx-relay.ts'

const BatchSchema = struct({ attempt: u32, txs: list(bytes(LIMITS.txBytesMax), LIMITS.gossipBatchTxsMax) })
const idOf = (n: number): TxId => asHash32(n.toString(16).padStart(64, '0'))
const wireOf = (n: number, size = 4): Uint8Array => Uint8Array.from({ length: size }, () => n % 256)
const TAKEN = { tx: { id: idOf(1) } } as CheckedTransaction

function createRig(outcomeOf: (wire: Uint8Array) => Outcome = () => TAKEN) {
  const time = createVirtualTime(0)
  const published: { attempt: number; txs: number[]; bytes: number }[] = []
  const waiting = new Set<TxId>()
  const rig = { time, published, waiting, isFull: false }
  const relay = createTxRelay({
    clock: time.clock,
    network: {
      publish: (_topic, message) => {
        const { attempt, txs } = decode(BatchSchema, message, LIMITS.gossipMessageBytesMax)
        published.push({ attempt, txs: txs.map((wire) => wire[0] as number), bytes: message.length })
      },
    },
    intake: { take: (_source, wires) => (rig.isFull ? null : Promise.resolve(wires.map(outcomeOf))), stop: () => undefined },
    isWaiting: (txId) => waiting.has(txId),
  })
  return { ...rig, rig, relay }
}

describe('transactions out', () => {
  it('leave together a moment after the first', async () => {
    const { time, relay, published } = createRig()
    relay.publish(idOf(1), wireOf(1))
    relay.publish(idOf(2), wireOf(2))
    expect(published).toEqual([])
    await time.advance(5)
    expect(published.map(({ txs }) => txs)).toEqual([[1, 2]])
    relay.publish(idOf(3), wireOf(3))
    await time.advance(39)
    expect(published).toHaveLength(1)
    await time.advance(1)
    expect(published.map(({ txs }) => txs)).toEqual([[1, 2], [3]])
  })

  it('leave at once when a batch is full, by count or by bytes', () => {
    const many = createRig()
    for (let i = 0; i < LIMITS.gossipBatchTxsMax + 1; i++) many.relay.publish(idOf(i), wireOf(i))
    expect(many.published.map(({ txs }) => txs.length)).toEqual([LIMITS.gossipBatchTxsMax])
    const large = createRig()
    for (let i = 0; i < 17; i++) large.relay.publish(idOf(i), wireOf(i, LIMITS.txBytesMax))
    expect(large.published.map(({ txs }) => txs.length)).toEqual([15])
    expect(large.published.every(({ bytes: size }) => size <= LIMITS.gossipMessageBytesMax)).toBe(true)
  })

  it('are repeated while they wait, less and less often, as another message each time, and no more once they are gone', async () => {
    const { time, relay, published, waiting } = createRig()
    waiting.add(idOf(1))
    relay.publish(idOf(1), wireOf(1))
    const ticks = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await time.advance(1_000)
        relay.onTick()
      }
      await time.advance(50)
    }
    await ticks(1)
    expect(published.map(({ attempt }) => attempt)).toEqual([0, 1])
    await ticks(2)
    expect(published.map(({ attempt }) => attempt)).toEqual([0, 1, 2])
    await ticks(60)
    expect(published.length).toBeLessThan(10)
    waiting.clear()
    const before = published.length
    await ticks(60)
    expect(published).toHaveLength(before)
  })

  it('are repeated at the next tick when a peer came', async () => {
    const { time, relay, published, waiting } = createRig()
    waiting.add(idOf(1))
    relay.publish(idOf(1), wireOf(1))
    await time.advance(10)
    relay.onPeer()
    relay.onTick()
    await time.advance(50)
    expect(published).toHaveLength(2)
  })

  it('leave no more once stopped', async () => {
    const { time, relay, published } = createRig()
    relay.publish(idOf(1), wireOf(1))
    relay.stop()
    await time.advance(1_000)
    expect(published).toEqual([])
  })
})

describe('a batch in', () => {
  const outcomes: Readonly<Record<number, Outcome>> = {
    1: TAKEN,
    2: failure(EnvelopeError.BAD_SIGNATURE),
    3: failure(EnvelopeError.NONCE_TOO_LOW),
    4: failure(MempoolError.FULL),
    5: failure(MempoolError.DUPLICATE, { txId: `0x${idOf(5)}` }),
    6: failure(MempoolError.DUPLICATE, { txId: `0x${idOf(6)}` }),
    7: failure({ ...MempoolError.FULL, class: 'failed' } as ErrorDefinition),
  }
  const verdictFor = (numbers: readonly number[]): Verdict | Promise<Verdict> => {
    const { relay, waiting } = createRig((wire) => outcomes[wire[0] as number] as Outcome)
    waiting.add(idOf(5))
    return relay.onBatch(encode(BatchSchema, { attempt: 0, txs: numbers.map((n) => wireOf(n)) }))
  }

  it.each<[string, readonly number[], Verdict]>([
    ['a new transaction', [1], 'accept'],
    ['a new one among old ones', [3, 1, 4], 'accept'],
    ['one provable lie among good ones', [1, 2, 1], 'reject'],
    ['what may be our own lag', [3, 4, 7], 'ignore'],
    ['what waits here already and may be news to others', [5], 'accept'],
    ['what is final and would go round for ever', [6], 'ignore'],
    ['nothing', [], 'ignore'],
  ])('gets one verdict: %s', async (_, numbers, verdict) => {
    expect(await verdictFor(numbers)).toBe(verdict)
  })

  it('that is no batch is a lie; without room it is ignored', async () => {
    const { relay, rig } = createRig()
    expect(relay.onBatch(new Uint8Array([1, 2, 3]))).toBe('reject')
    expect(relay.onBatch(new Uint8Array(0))).toBe('reject')
    rig.isFull = true
    expect(await relay.onBatch(encode(BatchSchema, { attempt: 0, txs: [wireOf(1)] }))).toBe('ignore')
  })
})
