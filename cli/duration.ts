// Owns: durations and delays as people write them. Not here: who waits.
import { refuseUsage } from './errors.ts'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `200ms`, `1.5s`, `2m`, `1h`, `30d`. Throws a usage error for anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  if (match === null) return refuseUsage(`${JSON.stringify(text)} is no duration; write 200ms, 1.5s, 2m, 1h or 30d`)
  const ms = Math.round(Number(match[1]) * (UNIT_MS[match[2] as string] as number))
  return Number.isSafeInteger(ms) ? ms : refuseUsage(`${text} is too long`)
}

/** Delay and jitter in ms of `300ms±50` (or `300ms+-50ms`); without a jitter it is 0. */
export function parseDelay(text: string): { readonly delayMs: number; readonly jitterMs: number } {
  const [delay, jitter, ...rest] = text.split(/±|\+-|\+\/-/)
  if (delay === undefined || rest.length > 0) return refuseUsage(`${JSON.stringify(text)} is no delay; write 300ms or 300ms±50`)
  const jitterMs = jitter === undefined ? 0 : parseDuration(/^\d+$/.test(jitter) ? `${jitter}ms` : jitter)
  return { delayMs: parseDuration(delay), jitterMs }
}

/** Seconds with one digit, such as `2.3 s`; below one second milliseconds. */
export function formatDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
