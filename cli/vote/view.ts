// Owns: `naru vote` for whoever looks: list, show, bundle, verify. Not here: the recount itself (sdk/vote/verify.ts).
import { readFileSync, writeFileSync } from 'node:fs'
import { toJson } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { getPoll } from '../../modules/vote/queries.ts'
import { readBundle, recount } from '../../sdk/index.ts'
import type { BundleFile } from '../../sdk/index.ts'
import type { Complaints, PollNow, TrusteeParts } from '../../sdk/vote/reader.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { callRpc } from '../rpc-client.ts'
import { TARGET_OPTIONS, rpcOf } from '../target.ts'
import { questionHash } from './manifest.ts'
import { openPoll, showTime } from './poll-call.ts'

type Row = { pollId: string; mode: string; phase: string; rollCount: number; counted: number; openAt: number; closeAt: number }

async function runList(call: CommandCall): Promise<void> {
  const polls: Row[] = []
  for (let cursor: number | null = 0; cursor !== null; ) {
    const read: { value: { polls: Row[]; next: number | null } } = await callRpc(rpcOf(call), 'vote_polls', { cursor })
    polls.push(...read.value.polls)
    cursor = read.value.next
  }
  const rows = polls.map(({ pollId, mode, phase, rollCount, counted, openAt, closeAt }) => [
    ...[pollId, mode, phase, `${counted} of ${rollCount}`, `${showTime(openAt)} to ${showTime(closeAt)}`],
  ])
  const head = ['poll', 'mode', 'phase', 'ballots', 'voting']
  call.out.result({ polls }, rows.length === 0 ? 'there is no poll' : formatTable([head, ...rows]))
}

async function runShow(call: CommandCall): Promise<void> {
  const poll = await openPoll(call)
  const now = await poll.now()
  const { questionHash: hash, mode } = now.poll.manifest
  const question = call.options['question'] as string | undefined
  if (question !== undefined && questionHash(question) !== hash)
    throw new CliError(EXIT.verification, 'QUESTION_DIFFERS', `the question of ${poll.pollId} is another: it hashes to ${hash}`)
  const parts = mode === 'OPEN' ? null : await poll.parts()
  const complaints = mode === 'OPEN' ? [] : await poll.complaints()
  const { counted } = await poll.tally()
  const { phase, height } = now
  const document = toJson(getPoll.result, { poll: now.poll, phase, isBinding: false }, textContextOf(poll.network)) as object
  const trustees = parts === null ? [] : trusteeRows(now, parts, complaints)
  call.out.result({ ...document, counted, height, trustees }, showPoll(now, counted, trustees))
}

type TrusteeRow = { readonly trustee: number; readonly part: string; readonly share: boolean }

function trusteeRows({ poll }: PollNow, parts: TrusteeParts, complaints: Complaints): readonly TrusteeRow[] {
  return poll.manifest.trustees.map((_, i) => {
    const trustee = i + 1
    const by = complaints.filter(({ against, answered }) => against === trustee && !answered).map((complaint) => complaint.by)
    const isDealt = parts.dealings.some((dealt) => dealt.trustee === trustee)
    const stands = isDealt ? 'committed' : 'no part yet'
    const accused = by.length === 0 ? stands : `accused by ${by.join(', ')}`
    const part = poll.removed.includes(trustee) ? 'removed' : accused
    return { trustee, part, share: parts.shares.some((given) => given.trustee === trustee) }
  })
}

function showPoll({ poll, phase, height }: PollNow, counted: number, trustees: readonly TrusteeRow[]): string {
  const { manifest, eh, rollCount, result, approval, reasonCode } = poll
  const waiting = approval === null ? [] : [`${approval.step} has one approval of two`]
  const rows = [
    ['poll', `${manifest.pollId}, ${manifest.mode} ${manifest.kind}, not binding`],
    ['phase', [phase, ...(reasonCode === null ? [] : [reasonCode]), ...waiting].join(', ')],
    ['manifest', eh],
    ['question', `SHA-256 ${manifest.questionHash}`],
    ['choose', `${manifest.minSel} to ${manifest.maxSel}${manifest.allowRevote ? ', may vote again' : ''}`],
    ['roll until', showTime(manifest.rollCloseAt)],
    ...(trustees.length === 0 ? [] : [['key until', showTime(manifest.keyCloseAt)]]),
    ['voting', `${showTime(manifest.openAt)} to ${showTime(manifest.closeAt)}`],
    ['voters', String(rollCount)],
    ['ballots', `${counted} counted at block ${height}`],
    ...manifest.options.map((option, i) => [`option ${i}`, `${option}${result === null ? '' : `: ${result.counts[i]}`}`]),
    ...(result === null ? [] : [['quorum', result.isQuorate ? 'reached' : 'not reached']]),
    ...trustees.map(({ trustee, part, share }) => [`trustee ${trustee}`, `${part}${share ? ', share given' : ''}`]),
  ]
  return formatTable(rows)
}

