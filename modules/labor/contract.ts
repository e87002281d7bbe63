// Owns: finding a contract and who a sender is to it; its versions by day; writing its states. Not here: the transactions.
import { addDays, kstDate } from '../../core/base/civil-time.ts'
import type { CivilDate } from '../../core/base/civil-time.ts'
import { failure, isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { encode } from '../../core/codec/schema.ts'
import type { Infer } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { ApplyContext, BlockEnv } from '../../core/execution/module.ts'
import type { ReadView, WriteView } from '../../core/state/view.ts'
import { paramAt } from '../governance/keeper.ts'
import { LaborError } from './errors.ts'
import { ContractClosed } from './events.ts'
import { CONTRACT_FLAGS_MAX, SIZES_MAX, VersionSchema } from './schema.ts'
import type { Contract, Version, WorkplaceSchema } from './schema.ts'
import type { Side } from './shift-schema.ts'
import { contracts, parties, partyContracts, versionMarks, versions, workplaces } from './store.ts'
import type { ContractId, WorkplaceKey } from './store.ts'
import type { Terms } from './terms-schema.ts'

/** The contract, or LABOR_CONTRACT_UNKNOWN. */
export function findContract(view: ReadView, contractId: ContractId): Contract | Failure {
  return contracts.get(view, contractId) ?? failure(LaborError.CONTRACT_UNKNOWN, { contractId: `0x${contractId}` })
}

/** The contract in one of these states, or LABOR_CONTRACT_UNKNOWN, LABOR_CONTRACT_STATE. */
export function findContractIn(view: ReadView, contractId: ContractId, states: readonly Contract['state'][]): Contract | Failure {
  const contract = findContract(view, contractId)
  if (isFailure(contract) || states.includes(contract.state)) return contract
  return failure(LaborError.CONTRACT_STATE, { state: contract.state, needs: states.join(' or ') })
}

/** Which party the account is, or null. */
export function sideOf({ employer, worker }: Contract, account: Address): Side | null {
  if (account === worker) return 'WORKER'
  return account === employer ? 'EMPLOYER' : null
}

/** The other party. */
export function otherSide(side: Side): Side {
  return side === 'WORKER' ? 'EMPLOYER' : 'WORKER'
}

/** LABOR_NOT_PARTY unless the account is this party. */
export function checkSide(contract: Contract, account: Address, side: Side): Failure | null {
  return sideOf(contract, account) === side ? null : failure(LaborError.NOT_PARTY, { needs: side })
}

/** LABOR_NOT_PARTY unless the account is one of the two. */
export function checkParty(contract: Contract, account: Address): Failure | null {
  return sideOf(contract, account) === null ? failure(LaborError.NOT_PARTY, { needs: 'WORKER or EMPLOYER' }) : null
}

/** Every signed version in order. */
export function versionsOf(view: ReadView, contractId: ContractId): readonly Version[] {
  const { version: count } = contracts.mustGet(view, contractId)
  return Array.from({ length: count }, (_, i) => versions.mustGet(view, { contractId, version: i + 1 }))
}

/** The last signed version that stands on a day; the first one for days before it. */
export function versionOn(view: ReadView, contractId: ContractId, day: CivilDate): Version {
  const { version: count } = contracts.mustGet(view, contractId)
  for (let version = count; version > 1; version--) {
    const found = versions.mustGet(view, { contractId, version })
    if (found.effectiveFrom <= day) return found
  }
  return versions.mustGet(view, { contractId, version: 1 })
}

/** Writes a version that both have signed, with its public mark; it never changes again. */
export function writeVersion(view: WriteView, key: { contractId: ContractId; version: number }, version: Version): void {
  versions.set(view, key, version)
  const { docHash, effectiveFrom } = version
  versionMarks.set(view, key, { recordHash: sha256(encode(VersionSchema, version)), docHash, effectiveFrom })
}

/** Lists a new contract under both parties. */
export function listContract(view: WriteView, contractId: ContractId, { employer, worker }: Contract): void {
  for (const did of [employer, worker]) {
    const index = parties.get(view, did)?.count ?? 0
    partyContracts.set(view, { did, index }, { contractId })
    parties.set(view, did, { count: index + 1 })
  }
}

/** Whether the workplace, with so many contracts more, has five and more people: no headcount is kept at four on paper. */
export function isLargeWith(
  view: ReadView,
  { block, more, ...workplace }: WorkplaceKey & { readonly block: BlockEnv; readonly more: number },
): boolean {
  const active = workplaces.get(view, workplace)?.active ?? 0
  return active + more >= Number(paramAt(view, 'labor.largeFrom', block))
}

/** Counts a contract in or out at its workplace; where that crosses the law's line the day is kept. */
export function countActive(view: WriteView, contract: Contract, { change, block }: { change: 1 | -1; block: BlockEnv }): void {
  const { employer, workplaceId } = contract
  const record = workplaces.get(view, { employer, workplaceId }) ?? { active: 0, sizes: [] }
  const active = record.active + change
  const headcount = active >= Number(paramAt(view, 'labor.largeFrom', block)) ? ('GE5' as const) : ('LT5' as const)
  const last = record.sizes.at(-1)
  const from = kstDate(block.time)
  // Whoever crosses the line every day until nothing more is kept stays a workplace of five, not one of four.
  const isFull = record.sizes.length >= (headcount === 'LT5' ? SIZES_MAX - 1 : SIZES_MAX)
  const isSame = (last?.headcount ?? 'LT5') === headcount || isFull
  const earlier = last?.from === from ? record.sizes.slice(0, -1) : record.sizes
  workplaces.set(view, { employer, workplaceId }, { active, sizes: isSame ? record.sizes : [...earlier, { from, headcount }] })
}

/** The days from which the workplace was seen to have five and more people, or fewer again. */
export function sizesAt(view: ReadView, { employer, workplaceId }: Contract): Infer<typeof WorkplaceSchema>['sizes'] {
  return workplaces.get(view, { employer, workplaceId })?.sizes ?? []
}

/** Whether the contract is in force: people work under it. */
export function isInForce({ state }: Pick<Contract, 'state'>): boolean {
  return state === 'ACTIVE' || state === 'NOTICE'
}

/** Whether nobody has accepted the contract, or ever did. */
export function isBeforeSigning({ state }: Pick<Contract, 'state'>): boolean {
  return state === 'OFFERED' || state === 'DECLINED' || state === 'WITHDRAWN' || state === 'EXPIRED'
}

/** Whether a day lies inside of the contract as it stands. */
export function covers({ startOn, endOn }: Contract, day: CivilDate): boolean {
  return startOn <= day && (endOn === null || day <= endOn)
}

/** Adds a flag to the contract's own list. */
export function withFlag(contract: Contract, flag: string): Contract {
  const { flags } = contract
  return flags.includes(flag) || flags.length === CONTRACT_FLAGS_MAX ? contract : { ...contract, flags: [...flags, flag] }
}

/** Takes a flag off the contract's own list. */
export function withoutFlag(contract: Contract, flag: string): Contract {
  return { ...contract, flags: contract.flags.filter((one) => one !== flag) }
}

/** Puts a contract into a state from which nobody works under it, and tells. */
export function closeContract({ view, emit }: ApplyContext, contractId: ContractId, contract: Contract): void {
  contracts.set(view, contractId, contract)
  emit(ContractClosed, { contractId, state: contract.state })
}

/** Whether the contract runs for more than two years by its dates (part-time act 4). */
export function isOverTwoYears({ startOn, endOn }: Pick<Terms, 'startOn' | 'endOn'>): boolean {
  return endOn !== null && addDays(endOn, 1) > startOn + 20_000
}
