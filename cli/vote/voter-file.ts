// Owns: a voter's file opened for one poll. Not here: what is in it (secret-files.ts), the verbs.
import type { PollNow } from '../../sdk/vote/reader.ts'
import type { CommandCall } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { openPoll } from './poll-call.ts'
import type { OpenPoll } from './poll-call.ts'
import { entryOf, openSecretFile } from './secret-files.ts'
import type { SecretFile, VoterPoll, VoterSecrets } from './secret-files.ts'

/** A poll and the voter's file, which is written anew by `keepEntry`. */
export type OpenVoter = { readonly poll: OpenPoll; readonly now: PollNow; file: SecretFile<VoterSecrets> }

/** The poll of the first word, the file of the second. */
export async function openVoter(call: CommandCall): Promise<OpenVoter> {
  const poll = await openPoll(call)
  const file = await openSecretFile<VoterSecrets>(call, call.args[1] ?? '', { format: 'naru-voter/v1', network: poll.network })
  return { poll, now: await poll.now(), file }
}

/** What the file keeps of the poll. Throws CliError NOT_PREPARED before registering, a usage error for another such poll. */
export function heldEntry({ poll, now, file }: OpenVoter): VoterPoll {
  const found = entryOf(file.secrets.polls, poll.pollId, `register ${poll.pollId}`)
  if (found.eh !== now.poll.eh) return refuseUsage(`the file is of another poll called ${poll.pollId}, on another chain perhaps`)
  return found
}

/** Writes what the file keeps of the poll. */
export async function keepEntry(opened: OpenVoter, entry: VoterPoll): Promise<void> {
  const { poll, file } = opened
  const secrets = { ...file.secrets, polls: { ...file.secrets.polls, [poll.pollId]: entry } }
  await file.save(secrets)
  opened.file = { ...file, secrets }
}