async function fetchBundle(call: CommandCall): Promise<BundleFile> {
  const poll = await openPoll(call)
  const tell = stepper(20, (done, total) => call.out.note(`read ${done} of ${total} voters`))
  return poll.bundle(tell)
}

// Tells about so many times on the way, and at the end.
function stepper(times: number, tell: (done: number, total: number) => void): (done: number, total: number) => void {
  let told = 0
  return (done, total) => {
    if (done !== total && done - told < total / times) return
    told = done
    tell(done, total)
  }
}

async function runBundle(call: CommandCall): Promise<void> {
  const pollId = call.args[0] ?? ''
  const bundle = await fetchBundle(call)
  const file = call.options['out'] as string | undefined
  if (file === undefined) return call.out.result(bundle, JSON.stringify(bundle))
  writeFileSync(file, `${JSON.stringify(bundle)}\n`)
  call.out.result(
    { file, pages: bundle.pages.length },
    `${pollId} written to ${file}; recount it with naru vote verify --file ${file}`,
  )
}

function readFile(file: string): BundleFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BundleFile
  } catch (error) {
    return refuseUsage(`${file} is no bundle of a poll: ${(error as Error).message}`)
  }
}

async function runVerify(call: CommandCall): Promise<void> {
  const file = call.options['file'] as string | undefined
  const pollId = call.args[0]
  if ((file === undefined) === (pollId === undefined)) refuseUsage('name a poll, or a bundle with --file, and not both')
  const bundle = readBundle(file === undefined ? await fetchBundle(call) : readFile(file))
  const total = bundle.rows.length
  const tell = stepper(20, (done) => call.out.note(`recounted ${done} of ${total} voters`))
  const { findings, ballots, counts } = recount(bundle, tell)
  const { manifest, state, eh } = bundle.poll
  if (findings.length > 0) {
    const lines = findings.map(({ where, what }) => `${where}: ${what}`)
    throw new CliError(EXIT.verification, 'RECOUNT_FAILED', `poll ${manifest.pollId} does not verify: ${lines.join('; ')}`, {
      findings,
    })
  }
  const rows = [
    ...[
      ['poll', manifest.pollId],
      ['manifest', eh],
      ['state', state],
    ],
    ...[
      ['voters', String(total)],
      ['ballots', String(ballots)],
    ],
    ...manifest.options.map((option, i) => [option, counts === null ? 'not stated yet' : String(counts[i])]),
  ]
  const document = { pollId: manifest.pollId, eh, state, voters: total, ballots, counts, findings }
  call.out.result(document, `${formatTable(rows)}\neverything verifies`)
}

/** Verbs of whoever looks. */
export const viewCommands: readonly CommandSpec[] = [
  { path: 'list', about: 'All polls', options: TARGET_OPTIONS, run: runList },
  {
    path: 'show <poll>',
    about: 'A poll: manifest, phase, times, trustees, counts',
    options: [['--question <text>', 'Check that this is the question; exit code 12 where it is not'], ...TARGET_OPTIONS],
    run: runShow,
  },
  {
    path: 'verify [poll]',
    about: 'Recount a poll from chain data alone: roll, key, every proof, sums, shares, counts; exit code 12 names what is wrong',
    options: [['--file <bundle>', 'Recount an exported bundle, with no node'], ...TARGET_OPTIONS],
    run: runVerify,
  },
  {
    path: 'bundle <poll>',
    about: 'Export all that recounting a poll needs',
    options: [['--out <file>', 'Where the bundle is written (default: stdout)'], ...TARGET_OPTIONS],
    run: runBundle,
  },
]
