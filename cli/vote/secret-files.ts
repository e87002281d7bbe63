// Owns: the encrypted files of trustees and voters: what is in them, opening and writing.
// Not here: age itself (sdk/identity/seal.ts).
import { existsSync } from 'node:fs'
import type { NetworkName } from '../../core/crypto/address.ts'
import { numberOf as scalarOf, scalarBytes } from '../../modules/vote/crypto/group.ts'
import { fromHex, isHex, toHex } from '../../core/base/bytes.ts'
import type { BallotReceipt } from '../../sdk/vote/track.ts'
import type { CommandCall } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { newPassphrase, readSealedFile, writeSealedFile } from '../id-files.ts'

/** What a trustee keeps of one poll: its number, its polynomial, the shares it got by who gave them; scalars as 64 hex digits. */
export type TrusteePoll = {
  readonly trustee: number
  readonly eh: string
  readonly polynomial: readonly string[]
  readonly shares: Readonly<Record<string, string>>
}
/** A trustee's file: the secret that reads letters, and by poll what it keeps. */
export type TrusteeSecrets = {
  readonly format: 'naru-trustee/v1'
  readonly network: NetworkName
  readonly identity: string
  readonly recipient: string
  readonly polls: Readonly<Record<string, TrusteePoll>>
}

/**
 * What a voter keeps of one poll: the election key’s secret, a ballot that is sealed and not yet cast, and a receipt of the last
 * one cast, which says nothing of the choice.
 */
export type VoterPoll = {
  readonly eh: string
  readonly secret: string
  readonly prepared?: Prepared
  readonly receipt?: BallotReceipt
}
/** A ballot as JSON, to be cast or audited; `rollIndex` null where the poll hides it, `opening` null where it is public. */
export type Prepared = {
  readonly seq: number
  readonly rollIndex: number | null
  readonly ballot: unknown
  readonly opening: { readonly bits: readonly (0 | 1)[]; readonly r: readonly string[] } | null
}
/** A voter’s file: an election key for each poll. */
export type VoterSecrets = {
  readonly format: 'naru-voter/v1'
  readonly network: NetworkName
  readonly polls: Readonly<Record<string, VoterPoll>>
}

type Secrets = TrusteeSecrets | VoterSecrets

/** An opened file that can be written again. */
export type SecretFile<S extends Secrets> = { readonly secrets: S; readonly save: (next: S) => Promise<void> }

/** Makes a file that must not be there yet. */
export async function createSecretFile(call: CommandCall, path: string, secrets: Secrets): Promise<void> {
  if (existsSync(path)) return refuseUsage(`${path} is there already and is not replaced; name another file`)
  await writeSealedFile(path, JSON.stringify(secrets), { passphrase: await newPassphrase(call, path), network: secrets.network })
}

/** Opens a file of a format for a network. Throws a usage error where it is another, NodeError WALLET_PASSPHRASE. */
export async function openSecretFile<S extends Secrets>(
  call: CommandCall,
  path: string,
  want: { readonly format: S['format']; readonly network: NetworkName },
): Promise<SecretFile<S>> {
  if (!existsSync(path)) {
    const maker = want.format === 'naru-voter/v1' ? 'naru vote key' : 'naru vote trustee key'
    return refuseUsage(`there is no file ${path}; ${maker} makes it`)
  }
  const { text, passphrase } = await readSealedFile(call, path)
  const secrets = JSON.parse(text) as S
  if (secrets.format !== want.format) return refuseUsage(`${path} holds ${String(secrets.format)}, not ${want.format}`)
  if (secrets.network !== want.network)
    return refuseUsage(`${path} is for network ${secrets.network}, the node is of ${want.network}`)
  return { secrets, save: (next) => writeSealedFile(path, JSON.stringify(next), { passphrase, network: next.network }) }
}

/** What a file keeps of a poll. Throws CliError NOT_PREPARED naming the verb that comes before. */
export function entryOf<P>(polls: Readonly<Record<string, P>>, pollId: string, before: string): P {
  const found = Object.hasOwn(polls, pollId) ? polls[pollId] : undefined
  if (found !== undefined) return found
  throw new CliError(EXIT.usage, 'NOT_PREPARED', `the file holds nothing for poll ${pollId}; first comes naru vote ${before}`)
}

/** A scalar as 64 hex digits, least significant byte first. */
export function scalarText(value: bigint): string {
  return toHex(scalarBytes(value))
}

/** The scalar again. Throws a usage error for a damaged file. */
export function parseScalar(text: string): bigint {
  return isHex(text, 32) ? scalarOf(fromHex(text)) : refuseUsage('the file holds a number that is none; it is damaged')
}
