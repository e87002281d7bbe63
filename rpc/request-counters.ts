// Owns: how often each method was called and how long that took, for the metrics page. Not here: their text form (node).

/** Calls of one method, how many of them ended in an error, and the seconds from call to reply. */
export type MethodCount = { readonly calls: number; readonly errors: number; readonly seconds: number }

/** Adds up calls by method; names come from the method table, so that their number is bounded. */
export type RequestCounters = {
  readonly add: (method: string, durationMs: number, isError: boolean) => void
  readonly read: () => ReadonlyMap<string, MethodCount>
}

/** Counters at zero. */
export function createRequestCounters(): RequestCounters {
  const counts = new Map<string, { calls: number; errors: number; seconds: number }>()
  return {
    add: (method, durationMs, isError) => {
      const count = counts.get(method) ?? { calls: 0, errors: 0, seconds: 0 }
      if (count.calls === 0) counts.set(method, count)
      count.calls += 1
      count.errors += isError ? 1 : 0
      count.seconds += durationMs / 1_000
    },
    read: () => counts,
  }
}
