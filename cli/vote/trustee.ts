// Owns: `naru vote trustee`: a trustee's key, part of a poll's key, letters to the others, complaints, its share of the opening.
// Not here: what these are (sdk/vote/trustee.ts), letters (sdk/vote/share-letter.ts), the file (secret-files.ts).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '../../core/base/bytes.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { keyFinish } from '../../modules/vote/key-finish.ts'
import type { Dealing } from '../../modules/vote/key-schema.ts'
import { scalarBytes } from '../../modules/vote/crypto/group.ts'
import { tallyShare } from '../../modules/vote/share.ts'
import { trusteeAnswer, trusteeCommit, trusteeComplain } from '../../modules/vote/trustee.ts'
import { createPolynomial, dealingOf, isFittingShare, openingOf, secretOf, shareOf } from '../../sdk/vote/trustee.ts'
import { createLetterKey, openLetter, sealLetter } from '../../sdk/vote/share-letter.ts'
import type { PollNow } from '../../sdk/vote/reader.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { TARGET_OPTIONS, readWallet } from '../target.ts'
import { SEND_OPTIONS, networkOf, numberOf, openPoll, sendVote, tellSent } from './poll-call.ts'
import type { OpenPoll } from './poll-call.ts'
import { createSecretFile, entryOf, openSecretFile, parseScalar, scalarText } from './secret-files.ts'
import type { SecretFile, TrusteePoll, TrusteeSecrets } from './secret-files.ts'

const HONEST = 'encrypted under your passphrase; whoever has file and passphrase has your part of every poll in it'

async function runKey(call: CommandCall): Promise<void> {
  const [path = ''] = call.args
  const network = await networkOf(call)
  const { identity, recipient } = await createLetterKey()
  await createSecretFile(call, path, { format: 'naru-trustee/v1', network, identity, recipient, polls: {} })
  call.out.result({ path, network, recipient }, `${path}: ${HONEST}\ngive the other trustees this: ${recipient}`)
}

type Opened = { readonly poll: OpenPoll; readonly now: PollNow; readonly file: SecretFile<TrusteeSecrets> }

async function open(call: CommandCall): Promise<Opened> {
  const poll = await openPoll(call)
  const file = await openSecretFile<TrusteeSecrets>(call, call.args[1] ?? '', {
    format: 'naru-trustee/v1',
    network: poll.network,
  })
  return { poll, now: await poll.now(), file }
}

function held({ poll, now, file }: Opened): TrusteePoll {
  const found = entryOf(file.secrets.polls, poll.pollId, `trustee deal ${poll.pollId}`)
  if (found.eh !== now.poll.eh) return refuseUsage(`the file is of another poll called ${poll.pollId}, on another chain perhaps`)
  return found
}

async function seatOf(call: CommandCall, { poll, now }: Opened): Promise<number> {
  const account = textContextOf(poll.network).parseAddress((await readWallet(call)).account)
  const seat = account === null ? 0 : now.poll.manifest.trustees.indexOf(account) + 1
  return seat === 0 ? refuseUsage(`${String(call.options['from'])} is no trustee of ${poll.pollId}`) : seat
}

// `2=age1…` for each other trustee.
function recipientsOf(call: CommandCall, { now }: Opened, own: number): ReadonlyMap<number, string> {
  const count = now.poll.manifest.trustees.length
  const given = ((call.options['to'] as string[] | undefined) ?? []).map((text) => {
    const [number, recipient, ...rest] = text.split('=')
    if (recipient === undefined || rest.length > 0)
      refuseUsage(`--to is a trustee’s number and age recipient, 2=age1…, not ${text}`)
    return [numberOf('the number in --to', number, count), recipient ?? ''] as const
  })
  const recipients = new Map(given)
  const missing = now.poll.manifest.trustees.map((_, i) => i + 1).filter((j) => j !== own && !recipients.has(j))
  if (missing.length > 0)
    call.out.note(`no letter for trustee ${missing.join(', ')}: they will complain unless you send one later`)
  return recipients
}

