// Owns: what a decided proposal does: which council decides it, when it may run, how it changes the state.
// Not here: voting (voting.ts).
import { isCivilDate, isCivilMonth, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import { setAccountClass } from '../../core/state/accounts.ts'
import type { Infer } from '../../core/codec/schema.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { GovernanceError } from './errors.ts'
import { AccountClassSet, CouncilSet, Mandated, ParamWasSet, RoleGranted, RoleRevoked } from './events.ts'
import { mandateHash, paramAt } from './keeper.ts'
import { paramRuleOf } from './param-keys.ts'
import { isRole, isScopeOf } from './roles.ts'
import { PARAM_VALUES_MAX, ROLES_MAX } from './schema.ts'
import type { Action, Council, CouncilName, HeldRole, Mandate, MandatedEvent, ParamSet, RoleGrant, RoleRevoke } from './schema.ts'
import { applySetAction, checkSetAction, isSetAction } from './seats.ts'
import type { Stage } from './seats.ts'
import { cityCouncil, mandates, params, roles } from './store.ts'

const DECIDED_BY: { readonly [K in Action['kind']]: CouncilName } = {
  roleGrant: 'city',
  roleRevoke: 'city',
  paramSet: 'city',
  councilSet: 'city',
  mandate: 'city',
  // Credits guard every block against floods, so they are a matter of consensus (decisions 11, 12).
  accountClassSet: 'validators',
  validatorAdd: 'validators',
  validatorRemove: 'validators',
  validatorRotate: 'validators',
  validatorMove: 'validators',
  chainParamsSet: 'validators',
}

/** The council that decides an action of this kind. */
export function councilOf(action: Action): CouncilName {
  return DECIDED_BY[action.kind]
}

/** What is wrong with an action whatever the state. */
export function checkActionShape(action: Action): Failure | null {
  if (action.kind === 'roleGrant') return checkPeriod(action)
  if (action.kind === 'councilSet') return checkCouncil(action)
  if (action.kind !== 'paramSet' || effectiveDate(action.effectiveFrom) !== null) return null
  return failure(GovernanceError.PARAM_DATE_INVALID, { effectiveFrom: action.effectiveFrom })
}

/** What keeps an action from being laid before its council, or from running on this state in this block. */
export function checkAction(view: ReadView, action: Action, at: { block: BlockEnv; stage: Stage }): Failure | null {
  const { block } = at
  if (isSetAction(action)) return checkSetAction(view, action, at)
  switch (action.kind) {
    case 'roleGrant':
      return checkGrant(view, action, block)
    case 'roleRevoke':
      return heldRole(view, action) === null ? failure(GovernanceError.ROLE_UNKNOWN, { role: action.role }) : null
    case 'paramSet':
      return checkParamSet(view, action, block)
    case 'accountClassSet':
      return action.creditClass < block.params.creditClasses.length
        ? null
        : failure(GovernanceError.CLASS_UNKNOWN, { creditClass: action.creditClass })
    case 'councilSet':
    case 'mandate':
      return null
  }
}

/** Carries out an action that `checkAction` allows. */
export function applyAction(context: ApplyContext, action: Action, block: BlockEnv): void {
  const { view, emit } = context
  if (isSetAction(action)) return applySetAction(context, action, block)
  switch (action.kind) {
    case 'roleGrant':
      writeGrant(view, action, kstDate(block.time))
      emit(RoleGranted, action)
      break
    case 'roleRevoke':
      removeGrant(view, action)
      emit(RoleRevoked, action)
      break
    case 'paramSet':
      writeParam(view, action, block.height)
      emit(ParamWasSet, { key: action.key, effectiveFrom: action.effectiveFrom, value: action.value })
      break
    case 'accountClassSet':
      setAccountClass(view, action.account, action.creditClass)
      emit(AccountClassSet, action)
      break
    case 'councilSet':
      cityCouncil.set(view, null, { threshold: action.threshold, members: action.members })
      emit(CouncilSet, action)
      break
    case 'mandate':
      emit(Mandated, writeMandate(view, action, block))
  }
}

/** Null when a council is sound: distinct members, a threshold from 1 to their number. */
export function checkCouncil({ threshold, members }: Council): Failure | null {
  const isSound = threshold >= 1 && threshold <= members.length && new Set(members).size === members.length
  return isSound ? null : failure(GovernanceError.COUNCIL_INVALID, { threshold, members: members.length })
}

/** Null when the days of a grant are days and in order. */
export function checkPeriod({ validFrom, validUntil }: Pick<RoleGrant, 'validFrom' | 'validUntil'>): Failure | null {
  const areDays = (validFrom === null || isCivilDate(validFrom)) && (validUntil === null || isCivilDate(validUntil))
  const areOrdered = validFrom === null || validUntil === null || validFrom <= validUntil
  return areDays && areOrdered ? null : failure(GovernanceError.ROLE_PERIOD_INVALID)
}

/** Null when the role exists and takes this scope. */
export function checkScope({ role, scope }: Pick<RoleGrant, 'role' | 'scope'>): Failure | null {
  if (!isRole(role)) return failure(GovernanceError.ROLE_UNKNOWN, { role })
  return isScopeOf(role, scope) ? null : failure(GovernanceError.SCOPE_INVALID, { role, scope: scope ?? 'none' })
}

/** The first day of a day yyyymmdd or a month yyyymm; null for anything else. */
export function effectiveDate(value: number): CivilDate | null {
  if (isCivilDate(value)) return value
  return isCivilMonth(value) ? value * 100 + 1 : null
}

/** Null when a parameter of this key may take this value. */
export function checkParamValue({ key, value: { value } }: Pick<ParamSet, 'key' | 'value'>): Failure | null {
  const rule = paramRuleOf(key)
  if (rule === null) return failure(GovernanceError.PARAM_UNKNOWN, { key })
  if (value >= rule.min && value <= rule.max) return null
  return failure(GovernanceError.PARAM_OUT_OF_BOUNDS, { key, min: rule.min.toString(), max: rule.max.toString() })
}

/** Adds a value by its effective date, after those of the same date. */
export function writeParam(view: WriteView, set: ParamSet, setAt: number): void {
  const effectiveFrom = effectiveDate(set.effectiveFrom) ?? set.effectiveFrom
  const entries = params.get(view, set.key)?.entries ?? []
  const at = entries.findLastIndex((entry) => entry.effectiveFrom <= effectiveFrom) + 1
  params.set(view, set.key, {
    entries: entries.toSpliced(at, 0, { effectiveFrom, value: set.value, sourceRef: set.sourceRef, setAt }),
  })
}

/** Adds a grant; grants that ended before `today` make room. */
export function writeGrant(view: WriteView, grant: RoleGrant, today: CivilDate): void {
  const { role, scope, validFrom, validUntil } = grant
  const kept = keptRoles(view, grant, today)
  roles.set(view, grant.did, { roles: [...kept, { role, scope, validFrom, validUntil }] })
}

function checkGrant(view: ReadView, grant: RoleGrant, block: BlockEnv): Failure | null {
  const bad = checkScope(grant)
  if (bad !== null) return bad
  const kept = keptRoles(view, grant, kstDate(block.time))
  const overlapping = kept.some((held) => held.role === grant.role && held.scope === grant.scope && overlaps(held, grant))
  if (overlapping) return failure(GovernanceError.ROLE_EXISTS, { role: grant.role })
  return kept.length >= ROLES_MAX ? failure(GovernanceError.ROLES_FULL, { max: ROLES_MAX }) : null
}

type Period = Pick<RoleGrant, 'validFrom' | 'validUntil'>

function overlaps(a: Period, b: Period): boolean {
  const startsInTime = (x: Period, y: Period): boolean =>
    x.validFrom === null || y.validUntil === null || x.validFrom <= y.validUntil
  return startsInTime(a, b) && startsInTime(b, a)
}

function keptRoles(view: ReadView, { did }: Pick<RoleGrant, 'did'>, today: CivilDate): readonly HeldRole[] {
  const held = roles.get(view, did)?.roles ?? []
  return held.filter((role) => role.validUntil === null || role.validUntil >= today)
}

function heldRole(view: ReadView, { did, role, scope }: RoleRevoke): HeldRole | null {
  return roles.get(view, did)?.roles.find((held) => held.role === role && held.scope === scope) ?? null
}

function removeGrant(view: WriteView, { did, role, scope }: RoleRevoke): void {
  const left = roles.mustGet(view, did).roles.filter((held) => held.role !== role || held.scope !== scope)
  if (left.length === 0) roles.remove(view, did)
  else roles.set(view, did, { roles: left })
}

function checkParamSet(view: ReadView, set: ParamSet, block: BlockEnv): Failure | null {
  const bad = checkParamValue(set)
  if (bad !== null) return bad
  const today = kstDate(block.time)
  const effectiveFrom = effectiveDate(set.effectiveFrom)
  // The day that has begun keeps its value: transactions of this morning ran under it.
  if (effectiveFrom === null || effectiveFrom <= today) return failure(GovernanceError.PARAM_RETROACTIVE, { key: set.key, today })
  const count = params.get(view, set.key)?.entries.length ?? 0
  return count >= PARAM_VALUES_MAX ? failure(GovernanceError.PARAM_FULL, { key: set.key }) : null
}

function writeMandate(view: WriteView, { sender, txType, payload }: Mandate, block: BlockEnv): Infer<typeof MandatedEvent> {
  const usableUntil = block.height + Number(paramAt(view, 'governance.proposalBlocks', block))
  mandates.set(view, mandateHash({ sender, txType, payload }), { decidedAt: block.height, usableUntil })
  return { sender, txType, payloadHash: sha256(payload), usableUntil }
}
