// Owns: that the model's honest validator and the real machine of consensus/ are one: whatever the machine signs the model allows,
// whatever the model reaches the machine can be led to, and from there real machines decide. Not here: the model's own answers.
import { describe, expect, it } from 'vitest'
import { asAddress, asHash32 } from '../../core/base/ids.ts'
import type { BlockId } from '../../core/base/ids.ts'
import { must } from '../../core/base/assert.ts'
import { buildCertificate } from '../../core/chain/certificate.ts'
import type { Certificate } from '../../core/chain/certificate.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { buildValidatorSet, proposerOf } from '../../core/chain/validator-set.ts'
import type { Proposal, Vote } from '../../core/chain/vote.ts'
import { messagesMissingFrom, rebroadcastOf } from '../../consensus/catch-up.ts'
import type { Bundle } from '../../consensus/catch-up.ts'
import type { Effect, Misbehaviour } from '../../consensus/effect.ts'
import type { Input, SignedBefore } from '../../consensus/input.ts'
import { step } from '../../consensus/machine.ts'
import { createConsensusState } from '../../consensus/state.ts'
import type { ConsensusState } from '../../consensus/state.ts'
import { summaryOf } from '../../consensus/summary.ts'
import { createRandom } from '../prng.ts'
import { explore, prevotesOf } from './explore.ts'
import { afterPrecommit, freshMemory, isAmnesia, STRICT } from './rules.ts'
import type { Memory, Word } from './rules.ts'
import { actionsTo } from './state.ts'
import type { Place, Setting } from './state.ts'

const N = 4
const VALUES: readonly BlockId[] = [asHash32('aa'.repeat(32)), asHash32('bb'.repeat(32))]
const SET = buildValidatorSet(
  Array.from({ length: N }, (_, i) => ({
    authority: asAddress((i + 1).toString(16).padStart(2, '0').repeat(20)),
    publicKey: new Uint8Array(32).fill(i + 1),
    name: `v${i}`,
    peerId: `peer${i}`,
    addresses: [],
  })),
)
const HEIGHT = 4
/** What a correct proposer builds: no value of the model, so that a decision of the wrong one could not hide. */
const OWN_BLOCK = asHash32('cc'.repeat(32))
const SIGNATURE = new Uint8Array(64)
const authorityOf = (index: number) => must(SET.validators[index], 'a validator').authority

function voteOf(type: Vote['type'], index: number, round: number, word: Word | null): Vote {
  const blockId = word === null ? null : must(VALUES[word.value], 'a value')
  const validRound = word === null || type === 'precommit' ? -1 : word.validRound
  return { type, height: HEIGHT, round, blockId, validRound, validator: authorityOf(index), signature: SIGNATURE }
}

function certificateOf(type: Vote['type'], indexes: readonly number[], round: number, word: Word): Certificate {
  return buildCertificate(
    SET,
    indexes.map((index) => voteOf(type, index, round, word)),
  )
}

function proposalOf(round: number, { value, validRound }: Word): Proposal {
  const proposer = proposerOf(SET, { height: HEIGHT, round }).authority
  return { height: HEIGHT, round, blockId: must(VALUES[value], 'a value'), validRound, proposer, signature: SIGNATURE }
}

