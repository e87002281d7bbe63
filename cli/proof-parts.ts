// Owns: what the commands about proofs share: a client, trust from a genesis document, files. Not here: the commands (commands/).
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, httpTransport, parseProof, trustFromGenesis } from '../sdk/index.ts'
import type { Client, Proof, Trust } from '../sdk/index.ts'
import type { CommandCall } from './command.ts'
import { CliError, EXIT, refuseUsage } from './errors.ts'
import { dirOf, rpcOf } from './target.ts'

/** A client of the node that the command means. */
export function openClient(call: CommandCall): Client {
  const address = String(rpcOf(call))
  if (!/^https?:/.test(address)) refuseUsage('a proof is fetched over http; name a node with --rpc http://host:port')
  return createClient({ transport: httpTransport({ url: address }) })
}

/** The genesis document that the caller trusts, as JSON. Throws a usage error where there is none. */
export function readGenesis(call: CommandCall): unknown {
  const file = (call.options['genesis'] as string | undefined) ?? join(dirOf(call), 'genesis.json')
  if (!existsSync(file)) return refuseUsage(`there is no genesis document at ${file}; name the one you trust with --genesis`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Trust in the validators of that document. */
export function readTrust(call: CommandCall): Trust {
  return trustFromGenesis(readGenesis(call))
}

/** The proof of a file. Throws CliError PROOF_REFUSED unless the text is exactly a proof. */
export function readProofFile(file: string): Proof {
  if (!existsSync(file)) return refuseUsage(`there is no proof at ${file}`)
  try {
    return parseProof(readFileSync(file, 'utf8'))
  } catch (error) {
    throw refusedProof(file, error instanceof Error ? error.message : String(error))
  }
}

/** What a proof that proves nothing ends with: exit code 12. */
export function refusedProof(file: string, reason: string): CliError {
  return new CliError(EXIT.verification, 'PROOF_REFUSED', `${file} proves nothing: ${reason}`, { file })
}
