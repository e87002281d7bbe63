// Owns: one validator's or observer's chain: every part built once, in order, and joined to the network. Not here: configuration,
// JSON-RPC, processes (node.ts).
import { failure, isFailure } from '../core/base/errors.ts'
import type { BlockId, TxId } from '../core/base/ids.ts'
import { committedButInvalid } from '../consensus/progress.ts'
import type { ConsensusState } from '../consensus/state.ts'
import { createAdmissionDesk } from './admission-desk.ts'
import type { AdmissionDesk, AdmissionParts } from './admission-desk.ts'
import { createAnswers } from './answers.ts'
import { createBodies } from './bodies.ts'
import type { Bodies } from './bodies.ts'
import { openChainBase } from './chain-base.ts'
import type { ChainBase, ChainNodeOptions } from './chain-base.ts'
import { allowPeers, buildConsensus } from './chain-consensus.ts'
import type { ConsensusParts } from './chain-consensus.ts'
import type { ConsensusLink } from './consensus-link.ts'
import type { Candidate } from './executor.ts'
import { createIntake } from './intake.ts'
import type { Intake, Outcome } from './intake.ts'
import { MempoolError } from './mempool/errors.ts'
import { joinNetwork } from './network-join.ts'
import type { Joined } from './network-join.ts'
import type { BlockSync } from './block-sync.ts'
import { createTxRelay } from './tx-relay.ts'
import type { TxRelay } from './tx-relay.ts'

/** What the outside (api.ts, node.ts) sees of the assembled chain. */
export type ChainNode = Pick<
  ChainBase,
  | 'options'
  | 'head'
  | 'consensus'
  | 'chain'
  | 'state'
  | 'tree'
  | 'sets'
  | 'executor'
  | 'mempool'
  | 'signer'
  | 'signing'
  | 'witness'
  | 'evidence'
