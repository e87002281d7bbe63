// Owns: one command per transaction type, with flags out of its payload schema. Not here: sending (commands/tx.ts).
import type { JsonSchema } from '../core/codec/schema.ts'
import type { TransactionDefinition } from '../core/execution/module.ts'
import { REGISTRY } from '../modules/registry.ts'
import type { CommandCall, CommandSpec, OptionSpec } from './command.ts'
import { refuseUsage } from './errors.ts'
import { dirOf, resolveAccount } from './target.ts'

type RunTx = (call: CommandCall, type: string, payload: Record<string, unknown>) => Promise<void>
type Field = { readonly name: string; readonly flag: string; readonly schema: JsonSchema; readonly required: boolean }

/** A command `<room> <verb>` for each transaction type of each room. */
export function buildRoomCommands(common: readonly OptionSpec[], run: RunTx): readonly CommandSpec[] {
  return [...REGISTRY.transactionByName.values()].map((definition) => {
    const taken = new Set(common.map(([flags]) => longFlagOf(flags)))
    const fields = fieldsOf(definition, taken)
    return {
      path: definition.name.replaceAll('.', ' '),
      about: definition.about,
      options: [
        ...fields.map(optionOf),
        ['--payload <json>', 'The whole payload as JSON, in place of the flags'] as const,
        ...common,
      ],
      run: (call) => run(call, definition.name, payloadOf(call, fields)),
    }
  })
}

function fieldsOf(definition: TransactionDefinition, taken: ReadonlySet<string>): readonly Field[] {
  return Object.entries(definition.payload.fields).map(([name, schema]) => {
    const plain = toKebab(name)
    // A field called like a flag of every command, such as a payload's own nonce.
    const flag = taken.has(plain) ? `payload-${plain}` : plain
    return { name, flag, schema: schema.jsonSchema, required: schema.optional !== true }
  })
}

function optionOf({ flag, schema, required }: Field): OptionSpec {
  const about = typeof schema['description'] === 'string' ? schema['description'] : kindOf(schema)
  return [`--${flag} <value>`, `${required ? '' : 'optional: '}${about}`]
}

function kindOf(schema: JsonSchema): string {
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].join(', ')}`
  if (Array.isArray(schema['oneOf'])) {
    const inner = (schema['oneOf'] as JsonSchema[]).filter((variant) => variant['type'] !== 'null')
    return inner.length === 1 ? kindOf(inner[0] as JsonSchema) : 'JSON object with kind'
  }
  if (schema['type'] === 'array') return 'JSON list'
  if (schema['type'] === 'object') return 'JSON object'
  return String(
    schema['description'] ?? (schema['pattern'] === undefined ? schema['type'] : `text like ${String(schema['pattern'])}`),
  )
}

function payloadOf(call: CommandCall, fields: readonly Field[]): Record<string, unknown> {
  const { options } = call
  if (options['payload'] !== undefined) return parseJson('payload', options['payload'] as string) as Record<string, unknown>
  const payload: Record<string, unknown> = {}
  for (const { name, flag, schema, required } of fields) {
    const given = options[toCamel(flag)] as string | undefined
    if (given !== undefined) payload[name] = parseField(call, flag, schema, given)
    else if (required) refuseUsage(`--${flag} is missing`)
  }
  return payload
}

function parseField(call: CommandCall, flag: string, schema: JsonSchema, text: string): unknown {
  const inner = innerSchema(schema)
  if (isAccount(inner)) return resolveAccount(dirOf(call), text)
  const { type } = inner
  if (type === 'integer')
    return /^-?\d{1,15}$/.test(text) ? Number(text) : refuseUsage(`--${flag} is a whole number, not ${JSON.stringify(text)}`)
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : refuseUsage(`--${flag} is true or false`)
  return type === 'array' || type === 'object' || inner['oneOf'] !== undefined ? parseJson(flag, text) : text
}

function innerSchema(schema: JsonSchema): JsonSchema {
  const variants = ((schema['oneOf'] as JsonSchema[] | undefined) ?? []).filter((variant) => variant['type'] !== 'null')
  return variants.length === 1 ? innerSchema(variants[0] as JsonSchema) : schema
}

function isAccount(schema: JsonSchema): boolean {
  return typeof schema['description'] === 'string' && schema['description'].startsWith('account:')
}

function parseJson(flag: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refuseUsage(`--${flag} is JSON, and ${JSON.stringify(text.slice(0, 80))} is none`)
  }
}

function longFlagOf(flags: string): string {
  return /--([a-z-]+)/.exec(flags)?.[1] ?? ''
}

function toKebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function toCamel(flag: string): string {
  return flag.replace(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())
}
