// Owns: `naru vote`: exporting a poll and recounting it. Not here: the recount itself (sdk/vote), transactions (commands/tx.ts).
import { readFileSync, writeFileSync } from 'node:fs'
import { readBundle, recount } from '../../sdk/index.ts'
import type { BundleFile } from '../../sdk/index.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { callRpc } from '../rpc-client.ts'
import { TARGET_OPTIONS, rpcOf } from '../target.ts'

type Page = { readonly next: number | null } & BundleFile['pages'][number]

async function fetchBundle(call: CommandCall, pollId: string): Promise<BundleFile> {
  const address = rpcOf(call)
  const { network } = await callRpc<{ network: BundleFile['network'] }>(address, 'chain_id')
  const pages: Page[] = []
  let cursor: number | null = 0
  while (cursor !== null) {
    const read: { value: Page } = await callRpc(address, 'vote_verifyBundle', { pollId, cursor })
    pages.push(read.value)
    cursor = read.value.next
  }
  return { format: 'naru-poll-bundle/v1', network, pages }
}

async function runBundle(call: CommandCall): Promise<void> {
  const pollId = call.args[0] ?? ''
  const bundle = await fetchBundle(call, pollId)
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
  const bundle = readBundle(file === undefined ? await fetchBundle(call, pollId ?? '') : readFile(file))
  const total = bundle.rows.length
  const step = Math.max(1, Math.ceil(total / 20))
  const { findings, ballots, counts } = recount(bundle, (done) => {
    if (done % step === 0 || done === total) call.out.note(`recounted ${done} of ${total} voters`)
  })
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

/** Commands of `naru vote`. */
export const voteCommands: readonly CommandSpec[] = [
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
