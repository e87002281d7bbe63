// Owns: what can be read of governance over JSON-RPC. Not here: what other rooms read (keeper.ts).
import { isCivilDate, kstDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import { ValidatorListSchema } from '../../core/chain/validator-set.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { address, code, hash32, u32 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { GovernanceError } from './errors.ts'
import { entryOn, readCouncil, readValidators } from './keeper.ts'
import { paramRuleOf } from './param-keys.ts'
import { stepOn } from './param-rule.ts'
import { CouncilNameSchema, CouncilSchema, ParamResult, ProposalSchema, RolesSchema } from './schema.ts'
import { cityCouncil, currentValidators, params, proposals, roles } from './store.ts'

/** A proposal with its status as of the asked block. */
export const getProposal = defineQuery({
  name: 'governance_getProposal',
  about: 'A proposal: what it does, who approved it, what became of it.',
  params: struct({ proposalId: hash32 }),
  result: ProposalSchema,
  run: (view, { proposalId }, block) => {
    const proposal = proposals.get(view, proposalId)
    if (proposal === null) return failure(GovernanceError.PROPOSAL_UNKNOWN)
    const isExpired = proposal.status === 'open' && block.height > proposal.expiresAt
    return isExpired ? { ...proposal, status: 'expired' as const } : proposal
  },
  keyOf: ({ proposalId }) => proposals.keyOf(proposalId),
})

/** The roles of an account, also those not yet or no longer in force. */
export const getRoles = defineQuery({
  name: 'governance_getRoles',
  about: 'The roles of an account with their scopes and days.',
  params: struct({ account: address }),
  result: RolesSchema,
  run: (view, { account }) => roles.get(view, account) ?? { roles: [] },
  keyOf: ({ account }) => roles.keyOf(account),
})

/** The value of a parameter on a Korean day; today where none is named. */
export const getParam = defineQuery({
  name: 'governance_getParam',
  about: 'The value of a legal parameter on a Korean day, today where none is named.',
  params: struct({ key: code(64), date: option(u32) }),
  result: ParamResult,
  run: (view, { key, date }, block) => {
    const rule = paramRuleOf(key)
    if (rule === null) return failure(GovernanceError.PARAM_UNKNOWN, { key })
    if (date !== null && !isCivilDate(date)) return failure(GovernanceError.PARAM_DATE_INVALID, { date })
    const day = date ?? kstDate(block.time)
    const entry = entryOn(view, key, day) ?? entryOn(view, rule.key, day)
    const step = stepOn(rule, day)
    if (entry !== null && (step === null || entry.effectiveFrom >= step.from))
      return { key, value: entry.value, effectiveFrom: entry.effectiveFrom, isInitial: false }
    const value = { kind: 'number' as const, value: step?.value ?? rule.initial }
    return { key, value, effectiveFrom: step?.from ?? null, isInitial: true }
  },
  keyOf: ({ key }) => params.keyOf(key),
})

/** Members and threshold of a council. */
export const getCouncil = defineQuery({
  name: 'governance_getCouncil',
  about: 'Members and threshold of a council.',
  params: struct({ council: CouncilNameSchema }),
  result: CouncilSchema,
  run: (view, { council }) => readCouncil(view, council),
  // The validators are their own council: the record behind the answer is the set itself.
  keyOf: ({ council }) => (council === 'city' ? cityCouncil.keyOf(null) : currentValidators.keyOf(null)),
})

/** The validators of the next block. */
export const getValidators = defineQuery({
  name: 'governance_getValidators',
  about: 'The validators of the next block, sorted by authority.',
  params: struct({}),
  result: ValidatorListSchema,
  run: (view) => readValidators(view),
  keyOf: () => currentValidators.keyOf(null),
})
