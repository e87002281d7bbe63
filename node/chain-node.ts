// Owns: one validator's or observer's chain: every part built once, in order, and joined to the network. Not here: configuration,
// JSON-RPC, processes (node.ts).
import type { TxId } from '../core/base/ids.ts'
import { committedButInvalid } from '../consensus/progress.ts'
import { createAdmissionDesk } from './admission-desk.ts'
import type { AdmissionDesk } from './admission-desk.ts'
import { createAnswers } from './answers.ts'
import { createBodies } from './bodies.ts'
import type { Bodies } from './bodies.ts'
import { openChainBase } from './chain-base.ts'
import type { ChainBase, ChainNodeOptions } from './chain-base.ts'
import { buildConsensus } from './chain-consensus.ts'
import type { ConsensusParts } from './chain-consensus.ts'
import type { ConsensusLink } from './consensus-link.ts'
import type { Candidate } from './executor.ts'
import { joinNetwork } from './network-join.ts'
import type { Joined } from './network-join.ts'
import type { SyncService } from './sync-service.ts'
import { createTxRelay } from './tx-relay.ts'
import type { TxRelay } from './tx-relay.ts'

/** What the outside (api.ts, node.ts) sees of the assembled chain. */
export type ChainNode = Pick<
  ChainBase,
  'options' | 'head' | 'consensus' | 'chain' | 'state' | 'tree' | 'executor' | 'mempool' | 'signer'
> & {
  readonly desk: AdmissionDesk
  readonly link: ConsensusLink
  readonly sync: SyncService
  readonly publishTransaction: (txId: TxId, wire: Uint8Array) => void
  /** Inputs and tasks that wait in the loop. */
  readonly queueLength: () => number
  /** Called after each durable commit, in order. */
  readonly onCommit: (listener: (candidate: Candidate) => void) => () => void
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Opens the chain and builds its parts; nothing is sent or signed before `start`. Throws NodeError where disk or genesis do not fit. */
export async function createChainNode(options: ChainNodeOptions): Promise<ChainNode> {
  const base = await openChainBase(options)
  const desk = buildDesk(base, () => parts.pacer.onTransaction())
  const bodies = createBodies({ findWaiting: base.mempool.get, checkBytes: desk.checkBytes })
  const relay = createTxRelay({ clock: options.clock, network: options.network, admit: desk.admit, isWaiting: base.mempool.has })
  const parts = buildConsensus(base, desk, bodies)
  const joined = join(base, { relay, bodies, parts })
  const { driver, effects, link, sync, pacer, beginHeight } = parts
  return {
    ...base,
    desk,
    link,
    sync,
    publishTransaction: relay.publish,
    queueLength: driver.queueLength,
    onCommit(listener) {
      base.listeners.add(listener)
      return () => void base.listeners.delete(listener)
    },
    async start() {
      options.network.setAllowed(options.allowed(base.head().set.validators))
      beginHeight()
      base.heightLog.replay({ offerBlock: bodies.offerBlock, enqueue: (input) => driver.enqueue(input, true) })
      await joined.start()
    },
    async stop() {
      pacer.stop()
      relay.stop()
      effects.cancelTimers()
      await joined.stop()
      await driver.stop()
      base.heightLog.close()
    },
  }
}

function buildDesk(base: ChainBase, onAdmitted: () => void): AdmissionDesk {
  const { registry, genesis, clock } = base.options
  const { state, head, mempool, chain, executor } = base
  const { checkSignature } = executor
  const isFinal = (txId: TxId): boolean => chain.placeOf(txId) !== null
  return createAdmissionDesk({ registry, genesis, state, head, clock, mempool, checkSignature, isFinal, onAdmitted })
}

function join(base: ChainBase, others: { relay: TxRelay; bodies: Bodies; parts: ConsensusParts }): Joined {
  const { relay, bodies, parts } = others
  const { network, clock, log, genesis, version, metrics } = base.options
  const { head, chain, presence, consensus } = base
  const joined: Joined = joinNetwork({
    network,
    clock,
    log,
    genesis,
    version,
    head,
    relay,
    presence,
    link: parts.link,
    sync: parts.sync,
    answer: createAnswers({ chain, bodies, head, status: () => joined.status() }),
    countMessage: (topic, verdict) => metrics.messages.inc({ topic, verdict }),
    onPeersChanged: parts.pacer.onPeersChanged,
    onTick: () => {
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
