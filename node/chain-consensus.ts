// Owns: the parts of consensus joined to each other: loop, effects, link, sync, pacing, and the way from one height to the next.
// Not here: what they stand on (chain-base.ts), the rules (consensus).
import { failure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { LIMITS } from '../core/base/limits.ts'
import type { Height, Round } from '../core/base/ids.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { firstRoundAt } from '../core/chain/recovery.ts'
import type { Validator } from '../core/chain/validator-set.ts'
import { proposerOf } from '../core/chain/validator-set.ts'
import { EnvelopeError } from '../core/execution/errors.ts'
import { lateCommit } from '../consensus/progress.ts'
import type { AdmissionDesk } from './admission-desk.ts'
import { createBlockFetcher } from './block-fetcher.ts'
import type { BlockFetcher } from './block-fetcher.ts'
import type { Bodies } from './bodies.ts'
import type { ChainBase } from './chain-base.ts'
import { commitBlock } from './commit.ts'
import { createConsensusLink } from './consensus-link.ts'
import type { ConsensusLink } from './consensus-link.ts'
import { createConsensusPublisher } from './consensus-publisher.ts'
import type { ConsensusPublisher } from './consensus-publisher.ts'
import { createDriver } from './driver.ts'
import type { Driver } from './driver.ts'
import { createEffects } from './effects.ts'
import type { Effects } from './effects.ts'
import { lieIn, offerEvidence, onMisbehaviour, tellEvidence } from './evidence-duty.ts'
import type { Offered } from './evidence-pool.ts'
import type { Candidate } from './executor.ts'
import type { Logger } from './logger.ts'
import { createPacer } from './pacer.ts'
import type { Pacer } from './pacer.ts'
import { createBlockSync } from './block-sync.ts'
import type { BlockSync } from './block-sync.ts'
import { createRestartGuard } from './restart-guard.ts'
import type { RestartGuard } from './restart-guard.ts'

/** The running consensus of a node. */
export type ConsensusParts = {
  readonly driver: Driver
  readonly effects: Effects
  readonly link: ConsensusLink
  readonly sync: BlockSync
  readonly pacer: Pacer
  readonly fetcher: BlockFetcher
  /** Takes evidence from a client, as from a peer. */
  readonly offerEvidence: (bytes: Uint8Array) => Offered | Failure
  /** Sends everyone the evidence that waits for a block. */
  readonly repeatEvidence: () => void
  /** True once the node may sign after its start (W9). */
  readonly isGuardOpen: () => boolean
  /** Starts the height after the head: on start, and after each commit. */
  readonly beginHeight: () => void
}

type Commit = (candidate: Candidate, certificate: Certificate) => Promise<void>
type Built = ConsensusParts & { readonly publisher: ConsensusPublisher; readonly guard: RestartGuard }

/** Builds the parts and joins them; nothing runs before `beginHeight`. */
export function buildConsensus(base: ChainBase, desk: AdmissionDesk, bodies: Bodies): ConsensusParts {
  const { clock, network, log, genesis, registry } = base.options
  const fetcher = createBlockFetcher({ network, clock, bodies })
  const publisher = buildPublisher(base, bodies)
  const commit: Commit = (candidate, certificate) =>
    commitDecided(base, { desk, candidate, certificate, beginHeight: () => beginHeight(base, bodies, built) })
  const effects = buildEffects(base, { desk, bodies, fetcher, publisher, commit, late: () => built })
  const driver = createDriver({
    state: base.consensus,
    logRecord: base.heightLog.append,
    perform: effects.perform,
    onFatal: base.options.onFatal,
    onStepped: () => onStepped(base),
    onDropped: () => base.options.metrics.messages.inc({ topic: 'consensus', verdict: 'dropped' }),
  })
  const blocks = createBlockSync({ executor: base.executor, network, clock, runTask: driver.runTask, commit, log })
  const { guard, sync } = guardRestart(base, blocks, () => driver.runTask(effects.performDeferred))
  const link = createConsensusLink({
    chainId: genesis.chainId,
    state: base.consensus,
    head: base.head,
    certificateAt: base.chain.certificateAt,
    checkSignature: base.executor.checkSignature,
    bodies,
    fetcher,
    publisher,
    network,
    signer: base.signer,
    clock,
    enqueue: driver.offer,
    onPeerHeight: (peer, height) => sync.tell({ kind: 'peerHeight', peer, height, nowMs: clock.nowMs() }),
    witness: base.witness,
    isForeignKnown: (height) => height <= base.signing.closedUpTo(),
    onTwin: (what, height) => base.signing.stop('twin', what, height),
    onEvidence: (bytes) => lieIn(offerEvidence(base, built, bytes)),
  })
  const pacer = createPacer({
    clock,
    head: base.head,
    // Evidence, and a decided change that waits for its height, are reasons for a block of their own.
    hasReady: () => base.mempool.hasReady() || base.evidence.hasWaiting() || registry.hasPendingChange(base.state),
    hasQuorum: () => network.peers().length + 1 >= base.head().set.quorum,
    wake: (height) => driver.enqueue({ kind: 'wake', height }),
  })
  const built: Built = {
    driver,
    effects,
    link,
    sync,
    pacer,
    fetcher,
    guard,
    isGuardOpen: guard.isOpen,
    publisher,
    offerEvidence: (bytes) => offerEvidence(base, built, bytes),
    repeatEvidence: () => base.evidence.waiting().slice(0, LIMITS.blockEvidenceMax).forEach(publisher.publishEvidence),
    beginHeight: () => beginHeight(base, bodies, built),
  }
  return built
}

// What sync hears of peers and of our head is what the guard of a restart waits for.
function guardRestart(base: ChainBase, blocks: BlockSync, onOpen: () => void): { guard: RestartGuard; sync: BlockSync } {
  const { clock, network } = base.options
  const guard = createRestartGuard({
    clock,
    self: network.self,
    set: () => base.head().set,
    headHeight: () => base.head().height,
    bestPeerHeight: blocks.bestPeerHeight,
    onOpen,
  })
  const sync: BlockSync = {
    ...blocks,
    tell(input) {
      blocks.tell(input)
      if (input.kind === 'peerHeight') guard.onClaim(input.peer)
      else guard.review()
    },
  }
  return { guard, sync }
}

function buildPublisher(base: ChainBase, bodies: Bodies): ConsensusPublisher {
  return createConsensusPublisher({
    network: base.options.network,
    state: base.consensus,
    compactOf: bodies.compact,
  })
}

type EffectWiring = {
  readonly desk: AdmissionDesk
  readonly bodies: Bodies
  readonly fetcher: BlockFetcher
  readonly publisher: ConsensusPublisher
  readonly commit: Commit
  /** The parts that are built after the effects and are only called once all stand. */
  readonly late: () => Built
}

function buildEffects(base: ChainBase, wiring: EffectWiring): Effects {
  const { late, publisher } = wiring
  const { clock, log } = base.options
  return createEffects({
    executor: base.executor,
    bodies: wiring.bodies,
    mempool: base.mempool,
    signer: base.signer,
    wal: base.heightLog,
    clock,
    publisher,
    fetcher: wiring.fetcher,
    enqueue: (input) => late().driver.enqueue(input),
    runTask: (task) => late().driver.runTask(task),
    commit: wiring.commit,
    isProposerAbsent: (round) =>
      base.presence.isAbsent(proposerOf(base.head().set, { height: base.head().height + 1, round }).peerId),
    maySign: () => late().guard.isOpen(),
    onRound: (height, round) => onRound(base, publisher, height, round),
    onInvalid: base.witness.onInvalid,
    onExecuted: base.witness.onExecuted,
    judge: (txs) => base.proofs.judge('block', txs),
    onMisbehaviour: (misbehaviour) => onMisbehaviour(base, late(), misbehaviour),
    onBarred: (txId, refused) => wiring.desk.noteEnding(txId, { kind: 'rejected', failure: refused }),
    onReplay: (inputs) => late().link.onReplay(inputs),
    lastCommit: () => fullestCommit(base),
    evidence: base.evidence.waiting,
    log,
  })
}

type Decided = { desk: AdmissionDesk; candidate: Candidate; certificate: Certificate; beginHeight: () => void }

async function commitDecided(base: ChainBase, { desk, candidate, certificate, beginHeight }: Decided): Promise<void> {
  const { clock, metrics, log, registry } = base.options
  const begun = clock.monotonicMs()
  const { header } = candidate.block
  const { height } = header
  const { chain, state, tree, sets, head, setHead } = base
  const namesPeers = peersOf(base)
  base.witness.onCommitBegun()
  await commitBlock({ registry, chain, state, tree, sets, head, setHead }, candidate, certificate)
  // Newcomers are let in when their seat is decided, so that they stand ready at its height.
  if (peersOf(base) !== namesPeers) allowPeers(base)
  const lastedMs = clock.monotonicMs() - begun
  base.witness.onCommitted(lastedMs)
  metrics.blockSeconds.observe(lastedMs / 1_000)
  base.heightLog.startHeight(height + 1)
  base.evidence.onCommit()
  tellEvidence(base, candidate)
  const { expired, stale } = base.mempool.removeCommitted(candidate.txs, height)
  for (const txId of expired) desk.noteEnding(txId, { kind: 'expired', height })
  for (const txId of stale) desk.noteEnding(txId, { kind: 'rejected', failure: failure(EnvelopeError.NONCE_TOO_LOW) })
  for (const { where, text } of candidate.faults)
    log.error('A room’s code failed; the transaction or due work was undone', { height, where, text })
  log.info('Block committed', { height, round: certificate.round, txs: header.txCount, stateRoot: header.stateRoot })
  for (const listener of base.listeners) tellOf(candidate, listener, log)
  beginHeight()
}

/** Lets those connect whom the chain and the configuration name, and cuts off those whom neither names any more. */
export function allowPeers(base: ChainBase): void {
  base.options.network.setAllowed(base.options.allowed(namedBy(base)))
}

// A recovery names its validators before the state does.
function namedBy({ options, state, head }: ChainBase): readonly Validator[] {
  const { recovery, set } = head()
  const named = options.registry.readPeers(state)
  return recovery === undefined || recovery === null ? named : [...set.validators, ...named]
}

function peersOf(base: ChainBase): string {
  return namedBy(base)
    .map(({ peerId, addresses }) => [peerId, ...addresses].join(' '))
    .join('\n')
}

// Listeners serve clients and metrics: none of them may keep the next height from beginning.
function tellOf(candidate: Candidate, listener: (candidate: Candidate) => void, log: Logger): void {
  try {
    listener(candidate)
  } catch (error) {
    log.error('A listener to commits failed', { height: candidate.block.header.height, error })
  }
}

function beginHeight(base: ChainBase, bodies: Bodies, built: Built): void {
  const { head, options } = base
  const signer = base.signer()
  bodies.clear()
  built.fetcher.clear()
  built.effects.cancelTimers()
  const { set, params, height: below } = head()
  const height = below + 1
  const signedBefore = signer?.signedBefore(height) ?? null
  const firstRound = firstRoundAt(head().recovery ?? null, height)
  built.driver.enqueue({ kind: 'startHeight', height, set, params, self: signer?.authority ?? null, signedBefore, firstRound })
  built.sync.tell({ kind: 'headMoved', height: below, nowMs: options.clock.nowMs() })
  built.driver.runTask(() => {
    built.link.onHeight()
    built.publisher.publishSummary()
  })
  built.pacer.onHeight()
}

function onStepped(base: ChainBase): void {
  const ended = base.witness.onStepped(base.consensus)
  if (ended !== null) base.options.metrics.stepSeconds.observe({ step: ended.step }, ended.lastedMs / 1_000)
}

function onRound(base: ChainBase, publisher: ConsensusPublisher, height: Height, round: Round): void {
  const { metrics, log } = base.options
  metrics.round.set(round)
  base.witness.onRound(height, round)
  if (round > base.consensus.firstRound) {
    metrics.rounds.inc({ outcome: 'failed' })
    log.warn('Consensus entered another round', { height, round })
  }
  publisher.publishSummary()
}

// The certificate for the next block: with late precommits, where they are for the very head (attendance, consensus.md 1.4).
function fullestCommit(base: ChainBase): Certificate | null {
  const { height, blockId, certificate } = base.head()
  const late = lateCommit(base.consensus)
  return late !== null && late.height === height && late.blockId === blockId ? late : certificate
}
