// Owns: one validator's or observer's chain: every part built once, in order, and joined to the network. Not here: configuration,
// JSON-RPC, processes (node.ts).
import { join } from 'node:path'
import { must } from '../core/base/assert.ts'
import { equalBytes, fromHex, toHex } from '../core/base/bytes.ts'
import type { Height, TxId } from '../core/base/ids.ts'
import type { Signer } from '../core/crypto/ed25519-rule.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { Genesis } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import { proposerOf } from '../core/chain/validator-set.ts'
import { committedButInvalid, lateCommit } from '../consensus/progress.ts'
import { createConsensusState } from '../consensus/state.ts'
import type { ConsensusState } from '../consensus/state.ts'
import { createAdmissionDesk } from './admission-desk.ts'
import type { AdmissionDesk } from './admission-desk.ts'
import { createAnswers } from './answers.ts'
import { createBlockFetcher } from './block-fetcher.ts'
import { compactOf, createBodies } from './bodies.ts'
import type { ChainHead } from './chain-head.ts'
import { commitBlock } from './commit.ts'
import { createConsensusLink } from './consensus-link.ts'
import type { ConsensusLink } from './consensus-link.ts'
import { createConsensusPublisher } from './consensus-publisher.ts'
import { createDriver } from './driver.ts'
import { createEffects } from './effects.ts'
import type { Candidate, ExecutorParts } from './executor.ts'
import type { Logger } from './logger.ts'
import { createMempool } from './mempool/mempool.ts'
import type { Mempool, MempoolLimits } from './mempool/mempool.ts'
import type { Metrics } from './metrics.ts'
import { joinNetwork } from './network-join.ts'
import { createPacer } from './pacer.ts'
import type { Clock, Network } from './ports.ts'
import { createPresence } from './presence.ts'
import { recoverChain } from './recover.ts'
import { createSignatureCheck } from './signature-cache.ts'
import { createConsensusSigner } from './signer.ts'
import type { ConsensusSigner } from './signer.ts'
import type { ChainStore } from './storage/chain-store.ts'
import type { Journal } from './storage/journal.ts'
import type { Store } from './storage/level.ts'
import type { StateStore } from './storage/state-store.ts'
import type { StateTree } from '../core/state/tree.ts'
import { createSyncService } from './sync-service.ts'
import type { SyncService } from './sync-service.ts'
import { createTxRelay } from './tx-relay.ts'
import { openHeightLog } from './wal-replay.ts'

export type ChainNodeOptions = {
  readonly registry: Registry
  readonly genesis: Genesis
  readonly store: Store
  readonly dataDir: string
  /** Null on an observer. */
  readonly validator: { readonly key: Signer; readonly publicKey: Uint8Array; readonly journal: Journal } | null
  readonly network: Network
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly version: string
  readonly mempoolLimits: MempoolLimits
  readonly allowed: readonly { readonly peer: string; readonly addresses: readonly string[] }[]
  readonly onFatal: (error: unknown) => void
}

