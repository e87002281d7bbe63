// Owns: the flags that override configuration, the same for every command that reads one.
// Not here: the configuration (node/config.ts).
import type { OptionSpec } from './command.ts'
import { refuseUsage } from './errors.ts'

/** `--config` and the overrides. */
export const CONFIG_OPTIONS: readonly OptionSpec[] = [
  ['-c, --config <file>', 'Configuration file, YAML or JSON', 'naru.yaml'],
  ['--set <key=value...>', 'Override keys, such as rpc.listen=127.0.0.1:8600'],
  ['--log-level <level>', 'Override log.level'],
  ['--log-file <file>', 'Override log.file'],
]

/** Overrides by dotted key, for `loadConfig`; a value is read as YAML. Throws a usage error for a `--set` without `=`. */
export function configFlags(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const flags: Record<string, unknown> = {}
  for (const pair of (options['set'] as readonly string[] | undefined) ?? []) {
    const at = pair.indexOf('=')
    if (at < 1) refuseUsage(`--set takes key=value, not ${JSON.stringify(pair)}`)
    flags[pair.slice(0, at)] = parseFlagValue(pair.slice(at + 1))
  }
  if (options['logLevel'] !== undefined) flags['log.level'] = options['logLevel']
  if (options['logFile'] !== undefined) flags['log.file'] = options['logFile']
  return flags
}

/** A number, true, false, null, a JSON list or object, or else the text itself. */
function parseFlagValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
