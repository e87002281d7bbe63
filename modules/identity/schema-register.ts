// Owns: identity.schema.register: the next version of a credential schema, for ever. Not here: credentials (off chain).
import { failure } from '../../core/base/errors.ts'
import { KEY_PURPOSES, defineTransaction } from '../../core/execution/module.ts'
import { hasRole } from '../governance/keeper.ts'
import { requireAccredited } from './accreditation.ts'
import { IdentityError } from './errors.ts'
import { SchemaRegistered } from './events.ts'
import { schemaHeads, schemas } from './store.ts'
import { SchemaRegisterPayload } from './trust-schema.ts'

/** An issuer accredited for the type, or the city; later versions by whoever registered the first, or the city. */
export const schemaRegister = defineTransaction({
  type: 0x0211,
  name: 'identity.schema.register',
  about: 'Registers the next version of a credential schema; a version never changes.',
  payload: SchemaRegisterPayload,
  keyPurpose: KEY_PURPOSES.authentication,

  checkStateless: ({ payload: { claims } }) => {
    const isSound = claims.length > 0 && new Set(claims.map((claim) => claim.name)).size === claims.length
    return isSound ? null : failure(IdentityError.SCHEMA_INVALID)
  },

  checkStateful: (view, { payload, sender, block }) => {
    const { schemaId, version } = payload
    const head = schemaHeads.get(view, schemaId)
    const latest = head?.latest ?? 0
    if (version >= 1 && version <= latest) return failure(IdentityError.SCHEMA_EXISTS, { version })
    if (version !== latest + 1) return failure(IdentityError.VERSION_CONFLICT, { version, latest })
    if (hasRole(view, { account: sender, role: 'CITY_GOV', scope: null, block })) return null
    if (head !== null && head.keeper !== sender) return failure(IdentityError.NOT_AUTHORIZED)
    return requireAccredited(view, { issuer: sender, type: schemaId, block })
  },

  apply: ({ view, emit }, { payload, sender, block }) => {
    const { schemaId, version, claims, hash } = payload
    const keeper = schemaHeads.get(view, schemaId)?.keeper ?? sender
    schemas.set(view, { schemaId, version }, { claims, hash, registeredBy: sender, registeredAt: block.time })
    schemaHeads.set(view, schemaId, { latest: version, keeper })
    emit(SchemaRegistered, { schemaId, version, by: sender })
  },
})
