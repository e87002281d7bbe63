// Owns: what a running node tells the doctor about itself. Not here: files and machine (measure.ts), judging (checks.ts).
import { certificateSigners } from '../../core/chain/certificate.ts'
import type { ChainNode } from '../chain-node.ts'
import type { NodeConfig } from '../config.ts'
import { concludeFrom } from '../diagnosis/facts.ts'
import { activeJournal, lookAround } from '../diagnosis/look.ts'
import { listPeers } from '../health.ts'
import type { RunningFacts } from './facts.ts'
import { flattenConfig } from './flat-config.ts'

/** What is asked. */
export type RunningParts = {
  readonly chainNode: ChainNode
  readonly config: NodeConfig
  readonly rpc: () => RunningFacts['rpc']
  readonly store: () => Pick<RunningFacts, 'storeBytes' | 'storeReclaimableBytes' | 'storeGrowthBytesPerDay'>
}

const BLOCKS = 100

/** The facts of this moment. */
export function tellDoctor(parts: RunningParts): RunningFacts {
  const { chainNode, config } = parts
  const { options, chain, signing, witness } = chainNode
  const { set, params, header, height } = chainNode.head()
  const seen = lookAround(chainNode)
  const peers = listPeers(chainNode)
  const validators = peers.filter(({ name }) => name !== null)
  const measured = seen.validators.some(({ contact, clockOffsetMs }) => contact !== 'self' && clockOffsetMs !== null)
  const pause = signing.pause()
  let roundsAboveZero = 0
  let ownSignedHeight: number | null = null
  const from = Math.max(1, height - BLOCKS + 1)
  for (let at = height; at >= from; at--) {
    const certificate = chain.certificateAt(at)
    if (certificate === null) break
    if (certificate.round > 0) roundsAboveZero++
    // By the set of that height: bits count in the order of those who signed.
    const signers = certificateSigners(chainNode.sets.at(at), certificate) ?? []
    if (ownSignedHeight === null && signers.some(({ name }) => name === seen.self.name)) ownSignedHeight = at
  }
  return {
    version: options.version,
    isValidator: seen.self.isValidator,
    quorum: set.quorum,
    validatorCount: set.validators.length,
    connected: validators.flatMap(({ name }) => (name === null ? [] : [name])),
    hasInbound: validators.some(({ direction }) => direction === 'in'),
    versions: Object.fromEntries(
      set.validators.flatMap(({ name, peerId }) => {
        const version = witness.peer(peerId)?.version ?? null
        return version === null ? [] : [[name, version]]
      }),
    ),
    clockOffsetMs: measured ? concludeFrom(seen).clockOffsetMs : null,
    roundsAboveZero,
    blocksLooked: height === 0 ? 0 : height - from + 1,
    headAgeMs: Math.max(0, options.clock.nowMs() - header.time),
    blockIntervalMs: params.blockIntervalMs,
    heartbeatMs: params.heartbeatMs,
    twin: pause?.reason === 'twin' ? pause.text : null,
    pause: pause?.text ?? null,
    ownSignedHeight,
    journalHeight: activeJournal(chainNode)?.state().last?.height ?? null,
    rpc: parts.rpc(),
    ...parts.store(),
    config: flattenConfig(config),
    plannedUpgradeMs: null,
  }
}
