// Owns: what can be read of policies and consents over JSON-RPC. Not here: lists of consents: none is public.
import { failure } from '../../core/base/errors.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { code, hash32, u32 } from '../../core/codec/fields.ts'
import { defineQuery } from '../../core/execution/module.ts'
import { ConsentResult, PolicySchema } from './consent-schema.ts'
import { IdentityError } from './errors.ts'
import { consents, policies, policyVersions } from './store.ts'

/** A policy, its present version by default. */
export const policy = defineQuery({
  name: 'identity_policy',
  about: 'What an agency asks of holders: purpose, legal basis, predicates, types, retention; its present version by default.',
  params: struct({ policyId: code(32), version: option(u32) }),
  result: PolicySchema,
  run: (view, { policyId, version }) => {
    const current = policies.get(view, policyId)
    const isCurrent = current !== null && (version === null || version === current.version)
    if (isCurrent) return current
    const old = version === null ? null : policyVersions.get(view, { policyId, version })
    return old ?? failure(IdentityError.POLICY_UNKNOWN, { policyId })
  },
  keyOf: ({ policyId }) => policies.keyOf(policyId),
})

/** A consent by its receipt, without its holder; whoever does not know the receipt learns nothing. */
export const consent = defineQuery({
  name: 'identity_consent',
  about: 'The state of a consent by its receipt: days, outcome, dispute and review, without the holder.',
  params: struct({ receiptCommit: hash32 }),
  result: ConsentResult,
  run: (view, { receiptCommit }) => {
    const record = consents.get(view, receiptCommit)
    if (record === null) return failure(IdentityError.CONSENT_MISSING)
    const { holder: _, ...shown } = record
    return shown
  },
  keyOf: ({ receiptCommit }) => consents.keyOf(receiptCommit),
})
