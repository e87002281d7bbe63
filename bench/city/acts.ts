// Owns: what citizens and shops do: pay by code, show a code of their own, give back, pay each other. Not here: offices.
import { asHash32 } from '../../core/base/ids.ts'
import { u64ToBytes } from '../../core/base/bytes.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import type { Signer } from '../../core/crypto/ed25519-rule.ts'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { authorisationBytes, formatAuthorisation } from '../../modules/payment/qr/cpm.ts'
import { buildHouse } from '../../modules/payment/qr/house.ts'
import type { Act, Desk } from './desk.ts'
import type { Dice } from './dice.ts'
import { POINTS_SHARE } from './mix.ts'
import { codeSeedOf, shopIdOf, shopNameOf } from './people.ts'
import type { CitySize } from './people.ts'

/** A payment that was signed, for the refunds that follow. */
export type Made = { readonly payId: string; readonly shop: number; readonly total: bigint }

/** What the acts of a load share. `nowMs` is when its codes are made; they must outlive the load. */
export type Scene = {
  readonly size: CitySize
  readonly dice: Dice
  readonly shop: () => number
  readonly desk: Desk
  readonly nowMs: number
  /** Counts codes, references and newcomers, so that each is its own. */
  readonly next: () => number
  readonly codeSigners: Map<number, Signer>
}

// A payer's code lives at most 180 s, a shop's signed one 300 s: both are made for all of a load before it starts.
const CONSUMER_MS = 170_000
const DYNAMIC_MS = 280_000

function priceOf(dice: Dice): bigint {
  return BigInt(1_000 + 100 * dice(200))
}

/** A citizen or, where points are wanted, one of those who hold some. */
export function payerOf({ size, dice }: Scene, holdsPoints: boolean): number {
  return size.merchants + dice(holdsPoints ? size.holders : size.accounts - size.merchants)
}

function payAct(scene: Scene, said: { shop: number; qr: string; total: bigint; orderRef: string | null }): Act {
  const { dice, desk } = scene
  const takesPoints = dice(100) < POINTS_SHARE
  const pointsPart = takesPoints ? BigInt(50 + dice(200)) : 0n
  const payer = payerOf(scene, takesPoints)
  const { shop, qr, total, orderRef } = said
  const payload = { merchantId: shopIdOf(shop), total, pointsPart, orderRef, qr }
  return { type: 'payment.pay', payload, sender: desk.actor(`account/${payer}`), place: payer }
}

function codeOf(shop: number): Parameters<typeof buildHouse>[0] {
  return { merchantId: shopIdOf(shop), mcc: '5814', name: shopNameOf(shop), city: 'SEOUL', nameKo: `가게 ${shop}` }
}

const orderOf = (scene: Scene): string => scene.next().toString(16).toUpperCase().padStart(16, '0')

/** A sticker: the payer types the amount. */
export function payStatic(scene: Scene): { act: Act; made: Omit<Made, 'payId'> } {
  const shop = scene.shop()
  const total = priceOf(scene.dice)
  return { act: payAct(scene, { shop, total, qr: buildHouse(codeOf(shop)), orderRef: null }), made: { shop, total } }
}

/** One order's code; a shop with a key signs it. `parity` chooses shops without (1) or with (0) a key. */
export function payOrder(scene: Scene, parity: 0 | 1): { act: Act; made: Omit<Made, 'payId'> } {
  const drawn = scene.shop()
  const shop = Math.min(drawn - (drawn % 2) + parity, scene.size.merchants - 2 + parity)
  const total = priceOf(scene.dice)
  const orderRef = orderOf(scene)
  const seed = codeSeedOf(shop)
  const signer = seed === null ? null : (scene.codeSigners.get(shop) ?? createSigner(seed))
  if (signer !== null) scene.codeSigners.set(shop, signer)
  const expirySec = Math.floor((scene.nowMs + DYNAMIC_MS) / 1_000)
  const signing = signer === null ? {} : { signing: { expirySec, sign: (message: Uint8Array) => signer.sign(message) } }
  const qr = buildHouse({ ...codeOf(shop), amount: total, orderRef, ...signing })
  return { act: payAct(scene, { shop, total, qr, orderRef: null }), made: { shop, total } }
}

/** The payer shows a code of its own, one of the shop's four tills takes it. */
export function capture(scene: Scene): { act: Act; made: Omit<Made, 'payId'> } {
  const { dice, desk } = scene
  const shop = scene.shop()
  const total = priceOf(dice)
  const payer = desk.actor(`account/${payerOf(scene, false)}`)
  const terms = {
    ...{ payer: payer.address, maxAmount: total + BigInt(dice(10_000)), keyId: DEV_KEY_ID },
    ...{ expirySec: Math.floor((scene.nowMs + CONSUMER_MS) / 1_000), nonce: u64ToBytes(BigInt(scene.next())) },
  }
  const authorisation = formatAuthorisation({ ...terms, signature: payer.signer.sign(authorisationBytes(terms)) })
  const payload = { merchantId: shopIdOf(shop), authorisation, amount: total, orderRef: null }
  const act = { type: 'payment.capture', payload, sender: desk.actor(`account/${shop}`), lane: 1 + dice(4), place: shop }
  return { act, made: { shop, total } }
}

/** A shop gives back a part of a payment. */
export function refund(scene: Scene, { payId, shop, total }: Made): Act {
  const amount = 1n + BigInt(scene.dice(Number(total)))
  const payload = { payId: asHash32(payId.slice(2)), amount, refundRef: `R${scene.next()}` }
  return { type: 'payment.refund', payload, sender: scene.desk.actor(`account/${shop}`), lane: 5, place: shop }
}

/** Won between two citizens. */
export function transfer(scene: Scene): Act {
  const from = payerOf(scene, false)
  const others = scene.size.accounts - scene.size.merchants
  const to = scene.size.merchants + ((from - scene.size.merchants + 1 + scene.dice(others - 1)) % others)
  const payload = { to: scene.desk.actor(`account/${to}`).address, amount: BigInt(1 + scene.dice(500)), memoCommit: null }
  return { type: 'payment.transfer', payload, sender: scene.desk.actor(`account/${from}`), place: from }
}
