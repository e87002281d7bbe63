// Owns: `naru tx`: build, sign, send, wait, show, decode, and every room's transactions by their own flags.
// Not here: signing (wallet.ts).
import { readFileSync } from 'node:fs'
import { fromHex, isHex } from '../../core/base/bytes.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { refuseUsage } from '../errors.ts'
import { callRpc } from '../rpc-client.ts'
import { READ_OPTIONS, readAs } from '../signed-read.ts'
import { DIR_OPTION, dirOf, readWallet, resolveAccount, rpcOf, SIGN_OPTIONS, TARGET_OPTIONS, WAIT_OPTION } from '../target.ts'
import { buildBody, sendOrder, signBody, submitAndWait, waitForTx } from '../wallet.ts'

const ENVELOPE: readonly OptionSpec[] = [
  ['--lane <number>', 'Nonce lane, 0 to 255', '0'],
  ['--nonce <number>', 'Nonce (default: the lane’s next one)'],
  ['--valid-until <height>', 'Last block that may hold it (default: 300 from now)'],
]

function timeoutOf({ options }: CommandCall): number {
  return parseDuration(options['timeout'] as string)
}

function envelopeOf({ options }: CommandCall): { lane: number; nonce?: bigint; validUntil?: number } {
  const read = (name: string, text: unknown): string =>
    /^\d{1,19}$/.test(String(text)) ? String(text) : refuseUsage(`--${name} is a whole number, not ${JSON.stringify(text)}`)
  return {
    lane: Number(read('lane', options['lane'])),
    ...(options['nonce'] === undefined ? {} : { nonce: BigInt(read('nonce', options['nonce'])) }),
    ...(options['validUntil'] === undefined ? {} : { validUntil: Number(read('valid-until', options['validUntil'])) }),
  }
}

/** A document from a file, or from stdin where the name is `-`. */
function readDocument(path: string | undefined): string {
  return readFileSync(path === undefined || path === '-' ? 0 : path, 'utf8').trim()
}

/** `0x` hex from the argument itself, a JSON document with a member `tx`, or a file with either. */
function bytesOf(text: string | undefined): string {
  const direct = text?.startsWith('0x') === true ? text : readDocument(text)
  const hex = direct.startsWith('{') ? String((JSON.parse(direct) as { tx?: unknown }).tx) : direct
  return hex.startsWith('0x') && isHex(hex.slice(2))
    ? hex
    : refuseUsage('expected a transaction as 0x hex, or a file that holds one')
}

async function runBuild(call: CommandCall): Promise<void> {
  const { options } = call
  const [type] = call.args
  const from = resolveAccount(dirOf(call), String(options['from'] ?? refuseUsage('name the sender with --from')))
  const payload = JSON.parse(options['payload'] as string) as unknown
  const order = { type: type ?? '', payload, ...envelopeOf(call) }
  const body = await buildBody(rpcOf(call), { account: from, keyId: options['keyId'] as string }, order)
  const [{ encode }, { TxBodySchema, txSigningBytes }, { toHex }] = await Promise.all([
    import('../../core/codec/schema.ts'),
    import('../../core/chain/transaction.ts'),
    import('../../core/base/bytes.ts'),
  ])
  const document = { type, body: `0x${toHex(encode(TxBodySchema, body))}`, signingBytes: `0x${toHex(txSigningBytes(body))}` }
  call.out.result(document, JSON.stringify(document, null, 2))
}

async function runSign(call: CommandCall): Promise<void> {
  const wallet = await readWallet(call)
  const [{ decode }, { TxBodySchema }, { LIMITS }] = await Promise.all([
    import('../../core/codec/schema.ts'),
    import('../../core/chain/transaction.ts'),
    import('../../core/base/limits.ts'),
  ])
  const given = call.args[0]
  const text = given?.startsWith('0x') === true ? given : readDocument(given)
  const hex = text.startsWith('{') ? String((JSON.parse(text) as { body?: unknown }).body) : text
  if (!hex.startsWith('0x') || !isHex(hex.slice(2))) refuseUsage('expected the output of naru tx build, or its body as 0x hex')
  const tx = signBody(decode(TxBodySchema, fromHex(hex.slice(2)), LIMITS.txBytesMax), [wallet.seed])
  call.out.result({ tx }, tx)
}

async function runSend(call: CommandCall): Promise<void> {
  const tx = bytesOf(call.args[0])
  const sent = await submitAndWait(rpcOf(call), tx, timeoutOf(call))
  call.out.result(sent, `final in block ${sent.height} (${sent.txId})`)
}

async function runWait(call: CommandCall): Promise<void> {
  const sent = await waitForTx(rpcOf(call), call.args[0] ?? '', timeoutOf(call))
  call.out.result(sent, `final in block ${sent.height} (${sent.txId})`)
}

async function runShow(call: CommandCall): Promise<void> {
  const shown = await readAs<unknown>(call, 'tx_get', { hash: call.args[0] })
  call.out.result(shown, JSON.stringify(shown, null, 2))
}

async function runDecode(call: CommandCall): Promise<void> {
  const shown = await callRpc<unknown>(rpcOf(call), 'tx_decode', { tx: bytesOf(call.args[0]) })
  call.out.result(shown, JSON.stringify(shown, null, 2))
}

const generalCommands: readonly CommandSpec[] = [
  {
    path: 'build <type>',
    about: 'An unsigned transaction and the bytes to sign',
    options: [...SIGN_OPTIONS, ['--payload <json>', 'Payload as JSON', '{}'], ...ENVELOPE, ...TARGET_OPTIONS],
    run: runBuild,
  },
  {
    path: 'sign [file]',
    about: 'Sign what build printed (a file, 0x hex, or stdin)',
    options: [...SIGN_OPTIONS, DIR_OPTION],
    run: runSign,
  },
  {
    path: 'send [file]',
    about: 'Send a signed transaction and wait until it is final',
    options: [WAIT_OPTION, ...TARGET_OPTIONS],
    run: runSend,
  },
  { path: 'wait <hash>', about: 'Wait until a transaction is final', options: [WAIT_OPTION, ...TARGET_OPTIONS], run: runWait },
  {
    path: 'show <hash>',
    about: 'A final transaction, decoded, with its receipt',
    options: [...READ_OPTIONS, ...TARGET_OPTIONS],
    run: runShow,
  },
  { path: 'decode [file]', about: 'The fields of a signed transaction', options: TARGET_OPTIONS, run: runDecode },
]

const ROOM_TX_OPTIONS: readonly OptionSpec[] = [...SIGN_OPTIONS, ...ENVELOPE, WAIT_OPTION, ...TARGET_OPTIONS]

/** Commands of `naru tx`; a room's own are made from its declarations when the room is named, or when no command is. */
export async function loadTxCommands(words: readonly string[]): Promise<readonly CommandSpec[]> {
  const [word] = words
  if (word !== undefined && generalCommands.some(({ path }) => path.split(' ')[0] === word)) return generalCommands
  const { buildRoomCommands } = await import('../room-commands.ts')
  return [...generalCommands, ...buildRoomCommands(ROOM_TX_OPTIONS, runRoomTx)]
}

async function runRoomTx(call: CommandCall, type: string, payload: Record<string, unknown>): Promise<void> {
  const wallet = await readWallet(call)
  const sent = await sendOrder(rpcOf(call), wallet, { type, payload, ...envelopeOf(call) }, timeoutOf(call))
  call.out.result(sent, `${type}: final in block ${sent.height} (${sent.txId})`)
}
