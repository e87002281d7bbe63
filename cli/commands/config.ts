// Owns: `naru config`: check and print a configuration. Not here: its shape (node/config.ts).
import type { CommandCall, CommandSpec } from '../command.ts'
import { CONFIG_OPTIONS, configFlags } from '../config-flags.ts'
import { formatTable } from '../output.ts'

async function load({ options, env }: CommandCall) {
  const config = await import('../../node/config.ts')
  const file = options['config'] as string
  return { ...config, loaded: config.loadConfig({ file, env, flags: configFlags(options) }), file }
}

async function runCheck(call: CommandCall): Promise<void> {
  const { loaded, file } = await load(call)
  for (const warning of loaded.warnings) call.out.note(`warning: ${warning}`)
  call.out.result({ ok: true, file, warnings: loaded.warnings }, `${file} is a valid configuration`)
}

async function runPrint(call: CommandCall): Promise<void> {
  const { loaded, configOrigin } = await load(call)
  for (const warning of loaded.warnings) call.out.note(`warning: ${warning}`)
  const rows = flatten(loaded.config).map(([key, value]) => ({ key, value, origin: configOrigin(loaded, key) }))
  if (call.options['origin'] === true) {
    call.out.result(
      { values: rows },
      formatTable([['key', 'value', 'origin'], ...rows.map(({ key, value, origin }) => [key, JSON.stringify(value), origin])]),
    )
    return
  }
  const { stringify } = await import('yaml')
  call.out.result(loaded.config, stringify(loaded.config).trimEnd())
}

async function runSchema(call: CommandCall): Promise<void> {
  const [{ ConfigSchema }, { z }] = await Promise.all([import('../../node/config-schema.ts'), import('zod')])
  const schema = z.toJSONSchema(ConfigSchema, { io: 'input' })
  call.out.result(schema, JSON.stringify(schema, null, 2))
}

function flatten(value: unknown, prefix = ''): (readonly [key: string, value: unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[prefix, value]]
  const entries = Object.entries(value)
  if (entries.length === 0) return [[prefix, value]]
  return entries.flatMap(([key, inner]) => flatten(inner, prefix === '' ? key : `${prefix}.${key}`))
}

/** Commands of `naru config`. */
export const configCommands: readonly CommandSpec[] = [
  { path: 'check', about: 'Tell whether a configuration is valid', options: CONFIG_OPTIONS, run: runCheck },
  {
    path: 'print',
    about: 'The configuration with every default in place',
    options: [...CONFIG_OPTIONS, ['--origin', 'Show where each value comes from']],
    run: runPrint,
  },
  { path: 'schema', about: 'The configuration’s JSON Schema', run: runSchema },
]
