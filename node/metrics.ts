// Owns: the node's metrics by name, in a registry of their own. Not here: who counts, the listener (rpc), dashboards (deploy).
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Every metric of a node. Labels are bounded: validators and method names, never accounts. */
export type Metrics = ReturnType<typeof buildMetrics> & {
  readonly contentType: string
  /** Prometheus text. `collect` functions given to `onCollect` run first. */
  readonly text: () => Promise<string>
  /** Name, type and meaning of each, for the reference page. */
  readonly describe: () => Promise<readonly { readonly name: string; readonly help: string; readonly type: string }[]>
  /** Runs before each reading, for gauges that are cheap to look up and costly to keep current. */
  readonly onCollect: (collect: () => void) => void
}

const STEP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Makes the metrics of one node; two nodes in one process share nothing. */
export function createMetrics(build: { readonly version: string; readonly commit: string }): Metrics {
  const registry = new Registry()
  const metrics = buildMetrics(registry)
  metrics.upgradeDue.set(Number.POSITIVE_INFINITY)
  metrics.upgradeReady.set(1)
  metrics.buildInfo.set({ version: build.version, commit: build.commit }, 1)
  const collectors: (() => void)[] = [() => metrics.processMemory.set(process.memoryUsage.rss())]
  return {
    ...metrics,
    contentType: registry.contentType,
    onCollect: (collect) => {
      collectors.push(collect)
    },
    describe: async () =>
      (await registry.getMetricsAsJSON()).map((metric) => ({ name: metric.name, help: metric.help, type: String(metric.type) })),
    text: () => {
      for (const collect of collectors) collect()
      return registry.metrics()
    },
  }
}

function buildMetrics(registry: Registry) {
  const registers = [registry]
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers })
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers })
  const seconds = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Histogram<L>({ name, help, labelNames: [...labelNames], buckets: STEP_BUCKETS, registers })
  return {
    buildInfo: gauge('naru_build_info', 'Always 1; the labels tell version and commit.', ['version', 'commit']),
    chainHeight: gauge('naru_chain_height', 'Height of the newest final block.'),
    blockInterval: gauge('naru_chain_block_interval_seconds', 'Least time between two blocks.'),
    heartbeat: gauge('naru_chain_heartbeat_seconds', 'Time after which an idle chain makes an empty block.'),
    finalAge: gauge('naru_chain_final_age_seconds', 'Age of the newest final block by its own time.'),
    blockTxs: counter('naru_chain_txs_total', 'Transactions in final blocks since the start, by receipt.', ['outcome']),
    blockSeconds: seconds('naru_chain_commit_seconds', 'Time to write a final block to disk.'),
    round: gauge('naru_consensus_round', 'Present consensus round.'),
    rounds: counter('naru_consensus_rounds_total', 'Rounds that ended, by outcome: decided or failed.', ['outcome']),
    missingVotes: counter('naru_consensus_missing_votes_total', 'Final blocks whose certificate lacks a validator.', [
      'validator',
    ]),
    ownMissing: counter('naru_consensus_own_votes_missing_total', 'Final blocks whose certificate lacks this validator.'),
    quorum: gauge('naru_consensus_quorum', 'Validators that a block takes.'),
    isValidator: gauge('naru_consensus_is_validator', '1 while this node is a validator.'),
    stalled: gauge('naru_consensus_stalled', '1 while the chain stands still, by its cause.', ['cause']),
    clockOffset: gauge('naru_clock_offset_vs_peers_seconds', 'Own clock minus the middle of the validators.'),
    stepSeconds: seconds('naru_consensus_step_seconds', 'Time spent in a consensus step.', ['step']),
    evidence: counter('naru_consensus_evidence_total', 'Conflicting messages of one validator that were seen.', ['validator']),
    evidenceRecorded: counter('naru_evidence_total', 'Offences of validators that final blocks put on record.', ['kind']),
    signingRefused: counter('naru_signing_refused_total', 'Signatures that the guard refused.', ['reason']),
    signingPaused: gauge('naru_signing_paused', '1 while this node signs nothing.'),
    twinSeen: gauge('naru_twin_seen', '1 while signing is stopped because a second process signs with our key.'),
    admission: counter('naru_tx_admission_total', 'Transactions offered to the mempool.', ['result', 'code']),
    costlyChecks: counter('naru_costly_checks_total', 'Proofs of ballots checked, on another thread or in the loop.', ['where']),
    txFinal: seconds('naru_tx_final_seconds', 'From submission at this node to finality.'),
    mempoolTxs: gauge('naru_mempool_txs', 'Waiting transactions.'),
    mempoolBytes: gauge('naru_mempool_bytes', 'Bytes of waiting transactions.'),
    peers: gauge('naru_p2p_peers', 'Connected peers by kind: validator or observer.', ['kind']),
    messages: counter('naru_p2p_messages_total', 'Messages received, by topic and verdict.', ['topic', 'verdict']),
    p2pBytes: gauge('naru_p2p_bytes', 'Payload bytes since the start, by direction.', ['direction']),
    rpcRequests: counter('naru_rpc_requests_total', 'JSON-RPC calls.', ['method', 'outcome']),
    rpcSeconds: seconds('naru_rpc_seconds', 'Time to answer a JSON-RPC call.', ['method']),
    rpcQueue: gauge('naru_rpc_queue_depth', 'Calls waiting for an answer.', ['class']),
    storeBytes: gauge('naru_store_bytes', 'Bytes of the store on disk.'),
    diskFree: gauge('naru_disk_free_bytes', 'Free bytes of the disk that holds the data.'),
    snapshotAt: gauge('naru_snapshot_last_success_timestamp_seconds', 'When a snapshot was last made; 0 for never.'),
    upgradeDue: gauge('naru_upgrade_due_seconds', 'Time to the next planned upgrade; +Inf without one.'),
    upgradeReady: gauge('naru_upgrade_ready', '1 unless this node lacks the release of a planned upgrade.'),
    storeReclaimable: gauge('naru_store_reclaimable_bytes', 'Bytes of pruned blocks that a compaction would give back.'),
    oldestHeight: gauge('naru_store_oldest_height', 'Lowest height whose block is held whole.'),
    snapshotHeight: gauge('naru_snapshot_height', 'Height of the newest snapshot that peers can fetch; 0 without one.'),
    backupTested: gauge(
      'naru_backup_last_tested_timestamp_seconds',
      'When a backup of this node was last tried out; 0 for never.',
    ),
    ready: gauge('naru_ready', '1 where a criterion of readiness holds.', ['criterion']),
    loopDelay: gauge('naru_loop_delay_seconds', 'Longest recent delay of the event loop.'),
    processMemory: gauge('naru_process_resident_memory_bytes', 'Resident memory of the process.'),
  }
}
