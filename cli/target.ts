// Owns: which node and whose key a command means: `--rpc`, `--dir`, names of devnet accounts. Not here: calls (rpc-client.ts).
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex } from '../core/base/bytes.ts'
import { findNearest } from '../rpc/nearest.ts'
import type { CommandCall, OptionSpec } from './command.ts'
import { isAlive } from './devnet/alive.ts'
import { CliError, EXIT, refuseUsage } from './errors.ts'
import type { RpcAddress } from './rpc-client.ts'
import type { Wallet } from './wallet.ts'

/** Where a devnet is unless `--dir` says otherwise. */
export const DEFAULT_DIR = './.naru/devnet'

/** `--dir` of every devnet verb. */
export const DIR_OPTION: OptionSpec = ['--dir <dir>', `Directory of the devnet (default: NARU_DIR or ${DEFAULT_DIR})`]

/** Options of every command that asks a node. */
export const TARGET_OPTIONS: readonly OptionSpec[] = [
  [
    '--rpc <url>',
    'Node to ask: http://host:port, or unix: and the path of its operator socket (default: NARU_RPC_URL, else the devnet)',
  ],
  DIR_OPTION,
]

/** The devnet's directory. */
export function dirOf({ options, env }: Pick<CommandCall, 'options' | 'env'>): string {
  return (options['dir'] as string | undefined) ?? env['NARU_DIR'] ?? DEFAULT_DIR
}

type DevnetFile = { readonly nodes: readonly { readonly name: string; readonly rpc: string; readonly pid: number }[] }

/** The node to ask: `--rpc`, else NARU_RPC_URL, else the devnet's first node that runs. Throws CliError UNREACHABLE. */
export function rpcOf(call: Pick<CommandCall, 'options' | 'env'>): RpcAddress {
  const named =
    (call.options['rpc'] as string | undefined) ?? (call.options['dir'] === undefined ? call.env['NARU_RPC_URL'] : undefined)
  if (named !== undefined) return named
  const file = join(dirOf(call), 'devnet.json')
  if (!existsSync(file)) {
    throw new CliError(
      EXIT.unreachable,
      'UNREACHABLE',
      `there is no devnet in ${dirOf(call)}; start one with naru devnet up, or name a node with --rpc`,
    )
  }
  const { nodes } = JSON.parse(readFileSync(file, 'utf8')) as DevnetFile
  const running = nodes.find(({ pid }) => isAlive(pid)) ?? nodes[0]
  return running?.rpc ?? refuseUsage(`${file} names no node`)
}

type AccountRow = { readonly name: string; readonly id: string; readonly did: string; readonly seed: string }

/** The devnet's named accounts, or none where there is no devnet. */
export function readAccountRows(dir: string): readonly AccountRow[] {
  const file = join(dir, 'accounts.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { accounts: AccountRow[] }).accounts : []
}

/** The account that a text means: a devnet name, or bech32m or DID text as it is. Throws a usage error with the nearest name. */
export function resolveAccount(dir: string, text: string): string {
  if (/^(naru[dt]?1|did:)/.test(text)) return text
  const rows = readAccountRows(dir)
  const found = rows.find(({ name }) => name === text)
  if (found !== undefined) return found.id
  const nearest = findNearest(
    text,
    rows.map(({ name }) => name),
  )
  const hint =
    nearest === null
      ? rows.length === 0
        ? `no devnet accounts in ${dir}`
        : `known are ${rows.map(({ name }) => name).join(', ')}`
      : `did you mean ${nearest}?`
  return refuseUsage(`${text} is neither an account nor a name; ${hint}`)
}

/** The DID of a devnet name; DIDs and origins such as `https://library.example` stand for themselves. Throws a usage error. */
export function didTextOf(call: Pick<CommandCall, 'options' | 'env'>, text: string): string {
  if (/^(https?:|did:)/.test(text)) return text
  const dir = dirOf(call)
  const id = resolveAccount(dir, text)
  return readAccountRows(dir).find((row) => row.id === id)?.did ?? refuseUsage(`write ${text} as its did:seoul text`)
}

/** Options of every command that signs. */
export const SIGN_OPTIONS: readonly OptionSpec[] = [
  ['--from <account>', 'Sender: a devnet name, or an account together with --key'],
  ['--key <file>', 'Key file of the sender (passphrase: NARU_PASSPHRASE)'],
  ['--key-id <id>', 'Name of the key in the account', 'k1'],
]

/** Account and key of `--from`, `--key`, `--key-id`. */
export async function readWallet(call: CommandCall): Promise<Wallet> {
  const { options, env } = call
  const from = options['from'] as string | undefined
  if (from === undefined) return refuseUsage('name the sender with --from')
  const dir = dirOf(call)
  const keyId = options['keyId'] as string
  const file = options['key'] as string | undefined
  const account = resolveAccount(dir, from)
  if (file !== undefined) {
    const { readKey } = await import('../node/keystore.ts')
    const network = account.startsWith('narud1') || account.startsWith('did:seoul:03:') ? 'devnet' : 'city'
    return { account, keyId, seed: (await readKey({ path: file, passphrase: env['NARU_PASSPHRASE'], network })).seed }
  }
  const row = readAccountRows(dir).find(({ id, did }) => id === account || did === account)
  if (row === undefined) return refuseUsage(`the key of ${from} is not known here; name its file with --key`)
  return { account, keyId, seed: fromHex(row.seed.slice(2)) }
}

/** `--timeout` of every command that waits for a transaction. */
export const WAIT_OPTION: OptionSpec = ['--timeout <duration>', 'How long to wait until the transaction is final', '20s']