> & {
  readonly desk: AdmissionDesk
  readonly intake: Intake
  readonly link: ConsensusLink
  readonly sync: BlockSync
  /** Takes evidence against a validator and tells everyone; a Failure names what is wrong with it. */
  readonly offerEvidence: ConsensusParts['offerEvidence']
  readonly publishTransaction: (txId: TxId, wire: Uint8Array) => void
  /** True once this node has heard enough to sign after its start (W9). */
  readonly isGuardOpen: () => boolean
  /** Inputs and tasks that wait in the loop. */
  readonly queueLength: () => number
  /** Puts work into the serial loop, where it never falls between a write and the move of the head. */
  readonly runTask: (task: () => void | Promise<void>) => void
  /** Called after each durable commit, in order. */
  readonly onCommit: (listener: (candidate: Candidate) => void) => () => void
  /** Works out anew who may connect. */
  readonly allowPeers: () => void
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Opens the chain and builds its parts; nothing is sent or signed before `start`. Throws NodeError for disk and genesis. */
export async function createChainNode(given: ChainNodeOptions): Promise<ChainNode> {
  // The process takes its time to end; what signs and what plans must end at once.
  const halt = (): void => {
    parts.pacer.stop()
    parts.effects.cancelTimers()
    void parts.driver.stop()
  }
  const onFatal = (error: unknown): void => {
    halt()
    given.onFatal(error)
  }
  const options: ChainNodeOptions = { ...given, onFatal }
  const base = await openChainBase(options)
  const desk = buildDesk(base, () => parts.pacer.onTransaction())
  const bodies = createBodies({
    findWaiting: base.mempool.get,
    checkBytes: desk.checkBytes,
    isPinned: (blockId) => isPointedAt(base.consensus, blockId),
    onDropped: ({ staged }) => base.tree.discard(staged),
  })
  const intake = createIntake({ clock: options.clock, admit: (wire) => admitOrEnd(options, desk, wire) })
  const relay = createTxRelay({ clock: options.clock, network: options.network, intake, isWaiting: base.mempool.has })
  const parts = buildConsensus(base, desk, bodies)
  const joined = join(base, { relay, bodies, parts })
  const { driver, effects, link, sync, pacer, beginHeight } = parts
  return {
    ...base,
    desk,
    intake,
    link,
    sync,
    offerEvidence: parts.offerEvidence,
    publishTransaction: relay.publish,
    isGuardOpen: parts.isGuardOpen,
    queueLength: driver.queueLength,
    allowPeers: () => allowPeers(base),
    runTask: driver.runTask,
    onCommit(listener) {
      base.listeners.add(listener)
      return () => void base.listeners.delete(listener)
    },
    async start() {
      allowPeers(base)
      beginHeight()
      base.heightLog.replay({ offerBlock: bodies.offerBlock, enqueue: (input) => driver.enqueue(input, true) })
      await joined.start()
    },
    async stop() {
      pacer.stop()
      intake.stop()
      base.proofs.stop()
      relay.stop()
      effects.cancelTimers()
      await joined.stop()
      await driver.stop()
      parts.fetcher.clear()
      base.heightLog.close()
    },
  }
}

function countAdmission({ metrics }: ChainNodeOptions, outcome: Outcome): Outcome {
  if (isFailure(outcome)) metrics.admission.inc({ result: 'refused', code: outcome.code })
  else metrics.admission.inc({ result: 'accepted', code: '' })
  return outcome
}

// A check reads the disk; one that cannot be read ends the node instead of the process.
function admitOrEnd(options: ChainNodeOptions, desk: AdmissionDesk, wire: Uint8Array): Outcome | Promise<Outcome> {
  const onFault = (error: unknown): Outcome => {
    options.onFatal(error)
    return failure(MempoolError.FULL)
  }
  try {
    const outcome = desk.admitLater(wire)
    if (!(outcome instanceof Promise)) return countAdmission(options, outcome)
    return outcome.then((found) => countAdmission(options, found)).catch(onFault)
  } catch (error) {
    return onFault(error)
  }
}

function isPointedAt({ lockedId, validId, pendingCommit, proposals, round }: ConsensusState, blockId: BlockId): boolean {
  return [lockedId, validId, pendingCommit?.blockId, proposals.get(round)?.proposal.blockId].includes(blockId)
}

function buildDesk(base: ChainBase, onAdmitted: () => void): AdmissionDesk {
  const { registry, genesis, clock } = base.options
  const { state, head, mempool, chain, executor } = base
  const { checkSignature, recall } = executor
  const isFinal = (txId: TxId): boolean => chain.placeOf(txId) !== null
  const judge: NonNullable<AdmissionParts['judge']> = (txs) => base.proofs.judge('waiting', txs)
  const parts = { registry, genesis, state, head, clock, mempool, checkSignature, recall, judge, isFinal, onAdmitted }
  return createAdmissionDesk(parts)
}

/** Seconds between two repetitions of waiting evidence. */
const EVIDENCE_TICKS = 10

function join(base: ChainBase, others: { relay: TxRelay; bodies: Bodies; parts: ConsensusParts }): Joined {
  const { relay, bodies, parts } = others
  const { network, clock, log, genesis, version, metrics } = base.options
  const { head, chain, presence, consensus } = base
  let ticks = 0
  const answers = createAnswers({ chain, bodies, head, status: () => joined.status() })
  const joined: Joined = joinNetwork({
    network,
    clock,
    log,
    genesis,
    version,
    head,
    relay,
    presence,
    witness: base.witness,
    link: parts.link,
    sync: parts.sync,
    oldestHeight: chain.oldestHeight,
    answer: (protocol, request) =>
      protocol === 'snap' ? (base.options.answerSnap?.(request) ?? null) : answers(protocol, request),
    countMessage: (topic, verdict) => metrics.messages.inc({ topic, verdict }),
    onPeersChanged: parts.pacer.onPeersChanged,
    onFatal: base.options.onFatal,
    onTick: () => {
      if (++ticks % EVIDENCE_TICKS === 0) parts.repeatEvidence()
      const blockId = committedButInvalid(consensus)
      if (blockId === null) return
      log.error('A quorum committed a block that is not valid here; this node stands still', {
        height: head().height + 1,
        blockId,
      })
    },
  })
  return joined
}
