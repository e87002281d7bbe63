// Owns: reading what not everybody may read, from the command line: `--as` names the account whose key signs.
// Not here: keys (target.ts), what is signed (core/chain/read-request.ts).
import { randomBytes } from 'node:crypto'
import { toHex } from '../core/base/bytes.ts'
import { asHash32 } from '../core/base/ids.ts'
import { readBytes } from '../core/chain/read-request.ts'
import type { NetworkName } from '../core/crypto/address.ts'
import { signMessage } from '../core/crypto/keys.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'
import { createWallet, parseAccount } from '../sdk/index.ts'
import type { ChainRef, Reader } from '../sdk/index.ts'
import type { CommandCall, OptionSpec } from './command.ts'
import { CliError, refuseUsage } from './errors.ts'
import { callRpc } from './rpc-client.ts'
import type { RpcAddress } from './rpc-client.ts'
import { readWallet, rpcOf } from './target.ts'
import type { Wallet } from './wallet.ts'

/** Options of every command that reads restricted records. */
export const READ_OPTIONS: readonly OptionSpec[] = [
  ['--as <account>', 'Who reads: a devnet name, or an account together with --key; signs the request'],
  ['--key <file>', 'Key file of the reader (passphrase: NARU_PASSPHRASE)'],
  ['--key-id <id>', 'Name of the key in the account', 'k1'],
]

type ChainId = { readonly chainId: string; readonly network: NetworkName; readonly genesisHash: string }

/** One signed call. Throws CliError as `callRpc`, and a usage error for an account of another network. */
export async function callSigned<T>(rpc: RpcAddress, wallet: Wallet, method: string, params: object): Promise<T> {
  const [chain, clock] = await Promise.all([
    callRpc<ChainId>(rpc, 'chain_id'),
    callRpc<{ readonly now: number }>(rpc, 'node_time'),
  ])
  const account = textContextOf(chain.network).parseAddress(wallet.account)
  if (account === null) return refuseUsage(`${wallet.account} is no account of a ${chain.network} network`)
  const { keyId } = wallet
  const [nonce, time] = [new Uint8Array(randomBytes(16)), clock.now]
  const genesisHash = asHash32(chain.genesisHash.slice(2))
  const message = readBytes({ chainId: chain.chainId, genesisHash, account, keyId, time, nonce, method, params })
  const signature = `0x${toHex(signMessage(wallet.seed, message))}`
  const auth = { account: wallet.account, keyId, time, nonce: `0x${toHex(nonce)}`, signature }
  return callRpc<T>(rpc, method, params, undefined, auth)
}

/** The same as the SDK's reader: whom `--as` names, or nobody. */
export async function readerOf(call: CommandCall, chain: ChainRef): Promise<Reader | undefined> {
  const from = call.options['as'] as string | undefined
  if (from === undefined) return undefined
  const { account, keyId, seed } = await readWallet({ ...call, options: { ...call.options, from } })
  const wallet = createWallet({ seed, account: parseAccount(chain, account), keyId, network: chain.network })
  return { wallet, chain }
}

/**
 * A read that may be restricted: signed where `--as` names somebody (or `--from`, where a command has it), and otherwise plain; a
 * refusal then says which flag is missing.
 */
export async function readAs<T>(call: CommandCall, method: string, params: object): Promise<T> {
  const from = (call.options['as'] as string | undefined) ?? (call.options['from'] as string | undefined)
  const rpc = rpcOf(call)
  if (from !== undefined) {
    const wallet = await readWallet({ ...call, options: { ...call.options, from, keyId: call.options['keyId'] ?? 'k1' } })
    return callSigned<T>(rpc, wallet, method, params)
  }
  try {
    return await callRpc<T>(rpc, method, params)
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'READ_RESTRICTED') throw error
    throw new CliError(error.exitCode, error.code, `${error.message} Here: name a party with --as.`)
  }
}
