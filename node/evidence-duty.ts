// Owns: what a node does about evidence: takes it from wherever it comes, tells everyone, sounds the alarm, stops where it is
// against itself. Not here: keeping it (evidence-pool.ts), judging it (modules/governance).
import { must } from '../core/base/assert.ts'
import { equalBytes } from '../core/base/bytes.ts'
import { isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import type { Address, Height } from '../core/base/ids.ts'
import { decodeEvidence, encodeEvidence, offenceOf } from '../core/chain/evidence.ts'
import { validatorOf } from '../core/chain/validator-set.ts'
import { signerOf } from '../core/chain/vote.ts'
import type { Misbehaviour } from '../consensus/effect.ts'
import type { ChainBase } from './chain-base.ts'
import type { ConsensusPublisher } from './consensus-publisher.ts'
import type { Offered } from './evidence-pool.ts'
import type { Candidate } from './executor.ts'
import type { Pacer } from './pacer.ts'

/** Whom new evidence is told. */
export type EvidenceWays = {
  readonly publisher: Pick<ConsensusPublisher, 'publishEvidence'>
  readonly pacer: Pick<Pacer, 'onTransaction'>
}

/** The machine saw two messages that contradict each other. */
export function onMisbehaviour(base: ChainBase, ways: EvidenceWays, misbehaviour: Misbehaviour): void {
  const { kind, first } = misbehaviour
  const { metrics, log } = base.options
  const author = 'proposer' in first ? first.proposer : first.validator
  const { height, round } = first
  if (author === base.signer()?.authority) {
    if (height > base.signing.closedUpTo()) base.signing.stop('twin', `${kind} at height ${height}`, height)
    return
  }
  const validator = base.head().set.validators.find((entry) => entry.authority === author)?.name ?? 'unknown'
  base.witness.onMisbehaviour(author)
  metrics.evidence.inc({ validator })
  base.options.onEvidence?.(misbehaviour)
  log.error('Validator signed conflicting messages', { kind, validator, height, round })
  const offered = offerEvidence(base, ways, encodeEvidence(misbehaviour))
  if (isFailure(offered) && offered.class === 'malformed') log.error('Evidence found here is not valid', { ...offered })
}

/** Takes evidence; whoever has new one tells all once, and what still waits is told again from time to time (chain-node.ts). */
export function offerEvidence(base: ChainBase, ways: EvidenceWays, bytes: Uint8Array): Offered | Failure {
  const offered = base.evidence.offer(bytes)
  if (isFailure(offered) || !offered.isNew) return offered
  const { validator, height } = offenceOf(must(decodeEvidence(bytes), 'judged evidence is readable'))
  // Both messages carry our signature and this process guards against making them: another one signs with our key.
  if (isOurKey(base, { validator, height }) && height > base.signing.closedUpTo())
    base.signing.stop('twin', `evidence of height ${height}`, height)
  ways.publisher.publishEvidence(bytes)
  ways.pacer.onTransaction()
  return offered
}

// What a key did that the seat no longer has says nothing about the one that signs now: whoever holds a rotated key could else
// silence its seat, or all of them.
function isOurKey({ signer, head, options, state }: ChainBase, at: { validator: Address; height: Height }): boolean {
  if (at.validator !== signer()?.authority) return false
  const now = validatorOf(head().set, at.validator)
  const then = options.registry.readSetAt(state, at.height)
  const accused = then === null ? null : validatorOf(then, at.validator)
  return now === null || accused === null || equalBytes(now.publicKey, accused.publicKey)
}

/** How the sender of evidence lied, or null: what depends on how far this node is says nothing about the sender. */
export function lieIn(offered: Offered | Failure): string | null {
  return isFailure(offered) && offered.class === 'malformed' ? `evidence that proves nothing: ${offered.code}` : null
}

/** Sounds the alarm for what a final block put on record: it is public and stays, and people must look at it at once. */
export function tellEvidence({ options }: ChainBase, { block }: Candidate): void {
  for (const bytes of block.evidence) {
    const { kind, first } = must(decodeEvidence(bytes), 'a final block holds readable evidence')
    options.metrics.evidenceRecorded.inc({ kind })
    const { height, round } = first
    options.log.error('ALARM: an offence of a validator is on record', { kind, validator: signerOf(first), height, round })
  }
}
