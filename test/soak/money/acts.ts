// Owns: what happens with won: banks, people, shops, codes, refunds, disputes, freezes, wages, settlements, good and bad.
// Not here: points (points-acts.ts).
import { u64ToBytes } from '../../../core/base/bytes.ts'
import { kstDate } from '../../../core/base/civil-time.ts'
import { ZERO_HASH } from '../../../core/base/ids.ts'
import { brnOf } from '../../../bench/city/people.ts'
import { createCapture } from '../../../modules/payment/capture.ts'
import { collectFee } from '../../../modules/payment/collect-fee.ts'
import { dispute } from '../../../modules/payment/dispute.ts'
import { freeze } from '../../../modules/payment/freeze.ts'
import { checkWonMove, payWage } from '../../../modules/payment/keeper.ts'
import { positionOf } from '../../../modules/payment/ledger.ts'
import { merchantApply } from '../../../modules/payment/merchant-apply.ts'
import { merchantApprove, merchantSetTier } from '../../../modules/payment/merchant-approve.ts'
import { merchantClose, merchantResume, merchantSuspend } from '../../../modules/payment/merchant-close.ts'
import { rotateQrKey } from '../../../modules/payment/merchant-key.ts'
import { merchantBooks, merchantCount, merchants, pays } from '../../../modules/payment/merchant-store.ts'
import { mint } from '../../../modules/payment/mint.ts'
import { createPay } from '../../../modules/payment/pay.ts'
import { authorisationBytes, formatAuthorisation } from '../../../modules/payment/qr/cpm.ts'
import { buildHouse } from '../../../modules/payment/qr/house.ts'
import { merchantIdOf } from '../../../modules/payment/qr/merchant-id.ts'
import { redeemConfirm } from '../../../modules/payment/redeem-confirm.ts'
import { redeemReject } from '../../../modules/payment/redeem-reject.ts'
import { redeemRequest } from '../../../modules/payment/redeem-request.ts'
import { createRefund } from '../../../modules/payment/refund.ts'
import { createResolve } from '../../../modules/payment/resolve.ts'
import { settle } from '../../../modules/payment/settle.ts'
import { wallets } from '../../../modules/payment/store.ts'
import { transfer } from '../../../modules/payment/transfer.ts'
import { unfreeze } from '../../../modules/payment/unfreeze.ts'
import { lots } from '../../../modules/points/store.ts'
import { POINTS_PORT } from '../../../modules/points/port.ts'
import { BANK_CODES, BANKS, OWNERS, PEOPLE, signerNamed } from './city.ts'
import type { Outcome } from './city.ts'
import { addressOf, remember } from './tools.ts'
import type { Acts, Tools } from './tools.ts'

const [pay, capture, refund, resolve] = [
  createPay(POINTS_PORT),
  createCapture(POINTS_PORT),
  createRefund(POINTS_PORT),
  createResolve(POINTS_PORT),
]
const TIERS = ['SMALL_A', 'SMALL_B', 'SMALL_C', 'GENERAL'] as const
const REASON = 'REASON'

function payBy(tools: Tools, kind: 'typed' | 'static' | 'order' | 'signed'): Outcome {
  const { city, dice, memory, pick, person, amount, next, act } = tools
  const { merchantId, owner, keyName } = pick(memory.shops)
  const total = amount()
  const pointsPart = dice(3) === 0 ? (dice(3) === 0 ? total : total / BigInt(1 + dice(5))) : 0n
  const isOrder = kind === 'order' || kind === 'signed'
  // Some orders are paid again, and some codes are of a key that was rotated away or of nobody's.
  const orderRef = (dice(8) === 0 ? dice(200) : 1_000 + next()).toString(16).toUpperCase().padStart(16, '0')
  const signer = kind === 'signed' ? signerNamed(keyName === null || dice(10) === 0 ? 'no key' : keyName) : null
  const expirySec = Math.floor(city.block().time / 1_000) + (dice(12) === 0 ? dice(1_000) - 300 : 1 + dice(300))
  const signing = signer === null ? {} : { signing: { expirySec, sign: (message: Uint8Array) => signer.sign(message) } }
  const order = isOrder ? { amount: total, orderRef, ...signing } : {}
  const qr = kind === 'typed' ? null : buildHouse({ merchantId, mcc: '5814', name: 'SHOP', city: 'SEOUL', ...order })
  const payload = { merchantId, total, pointsPart, orderRef: kind === 'typed' && dice(2) === 0 ? `T-${next()}` : null, qr }
  const payer = dice(40) === 0 ? owner : person()
  const outcome = act(pay, payer, payload, isOrder ? `order ${merchantId}/${orderRef}` : undefined)
  if (outcome.code === null) remember(memory.pays, { payId: outcome.txId, owner, merchantId })
  if (outcome.code === null && pointsPart > 0n) noteTakings(tools, merchantId, outcome)
  return outcome
}

