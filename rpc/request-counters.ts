// Owns: how often each method was called and how long that took, for the metrics page. Not here: their text form (node).

/** Calls of one method and the seconds spent in them. */
export type MethodCount = { readonly calls: number; readonly seconds: number }

/** Adds up calls by method; names come from the method table, so that their number is bounded. */
export type RequestCounters = {
  readonly add: (method: string, durationMs: number) => void
  readonly read: () => ReadonlyMap<string, MethodCount>
}

/** Counters at zero. */
export function createRequestCounters(): RequestCounters {
  const counts = new Map<string, { calls: number; seconds: number }>()
  return {
    add: (method, durationMs) => {
      const count = counts.get(method)
      if (count === undefined) counts.set(method, { calls: 1, seconds: durationMs / 1_000 })
      else {
        count.calls += 1
        count.seconds += durationMs / 1_000
      }
    },
    read: () => counts,
  }
}
