// Owns: the record of a change of validators, and following such records from a trusted set (consensus.md 5.4).
// Not here: how a set changes (governance), where the records lie (node/storage), proofs for clients (sdk).
import type { Hash32 } from '../base/ids.ts'
import { list, option, struct } from '../codec/compound.ts'
import type { Infer } from '../codec/schema.ts'
import { HeaderSchema, blockIdOf } from './block.ts'
import { CertificateSchema, checkCertificate } from './certificate.ts'
import type { SignatureCheck } from './certificate.ts'
import { RecoverySchema, checkRecovery, recoveryHashOf } from './recovery.ts'
import type { Recovery, Roots } from './recovery.ts'
import { ValidatorListSchema, readValidatorSet } from './validator-set.ts'
import type { ValidatorSet } from './validator-set.ts'

/**
 * A final header after which another set signs, its certificate, and that set: the one that the header names, or where the city's
 * root keys had to replace the validators, that of the recovery (G11).
 */
export const SetChangeSchema = struct({
  header: HeaderSchema,
  certificate: CertificateSchema,
  validators: ValidatorListSchema,
  recovery: option(RecoverySchema),
})

/** Changes in rising order of height; a few a year. */
export const SetChangeListSchema = list(SetChangeSchema, 10_000)

export type SetChange = Infer<typeof SetChangeSchema>

/** The set that a change names, or null where its list is none or not the one that its header or its recovery commits to. */
export function setAfter({ header, validators, recovery }: SetChange): ValidatorSet | null {
  const set = readValidatorSet(validators)
  if (recovery !== null) {
    const { content } = recovery
    const isOfHeader = content.height === header.height && content.blockId === blockIdOf(header)
    const recovered = isOfHeader ? readValidatorSet(content.validators) : null
    return set !== null && set.hash === recovered?.hash ? set : null
  }
  return set !== null && set.hash === header.nextValidatorsHash && set.hash !== header.validatorsHash ? set : null
}

/**
 * The set after all changes, or one sentence why they do not show it. With signatures each change must be final by a quorum of
 * the set before it; without (`checkSignature` null) only the hashes must fit: then the end is claimed, not shown.
 */
export function followSetChanges(from: {
  readonly chainId: string
  readonly set: ValidatorSet
  readonly changes: readonly SetChange[]
  readonly checkSignature: SignatureCheck | null
  /** Whose word replaces validators; a recovery is refused where it is not known. */
  readonly city?: City
}): ValidatorSet | string {
  const { chainId, changes, checkSignature, city } = from
  let { set } = from
  let below = 0
  for (const change of changes) {
    const { header, certificate } = change
    const { height } = header
    const at = `the change of validators at height ${height}`
    if (height <= below) return `${at} does not lie above ${below}`
    below = height
    const next = setAfter(change)
    if (next === null) return `${at} does not name the validators given with it`
    if (checkSignature !== null) {
      if (header.chainId !== chainId || header.validatorsHash !== set.hash) return `${at} does not follow on the set before it`
      const isOfHeader =
        certificate.type === 'precommit' && certificate.height === height && certificate.blockId === blockIdOf(header)
      const refused = isOfHeader
        ? checkCertificate({ chainId, set, certificate, checkSignature })
        : 'its certificate is of another block'
      if (refused !== null) return `${at}: ${refused}`
      const { recovery } = change
      const fault = recovery === null ? null : refusedRecovery(recovery, { chainId, city, checkSignature })
      if (fault !== null) return `${at}: ${fault}`
    }
    set = next
  }
  return set
}

/**
 * The root keys of a genesis document, which alone may replace validators without their signatures. `given` are the hashes of
 * recoveries that the operator gave: no other is taken from a peer. Null takes every one that the root keys decided.
 */
export type City = { readonly genesisHash: Hash32; readonly roots: Roots | null; readonly given: readonly Hash32[] | null }

type By = { readonly chainId: string; readonly city: City | undefined; readonly checkSignature: SignatureCheck }

// How many validators there must be was judged by the nodes that took it up; here it is history.
function refusedRecovery(recovery: Recovery, { chainId, city, checkSignature }: By): string | null {
  if (city === undefined) return 'the city’s root keys are not known here'
  const { genesisHash, roots, given } = city
  const fault = checkRecovery({ chainId, genesisHash, roots, validatorsMin: 1, recovery, checkSignature })
  if (fault !== null) return fault.text
  return given === null || given.includes(recoveryHashOf(recovery.content)) ? null : 'a recovery that the operator did not give'
}
