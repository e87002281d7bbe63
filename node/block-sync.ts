// Owns: carrying out block sync: ask, verify certificate and link, execute, commit through the one door.
// Not here: whom to ask (sync/machine.ts).
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
import { isBodySound } from './bodies.ts'
import type { ChainHead } from './chain-head.ts'
import { executeCandidate, expectedRecovery } from './executor.ts'
import type { Candidate, ExecutorParts } from './executor.ts'
import type { Logger } from './logger.ts'
import type { Clock, Network, PeerId } from './ports.ts'
import { bestPeerHeight, createSyncState, stepSync } from './sync/machine.ts'
import type { SyncEffect, SyncInput } from './sync/machine.ts'

/** A question for blocks from a height upward, at most `count` of them. */
export const BlocksRequestSchema = struct({ from: u53, count: u32 })
/** Each entry: an encoded block and the certificate that made it final. */
export const BlocksAnswerSchema = list(
  struct({ block: bytes(BLOCK_ENCODED_BYTES_MAX), certificate: CertificateSchema }),
  LIMITS.syncBlocksMax,
)

/** What sync asks, executes and commits with; `runTask` puts work into the serial loop. */
export type SyncParts = {
  readonly executor: ExecutorParts
  readonly network: Pick<Network, 'request' | 'penalise'>
  readonly clock: Clock
  readonly runTask: (task: () => void | Promise<void>) => void
  readonly commit: (candidate: Candidate, certificate: Certificate) => Promise<void>
  readonly log: Logger
}

/** Block sync as the other parts see it. */
export type BlockSync = {
  readonly tell: (input: SyncInput) => void
  readonly bestPeerHeight: () => Height
  /** True while a peer claims a height more than one above ours. */
  readonly isBehind: () => boolean
}

const TIMEOUT_MS = 15_000

/** Builds block sync; it lives as long as the node, never as a phase. */
export function createBlockSync(parts: SyncParts): BlockSync {
  const state = createSyncState(parts.executor.head().height, parts.clock.nowMs())
  const tell = (input: SyncInput): void => {
    for (const effect of stepSync(state, input)) perform(effect)
  }
  const perform = (effect: SyncEffect): void => {
    if (effect.kind === 'reportPeer') parts.network.penalise(effect.peer, effect.reason)
    else void performRequest(parts, tell, effect)
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
    parts.runTask(() => applyAnswer(parts, tell, { peer, from, answer }))
  } catch (error) {
    const kind = error instanceof CodecError ? 'lied' : 'failed'
    tell({ kind, peer, nowMs: parts.clock.nowMs() })
  }
}

type Answered = { readonly peer: PeerId; readonly from: Height; readonly answer: readonly Entry[] }
/** `lied` proves a fault of the sender, `failed` does not. */
type Refused = { readonly kind: 'lied' | 'failed'; readonly reason: string }

function lied(reason: string): Refused {
  return { kind: 'lied', reason }
}

type Entry = { readonly block: Uint8Array; readonly certificate: Certificate }

// One task for the whole answer: consensus inputs wait, so the height has one owner at a time (W10).
async function applyAnswer(parts: SyncParts, tell: Tell, { peer, from, answer }: Answered): Promise<void> {
  for (const [index, entry] of answer.entries()) {
    const height = from + index
    // What consensus brought meanwhile is not taken twice; anything but the blocks asked for, in order, is a lie.
    if (entry.certificate.height === height && height <= parts.executor.head().height) continue
    const refused = entry.certificate.height === height ? await applyOne(parts, entry) : lied('not the height that was asked for')
    if (refused === null) continue
    parts.log[refused.kind === 'lied' ? 'warn' : 'error']('Synced block refused', { peer, height, reason: refused.reason })
    tell({ kind: refused.kind, peer, nowMs: parts.clock.nowMs() })
    return
  }
  tell({ kind: 'answered', peer, blocks: answer.length, nowMs: parts.clock.nowMs() })
}

async function applyOne(parts: SyncParts, entry: Entry): Promise<Refused | null> {
  const { executor } = parts
  const { certificate } = entry
  const head = executor.head()
  const block = decodeOrNull(entry.block)
  if (block === null) return lied('a block that is not in canonical form')
  const fits =
    certificate.type === 'precommit' && certificate.height === head.height + 1 && certificate.blockId === blockIdOf(block.header)
  if (!fits) return lied('the certificate is not for this block')
  const unknown = unknownRecovery(head, block)
  if (unknown !== null) return { kind: 'failed', reason: unknown }
  const refused = checkCertificate({
    chainId: executor.genesis.chainId,
    set: head.set,
    certificate,
    checkSignature: executor.checkSignature,
  })
  if (refused !== null) return lied(refused)
  if (!isBodySound(block)) return lied('the body is not the one that the header commits to')
  const outcome = executeCandidate(executor, block, () => null)
  // A quorum signed this very block: whoever sent it told the truth, and either this node or a quorum computes wrongly.
  if (typeof outcome === 'string') return { kind: 'failed', reason: `final by its certificate but not valid here: ${outcome}` }
  await parts.commit(outcome, certificate)
  return null
}

// Who signs such a height is not for a peer to say: the operator must bring the file.
function unknownRecovery(head: ChainHead, { header }: Block): string | null {
  if (header.recoveryHash === expectedRecovery(head)) return null
  return header.recoveryHash === null
    ? `height ${header.height} of the old validators, which a recovery has replaced here`
    : `height ${header.height} begins with recovery 0x${header.recoveryHash}: get its file and start with --recovery`
}

function decodeOrNull(encoded: Uint8Array): Block | null {
  try {
    return decode(BlockSchema, encoded, BLOCK_ENCODED_BYTES_MAX)
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}