/** A real machine with a host that finds every block valid, signs what it is asked to and hands it back. */
function createHost(index: number) {
  let state: ConsensusState = createConsensusState()
  const signed: Vote[] = []
  const proposed: { proposal: Proposal; polka: Certificate | null }[] = []
  const accused: Misbehaviour[] = []
  const timers: { round: number; step: 'propose' | 'prevote' | 'precommit' }[] = []
  let decided: BlockId | null = null
  let proposes = false
  const journal = {
    lockedRound: -1,
    lockedId: null as BlockId | null,
    prevote: null as Vote | null,
    precommit: null as Vote | null,
  }

  const perform = (effect: Effect): Input[] => {
    switch (effect.kind) {
      case 'signVote': {
        const vote = { ...effect.vote, signature: SIGNATURE }
        signed.push(vote)
        journal[vote.type] = vote
        if (vote.type === 'precommit' && vote.blockId !== null) {
          journal.lockedRound = vote.round
          journal.lockedId = vote.blockId
        }
        return [{ kind: 'vote', vote }]
      }
      case 'validateBlock':
        return [{ kind: 'blockValidated', height: HEIGHT, blockId: effect.blockId, valid: true }]
      case 'buildBlock':
        return proposes ? [{ kind: 'blockBuilt', height: HEIGHT, round: effect.round, blockId: OWN_BLOCK }] : []
      case 'signProposal': {
        if (!proposes) return []
        const proposal = { ...effect.proposal, signature: SIGNATURE }
        proposed.push({ proposal, polka: effect.polka })
        return [{ kind: 'proposal', proposal, timely: true }]
      }
      case 'startTimer':
        timers.push({ round: effect.round, step: effect.step })
        return []
      case 'decide':
        decided = effect.blockId
        return []
      case 'misbehaviour':
        accused.push(effect.misbehaviour)
        return []
      default:
        return []
    }
  }
  const give = (input: Input): void => {
    const waiting: Input[] = [input]
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (const effect of step(state, next)) waiting.push(...perform(effect))
    }
  }
  const start = (signedBefore: SignedBefore | null): void => {
    state = createConsensusState()
    const self = authorityOf(index)
    give({ kind: 'startHeight', height: HEIGHT, set: SET, params: CITY_PARAMS, self, signedBefore })
    give({ kind: 'wake', height: HEIGHT })
  }
  start(null)
  return {
    index,
    signed,
    proposed,
    accused,
    timers,
    give,
    state: () => state,
    decided: () => decided,
    restart: () => start({ ...journal, proposal: null }),
    mayPropose: () => {
      proposes = true
      const round = state.buildingRound
      if (round !== -1) give({ kind: 'blockBuilt', height: HEIGHT, round, blockId: OWN_BLOCK })
    },
    timeout: (of: 'propose' | 'prevote' | 'precommit') => give({ kind: 'timeout', height: HEIGHT, round: state.round, step: of }),
  }
}

type Host = ReturnType<typeof createHost>

