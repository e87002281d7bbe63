// Owns: what `naru id` and `naru credential` share: wallet files, nonce files, signers, the proven node.
// Not here: the commands, what is in a wallet (sdk/identity/wallet-data.ts).
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworkName } from '../core/crypto/address.ts'
import { createClient, createSender, createWallet, parseAccount, readChain, trustFromGenesis } from '../sdk/index.ts'
import type { ChainRef, Client, Sender, Wallet } from '../sdk/index.ts'
import { createNonceStore } from '../sdk/identity/nonces.ts'
import type { NonceStore } from '../sdk/identity/nonces.ts'
import type { StateSource } from '../sdk/identity/proven-state.ts'
import { seal, unseal } from '../sdk/identity/seal.ts'
import { parseWalletData } from '../sdk/identity/wallet-data.ts'
import type { WalletData } from '../sdk/identity/wallet-data.ts'
import type { CommandCall, OptionSpec } from './command.ts'
import { refuseUsage } from './errors.ts'
import { readSecret } from './secrets.ts'
import { dirOf, readWallet, rpcOf } from './target.ts'

/** `--genesis` of every command that verifies. */
export const GENESIS_OPTION: OptionSpec = ['--genesis <file>', 'The genesis document that you trust (default: the devnet’s)']
/** `--out` of every command that makes a document. */
export const OUT_OPTION: OptionSpec = ['--out <file>', 'Where it is written, mode 0600 (default: stdout)']

/** Nothing of value hangs on a devnet's wallets, and people open them often. */
const DEVNET_WORK_FACTOR = 12

/** A node over HTTP and its chain. */
export type Connection = { readonly client: Client; readonly chain: ChainRef }

/** Asks the node of `--rpc` or the devnet. Throws a usage error for a socket. */
export async function openId(call: CommandCall): Promise<Connection> {
  const address = String(rpcOf(call))
  if (!/^https?:/.test(address)) return refuseUsage('identities are read over http; name a node with --rpc http://host:port')
  const client = createClient({ url: address })
  return { client, chain: await readChain(client) }
}

/** The node as a source that proves, trusting the genesis document of `--genesis` or the devnet. */
export async function sourceOf(call: CommandCall, { client, chain }: Connection): Promise<StateSource> {
  const file = (call.options['genesis'] as string | undefined) ?? join(dirOf(call), 'genesis.json')
  if (!existsSync(file)) return refuseUsage(`there is no genesis document at ${file}; name the one you trust with --genesis`)
  return { client, chain, trust: trustFromGenesis(JSON.parse(readFileSync(file, 'utf8'))) }
}

/** Now in seconds; on a devnet whose clocks were moved forward, its time. */
export async function chainSeconds(client: Client): Promise<number> {
  const { context } = await client.call('chain_head')
  return Math.floor(Math.max(Date.now(), context.time) / 1_000)
}

/** The signer of a devnet name, or of an account with `--key`. */
export async function walletOf(call: CommandCall, chain: ChainRef, from: string): Promise<Wallet> {
  const options = { keyId: 'k1', ...call.options, from }
  const { account, keyId, seed } = await readWallet({ ...call, options })
  return createWallet({ seed, account: parseAccount(chain, account), keyId, network: chain.network })
}

/** A sender of one wallet. */
export function senderOf({ client, chain }: Connection, wallet: Wallet, sponsor?: Wallet): Sender {
  return createSender({ client, chain, wallet, ...(sponsor === undefined ? {} : { sponsor }) })
}

function passphraseOf(call: CommandCall, path: string, confirm: boolean): Promise<string> {
  return readSecret({ env: call.env, variable: 'NARU_PASSPHRASE', question: `passphrase of ${path}`, confirm })
}

/** Makes a new encrypted file; an existing one is never replaced. */
export async function createWalletFile(call: CommandCall, path: string, data: WalletData): Promise<void> {
  if (existsSync(path)) return refuseUsage(`${path} is already there and is not replaced; choose another name`)
  await writeWalletFile(path, data, await passphraseOf(call, path, true))
}

/** Encrypts the wallet anew and replaces the file in one step. Throws NodeError WALLET_PASSPHRASE. */
export async function writeWalletFile(path: string, data: WalletData, passphrase: string): Promise<void> {
  await writeSealedFile(path, JSON.stringify(data), { passphrase, network: data.network })
}

/** The wallet of a file, and its passphrase for writing it again. Throws NodeError WALLET_PASSPHRASE, WALLET_FORMAT. */
export async function readWalletFile(
  call: CommandCall,
  path: string,
): Promise<{ readonly data: WalletData; readonly passphrase: string }> {
  const { text, passphrase } = await readSealedFile(call, path)
  return { data: parseWalletData(text), passphrase }
}

/** Writes text under a passphrase, through a file beside it that takes its place. */
export async function writeSealedFile(
  path: string,
  text: string,
  under: { passphrase: string; network: NetworkName },
): Promise<void> {
  const next = `${path}.new`
  const sealed = await seal(text, under.passphrase, under.network === 'devnet' ? DEVNET_WORK_FACTOR : undefined)
  writeFileSync(next, sealed, { mode: 0o600, flush: true })
  renameSync(next, path)
}

/** Text of an encrypted file. Throws a usage error where there is none or others may read it, NodeError WALLET_PASSPHRASE. */
export async function readSealedFile(
  call: CommandCall,
  path: string,
): Promise<{ readonly text: string; readonly passphrase: string }> {
  if (!existsSync(path)) return refuseUsage(`there is no file ${path}; naru id new makes a wallet`)
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) return refuseUsage(`${path} has mode ${mode.toString(8)}, others may read it: chmod 600 ${path}`)
  const passphrase = await passphraseOf(call, path, false)
  return { text: await unseal(new Uint8Array(readFileSync(path)), passphrase), passphrase }
}

/** A passphrase for a new encrypted file. */
export function newPassphrase(call: CommandCall, path: string): Promise<string> {
  return passphraseOf(call, path, true)
}

/** JSON of a file, or of stdin for `-`. Throws a usage error. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'))
  } catch (error) {
    return refuseUsage(`${path} holds no JSON that can be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Writes a document to `--out`, or prints it. */
export function writeJson(call: CommandCall, document: unknown, about: string): void {
  const file = call.options['out'] as string | undefined
  if (file === undefined) return call.out.result(document, JSON.stringify(document, null, 2))
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  call.out.result({ file }, `${about} written to ${file}`)
}

/** Nonces of `--nonces` (or another name in the working directory); `save` writes what is still open. */
export function openNonces(call: CommandCall): NonceStore & { readonly save: () => void } {
  const path = call.options['nonces'] as string
  const open = existsSync(path) ? (readJsonFile(path) as { nonces?: unknown }).nonces : []
  const isList = Array.isArray(open) && open.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string')
  if (!isList) return refuseUsage(`${path} holds no nonces; remove it to begin anew`)
  const store = createNonceStore(open as [string, number][])
  const save = (): void => {
    const now = Date.now() / 1_000
    const nonces = store.open().filter(([, expiresAt]) => expiresAt > now)
    writeFileSync(`${path}.new`, `${JSON.stringify({ nonces })}\n`, { mode: 0o600, flush: true })
    renameSync(`${path}.new`, path)
  }
  return { ...store, save }
}
