// Owns: what one change makes of a list of validators. Not here: when (succession.ts), whether it may be decided (seats.ts).
import { equalBytes } from '../../core/base/bytes.ts'
import { LIMITS } from '../../core/base/limits.ts'
import type { Validator } from '../../core/chain/validator-set.ts'
import type { SetChange } from './set-schema.ts'

/** The validators after a change; null when it does not fit them: no such seat, one too many, or a key, name or peer twice. */
export function changeValidators(validators: readonly Validator[], change: SetChange): readonly Validator[] | null {
  if (change.kind === 'params') return validators
  const held = validators.find(({ authority }) => authority === change.authority)
  const others = validators.filter((validator) => validator !== held)
  if (change.kind === 'add') {
    const { authority, publicKey, name, peerId, addresses } = change
    if (held !== undefined || validators.length >= LIMITS.validatorsMax) return null
    return joined(others, { authority, publicKey, name, peerId, addresses })
  }
  if (held === undefined) return null
  switch (change.kind) {
    case 'remove':
    case 'suspend':
      return others.length === 0 ? null : others
    case 'rotate':
      return joined(others, { ...held, publicKey: change.publicKey })
    case 'move':
      return joined(others, { ...held, peerId: change.peerId, addresses: change.addresses })
  }
}

/** Whether two seats could not be told apart: by key, by name, or on the network. */
export function isSameSeat(a: Validator, b: Validator): boolean {
  return equalBytes(a.publicKey, b.publicKey) || a.name === b.name || a.peerId === b.peerId
}

function joined(others: readonly Validator[], one: Validator): readonly Validator[] | null {
  return others.some((other) => isSameSeat(other, one)) ? null : [...others, one]
}
