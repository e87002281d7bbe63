// Owns: the record of a change of validators, and following such records from a trusted set (consensus.md 5.4).
// Not here: how a set changes (governance), where the records lie (node/storage), proofs for clients (sdk).
import { list, struct } from '../codec/compound.ts'
import type { Infer } from '../codec/schema.ts'
import { HeaderSchema, blockIdOf } from './block.ts'
import { CertificateSchema, checkCertificate } from './certificate.ts'
import type { SignatureCheck } from './certificate.ts'
import { ValidatorListSchema, readValidatorSet } from './validator-set.ts'
import type { ValidatorSet } from './validator-set.ts'

/** A final header that names another set for the height after it, its certificate, and that set. */
export const SetChangeSchema = struct({ header: HeaderSchema, certificate: CertificateSchema, validators: ValidatorListSchema })

/** Changes in rising order of height; a few a year. */
export const SetChangeListSchema = list(SetChangeSchema, 10_000)

export type SetChange = Infer<typeof SetChangeSchema>

/** The set that a change names, or null where its list is none or not the one that its header commits to. */
export function setAfter({ header, validators }: SetChange): ValidatorSet | null {
  const set = readValidatorSet(validators)
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
}): ValidatorSet | string {
  const { chainId, changes, checkSignature } = from
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
    }
    set = next
  }
  return set
}
