// Owns: `naru vote` from choice to ballot: seal, audit, cast, track. Not here: sealing itself (sdk/vote/seal.ts), election keys
// (voter.ts), the file (secret-files.ts).
import { writeFileSync } from 'node:fs'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { fromJson, toJson } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { BallotSchema } from '../../modules/vote/ballot-schema.ts'
import type { Ballot } from '../../modules/vote/ballot-schema.ts'
import { cast } from '../../modules/vote/cast.ts'
import { castAnon } from '../../modules/vote/cast-anon.ts'
import type { Manifest } from '../../modules/vote/schema.ts'
import { readBundle } from '../../sdk/index.ts'
import { authoriseAnon, imageOf } from '../../sdk/vote/anon.ts'
import { auditBallot } from '../../sdk/vote/prepare.ts'
import { sealOpenly } from '../../sdk/vote/seal.ts'
import type { Opening, SealPlace } from '../../sdk/vote/seal.ts'
import { receiptOf, traceBallot } from '../../sdk/vote/track.ts'
import { authorise, createElectionKey } from '../../sdk/vote/voter.ts'
import type { CommandCall } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { readJsonFile } from '../id-files.ts'
import type { SentTx } from '../wallet.ts'
import { openPoll, sendVote, tellSent } from './poll-call.ts'
import { parseScalar, scalarText } from './secret-files.ts'
import type { Prepared } from './secret-files.ts'
import { heldEntry, keepEntry, openVoter } from './voter-file.ts'
import type { OpenVoter } from './voter-file.ts'

/** Options by their texts or numbers. Throws a usage error naming what there is. */
function selectionsOf({ options }: Pick<Manifest, 'options'>, words: readonly string[]): readonly number[] {
  const chosen = words.map((word) => {
    const named = options.indexOf(word)
    const numbered = /^\d{1,2}$/.test(word) && Number(word) < options.length ? Number(word) : -1
    const found = named === -1 ? numbered : named
    return found === -1 ? refuseUsage(`there is no answer ${JSON.stringify(word)}; there are ${options.join(', ')}`) : found
  })
  return chosen.toSorted((a, b) => a - b)
}

type Place = { readonly rollIndex: number | null; readonly seq: number }

// The next sequence of this voter: by number, or by key image where the poll hides numbers.
async function placeOf({ poll, now }: OpenVoter, secret: bigint): Promise<Place> {
  const { eh, manifest } = now.poll
  const { rollIndex, seq } = await poll.voter(createElectionKey(secret).key)
  if (manifest.mode !== 'SECRET_ANON') return { rollIndex, seq: seq + 1 }
  return { rollIndex: null, seq: (await poll.anonSeq(imageOf(eh, secret))) + 1 }
}

async function sealPlaceOf({ poll, now }: OpenVoter, secret: bigint, { rollIndex, seq }: Place) {
  const { eh, manifest } = now.poll
  const { key } = await poll.parts()
  if (key === null)
    throw new CliError(EXIT.nodeError, 'VOTE_NOT_OPEN', `the trustees have not made the key of ${poll.pollId} yet`)
  const base = { manifest, eh, key: key.key, seq }
  return rollIndex === null ? { ...base, image: imageOf(eh, secret) } : { ...base, rollIndex }
}

type Made = { readonly ballot: Ballot; readonly opening: Opening | null }

async function prepare(opened: OpenVoter, words: readonly string[]): Promise<Prepared> {
  const { poll, now } = opened
  const entry = heldEntry(opened)
  const secret = parseScalar(entry.secret)
  const selections = selectionsOf(now.poll.manifest, words)
  const place = await placeOf(opened, secret)
  const isOpen = now.poll.manifest.mode === 'OPEN'
  const made: Made = isOpen
    ? { ballot: { kind: 'open', selections }, opening: null }
    : sealOpenly(await sealPlaceOf(opened, secret, place), selections)
  const { opening } = made
  const prepared: Prepared = {
    ...place,
    ballot: toJson(BallotSchema, made.ballot, textContextOf(poll.network)),
    opening: opening === null ? null : { bits: opening.bits, r: opening.r.map(scalarText) },
  }
  await keepEntry(opened, { ...entry, prepared })
  return prepared
}