/** What the outside (api.ts, node.ts) sees of the assembled chain. */
export type ChainNode = {
  readonly options: ChainNodeOptions
  readonly head: () => ChainHead
  readonly consensus: ConsensusState
  readonly chain: ChainStore
  readonly state: StateStore
  readonly tree: StateTree
  readonly executor: ExecutorParts
  readonly mempool: Mempool
  readonly desk: AdmissionDesk
  readonly link: ConsensusLink
  readonly sync: SyncService
  readonly signer: ConsensusSigner | null
  readonly publishTransaction: (txId: TxId, wire: Uint8Array) => void
  /** Called after each durable commit, in order. */
  readonly onCommit: (listener: (candidate: Candidate) => void) => () => void
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Opens the chain and builds its parts; nothing is sent or signed before `start`. Throws NodeError where disk or genesis do not fit. */
export async function createChainNode(options: ChainNodeOptions): Promise<ChainNode> {
  const { registry, genesis, clock, log, network, metrics } = options
  const recovered = await recoverChain({ store: options.store, registry, genesis, cacheEntries: 200_000 })
  const { chain, state, tree } = recovered
  let head = recovered.head
  const headNow = (): ChainHead => head
  const listeners = new Set<(candidate: Candidate) => void>()
  const checkSignature = createSignatureCheck()
  const signer = createValidatorSigner(options, head)
  const consensus = createConsensusState()
  const mempool = createMempool(options.mempoolLimits)
  const executor: ExecutorParts = { registry, genesis, state, tree, head: headNow, checkSignature }

  const desk = createAdmissionDesk({
    registry,
    genesis,
    state,
    head: headNow,
    clock,
    mempool,
    checkSignature,
    isFinal: (txId) => chain.placeOf(txId) !== null,
    onAdmitted: () => pacer.onTransaction(),
  })
  const relay = createTxRelay({ clock, network, admit: desk.admit, isWaiting: mempool.has })
  const bodies = createBodies({ findWaiting: mempool.get, checkBytes: desk.checkBytes })
  const fetcher = createBlockFetcher({ network, clock, bodies })
  const heightLog = openHeightLog({
    dir: join(options.dataDir, 'wal'),
    chainTag: fromHex(genesis.hash.slice(0, 16)),
    head,
    signer,
    log,
    journal: options.validator?.journal ?? null,
  })

  const commit = async (candidate: Candidate, certificate: Certificate): Promise<void> => {
    const begun = clock.monotonicMs()
    const { header } = candidate.block
    await commitBlock({ registry, chain, state, tree, head: headNow, setHead: (next) => (head = next) }, candidate, certificate)
    metrics.blockSeconds.observe((clock.monotonicMs() - begun) / 1_000)
    heightLog.startHeight(header.height + 1)
    for (const txId of mempool.removeCommitted(candidate.txs, header.height))
      desk.noteEnding(txId, { kind: 'expired', height: header.height })
    log.info('Block committed', {
      height: header.height,
      round: certificate.round,
      txs: header.txCount,
      stateRoot: header.stateRoot,
    })
    for (const listener of listeners) listener(candidate)
    beginHeight()
  }

  const presence = createPresence(clock, network.self)
  const publisher = createConsensusPublisher({
    network,
    state: consensus,
    compactOf: (blockId) => {
      const candidate = bodies.candidate(blockId)
      return candidate === null ? bodies.compact(blockId) : compactOf(candidate)
    },
  })
  const effects = createEffects({
    executor,
    bodies,
    mempool,
    signer,
    wal: heightLog,
    clock,
    publisher,
    fetcher,
    enqueue: (input) => driver.enqueue(input),
    runTask: (task) => driver.runTask(task),
    commit,
    isProposerAbsent: (round) => presence.isAbsent(proposerOf(head.set, { height: head.height + 1, round }).peerId),
    onRound: (height, round) => onRound(height, round),
    onMisbehaviour: ({ kind, first }) => {
      const author = 'proposer' in first ? first.proposer : first.validator
      if (author === signer?.authority) return options.onFatal(twinError(`${kind} at height ${first.height}`))
      metrics.evidence.inc({ validator: nameOf(head, author) })
      log.error('Validator signed conflicting messages', {
        kind,
        validator: nameOf(head, author),
        height: first.height,
        round: first.round,
      })
    },
    onReplay: (inputs) => link.onReplay(inputs),
    lastCommit: () => (head.height === 0 ? null : (fitting(lateCommit(consensus), head) ?? head.certificate)),
    log,
  })
  const driver = createDriver({
    state: consensus,
    logRecord: heightLog.append,
    perform: effects.perform,
    onFatal: options.onFatal,
    onDropped: () => metrics.messages.inc({ topic: 'consensus', verdict: 'dropped' }),
  })
  const sync = createSyncService({ executor, network, clock, runTask: driver.runTask, commit, log })
  const link = createConsensusLink({
    chainId: genesis.chainId,
    state: consensus,
    head: headNow,
    certificateAt: chain.certificateAt,
    checkSignature,
    bodies,
    fetcher,
    publisher,
    network,
    signer,
    clock,
    enqueue: driver.enqueue,
    onPeerHeight: (peer, height) => sync.tell({ kind: 'peerHeight', peer, height, nowMs: clock.nowMs() }),
    onTwin: (what) => options.onFatal(twinError(what)),
  })
  const pacer = createPacer({
    clock,
    head: headNow,
    hasReady: mempool.hasReady,
    wake: (height) => driver.enqueue({ kind: 'wake', height }),
  })

  const onRound = (height: Height, round: number): void => {
    metrics.round.set(round)
    if (round > 0) {
      metrics.rounds.inc({ outcome: 'failed' })
      log.warn('Consensus entered another round', { height, round })
    }
    publisher.publishSummary()
  }

  const beginHeight = (): void => {
    bodies.clear()
    fetcher.clear()
    effects.cancelTimers()
    const height = head.height + 1
    driver.enqueue({
      kind: 'startHeight',
      height,
      set: head.set,
      params: head.params,
      self: signer?.authority ?? null,
      signedBefore: signer?.signedBefore(height) ?? null,
    })
    sync.tell({ kind: 'headMoved', height: head.height, nowMs: clock.nowMs() })
    driver.runTask(() => {
      link.onHeight()
      publisher.publishSummary()
    })
    pacer.onHeight()
  }

  const joined = joinNetwork({
    onTick: () => {
      const broken = committedButInvalid(consensus)
      if (broken !== null) log.error('A quorum committed a block that is not valid here; this node stands still', { height: head.height + 1, blockId: broken })
    },
    presence,
    network,
    clock,
    log,
    genesis,
    version: options.version,
    head: headNow,
    link,
    sync,
    relay,
    answer: createAnswers({ chain, bodies, head: headNow, status: () => joined.status() }),
    countMessage: (topic, verdict) => metrics.messages.inc({ topic, verdict }),
  })

  return {
    options,
    head: headNow,
    consensus,
    chain,
    state,
    tree,
    executor,
    mempool,
    desk,
    link,
    sync,
    signer,
    publishTransaction: relay.publish,
    onCommit(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async start() {
      network.setAllowed(options.allowed)
      beginHeight()
      heightLog.replay({ offerBlock: bodies.offerBlock, enqueue: (input) => driver.enqueue(input, true) })
      await joined.start()
    },
    async stop() {
      pacer.stop()
      relay.stop()
      effects.cancelTimers()
      await joined.stop()
      await driver.stop()
      heightLog.close()
    },
  }
}

function fitting(certificate: Certificate | null, head: ChainHead): Certificate | null {
  return certificate !== null && certificate.height === head.height && certificate.blockId === head.blockId ? certificate : null
}

function nameOf(head: ChainHead, authority: string): string {
  return head.set.validators.find((validator) => validator.authority === authority)?.name ?? 'unknown'
}

function createValidatorSigner(options: ChainNodeOptions, head: ChainHead): ConsensusSigner | null {
  const { validator, log, metrics, genesis } = options
  if (validator === null) return null
  const member = head.set.validators.find((entry) => equalBytes(entry.publicKey, validator.publicKey))
  if (member === undefined) {
    log.warn('The key is no validator of this height; the node follows as an observer', {
      publicKey: `0x${toHex(validator.publicKey)}`,
    })
    return null
  }
  return createConsensusSigner({
    chainId: genesis.chainId,
    authority: must(member, 'a member').authority,
    key: validator.key,
    journal: validator.journal,
    onRefused: (reason, conflict) => {
      metrics.signingRefused.inc({ reason: conflict ? 'conflict' : 'guard' })
      const level = conflict ? 'error' : 'warn'
      log[level]('Signature refused by the guard', { reason })
    },
  })
}

function twinError(what: string): Error {
  return new TwinError(
    `our own key signed a ${what} that this process did not make: another process runs with this key; stop it first`,
  )
}

/** Raised when our key signs elsewhere; the node stops with exit code 20. */
export class TwinError extends Error {
  override readonly name = 'TwinError'
}
