// Owns: what a city does at its peak: kinds of transactions and their shares. Not here: making one (acts.ts, office-acts.ts).
import type { Dice } from './dice.ts'

/** What somebody does: seventy payments, twenty moves of points, ten of identities and between people in a hundred. */
export const CITY_MIX = {
  payStatic: 30,
  payDynamic: 14,
  paySigned: 14,
  capture: 7,
  refund: 5,
  grant: 11,
  pointsTransfer: 6,
  grantBatch: 3,
  didCreate: 3,
  didUpdate: 3,
  transfer: 4,
} as const

/** The same city with nothing but transfers of won, to compare with. */
export const TRANSFERS_ONLY = { transfer: 1 } as const

/** Name of a kind. */
export type Kind = keyof typeof CITY_MIX
/** Kinds with their weights. */
export type Mix = { readonly [K in Kind]?: number }

/** Exponent of Zipf's law by which shops are chosen. */
export const ZIPF_EXPONENT = 1
/** Of a hundred payments by code, so many are part points. */
export const POINTS_SHARE = 25
/** Grants in one batch. */
export const BATCH_GRANTS = 20

/** Draws kinds by their weights. */
export function createKinds(dice: Dice, mix: Mix): () => Kind {
  const entries = Object.entries(mix) as [Kind, number][]
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0)
  return () => {
    let left = dice(total)
    for (const [kind, weight] of entries) {
      if (left < weight) return kind
      left -= weight
    }
    return entries[0]?.[0] ?? 'transfer'
  }
}
