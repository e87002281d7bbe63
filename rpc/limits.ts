// Owns: every bound of the JSON-RPC listeners, with its default and one sentence.
// Not here: the protocol's own bounds (core/base/limits.ts).

/** Default of each bound and what it bounds; a time is in ms, a size in bytes. Served by `rpc_limits`. */
export const RPC_LIMIT_ROWS = {
  bodyBytesMax: [1_048_576, 'Bytes of one request body or WebSocket message.'],
  batchMax: [100, 'Calls in one batch.'],
  responseBytesMax: [10_485_760, 'Bytes of one response, a whole batch included.'],
  jsonDepthMax: [64, 'Nesting of arrays and objects in a request.'],
  deadlineMs: [10_000, 'Time in which a call that does not wait is answered.'],
  waitMsMax: [60_000, 'Longest timeoutMs of tx_wait and tx_submitAndWait.'],
  waitMsDefault: [10_000, 'timeoutMs where it is left out.'],
  waitersMax: [4_096, 'Calls waiting for a transaction at one time.'],
  pageMax: [200, 'Items of one page.'],
  pageDefault: [50, 'Items of one page where limit is left out.'],
  scanBlocksMax: [1_000, 'Blocks that one page of events_query looks through.'],
  scanEventsMax: [5_000, 'Events that one page of events_query looks at, and all streams that catch up in one turn.'],
  connectionsMax: [1_024, 'Open connections.'],
  webSocketsMax: [256, 'Open WebSocket connections.'],
  eventStreamsMax: [256, 'Open event streams.'],
  callsPerSocketMax: [128, 'Unanswered messages of one WebSocket connection.'],
  subscriptionsPerClientMax: [16, 'Subscriptions of one WebSocket connection.'],
  clientQueueBytesMax: [1_048_576, 'Bytes waiting for one client; above them nothing more is written for it.'],
  slowClientMs: [5_000, 'Time a client may stay above clientQueueBytesMax before it is cut off.'],
  heartbeatMs: [15_000, 'Time after which a silent subscription repeats its cursor.'],
  sweepMs: [250, 'Interval at which slow clients are looked for.'],
  headersTimeoutMs: [10_000, 'Time for the headers of a request to arrive.'],
  requestTimeoutMs: [30_000, 'Time for a whole request to arrive.'],
  keepAliveMs: [60_000, 'Time an idle connection stays open.'],
  costPerSecond: [0, 'Cost that one remote address may spend per second; 0 is no bound.'],
  costBurst: [0, 'Cost that one remote address may spend at once; 0 is one second of costPerSecond.'],
} as const

/** The bounds in force on a listener. */
export type RpcLimits = { readonly [K in keyof typeof RPC_LIMIT_ROWS]: number }

/** The defaults with the given bounds in their place. */
export function buildLimits(changes: Partial<RpcLimits> = {}): RpcLimits {
  const defaults = Object.fromEntries(Object.entries(RPC_LIMIT_ROWS).map(([name, [value]]) => [name, value])) as RpcLimits
  return { ...defaults, ...changes }
}
