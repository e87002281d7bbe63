// Owns: changes of the validator set in mid-run, as operators bring them about: proposals, approvals, readiness, a second key.
// Not here: the rules (modules/governance), who changes what when (scenarios.ts).
import { must } from '../core/base/assert.ts'
import { toHex } from '../core/base/bytes.ts'
import { isFailure } from '../core/base/errors.ts'
import type { TxId } from '../core/base/ids.ts'
import { asHash32 } from '../core/base/ids.ts'
import { proposerOf } from '../core/chain/validator-set.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { readCouncil } from '../modules/governance/keeper.ts'
import { readyClaimBytes } from '../modules/governance/ready.ts'
import type { Action } from '../modules/governance/schema.ts'
import { readSeatNonce, seatClaimBytes } from '../modules/governance/seats.ts'
import { proposals } from '../modules/governance/store.ts'
import type { ChainNode } from '../node/chain-node.ts'
import { initJournal } from '../node/storage/journal.ts'
import { DATA_DIR, NEXT_SIGN_STATE, crashMachine } from './machine.ts'
import type { Machine } from './machine.ts'
import type { Fault } from './plan.ts'
import { startLater } from './stage.ts'
import type { Stage } from './stage.ts'
import { GENESIS_TIME_MS } from './world.ts'
import type { SimAccount, World } from './world.ts'

type SetChange = Extract<Fault, { kind: 'setChange' }>

/** A change on its way: laid before the council, approved, waiting for its height. */
type Motion = {
  readonly stage: Stage
  readonly world: World
  readonly fault: SetChange
  readonly subject: SimAccount
  readonly deadlineMs: number
  readonly before: ValidatorSet
  proposal: { readonly id: TxId; readonly atMs: number } | null
  readonly approvedAtMs: Map<string, number>
}

const EVERY_MS = 250
/** A transaction that is not in a block by then is sent again. */
const PATIENCE_MS = 2_500
const GIVE_UP_MS = 25_000
const COUNCIL_LANE = 5

/** Brings a change before the council and sees it through; what became of it stands in the coverage. */
export function planSetChange(stage: Stage, fault: SetChange): void {
  const machine = must(stage.machines[fault.machine], `machine ${fault.machine}`)
  const { world } = machine.parts
  if (fault.change === 'rotate') takeNextKey(stage, machine)
  const node = furthest(stage)
  if (node === null) return
  const motion: Motion = {
    stage,
    world,
    fault,
    subject: must(world.validators[fault.machine], 'an authority'),
    deadlineMs: stage.timeline.nowMs() + GIVE_UP_MS,
    before: node.head().set,
    proposal: null,
    approvedAtMs: new Map(),
  }
  tick(motion)
}

// The operator's part of a rotation: the next key with a sign state of its own, then a restart.
function takeNextKey(stage: Stage, machine: Machine): void {
  if (machine.nextKey !== null) return
  const { world, identity } = machine.parts
  const key = world.nextKeyOf(identity)
  const place = { path: NEXT_SIGN_STATE, chainTag: world.chainTag, publicKeyHex: toHex(key.publicKey), disk: machine.disk }
  initJournal({ ...place, afterHeight: 0, atMs: GENESIS_TIME_MS })
  machine.disk.syncDirectorySync(DATA_DIR)
  machine.nextKey = key
  if (machine.life === null) return
  crashMachine(machine, { mode: 'keep', silent: false })
  startLater(stage, machine, 50)
}

function furthest({ machines, timeline }: Stage): ChainNode | null {
  let best: ChainNode | null = null
  for (const { node, ailments } of machines) {
    if (node === null || ailments.pausedUntilMs > timeline.nowMs()) continue
    if (best === null || node.head().height > best.head().height) best = node
  }
  return best
}

function tick(motion: Motion): void {
  const { stage, deadlineMs } = motion
  const node = furthest(stage)
  if (node !== null && isOver(motion, node)) return
  if (stage.timeline.nowMs() > deadlineMs) return stage.coverage.note(12, `${motion.fault.change} not decided in time`)
  if (node !== null) advance(motion, node)
  stage.timeline.after(EVERY_MS, () => tick(motion))
}