async function runDeal(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const { poll, now, file } = opened
  const { manifest, eh } = now.poll
  const trustee = await seatOf(call, opened)
  const recipients = recipientsOf(call, opened, trustee)
  const known = file.secrets.polls[poll.pollId]
  const polynomial = known?.eh === eh ? known.polynomial.map(parseScalar) : createPolynomial(manifest.threshold)
  const shares = { ...(known?.eh === eh ? known.shares : {}), [trustee]: scalarText(shareOf(polynomial, trustee)) }
  const entry: TrusteePoll = { trustee, eh, polynomial: polynomial.map(scalarText), shares }
  // The secret is on the disk before the chain has its commitments: a lost polynomial would cost the poll a trustee.
  await file.save({ ...file.secrets, polls: { ...file.secrets.polls, [poll.pollId]: entry } })
  const letters = await writeLetters(call, { pollId: poll.pollId, trustee, polynomial, recipients })
  const dealt = (await poll.parts()).dealings.some((given) => given.trustee === trustee)
  const told = { pollId: poll.pollId, trustee, letters }
  const text = `trustee ${trustee}: ${letters.length} letters written; bring each to its trustee`
  if (dealt) return call.out.result(told, `${text}; the commitment was on the chain already`)
  const payload = { pollId: poll.pollId, ...dealingOf(eh, trustee, polynomial) }
  tellSent(call, await sendVote(call, poll.network, trusteeCommit, payload), told, text)
}

type Letters = {
  pollId: string
  trustee: number
  polynomial: readonly bigint[]
  recipients: ReadonlyMap<number, string>
}

async function writeLetters(call: CommandCall, { pollId, trustee, polynomial, recipients }: Letters): Promise<readonly string[]> {
  const folder = (call.options['out'] as string | undefined) ?? '.'
  mkdirSync(folder, { recursive: true })
  const files: string[] = []
  for (const [to, recipient] of recipients) {
    if (to === trustee) continue
    const share = scalarText(shareOf(polynomial, to))
    const sealed = await sealLetter({ format: 'naru-share/v1', pollId, from: trustee, to, share }, recipient)
    const path = join(folder, `${pollId}-from-${trustee}-to-${to}.age`)
    writeFileSync(path, sealed, { mode: 0o600 })
    files.push(path)
  }
  return files
}

async function runReceive(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const { poll, file } = opened
  const entry = held(opened)
  const { dealings } = await poll.parts()
  const shares: Record<string, string> = { ...entry.shares }
  const wrong: { from: number; why: string }[] = []
  for (const path of call.args.slice(2)) {
    const letter = await openLetter(readFileSync(path), file.secrets.identity)
    if (letter.pollId !== poll.pollId || letter.to !== entry.trustee)
      refuseUsage(`${path} is for trustee ${letter.to} of ${letter.pollId}`)
    const dealing = dealings.find((dealt) => dealt.trustee === letter.from)?.dealing
    const why = judge(dealing, entry.trustee, letter.share)
    if (why === null) shares[letter.from] = letter.share
    else wrong.push({ from: letter.from, why })
  }
  await file.save({ ...file.secrets, polls: { ...file.secrets.polls, [poll.pollId]: { ...entry, shares } } })
  const has = Object.keys(shares).map(Number)
  const missing = dealings.map(({ trustee }) => trustee).filter((trustee) => !has.includes(trustee))
  const told = { pollId: poll.pollId, trustee: entry.trustee, has, missing, wrong }
  if (wrong.length > 0) {
    const text = wrong.map(({ from, why }) => `the share of trustee ${from} ${why}`).join('; ')
    const advice = `ask again, then naru vote trustee complain ${poll.pollId} <number>`
    throw new CliError(EXIT.verification, 'SHARE_WRONG', `${text}; ${advice}`, told)
  }
  call.out.result(told, `shares of ${has.join(', ')} fit${missing.length === 0 ? '' : `; none yet of ${missing.join(', ')}`}`)
}

function judge(dealing: Dealing | undefined, trustee: number, share: string): string | null {
  if (dealing === undefined) return 'has no commitments on the chain yet'
  return isFittingShare(dealing, trustee, parseScalar(share)) ? null : 'does not fit its commitments'
}

async function runComplain(call: CommandCall): Promise<void> {
  const { pollId, network } = await openPoll(call)
  const against = numberOf('the number of the trustee', call.args[1], 9)
  const sent = await sendVote(call, network, trusteeComplain, { pollId, against })
  tellSent(call, sent, { pollId, against }, `trustee ${against} must show your share until the poll opens, or is removed`)
}

