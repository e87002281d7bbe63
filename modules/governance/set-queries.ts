// Owns: what can be read of proposals and of the validator set over JSON-RPC. Not here: roles, parameters, councils (queries.ts).
import { failure } from '../../core/base/errors.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { ValidatorListSchema, ValidatorSchema } from '../../core/chain/validator-set.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { address, bool, code, hash32, u16, u32, u53 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import type { ReadView } from '../../core/state/view.ts'
import { countOnline } from './attendance.ts'
import { epochAt } from './epochs.ts'
import { GovernanceError } from './errors.ts'
import { readCouncil, readValidators } from './keeper.ts'
import { statusAt } from './proposal-list.ts'
import { isBarred, isSuspended } from './sanction-list.ts'
import { CouncilNameSchema, ProposalSchema, ProposalStatusSchema } from './schema.ts'
import { readSeatNonce } from './seats.ts'
import { ActivationSchema, ReadySchema } from './set-schema.ts'
import { attendances, epochs, readiness, sanctions, successions } from './set-store.ts'
import { projectedValidators, quorumOf, seatsPerActivation } from './succession.ts'
import { proposalCount, proposalIds, proposals } from './store.ts'

const PAGE_MAX = 100

const ListedProposal = struct({ number: u32, proposalId: hash32, proposal: ProposalSchema })

/** Proposals, newest first; `nextBefore` goes on. */
export const listProposals = defineQuery({
  name: 'governance_listProposals',
  about: 'Proposals, newest first, all or those of one status as of now; nextBefore, null at the end, goes on.',
  params: struct({ status: option(ProposalStatusSchema), before: option(u32), limit: option(u32) }),
  result: struct({ items: list(ListedProposal, PAGE_MAX), nextBefore: option(u32) }),
  run: (view, { status, before, limit }, block) => {
    const wanted = Math.min(limit ?? PAGE_MAX, PAGE_MAX)
    const items = []
    let number = Math.min(before ?? Number.MAX_SAFE_INTEGER, proposalCount.get(view, null) ?? 0)
    // A page looks at so many at most, found or not, so that one question stays cheap.
    for (let looked = 0; number > 0 && items.length < wanted && looked < 10 * PAGE_MAX; looked++) {
      number -= 1
      const { proposalId } = proposalIds.mustGet(view, number)
      const proposal = proposals.mustGet(view, proposalId)
      const now = statusAt(proposal, block.height)
      if (status === null || status === now) items.push({ number, proposalId, proposal: { ...proposal, status: now } })
    }
    return { items, nextBefore: number > 0 ? number : null }
  },
})

const VotesResult = struct({
  council: CouncilNameSchema,
  status: ProposalStatusSchema,
  approvals: u16,
  threshold: u16,
  members: list(struct({ account: address, name: option(code(32)), approved: bool }), LIMITS.validatorsMax),
})

/** Who of the present council approved a proposal, and how many it takes. */
export const getVotes = defineQuery({
  name: 'governance_getVotes',
  about: 'Which present members of its council approved a proposal, and how many it takes.',
  params: struct({ proposalId: hash32 }),
  result: VotesResult,
  run: (view, { proposalId }, block) => {
    const proposal = proposals.get(view, proposalId)
    if (proposal === null) return failure(GovernanceError.PROPOSAL_UNKNOWN)
    const { threshold, members } = readCouncil(view, proposal.council)
    const names = new Map(readValidators(view).map(({ authority, name }) => [authority, name]))
    const rows = members.map((account) => ({
      account,
      name: names.get(account) ?? null,
      approved: proposal.approvals.includes(account),
    }))
    return {
      council: proposal.council,
      status: statusAt(proposal, block.height),
      approvals: rows.filter(({ approved }) => approved).length,
      threshold,
      members: rows,
    }
  },
  keyOf: ({ proposalId }) => proposals.keyOf(proposalId),
})

const PerformanceRow = struct({
  authority: address,
  name: code(32),
  /** First height that the present record of this seat is about. */
  since: u53,
  /** Blocks of the window that this seat could have signed, and how many of them it missed. */
  observed: u32,
  missed: u32,
  streak: u32,
  lastSigned: u53,
  online: bool,
  inactive: bool,
  barred: bool,
})

/** Attendance of every seat over the window. */
export const validatorPerformance = defineQuery({
  name: 'governance_validatorPerformance',
  about: 'Attendance of every validator over the window, and who is skipped as proposer.',
  params: struct({}),
  result: struct({
    from: u53,
    upTo: u53,
    window: u32,
    online: u16,
    quorum: u16,
    validators: list(PerformanceRow, LIMITS.validatorsMax),
  }),
  run: (view, _, block) => {
    const { from, upTo, seats } = attendances.mustGet(view, null)
    const members = readValidators(view)
    const validators = members.map((member) => {
      const { authority, name } = member
      const seat = seats.find((row) => row.authority === authority)
      const { since, missed, streak, lastSigned, inactive } = seat ?? {
        since: 0,
        missed: 0,
        streak: 0,
        lastSigned: 0,
        inactive: false,
      }
      const observed = Math.max(0, upTo - Math.max(from, since) + 1)
      const online = countOnline(view, [member], block.height) === 1
      return { authority, name, since, observed, missed, streak, lastSigned, online, inactive, barred: isBarred(view, authority) }
    })
    return {
      from,
      upTo,
      window: block.params.attendanceWindow,
      online: countOnline(view, members, block.height),
      quorum: quorumOf(members.length),
      validators,
    }
  },
  keyOf: () => attendances.keyOf(null),
})

const SeatResult = struct({
  /** Number that the next proof of possession is about. */
  nonce: u32,
  validator: option(ValidatorSchema),
  /** The seat once every decided change is active; null where there is none. */
  decided: option(ValidatorSchema),
  ready: option(ReadySchema),
  suspended: bool,
  barred: bool,
})

/** What the chain knows of one authority. */
export const getSeat = defineQuery({
  name: 'governance_getSeat',
  about: 'The seat of an authority now and once decided changes are active, its change number, readiness and sanctions.',
  params: struct({ authority: address }),
  result: SeatResult,
  run: (view, { authority }) => ({
    nonce: readSeatNonce(view, authority),
    validator: readValidators(view).find((validator) => validator.authority === authority) ?? null,
    decided: projectedValidators(view).find((validator) => validator.authority === authority) ?? null,
    ready: readiness.get(view, authority),
    suspended: isSuspended(view, authority),
    barred: isBarred(view, authority),
  }),
})

const SuccessionResult = struct({
  epoch: u32,
  since: u53,
  validators: u16,
  quorum: u16,
  online: u16,
  seatsPerActivation: u16,
  pending: list(ActivationSchema, 64),
  suspended: list(struct({ authority: address, since: u53 }), 1_000),
})

/** The running set and what changes it. */
export const getSuccession = defineQuery({
  name: 'governance_getSuccession',
  about: 'Which set is active since when, its quorum, who is online, and decided changes with the heights they wait for.',
  params: struct({}),
  result: SuccessionResult,
  run: (view, _, block) => {
    const { epoch, pending } = successions.mustGet(view, null)
    const members = readValidators(view)
    return {
      epoch,
      since: sinceOf(view, epoch),
      validators: members.length,
      quorum: quorumOf(members.length),
      online: countOnline(view, members, block.height),
      seatsPerActivation: seatsPerActivation(members.length),
      pending,
      suspended: sanctions.mustGet(view, null).suspended,
    }
  },
  keyOf: () => successions.keyOf(null),
})

/** The set that signs a height up to the next one, with the heights that it signs. */
export const getValidatorSet = defineQuery({
  name: 'governance_getValidatorSet',
  about: 'The set that signs a height up to the next one: its number, its heights (until is exclusive) and its members.',
  params: struct({ height: u53 }),
  result: option(struct({ epoch: u32, from: u53, until: option(u53), validators: ValidatorListSchema })),
  run: (view, { height }, block) => {
    const epoch = height > block.height + 1 ? null : epochAt(view, height)
    if (epoch === null) return null
    const { number, from, until, validators } = epoch
    return { epoch: number, from, until, validators }
  },
})

function sinceOf(view: ReadView, epoch: number): number {
  return epochs.mustGet(view, epoch).from
}

/** Every query about proposals and the set. */
export const SET_QUERIES = [listProposals, getVotes, validatorPerformance, getSeat, getSuccession, getValidatorSet] as const
