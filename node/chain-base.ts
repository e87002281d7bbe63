// Owns: what a chain node stands on: the opened chain, its signer, mempool and log of the running height.
// Not here: the parts that talk to each other (chain-consensus.ts), joining the network (chain-node.ts).
import { join } from 'node:path'
import { fromHex } from '../core/base/bytes.ts'
import { firstRoundAt } from '../core/chain/recovery.ts'
import type { Recovery } from '../core/chain/recovery.ts'
import type { Validator } from '../core/chain/validator-set.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { SignatureCheck } from '../core/chain/certificate.ts'
import type { Misbehaviour } from '../consensus/effect.ts'
import { createConsensusState } from '../consensus/state.ts'
import type { ConsensusState } from '../consensus/state.ts'
import type { ChainHead } from './chain-head.ts'
import type { Candidate, ExecutorParts } from './executor.ts'
import type { Logger } from './logger.ts'
import { createMempool } from './mempool/mempool.ts'
import type { Mempool, MempoolLimits } from './mempool/mempool.ts'
import type { Metrics } from './metrics.ts'
import { createWitness } from './diagnosis/witness.ts'
import type { Witness } from './diagnosis/witness.ts'
import type { Clock, Network } from './ports.ts'
import { createPresence } from './presence.ts'
import type { Presence } from './presence.ts'
import { openEvidencePool } from './evidence-pool.ts'
import type { EvidencePool } from './evidence-pool.ts'
import { takeRecoveries } from './recovery-start.ts'
import { recoverChain } from './recover.ts'
import type { Recovered } from './recover.ts'
import { createProofDesk } from './proof-desk.ts'
import type { ProofDesk, ProofDeskParts, StartProofThread } from './proof-desk.ts'
import { createSignatureCheck } from './signature-cache.ts'
import { createVerdictMemory, VERDICTS_MAX } from './verdict-memory.ts'
import { createSigningSwitch, switchSigner } from './signing-switch.ts'
import type { SigningMemoryStore, SigningSwitch } from './signing-switch.ts'
import { createSeatSigner } from './seat-signer.ts'
import type { SeatSigner, ValidatorKey } from './seat-signer.ts'
import { nodeFileSystem } from './storage/file-system.ts'
import type { FileSystem } from './storage/file-system.ts'
import type { Store } from './storage/level.ts'
import { openHeightLog } from './wal-replay.ts'
import type { HeightLog } from './wal-replay.ts'

/** What a chain node is built from; the caller opened and later closes store, journal and network. */
export type ChainNodeOptions = {
  readonly registry: Registry
  readonly genesis: Genesis
  readonly store: Store
  readonly dataDir: string
  /** Null on an observer. The key signs at the heights at which the chain names it, and only then. */
  readonly validator: ValidatorKey | null
  /** The key that a decided rotation brings. */
  readonly nextValidator?: ValidatorKey | null
  readonly network: Network
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly version: string
  readonly mempoolLimits: MempoolLimits
  /** Who may connect while these are the validators. */
  readonly allowed: (
    validators: readonly Validator[],
  ) => readonly { readonly peer: string; readonly addresses: readonly string[] }[]
  readonly onFatal: (error: unknown) => void
  /** Answers peers about snapshots; a node without it has none (sim, tests). */
  readonly answerSnap?: (request: Uint8Array) => Promise<Uint8Array | null>
  /** The disk of the log; the machine's own unless given (sim). */
  readonly disk?: FileSystem
  /** Where a pause of signing is kept beyond the end of the process; forgotten unless given. */
  readonly signingMemory?: SigningMemoryStore
  /** How signatures are checked; by the one rule, each once, unless given (sim). */
  readonly checkSignature?: SignatureCheck
  /** Threads for costly checks; without them everything is checked in place (sim, tests). */
  readonly proofThreads?: { readonly start: StartProofThread; readonly max: number }
  /** Recoveries that the operator gave at this start (G11). */
  readonly recoveries?: readonly Recovery[]
  /** Told of each pair of conflicting messages of another validator. */
  readonly onEvidence?: (misbehaviour: Misbehaviour) => void
}

