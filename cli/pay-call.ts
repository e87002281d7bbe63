// Owns: what the commands around codes share: amounts, shops, codes as text or image, drawing, sending. Not here: the commands.
import { existsSync, writeFileSync } from 'node:fs'
import { isMerchantId } from '../modules/payment/qr/merchant-id.ts'
import type { CommandCall, OptionSpec } from './command.ts'
import { parseDuration } from './duration.ts'
import { refuseUsage } from './errors.ts'
import { QR_FORMATS, drawQr, readQrImage } from './qr-image.ts'
import type { QrFormat } from './qr-image.ts'
import { callRpc } from './rpc-client.ts'
import { dirOf, readWallet, resolveAccount, rpcOf } from './target.ts'
import { sendOrder } from './wallet.ts'
import type { SentTx } from './wallet.ts'

/** An answer of a read. */
export type Read<T> = { readonly context: { readonly height: number; readonly time: number }; readonly value: T }
/** How long a command waits. */
export const WAIT: OptionSpec = ['--timeout <duration>', 'How long to wait until the transaction is final', '20s']
/** How a code is shown. */
export const DRAW: readonly OptionSpec[] = [
  ['--format <format>', `How it is drawn: ${QR_FORMATS.join(', ')}`, 'term'],
  ['--out <file>', 'Where the image is written; by the ending .png or .svg without --format'],
]

/** Won of an option as a decimal string, or null where it is not given. */
export function wonOf(call: CommandCall, name: string): string | null {
  const text = call.options[name] as string | undefined
  if (text === undefined) return null
  return /^[1-9][0-9]{0,12}$/.test(text)
    ? text
    : refuseUsage(`--${name} is a whole number of won above 0, not ${JSON.stringify(text)}`)
}

/** The number that a text means: itself, or the one business of an account or a devnet name. */
export async function merchantIdOf(call: CommandCall, text: string | undefined): Promise<string> {
  if (text === undefined) return refuseUsage('name the merchant by its number, an account or a devnet name')
  if (isMerchantId(text)) return text
  const owner = resolveAccount(dirOf(call), text)
  const { value } = await callRpc<Read<{ merchantIds: string[] }>>(rpcOf(call), 'payment_getMerchantsOf', { owner })
  const [only, ...more] = value.merchantIds
  if (only === undefined) return refuseUsage(`${text} has no business; apply for one with naru tx payment merchant apply`)
  return more.length === 0 ? only : refuseUsage(`${text} has several: ${value.merchantIds.join(', ')}; name one`)
}

/** Draws a code on the terminal or into a file, and tells. */
export function show(call: CommandCall, text: string, result: Record<string, unknown>, about: string): void {
  const out = call.options['out'] as string | undefined
  const ending = /\.(png|svg)$/.exec(out ?? '')?.[1]
  const format = (ending ?? call.options['format']) as string
  if (!QR_FORMATS.includes(format as QrFormat)) refuseUsage(`--format is one of ${QR_FORMATS.join(', ')}, not ${format}`)
  if (format === 'png' && out === undefined) refuseUsage('name the file of the PNG with --out')
  const drawn = drawQr(text, format as QrFormat)
  if (out !== undefined) writeFileSync(out, drawn)
  call.out.result(
    { ...result, payload: text, ...(out === undefined ? {} : { file: out }) },
    out === undefined ? `${drawn}\n${about}` : `${about}, drawn in ${out}`,
  )
}

/** The text of a code: as it is, or read from an image file of that name. */
export async function payloadOf(call: CommandCall): Promise<string> {
  const [text] = call.args
  if (text === undefined || text === '') return refuseUsage('give the code as text, or an image file that shows it')
  return existsSync(text) ? readQrImage(text) : text
}

/** Signs, sends, waits and tells. */
export async function send(call: CommandCall, type: string, payload: unknown, done: string): Promise<SentTx> {
  const wallet = await readWallet(call)
  const sent = await sendOrder(rpcOf(call), wallet, { type, payload }, parseDuration(call.options['timeout'] as string))
  call.out.result(sent, `${done}: final in block ${sent.height} (${sent.txId})`)
  return sent
}
