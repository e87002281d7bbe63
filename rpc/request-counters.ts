// Owns: how often each method was called and how long that took, for the metrics page. Not here: their text form (node).

/** Calls of one method, how many of them ended in an error, and the seconds from call to reply. */
export type MethodCount = { readonly calls: number; readonly errors: number; readonly seconds: number }

/** One call that ended: `refused` by a limit before it ran. */
export type EndedCall = { readonly method: string; readonly durationMs: number; readonly outcome: 'ok' | 'error' | 'refused' }

/** Adds up calls by method; names come from the method table, so that their number is bounded. */
export type RequestCounters = {
  readonly begin: () => void
  readonly end: (call: EndedCall) => void
  /** Calls that wait for their answer. */
  readonly pending: () => number
  readonly rejected: () => number
  readonly read: () => ReadonlyMap<string, MethodCount>
}

/** Counters at zero; `onCall` is told of each call as it ends. */
export function createRequestCounters(onCall: (call: EndedCall) => void = () => undefined): RequestCounters {
  const counts = new Map<string, { calls: number; errors: number; seconds: number }>()
  let pending = 0
  let rejected = 0
  return {
    begin: () => void pending++,
    end(call) {
      const { method, durationMs, outcome } = call
      pending--
      if (outcome === 'refused') rejected++
      const count = counts.get(method) ?? { calls: 0, errors: 0, seconds: 0 }
      if (count.calls === 0) counts.set(method, count)
      count.calls += 1
      count.errors += outcome === 'ok' ? 0 : 1
      count.seconds += durationMs / 1_000
      onCall(call)
    },
    pending: () => pending,
    rejected: () => rejected,
    read: () => counts,
  }
}
