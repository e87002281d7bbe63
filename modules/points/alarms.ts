// Owns: what looks like points being farmed or turned into won, told and never refused: a person decides what it is.
// Not here: what is refused (grant-rules.ts, transfer.ts, modules/payment/till.ts).
import { kstDate } from '../../core/base/civil-time.ts'
import type { Address } from '../../core/base/ids.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { paramAt } from '../governance/keeper.ts'
import { readMerchantDay } from '../payment/keeper.ts'
import { MerchantAlarm, ShareAlarm, VelocityAlarm } from './events.ts'
import { readOwner } from './lots.ts'
import { shareAlarms } from './store.ts'

/** Accounts that one event names. */
const ACCOUNTS_PER_EVENT = 96

/** Points about to be booked for a merchant, with the won of the same payment. */
export type Spending = {
  readonly merchantId: string
  readonly points: bigint
  readonly won: bigint
  readonly block: BlockEnv
}

/** Tells, once a Korean day each, of a merchant that takes very many points, and of one that takes little else. */
export function tellOfMerchant(context: ApplyContext, { merchantId, points, won, block }: Spending): void {
  const { view, emit } = context
  const day = kstDate(block.time)
  const before = readMerchantDay(view, merchantId, day)
  const now = { merchantId, day, points: before.points + points, krw: before.krw + won }
  const limit = paramAt(view, 'points.alarmDay', block)
  if (before.points <= limit && now.points > limit) emit(MerchantAlarm, now)
  if (now.points < paramAt(view, 'points.alarmShareFrom', block)) return
  const share = paramAt(view, 'points.alarmShare', block)
  const isOver = now.points * 100n > share * (now.points + now.krw)
  if (!isOver || shareAlarms.get(view, merchantId)?.day === day) return
  shareAlarms.set(view, merchantId, { day })
  emit(ShareAlarm, now)
}

/** What accounts got in one transaction, in lots. */
export type Received = readonly { readonly account: Address; readonly lots: number }[]

/** Tells of accounts that got more lots on this Korean day than people do: points of many, gathered in one place. */
export function tellOfReceivers({ view, emit }: ApplyContext, received: Received, block: BlockEnv): void {
  const day = kstDate(block.time)
  const limit = Number(paramAt(view, 'points.alarmLots', block))
  const sums = new Map<Address, number>()
  for (const { account, lots } of received) sums.set(account, (sums.get(account) ?? 0) + lots)
  const crossed = [...sums].flatMap(([account, added]) => {
    const { got } = readOwner(view, account)
    return got > limit && got - added <= limit ? [{ account, lots: got }] : []
  })
  for (let at = 0; at < crossed.length; at += ACCOUNTS_PER_EVENT)
    emit(VelocityAlarm, { day, accounts: crossed.slice(at, at + ACCOUNTS_PER_EVENT) })
}
