// Owns: the OpenRPC document of a method table. Not here: the table (methods.ts).
import { RPC_ERRORS } from './errors.ts'
import type { RpcErrorName } from './errors.ts'
import type { Method, MethodTable } from './method.ts'

/** Errors that any call can meet. */
const COMMON_ERRORS: readonly RpcErrorName[] = ['INVALID_PARAMS', 'INTERNAL', 'RATE_LIMITED', 'TOO_LARGE', 'DEADLINE']

function describeMethod(method: Method): object {
  const names = new Set([...COMMON_ERRORS, ...method.errors])
  return {
    name: method.name,
    summary: method.about,
    paramStructure: 'either',
    params: method.params,
    result: { name: 'result', schema: method.result },
    errors: [...names].map((name) => ({ code: RPC_ERRORS[name][0], message: RPC_ERRORS[name][2], data: { code: name } })),
    'x-cost': method.cost,
  }
}

/** The document (OpenRPC 1.3) of the methods. */
export function buildOpenRpc(methods: MethodTable, version: string): object {
  const description =
    'Integers beyond 2^53 are decimal strings, bytes and hashes 0x and lower-case hex, accounts bech32m or did:seoul.'
  return {
    openrpc: '1.3.2',
    info: { title: 'Naru JSON-RPC', version, description },
    methods: [...methods.values()].map(describeMethod),
  }
}
