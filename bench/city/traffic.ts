// Owns: a load's transactions in order, signed before the clock starts. Not here: what each is (acts.ts, office-acts.ts).
import type { SignedTx } from '../open-loop.ts'
import type { Say } from '../measure.ts'
import { capture, payOrder, payStatic, refund, transfer } from './acts.ts'
import type { Made, Scene } from './acts.ts'
import type { Act, Desk } from './desk.ts'
import { createDice, createZipf } from './dice.ts'
import { createKinds, ZIPF_EXPONENT } from './mix.ts'
import type { Kind, Mix } from './mix.ts'
import { didCreate, didUpdate, grant, grantBatch, pointsTransfer } from './office-acts.ts'
import type { CitySize } from './people.ts'

/** What to sign. `lag` is how many transactions later a payment may be refunded at the earliest. */
export type TrafficOptions = {
  readonly size: CitySize
  readonly desk: Desk
  readonly mix: Mix
  readonly count: number
  readonly lag: number
  readonly seed: number
  readonly nowMs: number
  readonly say: Say
}

/** Signed transactions with their kinds. */
export type Traffic = { readonly txs: readonly SignedTx[]; readonly kinds: readonly Kind[] }

type Paying = { act: Act; made: Omit<Made, 'payId'> }
const PAYING: { readonly [K in Kind]?: (scene: Scene) => Paying } = {
  payStatic,
  payDynamic: (scene) => payOrder(scene, 1),
  paySigned: (scene) => payOrder(scene, 0),
  capture,
}
const OTHER: { readonly [K in Kind]?: (scene: Scene) => Act } = {
  ...{ grant, grantBatch, pointsTransfer, didCreate, didUpdate, transfer },
}

/** Signs `count` transactions of a mix. A refund that has nothing to refund yet becomes a payment. */
export function signTraffic(options: TrafficOptions): Traffic {
  const { size, desk, count, lag, seed, nowMs, say } = options
  const dice = createDice(seed)
  // Numbers of different loads on one chain must not meet.
  let number = seed * 10_000_000
  const scene: Scene = {
    ...{ size, dice, desk, nowMs, shop: createZipf(dice, size.merchants, ZIPF_EXPONENT) },
    next: () => number++,
    codeSigners: new Map(),
  }
  const draw = createKinds(dice, options.mix)
  const txs: SignedTx[] = []
  const kinds: Kind[] = []
  const made: (Made & { readonly at: number })[] = []
  let refunded = 0
  for (let i = 0; i < count; i++) {
    let kind = draw()
    const old = made[refunded]
    if (kind === 'refund' && (old === undefined || old.at > i - lag)) kind = 'payStatic'
    const paying = PAYING[kind]?.(scene)
    if (kind === 'refund' && old !== undefined) refunded += 1
    const act = paying?.act ?? (kind === 'refund' && old !== undefined ? refund(scene, old) : OTHER[kind]?.(scene))
    if (act === undefined) throw new Error(`a load has no kind ${kind}`)
    const tx = desk.sign(act)
    txs.push(tx)
    kinds.push(kind)
    if (paying !== undefined) made.push({ ...paying.made, payId: tx.id, at: i })
    if (i % 20_000 === 19_999) say(`${i + 1} of ${count} signed`)
  }
  return { txs, kinds }
}
