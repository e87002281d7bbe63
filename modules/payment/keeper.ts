// Owns: what later rooms may ask payment. Not here: moving money, which is this room's transactions'.
import type { Address } from '../../core/base/ids.ts'
import type { ReadView } from '../../core/state/view.ts'
import { wallets } from './store.ts'
import { availableOf } from './wallet.ts'

/** Won that can leave the account now, daily limit aside; zero for an account that never held any. */
export function availableTo(view: ReadView, account: Address): bigint {
  const wallet = wallets.get(view, account)
  return wallet === null ? 0n : availableOf(wallet)
}

/** Code of the account's home bank, or null before its first credit. */
export function homeBankOf(view: ReadView, account: Address): string | null {
  return wallets.get(view, account)?.bank ?? null
}
