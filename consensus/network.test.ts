// Owns: a small cluster in virtual time under loss, reordering, crashes and byzantine validators, and what must hold in it.
// Not here: single rules (transcript.test.ts), real networks and disks (sim, test).
import { describe, expect, test } from 'vitest'
import { asAddress, asHash32 } from '../core/base/ids.ts'
import type { Address, BlockId, Height, Round } from '../core/base/ids.ts'
import { checkCertificate } from '../core/chain/certificate.ts'
import type { Certificate, SignatureCheck } from '../core/chain/certificate.ts'
import { CITY_PARAMS } from '../core/chain/params.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { SIGN_STEPS, consensusSigningBytes, signerOf } from '../core/chain/vote.ts'
import type { Proposal, UnsignedProposal, UnsignedVote, Vote } from '../core/chain/vote.ts'
import { messagesMissingFrom, rebroadcastOf } from './catch-up.ts'
import type { Bundle } from './catch-up.ts'
import type { Effect } from './effect.ts'
import { heightOfMessage } from './future-inputs.ts'
import type { Input, MessageInput } from './input.ts'
import { step } from './machine.ts'
import { createConsensusState } from './state.ts'
import type { ConsensusState } from './state.ts'
import { decodeSummary, encodeSummary, summaryOf } from './summary.ts'
import { verifyInput } from './verify.ts'

const CHAIN_ID = 'cluster-test'
const PARAMS = {
  ...CITY_PARAMS,
  timeoutProposeMs: 100,
  timeoutProposeStepMs: 50,
  timeoutVoteMs: 50,
  timeoutVoteStepMs: 25,
  timeoutMaxMs: 2_000,
}
const HEAL_AT_MS = 4_000
const GIVE_UP_AT_MS = 150_000
const HEIGHTS = 4
const SEEDS = Number(process.env.SEEDS ?? 60)
const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1)

type Random = () => number

function createRandom(seed: number): Random {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function stubSignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  let a = 0x811c9dc5
  let b = 0x1234567
  for (const part of [publicKey, message]) {
    for (const byte of part) {
      a = Math.imul(a ^ byte, 0x01000193) >>> 0
      b = (Math.imul(b, 31) + byte) >>> 0
    }
  }
  const signature = new Uint8Array(64)
  new DataView(signature.buffer).setUint32(0, a)
  new DataView(signature.buffer).setUint32(4, b)
  return signature
}

const checkSignature: SignatureCheck = ({ publicKey, message, signature }) => {
  const expected = stubSignature(publicKey, message)
  return expected.every((byte, i) => byte === signature[i])
}

function buildTestSet(n: number): ValidatorSet {
  return buildValidatorSet(
    Array.from({ length: n }, (_, i) => ({
      authority: asAddress((i + 1).toString(16).padStart(2, '0').repeat(20)),
      publicKey: new Uint8Array(32).fill(i + 1),
      name: `v${i}`,
      peerId: `peer${i}`,
      addresses: [],
    })),
  )
}

type Block = { readonly height: Height; readonly valid: boolean; readonly holders: Set<number> }

type TestNode = {
  readonly index: number
  readonly authority: Address
  readonly byzantine: boolean
  state: ConsensusState
  alive: boolean
  /** Incarnation: events of an earlier life are dropped. */
  life: number
  journal: {
    height: Height
    lockedRound: Round
    lockedId: BlockId | null
    proposal: Proposal | null
    prevote: Vote | null
    precommit: Vote | null
  }
  log: Input[]
  readonly commits: Map<Height, Certificate>
  readonly wanted: Set<BlockId>
  /** Blocks that this node built or found valid: only these may it vote for. */
  readonly validated: Set<BlockId>
  startHeightInput: Extract<Input, { kind: 'startHeight' }> | null
}

type Options = { readonly n: number; readonly byzantine: number; readonly seed: number; readonly crashes: boolean }

class Cluster {
  readonly random: Random
  readonly set: ValidatorSet
  readonly nodes: TestNode[] = []
  readonly blocks = new Map<BlockId, Block>()
  readonly decided = new Map<Height, BlockId>()
  readonly signed = new Map<string, string>()
  readonly locks = new Map<string, { round: Round; id: BlockId }>()
  readonly accused = new Set<number>()
  readonly reports = { duplicateProposal: 0, duplicateVote: 0, amnesia: 0 }
  readonly options: Options
  readonly verdicts = new WeakMap<object, boolean>()
  now = 0
  sequence = 0
  steps = 0
  roundMax = 0
  partition: readonly number[] = []
  readonly #events: { at: number; sequence: number; run: () => void }[] = []

