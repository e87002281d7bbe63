// Owns: what the verbs of `naru vote` share: the poll that is meant, sending a typed payload, moments, numbers.
// Not here: any verb.
import type { NetworkName } from '../../core/crypto/address.ts'
import { toJson } from '../../core/codec/schema.ts'
import type { TransactionDefinition } from '../../core/execution/module.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { createPollReader } from '../../sdk/vote/reader.ts'
import type { PollReader } from '../../sdk/vote/reader.ts'
import type { CommandCall, OptionSpec } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { refuseUsage } from '../errors.ts'
import { callRpc } from '../rpc-client.ts'
import { SIGN_OPTIONS, TARGET_OPTIONS, WAIT_OPTION, readWallet, rpcOf } from '../target.ts'
import { sendOrder } from '../wallet.ts'
import type { SentTx } from '../wallet.ts'

/** Options of every verb that sends. */
export const SEND_OPTIONS: readonly OptionSpec[] = [...SIGN_OPTIONS, WAIT_OPTION, ...TARGET_OPTIONS]

/** A poll at the node that is asked. */
export type OpenPoll = PollReader & { readonly pollId: string; readonly network: NetworkName }

/** The network of the node that is asked. */
export async function networkOf(call: CommandCall): Promise<NetworkName> {
  return (await callRpc<{ network: NetworkName }>(rpcOf(call), 'chain_id')).network
}

/** The poll that the first word names. */
export async function openPoll(call: CommandCall): Promise<OpenPoll> {
  const pollId = call.args[0] ?? ''
  const network = await networkOf(call)
  const ask = (method: string, params: object): Promise<unknown> => callRpc(rpcOf(call), method, params)
  return { ...createPollReader(ask, network, pollId), pollId, network }
}

/** Signs as `--from`, sends and waits. Throws CliError with the chain's own code. */
export async function sendVote<P>(
  call: CommandCall,
  network: NetworkName,
  definition: TransactionDefinition<P>,
  payload: P,
): Promise<SentTx> {
  const wallet = await readWallet(call)
  const order = { type: definition.name, payload: toJson(definition.payload, payload, textContextOf(network)) }
  return sendOrder(rpcOf(call), wallet, order, parseDuration(call.options['timeout'] as string))
}

/** Tells what a transaction did. */
export function tellSent(call: CommandCall, sent: SentTx, told: Record<string, unknown>, text: string): void {
  call.out.result({ ...told, ...sent }, `${text} (final in block ${sent.height})`)
}

/** Milliseconds of `+90m` after a moment of the chain, or of a time such as 2026-12-01T09:00:00+09:00. Throws a usage error. */
export function momentOf(flag: string, text: string | undefined, chainTime: number): number {
  if (text === undefined) return refuseUsage(`say when with ${flag}: +90m from now on the chain, or 2026-12-01T09:00:00+09:00`)
  if (text.startsWith('+')) return chainTime + parseDuration(text.slice(1))
  const time = Date.parse(text)
  return Number.isSafeInteger(time) && /T.*(Z|[+-]\d\d:?\d\d)$/.test(text)
    ? time
    : refuseUsage(`${flag} is +90m or a time with its zone such as 2026-12-01T09:00:00+09:00, not ${JSON.stringify(text)}`)
}

/** A whole number of a word or option. Throws a usage error. */
export function numberOf(name: string, text: string | undefined, max: number): number {
  const value = Number(text)
  return text !== undefined && /^\d{1,9}$/.test(text) && value <= max
    ? value
    : refuseUsage(`${name} is a whole number from 0 to ${max}, not ${JSON.stringify(text ?? null)}`)
}

/** A time as people read it, in Korea's zone. */
export function showTime(ms: number): string {
  return `${new Date(ms + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`
}
