// Owns: payloads, records, events and genesis section of payment: one declaration each. Not here: rules, keys (store.ts).
import { choice, list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, fixedBytes, hash32, text, u16, u32, u53, u64 } from '../../core/codec/fields.ts'
import { refuse } from '../../core/codec/schema.ts'
import type { Infer, Schema } from '../../core/codec/schema.ts'

/** Banks of a chain. */
export const BANKS_MAX = 32
/** Won of one transaction (domain.md 13.1). */
export const AMOUNT_MAX = 10n ** 12n
/** Won outstanding at one bank: with 32 banks every sum stays far below 2^64. */
export const OUTSTANDING_MAX = 10n ** 17n

/** Signed won: bigint in memory, decimal string with a sign in JSON, sign and amount in the encoding; zero has no sign. */
export const signedWon: Schema<bigint> = {
  toPlain: (value) => [value < 0n, u64.toPlain(value < 0n ? -value : value)],
  fromPlain: (plain) => {
    const pair = Array.isArray(plain) && plain.length === 2 ? plain : refuse('wire', 'a sign and an amount', plain)
    const isNegative = bool.fromPlain(pair[0])
    const amount = u64.fromPlain(pair[1])
    if (isNegative && amount === 0n) return refuse('wire', 'zero without a sign', plain)
    return isNegative ? -amount : amount
  },
  toJson: (value) => value.toString(),
  fromJson: (json, context, path) => {
    const isNegative = typeof json === 'string' && /^-[1-9]/.test(json)
    const amount = u64.fromJson(isNegative ? json.slice(1) : json, context, path)
    return isNegative ? -amount : amount
  },
  jsonSchema: { type: 'string', pattern: '^(0|-?[1-9][0-9]{0,19})$', description: 'signed won as a decimal string' },
}

/** A freeze: `amount` won may not leave, or nothing may (null). A freeze by the city is lifted by the city only. */
export const FreezeSchema = struct({
  amount: option(u64),
  by: choice({ bank: 0, city: 1 }),
  reasonCode: code(32),
  since: u53,
})

/**
 * Everything a transfer needs of one account. `bank` is its home bank, `locked` waits for redemption; `spent` counts transfers
 * on the Korean day `spentOn`, `converted` what was minted to it in the year `convertedIn`. An exempt account has no limits.
 */
export const WalletSchema = struct({
  bank: code(16),
  balance: u64,
  locked: u64,
  exempt: bool,
  spentOn: u32,
  spent: u64,
  convertedIn: u16,
  converted: u64,
  freeze: option(FreezeSchema),
})

/** A deposit-token issuer and its account. */
export const BankSchema = struct({ account: address, name: text(40) })

/** Won issued and not redeemed; `net` is what the bank owes all others since the last settlement, negative when they owe it. */
export const BankTotalsSchema = struct({ outstanding: u64, net: signedWon })

/** What the first bank of a pair (by code) owes the second; negative the other way round. */
export const PositionSchema = struct({ net: signedWon })

/** What became of a redemption; `expired` was given back by time. */
export const RedemptionStatusSchema = choice({ pending: 0, confirmed: 1, rejected: 2, expired: 3 })

/** A request to turn tokens into a deposit; its id is the id of the transaction that made it. */
export const RedemptionSchema = struct({
  account: address,
  bank: code(16),
  amount: u64,
  status: RedemptionStatusSchema,
  requestedAt: u53,
  decidedAt: option(u53),
  bankRef: option(code(32)),
})

/** Ends of the first-in-first-out queue of redemptions: entries `head` to `tail - 1` wait. */
export const QueueEndsSchema = struct({ head: u53, tail: u53 })

/** One place of the queue. */
export const QueueEntrySchema = struct({ reqId: hash32 })
/** The transaction that used a reference. */
export const BankRefSchema = struct({ txId: hash32 })
/** Codes of all banks, sorted. */
export const BankListSchema = struct({ codes: list(code(16), BANKS_MAX) })
/** The bank that an account is. */
export const BankOfSchema = struct({ bankCode: code(16) })

