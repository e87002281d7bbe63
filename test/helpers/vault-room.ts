// Owns: a room with restricted records for tests: a wage between two parties, and an inspector with a case. Not here: any real rule.
import { defineErrors, failure } from '../../core/base/errors.ts'
import { asAddress } from '../../core/base/ids.ts'
import type { Address } from '../../core/base/ids.ts'
import { struct } from '../../core/codec/compound.ts'
import { address, code, u64 } from '../../core/codec/fields.ts'
import { defineEvent, defineModule, defineQuery, defineTransaction } from '../../core/execution/module.ts'
import type { Restriction } from '../../core/execution/module.ts'
import { defineStore } from '../../core/state/store.ts'

/** Inspector of the test room; opens cases. */
export const INSPECTOR = asAddress('15'.repeat(20))

const VaultError = defineErrors('VAULT', {
  TOO_LOW: [0x0801, 'failed', 'The wage is lower than the one that stands.'],
  NOT_THERE: [0x0802, 'failed', 'There is no such contract.'],
})

const deals = defineStore({
  prefix: 'vault/deal',
  key: (id: string) => id,
  value: struct({ employer: address, worker: address }),
})
const wages = defineStore({ prefix: 'vault/wage', key: (id: string) => id, value: struct({ wage: u64 }) })
const cases = defineStore({ prefix: 'vault/case', key: (id: string) => id, value: struct({ inspector: address }) })

/** Agrees on a wage. */
export const agree = defineTransaction({
  type: 0x0801,
  name: 'vault.agree',
  about: 'Agrees on a wage.',
  payload: struct({ id: code(32), worker: address, wage: u64 }),
  keyPurpose: 1,
  checkStateless: () => null,
  checkStateful: (view, { payload }) => {
    const known = wages.get(view, payload.id)
    return known !== null && known.wage > payload.wage ? failure(VaultError.TOO_LOW, { stands: known.wage.toString() }) : null
  },
  apply: ({ view, emit }, { payload, sender }) => {
    const { id, worker, wage } = payload
    deals.set(view, id, { employer: sender, worker })
    wages.set(view, id, { wage })
    emit(Agreed, { id, worker, wage })
  },
})

/** Opens or ends a case. */
export const openCase = defineTransaction({
  type: 0x0802,
  name: 'vault.openCase',
  about: 'Opens a case.',
  payload: struct({ id: code(32) }),
  keyPurpose: 1,
  checkStateless: () => null,
  checkStateful: () => null,
  apply: ({ view }, { payload, sender }) => cases.set(view, payload.id, { inspector: sender }),
})

const Agreed = defineEvent({
  type: 0x0881,
  name: 'vault.agreed',
  about: 'A wage was agreed.',
  payload: struct({ id: code(32), worker: address, wage: u64 }),
})

const byId = ({ id }: { id: string }): string => id

const wageRestriction: Restriction = {
  name: 'vault.wage',
  about: 'Wages.',
  prefixes: ['vault/wage/'],
  refOfKey: (key) => key.slice('vault/wage/'.length),
  transactions: { 'vault.agree': { fields: ['wage'], refOf: byId } },
  events: { 'vault.agreed': { fields: ['wage'], refOf: byId } },
  queries: { vault_getWage: byId },
  mayRead: (view, { account, ref }) => {
    const deal = deals.get(view, ref)
    if (deal === null) return null
    if (deal.employer === account) return { role: 'EMPLOYER', caseId: null }
    if (deal.worker === account) return { role: 'WORKER', caseId: null }
    return cases.get(view, ref)?.inspector === account ? { role: 'INSPECTOR', caseId: `case-${ref}` } : null
  },
  subjectsOf: (view, ref): readonly Address[] => {
    const deal = deals.get(view, ref)
    return deal === null ? [] : [deal.employer, deal.worker]
  },
  isTold: (view, { account, caseId }) => caseId !== 'case-quiet' || deals.get(view, 'quiet')?.worker === account,
}

/** The room. */
export const vaultRoom = defineModule({
  name: 'vault',
  number: 8,
  about: 'A room with a secret.',
  transactions: [agree, openCase],
  queries: [
    defineQuery({
      name: 'vault_getWage',
      about: 'The wage of a contract.',
      params: struct({ id: code(32) }),
      result: wages.schema,
      run: (view, { id }) => wages.get(view, id) ?? failure(VaultError.NOT_THERE),
      keyOf: ({ id }) => wages.keyOf(id),
    }),
    defineQuery({
      name: 'vault_getDeal',
      about: 'The parties of a contract, which is public.',
      params: struct({ id: code(32) }),
      result: deals.schema,
      run: (view, { id }) => deals.get(view, id) ?? failure(VaultError.NOT_THERE),
      keyOf: ({ id }) => deals.keyOf(id),
    }),
  ],
  events: [Agreed],
  errors: VaultError,
  restricted: [wageRestriction],
})
