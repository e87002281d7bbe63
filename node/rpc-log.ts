// Owns: the node’s log in the form that the listeners of JSON-RPC write to. Not here: the log (logger.ts).
import type { RpcLog } from '../rpc/dispatch.ts'
import type { RootLogger } from './logger.ts'

/** The listeners’ log. */
export function buildRpcLog(log: RootLogger): RpcLog {
  const rpcLog = log.child('rpc')
  return {
    info: (fields, message) => rpcLog.info(message, fields as Record<string, unknown>),
    warn: (fields, message) => rpcLog.warn(message, fields as Record<string, unknown>),
    error: (fields, message) => rpcLog.error(message, fields as Record<string, unknown>),
  }
}
