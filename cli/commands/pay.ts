// Owns: `naru pay`: the everyday transactions of the payment room in short words. Not here: any transaction by name (tx.ts).
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { refuseUsage } from '../errors.ts'
import { callRpc } from '../rpc-client.ts'
import { dirOf, readWallet, resolveAccount, rpcOf, SIGN_OPTIONS, TARGET_OPTIONS, WAIT_OPTION } from '../target.ts'
import { sendOrder } from '../wallet.ts'
import { payQrCommands } from './pay-qr.ts'
import { payTillCommands } from './pay-till.ts'

const AMOUNT: OptionSpec = ['--amount <won>', 'Won, a whole number']
const TO: OptionSpec = ['--to <account>', 'Receiver: a devnet name, an address or a DID']

function amountOf({ options }: CommandCall): string {
  const text = options['amount'] as string | undefined
  if (text === undefined) return refuseUsage('name the won with --amount')
  return /^[1-9][0-9]{0,18}$/.test(text)
    ? text
    : refuseUsage(`--amount is a whole number of won above 0, not ${JSON.stringify(text)}`)
}

function receiverOf(call: CommandCall): string {
  const to = call.options['to'] as string | undefined
  return to === undefined ? refuseUsage('name the receiver with --to') : resolveAccount(dirOf(call), to)
}

async function send(call: CommandCall, type: string, payload: Record<string, unknown>, done: string): Promise<void> {
  const wallet = await readWallet(call)
  const sent = await sendOrder(rpcOf(call), wallet, { type, payload }, parseDuration(call.options['timeout'] as string))
  call.out.result(sent, `${done}: final in block ${sent.height} (${sent.txId})`)
}

async function runTransfer(call: CommandCall): Promise<void> {
  const amount = amountOf(call)
  await send(call, 'payment.transfer', { to: receiverOf(call), amount }, `transferred ${amount} won`)
}

async function runMint(call: CommandCall): Promise<void> {
  const amount = amountOf(call)
  const bankRef = (call.options['ref'] as string | undefined) ?? `cli-${Date.now()}`
  await send(call, 'payment.mint', { to: receiverOf(call), amount, bankRef }, `minted ${amount} won`)
}

async function runRedeem(call: CommandCall): Promise<void> {
  const amount = amountOf(call)
  await send(call, 'payment.redeem.request', { amount }, `asked the bank to redeem ${amount} won`)
}

type Balance = { readonly bank: string | null; readonly balance: string; readonly locked: string; readonly available: string }

async function runBalance(call: CommandCall): Promise<void> {
  const account = resolveAccount(dirOf(call), call.args[0] ?? '')
  const { context, value } = await callRpc<{ context: { height: number }; value: Balance }>(rpcOf(call), 'payment_getBalance', {
    account,
  })
  const locked = value.locked === '0' ? '' : `, ${value.locked} of them locked`
  call.out.result(
    { account, height: context.height, ...value },
    `${value.balance} won at bank ${value.bank ?? '-'}${locked} (block ${context.height})`,
  )
}

/** Commands of `naru pay`. */
export const payCommands: readonly CommandSpec[] = [
  {
    path: 'transfer',
    about: 'Pay won to another account',
    options: [...SIGN_OPTIONS, TO, AMOUNT, WAIT_OPTION, ...TARGET_OPTIONS],
    run: runTransfer,
  },
  { path: 'balance <account>', about: 'Won of an account', options: TARGET_OPTIONS, run: runBalance },
  {
    path: 'mint',
    about: 'As a bank: turn a deposit into won on the chain',
    options: [
      ...SIGN_OPTIONS,
      TO,
      AMOUNT,
      ['--ref <code>', 'The bank’s own reference, once only'],
      WAIT_OPTION,
      ...TARGET_OPTIONS,
    ],
    run: runMint,
  },
  {
    path: 'redeem',
    about: 'Ask the home bank to turn won into a deposit',
    options: [...SIGN_OPTIONS, AMOUNT, WAIT_OPTION, ...TARGET_OPTIONS],
    run: runRedeem,
  },
  ...payQrCommands,
  ...payTillCommands,
]
