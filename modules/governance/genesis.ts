// Owns: how the governance section of the genesis document becomes state. Not here: its shape (schema.ts).
import { toHex } from '../../core/base/bytes.ts'
import { CodecError } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import { checkParams } from '../../core/chain/params.ts'
import { buildValidatorSet } from '../../core/chain/validator-set.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { BlockEnv } from '../../core/execution/module.ts'
import type { WriteView } from '../../core/state/view.ts'
import { checkActionShape, checkCouncil, checkParamValue, checkPeriod, checkScope, writeGrant, writeParam } from './actions.ts'
import type { Roots } from '../../core/chain/recovery.ts'
import { rootKeys } from './recovery-store.ts'
import { initEvidenceWindow } from './evidence-window.ts'
import type { GovernanceGenesis } from './schema.ts'
import { newSeat } from './attendance.ts'
import { attendances, epochs, keyHistory, sanctions, successions } from './set-store.ts'
import { chainParams, cityCouncil, currentValidators } from './store.ts'

/** Writes councils, roles, validators and parameters. Throws CodecError naming the path of an entry that no rule would admit. */
export function initGovernance(view: WriteView, section: GovernanceGenesis, block: BlockEnv): void {
  const { councils, roles, validators, params, legalParams, roots } = section
  refuseFailure(checkCouncil(councils.city), 'councils.city')
  cityCouncil.set(view, null, councils.city)
  const fault = checkParams(params)
  if (fault !== null) throw new CodecError(`governance.params: ${fault}`)
  chainParams.set(view, null, params)
  if (validators.length === 0) throw new CodecError('governance.validators: at least one validator is needed')
  if (new Set(validators.map((validator) => validator.authority)).size !== validators.length) {
    throw new CodecError('governance.validators: an authority stands in the set once')
  }
  if (new Set(validators.map((validator) => validator.name)).size !== validators.length) {
    throw new CodecError('governance.validators: a name stands in the set once')
  }
  if (new Set(validators.map((validator) => validator.peerId)).size !== validators.length) {
    throw new CodecError('governance.validators: a network identity stands in the set once')
  }
  if (new Set(validators.map((validator) => toHex(validator.publicKey))).size !== validators.length) {
    throw new CodecError('governance.validators: a consensus key stands in the set once')
  }
  initEvidenceWindow(view, block)
  if (roots !== null) {
    refuseRoots(roots)
    rootKeys.set(view, null, roots)
  }
  beginSuccession(view, buildValidatorSet(validators).validators)
  roles.forEach((grant, index) => {
    refuseFailure(checkScope(grant) ?? checkPeriod(grant), `roles[${index}]`)
    writeGrant(view, grant, 0)
  })
  legalParams.forEach((set, index) => {
    refuseFailure(checkActionShape({ kind: 'paramSet', ...set }) ?? checkParamValue(set), `legalParams[${index}]`)
    writeParam(view, set, 0)
  })
}

// The first set signs from block 1 on; everyone in it starts with a clean record.
function beginSuccession(view: WriteView, validators: readonly Validator[]): void {
  currentValidators.set(view, null, validators)
  epochs.set(view, 0, { from: 1, validators })
  successions.set(view, null, { epoch: 0, last: { height: 1, seats: 0 }, pending: [] })
  attendances.set(view, null, { from: 1, upTo: 0, seats: validators.map(({ authority }) => newSeat(authority, 1)) })
  sanctions.set(view, null, { suspended: [], barred: [] })
  for (const { authority, publicKey } of validators) keyHistory.set(view, toHex(publicKey), { authority, from: 1, until: null })
}

function refuseRoots({ threshold, keys }: Roots): void {
  if (new Set(keys.map(toHex)).size !== keys.length) throw new CodecError('governance.roots.keys: a root key stands there once')
  // Fewer than a majority could not tell two recoveries of one height apart.
  if (threshold * 2 <= keys.length || threshold > keys.length)
    throw new CodecError(`governance.roots.threshold: more than half of the ${keys.length} keys, at most all, not ${threshold}`)
}

function refuseFailure(found: Failure | null, path: string): void {
  if (found !== null) throw new CodecError(`governance.${path}: ${found.code}: ${found.text}`)
}
