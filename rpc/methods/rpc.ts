// Owns: rpc_* methods: what this listener can do. Not here: the OpenRPC document itself (openrpc.ts).
import { struct } from '../../core/codec/compound.ts'
import type { Json } from '../../core/codec/schema.ts'
import { defineMethod } from '../method.ts'
import type { Method } from '../method.ts'
import { buildOpenRpc } from '../openrpc.ts'

/** Version of the groups of methods: a break makes a new group and not a new number here. */
const API_VERSION = 1

/** rpc.discover, rpc_methods, rpc_limits, rpc_version. */
export const rpcMethods: readonly Method[] = [
  defineMethod({
    name: 'rpc.discover',
    about: 'The OpenRPC document of this listener, made from the tables that check each call.',
    params: struct({}),
    result: { type: 'object' },
    cost: 10,
    run: ({ methods, node }) => buildOpenRpc(methods, node.version) as Json,
  }),
  defineMethod({
    name: 'rpc_methods',
    about: 'The names of all methods here.',
    params: struct({}),
    result: { type: 'array', items: { type: 'string' } },
    run: ({ methods }) => [...methods.keys()],
  }),
  defineMethod({
    name: 'rpc_limits',
    about: 'The bounds of this listener, and what each method costs against costPerSecond.',
    params: struct({}),
    result: { type: 'object', description: 'limits by name, costs by method' },
    run: ({ limits, methods }) => ({
      limits: { ...limits },
      costs: Object.fromEntries([...methods.values()].map(({ name, cost }) => [name, cost])),
    }),
  }),
  defineMethod({
    name: 'rpc_version',
    about: 'Versions of the node and of this interface.',
    params: struct({}),
    result: { type: 'object', properties: { node: { type: 'string' }, api: { type: 'integer' }, jsonrpc: { const: '2.0' } } },
    run: ({ node }) => ({ node: node.version, api: API_VERSION, jsonrpc: '2.0' }),
  }),
]
