// Owns: `naru rpc`: any method by name. Not here: the methods (rpc).
import type { CommandCall, CommandSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { callRpc } from '../rpc-client.ts'
import { READ_OPTIONS, readAs } from '../signed-read.ts'
import { rpcOf, TARGET_OPTIONS } from '../target.ts'

async function runCall(call: CommandCall): Promise<void> {
  const text = call.options['params'] as string
  let params: unknown
  try {
    params = JSON.parse(text)
  } catch {
    refuseUsage(`--params is a JSON object or list, not ${JSON.stringify(text.slice(0, 80))}`)
  }
  if (typeof params !== 'object' || params === null) refuseUsage('--params is a JSON object or list')
  const result = await readAs<unknown>(call, call.args[0] ?? '', params)
  call.out.result(result, JSON.stringify(result, null, 2))
}

async function runList(call: CommandCall): Promise<void> {
  const methods = await callRpc<readonly string[]>(rpcOf(call), 'rpc_methods')
  call.out.result({ methods }, methods.join('\n'))
}

/** Commands of `naru rpc`. */
export const rpcCommands: readonly CommandSpec[] = [
  {
    path: 'call <method>',
    about: 'Call a method and print its result',
    options: [['--params <json>', 'Parameters by name or position', '{}'], ...READ_OPTIONS, ...TARGET_OPTIONS],
    run: runCall,
  },
  { path: 'list', about: 'The methods a node answers', options: TARGET_OPTIONS, run: runList },
]
