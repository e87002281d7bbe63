// Owns: how many items a page holds. Not here: cursors (cursors.ts).
import { refuseCall } from './errors.ts'
import type { RpcLimits } from './limits.ts'

/** Items of a page that asked for `limit`, or for nothing. Throws RpcError INVALID_PARAMS outside 1 to pageMax. */
export function parsePageLimit(limits: Pick<RpcLimits, 'pageMax' | 'pageDefault'>, limit: number | null): number {
  if (limit === null) return limits.pageDefault
  if (limit >= 1 && limit <= limits.pageMax) return limit
  return refuseCall('INVALID_PARAMS', `limit is 1 to ${limits.pageMax}.`, {
    field: 'limit',
    expected: limits.pageMax,
    got: limit,
  })
}