/** The opened chain and everything that needs no other part to exist. */
export type ChainBase = Pick<Recovered, 'chain' | 'state' | 'tree' | 'sets'> & {
  readonly options: ChainNodeOptions
  readonly head: () => ChainHead
  readonly setHead: (head: ChainHead) => void
  readonly signer: SeatSigner
  readonly signing: SigningSwitch
  readonly witness: Witness
  readonly consensus: ConsensusState
  readonly mempool: Mempool
  readonly executor: ExecutorParts
  /** Has costly checks made on other threads. */
  readonly proofs: ProofDesk
  readonly heightLog: HeightLog
  readonly presence: Presence
  /** Evidence against validators that waits for a block. */
  readonly evidence: EvidencePool
  /** Told of each block once it is durable, in order. */
  readonly listeners: Set<(candidate: Candidate) => void>
}

const CACHE_ENTRIES = 200_000

/** Opens the chain; nothing is sent or signed. Throws NodeError where disk, genesis or sign state do not fit. */
export async function openChainBase(options: ChainNodeOptions): Promise<ChainBase> {
  const { registry, genesis, clock, log, network, validator } = options
  const {
    chain,
    state,
    tree,
    sets,
    head: found,
  } = await recoverChain({ store: options.store, registry, genesis, cacheEntries: CACHE_ENTRIES })
  const keys = [validator, options.nextValidator ?? null].filter((key) => key !== null)
  const witness = createWitness(clock)
  const signing = createSwitch(options)
  const checkSignature = options.checkSignature ?? createSignatureCheck()
  const journals = keys.map(({ journal }) => journal)
  const afterRecovery = await takeRecoveries({
    ...{ registry, genesis, chain, state, journals, checkSignature, log },
    given: options.recoveries ?? [],
    store: options.store,
    head: found,
  })
  let current = afterRecovery(found)
  const head = (): ChainHead => current
  const signer = createSigner(options, { keys, head, signing, witness })
  const heightLog = openHeightLog({
    dir: join(options.dataDir, 'wal'),
    chainTag: fromHex(genesis.hash.slice(0, 16)),
    head: found,
    journals,
    log,
    disk: options.disk ?? nodeFileSystem,
  })
  const verdicts = createVerdictMemory(VERDICTS_MAX, (where) => options.metrics.costlyChecks.inc({ where }))
  const executor: ExecutorParts = { registry, genesis, state, tree, head, checkSignature, recall: verdicts.recall }
  return {
    options,
    chain,
    state,
    tree,
    sets,
    head,
    setHead: (next) => {
      current = afterRecovery(next)
    },
    signer,
    signing,
    witness,
    consensus: createConsensusState(),
    mempool: createMempool(options.mempoolLimits),
    executor,
    proofs: createProofDesk({ memory: verdicts, state, ...threadsOf(options) }),
    evidence: await openEvidencePool({ executor, store: options.store, onFatal: options.onFatal }),
    heightLog,
    presence: createPresence(clock, network.self),
    listeners: new Set(),
  }
}

function createSwitch({ clock, metrics, log, signingMemory }: ChainNodeOptions): SigningSwitch {
  metrics.signingPaused.set(0)
  return createSigningSwitch({
    nowMs: clock.nowMs,
    store: signingMemory ?? null,
    onChange: (pause) => {
      metrics.signingPaused.set(pause === null ? 0 : 1)
      metrics.twinSeen.set(pause?.reason === 'twin' ? 1 : 0)
      if (pause === null) log.warn('Signing goes on')
      else if (pause.reason === 'twin') log.error('Signing stopped: a second process signs with our key', { what: pause.text })
      else log.warn('Signing paused', { reason: pause.text })
    },
  })
}

function threadsOf({ proofThreads }: ChainNodeOptions): Pick<ProofDeskParts, 'startThread' | 'threadsMax'> {
  const startThread = proofThreads?.start ?? (() => ({ post: () => undefined, stop: () => undefined }))
  return { startThread, threadsMax: proofThreads?.max ?? 0 }
}

type SignerWiring = {
  readonly keys: readonly ValidatorKey[]
  readonly head: () => ChainHead
  readonly signing: SigningSwitch
  readonly witness: Witness
}

function createSigner(options: ChainNodeOptions, { keys, head, signing, witness }: SignerWiring): SeatSigner {
  const { log, metrics, genesis } = options
  const seat = createSeatSigner({
    chainId: genesis.chainId,
    keys,
    head,
    log,
    firstRoundOf: (height) => firstRoundAt(head().recovery ?? null, height),
    onRefused: (reason, conflict) => {
      witness.onRefused(reason)
      metrics.signingRefused.inc({ reason: conflict ? 'conflict' : 'guard' })
      const level = conflict ? 'error' : 'warn'
      log[level]('Signature refused by the guard', { reason })
    },
  })
  return () => {
    const signer = seat()
    return signer === null ? null : switchSigner(signer, signing)
  }
}
