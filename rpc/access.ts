// Owns: which pages and host names may talk to a listener: CORS allow-list, Host check against DNS rebinding.
// Not here: sockets.
import { isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { NodeError } from '../core/base/errors.ts'
import type { NetworkName } from '../core/crypto/address.ts'

/** Origins of pages that may call, and names under which this listener may be called; `*` is for devnets alone. */
export type AccessOptions = {
  readonly network: NetworkName
  readonly origins?: readonly string[]
  readonly hosts?: readonly string[]
}

/** Answers about one request. */
export type Access = {
  readonly isHostAllowed: (request: IncomingMessage) => boolean
  /** Null for a request that no page made; false for a page that may not call; else the value of Access-Control-Allow-Origin. */
  readonly originOf: (request: IncomingMessage) => string | null | false
}

function assertNoWildcard(name: string, values: readonly string[], network: NetworkName): void {
  if (network === 'devnet' || !values.includes('*')) return
  throw new NodeError('CONFIG_INVALID', `rpc.${name}: "*" is for devnets; on network ${network} list each one.`)
}

/** Name in a Host header without its port. */
function hostName(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : (host.split(':')[0] ?? '')
}

/** An address literal cannot be rebound to another machine; a name can. */
function isLiteral(name: string): boolean {
  return name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0
}

/** Access by the given lists; a devnet is open where nothing is said. Throws NodeError for `*` on another network. */
export function createAccess({ network, origins, hosts }: AccessOptions): Access {
  const open = network === 'devnet' ? ['*'] : []
  const allowedOrigins = origins ?? open
  const allowedHosts = hosts ?? open
  assertNoWildcard('origins', allowedOrigins, network)
  assertNoWildcard('hosts', allowedHosts, network)
  const anyOrigin = allowedOrigins.includes('*')
  const anyHost = allowedHosts.includes('*')
  return {
    isHostAllowed: ({ headers }) => {
      if (anyHost) return true
      const name = hostName(headers.host ?? '').toLowerCase()
      return isLiteral(name) || allowedHosts.includes(name)
    },
    originOf: ({ headers }) => {
      const { origin } = headers
      if (origin === undefined) return null
      if (anyOrigin) return '*'
      return allowedOrigins.includes(origin) ? origin : false
    },
  }
}
