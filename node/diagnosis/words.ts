// Owns: the words of a diagnosis: names in a row, durations, times of day, offsets of clocks. Not here: which words (rules-*.ts).

/** "v3", "v3 and v6", "v3, v6 and v7". */
export function listNames(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? 'nobody'
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1] ?? ''}`
}

/** "has" or "have" by the number of names. */
export function hasOrHave(names: readonly string[]): string {
  return names.length === 1 ? 'has' : 'have'
}

/** "is" or "are" by the number of names. */
export function isOrAre(names: readonly string[]): string {
  return names.length === 1 ? 'is' : 'are'
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

const two = (value: number): string => String(value).padStart(2, '0')

/** Time of day in UTC: 12:04:10Z. */
export function formatTimeOfDay(timeMs: number): string {
  const inDay = ((timeMs % DAY_MS) + DAY_MS) % DAY_MS
  const hours = Math.floor(inDay / HOUR_MS)
  const minutes = Math.floor((inDay % HOUR_MS) / MINUTE_MS)
  return `${two(hours)}:${two(minutes)}:${two(Math.floor((inDay % MINUTE_MS) / SECOND_MS))}Z`
}

/** A duration in its two largest units: 850 ms, 12 s, 4 min 10 s, 3 h 5 min. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < SECOND_MS) return `${ms} ms`
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ${Math.floor((ms % MINUTE_MS) / SECOND_MS)} s`
  return `${Math.floor(ms / HOUR_MS)} h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)} min`
}

/** "9 s ahead", "300 ms behind". */
export function formatOffset(offsetMs: number): string {
  const ms = Math.abs(offsetMs)
  const rounded = ms < SECOND_MS ? ms : Math.round(ms / SECOND_MS) * SECOND_MS
  return `${formatDuration(rounded)} ${offsetMs > 0 ? 'ahead' : 'behind'}`
}

/** Names in the order in which people count: v2 before v10. */
export function sortNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
}

/** A sentence in parts, one after the other. */
export function say(...parts: readonly string[]): string {
  return parts.join('')
}
