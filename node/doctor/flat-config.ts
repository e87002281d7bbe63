// Owns: a configuration as flat text by dotted key, without secrets, for comparing and for bundles.
// Not here: reading one (config.ts).
import type { NodeConfig } from '../config.ts'

/** Keys whose value may be, or lead to, a secret. */
const SECRET = /(^|\.)(passphrase|secret|password|token|seed)(\.|$)/i
/** Stands for a value that is not shown. */
export const REDACTED = '(not shown)'

/** Every leaf by its dotted key. */
export function flattenConfig(config: NodeConfig): Readonly<Record<string, string>> {
  const flat: Record<string, string> = {}
  const walk = (value: unknown, key: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, child] of Object.entries(value)) walk(child, key === '' ? name : `${key}.${name}`)
      return
    }
    flat[key] = SECRET.test(key) && key !== 'signer.passphrase.from' ? REDACTED : JSON.stringify(value ?? null)
  }
  walk(config, '')
  return flat
}
