// Owns: that the load of a city is what it says: shares, ranks, numbers, the same for the same seed. Not here: running it.
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../core/base/bytes.ts'
import { decodeTransaction } from '../../core/chain/transaction.ts'
import { checkBrn } from '../../modules/payment/brn.ts'
import { isMerchantId } from '../../modules/payment/qr/merchant-id.ts'
import { createDesk } from './desk.ts'
import { createDice, createZipf } from './dice.ts'
import { CITY_MIX } from './mix.ts'
import type { Mix } from './mix.ts'
import { brnOf, citySizeOf, shopIdOf } from './people.ts'
import { signTraffic } from './traffic.ts'

const HASH = 'ab'.repeat(32)
const sign = (count: number, mix: Mix = CITY_MIX) => {
  const desk = createDesk({ genesisHash: HASH, nodes: 4, validUntil: () => 500 })
  const nowMs = 1_795_424_400_000
  return signTraffic({ size: citySizeOf(10_000), desk, mix, count, lag: 50, seed: 7, nowMs, say: () => undefined })
}

describe('the load of a city', () => {
  it('is 70 % payments, 20 % points, 10 % identities and others', () => {
    const sum = (kinds: readonly (keyof typeof CITY_MIX)[]): number => kinds.reduce((all, kind) => all + CITY_MIX[kind], 0)
    expect(sum(['payStatic', 'payDynamic', 'paySigned', 'capture', 'refund'])).toBe(70)
    expect(sum(['grant', 'grantBatch', 'pointsTransfer'])).toBe(20)
    expect(sum(['didCreate', 'didUpdate', 'transfer'])).toBe(10)
  })

  it('is the same for the same seed, in order by account, each account at one node', () => {
    const [first, again] = [sign(400), sign(400)]
    expect(first).toEqual(again)
    expect(new Set(first.txs.map(({ id }) => id)).size).toBe(400)
    const places = new Map<string, number>()
    const nonces = new Map<string, bigint>()
    for (const { hex, node } of first.txs) {
      const { body } = decodeTransaction(fromHex(hex.slice(2)))
      const key = `${body.sender}.${body.lane}`
      expect(body.nonce).toBe(nonces.get(key) ?? 0n)
      nonces.set(key, body.nonce + 1n)
      if (body.sponsor === null) expect(places.get(body.sender) ?? node).toBe(node)
      places.set(body.sender, node)
    }
    expect(first.kinds.filter((kind) => kind === 'refund').length).toBeGreaterThan(5)
  })

  it('chooses shops by Zipf’s law: with exponent 1 the first comes twice as often as the second', () => {
    const draw = createZipf(createDice(3), 200, 1)
    const counts = new Array<number>(200).fill(0)
    for (let i = 0; i < 200_000; i++) {
      const rank = draw()
      counts[rank] = (counts[rank] ?? 0) + 1
    }
    const [first = 0, second = 0, , , , , , , , tenth = 0] = counts
    expect(first / second).toBeGreaterThan(1.8)
    expect(first / second).toBeLessThan(2.2)
    expect(first / tenth).toBeGreaterThan(8.5)
    expect(first / tenth).toBeLessThan(11.5)
  })

  it('gives every shop a number and a registration number of its own', () => {
    const shops = Array.from({ length: citySizeOf(1_000_000).merchants }, (_, shop) => shop)
    expect(new Set(shops.map(brnOf)).size).toBe(10_000)
    expect(shops.every((shop) => checkBrn(brnOf(shop)) === null && isMerchantId(shopIdOf(shop)))).toBe(true)
  })
})
