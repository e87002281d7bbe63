// Owns: what a verifier believes without proof, and how that belief follows the validators. Not here: the proofs (verify.ts).
import { toHex } from '../core/base/bytes.ts'
import type { Hash32 } from '../core/base/ids.ts'
import type { Roots } from '../core/chain/recovery.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import type { Validator, ValidatorSet } from '../core/chain/validator-set.ts'
import type { Header } from '../core/chain/block.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { initGenesis, parseGenesis } from '../core/execution/init-genesis.ts'
import type { Registry } from '../core/execution/registry.ts'
import { REGISTRY } from '../modules/registry.ts'
import { checkFinality } from './finality.ts'

/** A chain and the validators believed in; a proof is worth as much as the way in which these came. */
export type Trust = {
  readonly chainId: string
  readonly genesisHash: Hash32
  readonly set: ValidatorSet
  /** The city's root keys of the genesis document, where that is known. */
  readonly roots?: Roots | null
}

/** A final header; `nextValidators` are given where the header names another set for the block after it. */
export type TrustLink = { readonly header: Header; readonly commit: Certificate; readonly nextValidators?: readonly Validator[] }

/** Trust in the validators of a genesis document. Throws CodecError naming the path of what is wrong with it. */
export function trustFromGenesis(genesisJson: unknown, registry: Registry = REGISTRY): Trust {
  const genesis = parseGenesis(registry, genesisJson)
  const records = new Map(initGenesis(registry, genesis).map(({ key, value }) => [key, value]))
  const view = { get: (key: string) => records.get(key) ?? null }
  const set = buildValidatorSet(registry.readValidators(view))
  return { chainId: genesis.chainId, genesisHash: genesis.hash, set, roots: registry.readRoots(view) }
}

/** Trust in validators known otherwise, such as a checkpoint printed in a newspaper. Throws AssertionFault on an empty set. */
export function trustFromValidators(trust: { chainId: string; genesisHash: Hash32; validators: readonly Validator[] }): Trust {
  return { chainId: trust.chainId, genesisHash: trust.genesisHash, set: buildValidatorSet(trust.validators) }
}

/**
 * Follows the validators through headers in rising order of height, at least every one that names another set. Gives the new
 * trust, or one sentence why the headers do not show it; then the old trust stands.
 */
export function followValidators(trust: Trust, links: readonly TrustLink[]): Trust | string {
  let { set } = trust
  let height = 0
  for (const { header, commit, nextValidators } of links) {
    const fault = checkFinality({ ...trust, set }, header, commit)
    if (fault !== null) return `height ${header.height}: ${fault}`
    if (header.height <= height) return `height ${header.height} does not lie above ${height}`
    height = header.height
    if (header.nextValidatorsHash === set.hash) continue
    if (nextValidators === undefined || nextValidators.length === 0)
      return `height ${height} names other validators, which are not given`
    const next = readSet(nextValidators)
    if (next === null || next.hash !== header.nextValidatorsHash)
      return `the validators given for after height ${height} are not those that it names`
    set = next
  }
  return { ...trust, set }
}

function readSet(validators: readonly Validator[]): ValidatorSet | null {
  const authorities = new Set(validators.map(({ authority }) => authority))
  const keys = new Set(validators.map(({ publicKey }) => toHex(publicKey)))
  return authorities.size === validators.length && keys.size === validators.length ? buildValidatorSet(validators) : null
}
