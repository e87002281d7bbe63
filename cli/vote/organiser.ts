// Owns: `naru vote` for those who run a poll: create, roll, strike, tally, certify, void. Not here: reading polls (view.ts).
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { toHex } from '../../core/base/bytes.ts'
import { asHash32 } from '../../core/base/ids.ts'
import { fromJson, toJson } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import { certify, voidPoll } from '../../modules/vote/certify.ts'
import { create } from '../../modules/vote/create.ts'
import { tallyFinish, tallyStart } from '../../modules/vote/finish.ts'
import { rollAdd, rollClose } from '../../modules/vote/roll.ts'
import { ManifestSchema, NewVoterSchema } from '../../modules/vote/schema.ts'
import { strike } from '../../modules/vote/strike.ts'
import { openCounts } from '../../sdk/vote/opening.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { readJsonFile } from '../id-files.ts'
import { callRpc } from '../rpc-client.ts'
import { rpcOf } from '../target.ts'
import type { SentTx } from '../wallet.ts'
import { MANIFEST_OPTIONS, manifestHash, manifestOf } from './manifest.ts'
import { SEND_OPTIONS, networkOf, numberOf, openPoll, sendVote, tellSent } from './poll-call.ts'

/** Keys of one transaction: as many as validators check in a breath. */
const BATCH = 32

