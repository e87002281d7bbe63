// Owns: `naru vote` for voters: file, election key, status, and the table of their verbs. Not here: ballots (ballot.ts).
import { writeFileSync } from 'node:fs'
import { toJson } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { NewVoterSchema } from '../../modules/vote/schema.ts'
import { imageOf } from '../../sdk/vote/anon.ts'
import { createElectionKey, rollEntry } from '../../sdk/vote/voter.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { formatTable } from '../output.ts'
import { TARGET_OPTIONS } from '../target.ts'
import { runAudit, runCast, runCheck, runPrepare, runTrack } from './ballot.ts'
import { SEND_OPTIONS, networkOf } from './poll-call.ts'
import { createSecretFile, parseScalar, scalarText } from './secret-files.ts'
import { heldEntry, keepEntry, openVoter } from './voter-file.ts'

async function runKey(call: CommandCall): Promise<void> {
  const [path = ''] = call.args
  const network = await networkOf(call)
  await createSecretFile(call, path, { format: 'naru-voter/v1', network, polls: {} })
  call.out.result({ path, network }, `${path}: no election key in it yet; whoever has file and passphrase votes as you`)
}

async function runRegister(call: CommandCall): Promise<void> {
  const opened = await openVoter(call)
  const { poll, now, file } = opened
  const { eh } = now.poll
  const known = file.secrets.polls[poll.pollId]
  // The same key again for the same poll: a lost entry must not cost the voter its place.
  const secret = known?.eh === eh ? parseScalar(known.secret) : createElectionKey().secret
  await keepEntry(opened, known?.eh === eh ? known : { eh, secret: scalarText(secret) })
  const { key, proof } = toJson(NewVoterSchema, rollEntry(eh, secret), textContextOf(poll.network)) as {
    key: string
    proof: object
  }
  const entry = { format: 'naru-roll-entry/v1', pollId: poll.pollId, eh: `0x${eh}`, key, proof }
  const out = call.options['out'] as string | undefined
  if (out === undefined) return call.out.result(entry, JSON.stringify(entry, null, 2))
  writeFileSync(out, `${JSON.stringify(entry, null, 2)}\n`)
  call.out.result({ file: out, key }, `${out}: bring it to the registrar, who checks that you are on the list of voters`)
}

async function runStatus(call: CommandCall): Promise<void> {
  const opened = await openVoter(call)
  const { poll, now } = opened
  const entry = heldEntry(opened)
  const secret = parseScalar(entry.secret)
  const { rollIndex, struck, seq: numbered } = await poll.voter(createElectionKey(secret).key)
  const isAnon = now.poll.manifest.mode === 'SECRET_ANON'
  const seq = isAnon ? await poll.anonSeq(imageOf(now.poll.eh, secret)) : numbered
  const state = struck ? 'struck: voted on paper' : seq === 0 ? 'no ballot yet' : `ballot ${seq} counts`
  const rows = [
    ['poll', `${poll.pollId}, ${now.phase}`],
    ['voter', String(rollIndex)],
    ['ballot', state],
    ['sealed here', entry.prepared === undefined ? 'none' : `ballot ${entry.prepared.seq}, not cast`],
  ]
  const told = { pollId: poll.pollId, phase: now.phase, rollIndex, struck, seq, isPrepared: entry.prepared !== undefined }
  call.out.result(told, formatTable(rows))
}

const CHOOSE: OptionSpec = ['--choose <answers...>', 'Answers by text or number']

/** Verbs of voters. */
export const voterCommands: readonly CommandSpec[] = [
  {
    path: 'key <file>',
    about: 'Make a voter’s file, encrypted with age (passphrase: NARU_PASSPHRASE)',
    options: TARGET_OPTIONS,
    run: runKey,
  },
  {
    path: 'register <poll> <file>',
    about: 'Make an election key for this poll alone, and the entry that the registrar puts on the roll',
    options: [['--out <file>', 'Where the entry is written (default: stdout)'], ...TARGET_OPTIONS],
    run: runRegister,
  },
  {
    path: 'prepare <poll> <file>',
    about: 'Seal a ballot without casting it, and tell its tracker',
    options: [CHOOSE, ...TARGET_OPTIONS],
    run: runPrepare,
  },
  {
    path: 'audit <poll> <file>',
    about: 'Open the sealed ballot for another device to check; it can never be cast',
    options: [['--out <file>', 'Where the opened ballot is written (default: stdout)'], ...TARGET_OPTIONS],
    run: runAudit,
  },
  {
    path: 'check <poll> <opened> <tracker>',
    about: 'On another device: what an opened ballot really holds, by the tracker that was noted; exit code 12 where it lies',
    options: TARGET_OPTIONS,
    run: runCheck,
  },
  {
    path: 'cast <poll> <file>',
    about: 'Cast the sealed ballot, or seal and cast one; again where the poll allows it. Any account carries it',
    options: [CHOOSE, ...SEND_OPTIONS],
    run: runCast,
  },
  {
    path: 'track <poll> <what>',
    about: 'Whether your last ballot (by your file) or that of a tracker counts; exit code 12 where it does not',
    options: TARGET_OPTIONS,
    run: runTrack,
  },
  {
    path: 'status <poll> <file>',
    about: 'Your number, and whether a ballot of yours counts',
    options: TARGET_OPTIONS,
    run: runStatus,
  },
]
