// Owns: `naru sim`: the simulator's verbs handed to its own program. Not here: the simulator (sim).
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CliError, EXIT } from '../errors.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'sim', 'main.ts')

/** Exit codes of sim/main.ts. */
const VIOLATION = 1
const WRONG_CALL = 2

type Ended = { readonly code: number; readonly text: string }

function start(args: readonly string[], isJson: boolean): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stdio = ['inherit', isJson ? 'pipe' : 'inherit', 'inherit'] as const
    const child = spawn(process.execPath, [...process.execArgv, MAIN, ...args], { stdio: [...stdio] })
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    child.once('error', reject)
    child.once('close', (status) => resolve({ code: status ?? EXIT.unexpected, text }))
  })
}

// A room of the same floor is a stranger, so the simulator runs as a program of its own.
async function runSim(call: CommandCall, verb: string): Promise<void> {
  const isJson = call.out.json
  const given = Object.entries(call.options).flatMap(([name, value]) => {
    if (name === 'verbose' || name === 'json' || value === false || value === undefined) return []
    return value === true ? [`--${name}`] : [`--${name}`, String(value)]
  })
  const { code, text } = await start([verb, ...call.args, ...given, ...(isJson ? ['--json'] : [])], isJson)
  if (code === WRONG_CALL)
    throw new CliError(EXIT.usage, 'USAGE', `naru sim ${verb}: the simulator does not take this; its reason stands above`)
  const document = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  if (code === VIOLATION) throw new CliError(EXIT.verification, 'SIM_VIOLATION', 'a promise was broken', document)
  if (code !== 0) throw new CliError(EXIT.unexpected, 'SIM_FAILED', `the simulator ended with code ${code}`)
  if (isJson) call.out.result(document, '')
}

/** The commands `naru sim run|replay|shrink`. */
export const simCommands: readonly CommandSpec[] = [
  {
    path: 'run',
    about: 'Run simulated networks of real nodes under faults, one per seed',
    options: [
      ['--seeds <first..last>', 'Seeds to run', '1..200'],
      ['--heights <count>', 'Heights that every honest machine must reach', '20'],
      ['--scenario <name>', 'One scenario, `mix` for random faults, `rota` for each in turn, `all` for all of each seed', 'mix'],
      ['--jobs <count>', 'Processes that share the seeds', '1'],
      ['--stop', 'End with the first seed that breaks a promise'],
      ['--ed25519', 'Real signatures in place of the fast stub'],
      ['--out <folder>', 'Where replay files of failing runs go', '.'],
    ],
    run: (call) => runSim(call, 'run'),
  },
  {
    path: 'replay <file>',
    about: 'Run a replay file again',
    options: [['--trace', 'Write every event to stderr']],
    run: (call) => runSim(call, 'replay'),
  },
  {
    path: 'stalls',
    about: 'Break a network in forty ways; each time an honest node must name the cause and the validators',
    run: (call) => runSim(call, 'stalls'),
  },
  { path: 'shrink <file>', about: 'Find a smaller run that fails in the same way', run: (call) => runSim(call, 'shrink') },
]
