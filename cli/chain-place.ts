// Owns: which data directory and which genesis a command for a stopped node means. Not here: opening them (node/maintenance).
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fromHex } from '../core/base/bytes.ts'
import type { Height } from '../core/base/ids.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { NodeConfig } from '../node/config.ts'
import type { CommandCall, OptionSpec } from './command.ts'
import { configFlags } from './config-flags.ts'
import { refuseUsage } from './errors.ts'

/** Options of every command that works on a stopped node's data. */
export const PLACE_OPTIONS: readonly OptionSpec[] = [
  ['--data <dir>', 'Data directory of a stopped node (default: the configuration’s data.dir)'],
  ['--genesis <file>', 'Genesis document (default: the configuration’s, or genesis.json beside or above --data)'],
  ['-c, --config <file>', 'Configuration file, where --data is not given', 'naru.yaml'],
]

/** A data directory and its chain; `config` is null where `--data` names the directory. */
export type ChainPlace = { readonly dataDir: string; readonly genesis: Genesis; readonly config: NodeConfig | null }

/** Finds data directory and genesis. Throws a usage error, or what reading configuration and genesis throws. */
export async function findPlace(call: CommandCall): Promise<ChainPlace> {
  const { options, env } = call
  const { readGenesis } = await import('./genesis-file.ts')
  const named = options['genesis'] as string | undefined
  const data = options['data'] as string | undefined
  if (data !== undefined) {
    const dataDir = resolve(data)
    return { dataDir, genesis: readGenesis(named ?? findGenesis(dataDir)).genesis, config: null }
  }
  const { loadConfig } = await import('../node/config.ts')
  const { config } = loadConfig({ file: options['config'] as string, env, flags: configFlags(options) })
  return { dataDir: config.data.dir, genesis: readGenesis(named ?? config.chain.genesis).genesis, config }
}

function findGenesis(dataDir: string): string {
  for (let dir = dataDir, levels = 0; levels < 3; dir = dirname(dir), levels++) {
    const path = join(dir, 'genesis.json')
    if (existsSync(path)) return path
  }
  return refuseUsage(`there is no genesis.json in ${dataDir} or above it: name it with --genesis`)
}

/** The sign state of the place, or null for an observer. Throws a usage error where it is not known which. */
export function findSignState(call: CommandCall, { dataDir, config }: ChainPlace): string | null {
  const named = call.options['signState'] as string | undefined
  if (named !== undefined) return resolve(named)
  if (call.options['observer'] === true) return null
  if (config !== null) return config.signer?.journal ?? null
  const found = [join(dataDir, 'sign-state'), join(dirname(dataDir), 'sign-state')].find(
    (path) => existsSync(path) && statSync(path).isFile(),
  )
  return found ?? refuseUsage(`there is no sign-state in ${dataDir} or beside it: name it with --sign-state, or say --observer`)
}

/** Every sign state of the place: the one above, and that of `nextSigner`, which signs once its rotation is active. */
export function findSignStates(call: CommandCall, place: ChainPlace): readonly string[] {
  const first = findSignState(call, place)
  if (first === null && place.config === null) return []
  const next = place.config === null ? join(dirname(first ?? ''), 'sign-state-next') : (place.config.nextSigner?.journal ?? null)
  const named = call.options['signState'] !== undefined || call.options['observer'] === true
  const second = next !== null && !named && existsSync(next) && statSync(next).isFile() ? next : null
  return [first, second].filter((path) => path !== null)
}

/** First 8 bytes of the genesis hash. */
export function chainTagOf({ genesis }: Pick<ChainPlace, 'genesis'>): Uint8Array {
  return fromHex(genesis.hash.slice(0, 16))
}

/** A height given as an option; null where it is not given. Throws a usage error for anything but a number of blocks. */
export function heightOption(call: CommandCall, name: string, flag: string): Height | null {
  const text = call.options[name] as string | undefined
  if (text === undefined) return null
  return /^\d{1,15}$/.test(text) ? Number(text) : refuseUsage(`${flag} is a height, not ${JSON.stringify(text)}`)
}

/** A note for people at most once a second. */
export function createProgressNote(call: Pick<CommandCall, 'out'>): (text: () => string) => void {
  let last = performance.now()
  return (text) => {
    const now = performance.now()
    if (now - last < 1_000) return
    last = now
    call.out.note(text())
  }
}

/** Bytes for people, in steps of 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power] ?? 'GiB'}`
}