  constructor(options: Options) {
    this.options = options
    this.random = createRandom(options.seed * 7919 + options.n * 31 + options.byzantine)
    this.set = buildTestSet(options.n)
    for (let index = 0; index < options.n; index++) {
      const byzantine = index >= options.n - options.byzantine
      this.nodes.push({
        index,
        authority: (this.set.validators[index] as { authority: Address }).authority,
        byzantine,
        state: createConsensusState(),
        alive: true,
        life: 0,
        journal: { height: 0, lockedRound: -1, lockedId: null, proposal: null, prevote: null, precommit: null },
        log: [],
        commits: new Map(),
        wanted: new Set(),
        validated: new Set(),
        startHeightInput: null,
      })
    }
  }

  get chaos(): boolean {
    return this.now < HEAL_AT_MS
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)] as T
  }

  chance(p: number): boolean {
    return this.random() < p
  }

  // --- event queue (binary heap by time, then sequence)
  after(delayMs: number, run: () => void): void {
    const events = this.#events
    events.push({ at: this.now + delayMs, sequence: this.sequence++, run })
    let i = events.length - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#before(i, parent)) break
      this.#swap(i, parent)
      i = parent
    }
  }

  #before(i: number, j: number): boolean {
    const a = this.#events[i] as { at: number; sequence: number }
    const b = this.#events[j] as { at: number; sequence: number }
    return a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
  }

  #swap(i: number, j: number): void {
    const events = this.#events
    const kept = events[i] as (typeof events)[number]
    events[i] = events[j] as (typeof events)[number]
    events[j] = kept
  }

  #popEvent(): { at: number; run: () => void } | undefined {
    const events = this.#events
    const top = events[0]
    const last = events.pop()
    if (top === undefined || last === undefined || events.length === 0) return top
    events[0] = last
    for (let i = 0; ; ) {
      const left = 2 * i + 1
      let least = i
      if (left < events.length && this.#before(left, least)) least = left
      if (left + 1 < events.length && this.#before(left + 1, least)) least = left + 1
      if (least === i) return top
      this.#swap(i, least)
      i = least
    }
  }

  run(): void {
    for (const node of this.nodes) {
      this.after(this.random() * 20, () => this.startHeight(node, 1))
      this.#periodic(node, 1_000, () => this.sendSummary(node))
      this.#periodic(node, 1_500, () => this.sendBundle(node, null, rebroadcastOf(node.state)))
    }
    if (this.options.crashes) this.#scheduleCrashes()
    if (this.options.crashes && this.chance(0.5)) this.#scheduleBlackout()
    this.#schedulePartitions()
    for (;;) {
      const event = this.#popEvent()
      if (event === undefined) throw new Error('the cluster fell silent')
      this.now = event.at
      if (this.now > GIVE_UP_AT_MS) throw new Error(this.describeStall())
      event.run()
      if (this.honest().every((node) => node.state.height > HEIGHTS)) return
    }
  }

  describeStall(): string {
    const lines = this.nodes.map(({ index, byzantine, state }) => {
      const { height, round, step: at, lockedRound, lockedId, validRound, pendingCommit } = state
      const lock = `lock ${lockedRound} ${lockedId?.slice(0, 6) ?? '-'} valid ${validRound} pending ${pendingCommit?.blockId.slice(0, 6) ?? '-'}`
      return `${index}${byzantine ? '*' : ''} h${height} r${round} ${at} ${lock}`
    })
    return `no decision by ${GIVE_UP_AT_MS} ms:\n${lines.join('\n')}`
  }

  honest(): TestNode[] {
    return this.nodes.filter((node) => !node.byzantine)
  }

  #periodic(node: TestNode, everyMs: number, act: () => void): void {
    this.after(everyMs * (0.5 + this.random()), () => {
      if (node.alive) act()
      this.#periodic(node, everyMs, act)
    })
  }

  #schedulePartitions(): void {
    for (let at = 300; at < HEAL_AT_MS; at += 700) {
      this.after(at, () => {
        this.partition = this.chance(0.5) ? this.nodes.map(() => (this.chance(0.5) ? 0 : 1)) : []
      })
    }
    this.after(HEAL_AT_MS, () => {
      this.partition = []
    })
  }

  #scheduleCrashes(): void {
    for (const node of this.honest()) {
      for (let life = 0; life < 3; life++) this.after(this.random() * HEAL_AT_MS * 1.2, () => this.crash(node))
    }
  }

  #scheduleBlackout(): void {
    this.after(this.random() * HEAL_AT_MS * 1.2, () => {
      for (const node of this.honest()) this.crash(node)
    })
  }

  crash(node: TestNode): void {
    if (!node.alive) return
    node.alive = false
    node.life += 1
    this.after(this.random() * 400, () => this.restart(node))
  }

  /** Journal and write-ahead log survive; without byzantine validators node 0 loses its log each time. */
  restart(node: TestNode): void {
    const start = node.startHeightInput
    node.alive = true
    node.state = createConsensusState()
    node.wanted.clear()
    if (start === null) {
      this.startHeight(node, 1)
      return
    }
    if (this.options.byzantine === 0 && node.index === 0) node.log = []
    const { height, ...signedBefore } = node.journal
    const log = node.log
    node.log = []
    this.feed(node, { ...start, signedBefore: height === start.height ? signedBefore : null })
    for (const input of log) this.feed(node, input)
    this.feed(node, { kind: 'wake', height: start.height })
  }

  startHeight(node: TestNode, height: Height): void {
    if (!node.alive || height <= node.state.height) return
    node.log = []
    node.wanted.clear()
    const signedBefore = null
    node.startHeightInput = { kind: 'startHeight', height, set: this.set, params: PARAMS, self: node.authority, signedBefore }
    this.feed(node, node.startHeightInput)
    const life = node.life
    this.after(this.random() * 60, () => {
      if (node.life === life) this.feed(node, { kind: 'wake', height })
    })
  }

  feed(node: TestNode, input: Input): void {
    if (!node.alive) return
    const queue: Input[] = [input]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (next.kind !== 'startHeight' && next.kind !== 'early' && next.kind !== 'blockValidated') node.log.push(next)
      this.steps += 1
      for (const effect of step(node.state, next)) this.perform(node, effect, queue)
      this.roundMax = Math.max(this.roundMax, node.state.round)
    }
  }

  perform(node: TestNode, effect: Effect, queue: Input[]): void {
    const { life } = node
    const later = (delayMs: number, make: () => Input): void =>
      this.after(delayMs, () => {
        if (node.life === life) this.feed(node, make())
      })
    switch (effect.kind) {
      case 'buildBlock': {
        const { height, round } = effect
        const fails = this.chance(0.05)
        const blockId = fails ? null : this.buildBlock(node, height)
        later(this.random() * 20, () => ({ kind: 'blockBuilt', height, round, blockId }))
        return
      }
      case 'validateBlock':
        node.wanted.add(effect.blockId)
        this.seekBody(node, effect.blockId, life)
        return
      case 'signProposal':
        this.signProposal(node, effect.proposal, effect.polka, queue)
        return
      case 'signVote':
        this.signVote(node, effect.vote, queue)
        return
      case 'startTimer': {
        const { height, round, step: at } = effect
        const drift = this.chaos ? 0.3 + this.random() * 2 : 1
        later(effect.delayMs * drift, () => ({ kind: 'timeout', height, round, step: at }))
        return
      }
      case 'decide':
        this.onDecide(node, effect)
        return
      case 'misbehaviour': {
        const { kind, first } = effect.misbehaviour
        this.reports[kind] += 1
        this.accused.add(this.set.indexByAuthority.get(signerOf(first)) as number)
        return
      }
      case 'replay':
        for (const message of effect.inputs) {
          if (this.isVerified(message)) queue.push(message)
        }
        return
      case 'cancelTimers':
      case 'roundEntered':
      case 'fetchBlock':
        return
    }
  }

  buildBlock(node: TestNode, height: Height): BlockId {
    const valid = !(node.byzantine && this.chance(0.3))
    const id = asHash32((this.blocks.size + 1).toString(16).padStart(64, '0'))
    this.blocks.set(id, { height, valid, holders: new Set([node.index]) })
    node.validated.add(id)
    return id
  }

  seekBody(node: TestNode, blockId: BlockId, life: number): void {
    if (node.life !== life || !node.wanted.has(blockId)) return
    const block = this.blocks.get(blockId) as Block
    if (!block.holders.has(node.index)) {
      const from = this.pick([...block.holders])
      const given = !(this.nodes[from] as TestNode).byzantine || this.chance(0.3)
      if (given && this.isLinked(from, node.index)) block.holders.add(node.index)
      this.after(20, () => this.seekBody(node, blockId, life))
      return
    }
    node.wanted.delete(blockId)
    const { height } = node.state
    this.after(this.random() * (this.chaos ? 100 : 10), () => {
      if (node.life !== life) return
      const valid = block.valid && block.height === height
      if (valid) node.validated.add(blockId)
      this.feed(node, { kind: 'blockValidated', height, blockId, valid })
    })
  }

  onDecide(node: TestNode, { height, blockId, certificate }: Extract<Effect, { kind: 'decide' }>): void {
    const reason = checkCertificate({ chainId: CHAIN_ID, set: this.set, certificate, checkSignature })
    if (reason !== null) throw new Error(`a decision with a bad certificate: ${reason}`)
    if (certificate.type !== 'precommit' || certificate.blockId !== blockId)
      throw new Error('a decision with the wrong certificate')
    if (node.commits.has(height)) throw new Error('decided twice')
    node.commits.set(height, certificate)
    if (node.byzantine) {
      this.after(this.random() * 20, () => this.startHeight(node, height + 1))
      return
    }
    const known = this.decided.get(height)
    if (known !== undefined && known !== blockId) throw new Error(`disagreement at height ${height}`)
    if (this.blocks.get(blockId)?.valid !== true) throw new Error('an invalid block was decided')
    if (!node.validated.has(blockId)) throw new Error('decided a block that was never validated here')
    this.decided.set(height, blockId)
    // The commit is durable before the next height starts; a crash in between does not undo it.
    const start = (): void => {
      node.alive = true
      this.startHeight(node, height + 1)
    }
    const { life } = node
    node.startHeightInput = {
      kind: 'startHeight',
      height: height + 1,
      set: this.set,
      params: PARAMS,
      self: node.authority,
      signedBefore: null,
    }
    node.log = []
    this.after(this.random() * 20, () => {
      if (node.life === life) start()
    })
  }

  // --- signing
  signatureOf(node: TestNode, kind: 'proposal' | 'prevote' | 'precommit', content: UnsignedProposal | UnsignedVote): Uint8Array {
    const { publicKey } = this.set.validators[node.index] as { publicKey: Uint8Array }
    return stubSignature(publicKey, consensusSigningBytes(CHAIN_ID, kind, content))
  }

  /** The oracle: every honest signature is recorded; one content per height, round and step, and never against the lock. */
  record(node: TestNode, kind: 'proposal' | 'prevote' | 'precommit', content: UnsignedProposal | UnsignedVote): void {
    if (node.byzantine) return
    const { height, round, blockId, validRound } = content
    const place = `${node.index} ${height} ${round} ${SIGN_STEPS[kind]}`
    if (this.signed.has(place)) throw new Error(`signed twice: ${place}`)
    this.signed.set(place, `${blockId} ${validRound}`)
    if (node.state.height !== height || node.commits.has(height)) throw new Error('signed at a height that is over')
    const isVote = kind !== 'proposal'
    if (isVote && blockId !== null && !node.validated.has(blockId))
      throw new Error('voted for a block that was never validated here')
    const lock = this.locks.get(`${node.index} ${height}`)
    if (kind === 'precommit' && blockId !== null) this.locks.set(`${node.index} ${height}`, { round, id: blockId })
    if (kind === 'prevote' && blockId !== null && lock !== undefined && validRound < lock.round)
      throw new Error('prevoted against the lock')
  }

  signProposal(node: TestNode, unsigned: UnsignedProposal, polka: Certificate | null, queue: Input[]): void {
    this.record(node, 'proposal', unsigned)
    const proposal: Proposal = { ...unsigned, signature: this.signatureOf(node, 'proposal', unsigned) }
    if (node.byzantine) {
      this.misPropose(node, proposal, polka, queue)
      return
    }
    this.noteJournal(node, 'proposal', proposal)
    queue.push({ kind: 'proposal', proposal, timely: true })
    for (const peer of this.nodes) this.sendProposal(node, peer, proposal, polka)
  }

  sendProposal(node: TestNode, peer: TestNode, proposal: Proposal, polka: Certificate | null): void {
    if (peer === node) return
    if (polka !== null) this.send(node, peer, { kind: 'polka', certificate: polka })
    this.send(node, peer, { kind: 'proposal', proposal, timely: !this.chaos || this.chance(0.9) })
  }

  signVote(node: TestNode, unsigned: UnsignedVote, queue: Input[]): void {
    this.record(node, unsigned.type, unsigned)
    const vote: Vote = { ...unsigned, signature: this.signatureOf(node, unsigned.type, unsigned) }
    if (node.byzantine) {
      this.misVote(node, vote, queue)
      return
    }
    this.noteJournal(node, vote.type, vote)
    queue.push({ kind: 'vote', vote })
    for (const peer of this.nodes) this.send(node, peer, { kind: 'vote', vote })
  }

  noteJournal(node: TestNode, kind: 'proposal' | 'prevote' | 'precommit', message: Proposal | Vote): void {
    const { height } = message
    if (node.journal.height !== height) {
      node.journal = { height, lockedRound: -1, lockedId: null, proposal: null, prevote: null, precommit: null }
    }
    node.journal = { ...node.journal, [kind]: message }
    if (kind === 'precommit' && message.blockId !== null) {
      node.journal = { ...node.journal, lockedRound: message.round, lockedId: message.blockId }
    }
  }

  // --- byzantine behaviour: two-faced, silent to some, forgetful of locks, or honest, at random
  misPropose(node: TestNode, proposal: Proposal, polka: Certificate | null, queue: Input[]): void {
    queue.push({ kind: 'proposal', proposal, timely: true })
    const otherId = this.chance(0.5) ? this.buildBlock(node, proposal.height) : this.anyBlock(proposal.height)
    const other = { ...proposal, blockId: otherId, validRound: -1 }
    const second: Proposal = { ...other, signature: this.signatureOf(node, 'proposal', other) }
    for (const peer of this.nodes) {
      const mood = this.random()
      if (mood < 0.45) this.sendProposal(node, peer, proposal, polka)
      if (mood > 0.3 && mood < 0.8) this.sendProposal(node, peer, second, null)
    }
  }

  misVote(node: TestNode, vote: Vote, queue: Input[]): void {
    queue.push({ kind: 'vote', vote })
    const { polkas } = node.state
    if (polkas.length > 0 && this.chance(0.4))
      this.send(node, this.pick(this.nodes), { kind: 'polka', certificate: this.pick(polkas) })
    const seen = [...node.state.proposals.values()].map((held) => held.proposal)
    const choices: (Proposal | null)[] = [null, ...seen]
    for (const peer of this.nodes) {
      const mood = this.random()
      if (mood < 0.15) continue
      if (mood < 0.4) this.send(node, peer, { kind: 'vote', vote })
      const target = this.pick(choices)
      const blockId = target === null ? null : this.chance(0.7) ? target.blockId : this.anyBlock(vote.height)
      const isFresh = blockId === null || vote.type === 'precommit'
      const validRound = isFresh
        ? -1
        : this.chance(0.7)
          ? (target?.validRound ?? -1)
          : Math.floor(this.random() * (vote.round + 1)) - 1
      const round = this.chance(0.8) ? vote.round : vote.round + Math.floor(this.random() * 6)
      const forged = { ...vote, blockId, validRound, round }
      this.send(node, peer, { kind: 'vote', vote: { ...forged, signature: this.signatureOf(node, vote.type, forged) } })
    }
  }

  anyBlock(height: Height): BlockId {
    const ids = [...this.blocks].filter(([, block]) => block.height === height).map(([id]) => id)
    return ids.length === 0 ? this.buildBlock(this.nodes[0] as TestNode, height) : this.pick(ids)
  }

  // --- network
  isLinked(from: number, to: number): boolean {
    return this.partition.length === 0 || this.partition[from] === this.partition[to]
  }

  send(from: TestNode, to: TestNode, message: MessageInput): void {
    if (from === to) return
    const copies = this.chaos && this.chance(0.1) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (this.chaos && (this.chance(0.35) || !this.isLinked(from.index, to.index))) continue
      const delayMs = this.chaos && this.chance(0.2) ? this.random() * 400 : 1 + this.random() * 15
      this.after(delayMs, () => this.deliver(to, message))
    }
  }

  isVerified(message: MessageInput): boolean {
    const content = message.kind === 'proposal' ? message.proposal : message.kind === 'vote' ? message.vote : message.certificate
    const known = this.verdicts.get(content)
    if (known !== undefined) return known
    const verdict = verifyInput({ chainId: CHAIN_ID, set: this.set, message, checkSignature }) === null
    this.verdicts.set(content, verdict)
    return verdict
  }

  deliver(to: TestNode, message: MessageInput): void {
    if (heightOfMessage(message) > to.state.height) this.feed(to, { kind: 'early', message })
    else if (this.isVerified(message)) this.feed(to, message)
  }

  sendSummary(node: TestNode): void {
    const summary = decodeSummary(encodeSummary(summaryOf(node.state)))
    for (const peer of this.nodes) {
      if (peer === node || (this.chaos && (this.chance(0.2) || !this.isLinked(node.index, peer.index)))) continue
      this.after(1 + this.random() * 15, () => {
        if (!peer.alive || peer.byzantine) return
        this.sendBundle(peer, node, messagesMissingFrom(peer.state, summary))
        const commit = peer.commits.get(summary.height)
        if (commit !== undefined) this.send(peer, node, { kind: 'commit', certificate: commit })
      })
    }
  }

  sendBundle(from: TestNode, to: TestNode | null, bundle: Bundle): void {
    for (const peer of to === null ? this.nodes : [to]) {
      for (const { proposal, polka } of bundle.proposals) this.sendProposal(from, peer, proposal, polka)
      for (const vote of bundle.votes) this.send(from, peer, { kind: 'vote', vote })
      if (bundle.polka !== null) this.send(from, peer, { kind: 'polka', certificate: bundle.polka })
      if (bundle.commit !== null) this.send(from, peer, { kind: 'commit', certificate: bundle.commit })
    }
  }
}

