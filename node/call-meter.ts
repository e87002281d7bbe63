// Owns: figures of JSON-RPC calls for metrics and the doctor. Not here: counting them (rpc/request-counters.ts).
import type { EndedCall } from '../rpc/request-counters.ts'
import type { RpcCounters } from '../rpc/server.ts'
import type { Metrics } from './metrics.ts'

/** Takes calls in as they end; `p99Ms` is of the last thousand, null before the first. */
export type CallMeter = { readonly onCall: (call: EndedCall) => void; readonly p99Ms: () => number | null }

const KEPT = 1_000

/** Builds the meter. */
export function createCallMeter(metrics: Pick<Metrics, 'rpcRequests' | 'rpcSeconds'>): CallMeter {
  const durations: number[] = []
  let at = 0
  return {
    onCall({ method, durationMs, outcome }) {
      metrics.rpcRequests.inc({ method, outcome })
      metrics.rpcSeconds.observe({ method }, durationMs / 1_000)
      durations[at] = durationMs
      at = (at + 1) % KEPT
    },
    p99Ms() {
      if (durations.length === 0) return null
      const sorted = [...durations].sort((a, b) => a - b)
      return Math.round(sorted[Math.floor((sorted.length * 99) / 100)] ?? 0)
    },
  }
}

/** The figures of this moment, for the doctor. */
export function readCalls({ requests, pending, rejected }: RpcCounters, { p99Ms }: CallMeter) {
  let calls = 0
  for (const count of requests.values()) calls += count.calls
  return { p99Ms: p99Ms(), calls, rejected, waiting: pending }
}
