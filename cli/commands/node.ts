// Owns: `node start`: configuration, logger, signals, exit code. Not here: the node itself (node/node.ts).
import { resolve } from 'node:path'
import type { CommandCall, CommandSpec } from '../command.ts'
import { EXIT } from '../errors.ts'
import { CONFIG_OPTIONS, configFlags } from '../config-flags.ts'

/** Commands of `naru node`. */
export const nodeCommands: readonly CommandSpec[] = [
  {
    path: 'start',
    about: 'Run a node in the foreground; SIGTERM or SIGINT stops it, a second one at once',
    options: [
      ...CONFIG_OPTIONS,
      ['--recovery <file...>', 'Recovery files signed by the city’s root keys, where too many validators were lost for good'],
    ],
    run: startNode,
  },
]

const DOUBLE_MS = 500

async function startNode({ options, out, env }: CommandCall): Promise<void> {
  const [{ loadConfig }, { createLogger }, { createNode }] = await Promise.all([
    import('../../node/config.ts'),
    import('../../node/logger.ts'),
    import('../../node/node.ts'),
  ])
  const { config: loaded, warnings } = loadConfig({ file: options['config'] as string, env, flags: configFlags(options) })
  const recoveries = ((options['recovery'] as readonly string[] | undefined) ?? []).map((path) => resolve(path))
  const config = { ...loaded, chain: { ...loaded.chain, recoveries: [...loaded.chain.recoveries, ...recoveries] } }
  const log = createLogger({ level: config.log.level, levels: config.log.levels, file: config.log.file })
  for (const warning of warnings) log.warn('Configuration looks odd', { warning })
  const node = await createNode({ config, log, env })
  const { rpcUrl, metricsUrl, adminSocket } = node
  out.item(
    { event: 'started', rpcUrl, metricsUrl, adminSocket, height: node.head().height },
    `Serving JSON-RPC at ${rpcUrl}, metrics at ${metricsUrl}`,
  )
  let asked: number | null = null
  let askedAtMs = 0
  const ask = (name: string, exitCode: number): void => {
    if (asked !== null) {
      // A launcher passes on what the terminal sent already: that is one signal, not two.
      if (performance.now() - askedAtMs > DOUBLE_MS) process.exit(exitCode)
      return
    }
    asked = exitCode
    askedAtMs = performance.now()
    log.info('Asked to stop', { signal: name })
    void node.stop(name)
  }
  process.on('SIGTERM', () => ask('SIGTERM', EXIT.terminated))
  process.on('SIGINT', () => ask('SIGINT', EXIT.interrupted))
  process.on('SIGHUP', () => log.info('Signal ignored', { signal: 'SIGHUP' }))
  // A devnet in the foreground ties its nodes to itself by this channel, so that none outlives it.
  process.on('disconnect', () => ask('parent gone', EXIT.ok))
  const { exitCode } = await node.stopped
  log.flush()
  process.exit(exitCode === EXIT.ok && asked !== null ? asked : exitCode)
}
