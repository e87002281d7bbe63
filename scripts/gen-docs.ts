// Owns: docs/reference/{rpc,errors,transactions,events,limits,cli,config,metrics}.md, written from the tables that the
// node itself uses.
// `--check` writes nothing and fails when a page is not current. Not here: pages written by people (docs/).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describeProgram } from '../cli/command.ts'
import { GROUPS } from '../cli/groups.ts'
import { buildCliPage, buildConfigPage } from '../cli/reference-pages.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { JsonSchema } from '../core/codec/schema.ts'
import { EnvelopeError } from '../core/execution/errors.ts'
import { KEY_PURPOSES } from '../core/execution/module.ts'
import { createMetrics } from '../node/metrics.ts'
import { MempoolError } from '../node/mempool/errors.ts'
import { REGISTRY, ROOMS } from '../modules/registry.ts'
import { codeOfFailure, FAILURE_CODES, RPC_ERRORS } from '../rpc/errors.ts'
import type { RpcErrorName } from '../rpc/errors.ts'
import { RPC_LIMIT_ROWS } from '../rpc/limits.ts'
import type { Method } from '../rpc/method.ts'
import { buildPublicMethods } from '../rpc/methods.ts'
import { buildAdminMethods } from '../rpc/methods/admin.ts'
import type { AdminApi } from '../rpc/node-api.ts'

const ROOT = join(import.meta.dirname, '..')
const FOLDER = 'docs/reference'
const NOTE = 'Generated from the code by `node scripts/gen-docs.ts`; do not edit.'

type Row = readonly (string | number)[]

function table(heads: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return 'None.\n'
  const line = (cells: Row): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return `${[line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}

function page(title: string, about: string, sections: readonly string[]): string {
  return `# ${title}\n\n${about}\n\n${NOTE}\n\n${sections.join('\n')}`
}

/** A schema in a few words, for a cell of a table. */
function shorten(schema: JsonSchema): string {
  const { type, enum: words, oneOf, description, pattern, items, properties, maxItems } = schema
  if (schema['const'] !== undefined) return `\`${String(schema['const'])}\``
  if (Array.isArray(words)) return words.map((word) => `\`${word}\``).join(', ')
  if (Array.isArray(oneOf))
    return oneOf
      .filter((one: JsonSchema) => one['type'] !== 'null')
      .map(shorten)
      .join(' or ')
  if (typeof description === 'string') return description.startsWith('account:') ? 'account' : description
  if (type === 'array') {
    const bound = maxItems === undefined ? 'list' : `list of at most ${maxItems}`
    return items === undefined ? bound : `${bound}: ${shorten(items as JsonSchema)}`
  }
  if (typeof properties === 'object' && properties !== null) {
    const fields = Object.entries(properties as { [name: string]: JsonSchema })
    return `{${fields.map(([name, field]) => `${name}: ${shorten(field)}`).join(', ')}}`
  }
  if (typeof pattern === 'string') return pattern.startsWith('^0x') ? '`0x` hex' : 'text'
  return typeof type === 'string' ? type : 'any JSON'
}

function fieldRows(fields: { readonly [name: string]: { readonly jsonSchema: JsonSchema; readonly optional?: boolean } }): Row[] {
  return Object.entries(fields).map(([name, field]) => [
    `\`${name}\``,
    field.optional === true ? 'no' : 'yes',
    shorten(field.jsonSchema),
  ])
}

