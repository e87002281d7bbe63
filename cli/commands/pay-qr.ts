// Owns: `naru pay` with shops' codes: made, checked, paid by.
// Not here: the till (pay-till.ts), drawing and reading images (qr-image.ts), what codes hold (modules/payment/qr).
import { randomBytes } from 'node:crypto'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { isFailure } from '../../core/base/errors.ts'
import { signMessage } from '../../core/crypto/keys.ts'
import { cpmBytes, parseAuthorisation, parseCpm } from '../../modules/payment/qr/cpm.ts'
import { parseEmv } from '../../modules/payment/qr/emv.ts'
import { buildHouse, parseHouse } from '../../modules/payment/qr/house.ts'
import type { HouseInput } from '../../modules/payment/qr/house.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { DRAW, WAIT, merchantIdOf, payloadOf, send, show, wonOf } from '../pay-call.ts'
import type { Read } from '../pay-call.ts'
import { callRpc } from '../rpc-client.ts'
import { rpcOf, SIGN_OPTIONS, TARGET_OPTIONS } from '../target.ts'

type Merchant = {
  readonly mcc: string
  readonly nameAscii: string
  readonly nameKo: string
  readonly cityAscii: string
  readonly state: string
}
type Checked = {
  readonly merchantId: string
  readonly nameKo: string
  readonly guCode: string
  readonly amount: string | null
  readonly orderRef: string | null
  readonly isSigned: boolean
}

async function runQr(call: CommandCall): Promise<void> {
  const merchantId = await merchantIdOf(call, call.options['to'] as string | undefined)
  const { context, value } = await callRpc<Read<Merchant>>(rpcOf(call), 'payment_getMerchant', { merchantId })
  const amount = wonOf(call, 'amount')
  const isDynamic = call.options['dynamic'] === true
  if (isDynamic && amount === null) refuseUsage('a dynamic code names its amount with --amount')
  const orderRef = isDynamic ? ((call.options['order'] as string | undefined) ?? toHex(randomBytes(8)).toUpperCase()) : undefined
  const seed = call.options['signSeed'] as string | undefined
  const expirySec = Math.floor(context.time / 1_000) + Math.floor(parseDuration(call.options['valid'] as string) / 1_000)
  const input: HouseInput = {
    ...{ merchantId, mcc: value.mcc, name: value.nameAscii, city: value.cityAscii, nameKo: value.nameKo },
    ...(amount === null ? {} : { amount: BigInt(amount) }),
    ...(orderRef === undefined ? {} : { orderRef }),
    ...(seed === undefined ? {} : { signing: { expirySec, sign: (message) => signMessage(seedOf(seed), message) } }),
  }
  const payload = build(input)
  const parts = [
    `${value.nameKo} (${merchantId})`,
    amount === null ? '' : `${amount} won`,
    orderRef === undefined ? '' : `order ${orderRef}`,
  ]
  const about = parts.filter((part) => part !== '').join(', ')
  show(call, payload, { merchantId, amount, orderRef: orderRef ?? null, isSigned: seed !== undefined }, about)
}

function build(input: HouseInput): string {
  try {
    return buildHouse(input)
  } catch (error) {
    if (error instanceof RangeError) return refuseUsage(error.message)
    throw error
  }
}

function seedOf(text: string): Uint8Array {
  return /^0x[0-9a-f]{64}$/.test(text) ? fromHex(text.slice(2)) : refuseUsage('--sign-seed is 0x and 64 hex digits')
}

