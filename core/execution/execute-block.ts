// Owns: a block's transactions in order on one overlay: receipts and state changes. Not here: headers, the tree, disk.
import type { Failure } from '../base/errors.ts'
import { failure, isFailure } from '../base/errors.ts'
import { assert } from '../base/assert.ts'
import { ZERO_HASH } from '../base/ids.ts'
import { LIMITS } from '../base/limits.ts'
import type { RecoveryContent } from '../chain/recovery.ts'
import type { ChainEvent, Receipt } from '../chain/receipt.ts'
import type { SignatureCheck } from '../chain/certificate.ts'
import { createOverlay } from '../state/overlay.ts'
import type { Overlay, StateChange } from '../state/overlay.ts'
import type { ReadView } from '../state/view.ts'
import { applyTransaction, createApplyContext } from './apply.ts'
import type { CheckedTransaction, Recall } from './check.ts'
import { EnvelopeError } from './errors.ts'
import type { BlockEnv, BlockFacts, EvidenceCall, ModuleDefinition } from './module.ts'
import { isRoomFault, runRoom } from './room-fault.ts'
import type { RoomFault } from './room-fault.ts'
import type { Registry } from './registry.ts'

/** A block while it is being executed, by its proposer (who may leave transactions out) or by a validator (who may not). */
export type BlockRun = {
  readonly view: Overlay
  readonly block: BlockEnv
  /** Takes one more evidence record, before the first transaction; a Failure means that it may not stand here. */
  readonly addEvidence: (bytes: Uint8Array) => Failure | null
  /** Runs one more transaction; a Failure means that it may not stand here and nothing changed. */
  readonly add: (checked: CheckedTransaction) => Receipt | Failure
  /** Ends the block. Receipts stand in transaction order; what fell due and what evidence led to come last, under the zero id. */
  readonly finish: () => BlockResult
}

/** What executing gave: receipts in order, changed records by key, and the state after the block. */
export type BlockResult = {
  readonly receipts: readonly Receipt[]
  readonly changes: readonly StateChange[]
  readonly view: ReadView
  /** Where a room's own code threw; for the log, never for the state. */
  readonly faults: readonly RoomFault[]
}

/** Opens a block on a base state: the rooms' due work runs first, in registry order. */
export function beginBlock(start: {
  registry: Registry
  base: ReadView
  block: BlockEnv
  /** Null where a transaction is only tried out. */
  facts: BlockFacts | null
  checkSignature: SignatureCheck
  /** Remembers verdicts of costly checks, where something does. */
  recall?: Recall | undefined
  /** The recovery that this block begins with (G11). */
  recovery?: RecoveryContent | null
}): BlockRun {
  const { registry, base, block, facts, checkSignature, recall } = start
  const view = createOverlay(base)
  const receipts: Receipt[] = []
  const dueEvents: ChainEvent[] = []
  const evidenceEvents: ChainEvent[] = []
  const faults: RoomFault[] = []
  const onFault = (fault: RoomFault): void => void faults.push(fault)
  const { recovery } = start
  // No room fault here: the city replaced its validators, and a block that cannot carry that out must not be made.
  if (recovery !== undefined && recovery !== null)
    registry.applyRecovery(createApplyContext(view, dueEvents, LIMITS.dueEventsMax), recovery)
  for (const room of registry.modules) runDueWork(room, { view, block, facts, dueEvents, onFault })
  return {
    view,
    block,
    addEvidence(bytes) {
      assert(receipts.length === 0, 'evidence stands before the transactions')
      return takeEvidence(registry, { view, events: evidenceEvents, onFault }, { bytes, block, checkSignature })
    },
    add(checked) {
      const outcome = applyTransaction({ registry, view, block, checkSignature, recall, onFault }, checked)
      if (!isFailure(outcome)) receipts.push(outcome)
      return outcome
    },
    finish() {
      return {
        receipts: [...receipts, ...dueReceipts(dueEvents), ...dueReceipts(evidenceEvents)],
        changes: view.diff(),
        view,
        faults,
      }
    },
  }
}

type DueWork = {
  view: Overlay
  block: BlockEnv
  facts: BlockFacts | null
  dueEvents: ChainEvent[]
  onFault: (fault: RoomFault) => void
}

// A room whose due work throws changes nothing in this block; it is asked again in the next.
function runDueWork(room: ModuleDefinition, { view, block, facts, dueEvents, onFault }: DueWork): void {
  const { beginBlock } = room
  if (beginBlock === undefined) return
  const told = dueEvents.length
  view.checkpoint()
  const fault = runRoom(room.name, () => beginBlock(createApplyContext(view, dueEvents, LIMITS.dueEventsMax), block, facts))
  if (isRoomFault(fault)) {
    view.revert()
    dueEvents.length = told
    onFault(fault)
  } else view.release()
}

type EvidenceWork = { view: Overlay; events: ChainEvent[]; onFault: (fault: RoomFault) => void }

function takeEvidence(registry: Registry, { view, events, onFault }: EvidenceWork, call: EvidenceCall): Failure | null {
  const told = events.length
  view.checkpoint()
  const outcome = runRoom('evidence', () =>
    registry.takeEvidence(createApplyContext(view, events, LIMITS.evidenceEventsMax), call),
  )
  if (outcome === null) {
    view.release()
    return null
  }
  view.revert()
  events.length = told
  if (!isRoomFault(outcome)) return outcome
  onFault(outcome)
  return failure(EnvelopeError.EXECUTION_FAULT)
}

function dueReceipts(events: readonly ChainEvent[]): readonly Receipt[] {
  const receipts: Receipt[] = []
  for (let at = 0; at < events.length; at += LIMITS.eventsPerTxMax) {
    receipts.push({ txId: ZERO_HASH, code: 0, events: events.slice(at, at + LIMITS.eventsPerTxMax) })
  }
  return receipts
}

/** Executes a proposed or synced block: one transaction or evidence record that may not stand makes the whole block invalid. */
export function executeBlock(start: {
  registry: Registry
  base: ReadView
  block: BlockEnv
  facts: BlockFacts | null
  checkSignature: SignatureCheck
  recall?: Recall | undefined
  evidence?: readonly Uint8Array[]
  recovery?: RecoveryContent | null
  txs: readonly CheckedTransaction[]
}): BlockResult | Failure {
  const run = beginBlock(start)
  for (const bytes of start.evidence ?? []) {
    const refused = run.addEvidence(bytes)
    if (refused !== null) return refused
  }
  for (const checked of start.txs) {
    const outcome = run.add(checked)
    if (isFailure(outcome)) return outcome
  }
  return run.finish()
}