async function runCreate(call: CommandCall): Promise<void> {
  const pollId = call.args[0] ?? ''
  const network = await networkOf(call)
  const head = await callRpc<{ context: { time: number }; value: { chainId: string } }>(rpcOf(call), 'chain_head')
  const manifest = manifestOf(call, { pollId, network, chainId: head.value.chainId, time: head.context.time })
  const eh = manifestHash(manifest)
  const sent = await sendVote(call, network, create, { manifest })
  const paper = {
    question: call.options['question'],
    eh: `0x${eh}`,
    manifest: toJson(ManifestSchema, manifest, textContextOf(network)),
  }
  const file = call.options['out'] as string | undefined
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(paper, null, 2)}\n`)
  tellSent(call, sent, { pollId, ...paper }, `poll ${pollId} is declared, manifest ${eh}`)
}

type Entry = { readonly key: Uint8Array; readonly proof: { readonly c: Uint8Array; readonly z: Uint8Array } }

function readEntry(path: string, place: { pollId: string; eh: string }, network: Parameters<typeof textContextOf>[0]): Entry {
  const entry = readJsonFile(path) as { format?: unknown; pollId?: unknown; eh?: unknown; key?: unknown; proof?: unknown }
  if (entry.format !== 'naru-roll-entry/v1') return refuseUsage(`${path} is no entry for a roll; naru vote register makes one`)
  if (entry.pollId !== place.pollId || entry.eh !== `0x${place.eh}`)
    return refuseUsage(`${path} is for poll ${String(entry.pollId)} with another manifest; its voter must register anew`)
  return fromJson(NewVoterSchema, { key: entry.key, proof: entry.proof }, textContextOf(network), path)
}

async function runRollAdd(call: CommandCall): Promise<void> {
  const [, ...paths] = call.args
  const poll = await openPoll(call)
  const { eh } = (await poll.now()).poll
  const rows = paths.map((path) => ({ path, entry: readEntry(path, { pollId: poll.pollId, eh }, poll.network) }))
  const sealed = sealMapping(
    call,
    rows.map(({ path, entry }) => ({ entry: path, key: `0x${toHex(entry.key)}` })),
  )
  const sent: SentTx[] = []
  for (let at = 0; at < rows.length; at += BATCH) {
    const voters = rows.slice(at, at + BATCH).map(({ entry }) => entry)
    const batchCommit = asHash32(sealed.commit)
    sent.push(await sendVote(call, poll.network, rollAdd, { pollId: poll.pollId, batchCommit, voters }))
    call.out.note(`${Math.min(rows.length, at + BATCH)} of ${rows.length} keys are on the roll`)
  }
  const { rollCount } = (await poll.now()).poll
  const last = sent.at(-1) as SentTx
  const told = { pollId: poll.pollId, added: rows.length, rollCount, batchCommit: `0x${sealed.commit}`, mapping: sealed.file }
  tellSent(
    call,
    last,
    told,
    `${rows.length} keys added, ${rollCount} on the roll; ${sealed.file} says whose they are, keep it secret`,
  )
}

// Whose key is whose stays with the registrar; the chain holds a salted commitment to it.
function sealMapping(call: CommandCall, rows: readonly object[]): { readonly file: string; readonly commit: string } {
  const file = (call.options['mapping'] as string | undefined) ?? refuseUsage('say with --mapping where the sealed list is kept')
  if (existsSync(file)) refuseUsage(`${file} is there already and is not replaced; name another for this batch`)
  const text = `${JSON.stringify({ salt: `0x${toHex(randomBytes(32))}`, rows }, null, 2)}\n`
  // Before the keys are sent: a batch whose list is lost could never be explained.
  writeFileSync(file, text, { mode: 0o600, flush: true })
  return { file, commit: sha256(new TextEncoder().encode(text)) }
}

async function runRollClose(call: CommandCall): Promise<void> {
  const { pollId, network, now } = await openPoll(call)
  const sent = await sendVote(call, network, rollClose, { pollId })
  const { poll, phase } = await now()
  tellSent(
    call,
    sent,
    { pollId, rollCount: poll.rollCount, phase },
    `the roll of ${pollId} is fixed with ${poll.rollCount} voters`,
  )
}

async function runStrike(call: CommandCall): Promise<void> {
  const { pollId, network } = await openPoll(call)
  const rollIndex = numberOf('the voter’s number', call.args[1], 0xffffffff)
  const sent = await sendVote(call, network, strike, { pollId, rollIndex })
  tellSent(call, sent, { pollId, rollIndex }, `voter ${rollIndex} is out of the electronic count of ${pollId}`)
}

async function runTally(call: CommandCall): Promise<void> {
  const { pollId, network, now, parts, tally } = await openPoll(call)
  const before = await now()
  // In any other phase the chain says what is wrong.
  if (before.phase !== 'TALLYING') await sendVote(call, network, tallyStart, { pollId })
  const { manifest } = before.poll
  const { shares } = await parts()
  const sums = await tally()
  if (manifest.mode !== 'OPEN' && shares.length < manifest.threshold) {
    const given = shares.map(({ trustee }) => trustee)
    const told = { pollId, phase: 'TALLYING', counted: sums.counted, threshold: manifest.threshold, given }
    const text = `${given.length} of ${manifest.threshold} shares are there (${given.join(', ') || 'none'})`
    return call.out.result(
      told,
      `${sums.counted} ballots are counted; ${text}: trustees give theirs with naru vote trustee open ${pollId}`,
    )
  }
  const counts = openCounts(sums, shares, manifest.threshold)
  const sent = await sendVote(call, network, tallyFinish, { pollId, counts })
  const lines = manifest.options.map((option, i) => `${option}: ${counts[i]}`)
  tellSent(call, sent, { pollId, phase: 'TALLIED', counts, counted: sums.counted }, lines.join('\n'))
}

function runStep(definition: 'certify' | 'void') {
  return async (call: CommandCall): Promise<void> => {
    const { pollId, network, now } = await openPoll(call)
    const reasonCode = call.options['reason'] as string | undefined
    if (definition === 'void' && reasonCode === undefined) refuseUsage('say --reason, a code such as FIRE')
    const sent =
      definition === 'certify'
        ? await sendVote(call, network, certify, { pollId })
        : await sendVote(call, network, voidPoll, { pollId, reasonCode: reasonCode ?? '' })
    const { poll, phase } = await now()
    const isDone = poll.approval === null
    const text = isDone
      ? `${pollId} is ${phase}`
      : `the first officer has approved; ${definition} of ${pollId} needs a second one`
    tellSent(call, sent, { pollId, phase, isDone }, text)
  }
}

/** Verbs of those who run a poll. */
export const organiserCommands: readonly CommandSpec[] = [
  {
    path: 'create <poll>',
    about: 'Office: declare a poll; nothing of it changes afterwards',
    options: [...MANIFEST_OPTIONS, ['--out <file>', 'Write question, manifest and its hash, for publishing'], ...SEND_OPTIONS],
    run: runCreate,
  },
  {
    path: 'roll add <poll> <entries...>',
    about: 'Registrar: put election keys on the roll, out of the entries that voters made',
    options: [
      ['--mapping <file>', 'Where the list of whose key is whose is kept, mode 0600; the chain gets a commitment'],
      ...SEND_OPTIONS,
    ],
    run: runRollAdd,
  },
  { path: 'roll close <poll>', about: 'Office: fix the roll', options: SEND_OPTIONS, run: runRollClose },
  {
    path: 'strike <poll> <number>',
    about: 'Election office: take a voter who voted on paper out of the electronic count, for good',
    options: SEND_OPTIONS,
    run: runStrike,
  },
  {
    path: 'tally <poll>',
    about: 'Anybody, once it is closed: begin the count; with enough shares find the counts and state them',
    options: SEND_OPTIONS,
    run: runTally,
  },
  { path: 'certify <poll>', about: 'Two officers: the result stands', options: SEND_OPTIONS, run: runStep('certify') },
  {
    path: 'void <poll>',
    about: 'Two officers: the poll is over without a result',
    options: [['--reason <code>', 'Why, such as FIRE; the same from both'], ...SEND_OPTIONS],
    run: runStep('void'),
  },
]
