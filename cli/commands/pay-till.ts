// Owns: `naru pay` at the till: a payer's own code, taking money on it, refunds, receipts. Not here: shops' codes (pay-qr.ts).
import { randomBytes } from 'node:crypto'
import { toHex } from '../../core/base/bytes.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import { signMessage } from '../../core/crypto/keys.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { authorisationBytes, cpmBytes, cpmText, formatAuthorisation } from '../../modules/payment/qr/cpm.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { refuseUsage } from '../errors.ts'
import { DRAW, WAIT, merchantIdOf, payloadOf, send, show, wonOf } from '../pay-call.ts'
import type { Read } from '../pay-call.ts'
import { callRpc } from '../rpc-client.ts'
import { readWallet, rpcOf, SIGN_OPTIONS, TARGET_OPTIONS } from '../target.ts'

async function runCode(call: CommandCall): Promise<void> {
  const wallet = await readWallet(call)
  const max = wonOf(call, 'max') ?? refuseUsage('name the most that may be taken with --max')
  const [{ network }, head] = await Promise.all([
    callRpc<{ network: NetworkName }>(rpcOf(call), 'chain_id'),
    callRpc<{ context: { time: number } }>(rpcOf(call), 'chain_head'),
  ])
  const payer = textContextOf(network).parseAddress(wallet.account) ?? refuseUsage(`${wallet.account} is no account here`)
  // A till reads the code by the time of a block that is still to come, so the later of the two clocks counts.
  const nowSec = Math.floor(Math.max(head.context.time, Date.now()) / 1_000)
  const expirySec = nowSec + Math.floor(parseDuration(call.options['valid'] as string) / 1_000)
  const plain = { payer, maxAmount: BigInt(max), expirySec, nonce: new Uint8Array(randomBytes(8)), keyId: wallet.keyId }
  const bytes = formatAuthorisation({ ...plain, signature: signMessage(wallet.seed, authorisationBytes(plain)) })
  show(
    call,
    cpmText(bytes),
    { maxAmount: max, expirySec },
    `good for up to ${max} won, once, until ${new Date(expirySec * 1_000).toISOString()}`,
  )
}

async function runTake(call: CommandCall): Promise<void> {
  const payload = await payloadOf(call)
  const bytes = cpmBytes(payload) ?? refuseUsage('this is no payer’s code: it is not base64')
  const amount = wonOf(call, 'amount') ?? refuseUsage('name the won with --amount')
  const merchantId = await merchantIdOf(call, (call.options['merchant'] ?? call.options['from']) as string | undefined)
  const order = {
    merchantId,
    authorisation: `0x${toHex(bytes)}`,
    amount,
    orderRef: (call.options['order'] as string | undefined) ?? null,
  }
  await send(call, 'payment.capture', order, `took ${amount} won`)
}

async function runRefund(call: CommandCall): Promise<void> {
  const payId = call.args[0] ?? ''
  const amount = wonOf(call, 'amount') ?? refuseUsage('name the won with --amount')
  const refundRef = (call.options['ref'] as string | undefined) ?? `cli-${toHex(randomBytes(6))}`
  await send(call, 'payment.refund', { payId, amount, refundRef }, `gave ${amount} back`)
}

async function runReceipt(call: CommandCall): Promise<void> {
  type Receipt = {
    nameKo: string
    total: string
    krwPart: string
    pointsPart: string
    paidAt: number
    state: string
    refunded: string
  }
  const { context, value } = await callRpc<Read<Receipt>>(rpcOf(call), 'payment_getReceipt', { payId: call.args[0] ?? '' })
  const { nameKo, total, krwPart, pointsPart, paidAt, state, refunded } = value
  const parts = `${krwPart} won and ${pointsPart} points`
  call.out.result(
    { height: context.height, ...value },
    `${nameKo}, ${new Date(paidAt).toISOString()}: ${total} (${parts}), ${state}, ${refunded} back`,
  )
}

/** Commands of `naru pay` at the till. */
export const payTillCommands: readonly CommandSpec[] = [
  {
    path: 'code',
    about: 'As a payer: draw a code of your own that a shop scans; good once',
    options: [
      ...SIGN_OPTIONS,
      ['--max <won>', 'The most that may be taken'],
      ['--valid <duration>', 'How long it is good, at most three minutes', '150s'],
      ...DRAW,
      ...TARGET_OPTIONS,
    ],
    run: runCode,
  },
  {
    path: 'take <code>',
    about: 'As a shop: take money on a payer’s own code',
    options: [
      ...SIGN_OPTIONS,
      ['--amount <won>', 'Won, at most what the code allows'],
      ['--merchant <merchant>', 'The shop, where the owner has several'],
      ['--order <code>', 'The order, once only'],
      WAIT,
      ...TARGET_OPTIONS,
    ],
    run: runTake,
  },
  {
    path: 'refund <payment>',
    about: 'As a shop: give back a part or all of a payment',
    options: [
      ...SIGN_OPTIONS,
      ['--amount <won>', 'Won and points together'],
      ['--ref <code>', 'The shop’s reference, once only'],
      WAIT,
      ...TARGET_OPTIONS,
    ],
    run: runRefund,
  },
  { path: 'receipt <payment>', about: 'The receipt of a payment', options: TARGET_OPTIONS, run: runReceipt },
]