// What a settlement can find: programmes of the lots that were spent.
function noteTakings({ city, memory }: Tools, merchantId: string, { events }: Outcome): void {
  const day = kstDate(city.block().time)
  const spent = events
    .filter(({ name }) => name === 'points.spent')
    .flatMap(({ payload }) => payload['lots'] as { lotId: number }[])
  const names = new Set(spent.map(({ lotId }) => lots.mustGet(city.view, lotId).programmeId))
  for (const programmeId of names) remember(memory.takings, { programmeId, merchantId, day })
}

function captureOnce({ city, dice, memory, pick, person, next, act }: Tools): Outcome {
  const { merchantId, owner } = pick(memory.shops)
  const shown =
    dice(6) === 0 ? (dice(2) === 0 ? memory.codes.at(-1) : memory.codes[dice(Math.max(1, memory.codes.length))]) : undefined
  const payer = person()
  const terms = {
    ...{ payer: addressOf(payer), maxAmount: BigInt(1 + dice(40_000)), keyId: dice(30) === 0 ? 'k9' : 'k1' },
    ...{ expirySec: Math.floor(city.block().time / 1_000) + dice(190), nonce: u64ToBytes(BigInt(next())) },
  }
  const signature = signerNamed(dice(30) === 0 ? 'thief' : payer).sign(authorisationBytes(terms))
  const code = shown ?? { authorisation: formatAuthorisation({ ...terms, signature }), max: terms.maxAmount }
  remember(memory.codes, code)
  const amount = dice(15) === 0 ? code.max + 1n : 1n + BigInt(dice(Number(code.max)))
  const payload = { merchantId, authorisation: code.authorisation, amount, orderRef: null }
  const outcome = act(capture, owner, payload, `code ${Buffer.from(code.authorisation).toString('hex')}`)
  if (outcome.code === null) remember(memory.pays, { payId: outcome.txId, owner, merchantId })
  return outcome
}

function refundAny({ dice, memory, pick, amount, next, act }: Tools): Outcome | null {
  if (memory.pays.length === 0) return null
  const { payId, owner, merchantId } = pick(memory.pays)
  const refundRef = `R${dice(10) === 0 ? dice(100) : 1_000 + next()}`
  return act(refund, owner, { payId, amount: amount(), refundRef }, `refund ${merchantId}/${refundRef}`)
}

function applyShop({ city, dice, memory, pick, next, act }: Tools): Outcome {
  const owner = pick([...OWNERS, ...PEOPLE.slice(0, 4)])
  const number = next()
  const keyName = dice(2) === 0 ? `code-of-${number}` : null
  const home = wallets.get(city.view, addressOf(owner))?.bank ?? '004'
  const payload = {
    ...{ brn: brnOf(dice(4) === 0 ? dice(9) : 50 + (number % 5_000)), mcc: '5812', nameAscii: 'NEW SHOP', nameKo: '새 가게' },
    ...{ cityAscii: 'SEOUL', guCode: dice(20) === 0 ? '99999' : '11440', settleBank: dice(8) === 0 ? pick(BANK_CODES) : home },
    qrKey: keyName === null ? null : signerNamed(keyName).publicKey,
  }
  const outcome = act(merchantApply, owner, payload)
  const { count } = merchantCount.mustGet(city.view, null)
  if (outcome.code === null) remember(memory.shops, { merchantId: merchantIdOf(count), owner, keyName })
  return outcome
}

