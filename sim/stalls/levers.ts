// Owns: the ways in which a case breaks a network: power, links, clocks, disks, and what a machine keeps back or forges.
// Not here: which case pulls which lever (cases.ts).
import { toHex } from '../../core/base/bytes.ts'
import { must } from '../../core/base/assert.ts'
import { isFailure } from '../../core/base/errors.ts'
import { encodeConsensusMessage } from '../../consensus/message.ts'
import type { ConsensusMessage } from '../../consensus/message.ts'
import { initJournal } from '../../node/storage/journal.ts'
import { brokenBlock, hollowBlock, proposalFrame, siblingOf } from '../forge.ts'
import { DATA_DIR, SIGN_STATE, crashMachine, wallTimeOf } from '../machine.ts'
import type { Machine } from '../machine.ts'
import { startMachine } from '../machine-start.ts'
import type { Random } from '../prng.ts'
import { GENESIS_TIME_MS } from '../world.ts'
import type { StallStage, Tamper } from './stall-stage.ts'

const FOREVER_MS = 3_600_000

/** A machine of the stage. */
export function machineAt(stage: StallStage, index: number): Machine {
  return must(stage.machines[index], `machine ${index}`)
}

function tamperAt(stage: StallStage, index: number): Tamper {
  return must(stage.tampers[index], `machine ${index}`)
}

/** Processes end (their connections close), or machines lose power (nobody hears of it). */
export function stop(stage: StallStage, which: readonly number[], silent = false): void {
  for (const index of which) crashMachine(machineAt(stage, index), { mode: 'keep', silent })
}

/** Processes stop running and keep their connections. */
export function freeze(stage: StallStage, which: readonly number[]): void {
  for (const index of which) machineAt(stage, index).ailments.pausedUntilMs = stage.timeline.nowMs() + FOREVER_MS
}

/** Cuts every link between the group and the rest. */
export function cutOff(stage: StallStage, group: readonly number[]): void {
  for (const from of group) {
    for (const { index: to } of stage.machines) {
      if (group.includes(to)) continue
      stage.network.setCut(from, to, true)
      stage.network.setCut(to, from, true)
    }
  }
}

/** Wall clock off by so much; `null` stops it. */
export function turnClock(stage: StallStage, index: number, skewMs: number | null): void {
  const machine = machineAt(stage, index)
  if (skewMs === null) machine.ailments.frozenAtMs = wallTimeOf(machine)
  else machine.ailments.skewMs = skewMs
}

/** Kinds of own messages that a machine can keep to itself. */
export type Kept = 'proposal' | 'prevote' | 'precommit'

/** Own messages of these kinds do not leave. */
export function keepBack(stage: StallStage, index: number, kinds: readonly Kept[]): void {
  const own = must(stage.world.validators[index], 'a validator').address
  const isKept = (message: ConsensusMessage): boolean => {
    if (message.kind === 'proposal') return kinds.includes('proposal') && message.proposal.proposer === own
    if (message.kind === 'vote') return message.vote.validator === own && kinds.includes(message.vote.type)
    if (message.kind === 'votes') return message.votes.some((vote) => vote.validator === own && kinds.includes(vote.type))
    // A certificate may hold the very votes that are kept back.
    return !kinds.includes('proposal')
  }
  tamperAt(stage, index).out = (message, frame) => (isKept(message) ? [] : [frame])
}

/** How a liar's blocks are. */
export type Lie = 'broken' | 'hollow' | 'double'

/** Own fresh proposals are broken, without a body that anyone could fetch, or different for each half of the others. */
export function lieInProposals(stage: StallStage, index: number, lie: Lie): void {
  const forger = stage.forgerOf(index)
  const own = must(stage.world.validators[index], 'a validator').address
  const siblings = new Map<string, Uint8Array>()
  tamperAt(stage, index).out = (message, frame, to) => {
    if (message.kind !== 'proposal' || message.proposal.proposer !== own) return [frame]
    const { proposal, block } = message
    if (block === null || proposal.validRound !== -1) return []
    const key = `${proposal.height}.${proposal.round}`
    if (lie === 'double') {
      if (Number(to.slice(-1)) % 3 !== 1) return [frame]
      const sibling = siblings.get(key) ?? siblingFrame(stage, index, message)
      if (sibling !== null) siblings.set(key, sibling)
      return sibling === null ? [frame] : [sibling]
    }
    const known = siblings.get(key)
    const forged =
      known ??
      proposalFrame(forger, proposal, lie === 'broken' ? brokenBlock(block, FIRST) : hollowBlock(block, stage.random)).frame
    siblings.set(key, forged)
    return [forged]
  }
}