function ballotOf({ poll }: Pick<OpenVoter, 'poll'>, json: unknown): Ballot {
  return fromJson(BallotSchema, json, textContextOf(poll.network), 'ballot')
}

/** `naru vote prepare`. */
export async function runPrepare(call: CommandCall): Promise<void> {
  const opened = await openVoter(call)
  const words = (call.options['choose'] as string[] | undefined) ?? refuseUsage('say with --choose what you vote for')
  const { seq, rollIndex, ballot } = await prepare(opened, words)
  const { pollId } = opened.poll
  const { ballotHash: tracker } = receiptOf({ pollId, seq, ballot: ballotOf(opened, ballot) })
  const told = { pollId, rollIndex, seq, tracker }
  call.out.result(told, `sealed; its tracker is ${tracker}. Note it, then cast the ballot, or audit it and seal another`)
}

function preparedOf(opened: OpenVoter): Prepared {
  return heldEntry(opened).prepared ?? refuseUsage(`no ballot is sealed; first comes naru vote prepare ${opened.poll.pollId}`)
}

/** `naru vote audit`: opens the prepared ballot for another device; it is never cast afterwards. */
export async function runAudit(call: CommandCall): Promise<void> {
  const opened = await openVoter(call)
  const { eh, secret, receipt } = heldEntry(opened)
  const { opening, ballot: json, ...place } = preparedOf(opened)
  if (opening === null) return refuseUsage('an open ballot has nothing to audit: its answers are public')
  // First it can be cast no more, then it is opened.
  await keepEntry(opened, { eh, secret, ...(receipt === undefined ? {} : { receipt }) })
  const { pollId, network } = opened.poll
  const image = place.rollIndex === null ? toHex(imageOf(eh, parseScalar(secret))) : null
  const document = { format: 'naru-audited-ballot/v1', network, pollId, eh: `0x${eh}`, ...place, image, ballot: json, opening }
  const out = call.options['out'] as string | undefined
  if (out === undefined) return call.out.result(document, JSON.stringify(document))
  writeFileSync(out, `${JSON.stringify(document, null, 2)}\n`)
  call.out.result(
    { file: out },
    `${out}: opened, and never cast; check it on another device with naru vote check ${pollId} ${out} <tracker>`,
  )
}

type Audited = { readonly format?: unknown; readonly eh?: unknown; readonly seq: number } & {
  readonly rollIndex: number | null
  readonly image: string | null
  readonly ballot: unknown
  readonly opening: { readonly bits: readonly (0 | 1)[]; readonly r: readonly string[] }
}

/** `naru vote check`: another device judges an opened ballot by the tracker that was noted before. */
export async function runCheck(call: CommandCall): Promise<void> {
  const poll = await openPoll(call)
  const [, path = '', tracker = ''] = call.args
  const { manifest, eh } = (await poll.now()).poll
  const given = readJsonFile(path) as Audited
  if (given.format !== 'naru-audited-ballot/v1' || given.eh !== `0x${eh}`)
    refuseUsage(`${path} is no ballot of ${poll.pollId} that naru vote audit opened`)
  const { key } = await poll.parts()
  if (key === null) return refuseUsage(`the trustees have not made the key of ${poll.pollId} yet`)
  const base = { manifest, eh, key: key.key, seq: given.seq }
  const place: SealPlace & { readonly manifest: Manifest } =
    given.image === null ? { ...base, rollIndex: given.rollIndex ?? 0 } : { ...base, image: fromHex(given.image) }
  const opening = { bits: given.opening.bits, r: given.opening.r.map(parseScalar) }
  const chosen = auditBallot(place, { ballot: ballotOf({ poll }, given.ballot), opening }, tracker.replace(/^0x/, ''))
  const answers = chosen.map((option) => manifest.options[option] ?? '')
  call.out.result({ pollId: poll.pollId, chosen, answers }, `that ballot holds ${answers.join(', ')}: is it what was chosen?`)
}

