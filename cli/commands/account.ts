// Owns: `naru account`: record, nonces and history of an account. Not here: money (pay.ts).
import type { CommandCall, CommandSpec } from '../command.ts'
import { formatTable } from '../output.ts'
import { callRpc } from '../rpc-client.ts'
import { dirOf, resolveAccount, rpcOf, TARGET_OPTIONS } from '../target.ts'
import { refuseUsage } from '../errors.ts'

type Read<T> = { readonly context: { readonly height: number }; readonly value: T }

function accountOf(call: CommandCall): string {
  return resolveAccount(dirOf(call), call.args[0] ?? '')
}

async function runShow(call: CommandCall): Promise<void> {
  const { context, value } = await callRpc<Read<Record<string, unknown>>>(rpcOf(call), 'account_get', {
    account: accountOf(call),
  })
  const rows = Object.entries(value).map(([name, shown]) => [name, typeof shown === 'string' ? shown : JSON.stringify(shown)])
  call.out.result({ height: context.height, ...value }, formatTable(rows))
}

async function runNonce(call: CommandCall): Promise<void> {
  const lane = numberOf(call, 'lane')
  const { value } = await callRpc<Read<{ lane: number; next: string; final: string }>>(rpcOf(call), 'account_getNonce', {
    account: accountOf(call),
    lane,
  })
  call.out.result(value, `lane ${value.lane}: next ${value.next}, final ${value.final}`)
}

async function runHistory(call: CommandCall): Promise<void> {
  const { options } = call
  const params = {
    account: accountOf(call),
    limit: numberOf(call, 'limit'),
    ...(options['cursor'] === undefined ? {} : { cursor: options['cursor'] }),
  }
  const { context, value } = await callRpc<
    Read<{ items: { hash: string; height: number; index: number }[]; nextCursor?: string }>
  >(rpcOf(call), 'account_getHistory', params)
  const rows = value.items.map(({ hash, height, index }) => [`${height}.${index}`, hash])
  call.out.result({ height: context.height, ...value }, rows.length === 0 ? 'no transactions' : formatTable(rows))
}

function numberOf({ options }: CommandCall, name: string): number {
  const text = String(options[name])
  return /^\d{1,9}$/.test(text) ? Number(text) : refuseUsage(`--${name} is a whole number, not ${JSON.stringify(text)}`)
}

/** Commands of `naru account`. */
export const accountCommands: readonly CommandSpec[] = [
  { path: 'show <account>', about: 'Both texts, nonce lanes and credits', options: TARGET_OPTIONS, run: runShow },
  {
    path: 'nonce <account>',
    about: 'The nonce that a lane takes next',
    options: [['--lane <number>', 'Nonce lane, 0 to 255', '0'], ...TARGET_OPTIONS],
    run: runNonce,
  },
  {
    path: 'history <account>',
    about: 'Final transactions, newest first',
    options: [
      ['--limit <count>', 'Items of a page', '20'],
      ['--cursor <cursor>', 'Go on from nextCursor of the page before'],
      ...TARGET_OPTIONS,
    ],
    run: runHistory,
  },
]