function methodSection(method: Method): string {
  const params = method.params.map(({ name, required, schema }) => [`\`${name}\``, required ? 'yes' : 'no', shorten(schema)])
  const errors = method.errors.map((name) => `[${name}](errors.md) ${RPC_ERRORS[name][0]}`).join(', ')
  return [
    `### ${method.name}\n`,
    `${method.about}\n`,
    params.length === 0 ? 'No parameters.\n' : table(['parameter', 'needed', 'form'], params),
    `Result: ${shorten(method.result)}\n`,
    errors === '' ? '' : `Errors besides the common ones: ${errors}.\n`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function buildRpcPage(): string {
  const groups = new Map<string, Method[]>()
  const all = [...buildPublicMethods(REGISTRY), ...buildAdminMethods({} as AdminApi)]
  for (const method of all) {
    const group = method.name.split(/[._]/)[0] ?? ''
    groups.set(group, [...(groups.get(group) ?? []), method])
  }
  const sections = [...groups].map(([group, methods]) => {
    const where = group === 'admin' ? ' (on the operator’s socket alone)' : ''
    return `## ${group}${where}\n\n${methods.map(methodSection).join('\n')}`
  })
  const about =
    'JSON-RPC 2.0 by `POST /`, by `GET /ws`, and events by `GET /events`. ' +
    'Parameters by name or, in the order of the tables, by position. ' +
    'Reads answer `{context, value, proof?}`: `context` is the final head they were read at, `atLeast` refuses an older one.'
  return page('JSON-RPC methods', about, sections)
}

function buildErrorsPage(): string {
  const listed = Object.entries(RPC_ERRORS).map(([name, [code, retryable, text]]) => [
    code,
    `\`${name}\``,
    retryable ? 'yes' : 'no',
    text,
  ])
  const ownerOf = (name: string): string => (Object.hasOwn(FAILURE_CODES, name) ? (FAILURE_CODES[name] as RpcErrorName) : '')
  const failures = [
    ...Object.values(EnvelopeError),
    ...Object.values(MempoolError),
    ...ROOMS.flatMap((room) => Object.values(room.errors)),
  ]
  const rows = failures.map(({ code, number, class: failureClass, text }) => {
    const name = ownerOf(code)
    return [
      codeOfFailure({ code, number }),
      `\`${code}\``,
      number,
      failureClass,
      name === '' || name === code ? text : `${text} (${name})`,
    ]
  })
  return page('Errors', 'An error is `{code, message, data}`; `code` and `data.code` are stable, `message` is for people.', [
    `## Of the interface\n\n${table(['code', 'data.code', 'retryable', 'meaning'], listed)}`,
    '## Of transactions\n\nA failure’s number stands in receipts; its class says whether it may stand in a block (`failed`), ' +
      'may pass later (`early`), was right once (`stale`) or never can be (`malformed`).\n\n' +
      table(['code', 'data.code', 'number', 'class', 'meaning'], rows),
  ])
}

function formatType(type: number): string {
  return `0x${type.toString(16).padStart(4, '0')}`
}

function purposeOf(bits: number): string {
  const names = Object.entries(KEY_PURPOSES).filter(([, bit]) => (bits & bit) !== 0)
  return names.map(([name]) => name).join(', ')
}

function buildTransactionsPage(): string {
  const sections = ROOMS.map((room) => {
    const types = room.transactions.map((transaction) => {
      const { name, type, about, payload, keyPurpose, blockLane } = transaction
      const lane = blockLane ?? 'normal'
      const facts = `Type \`${formatType(type)}\`, signed by a key for ${purposeOf(keyPurpose)}, block lane ${lane}.`
      return `### ${name}\n\n${about}\n\n${facts}\n\n${table(['field', 'needed', 'form'], fieldRows(payload.fields))}`
    })
    return `## ${room.name}\n\n${room.about}\n\n${types.join('\n')}`
  })
  return page('Transactions', 'The native transaction types, room by room, with the fields of their payloads as JSON.', sections)
}

function buildEventsPage(): string {
  const sections = ROOMS.map((room) => {
    const events = room.events.map(({ name, type, about, payload }) => {
      const head = `### ${name}\n\n${about} Type \`${formatType(type)}\`.`
      return `${head}\n\n${table(['field', 'always', 'form'], fieldRows(payload.fields))}`
    })
    return `## ${room.name}\n\n${events.join('\n')}`
  })
  return page('Events', 'What receipts, `events_query`, `sub_subscribe` and `GET /events` tell: `{name, ...fields}`.', sections)
}

function buildLimitsPage(): string {
  const listener = Object.entries(RPC_LIMIT_ROWS).map(([name, [value, text]]) => [`\`${name}\``, value, text])
  const protocol = Object.entries(LIMITS).map(([name, value]) => [`\`${name}\``, value])
  return page(
    'Limits',
    'Bounds of the protocol, which all nodes share, and of a JSON-RPC listener, which its operator may change.',
    [
      `## Of a listener\n\nSizes are bytes, times ms. \`rpc_limits\` tells those in force.\n\n` +
        table(['name', 'default', 'meaning'], listener),
      `## Of the protocol\n\n${table(['name', 'value'], protocol)}`,
    ],
  )
}

const METRICS = await createMetrics({ version: 'any', commit: 'any' }).describe()

function buildMetricsPage(): string {
  const rows = METRICS.map(({ name, type, help }) => [`\`${name}\``, type, help])
  const about =
    '`GET /metrics` on `metrics.listen`, for Prometheus. Labels are bounded: validators and method names, never accounts. ' +
    'Alerts and a dashboard are in [deploy](../../deploy/README.md).'
  return page('Metrics', about, [table(['name', 'type', 'meaning'], rows)])
}

const program = await describeProgram(GROUPS)

const PAGES: readonly (readonly [name: string, build: () => string])[] = [
  ['rpc.md', buildRpcPage],
  ['errors.md', buildErrorsPage],
  ['transactions.md', buildTransactionsPage],
  ['events.md', buildEventsPage],
  ['limits.md', buildLimitsPage],
  ['cli.md', () => buildCliPage(program)],
  ['config.md', buildConfigPage],
  ['metrics.md', buildMetricsPage],
]

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function writePages(isCheck: boolean): number {
  let stale = 0
  for (const [name, build] of PAGES) {
    const path = join(ROOT, FOLDER, name)
    const text = `${build().trimEnd()}\n`
    if (readOrEmpty(path) === text) continue
    stale += 1
    if (isCheck) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return stale
}

const isCheck = process.argv.includes('--check')
const stale = writePages(isCheck)
if (isCheck && stale > 0) {
  console.error(`${stale} pages in ${FOLDER} are not current: run node scripts/gen-docs.ts`)
  process.exitCode = 1
} else {
  console.log(isCheck ? 'pages are current' : `${stale} pages written`)
}