function rotateKey({ dice, memory, pick, next, act }: Tools): Outcome {
  const shop = pick(memory.shops)
  const keyName = dice(3) === 0 ? null : `code-of-${next()}`
  const publicKey = keyName === null ? null : signerNamed(keyName).publicKey
  const outcome = act(rotateQrKey, shop.owner, { merchantId: shop.merchantId, publicKey })
  if (outcome.code === null) shop.keyName = keyName
  return outcome
}

function settleBanks({ city, dice, memory, pick, act }: Tools): Outcome {
  const said = memory.settlements.pop()
  if (said !== undefined && dice(4) > 0) {
    const { sayer, ...words } = said
    const other = [words.debtor, words.creditor].find((code) => code !== sayer) ?? sayer
    return act(settle, BANKS[(BANK_CODES as readonly string[]).indexOf(other)] ?? 'bankA', words)
  }
  const [debtor, creditor] = [pick(BANK_CODES), pick(BANK_CODES)]
  const owed = positionOf(city.view, debtor, creditor)
  const amount = owed > 0n ? (dice(3) === 0 ? owed : owed / 2n + 1n) : BigInt(1 + dice(1_000))
  const code = pick([debtor, creditor])
  const words = { cycleId: `C${dice(3_000)}`, debtor, creditor, amount }
  const outcome = act(settle, BANKS[(BANK_CODES as readonly string[]).indexOf(code)] ?? 'bankA', words)
  if (outcome.code === null) remember(memory.settlements, { ...words, sayer: code })
  return outcome
}

function wage({ city, pick, dice }: Tools): Outcome | null {
  const [from, to] = [addressOf(pick(OWNERS)), addressOf(pick(PEOPLE))]
  const amount = BigInt(100_000 + dice(1_200_000))
  const move = { from, to, amount, block: city.block() }
  if (checkWonMove(city.view, move) !== null) return null
  return city.runKeeper((context, reqId) => void payWage(context, { ...move, reqId }))
}

/** Acts of banks and people. */
export function bankActs(tools: Tools): Acts {
  const { city, dice, memory, pick, person, amount, next, act } = tools
  const request = (): Outcome => {
    const holder = person()
    const outcome = act(redeemRequest, holder, { amount: amount() })
    if (outcome.code === null) remember(memory.requests, { reqId: outcome.txId, bank: homeOf(holder) })
    return outcome
  }
  const bankRef = (): string => `B${dice(10) === 0 ? dice(100) : 1_000 + next()}`
  const homeOf = (name: string): string => {
    const code = wallets.get(city.view, addressOf(name))?.bank ?? '004'
    return dice(12) === 0 ? pick(BANKS) : (BANKS[(BANK_CODES as readonly string[]).indexOf(code)] ?? 'bankA')
  }
  const mintTo = (): Outcome => {
    const to = pick([...PEOPLE, ...OWNERS, `late-${dice(30)}`])
    const [bank, ref] = [homeOf(to), bankRef()]
    return act(mint, bank, { to: addressOf(to), amount: amount() * 5n, bankRef: ref }, `bankRef ${bank}/${ref}`)
  }
  const decide = (confirms: boolean): Outcome | null => {
    if (memory.requests.length === 0) return null
    const { reqId, bank } = pick(memory.requests.slice(-20))
    const ref = dice(2) === 0 ? null : bankRef()
    if (!confirms) return act(redeemReject, bank, { reqId, reasonCode: REASON })
    return act(redeemConfirm, bank, { reqId, bankRef: ref }, ref === null ? undefined : `bankRef ${bank}/${ref}`)
  }
  const frozen = (): string => pick([...PEOPLE, ...OWNERS])
  const by = (name: string): string => (dice(3) === 0 ? 'cityhall' : homeOf(name))
  return {
    mint: [8, mintTo],
    request: [3, request],
    confirm: [3, () => decide(true)],
    reject: [1, () => decide(false)],
    transfer: [
      8,
      () => act(transfer, person(), { to: addressOf(person()), amount: amount(), memoCommit: dice(2) === 0 ? null : ZERO_HASH }),
    ],
    freeze: [
      1,
      () => {
        const name = frozen()
        return act(freeze, by(name), { account: addressOf(name), amount: dice(2) === 0 ? null : amount(), reasonCode: REASON })
      },
    ],
    unfreeze: [
      2,
      () => {
        const name = frozen()
        return act(unfreeze, by(name), { account: addressOf(name), reasonCode: REASON })
      },
    ],
    settleBanks: [1, () => settleBanks(tools)],
    wage: [1, () => wage(tools)],
  }
}

