// Owns: what happens with points: programmes and their lives, grants alone and by mandate, families, taxes, clawbacks, settlements.
// Not here: payments with points (acts.ts).
import { addDays, kstDate } from '../../../core/base/civil-time.ts'
import { ZERO_HASH } from '../../../core/base/ids.ts'
import type { TxId } from '../../../core/base/ids.ts'
import { encode } from '../../../core/codec/schema.ts'
import { approve } from '../../../modules/governance/approve.ts'
import { propose } from '../../../modules/governance/propose.ts'
import { claimSurveyReward } from '../../../modules/points/claim.ts'
import { clawbackDecide, clawbackExecute, clawbackObject, clawbackOpen } from '../../../modules/points/clawback-steps.ts'
import { familySet } from '../../../modules/points/family.ts'
import { ECO, ETAX, HEALTH } from '../../../modules/points/fixtures.ts'
import { grantBatch } from '../../../modules/points/grant-batch.ts'
import { grant } from '../../../modules/points/grant.ts'
import { payTax } from '../../../modules/points/pay-tax.ts'
import type { GrantItem } from '../../../modules/points/payloads.ts'
import { GrantBatchPayload } from '../../../modules/points/payloads.ts'
import { programmeCreate } from '../../../modules/points/prog-create.ts'
import { programmeFund } from '../../../modules/points/prog-fund.ts'
import { freeReserve, programmeRelease } from '../../../modules/points/prog-release.ts'
import {
  programmeApprove,
  programmeClose,
  programmePause,
  programmeResume,
  programmeSetBudget,
} from '../../../modules/points/prog-state.ts'
import type { ProgrammeSpec } from '../../../modules/points/schema.ts'
import { dueOf, settle } from '../../../modules/points/settle.ts'
import { programmeBooks } from '../../../modules/points/store.ts'
import { eventIdOf } from '../../../modules/points/tags.ts'
import { transfer } from '../../../modules/points/transfer.ts'
import { tagOf } from '../../points-bench.ts'
import { BRIEF, DRAFTS, PEOPLE } from './city.ts'
import type { Outcome } from './city.ts'
import { addressOf, remember } from './tools.ts'
import type { Act, Acts, Tools } from './tools.ts'

const SPECS = [ETAX, ECO, HEALTH, BRIEF, BRIEF] as const
const NAMED = ['ETAX', 'ECO', 'HEALTH', 'BRIEF'] as const
const REASON = 'REASON'
const BATCH_TYPE = 0x0409

function itemOf({ city, dice, person, next }: Tools, spec: ProgrammeSpec): { item: GrantItem; event: string; to: string } {
  const to = person()
  const event = `e${dice(12) === 0 ? dice(60) : 100 + next()}`
  const tier = dice(spec.table.length)
  const row = spec.table[tier]
  const item = {
    ...{ to: addressOf(to), personTag: tagOf(`person ${dice(40)}`), eventId: eventIdOf(spec.programmeId, event) },
    ...{ eventKind: row?.kind ?? '', tier, points: row?.points ?? 0n, evidenceCommit: ZERO_HASH },
    eventDate: addDays(kstDate(city.block().time), dice(15) === 0 ? 1 - dice(100) : -dice(5)),
  }
  return { item, event, to }
}

function grantOne(tools: Tools): Outcome {
  const { pick, memory, act } = tools
  const spec = pick(SPECS)
  const { item, event, to } = itemOf(tools, spec)
  const { programmeId } = spec
  const outcome = act(grant, 'office', { programmeId, ...item }, `event ${programmeId}/${event}`)
  if (outcome.code === null) remember(memory.events, { programmeId, event, to })
  return outcome
}

function grantMany(tools: Tools): Outcome {
  const { dice, pick, act } = tools
  const spec = pick(SPECS)
  const grants = Array.from({ length: 1 + dice(dice(8) === 0 ? 100 : 12) }, () => itemOf(tools, spec).item)
  return act(grantBatch, 'office', { programmeId: spec.programmeId, grants })
}

// Above points.batchMandate the council decides first; some try without, some with another list than was decided.
function grantFortune(tools: Tools): Outcome {
  const { dice, act } = tools
  const list = (): GrantItem[] =>
    Array.from({ length: 215 }, () => ({ ...itemOf(tools, ECO).item, tier: 2, eventKind: 'SAVING', points: 50_000n }))
  const payload = { programmeId: 'ECO', grants: list() }
  const action = {
    kind: 'mandate' as const,
    ...{ sender: addressOf('office'), txType: BATCH_TYPE, payload: encode(GrantBatchPayload, payload) },
  }
  if (dice(5) > 0) {
    const laid = act(propose, 'city1', { action })
    if (laid.code === null) act(approve, 'city2', { proposalId: laid.txId })
  }
  return act(grantBatch, 'office', dice(5) === 0 ? { ...payload, grants: list() } : payload)
}

function settleDay({ city, dice, memory, pick, act }: Tools): Outcome {
  const known = memory.takings.length > 0 && dice(8) > 0 ? pick(memory.takings) : null
  const period = known?.day ?? addDays(kstDate(city.block().time), -dice(4))
  const programmeId = known?.programmeId ?? pick(NAMED)
  const merchantId = known?.merchantId ?? pick(memory.shops).merchantId
  const { points } = dueOf(city.view, { programmeId, merchantId, day: period })
  return act(settle, 'cityhall', { programmeId, merchantId, period, total: dice(12) === 0 ? points + 1n : points })
}