async function send(call: CommandCall, opened: OpenVoter, { rollIndex, seq }: Prepared, ballot: Ballot): Promise<SentTx> {
  const { poll } = opened
  const entry = heldEntry(opened)
  const from = { pollId: poll.pollId, eh: entry.eh, seq, secret: parseScalar(entry.secret) }
  if (rollIndex !== null) return sendVote(call, poll.network, cast, authorise({ ...from, rollIndex }, ballot))
  return sendVote(call, poll.network, castAnon, authoriseAnon({ ...from, keys: await poll.roll() }, ballot))
}

/** `naru vote cast`. */
export async function runCast(call: CommandCall): Promise<void> {
  const opened = await openVoter(call)
  const words = call.options['choose'] as string[] | undefined
  const { poll, now } = opened
  const prepared = words === undefined ? preparedOf(opened) : await prepare(opened, words)
  const ballot = ballotOf(opened, prepared.ballot)
  const { pollId } = poll
  const { seq, rollIndex } = prepared
  const sent = await send(call, opened, prepared, ballot)
  const receipt = receiptOf({ pollId, seq, ballot })
  const { eh, secret } = heldEntry(opened)
  // Choice and chances are forgotten: what is not kept cannot be demanded by somebody who buys votes.
  await keepEntry(opened, { eh, secret, receipt })
  const tracker = receipt.ballotHash
  const again = now.poll.manifest.allowRevote ? '; you may vote again until the poll closes' : ''
  const told = { pollId, rollIndex, seq, tracker }
  tellSent(call, sent, told, `your ballot ${seq} counts, tracker ${tracker}${again}`)
}

/** `naru vote track`: by the voter's file, or by a tracker alone. */
export async function runTrack(call: CommandCall): Promise<void> {
  const word = (call.args[1] ?? '').replace(/^0x/, '')
  if (/^[0-9a-f]{64}$/.test(word)) return trackHash(call, word)
  const opened = await openVoter(call)
  const { secret, receipt } = heldEntry(opened)
  if (receipt === undefined) return refuseUsage('no ballot was cast with this file; name a tracker instead')
  const trace = traceBallot(readBundle(await opened.poll.bundle()), parseScalar(secret), receipt)
  if (trace !== 'COUNTED')
    throw new CliError(EXIT.verification, 'NOT_COUNTED', `${receipt.ballotHash} is not what counts: ${trace}`, { trace })
  call.out.result({ ...receipt, trace }, `ballot ${receipt.seq} counts, as it was sent`)
}

async function trackHash(call: CommandCall, wanted: string): Promise<void> {
  const poll = await openPoll(call)
  const { rows, anon } = readBundle(await poll.bundle())
  const numbered = rows.flatMap(({ rollIndex, cast: given }) => (given === null ? [] : [{ rollIndex, ...given }]))
  const { pollId } = poll
  const found = [...numbered, ...anon].find(({ seq, ballot }) => receiptOf({ pollId, seq, ballot }).ballotHash === wanted)
  if (found === undefined) {
    const why = 'no counted ballot has it: it was replaced by a later one, struck, or never arrived'
    throw new CliError(EXIT.verification, 'NOT_COUNTED', `${wanted}: ${why}`)
  }
  const rollIndex = 'rollIndex' in found ? found.rollIndex : null
  const whose = rollIndex === null ? 'as that of somebody on the roll' : `as the ballot of voter ${rollIndex}`
  call.out.result({ pollId, tracker: wanted, counted: true, rollIndex }, `it counts, ${whose}`)
}
