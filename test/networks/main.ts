// Owns: `naru devnet run`: fault networks from files, one after the other, told in lines and as one JSON document.
// Not here: carrying one out (run.ts).
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../../cli/output.ts'
import { removeNamespaces, runInPrivateNetwork } from './namespaces.ts'
import { PlanError, readPlan } from './plan.ts'
import type { NetworkPlan } from './plan.ts'
import { runNetwork } from './run.ts'
import type { NetworkReport } from './run.ts'

const HELP = `naru devnet run [FILE...] [options]

Runs fault networks: real validator processes, a load, and the faults and expectations that each file names.

  --all            every network of test/e2e/networks
  --ci             the short selection of every test run
  --links KIND     filter, namespaces, or any: real packets where this machine allows (any)
  --dir FOLDER     keep a network's folder there instead of a temporary one; one FILE only
  --json           one JSON document on stdout
  --help           this text

Exit codes: 0 all held, 2 usage or a file that is no network, 12 something was violated, 130 interrupted.`

const FOLDER = join(import.meta.dirname, '../e2e/networks')
const EXIT = { ok: 0, usage: 2, violated: 12, interrupted: 130 } as const

type Words = {
  readonly files: readonly string[]
  readonly links: 'any' | 'filter' | 'namespaces'
  readonly dir: string | undefined
  readonly json: boolean
  readonly inside: boolean
}

function refuse(message: string): never {
  console.error(`${message}\n\n${HELP}`)
  process.exit(EXIT.usage)
}

function parseWords(): Words {
  const flag = { type: 'boolean', default: false } as const
  const options = {
    all: flag,
    ci: flag,
    json: flag,
    help: flag,
    inside: flag,
    links: { type: 'string' },
    dir: { type: 'string' },
  } as const
  const { values, positionals } = (() => {
    try {
      return parseArgs({ options, allowPositionals: true })
    } catch (error) {
      return refuse((error as Error).message)
    }
  })()
  if (values.help) {
    console.log(HELP)
    process.exit(EXIT.ok)
  }
  const links = values.links ?? 'any'
  if (links !== 'any' && links !== 'filter' && links !== 'namespaces')
    refuse(`--links takes any, filter or namespaces, not ${links}`)
  const known = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => join(FOLDER, file))
  const chosen = values.all ? known : values.ci ? known.filter((file) => readPlan(file).ci) : []
  const files = [...positionals, ...chosen]
  if (files.length === 0) refuse(`name a file, --ci or --all; there are ${known.map((file) => basename(file)).join(', ')}`)
  if (values.dir !== undefined && files.length > 1) refuse('--dir keeps one network: name one file')
  return { files, links, dir: values.dir, json: values.json, inside: values.inside }
}

type Ready = { readonly name: string; readonly plan: NetworkPlan }

function readAll(files: readonly string[]): readonly Ready[] {
  try {
    return files.map((file) => ({ name: basename(file, '.json'), plan: readPlan(file) }))
  } catch (error) {
    if (!(error instanceof PlanError)) throw error
    console.error(error.message)
    return process.exit(EXIT.usage)
  }
}

/** A network that could not even be run to its end. */
function failedReport(name: string, namespaces: boolean, plan: NetworkPlan, error: unknown): NetworkReport {
  const links = namespaces ? 'namespaces' : 'filter'
  const nothing = { notes: [], steps: [], blocks: -1, finals: 0, signatures: 0, exits: [], repairs: [], seconds: 0 }
  return { name, links, nodes: plan.nodes, ...nothing, violations: [error instanceof Error ? error.message : String(error)] }
}

function formatReports(reports: readonly NetworkReport[]): string {
  const rows = reports.map((report) => [
    report.name,
    report.links,
    String(report.steps.length),
    String(report.blocks),
    String(report.finals),
    String(report.signatures),
    `${report.seconds} s`,
    report.violations.length === 0 ? 'held' : `${report.violations.length} violated`,
  ])
  const table = formatTable([['network', 'links', 'steps', 'blocks', 'finals', 'signatures', 'time', 'outcome'], ...rows])
  const notes = reports.flatMap((report) => report.notes.map((note) => `${report.name}: ${note}`))
  const violations = reports.flatMap((report) => report.violations.map((violation) => `${report.name}: ${violation}`))
  return [table, ...notes, ...violations].join('\n')
}

async function main(): Promise<number> {
  const words = parseWords()
  const ready = readAll(words.files)
  if (!words.inside) {
    const code = words.links === 'filter' ? null : await runInPrivateNetwork()
    if (code !== null) return code
    const needing = ready.find(({ plan }) => plan.links === 'namespaces')
    if (words.links === 'namespaces' || needing !== undefined) {
      console.error(`${needing?.name ?? '--links namespaces'} needs network namespaces, which this user may not make here`)
      return EXIT.usage
    }
  }
  let isStopping = false
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (isStopping) process.exit(EXIT.interrupted)
      isStopping = true
    })
  const say = (line: string): void => console.error(`[${new Date().toISOString().slice(11, 19)}] ${line}`)
  const reports: NetworkReport[] = []
  for (const { name, plan } of ready) {
    if (isStopping) break
    const namespaces = words.inside && plan.links !== 'filter'
    say(`${name}: ${plan.about} Links: ${namespaces ? 'network namespaces' : 'filter inside the nodes'}.`)
    const options = { name, namespaces, dir: words.dir, say, isStopping: () => isStopping }
    reports.push(await runNetwork(plan, options).catch((error: unknown) => failedReport(name, namespaces, plan, error)))
    if (namespaces) removeNamespaces(plan.nodes)
  }
  console.log(words.json ? JSON.stringify({ networks: reports }, null, 2) : formatReports(reports))
  if (isStopping) return EXIT.interrupted
  return reports.every(({ violations }) => violations.length === 0) ? EXIT.ok : EXIT.violated
}

process.exit(await main())