/** `amount` won for `to`, against the deposit that `bankRef` names. */
export const MintPayload = struct({ to: address, amount: u64, bankRef: code(32) })
/** Won to turn into a deposit at the home bank. */
export const RedeemRequestPayload = struct({ amount: u64 })
/** The redemption that was paid out, with the bank’s reference where it keeps one. */
export const RedeemConfirmPayload = struct({ reqId: hash32, bankRef: option(code(32)) })
/** The redemption that is refused, and why as a code. */
export const RedeemRejectPayload = struct({ reqId: hash32, reasonCode: code(32) })
/** `amount` won for `to`; `memoCommit` is a salted commitment to a text kept off chain. */
export const TransferPayload = struct({ to: address, amount: u64, memoCommit: option(hash32) })
/** Freezes `amount` won of an account, or all of it (null). */
export const FreezePayload = struct({ account: address, amount: option(u64), reasonCode: code(32) })
/** Lifts the freeze of an account. */
export const UnfreezePayload = struct({ account: address, reasonCode: code(32) })

/** Tokens that a bank issued. */
export const MintedEvent = struct({ bank: code(16), to: address, amount: u64, bankRef: code(32) })
/** A transfer with the home banks of both sides. */
export const TransferredEvent = struct({
  from: address,
  to: address,
  amount: u64,
  fromBank: code(16),
  toBank: code(16),
  memoCommit: option(hash32),
})
/** A redemption that waits for its bank. */
export const RedeemRequestedEvent = struct({ reqId: hash32, account: address, bank: code(16), amount: u64 })
/** A redemption that was paid out. */
export const RedeemedEvent = struct({ reqId: hash32, account: address, bank: code(16), amount: u64, bankRef: option(code(32)) })
/** A redemption that returned to its holder. */
export const RedeemRejectedEvent = struct({ reqId: hash32, account: address, amount: u64, reasonCode: code(32) })
/** A freeze and who set it. */
export const FrozenEvent = struct({
  account: address,
  amount: option(u64),
  by: choice({ bank: 0, city: 1 }),
  reasonCode: code(32),
})
/** A freeze that was lifted. */
export const UnfrozenEvent = struct({ account: address, reasonCode: code(32) })

/** Exactly so many decimal digits, leading zeros kept. */
export function digits(count: number): Schema<string> {
  const pattern = new RegExp(`^\\d{${count}}$`)
  const check = (value: unknown, path: string): string =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(path, `${count} digits`, value)
  return {
    toPlain: (value) => check(value, 'digits'),
    fromPlain: (plain) => check(plain, 'wire'),
    toJson: (value) => value,
    fromJson: (json, _text, path) => check(json, path),
    jsonSchema: { type: 'string', pattern: `^[0-9]{${count}}$` },
  }
}

/** Fee tiers by the sales of the year before (domain.md 7.2); GENERAL is everyone who is no small business. */
export const TierSchema = choice({ SMALL_A: 0, SMALL_B: 1, SMALL_C: 2, GENERAL: 3 })

/** A merchant that takes payments from the first block on; its owner has an account in the same document. */
const GenesisMerchantSchema = struct({
  owner: address,
  psp: address,
  brn: digits(10),
  mcc: digits(4),
  nameAscii: text(25),
  nameKo: text(25),
  cityAscii: text(15),
  guCode: digits(5),
  tier: TierSchema,
  qrKey: option(fixedBytes(32)),
})

/** Section `payment` of the genesis document; first balances count as minted. */
export const PaymentGenesisSchema = struct({
  banks: list(struct({ bankCode: code(16), account: address, name: text(40) }), BANKS_MAX),
  accounts: list(struct({ account: address, bank: code(16), amount: u64, exempt: bool }), 1_000_000),
  merchants: option(list(GenesisMerchantSchema, 10_000)),
})

/** Answer of payment_getBalance; `available` is what can leave now, daily limit aside. An account never credited has no bank. */
export const BalanceResult = struct({
  bank: option(code(16)),
  balance: u64,
  locked: u64,
  available: u64,
  exempt: bool,
  spentToday: u64,
  freeze: option(FreezeSchema),
})

/** Answer of payment_getBank. */
export const BankResult = struct({
  bankCode: code(16),
  account: address,
  name: text(40),
  outstanding: u64,
  net: signedWon,
  netDebitCap: u64,
})

/** Answer of payment_getPositions: `from` owes `to`; pairs that owe nothing are left out. */
export const PositionsResult = struct({
  positions: list(struct({ from: code(16), to: code(16), amount: u64 }), (BANKS_MAX * (BANKS_MAX - 1)) / 2),
})

export type Freeze = Infer<typeof FreezeSchema>
export type Wallet = Infer<typeof WalletSchema>
export type Bank = Infer<typeof BankSchema>
export type BankTotals = Infer<typeof BankTotalsSchema>
export type Redemption = Infer<typeof RedemptionSchema>
export type PaymentGenesis = Infer<typeof PaymentGenesisSchema>
export type GenesisMerchant = Infer<typeof GenesisMerchantSchema>
