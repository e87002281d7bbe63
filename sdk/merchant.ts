// Owns: a merchant's payments as one stream without a gap, over any number of disconnections, and the proof that none is missing.
// Not here: streams (stream.ts), paying (money.ts).
import { NodeError } from '../core/base/errors.ts'
import type { Hash32 } from '../core/base/ids.ts'
import { asHash32 } from '../core/base/ids.ts'
import { journal, merchantBooks } from '../modules/payment/merchant-store.ts'
import type { ChainRef } from './chain.ts'
import type { Client } from './client.ts'
import { RpcError } from './errors.ts'
import { fetchStateProof } from './fetch-proof.ts'
import type { Read } from './methods.ts'
import { decodeRecord } from './records.ts'
import type { Stream } from './stream.ts'
import type { Trust } from './trust.ts'
import { verifyStateProof } from './verify.ts'

/** One payment of a merchant; `seq` counts them from 0 without a gap. Amounts are won and points. */
export type MerchantPayment = {
  readonly seq: number
  readonly payId: Hash32
  readonly payer: string
  readonly total: bigint
  readonly krwPart: bigint
  readonly pointsPart: bigint
  readonly fee: bigint
  readonly kind: string
  readonly orderRef: string | null
}

/** A merchant's payments in the order of its journal, each exactly once; one reader. Ends by `close`. */
export type MerchantWatch = AsyncIterable<MerchantPayment> & {
  /** The payment that comes next: keep it, and begin from it another day. */
  readonly next: () => number
  readonly close: () => void
}

type PayJson = {
  readonly payId: string
  readonly payer: string
  readonly total: string
  readonly pointsPart: string
  readonly fee: string
  readonly kind: string
  readonly orderRef: string | null
}
type Page = Read<{
  readonly payments: number
  readonly items: readonly { readonly seq: number; readonly payId: string; readonly payment: Omit<PayJson, 'payId'> }[]
}>
type PaidItem = { readonly event: PayJson & { readonly seq: number } }

const PAGE = 100

/**
 * Every payment of a merchant from place `from` of its journal on: what is there already, then each new one as it becomes
 * final. The journal's own count tells whether a place is missing, so neither a lost connection nor a node that pruned its
 * blocks leaves a gap.
 * Needs a client of a WebSocket URL. Its loop throws what `call` throws.
 */
export function watchMerchant(client: Client, wish: { merchantId: string; from?: number }): MerchantWatch {
  const { merchantId, from = 0 } = wish
  const state: WatchState = { client, merchantId, next: from, closed: false, stream: null }
  const close = (): void => {
    state.closed = true
    state.stream?.close()
  }
  return {
    next: () => state.next,
    close,
    async *[Symbol.asyncIterator]() {
      try {
        while (!state.closed) yield* followOnce(state)
      } finally {
        close()
      }
    },
  }
}

type WatchState = {
  readonly client: Client
  readonly merchantId: string
  next: number
  closed: boolean
  stream: Stream | null
}

// Reads the journal to its end, then follows the events until one shows that some were not seen; the caller begins anew.
async function* followOnce(state: WatchState): AsyncGenerator<MerchantPayment> {
  const { client, merchantId } = state
  let page: Page
  do {
    page = await client.call<Page>('payment_listByMerchant', { merchantId, from: state.next, limit: PAGE })
    for (const { seq, payId, payment } of page.value.items) {
      if (seq !== state.next) throw new NodeError('RPC_BAD_ANSWER', `the journal gave place ${seq} where ${state.next} was asked`)
      yield take(state, readPayment(seq, { ...payment, payId }))
      if (state.closed) return
    }
  } while (page.value.items.length === PAGE)
  const stream = client.subscribe(
    'events',
    { names: ['payment.paid'], merchant: merchantId },
    { from: `c1.${page.context.height}.0` },
  )
  state.stream = stream
  try {
    for await (const { item } of stream) {
      const { event } = item as unknown as PaidItem
      // What the page held already comes once more where the stream begins inside its block.
      if (event.seq < state.next) continue
      if (event.seq > state.next) return
      yield take(state, readPayment(event.seq, event))
    }
  } catch (error) {
    // The blocks since are pruned on this node; the journal is state and still whole.
    if (!(error instanceof RpcError) || error.data.code !== 'PRUNED') throw error
  } finally {
    stream.close()
    state.stream = null
  }
}

function take(state: WatchState, payment: MerchantPayment): MerchantPayment {
  state.next = payment.seq + 1
  return payment
}

function readPayment(seq: number, json: PayJson): MerchantPayment {
  const [total, pointsPart] = [BigInt(json.total), BigInt(json.pointsPart)]
  const { payer, kind, orderRef, fee } = json
  const payId = asHash32(json.payId.slice(2))
  return { seq, payId, payer, total, krwPart: total - pointsPart, pointsPart, fee: BigInt(fee), kind, orderRef }
}

/** Where something was asked of a node that is not trusted, and who is. */
export type ProvenAsk = { readonly client: Client; readonly chain: ChainRef; readonly trust: Trust; readonly merchantId: string }

/**
 * How many payments a merchant has had, proved under a final header: whoever has read so many places has read all of them.
 * Throws NodeError PROOF_REFUSED with the reason, and what `fetchStateProof` throws.
 */
export async function proveMerchantPayments(ask: ProvenAsk): Promise<{ readonly payments: number; readonly height: number }> {
  const { value, height } = await prove(ask, merchantBooks.keyOf(ask.merchantId))
  return { payments: decodeRecord(merchantBooks, value)?.payments ?? 0, height }
}

/** The payment at a place of a merchant's journal, proved under a final header; null where there is none. Throws as above. */
export async function proveMerchantPayment(ask: ProvenAsk & { readonly seq: number }): Promise<Hash32 | null> {
  const { merchantId, seq } = ask
  const { value } = await prove(ask, journal.keyOf({ merchantId, seq }))
  return decodeRecord(journal, value)?.payId ?? null
}

async function prove({ client, chain, trust }: ProvenAsk, key: string): Promise<{ value: Uint8Array | null; height: number }> {
  const verdict = verifyStateProof({ trust, proof: await fetchStateProof(client, chain, key), key })
  if (!verdict.ok) throw new NodeError('PROOF_REFUSED', `the node's proof of ${key} does not hold: ${verdict.reason}`)
  return { value: verdict.value, height: verdict.header.height }
}
