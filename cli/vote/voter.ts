// Owns: `naru vote` for voters: file, election key, ballot, where it went. Not here: sealing (sdk/vote/seal.ts), the file
// (secret-files.ts).
import { writeFileSync } from 'node:fs'
import { fromJson, toJson } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { BallotSchema } from '../../modules/vote/ballot-schema.ts'
import type { Ballot } from '../../modules/vote/ballot-schema.ts'
import { cast } from '../../modules/vote/cast.ts'
import { NewVoterSchema } from '../../modules/vote/schema.ts'
import type { Manifest } from '../../modules/vote/schema.ts'
import { sealBallot } from '../../sdk/vote/seal.ts'
import { authorise, createElectionKey, randomScalar, rollEntry } from '../../sdk/vote/voter.ts'
import type { PollNow } from '../../sdk/vote/reader.ts'
import { encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { TARGET_OPTIONS } from '../target.ts'
import { SEND_OPTIONS, networkOf, openPoll, sendVote, tellSent } from './poll-call.ts'
import type { OpenPoll } from './poll-call.ts'
import { createSecretFile, entryOf, openSecretFile, parseScalar, scalarText } from './secret-files.ts'
import type { Prepared, SecretFile, VoterPoll, VoterSecrets } from './secret-files.ts'

const PASSPHRASE = '(passphrase: NARU_PASSPHRASE)'

async function runKey(call: CommandCall): Promise<void> {
  const [path = ''] = call.args
  const network = await networkOf(call)
  await createSecretFile(call, path, { format: 'naru-voter/v1', network, polls: {} })
  call.out.result({ path, network }, `${path}: no election key in it yet; whoever has file and passphrase votes as you`)
}

type Opened = { readonly poll: OpenPoll; readonly now: PollNow; readonly file: SecretFile<VoterSecrets> }

async function open(call: CommandCall): Promise<Opened> {
  const poll = await openPoll(call)
  const file = await openSecretFile<VoterSecrets>(call, call.args[1] ?? '', { format: 'naru-voter/v1', network: poll.network })
  return { poll, now: await poll.now(), file }
}

function held({ poll, now, file }: Opened): VoterPoll {
  const found = entryOf(file.secrets.polls, poll.pollId, `register ${poll.pollId}`)
  if (found.eh !== now.poll.eh) return refuseUsage(`the file is of another poll called ${poll.pollId}, on another chain perhaps`)
  return found
}

function keep({ poll, file }: Opened, entry: VoterPoll): Promise<void> {
  return file.save({ ...file.secrets, polls: { ...file.secrets.polls, [poll.pollId]: entry } })
}

async function runRegister(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const { poll, now, file } = opened
  const { eh } = now.poll
  const known = file.secrets.polls[poll.pollId]
  // The same key again for the same poll: a lost entry must not cost the voter its place.
  const secret = known?.eh === eh ? parseScalar(known.secret) : createElectionKey().secret
  await keep(opened, known?.eh === eh ? known : { eh, secret: scalarText(secret) })
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

/** Options by their texts or numbers. Throws a usage error naming what there is. */
export function selectionsOf({ options }: Pick<Manifest, 'options'>, words: readonly string[]): readonly number[] {
  const chosen = words.map((word) => {
    const named = options.indexOf(word)
    const numbered = /^\d{1,2}$/.test(word) && Number(word) < options.length ? Number(word) : -1
    const found = named === -1 ? numbered : named
    return found === -1 ? refuseUsage(`there is no answer ${JSON.stringify(word)}; there are ${options.join(', ')}`) : found
  })
  return chosen.toSorted((a, b) => a - b)
}

async function prepare(opened: Opened, words: readonly string[]): Promise<Prepared> {
  const { poll, now } = opened
  const { manifest, eh } = now.poll
  const { secret } = held(opened)
  const { key: publicKey } = createElectionKey(parseScalar(secret))
  const place = await poll.voter(publicKey)
  const selections = selectionsOf(manifest, words)
  const seq = place.seq + 1
  const chances: bigint[] = []
  const draw = (): bigint => {
    const chance = randomScalar()
    chances.push(chance)
    return chance
  }
  const ballot = await sealFor(opened, { rollIndex: place.rollIndex, seq, eh, manifest }, selections, draw)
  const json = toJson(BallotSchema, ballot, textContextOf(poll.network))
  const prepared = { seq, rollIndex: place.rollIndex, selections, ballot: json, chances: chances.map(scalarText) }
  await keep(opened, { ...held(opened), prepared })
  return prepared
}

type Place = { rollIndex: number; seq: number; eh: string; manifest: Manifest }

async function sealFor({ poll }: Opened, place: Place, selections: readonly number[], draw: () => bigint): Promise<Ballot> {
  if (place.manifest.mode === 'OPEN') return { kind: 'open', selections }
  const { key } = await poll.parts()
  if (key === null)
    throw new CliError(EXIT.nodeError, 'VOTE_NOT_OPEN', `the trustees have not made the key of ${poll.pollId} yet`)
  return sealBallot({ ...place, key: key.key }, selections, draw)
}

/** The code by which a ballot is found again: the SHA-256 of its bytes. */
export function trackerOf(ballot: Ballot): string {
  return sha256(encode(BallotSchema, ballot))
}

function ballotOf({ poll }: Opened, { ballot }: Prepared): Ballot {
  return fromJson(BallotSchema, ballot, textContextOf(poll.network), 'ballot')
}

function chosenWords(call: CommandCall): readonly string[] | undefined {
  return call.options['choose'] as string[] | undefined
}

async function runPrepare(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const words = chosenWords(call) ?? refuseUsage('say with --choose what you vote for')
  const prepared = await prepare(opened, words)
  const tracker = trackerOf(ballotOf(opened, prepared))
  const told = { pollId: opened.poll.pollId, rollIndex: prepared.rollIndex, seq: prepared.seq, tracker }
  call.out.result(told, `sealed; its tracker is ${tracker}. Note it, then cast the ballot, or audit it and seal another`)
}

async function runCast(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const words = chosenWords(call)
  const { poll, now } = opened
  const prepared =
    words !== undefined
      ? await prepare(opened, words)
      : (held(opened).prepared ?? refuseUsage('say with --choose what you vote for, or seal a ballot with naru vote prepare'))
  const ballot = ballotOf(opened, prepared)
  const { secret, eh } = held(opened)
  const { rollIndex, seq } = prepared
  const payload = authorise({ pollId: poll.pollId, eh, rollIndex, seq, secret: parseScalar(secret) }, ballot)
  const sent = await sendVote(call, poll.network, cast, payload)
  // Choice and chances are forgotten: what is not kept cannot be demanded by somebody who buys votes.
  await keep(opened, { eh, secret })
  const tracker = trackerOf(ballot)
  const again = now.poll.manifest.allowRevote ? '; you may vote again until the poll closes' : ''
  tellSent(
    call,
    sent,
    { pollId: poll.pollId, rollIndex, seq, tracker },
    `ballot ${seq} of voter ${rollIndex} counts, tracker ${tracker}${again}`,
  )
}

async function runTrack(call: CommandCall): Promise<void> {
  const poll = await openPoll(call)
  const wanted = (call.args[1] ?? '').replace(/^0x/, '')
  if (!/^[0-9a-f]{64}$/.test(wanted)) refuseUsage('a tracker is 64 hex digits, as naru vote cast told it')
  const { pages } = await poll.bundle()
  const rows = pages.flatMap(
    (page) => (page as { rows: readonly { rollIndex: number; struck: boolean; cast: { ballot: unknown } | null }[] }).rows,
  )
  const text = textContextOf(poll.network)
  const found = rows.find(
    ({ cast: given }) => given !== null && trackerOf(fromJson(BallotSchema, given.ballot, text, 'ballot')) === wanted,
  )
  if (found === undefined) {
    const why = 'no counted ballot has it: it was replaced by a later one, struck, or never arrived'
    throw new CliError(EXIT.verification, 'NOT_COUNTED', `${wanted}: ${why}`)
  }
  call.out.result(
    { pollId: poll.pollId, tracker: wanted, counted: true, rollIndex: found.rollIndex },
    `it counts, as the ballot of voter ${found.rollIndex}`,
  )
}

async function runStatus(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const { poll, now } = opened
  const entry = held(opened)
  const place = await poll.voter(createElectionKey(parseScalar(entry.secret)).key)
  const state = place.struck ? 'struck: voted on paper' : place.seq === 0 ? 'no ballot yet' : `ballot ${place.seq} counts`
  const rows = [
    ['poll', `${poll.pollId}, ${now.phase}`],
    ['voter', String(place.rollIndex)],
    ['ballot', state],
    ['sealed here', entry.prepared === undefined ? 'none' : `ballot ${entry.prepared.seq}, not cast`],
  ]
  const told = { pollId: poll.pollId, phase: now.phase, ...place, isPrepared: entry.prepared !== undefined }
  call.out.result(told, formatTable(rows))
}

/** Verbs of voters. */
export const voterCommands: readonly CommandSpec[] = [
  { path: 'key <file>', about: `Make a voter’s file, encrypted with age ${PASSPHRASE}`, options: TARGET_OPTIONS, run: runKey },
  {
    path: 'register <poll> <file>',
    about: 'Make an election key for this poll alone, and the entry that the registrar puts on the roll',
    options: [['--out <file>', 'Where the entry is written (default: stdout)'], ...TARGET_OPTIONS],
    run: runRegister,
  },
  {
    path: 'prepare <poll> <file>',
    about: 'Seal a ballot without casting it, and tell its tracker',
    options: [['--choose <answers...>', 'Answers by text or number'], ...TARGET_OPTIONS],
    run: runPrepare,
  },
  {
    path: 'cast <poll> <file>',
    about: 'Cast the sealed ballot, or seal and cast one; again where the poll allows it. Any account carries it',
    options: [['--choose <answers...>', 'Answers by text or number'], ...SEND_OPTIONS],
    run: runCast,
  },
  {
    path: 'track <poll> <tracker>',
    about: 'Whether the ballot of a tracker counts; exit code 12 where it does not',
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
