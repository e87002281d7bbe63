// Owns: tests of a merchant's stream over a client in memory: gaps, repetition, pruned blocks, lies. Not here: real nodes
// (test/e2e/merchant-stream.test.ts).
import { describe, expect, it } from 'vitest'
import type { Client } from './client.ts'
import { buildRpcError } from './errors.ts'
import { watchMerchant } from './merchant.ts'
import type { MerchantPayment } from './merchant.ts'
import type { Stream } from './stream.ts'

const MERCHANT = '100000000000017'
const payment = (seq: number) => ({
  ...{ payId: `0x${String(seq).padStart(64, '0')}`, payer: 'narud1x', total: String(100 + seq), pointsPart: '40', fee: '1' },
  ...{ kind: 'TYPED', orderRef: null },
})

/** A node whose journal holds `journal` payments; each stream gives the next script: places of payments, or an error. */
function createNode(scripts: readonly (readonly number[] | Error)[], journal: { count: number }) {
  const asked: unknown[] = []
  let used = 0
  const subscribe: Client['subscribe'] = (topic, filter, options) => {
    asked.push([topic, filter, options])
    const script = scripts[used++]
    async function* run() {
      if (script instanceof Error) throw script
      for (const seq of script ?? []) {
        journal.count = Math.max(journal.count, seq + 1)
        yield { item: { event: { ...payment(seq), seq } }, height: 1, cursor: 'c1.1.0' }
      }
    }
    return Object.assign(run(), { cursor: () => null, close: () => undefined }) as unknown as Stream
  }
  const call = async (method: string, params: { from: number; limit: number }) => {
    expect(method).toBe('payment_listByMerchant')
    const count = Math.max(0, Math.min(params.limit, journal.count - params.from))
    const items = Array.from({ length: count }, (_, i) => ({
      seq: params.from + i,
      payment: payment(params.from + i),
      ...payment(params.from + i),
    }))
    return { context: { height: 7, hash: '', time: 0 }, value: { payments: journal.count, items } }
  }
  const client = { call, subscribe, batch: async () => [], close: () => undefined } as unknown as Client
  return { client, asked }
}

async function read(client: Client, count: number, from = 0): Promise<{ payments: MerchantPayment[]; next: number }> {
  const watch = watchMerchant(client, { merchantId: MERCHANT, from })
  const payments: MerchantPayment[] = []
  for await (const one of watch) if (payments.push(one) === count) break
  return { payments, next: watch.next() }
}
const seqs = (payments: readonly MerchantPayment[]): readonly number[] => payments.map(({ seq }) => seq)

describe('a merchant’s payments', () => {
  it('are the journal’s first, by pages, and then what the stream tells from that very block on', async () => {
    const { client, asked } = createNode([[249, 250, 251]], { count: 250 })
    const { payments, next } = await read(client, 252)
    expect(seqs(payments)).toEqual(Array.from({ length: 252 }, (_, i) => i))
    expect(payments[251]).toMatchObject({ total: 351n, krwPart: 311n, pointsPart: 40n, fee: 1n, orderRef: null })
    expect(asked).toEqual([['events', { names: ['payment.paid'], merchant: MERCHANT }, { from: 'c1.7.0' }]])
    expect(next).toBe(252)
  })

  it('that the stream passed over are read from the journal, and none comes twice', async () => {
    const { client } = createNode(
      [
        [5, 6, 9],
        [8, 9, 10],
      ],
      { count: 5 },
    )
    expect(seqs((await read(client, 8, 3)).payments)).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('go on by the journal where the blocks since are pruned', async () => {
    const pruned = buildRpcError({ code: 1104, message: 'gone', data: { code: 'PRUNED' } })
    const journal = { count: 1 }
    const { client } = createNode([pruned, [2, 3]], journal)
    const watch = watchMerchant(client, { merchantId: MERCHANT })
    const seen: number[] = []
    for await (const { seq } of watch) {
      seen.push(seq)
      if (seq === 0) journal.count = 2
      if (seen.length === 4) break
    }
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('end with the error of a call that cannot be mended', async () => {
    const closed = buildRpcError({ code: -32602, message: 'no', data: { code: 'INVALID_PARAMS' } })
    const { client } = createNode([closed], { count: 0 })
    await expect(read(client, 1)).rejects.toMatchObject({ data: { code: 'INVALID_PARAMS' } })
  })

  it('of a node that skips a place are refused', async () => {
    const { client } = createNode([], { count: 3 })
    const lying = {
      ...client,
      call: async () => ({
        context: { height: 1 },
        value: { payments: 3, items: [{ seq: 1, payment: payment(1), ...payment(1) }] },
      }),
    }
    await expect(read(lying as unknown as Client, 1)).rejects.toMatchObject({ code: 'RPC_BAD_ANSWER' })
  })
})