/** Acts of shops and those who pay them. */
export function shopActs(tools: Tools): Acts {
  const { city, dice, memory, pick, amount, act } = tools
  const shop = () => pick(memory.shops)
  const psp = (): string => (dice(2) === 0 ? 'psp' : 'psp2')
  const onPay = (run: (payId: Outcome['txId']) => Outcome): Outcome | null =>
    memory.pays.length === 0 ? null : run(pick(memory.pays).payId)
  const payerOf = (payId: Outcome['txId']): string => {
    const name = pick(PEOPLE)
    return PEOPLE.find((candidate) => addressOf(candidate) === payersOf(tools, payId)) ?? name
  }
  return {
    payTyped: [6, () => payBy(tools, 'typed')],
    payStatic: [9, () => payBy(tools, 'static')],
    payOrder: [6, () => payBy(tools, 'order')],
    paySigned: [6, () => payBy(tools, 'signed')],
    capture: [7, () => captureOnce(tools)],
    refund: [9, () => refundAny(tools)],
    dispute: [2, () => onPay((payId) => act(dispute, payerOf(payId), { payId, reasonCode: REASON, caseCommit: ZERO_HASH }))],
    resolve: [
      3,
      () => onPay((payId) => act(resolve, psp(), { payId, refund: dice(2) === 0 ? 0n : amount(), reasonCode: REASON })),
    ],
    apply: [1, () => applyShop(tools)],
    approve: [
      1,
      () => act(merchantApprove, psp(), { merchantId: inState(tools, 'APPLIED') ?? shop().merchantId, tier: pick(TIERS) }),
    ],
    setTier: [1, () => act(merchantSetTier, psp(), { merchantId: shop().merchantId, tier: pick(TIERS), year: 2026 })],
    rotate: [1, () => rotateKey(tools)],
    suspend: [
      1,
      () =>
        dice(2) === 0
          ? null
          : act(merchantSuspend, pick(['psp', 'cityhall']), { merchantId: shop().merchantId, reasonCode: REASON }),
    ],
    resume: [
      2,
      () =>
        act(merchantResume, pick(['psp', 'cityhall']), {
          merchantId: inState(tools, 'SUSPENDED') ?? shop().merchantId,
          reasonCode: REASON,
        }),
    ],
    close: [1, () => (dice(12) === 0 ? closeOne(tools) : null)],
    fee: [
      2,
      () => {
        const { merchantId } = shop()
        const owed = merchantBooks.get(city.view, merchantId)?.feeOwed ?? 0n
        return act(collectFee, psp(), { merchantId, amount: owed > 0n ? owed : 1n })
      },
    ],
  }
}

function payersOf({ city }: Tools, payId: Outcome['txId']): string | null {
  return pays.get(city.view, payId)?.payer ?? null
}

function inState({ city, memory }: Tools, state: 'APPLIED' | 'SUSPENDED'): string | null {
  return memory.shops.findLast(({ merchantId }) => merchants.get(city.view, merchantId)?.state === state)?.merchantId ?? null
}

// The first nine stay in memory: who tries to pay a closed shop must find one.
function closeOne({ memory, pick, act }: Tools): Outcome {
  const { merchantId, owner } = pick(memory.shops)
  return act(merchantClose, owner, { merchantId, reasonCode: REASON })
}