describe('whatever the machine signs, the model allows', () => {
  /** Feeds one machine whatever three liars and the network may bring, restarts included, and judges each vote by the model. */
  function judge(seed: number): { prevotes: number; precommits: number; rounds: number; restarts: number } {
    const random = createRandom(seed, 'conformance')
    const pick = (count: number): number => random.below(count)
    const self = pick(N)
    const host = createHost(self)
    const others = [0, 1, 2, 3].filter((index) => index !== self)
    const setting: Setting = { rule: STRICT, honest: 1, quiet: 0, loud: 3, rounds: 8, values: 2 }
    const polkas = new Map<string, Set<number>>()
    let bits = 0
    let memory: Memory = freshMemory(2)
    let judged = 0
    const last = { prevote: -1, precommit: -1 }
    const total = { prevotes: 0, precommits: 0, rounds: 0, restarts: 0 }
    const note = (round: number, word: Word, indexes: readonly number[]): void => {
      const key = `${round} ${word.value} ${word.validRound}`
      const voters = polkas.get(key) ?? new Set()
      polkas.set(key, voters)
      for (const index of indexes) voters.add(index)
      if (voters.size >= SET.quorum) bits |= 1 << (round * 2 + word.value)
    }
    const hasPolka = (round: number, value: number): boolean => (bits & (1 << (round * 2 + value))) !== 0
    const check = (): void => {
      for (; judged < host.signed.length; judged++) {
        const vote = must(host.signed[judged], 'a vote')
        expect(vote.round, 'each step of a round is signed once, in order').toBeGreaterThan(last[vote.type])
        last[vote.type] = vote.round
        if (vote.blockId === null) continue
        const value = VALUES.indexOf(vote.blockId)
        if (vote.type === 'prevote') {
          const word = { value, validRound: vote.validRound }
          const allowed = prevotesOf(setting, { memory, isHonest: true, round: vote.round, polkas: bits })
          expect(allowed).toContainEqual(word)
          expect(isAmnesia(memory, word)).toBe(false)
          note(vote.round, word, [self])
          total.prevotes++
        } else {
          expect(hasPolka(vote.round, value), `a polka stands behind the precommit of round ${vote.round}`).toBe(true)
          memory = afterPrecommit(memory, vote.round, value)
          total.precommits++
        }
      }
    }
    for (let turn = 0; turn < 60 && host.decided() === null && host.state().round < 7; turn++) {
      const { round } = host.state()
      const at = pick(4) === 0 ? pick(Math.min(8, round + 3)) : round
      const word = { value: pick(2), validRound: pick(2) === 0 ? -1 : pick(at + 1) - 1 }
      const kind = pick(9)
      if (kind <= 1) host.give({ kind: 'proposal', proposal: proposalOf(at, word), timely: pick(5) !== 0 })
      else if (kind <= 4) {
        const index = must(others[pick(3)], 'another')
        const spoken = pick(4) === 0 ? null : word
        if (spoken !== null && kind !== 4) note(at, spoken, [index])
        host.give({ kind: 'vote', vote: voteOf(kind === 4 ? 'precommit' : 'prevote', index, at, spoken) })
      } else if (kind <= 6) {
        note(at, word, others)
        host.give({ kind: 'polka', certificate: certificateOf('prevote', others, at, word) })
      } else if (kind === 7) host.timeout((['propose', 'prevote', 'precommit'] as const)[pick(3)] as 'propose')
      else if (pick(3) === 0) {
        host.restart()
        total.restarts++
      }
      check()
    }
    total.rounds = host.state().round
    const accusedSelf = host.accused.filter(({ first }) => 'validator' in first && first.validator === authorityOf(self))
    expect(accusedSelf, 'nothing that it signed is evidence').toEqual([])
    return total
  }

  it('in 1,500 runs of one machine among three liars', () => {
    const total = { prevotes: 0, precommits: 0, rounds: 0, restarts: 0 }
    for (let seed = 1; seed <= 1_500; seed++) {
      const one = judge(seed)
      for (const name of ['prevotes', 'precommits', 'rounds', 'restarts'] as const) total[name] += one[name]
    }
    // Not vacuous: blocks were voted for, rounds were left, machines came back.
    expect(total.prevotes).toBeGreaterThan(1_000)
    expect(total.precommits).toBeGreaterThan(1_000)
    expect(total.rounds).toBeGreaterThan(1_500)
    expect(total.restarts).toBeGreaterThan(1_000)
  })
})

/** Leads three real machines along the votes of a model run; validator 3 is the faulty one and signs whatever is needed. */
function lead(place: Place): readonly Host[] {
  const hosts = [0, 1, 2].map(createHost)
  const actions = actionsTo(place)
  const prevoters = (round: number, word: Word): number[] => {
    const same = (other: Word | null | undefined) => other?.value === word.value && other.validRound === word.validRound
    return [0, 1, 2].filter((i) => same(actions[round]?.words[i]))
  }
  const polkaOf = (round: number, value: number): Certificate => {
    for (let validRound = -1; validRound < round; validRound++) {
      const voters = prevoters(round, { value, validRound })
      if (voters.length >= 2) return certificateOf('prevote', [...voters, 3], round, { value, validRound })
    }
    throw new Error(`the model has no polka for value ${value} in round ${round}`)
  }
  actions.forEach(({ words, values }, round) => {
    for (const host of hosts) {
      if (host.state().round < round) host.timeout('precommit')
      const word = words[host.index] ?? null
      if (word !== null && word.validRound >= 0) host.give({ kind: 'polka', certificate: polkaOf(word.validRound, word.value) })
      if (word === null) host.timeout('propose')
      else host.give({ kind: 'proposal', proposal: proposalOf(round, word), timely: true })
    }
    for (const host of hosts) {
      const value = values[host.index] ?? -1
      if (value === -1) host.timeout('prevote')
      else host.give({ kind: 'polka', certificate: polkaOf(round, value) })
    }
  })
  return hosts
}

