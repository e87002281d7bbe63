// Owns: `naru validator evidence`: the public record of offences, bringing in evidence. Not here: the record (governance).
import { readFileSync } from 'node:fs'
import type { CommandCall, CommandSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { callRpc } from '../rpc-client.ts'
import { TARGET_OPTIONS, rpcOf } from '../target.ts'

type View = {
  readonly evidenceId: string
  readonly validator: string
  readonly offence: string
  readonly height: number
  readonly round: number
  readonly record: {
    readonly number: number
    readonly recordedAt: number
    readonly consequence: string
    readonly evidence: unknown
  }
}
type Read<T> = { readonly context: { readonly height: number }; readonly value: T }
type Page = { readonly total: number; readonly records: readonly View[]; readonly next: number | null }

async function runList(call: CommandCall): Promise<void> {
  const params = { from: numberOf(call, 'from'), limit: numberOf(call, 'limit') }
  const { context, value } = await callRpc<Read<Page>>(rpcOf(call), 'governance_listEvidence', params)
  const rows = value.records.map(({ record, validator, offence, height, round, evidenceId }) => [
    String(record.number),
    `${offence} at ${height}/${round}`,
    validator,
    record.consequence,
    evidenceId,
  ])
  const more = value.next === null ? '' : `\ngo on with --from ${value.next}`
  call.out.result({ asOf: context.height, ...value }, rows.length === 0 ? 'no offence is on record' : formatTable(rows) + more)
}

async function runShow(call: CommandCall): Promise<void> {
  const evidenceId = call.args[0] ?? ''
  const { context, value } = await callRpc<Read<View>>(rpcOf(call), 'governance_getEvidence', { evidenceId })
  const { record, validator, offence, height, round } = value
  const rows = [
    ['validator', validator],
    ['offence', `${offence} at height ${height}, round ${round}`],
    ['recorded', `number ${record.number}, in block ${record.recordedAt}`],
    ['consequence', record.consequence],
    ['evidence', JSON.stringify(record.evidence)],
  ]
  call.out.result({ asOf: context.height, ...value }, formatTable(rows))
}

async function runSubmit(call: CommandCall): Promise<void> {
  const file = call.args[0] ?? ''
  const json = readJson(file)
  // What `show --json` prints can be brought to another node as it is.
  const evidence = json['record'] === undefined ? json : (json['record'] as Record<string, unknown>)['evidence']
  const result = await callRpc<{ evidenceId: string; status: string }>(rpcOf(call), 'chain_submitEvidence', { evidence })
  call.out.result(result, `${result.evidenceId}: ${result.status === 'recorded' ? 'on record already' : 'waits for a block'}`)
}

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as Record<string, unknown>
  } catch (error) {
    return refuseUsage(`${file} is not JSON with evidence: ${(error as Error).message}`)
  }
}

function numberOf({ options }: CommandCall, name: string): number {
  const text = String(options[name])
  return /^\d{1,15}$/.test(text) ? Number(text) : refuseUsage(`--${name} is a whole number, not ${JSON.stringify(text)}`)
}

/** Commands of `naru validator evidence`. */
export const evidenceCommands: readonly CommandSpec[] = [
  {
    path: 'evidence list',
    about: 'Recorded offences of validators, in the order of recording',
    options: [
      ['--from <number>', 'First record', '0'],
      ['--limit <count>', 'Records of a page, 100 at most', '20'],
      ...TARGET_OPTIONS,
    ],
    run: runList,
  },
  { path: 'evidence show <id>', about: 'One offence with both signed messages', options: TARGET_OPTIONS, run: runShow },
  {
    path: 'evidence submit <file>',
    about: 'Bring in evidence from a JSON file (- is stdin): two signed messages that contradict each other',
    options: TARGET_OPTIONS,
    run: runSubmit,
  },
]