async function runCheck(call: CommandCall): Promise<void> {
  const payload = await payloadOf(call)
  const house = parseHouse(payload)
  if (!isFailure(house)) {
    const { value } = await callRpc<Read<Checked>>(rpcOf(call), 'payment_checkQr', { qr: payload })
    const amount = value.amount === null ? 'any amount' : `${value.amount} won`
    call.out.result(
      { scheme: 'house', payload, ...value },
      `${value.nameKo}, gu ${value.guCode} (${value.merchantId}): ${amount}, ${value.isSigned ? 'signed' : 'unsigned'}`,
    )
    return
  }
  const bytes = cpmBytes(payload)
  const consumer = bytes === null ? null : parseCpm(bytes)
  if (consumer !== null && bytes !== null) return showConsumer(call, payload, bytes, consumer.applications)
  const emv = parseEmv(payload)
  if (isFailure(emv)) {
    const id = emv.detail?.['id']
    const code = id === undefined ? emv.code : `${emv.code}_${id}`
    throw new CliError(EXIT.verification, code, `${code}: ${emv.text}`, emv.detail)
  }
  const { merchantName, merchantCity, amount, currency, merchantAccounts } = emv
  const schemes = merchantAccounts.map(({ id, network, guid }) => guid ?? `${network} (${id})`)
  call.out.result(
    { scheme: 'emv', payload, merchantName, merchantCity, amount, currency, schemes, house: house.code },
    [
      `a valid EMV code of another scheme: ${merchantName}, ${merchantCity}, ${amount ?? 'any amount'} in ${currency}`,
      schemes.join(', '),
    ].join('; '),
  )
}

function showConsumer(call: CommandCall, payload: string, bytes: Uint8Array, applications: readonly { id: string }[]): void {
  const own = parseAuthorisation(bytes)
  const expiry = own === null ? null : new Date(own.expirySec * 1_000).toISOString()
  const max = own === null ? null : own.maxAmount.toString()
  const text =
    own === null ? `another scheme's code: ${applications.map(({ id }) => id).join(', ')}` : `up to ${max} won until ${expiry}`
  call.out.result({ scheme: 'consumer', payload, applications, maxAmount: max, expiry }, `a payer's own code, ${text}`)
}

async function runScan(call: CommandCall): Promise<void> {
  const payload = await payloadOf(call)
  const { value } = await callRpc<Read<Checked>>(rpcOf(call), 'payment_checkQr', { qr: payload })
  const total = value.amount ?? wonOf(call, 'amount') ?? refuseUsage('the code names no amount; give one with --amount')
  call.out.note(`paying ${total} won to ${value.nameKo}, gu ${value.guCode}, as the city's registry says`)
  const pointsPart = wonOf(call, 'points') ?? '0'
  const order = { merchantId: value.merchantId, total, pointsPart, orderRef: null, qr: payload }
  await send(call, 'payment.pay', order, `paid ${total} won to ${value.nameKo}`)
}

/** Commands of `naru pay` around shops’ codes. */
export const payQrCommands: readonly CommandSpec[] = [
  {
    path: 'qr',
    about: 'As a shop: draw the code that payers scan',
    options: [
      ['--to <merchant>', 'The shop: its number, its owner’s account or a devnet name'],
      ['--amount <won>', 'Won; without it the payer types the amount'],
      ['--dynamic', 'A code for one order, good once'],
      ['--order <hex>', 'The order, sixteen hex digits (default: by chance)'],
      ['--sign-seed <hex>', 'Seed of the shop’s key for codes: 0x and 64 hex digits'],
      ['--valid <duration>', 'How long a signed code is good', '5m'],
      ...DRAW,
      ...TARGET_OPTIONS,
    ],
    run: runQr,
  },
  {
    path: 'check <code>',
    about: 'Who a scanned code pays, by the registry; also says what codes of other schemes are',
    options: TARGET_OPTIONS,
    run: runCheck,
  },
  {
    path: 'scan <code>',
    about: 'Pay a shop by its code: the text, or an image file that shows it',
    options: [
      ...SIGN_OPTIONS,
      ['--amount <won>', 'Won, where the code names none'],
      ['--points <points>', 'Of the amount, so much in points'],
      WAIT,
      ...TARGET_OPTIONS,
    ],
    run: runScan,
  },
]