async function runAnswer(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const { poll } = opened
  const { trustee, polynomial } = held(opened)
  const mine = (await poll.complaints()).filter(({ against, answered }) => against === trustee && !answered)
  if (mine.length === 0) return call.out.result({ pollId: poll.pollId, answered: [] }, 'nobody complained of you')
  for (const { by } of mine) {
    const share = scalarBytes(shareOf(polynomial.map(parseScalar), by))
    await sendVote(call, poll.network, trusteeAnswer, { pollId: poll.pollId, by, share })
  }
  const answered = mine.map(({ by }) => by)
  call.out.result({ pollId: poll.pollId, answered }, `the shares of trustee ${answered.join(', ')} are public now`)
}

async function runFinish(call: CommandCall): Promise<void> {
  const { pollId, network, now } = await openPoll(call)
  const sent = await sendVote(call, network, keyFinish, { pollId })
  const { poll, phase } = await now()
  const text =
    phase === 'VOID'
      ? `${pollId} is VOID: fewer than ${poll.manifest.threshold} trustees are left (${poll.reasonCode})`
      : `the key of ${pollId} is made${poll.removed.length === 0 ? '' : `, without trustee ${poll.removed.join(', ')}`}`
  tellSent(call, sent, { pollId, phase, removed: poll.removed }, text)
}

async function runOpen(call: CommandCall): Promise<void> {
  const opened = await open(call)
  const { poll, now } = opened
  const { trustee, shares: letters } = held(opened)
  const { key } = await poll.parts()
  const dealers = (key?.trustees ?? []).map((left) => left.trustee)
  // A share that was complained of stands on the chain, for this trustee and everybody.
  const shown = (await poll.complaints()).flatMap(({ by, against, share }) =>
    by === trustee && share !== null ? [[against, toHex(share)] as const] : [],
  )
  const shares: Record<string, string> = { ...Object.fromEntries(shown), ...letters }
  const missing = dealers.filter((dealer) => shares[dealer] === undefined)
  if (missing.length > 0)
    refuseUsage(`the file has no share of trustee ${missing.join(', ')}; get it with naru vote trustee receive`)
  const secret = secretOf(dealers.map((dealer) => parseScalar(shares[dealer] ?? '')))
  const share = openingOf({ eh: now.poll.eh, trustee, secret }, await poll.tally())
  const sent = await sendVote(call, poll.network, tallyShare, { pollId: poll.pollId, ...share })
  tellSent(
    call,
    sent,
    { pollId: poll.pollId, trustee },
    `trustee ${trustee} has given its share of the sums, and of nothing else`,
  )
}

/** Verbs of trustees. */
export const trusteeCommands: readonly CommandSpec[] = [
  {
    path: 'trustee key <file>',
    about: `Make a trustee’s file, ${HONEST} (passphrase: NARU_PASSPHRASE)`,
    options: TARGET_OPTIONS,
    run: runKey,
  },
  {
    path: 'trustee deal <poll> <file>',
    about:
      'Give your part of the poll’s key, and write an encrypted letter for each other trustee; again writes the letters anew',
    options: [
      ['--to <recipients...>', 'The others by number: 2=age1… 3=age1…'],
      ['--out <dir>', 'Where letters are written', '.'],
      ...SEND_OPTIONS,
    ],
    run: runDeal,
  },
  {
    path: 'trustee receive <poll> <file> <letters...>',
    about: 'Check letters against the chain and keep their shares; exit code 12 names one that does not fit',
    options: TARGET_OPTIONS,
    run: runReceive,
  },
  {
    path: 'trustee complain <poll> <number>',
    about: 'Say on the chain that a trustee gave you no share that fits',
    options: SEND_OPTIONS,
    run: runComplain,
  },
  {
    path: 'trustee answer <poll> <file>',
    about: 'Show the shares that others complained of; they are public from then on',
    options: SEND_OPTIONS,
    run: runAnswer,
  },
  {
    path: 'trustee finish <poll>',
    about: 'Anybody: make the poll’s key of the trustees that are left',
    options: SEND_OPTIONS,
    run: runFinish,
  },
  {
    path: 'trustee open <poll> <file>',
    about: 'Give your share of the opening of the sums, once counting has begun',
    options: SEND_OPTIONS,
    run: runOpen,
  },
]