function isOver({ stage, fault, subject, before, world }: Motion, node: ChainNode): boolean {
  const { set, height } = node.head()
  const seat = set.validators.find(({ authority }) => authority === subject.address)
  const key = seat === undefined ? null : toHex(seat.publicKey)
  const isDone =
    fault.change === 'remove'
      ? key === null
      : key === toHex((fault.change === 'add' ? subject : world.nextKeyOf(fault.machine)).publicKey)
  if (!isDone) return false
  stage.coverage.note(12, `${fault.change} active`)
  const isProposer = proposerOf(before, { height: height + 1, round: 0 }).authority === subject.address
  if (fault.change === 'remove' && isProposer) stage.coverage.note(12, 'the proposer in turn removed')
  return true
}

function advance(motion: Motion, node: ChainNode): void {
  const { stage, fault, subject, proposal, approvedAtMs } = motion
  const nowMs = stage.timeline.nowMs()
  if (fault.change === 'add' && node.head().height > 1 && isDue(approvedAtMs, 'ready', nowMs)) showReady(motion, node)
  const found = proposal === null ? null : proposals.get(node.state, proposal.id)
  if (found === null) {
    if (proposal === null || nowMs - proposal.atMs > PATIENCE_MS) propose(motion, node)
    return
  }
  if (found.status !== 'open') return
  for (const member of readCouncil(node.state, 'validators').members) {
    if (found.approvals.includes(member) || !isDue(approvedAtMs, member, nowMs)) continue
    const account = must(
      motion.world.validators.find(({ address }) => address === member),
      'a member has an account',
    )
    if (account === subject && fault.change === 'remove') continue
    send(motion, node, { from: account, name: 'governance.approve', payload: { proposalId: must(motion.proposal, 'laid').id } })
  }
}

function isDue(sentAtMs: Map<string, number>, what: string, nowMs: number): boolean {
  if (nowMs - (sentAtMs.get(what) ?? Number.NEGATIVE_INFINITY) < PATIENCE_MS) return false
  sentAtMs.set(what, nowMs)
  return true
}

function propose(motion: Motion, node: ChainNode): void {
  const { stage, world, subject } = motion
  const members = readCouncil(node.state, 'validators').members.filter((member) => member !== subject.address)
  const sender = must(members[stage.random.below(members.length)], 'a council has members')
  const from = must(
    world.validators.find(({ address }) => address === sender),
    'a member has an account',
  )
  const sent = send(motion, node, { from, name: 'governance.propose', payload: { action: actionOf(motion, node) } })
  if (sent !== null) motion.proposal = { id: sent, atMs: stage.timeline.nowMs() }
}

function actionOf({ world, fault, subject }: Motion, node: ChainNode): Action {
  const authority = subject.address
  if (fault.change === 'remove') return { kind: 'validatorRemove', authority }
  const key = fault.change === 'add' ? subject : world.nextKeyOf(fault.machine)
  const genesisHash = asHash32(world.genesis.hash)
  const claim = { genesisHash, authority, publicKey: key.publicKey, nonce: readSeatNonce(node.state, authority) }
  const seat = { authority, publicKey: key.publicKey, possession: key.prove(seatClaimBytes(claim)) }
  if (fault.change === 'rotate') return { kind: 'validatorRotate', ...seat }
  const addresses = [`/dns4/${subject.name}/tcp/1`]
  return { kind: 'validatorAdd', ...seat, name: subject.name, peerId: world.peerIdOf(fault.machine), addresses }
}

// A node that follows the chain knows the id of the block below the head.
function showReady(motion: Motion, node: ChainNode): void {
  const { world, subject } = motion
  const { height, header } = node.head()
  const { publicKey, address } = subject
  const about = { height: height - 1, blockId: header.parentId }
  const signature = subject.prove(readyClaimBytes({ genesisHash: asHash32(world.genesis.hash), authority: address, ...about }))
  send(motion, node, { from: subject, name: 'governance.ready', payload: { publicKey, ...about, signature } })
}

type Message = { readonly from: SimAccount; readonly name: string; readonly payload: unknown }

function send({ stage, world, fault }: Motion, node: ChainNode, { from, name, payload }: Message): TxId | null {
  const nonce = node.mempool.nextNonce(from.address, COUNCIL_LANE) ?? node.desk.nextNonce(from.address, COUNCIL_LANE)
  const validUntil = node.head().height + 100
  const tx = world.sign(from, { name, payload, lane: COUNCIL_LANE, nonce, validUntil })
  const refused = node.desk.admit(tx.bytes)
  if (isFailure(refused)) {
    stage.coverage.note(12, `${fault.change}: ${refused.code}`)
    return null
  }
  node.publishTransaction(tx.id, tx.bytes)
  return tx.id
}
