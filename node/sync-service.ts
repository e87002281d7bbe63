// Owns: carrying out block sync: ask, verify certificate and link, execute, commit through the one door. Not here: whom to ask (sync/machine.ts).
import { CodecError } from '../core/base/errors.ts'
import type { Height } from '../core/base/ids.ts'
import { LIMITS } from '../core/base/limits.ts'
import { BLOCK_ENCODED_BYTES_MAX, BlockSchema, blockIdOf } from '../core/chain/block.ts'
import type { Block } from '../core/chain/block.ts'
import { CertificateSchema, checkCertificate } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { list, struct } from '../core/codec/compound.ts'
import { bytes, u32, u53 } from '../core/codec/fields.ts'
import { decode, encode } from '../core/codec/schema.ts'
import { executeCandidate } from './executor.ts'
import type { Candidate, ExecutorParts } from './executor.ts'
import type { Logger } from './logger.ts'
import type { Clock, Network, PeerId } from './ports.ts'
import { bestPeerHeight, createSyncState, stepSync } from './sync/machine.ts'
import type { SyncEffect, SyncInput } from './sync/machine.ts'

export const BlocksRequestSchema = struct({ from: u53, count: u32 })
/** Each entry: an encoded block and the certificate that made it final. */
export const BlocksAnswerSchema = list(
  struct({ block: bytes(BLOCK_ENCODED_BYTES_MAX), certificate: CertificateSchema }),
  LIMITS.syncBlocksMax,
)

export type SyncParts = {
  readonly executor: ExecutorParts
  readonly network: Pick<Network, 'request' | 'penalise'>
  readonly clock: Clock
  readonly runTask: (task: () => void | Promise<void>) => void
  readonly commit: (candidate: Candidate, certificate: Certificate) => Promise<void>
  readonly log: Logger
}

export type SyncService = {
  readonly tell: (input: SyncInput) => void
  readonly bestPeerHeight: () => Height
  /** True while a peer claims a height more than one above ours. */
  readonly isBehind: () => boolean
}

const TIMEOUT_MS = 15_000

/** Builds the service; it lives as long as the node, never as a phase. */
export function createSyncService(parts: SyncParts): SyncService {
  const state = createSyncState(parts.executor.head().height, parts.clock.nowMs())
  const tell = (input: SyncInput): void => {
    for (const effect of stepSync(state, input)) perform(effect)
  }
  const perform = (effect: SyncEffect): void => {
    if (effect.kind === 'reportPeer') return parts.network.penalise(effect.peer, effect.reason)
    void performRequest(parts, tell, effect)
  }
  return {
    tell,
    bestPeerHeight: () => bestPeerHeight(state),
    isBehind: () => bestPeerHeight(state) > parts.executor.head().height + 1,
  }
}

type Tell = (input: SyncInput) => void

async function performRequest(
  parts: SyncParts,
  tell: Tell,
  effect: Extract<SyncEffect, { kind: 'requestBlocks' }>,
): Promise<void> {
  const { peer, from, count } = effect
  try {
    const raw = await parts.network.request(peer, 'blocks', encode(BlocksRequestSchema, { from, count }), TIMEOUT_MS)
    const answer = decode(BlocksAnswerSchema, raw, LIMITS.syncResponseBytesMax)
    parts.runTask(() => applyAnswer(parts, tell, peer, answer))
  } catch (error) {
    const kind = error instanceof CodecError ? 'lied' : 'failed'
    tell({ kind, peer, nowMs: parts.clock.nowMs() })
  }
}

type Entry = { readonly block: Uint8Array; readonly certificate: Certificate }

// One task for the whole answer: consensus inputs wait, so the height has one owner at a time (W10).
async function applyAnswer(parts: SyncParts, tell: Tell, peer: PeerId, answer: readonly Entry[]): Promise<void> {
  let applied = 0
  for (const entry of answer) {
    const head = parts.executor.head()
    if (entry.certificate.height <= head.height) continue
    const refused = await applyOne(parts, entry)
    if (refused !== null) {
      parts.log.warn('Synced block refused', { peer, height: head.height + 1, reason: refused })
      return tell({ kind: 'lied', peer, nowMs: parts.clock.nowMs() })
    }
    applied++
  }
  tell({ kind: 'answered', peer, blocks: answer.length === 0 ? 0 : Math.max(1, applied), nowMs: parts.clock.nowMs() })
}

async function applyOne(parts: SyncParts, entry: Entry): Promise<string | null> {
  const { executor } = parts
  const { certificate } = entry
  const head = executor.head()
  const block = decodeOrNull(entry.block)
  if (block === null) return 'a block that is not in canonical form'
  const fits =
    certificate.type === 'precommit' && certificate.height === head.height + 1 && certificate.blockId === blockIdOf(block.header)
  if (!fits) return 'the certificate is not for this block'
  const refused = checkCertificate({
    chainId: executor.genesis.chainId,
    set: head.set,
    certificate,
    checkSignature: executor.checkSignature,
  })
  if (refused !== null) return refused
  const outcome = executeCandidate(executor, block, () => null)
  if (typeof outcome === 'string') return outcome
  await parts.commit(outcome, certificate)
  return null
}

function decodeOrNull(encoded: Uint8Array): Block | null {
  try {
    return decode(BlockSchema, encoded, BLOCK_ENCODED_BYTES_MAX)
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}
