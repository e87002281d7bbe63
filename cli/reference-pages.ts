// Owns: the reference pages of command line and configuration, made from their own declarations.
// Not here: writing them (scripts/gen-docs.ts), prose beside them (docs).
import { z } from 'zod'
import { ConfigSchema, configKeys } from '../node/config-schema.ts'
import { RPC_LIMIT_ROWS } from '../rpc/limits.ts'
import type { CommandDescription } from './command.ts'
import { EXIT } from './errors.ts'

const EXIT_TEXTS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  unexpected: 'an error nobody foresaw: please report it, with `--verbose`',
  usage: 'the call is wrong: unknown command, flag or value',
  config: 'configuration, key file or genesis document is invalid, or a port is taken',
  unreachable: 'no node answers',
  nodeError: 'the node answered with an error, or the transaction failed',
  timeout: 'timed out waiting',
  doctorWarnings: 'the doctor found warnings',
  doctorFailures: 'the doctor found failures',
  verification: 'a verification failed: proof, snapshot or audit',
  refused: 'refused for safety: double-sign guard, devnet key on a real chain, data directory in use',
  halted: 'halted for an upgrade',
  store: 'the disk is full or fails, or the store is corrupt or belongs to another chain',
  interrupted: 'stopped by SIGINT',
  terminated: 'stopped by SIGTERM',
}

const NOTE = 'Generated from the code by `node scripts/gen-docs.ts`; do not edit.'
const COMMON_FLAGS = new Set(['--json', '--verbose'])

const CLI_PROSE = `Every command takes \`--json\` (exactly one JSON document on stdout, or one per line for streams; everything
else goes to stderr, and an error is a document \`{"error": {code, message, exitCode, detail?}}\`), \`--verbose\` (the stack
of an unexpected error) and \`--help\`. Every command works without a terminal, and none asks for anything without one.
\`naru help --json\` prints this tree.

Environment: \`NARU_DIR\` (directory of the devnet), \`NARU_RPC_URL\` (node to ask), \`NARU_PASSPHRASE\` and
\`NARU_NEW_PASSPHRASE\` (key files); every other \`NARU_*\` overrides a [configuration key](config.md).`

const CONFIG_PROSE = `One file, YAML or JSON, named with \`--config\` (default \`naru.yaml\`). It is data and never executed.
Relative paths count from the file’s directory. An unknown key is an error with its line and the nearest name.
Strongest first: flags (\`--set key=value\`), \`NARU_*\` variables (\`NARU_RPC__PORT=8545\` is \`rpc.port\`), the file, the
default. \`naru config print --origin\` shows what won; \`naru config schema\` prints the JSON Schema.

\`\`\`yaml
version: 1
chain: { genesis: ./genesis.json, id: naru-city-1 }
data: { dir: /var/lib/naru }
signer: { keystore: ./validator.age, passphrase: { from: systemd-credential, name: naru-key }, journal: ./sign-state }
p2p: { listen: [/ip4/0.0.0.0/tcp/30300], peers: [/dns4/v2.example/tcp/30300/p2p/12D3KooW...], keySeedFile: ./p2p.key }
rpc: { listen: 127.0.0.1:8545, origins: [https://explorer.example] }
admin: { socket: /run/naru/admin.sock }
metrics: { listen: 127.0.0.1:9464 }
log: { level: info, levels: { chain: debug } }
\`\`\`

\`signer.passphrase.from\` is \`none\`, \`env\` (with \`name\`), \`systemd-credential\` (with \`name\`), \`fd\` (with \`fd\`)
or \`file\` (with \`path\`; a file beside the key is refused). \`signer: null\` makes an observer.`

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function usageOf(path: string, command: CommandDescription): string {
  const words = command.arguments.map(({ name, required, variadic }) => {
    const inner = `${name}${variadic ? '...' : ''}`
    return required ? `<${inner}>` : `[${inner}]`
  })
  return [path, ...words].join(' ')
}

function commandLines(path: string, command: CommandDescription): readonly string[] {
  const here = `${path} ${command.name}`
  const isGroup = command.commands.length > 0
  if (isGroup) return command.commands.flatMap((child) => commandLines(here, child))
  const options = command.options.filter(({ flags }) => !COMMON_FLAGS.has(flags))
  const rows = options.map(({ flags, about, default: fallback }) => {
    const shown = fallback === null ? '' : ` Default \`${String(fallback)}\`.`
    return `| \`${cell(flags)}\` | ${cell(about)}.${shown} |`
  })
  const table = rows.length === 0 ? [] : ['| option | |', '|---|---|', ...rows, '']
  return [`### \`${usageOf(here, command)}\``, '', `${command.about.replace(/\.$/, '')}.`, '', ...table]
}

/** `docs/reference/cli.md` from the tree of commands. */
export function buildCliPage(program: CommandDescription): string {
  const groups = program.commands.flatMap((group) => [
    `## ${group.name}`,
    '',
    `${group.about}.`,
    '',
    ...commandLines('naru', group),
  ])
  const exits = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${EXIT_TEXTS[name as keyof typeof EXIT]} |`)
  return `${[
    '# Command line',
    '',
    NOTE,
    '',
    CLI_PROSE,
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '|---|---|',
    ...exits,
    '',
    ...groups,
  ]
    .join('\n')
    .trimEnd()}\n`
}

type JsonSchemaNode = { readonly [key: string]: unknown }

function schemaAt(root: JsonSchemaNode, key: string): JsonSchemaNode | null {
  let nodes: JsonSchemaNode[] = [root]
  for (const part of key.split('.')) {
    nodes = nodes.flatMap(variantsOf).flatMap((node) => {
      const child = (node['properties'] as Record<string, JsonSchemaNode> | undefined)?.[part]
      return child === undefined ? [] : [child]
    })
  }
  return nodes[0] ?? null
}

function variantsOf(node: JsonSchemaNode): readonly JsonSchemaNode[] {
  const inner = [
    ...((node['anyOf'] as JsonSchemaNode[] | undefined) ?? []),
    ...((node['oneOf'] as JsonSchemaNode[] | undefined) ?? []),
  ]
  return [node, ...inner.flatMap(variantsOf)]
}

function aboutKey(key: string, schema: JsonSchemaNode | null): string {
  const limit = key.startsWith('rpc.limits.') ? RPC_LIMIT_ROWS[key.slice(11) as keyof typeof RPC_LIMIT_ROWS] : undefined
  if (limit !== undefined) return limit[1]
  return typeof schema?.['description'] === 'string' ? schema['description'] : ''
}

function defaultOf(key: string, schema: JsonSchemaNode | null): string {
  const limit = key.startsWith('rpc.limits.') ? RPC_LIMIT_ROWS[key.slice(11) as keyof typeof RPC_LIMIT_ROWS] : undefined
  const value = limit === undefined ? schema?.['default'] : limit[0]
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``
}

/** `docs/reference/config.md` from the schema of the configuration. */
export function buildConfigPage(): string {
  const root = z.toJSONSchema(ConfigSchema, { io: 'input' }) as JsonSchemaNode
  const rows = configKeys().map((key) => {
    const schema = schemaAt(root, key)
    const env = `NARU_${key
      .split('.')
      .map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase())
      .join('__')}`
    return `| \`${key}\` | ${defaultOf(key, schema)} | ${cell(aboutKey(key, schema))} | \`${env}\` |`
  })
  return `${[
    '# Configuration',
    '',
    NOTE,
    '',
    CONFIG_PROSE,
    '',
    '| key | default | | environment |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')}\n`
}