function runSeeds(options: Omit<Options, 'seed'>): {
  decisions: number
  steps: number
  rounds: number
  reports: Cluster['reports']
} {
  const total = { decisions: 0, steps: 0, rounds: 0, reports: { duplicateProposal: 0, duplicateVote: 0, amnesia: 0 } }
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const cluster = new Cluster({ ...options, seed })
    try {
      cluster.run()
      const framed = [...cluster.accused].filter((index) => !(cluster.nodes[index] as TestNode).byzantine)
      if (framed.length > 0) throw new Error(`honest nodes ${framed.join()} are named in evidence`)
    } catch (error) {
      throw new Error(`seed ${seed} of n=${options.n} byzantine=${options.byzantine}: ${String((error as Error).stack)}`)
    }
    total.decisions += cluster.decided.size
    total.steps += cluster.steps
    total.rounds = Math.max(total.rounds, cluster.roundMax)
    for (const kind of ['duplicateProposal', 'duplicateVote', 'amnesia'] as const) total.reports[kind] += cluster.reports[kind]
  }
  if (process.env.SEEDS !== undefined) process.stdout.write(`${JSON.stringify({ ...options, seeds: SEEDS, ...total })}\n`)
  return total
}

describe('a cluster under chaos agrees, signs nothing twice, keeps its locks, frames nobody and goes on once healed', () => {
  test('four honest validators', () => {
    const { decisions, reports } = runSeeds({ n: 4, byzantine: 0, crashes: false })
    expect(decisions).toBeGreaterThanOrEqual(SEEDS * HEIGHTS)
    expect(reports).toEqual({ duplicateProposal: 0, duplicateVote: 0, amnesia: 0 })
  })

  test('four honest validators that crash and restart, one of them without its log', () => {
    const { decisions, reports } = runSeeds({ n: 4, byzantine: 0, crashes: true })
    expect(decisions).toBeGreaterThanOrEqual(SEEDS * HEIGHTS)
    expect(reports).toEqual({ duplicateProposal: 0, duplicateVote: 0, amnesia: 0 })
  })

  test('three honest validators and a byzantine one', () => {
    const { decisions, reports } = runSeeds({ n: 4, byzantine: 1, crashes: false })
    expect(decisions).toBeGreaterThanOrEqual(SEEDS * HEIGHTS)
    expect(reports.duplicateVote).toBeGreaterThan(SEEDS)
    expect(reports.duplicateProposal).toBeGreaterThan(0)
  })

  test('three honest validators that crash and restart, and a byzantine one', () => {
    const { decisions } = runSeeds({ n: 4, byzantine: 1, crashes: true })
    expect(decisions).toBeGreaterThanOrEqual(SEEDS * HEIGHTS)
  })

  test('five honest validators and two byzantine ones', () => {
    const { decisions, reports } = runSeeds({ n: 7, byzantine: 2, crashes: true })
    expect(decisions).toBeGreaterThanOrEqual(SEEDS * HEIGHTS)
    expect(reports.duplicateVote).toBeGreaterThan(SEEDS)
  })
})

test('a single validator decides every height, through crashes too', () => {
  const { decisions } = runSeeds({ n: 1, byzantine: 0, crashes: true })
  expect(decisions).toBeGreaterThanOrEqual(SEEDS * HEIGHTS)
})
