// Owns: the key layout of root keys and recoveries. Not here: what they do (recovery.ts).
import { sortableHex } from '../../core/base/bytes.ts'
import type { Height } from '../../core/base/ids.ts'
import { RootsSchema } from '../../core/chain/recovery.ts'
import { struct } from '../../core/codec/compound.ts'
import { hash32, u32 } from '../../core/codec/fields.ts'
import { defineStore } from '../../core/state/store.ts'

/** The city's root keys, one record, absent where the genesis document names none. */
export const rootKeys = defineStore({ prefix: 'governance', key: (_: null) => 'rootKeys', value: RootsSchema })

/** Recoveries by the first height of the new validators. */
export const recoveries = defineStore({
  prefix: 'governance/recovery',
  key: (height: Height) => sortableHex(height),
  value: struct({ recoveryHash: hash32, firstRound: u32 }),
})
