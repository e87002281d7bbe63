// Owns: what later rooms, the node and the proposer of a block may ask governance, and what evidence may ask of it.
// Not here: what a council decides (actions.ts).
import { must } from '../../core/base/assert.ts'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address, Hash32, Height, TimeMs } from '../../core/base/ids.ts'
import type { ChainParams } from '../../core/chain/params.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { hashFields } from '../../core/crypto/hash.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { GovernanceError } from './errors.ts'
import { paramRuleOf } from './param-keys.ts'
import { stepOn } from './param-rule.ts'
import type { ParamRule, ParamStep } from './param-rule.ts'
import { isGuCode } from './roles.ts'
import type { Council, CouncilName, HeldRole, Mandate, ParamEntry } from './schema.ts'
import type { KeyHistorySchema } from './set-schema.ts'
import { keyHistory } from './set-store.ts'
import { barProposer, suspend } from './suspension.ts'
import type { Suspension } from './suspension.ts'
import { chainParams, cityCouncil, currentValidators, mandates, params, roles } from './store.ts'

/** The moment of a question: the block's time decides which roles and parameters are in force. */
export type Moment = { readonly time: TimeMs }

/** A question about a role. `scope` null asks for the role with any scope. */
export type RoleQuestion = {
  readonly account: Address
  readonly role: string
  readonly scope: string | null
  readonly block: Moment
}

/** Whether the account holds the role on the block's Korean day, unrestricted or for this scope. */
export function hasRole(view: ReadView, question: RoleQuestion): boolean {
  const record = roles.get(view, question.account)
  if (record === null) return false
  const today = kstDate(question.block.time)
  return record.roles.some(
    (held) =>
      held.role === question.role &&
      (question.scope === null || held.scope === null || held.scope === question.scope) &&
      isInForce(held, today),
  )
}

/** GOVERNANCE_NOT_AUTHORIZED unless the account holds the role. */
export function requireRole(view: ReadView, question: RoleQuestion): Failure | null {
  if (hasRole(view, question)) return null
  const { role, scope } = question
  return failure(GovernanceError.NOT_AUTHORIZED, scope === null ? { role } : { role, scope })
}

/** Whether a grant covers a Korean day. */
export function isInForce(held: HeldRole, date: CivilDate): boolean {
  return (held.validFrom === null || held.validFrom <= date) && (held.validUntil === null || date <= held.validUntil)
}

/** The value of a number parameter on the block's Korean day: latest effectiveFrom <= day, the family's, or the initial one. */
export function paramAt(view: ReadView, key: string, block: Moment): bigint {
  return paramOn(view, key, kstDate(block.time))
}

/** As `paramAt`, for a day that the caller names: a pay period, a due date. */
export function paramOn(view: ReadView, key: string, date: CivilDate): bigint {
  return lawOn(view, key, date).value
}

/**
 * A value on a day, and how it stands: decided by a council or by the law as far as it is known, the latest that was known
 * before, or nothing that anybody ever decided.
 */
export type ParamValue = { readonly value: bigint; readonly standing: 'decided' | 'latest' | 'none' }

/** The value of a number parameter on a day: of a council's entry and a step of law the later, else the initial one. */
export function lawOn(view: ReadView, key: string, date: CivilDate): ParamValue {
  const rule = must(paramRuleOf(key), `parameter ${key} has a rule`)
  const entry = entryOn(view, key, date) ?? (rule.key === key ? null : entryOn(view, rule.key, date))
  const step = stepOn(rule, date)
  if (entry !== null && (step === null || entry.effectiveFrom >= step.from)) return decided(entry.value.value)
  return lawful(rule, step, date)
}

/** The same without a chain: what the law has on a day, with no council's entry; null for a parameter that does not exist. */
export function statuteOn(key: string, date: CivilDate): ParamValue | null {
  const rule = paramRuleOf(key)
  if (rule === null) return null
  const step = stepOn(rule, date)
  return lawful(rule, step, date)
}

/** What the law itself has of a parameter, from which day on. */
export function stepsOf(key: string): readonly ParamStep[] {
  return paramRuleOf(key)?.steps ?? []
}

const decided = (value: bigint): ParamValue => ({ value, standing: 'decided' })

function lawful({ initial, steps, knownUntil }: ParamRule, step: ParamStep | null, date: CivilDate): ParamValue {
  if (steps === undefined) return decided(initial)
  if (step === null) return { value: initial, standing: 'none' }
  return knownUntil === undefined || date <= knownUntil ? decided(step.value) : { value: step.value, standing: 'latest' }
}

/** The entry of exactly this key that is in force on a day; of several with one date the last decided holds. */
export function entryOn(view: ReadView, key: string, date: CivilDate): ParamEntry | null {
  return params.get(view, key)?.entries.findLast((entry) => entry.effectiveFrom <= date) ?? null
}

/** Every entry that a council set for exactly this key, in rising order of its day. */
export function entriesOf(view: ReadView, key: string): readonly ParamEntry[] {
  return params.get(view, key)?.entries ?? []
}

/** The validators of the next block, sorted by authority. */
export function readValidators(view: ReadView): readonly Validator[] {
  return currentValidators.mustGet(view, null)
}

/** The consensus parameters of the next block. */
export function readChainParams(view: ReadView): ChainParams {
  return chainParams.mustGet(view, null)
}

/** Members and threshold of a council; the validators decide by more than two thirds: floor(2n/3)+1. */
export function readCouncil(view: ReadView, name: CouncilName): Council {
  if (name === 'city') return cityCouncil.mustGet(view, null)
  const members = readValidators(view).map((validator) => validator.authority)
  return { threshold: Math.floor((2 * members.length) / 3) + 1, members }
}

/** What a mandate is found by: sender, type number and payload. */
export function mandateHash({ sender, txType, payload }: Mandate): Hash32 {
  return hashFields('naru/mandate/v1', fromHex(sender), new Uint8Array([txType >> 8, txType & 0xff]), payload)
}

/** GOVERNANCE_MANDATE_MISSING unless the city council lets this sender send exactly this at this height. */
export function requireMandate(view: ReadView, mandate: Mandate, height: Height): Failure | null {
  const held = mandates.get(view, mandateHash(mandate))
  return held !== null && height <= held.usableUntil ? null : failure(GovernanceError.MANDATE_MISSING)
}

/** Uses up a mandate: it is good once. */
export function spendMandate(view: WriteView, mandate: Mandate): void {
  mandates.remove(view, mandateHash(mandate))
}

/** Whose consensus key this is or was, and at which heights; null for a key that never had a seat. */
export function ownerOfKey(view: ReadView, publicKey: Uint8Array): Infer<typeof KeyHistorySchema> | null {
  return keyHistory.get(view, toHex(publicKey))
}

/**
 * What follows a proof that a validator signed against the rules, without a vote (G9): it never proposes from the next block on
 * and leaves the set two blocks on, or stays in the count where fewer would be less safe. Safe to call twice.
 */
export function suspendValidator(context: ApplyContext, authority: Address, block: BlockEnv): Suspension {
  return suspend(context, authority, block)
}

/** The milder half of `suspendValidator`: the validator never proposes until it is replaced or rotates its key. */
export function neverPropose(context: ApplyContext, authority: Address): void {
  barProposer(context, authority)
}

/** True for the administrative code of one of Seoul's 25 gu. */
export function isGu(code: string): boolean {
  return isGuCode(code)
}
