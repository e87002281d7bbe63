import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../core/base/limits.ts'
import { isFailure } from '../../core/base/errors.ts'
import { must } from '../../core/base/assert.ts'
import {
  amnesiaOf,
  duplicateProposalOf,
  duplicateVoteOf,
  encodeEvidence,
  offenceId,
  offenceOf,
} from '../../core/chain/evidence.ts'
import type { Evidence } from '../../core/chain/evidence.ts'
import type { ChainEvent } from '../../core/chain/receipt.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { createApplyContext } from '../../core/execution/apply.ts'
import { verifySignature } from '../../core/crypto/keys.ts'
import { signedProposal, signedVote, someBlock } from '../../test/helpers/offences.ts'
import { GENESIS_TIME, accountOf, createRoomBench, signerOf, textOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { REGISTRY } from '../registry.ts'
import { getEvidence, listEvidence } from './evidence-queries.ts'
import { MARKS_NEEDED, MARK_BLOCKS, MARK_MS } from './evidence-schema.ts'
import type { EvidenceWindow } from './evidence-schema.ts'
import { evidenceWindow } from './evidence-store.ts'
import { readValidators } from './keeper.ts'
import { recoveries } from './recovery-store.ts'
import { currentValidators } from './store.ts'
import { moveWindow } from './evidence-window.ts'

const chainId = 'naru-bench'
const accused = (name: string) => ({ chainId, authority: accountOf(name), key: signerOf(`consensus-${name}`) })
const v1 = accused('v1')
const two = someBlock('2')
const HEIGHT = 10

const twoVotes = (by = v1, over: Parameters<typeof signedVote>[1] = {}): Evidence =>
  must(duplicateVoteOf(signedVote(by, over), signedVote(by, { ...over, blockId: two })), 'a pair')

function city(height = HEIGHT): RoomBench {
  const made = createRoomBench(REGISTRY)
  made.jumpTo(height)
  return made
}

function take(made: RoomBench, evidence: Evidence | Uint8Array): { code: string | null; events: readonly ChainEvent[] } {
  const bytes = evidence instanceof Uint8Array ? evidence : encodeEvidence(evidence)
  const call = { bytes, block: made.block(), checkSignature: verifySignature }
  const checked = REGISTRY.checkEvidence(made.view, call)
  const events: ChainEvent[] = []
  const outcome = REGISTRY.takeEvidence(createApplyContext(made.view, events, LIMITS.evidenceEventsMax), call)
  expect(outcome).toEqual(checked)
  return { code: isFailure(outcome) ? outcome.code : null, events }
}

describe('evidence in a block', () => {
  it('is recorded once, with both messages, and told', () => {
    const made = city()
    const evidence = twoVotes()
    const { code, events } = take(made, evidence)
    expect(code).toBeNull()
    // Four less one would leave fewer than the chain keeps: the seat stays, and never proposes.
    const names = events.map(({ type }) => REGISTRY.eventByType.get(type)?.name)
    expect(names).toEqual(['governance.validatorBarred', 'governance.evidenceRecorded'])
    expect(REGISTRY.readNextSet(made.view).eligible.map(({ name }) => name)).not.toContain('v1')
    const evidenceId = `0x${offenceId(offenceOf(evidence))}`
    expect(made.ask(getEvidence, { evidenceId })).toMatchObject({
      evidenceId,
      validator: textOf('v1'),
      offence: 'precommit',
      height: 7,
      round: 0,
      record: { number: 0, recordedAt: HEIGHT, evidence: { kind: 'duplicateVote' } },
    })
    expect(take(made, evidence).code).toBe('GOVERNANCE_EVIDENCE_KNOWN')
    const samePlace = must(duplicateVoteOf(signedVote(v1), signedVote(v1, { blockId: null })), 'a pair')
    expect(take(made, samePlace).code).toBe('GOVERNANCE_EVIDENCE_KNOWN')
    expect(made.broken()).toEqual([])
  })

  it('is listed in the order of recording, page by page', () => {
    const made = city()
    for (let round = 0; round < 5; round++) expect(take(made, twoVotes(v1, { round })).code).toBeNull()
    expect(made.ask(listEvidence, { from: 3 })).toMatchObject({ total: 5, records: [{ round: 3 }, { round: 4 }], next: null })
    expect(made.ask(listEvidence, { limit: 2 })).toMatchObject({ records: [{ round: 0 }, { round: 1 }], next: 2 })
    expect(made.ask(listEvidence, { from: 99 })).toMatchObject({ total: 5, records: [], next: null })
  })

  it('of every kind is taken', () => {
    const made = city()
    expect(
      take(made, must(duplicateProposalOf(signedProposal(v1), signedProposal(v1, { blockId: two })), 'a pair')).code,
    ).toBeNull()
    const forgot = amnesiaOf(signedVote(v1), signedVote(v1, { type: 'prevote', round: 1, blockId: two }))
    expect(take(made, must(forgot, 'a pair')).code).toBeNull()
    expect(made.ask(listEvidence, {})).toMatchObject({ records: [{ offence: 'proposal' }, { offence: 'amnesia' }] })
  })
})

describe('what is no evidence', () => {
  const made = city()
  const swapped = { ...twoVotes(), first: twoVotes().second, second: twoVotes().first } as Evidence
  const stranger = { ...accused('v1'), authority: accountOf('alice') }
  const byAnother = { ...v1, key: signerOf('consensus-v2') }
  it.each([
    ['GOVERNANCE_EVIDENCE_MALFORMED', new Uint8Array([1, 2, 3])],
    ['GOVERNANCE_EVIDENCE_MALFORMED', swapped],
    ['GOVERNANCE_EVIDENCE_EARLY', twoVotes(v1, { height: HEIGHT + 1 })],
    ['GOVERNANCE_EVIDENCE_EXPIRED', twoVotes(v1, { height: 0 })],
    ['GOVERNANCE_EVIDENCE_NOT_VALIDATOR', twoVotes(stranger)],
    ['GOVERNANCE_EVIDENCE_FORGED', twoVotes(byAnother)],
  ] as const)('is refused as %s and changes nothing', (code, evidence) => {
    const before = made.view.diff()
    expect(take(made, evidence).code).toBe(code)
    expect(made.view.diff()).toEqual(before)
  })

  it('and what is not recorded is told as unknown', () => {
    expect(made.ask(getEvidence, { evidenceId: `0x${'ab'.repeat(32)}` })).toBe('GOVERNANCE_EVIDENCE_UNKNOWN')
  })
})

it('a lock that a recovery ended is no amnesia, a later one of that height is', () => {
  const made = city()
  recoveries.set(made.view, 7, { recoveryHash: someBlock('a'), firstRound: 100 })
  const forgot = (locked: number): Evidence =>
    must(amnesiaOf(signedVote(v1, { round: locked }), signedVote(v1, { type: 'prevote', round: 120, blockId: two })), 'a pair')
  expect(take(made, forgot(3)).code).toBe('GOVERNANCE_EVIDENCE_MALFORMED')
  expect(take(made, forgot(101)).code).toBeNull()
})

it('amnesia suspends nobody unless the parameters say so; an old key’s offence is recorded and no more', () => {
  const made = city()
  const forgot = must(amnesiaOf(signedVote(v1), signedVote(v1, { type: 'prevote', round: 1, blockId: two })), 'a pair')
  expect(take(made, forgot).code).toBeNull()
  expect(made.ask(listEvidence, {})).toMatchObject({ records: [{ record: { consequence: 'recorded' } }] })
  const strict = { ...made.block(), params: { ...CITY_PARAMS, amnesiaSuspends: true } }
  const other = amnesiaOf(signedVote(v1, { round: 2 }), signedVote(v1, { type: 'prevote', round: 4, blockId: two }))
  const call = { bytes: encodeEvidence(must(other, 'a pair')), block: strict, checkSignature: verifySignature }
  expect(REGISTRY.takeEvidence(createApplyContext(made.view, [], LIMITS.evidenceEventsMax), call)).toBeNull()
  const [seat] = readValidators(made.view).filter(({ name }) => name === 'v2')
  const rotated = readValidators(made.view).map((one) => (one === seat ? { ...one, publicKey: signerOf('new').publicKey } : one))
  currentValidators.set(made.view, null, rotated)
  expect(take(made, twoVotes(accused('v2'))).code).toBeNull()
  const consequences = [{ consequence: 'recorded' }, { consequence: 'barred' }, { consequence: 'recorded' }]
  expect(made.ask(listEvidence, {})).toMatchObject({ records: consequences.map((record) => ({ record })) })
})

it('a culprit who signs thousands of pairs fills sixteen records and no more', () => {
  const made = city()
  for (let round = 0; round < LIMITS.evidencePerKeyMax; round++) expect(take(made, twoVotes(v1, { round })).code).toBeNull()
  expect(take(made, twoVotes(v1, { round: 900 })).code).toBe('GOVERNANCE_EVIDENCE_ENOUGH')
  expect(take(made, twoVotes(accused('v2'))).code).toBeNull()
})

it('harmless offences do not use up the room for the one that suspends', () => {
  const made = city()
  const forgot = (round: number): Evidence =>
    must(amnesiaOf(signedVote(v1, { round: 0 }), signedVote(v1, { type: 'prevote', round, blockId: two })), 'a pair')
  for (let round = 1; round <= LIMITS.evidencePerKeyMax; round++) expect(take(made, forgot(round)).code).toBeNull()
  expect(take(made, forgot(900)).code).toBe('GOVERNANCE_EVIDENCE_ENOUGH')
  expect(REGISTRY.readNextSet(made.view).eligible.map(({ name }) => name)).toContain('v1')
  expect(take(made, twoVotes()).code).toBeNull()
  expect(REGISTRY.readNextSet(made.view).eligible.map(({ name }) => name)).not.toContain('v1')
  expect(take(made, twoVotes(v1, { round: 1 })).code).toBe('GOVERNANCE_EVIDENCE_ENOUGH')
  expect(made.broken()).toEqual([])
})

describe('the age of evidence', () => {
  const begin = { total: 0, horizon: 0, marks: [{ height: 0, time: GENESIS_TIME }] }
  const passed = (height: number, ms: number) => ({ height, time: GENESIS_TIME + ms })

  it('ends only when both 100,000 blocks and 48 hours are over', () => {
    let window: EvidenceWindow = moveWindow(begin, passed(MARK_BLOCKS, MARK_MS))
    window = moveWindow(window, passed(100_000 + MARK_BLOCKS + 1, LIMITS.evidenceMsMax))
    expect(window.horizon).toBe(0)
    expect(moveWindow(window, passed(200_000, LIMITS.evidenceMsMax + MARK_MS)).horizon).toBe(0)
    expect(moveWindow(window, passed(200_000, LIMITS.evidenceMsMax + MARK_MS + 1)).horizon).toBe(MARK_BLOCKS)
    // Slow blocks: two days pass long before the blocks do.
    expect(moveWindow(begin, passed(100_000, 10 * LIMITS.evidenceMsMax)).horizon).toBe(0)
  })

  it.each([
    ['ten blocks a second', 100],
    ['a block a second', 1_000],
    ['a block in half a minute', 30_000],
  ])('is known with few marks at %s, never shorter than promised', (_name, intervalMs) => {
    let window: EvidenceWindow = begin
    const step = 256
    for (let height = step; height <= 600_000; height += step) {
      const at = passed(height, height * intervalMs)
      window = moveWindow(window, at)
      expect(window.marks.length).toBeLessThanOrEqual(MARKS_NEEDED + 2)
      const age = at.height - window.horizon
      if (window.horizon > 0) expect(age > LIMITS.evidenceBlocksMax && age * intervalMs > LIMITS.evidenceMsMax).toBe(true)
    }
  })

  it('refuses what is older, in a chain whose window has moved', () => {
    const made = city(300_000)
    const window = evidenceWindow.mustGet(made.view, null)
    evidenceWindow.set(made.view, null, { ...window, horizon: 150_000 })
    expect(take(made, twoVotes(v1, { height: 150_000 })).code).toBe('GOVERNANCE_EVIDENCE_EXPIRED')
    expect(take(made, twoVotes(v1, { height: 150_001 })).code).toBeNull()
  })
})
