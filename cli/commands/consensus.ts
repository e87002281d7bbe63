// Owns: `naru consensus why`: one sentence on why the chain stands still or not. Not here: the diagnosis (node/diagnosis).
import type { Diagnosis } from '../../rpc/node-api.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { callRpc } from '../rpc-client.ts'
import { TARGET_OPTIONS, rpcOf } from '../target.ts'

const STATE_WORDS = { ok: 'All is well', degraded: 'Something is wrong', stalled: 'The chain stands still' } as const

async function ask(rpc: string): Promise<Diagnosis> {
  return (await callRpc<{ diagnosis: Diagnosis }>(rpc, 'node_health')).diagnosis
}

function formatDiagnosis(diagnosis: Diagnosis): string {
  const { state, sentence, fix, also, height, round, step, reachable, validatorCount, quorum, cause } = diagnosis
  const lines = [
    `${STATE_WORDS[state]}: ${sentence}.`,
    ...(state === 'ok' ? [] : [`  to do: ${fix}`]),
    ...also.flatMap((finding) => [`  also (${finding.cause}): ${finding.sentence}`, `    to do: ${finding.fix}`]),
    `  cause ${cause}, head ${height}, round ${round} ${step}`,
    `  ${reachable} of ${validatorCount} validators reachable, ${quorum} needed`,
  ]
  return lines.join('\n')
}

async function runWhy(call: CommandCall): Promise<void> {
  const rpc = rpcOf(call)
  if (call.options['watch'] !== true) {
    const diagnosis = await ask(rpc)
    call.out.result({ rpc, ...diagnosis }, formatDiagnosis(diagnosis))
    return
  }
  const everyMs = parseDuration(call.options['every'] as string)
  let last = ''
  for (;;) {
    const diagnosis = await ask(rpc)
    const key = `${diagnosis.state} ${diagnosis.cause} ${diagnosis.validators.join(' ')}`
    if (key !== last) call.out.item({ rpc, ...diagnosis }, `${new Date().toISOString()} ${formatDiagnosis(diagnosis)}`)
    last = key
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** The commands of `naru consensus`. */
export const consensusCommands: readonly CommandSpec[] = [
  {
    path: 'why',
    about: 'Why the chain stands still or not, as one node sees it: who is missing, since when, what is needed',
    options: [
      ...TARGET_OPTIONS,
      ['--watch', 'Go on, and print each time the cause changes'],
      ['--every <duration>', 'How often to ask with --watch', '1s'],
    ],
    run: runWhy,
  },
]
