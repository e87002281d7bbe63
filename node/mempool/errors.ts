// Owns: why a mempool does not take a valid transaction. Not here: why a transaction is invalid (core/execution, modules).
import { defineErrors } from '../../core/base/errors.ts'

/** Numbers 224-255 of room 0; never in a receipt. */
export const MempoolError = defineErrors('MEMPOOL', {
  FULL: [240, 'early', 'This node’s mempool is full; try again shortly or at another node.'],
  ACCOUNT_FULL: [241, 'early', 'The account has as many transactions waiting as allowed; wait until some are final.'],
  NONCE_TAKEN: [242, 'stale', 'Another transaction of this account and lane waits with the same nonce.'],
  DUPLICATE: [243, 'stale', 'This very transaction waits already.'],
})
