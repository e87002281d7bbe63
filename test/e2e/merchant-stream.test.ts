// Owns: that a merchant misses no payment over real WebSockets: a line that is cut, a node that is killed, a till that comes back.
// Not here: the stream itself (sdk/stream.test.ts), what a payment is (modules/payment).
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { nodeAddresses } from '../../cli/devnet/layout.ts'
import { createClient } from '../../sdk/client.ts'
import type { Client } from '../../sdk/client.ts'
import { readChain } from '../../sdk/chain.ts'
import type { ChainRef } from '../../sdk/chain.ts'
import { proveMerchantPayment, proveMerchantPayments, watchMerchant } from '../../sdk/merchant.ts'
import type { MerchantPayment, MerchantWatch } from '../../sdk/merchant.ts'
import { payMerchant, refundPayment } from '../../sdk/money.ts'
import { createSender } from '../../sdk/sender.ts'
import type { Sender } from '../../sdk/sender.ts'
import { trustFromGenesis } from '../../sdk/trust.ts'
import { createWallet } from '../../sdk/wallet.ts'
import { webSocketTransport } from '../../sdk/web-socket.ts'
import { createDevnet, eventually } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'

const CAFE = '100000000000017'

let devnet: Devnet
let chain: ChainRef
let line: Line

type Line = { readonly server: Server; readonly port: number; readonly cut: () => void; readonly mend: () => void }

/** A line to a node that can be cut: open connections break, new ones are refused, until it is mended. */
async function openLine(target: URL): Promise<Line> {
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    server,
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    mend: () => {
      isCut = false
    },
  }
}

beforeAll(async () => {
  devnet = await createDevnet({ count: 1 })
  await devnet.start()
  chain = await readChain(devnet.client('v1'))
  line = await openLine(new URL(nodeAddresses(devnet.dir, devnet.node('v1')).rpc))
})

afterAll(async () => {
  line?.server.close()
  await devnet?.destroy()
})

const senderOf = (name: string): Sender => {
  const wallet = createWallet({ seed: devnet.named(name).seed, keyId: DEV_KEY_ID, network: chain.network })
  return createSender({ client: devnet.client('v1'), chain, wallet })
}
const overLine = (): Client =>
  createClient({ transport: webSocketTransport({ url: `ws://127.0.0.1:${line.port}/ws`, retryMsMin: 10, retryMsMax: 50 }) })

/** Reads a watch in the background. */
function listen(watch: MerchantWatch): { readonly seen: MerchantPayment[]; readonly ended: Promise<void> } {
  const seen: MerchantPayment[] = []
  const read = async (): Promise<void> => {
    for await (const payment of watch) seen.push(payment)
  }
  return { seen, ended: read() }
}

test('a till sees every payment once and in order, though its line is cut and its node killed, and proves that it has all', async () => {
  const payer = senderOf('citizen-1')
  const payIds: string[] = []
  const pay = async (count: number, sender = payer): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const total = 1_000n + BigInt(payIds.length)
      payIds.push((await sender.send(payMerchant({ merchantId: CAFE, total }))).hash.slice(2))
    }
  }
  await pay(2)
  const client = overLine()
  const watch = watchMerchant(client, { merchantId: CAFE })
  const { seen, ended } = listen(watch)
  const caughtUp = () => eventually('the till caught up', async () => (seen.length === payIds.length ? true : null))
  await caughtUp()
  await pay(2)
  await caughtUp()

  line.cut()
  await pay(3)
  line.mend()
  await caughtUp()

  await devnet.kill('v1')
  await devnet.start('v1')
  await pay(2, senderOf('citizen-2'))
  await caughtUp()
  // A refund concerns the merchant and is no payment.
  const refund = { payId: seen[0]?.payId ?? chain.genesisHash, amount: 1_000n, refundRef: 'R1' }
  await senderOf('merchant-1').send(refundPayment(refund))
  await pay(1, senderOf('citizen-2'))
  await caughtUp()

  expect(seen.map(({ seq }) => seq)).toEqual(payIds.map((_, seq) => seq))
  expect(seen.map(({ payId }) => payId)).toEqual(payIds)
  expect(seen.map(({ total, krwPart, kind }) => [total, krwPart, kind])).toEqual(
    payIds.map((_, i) => [1_000n + BigInt(i), 1_000n + BigInt(i), 'TYPED']),
  )
  const ask = { client: devnet.client('v1'), chain, trust: trustFromGenesis(devnet.genesisJson), merchantId: CAFE }
  expect((await proveMerchantPayments(ask)).payments).toBe(watch.next())
  expect(await proveMerchantPayment({ ...ask, seq: 4 })).toBe(payIds[4])
  expect(await proveMerchantPayment({ ...ask, seq: payIds.length })).toBe(null)
  watch.close()
  await ended
  client.close()
})

test('a till that was off goes on from where it was, and hears of its merchant alone', async () => {
  const client = overLine()
  const watch = watchMerchant(client, { merchantId: CAFE, from: 7 })
  const { seen, ended } = listen(watch)
  await eventually('the rest is read', async () => (seen.length === 3 ? true : null))
  expect(seen.map(({ seq }) => seq)).toEqual([7, 8, 9])
  watch.close()
  await ended
  const stream = client.subscribe('events', { merchant: CAFE }, { from: 'c1.0.0' })
  const names: unknown[] = []
  for await (const { item } of stream) {
    const { event } = item as { event: { name: string; merchantId: string } }
    expect(event.merchantId).toBe(CAFE)
    if (names.push(event.name) === 11) break
  }
  expect(names).toEqual([...Array.from({ length: 9 }, () => 'payment.paid'), 'payment.refunded', 'payment.paid'])
  client.close()
})
