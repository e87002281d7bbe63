// Owns: which evidence a block may bring in, its record and its consequence (consensus.md 4, G8 and G9).
// Not here: finding and carrying it (consensus, node/evidence-pool.ts), what a pair proves (core/chain/evidence.ts).
import { equalBytes, toHex } from '../../core/base/bytes.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { LIMITS } from '../../core/base/limits.ts'
import type { Address, Height } from '../../core/base/ids.ts'
import { conflictOf, decodeEvidence, isSignedBy, offenceId, offenceOf } from '../../core/chain/evidence.ts'
import type { Evidence } from '../../core/chain/evidence.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { ApplyContext, BlockEnv, EvidenceCall } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { GovernanceError } from './errors.ts'
import { EvidenceRecorded } from './evidence-events.ts'
import type { Consequence } from './evidence-schema.ts'
import { culprits, evidenceIds, evidenceRecords, evidenceWindow } from './evidence-store.ts'
import { readValidatorsAt } from './epochs.ts'
import { readValidators } from './keeper.ts'
import { recoveries } from './recovery-store.ts'
import { isBarred } from './sanction-list.ts'
import { suspend } from './suspension.ts'

type Judged = { readonly evidence: Evidence; readonly validator: Validator }

/** Why a block may not bring in this evidence, or null. */
export function checkEvidence(view: ReadView, call: EvidenceCall): Failure | null {
  const judged = judge(view, call)
  return isFailure(judged) ? judged : null
}

/** Records the offence and carries out its consequence, or says why it may not and changes nothing. */
export function takeEvidence(context: ApplyContext, call: EvidenceCall): Failure | null {
  const judged = judge(context.view, call)
  if (isFailure(judged)) return judged
  record(context, judged, call)
  return null
}

// The cheap questions first: whoever repeats what is known must not cost two signature checks.
function judge(view: ReadView, { bytes, block, checkSignature }: EvidenceCall): Judged | Failure {
  const evidence = decodeEvidence(bytes)
  if (evidence === null) return failure(GovernanceError.EVIDENCE_MALFORMED, { reason: 'not the canonical form of evidence' })
  const harmless = conflictOf(evidence)
  if (harmless !== null) return failure(GovernanceError.EVIDENCE_MALFORMED, { reason: harmless })
  const offence = offenceOf(evidence)
  const { horizon } = evidenceWindow.mustGet(view, null)
  if (offence.height > block.height) return failure(GovernanceError.EVIDENCE_EARLY, { height: offence.height })
  if (offence.height <= horizon) return failure(GovernanceError.EVIDENCE_EXPIRED, { height: offence.height, horizon })
  const evidenceId = offenceId(offence)
  if (evidenceRecords.has(view, evidenceId)) return failure(GovernanceError.EVIDENCE_KNOWN, { evidenceId: `0x${evidenceId}` })
  if (isVoidLock(view, evidence)) return failure(GovernanceError.EVIDENCE_MALFORMED, { reason: 'a recovery ended that lock' })
  const validator = validatorAt(view, offence)
  if (validator === null) return failure(GovernanceError.EVIDENCE_NOT_VALIDATOR, { height: offence.height })
  const isEnough = offencesOf(view, validator) >= LIMITS.evidencePerKeyMax
  if (isEnough && !isUnpunished(view, { evidence, validator }, block)) return failure(GovernanceError.EVIDENCE_ENOUGH)
  const { publicKey } = validator
  if (isSignedBy(evidence, { chainId: block.chainId, publicKey, checkSignature })) return { evidence, validator }
  return failure(GovernanceError.EVIDENCE_FORGED, { validator: validator.name })
}

// A recovery begins its height in a later round; a validator of both sets is free of what it was locked on before.
function isVoidLock(view: ReadView, evidence: Evidence): boolean {
  const recovery = recoveries.get(view, evidence.first.height)
  return evidence.kind === 'amnesia' && recovery !== null && evidence.first.round < recovery.firstRound
}

// By the key of that height: a seat stays answerable for its old keys (G6).
function validatorAt(view: ReadView, at: { validator: Address; height: Height }): Validator | null {
  return readValidatorsAt(view, at.height)?.find((validator) => validator.authority === at.validator) ?? null
}

function offencesOf(view: ReadView, { publicKey }: Validator): number {
  return culprits.get(view, toHex(publicKey))?.offences ?? 0
}

function record(context: ApplyContext, { evidence, validator }: Judged, { block }: EvidenceCall): void {
  const { view, emit } = context
  const window = evidenceWindow.mustGet(view, null)
  const offence = offenceOf(evidence)
  const evidenceId = offenceId(offence)
  const consequence = punish(context, { evidence, validator }, block)
  const number = window.total
  const { publicKey } = validator
  const recordedTime = block.time
  evidenceRecords.set(view, evidenceId, {
    number,
    evidence,
    publicKey,
    recordedAt: block.height,
    recordedTime,
    consequence,
  })
  evidenceIds.set(view, number, { evidenceId })
  evidenceWindow.set(view, null, { ...window, total: number + 1 })
  culprits.set(view, toHex(publicKey), { offences: offencesOf(view, validator) + 1 })
  emit(EvidenceRecorded, { evidenceId, ...offence, consequence })
}

// A culprit must not buy itself off with offences that suspend nobody: the first one that does is always taken.
function isUnpunished(view: ReadView, judged: Judged, block: BlockEnv): boolean {
  return isPunishable(view, judged, block) && !isBarred(view, judged.validator.authority)
}

/**
 * G9. Amnesia suspends only where the chain's parameters say so: its proof rests on the strict lock rule. An old key's offence is
 * recorded and no more: the seat has another key now, which did nothing.
 */
function isPunishable(view: ReadView, { evidence, validator }: Judged, block: BlockEnv): boolean {
  const seat = readValidators(view).find((other) => other.authority === validator.authority)
  const isPresent = seat !== undefined && equalBytes(seat.publicKey, validator.publicKey)
  return isPresent && (evidence.kind !== 'amnesia' || block.params.amnesiaSuspends)
}

function punish(context: ApplyContext, judged: Judged, block: BlockEnv): Consequence {
  const { authority } = judged.validator
  const outcome = isPunishable(context.view, judged, block) ? suspend(context, authority, block) : 'none'
  return outcome === 'none' ? 'recorded' : outcome
}