function programmeActs({ city, dice, memory, pick, next, act }: Tools): Acts {
  const known = (): string => pick([...NAMED, ...memory.drafts])
  const because = () => ({ programmeId: known(), reasonCode: REASON })
  const create: Act = () => {
    const programmeId = pick([...DRAFTS, 'ETAX', 'NOBODYS'])
    const spec = { ...BRIEF, programmeId, budget: 500_000n, reserve: pick(['FULL', 'BUDGET'] as const) }
    const outcome = act(programmeCreate, 'office', spec)
    if (outcome.code === null) remember(memory.drafts, programmeId)
    return outcome
  }
  // Only programmes of the life's own making are closed: the others go on.
  const close: Act = () => {
    const programmeId = memory.drafts.at(-1)
    if (programmeId === undefined || dice(4) > 0) return null
    const outcome = act(programmeClose, pick(['office', 'city3']), { programmeId, reasonCode: REASON })
    if (outcome.code === null) remember(memory.closed, programmeId)
    return outcome
  }
  const release: Act = () => {
    const programmeId = memory.closed.at(-1) ?? 'ETAX'
    const books = programmeBooks.get(city.view, programmeId)
    const free = books === null ? 0n : freeReserve(books)
    return act(programmeRelease, 'cityhall', { programmeId, amount: free > 0n && dice(3) > 0 ? free : free + 1n })
  }
  return {
    create: [1, create],
    approve: [1, () => act(programmeApprove, 'cityhall', { programmeId: memory.drafts.at(-1) ?? 'ETAX' })],
    fund: [1, () => act(programmeFund, 'cityhall', { programmeId: known(), amount: BigInt(1 + dice(200_000)) })],
    pause: [1, () => act(programmePause, pick(['office', 'city3']), because())],
    resume: [4, () => act(programmeResume, pick(['office', 'city3']), because())],
    close: [1, close],
    release: [1, release],
    setBudget: [1, () => act(programmeSetBudget, 'cityhall', { programmeId: known(), budget: BigInt(500_000 + dice(10 ** 9)) })],
    grantNew: [1, () => (memory.drafts.length === 0 ? null : grantInto(memory.drafts.at(-1) ?? 'NEW'))],
  }
  function grantInto(programmeId: string): Outcome {
    const spec = { ...BRIEF, programmeId }
    const { item } = itemOf({ city, dice, memory, pick, next, act, person: () => pick(PEOPLE) } as Tools, spec)
    return act(grant, 'office', { programmeId, ...item })
  }
}

function caseActs({ dice, memory, pick, person, amount, act }: Tools): Acts {
  const onCase = (run: (caseId: TxId, to: string) => Outcome): Outcome | null => {
    const found = memory.cases.length === 0 ? null : pick(memory.cases.slice(-60))
    return found === null ? null : run(found.caseId, found.to)
  }
  const open: Act = () => {
    if (memory.events.length === 0) return null
    const { programmeId, event, to } = pick(memory.events)
    const named = { programmeId, eventId: eventIdOf(programmeId, event), reasonCode: REASON, caseCommit: ZERO_HASH }
    const outcome = act(clawbackOpen, 'office', { ...named, points: 1n + (amount() % 700n) })
    if (outcome.code === null) remember(memory.cases, { caseId: outcome.txId, to })
    return outcome
  }
  return {
    open: [2, open],
    object: [
      2,
      () => onCase((caseId, to) => act(clawbackObject, dice(6) === 0 ? person() : to, { caseId, objectionCommit: ZERO_HASH })),
    ],
    decide: [
      2,
      () => onCase((caseId) => act(clawbackDecide, 'city3', { caseId, points: BigInt(dice(400)), reasonCode: REASON })),
    ],
    execute: [3, () => onCase((caseId) => act(clawbackExecute, person(), { caseId }))],
  }
}

/** Acts of points. */
export function pointsActs(tools: Tools): Acts {
  const { dice, pick, person, amount, next, act } = tools
  const claim: Act = () => {
    const tokenInput = new Uint8Array(32).fill(0)
    const token = dice(5) === 0 ? dice(20) : 100 + next()
    new DataView(tokenInput.buffer).setUint32(0, token)
    const payload = {
      programmeId: 'SURVEY',
      to: addressOf(person()),
      tokenInput,
      tier: 0,
      points: 1_000n,
      evidenceCommit: ZERO_HASH,
    }
    return act(claimSurveyReward, 'office', payload, `token ${token}`)
  }
  const family: Act = () =>
    act(familySet, 'office', {
      ...{ programmeId: pick(['ECO', 'ETAX']), a: addressOf(person()), b: addressOf(person()), related: dice(3) > 0 },
    })
  return {
    grant: [18, () => grantOne(tools)],
    batch: [2, () => grantMany(tools)],
    fortune: [1, () => (dice(25) === 0 ? grantFortune(tools) : null)],
    transfer: [7, () => act(transfer, person(), { to: addressOf(person()), programmeId: pick(NAMED), points: amount() })],
    payTax: [2, () => act(payTax, person(), { taxRefCommit: ZERO_HASH, points: amount() })],
    claim: [2, claim],
    family: [1, family],
    settle: [5, () => settleDay(tools)],
    ...prefixed('programme', programmeActs(tools)),
    ...prefixed('case', caseActs(tools)),
  }
}

function prefixed(prefix: string, acts: Acts): Acts {
  return Object.fromEntries(Object.entries(acts).map(([name, act]) => [`${prefix}.${name}`, act]))
}