// Always the first of the ways to break a block: another state root.
const FIRST: Random = {
  below: () => 0,
  between: (low) => low,
  chance: () => false,
  pick: (from) => must(from[0], 'something to pick from'),
  shuffle: (from) => [...from],
  bytes: (length) => new Uint8Array(length).fill(7),
}

function siblingFrame(
  stage: StallStage,
  index: number,
  message: Extract<ConsensusMessage, { kind: 'proposal' }>,
): Uint8Array | null {
  const sibling = message.block === null ? null : siblingOf(stage.nodeOf(index), message.block, 1)
  return sibling === null ? null : proposalFrame(stage.forgerOf(index), message.proposal, sibling).frame
}

/** Every own vote leaves together with one for nil. */
export function voteTwice(stage: StallStage, index: number): void {
  const forger = stage.forgerOf(index)
  const own = must(stage.world.validators[index], 'a validator').address
  tamperAt(stage, index).out = (message, frame) => {
    if (message.kind !== 'vote' || message.vote.validator !== own || message.vote.blockId === null) return [frame]
    const { signature: _, ...content } = message.vote
    const nil = forger.vote({ ...content, blockId: null, validRound: -1 })
    return [frame, encodeConsensusMessage({ kind: 'vote', vote: nil })]
  }
}

/** Somebody shows a machine a vote under its own key that it never made. */
export function showForeignVote(stage: StallStage, victim: number, by: number): void {
  const { height, round } = stage.nodeOf(victim).consensus
  const validator = must(stage.world.validators[victim], 'a validator').address
  const content = { type: 'prevote', height, round: round + 5, blockId: null, validRound: -1, validator } as const
  const frame = encodeConsensusMessage({ kind: 'vote', vote: stage.forgerOf(victim).vote(content) })
  must(stage.ports[by] ?? null, 'a port').send(stage.world.peerIdOf(victim), 'consensus', frame)
}

/** The machine comes back with a sign state that signs nothing for a long time. */
export function quarantine(stage: StallStage, index: number, heights: number): void {
  const machine = machineAt(stage, index)
  const afterHeight = stage.nodeOf(index).head().height + heights
  crashMachine(machine, { mode: 'keep', silent: false })
  machine.disk.unlinkSync(SIGN_STATE)
  const { publicKey } = must(stage.world.validators[index], 'a validator')
  const { disk } = machine
  const place = { path: SIGN_STATE, chainTag: stage.world.chainTag, publicKeyHex: toHex(publicKey), disk }
  initJournal({ ...place, afterHeight, atMs: GENESIS_TIME_MS })
  disk.syncDirectorySync(DATA_DIR)
  void startMachine(machine)
}

/** Power on after the store is gone (or as it is), with requests that fail or are slow. */
export function returnAs(
  stage: StallStage,
  index: number,
  how: { forget?: boolean; refused?: Tamper['refused']; slowMs?: number },
): void {
  const machine = machineAt(stage, index)
  if (how.forget === true) machine.records = new Map()
  Object.assign(tamperAt(stage, index), { refused: how.refused ?? [], slowMs: how.slowMs ?? 0 })
  void startMachine(machine)
}

/** One transfer whose nonce leaves a gap. */
export function submitWithGap(stage: StallStage, index: number): void {
  const node = stage.nodeOf(index)
  const from = must(stage.world.citizens[0], 'a citizen')
  const nonce = node.desk.nextNonce(from.address, 9) + 2n
  const to = must(stage.world.citizens[1], 'a citizen').address
  const tx = stage.world.signTransfer(from, { to, amount: 1n, lane: 9, nonce, validUntil: node.head().height + 500 })
  must(isFailure(node.desk.admit(tx.bytes)) ? null : true, 'the transfer is admitted')
}
