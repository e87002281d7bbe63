// Owns: the table of public methods: the node's own and every room's queries. Not here: the operator's (methods/admin.ts).
import { assert } from '../core/base/assert.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { Method, MethodTable } from './method.ts'
import { accessLogMethods } from './methods/access-log.ts'
import { accountMethods } from './methods/account.ts'
import { chainMethods } from './methods/chain.ts'
import { evidenceMethods } from './methods/evidence.ts'
import { eventMethods } from './methods/events.ts'
import { buildIdentityMethods } from './methods/identity.ts'
import { lightMethods } from './methods/light.ts'
import { nodeMethods } from './methods/node.ts'
import { buildRoomMethods } from './methods/rooms.ts'
import { rpcMethods } from './methods/rpc.ts'
import { stateMethods } from './methods/state.ts'
import { txBuildMethods } from './methods/tx-build.ts'
import { txMethods } from './methods/tx.ts'

/** A table of methods; no name stands twice. */
export function buildMethodTable(methods: readonly Method[]): MethodTable {
  const table = new Map(methods.map((method) => [method.name, method]))
  assert(table.size === methods.length, 'every RPC method has a name of its own')
  return table
}

/** Everything the public listener answers. */
export function buildPublicMethods(registry: Registry): readonly Method[] {
  return [
    ...rpcMethods,
    ...nodeMethods,
    ...chainMethods,
    ...evidenceMethods,
    ...lightMethods,
    ...txMethods,
    ...txBuildMethods,
    ...accountMethods,
    ...stateMethods,
    ...eventMethods,
    ...buildRoomMethods(registry),
    ...buildIdentityMethods(registry),
    ...accessLogMethods,
  ]
}
