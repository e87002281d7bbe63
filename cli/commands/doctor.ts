// Owns: `naru doctor`: asking files and the running node, showing the checks, the bundle. Not here: the checks (node/doctor).
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadedConfig } from '../../node/config.ts'
import type { Check, DoctorFacts, RunningFacts } from '../../node/doctor/facts.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { CONFIG_OPTIONS, configFlags } from '../config-flags.ts'
import { isAlive } from '../devnet/alive.ts'
import { CliError, EXIT } from '../errors.ts'
import { formatTable } from '../output.ts'
import { callRpc, readPage } from '../rpc-client.ts'

const ASK_TIMEOUT_MS = 5_000

async function askNode<T>(socket: string, method: string): Promise<T | null> {
  try {
    return await callRpc<T>(`unix:${socket}`, method, {}, ASK_TIMEOUT_MS)
  } catch (error) {
    if (error instanceof CliError) return null
    throw error
  }
}

function pidOf(dataDir: string): number | null {
  try {
    const holder = JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8')) as { pid?: unknown }
    return typeof holder.pid === 'number' && isAlive(holder.pid) ? holder.pid : null
  } catch {
    return null
  }
}

async function gather(loaded: LoadedConfig): Promise<DoctorFacts> {
  const [{ measureFiles }, { readGenesis }] = await Promise.all([
    import('../../node/doctor/measure.ts'),
    import('../genesis-file.ts'),
  ])
  const { config } = loaded
  const running = await askNode<RunningFacts>(config.admin.socket, 'admin_doctor')
  const { genesis } = readGenesis(config.chain.genesis)
  return { nowMs: Date.now(), files: measureFiles({ loaded, genesis, pid: pidOf(config.data.dir) }), running }
}

async function writeBundle(
  out: string,
  loaded: LoadedConfig,
  parts: { facts: DoctorFacts; checks: readonly Check[]; env: CommandCall['env'] },
) {
  const { buildBundle, readLogTail } = await import('../../node/doctor/bundle.ts')
  const { config } = loaded
  const [health, consensus, peers] = await Promise.all(
    ['node_health', 'admin_consensusState', 'admin_peers'].map((method) => askNode<unknown>(config.admin.socket, method)),
  )
  const metrics = await readPage(`http://${config.metrics.listen}/metrics`, ASK_TIMEOUT_MS)
  const asText = (value: unknown): string => `${JSON.stringify(value ?? null, null, 2)}\n`
  const files = [
    { name: 'checks.json', text: asText(parts.checks) },
    { name: 'facts.json', text: asText(parts.facts) },
    { name: 'config.json', text: asText(parts.facts.files.config) },
    { name: 'health.json', text: asText(health) },
    { name: 'consensus.json', text: asText(consensus) },
    { name: 'peers.json', text: asText(peers) },
    { name: 'metrics.txt', text: metrics?.text ?? '' },
    { name: 'log.txt', text: readLogTail(config.log.file) },
  ]
  const secretNames = Object.keys(parts.env).filter((name) => /PASSPHRASE|SECRET|TOKEN|PASSWORD/i.test(name))
  const named = config.signer?.passphrase.from === 'env' ? [config.signer.passphrase.name] : []
  const secrets = [...secretNames, ...named].flatMap((name) => parts.env[name] ?? [])
  writeFileSync(out, buildBundle(files, { secrets, atMs: parts.facts.nowMs }), { mode: 0o600 })
}

const MARKS = { pass: 'ok  ', warn: 'WARN', fail: 'FAIL', skip: '-   ' } as const

function formatChecks(checks: readonly Check[]): string {
  const lines = formatTable(checks.map(({ id, status, measured }) => [MARKS[status], id, measured])).split('\n')
  return checks
    .flatMap(({ status, threshold, fix }, index) => {
      const line = lines[index] ?? ''
      return status === 'warn' || status === 'fail' ? [line, `      wanted: ${threshold}`, `      to do: ${fix}`] : [line]
    })
    .join('\n')
}

async function runDoctor(call: CommandCall): Promise<void> {
  const { options, env, out } = call
  const [{ loadConfig }, { runChecks }] = await Promise.all([
    import('../../node/config.ts'),
    import('../../node/doctor/checks.ts'),
  ])
  const loaded = loadConfig({ file: options['config'] as string, env, flags: configFlags(options) })
  const facts = await gather(loaded)
  const checks = runChecks(facts)
  const bundle = options['bundle'] as string | undefined
  if (bundle !== undefined) await writeBundle(bundle, loaded, { facts, checks, env })
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length
  const [fails, warns] = [count('fail'), count('warn')]
  const head = facts.running === null ? 'no node answers: files and machine only' : 'the node runs'
  const tail = `${count('pass')} passed, ${warns} warnings, ${fails} failures, ${count('skip')} not checked (${head})`
  const document = { isRunning: facts.running !== null, fails, warns, checks, ...(bundle === undefined ? {} : { bundle }) }
  out.result(document, `${formatChecks(checks)}\n${tail}${bundle === undefined ? '' : `\nwrote ${bundle}`}`)
  process.exitCode = fails > 0 ? EXIT.doctorFailures : warns > 0 ? EXIT.doctorWarnings : EXIT.ok
}

/** The command `naru doctor`. */
export const doctorCommands: readonly CommandSpec[] = [
  {
    path: '',
    about: 'Check clock, disk, key, sign state, peers, rounds and more; exit code 10 for warnings, 11 for failures',
    options: [...CONFIG_OPTIONS, ['--bundle <file>', 'Also write what maintainers need to know into a .tar.gz, without secrets']],
    run: runDoctor,
  },
]