/** Brings the honest machines together: everything is delivered, timers fire only while nothing else happens. */
function heal(hosts: readonly Host[]): number {
  for (const host of hosts) host.mayPropose()
  const deliver = (to: Host, { proposals, votes, polka, commit }: Bundle): void => {
    if (polka !== null) to.give({ kind: 'polka', certificate: polka })
    for (const one of proposals) {
      if (one.polka !== null) to.give({ kind: 'polka', certificate: one.polka })
      to.give({ kind: 'proposal', proposal: one.proposal, timely: true })
    }
    for (const vote of votes) to.give({ kind: 'vote', vote })
    if (commit !== null) to.give({ kind: 'commit', certificate: commit })
  }
  const standing = (): string => JSON.stringify(hosts.map((host) => [host.state().round, host.state().step, host.signed.length]))
  for (let turn = 0; turn < 200; turn++) {
    if (hosts.every((host) => host.decided() !== null)) return turn
    const before = standing()
    for (const from of hosts) {
      for (const to of hosts) {
        if (from === to) continue
        deliver(to, rebroadcastOf(from.state()))
        deliver(to, messagesMissingFrom(from.state(), summaryOf(to.state())))
      }
    }
    if (standing() !== before) continue
    for (const host of hosts) {
      const { round } = host.state()
      for (const timer of host.timers.splice(0)) if (timer.round === round) host.timeout(timer.step)
    }
  }
  return -1
}

describe('whatever the model reaches, the machine reaches', () => {
  const setting: Setting = { rule: STRICT, honest: 3, quiet: 0, loud: 1, rounds: 4, values: 2 }
  const places = explore(setting, []).places.flat()

  it('every state of rounds 0 to 3 with one faulty, vote by vote and lock by lock', () => {
    let votes = 0
    for (const place of places) {
      const hosts = lead(place)
      actionsTo(place).forEach(({ words, values }, round) => {
        for (const host of hosts) {
          const of = (type: Vote['type']) => host.signed.find((vote) => vote.type === type && vote.round === round)
          const expected = words[host.index] ?? null
          const precommit = values[host.index] ?? -1
          expect(of('prevote')).toMatchObject({
            blockId: expected === null ? null : VALUES[expected.value],
            validRound: expected?.validRound ?? -1,
          })
          expect(of('precommit')).toMatchObject({ blockId: precommit === -1 ? null : VALUES[precommit] })
          votes += 2
        }
      })
      for (const host of hosts) {
        const memory = must(place.state.memories[host.index], 'a memory')
        expect(host.state().lockedRound).toBe(memory.lockedRound)
        expect(host.state().lockedId).toBe(memory.lockedValue === -1 ? null : VALUES[memory.lockedValue])
      }
    }
    expect(places).toHaveLength(1_084)
    expect(votes).toBeGreaterThan(20_000)
  })

  it('and from each of them the three honest machines decide one block, the one that was decided if any was', () => {
    for (const place of places) {
      const hosts = lead(place)
      const turns = heal(hosts)
      expect(turns, `the machines stop after ${JSON.stringify(actionsTo(place))}`).toBeGreaterThanOrEqual(0)
      const blocks = new Set(hosts.map((host) => host.decided()))
      expect(blocks.size).toBe(1)
      if (place.state.decided !== 0) expect([...blocks]).toEqual([VALUES[place.state.decided === 1 ? 0 : 1]])
      const honest = new Set([0, 1, 2].map(authorityOf))
      for (const { first } of hosts.flatMap(({ accused }) => accused)) {
        expect(honest.has('validator' in first ? first.validator : first.proposer)).toBe(false)
      }
    }
  })
})
