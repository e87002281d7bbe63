// Owns: identity_statusCredential: a status list as W3C software reads it. Not here: the room's own queries (rooms.ts).
import { gzipSync } from 'node:zlib'
import { isFailure } from '../../core/base/errors.ts'
import type { Failure } from '../../core/base/errors.ts'
import type { Address } from '../../core/base/ids.ts'
import { struct } from '../../core/codec/compound.ts'
import { address, u64 } from '../../core/codec/fields.ts'
import type { Json } from '../../core/codec/schema.ts'
import { formatDid, NETWORKS } from '../../core/crypto/address.ts'
import type { Registry } from '../../core/execution/registry.ts'
import { buildStatusCredential } from '../../modules/identity/status-credential.ts'
import { statusLists } from '../../modules/identity/store.ts'
import { statusList } from '../../modules/identity/trust-queries.ts'
import { buildHeadEnv } from '../head-env.ts'
import { defineRead } from '../method.ts'
import type { Method } from '../method.ts'
import type { NodeApi } from '../node-api.ts'

type ListKey = { readonly issuer: Address; readonly listId: bigint }

/** The credential of a list at the head, without a proof; IDENTITY_STATUS_UNKNOWN where there is no list. */
export function renderStatusCredential(node: NodeApi, key: ListKey): { readonly [name: string]: Json } | Failure {
  const list = statusList.run(node.state(), key, buildHeadEnv(node))
  if (isFailure(list)) return list
  const encodedList = `u${gzipSync(list.bits).toString('base64url')}`
  const issuer = formatDid(key.issuer, NETWORKS[node.network].netId)
  return buildStatusCredential({ issuer, listId: key.listId, purpose: list.purpose, updatedAt: list.updatedAt, encodedList })
}

/** The method, of a registry that has the identity room. */
export function buildIdentityMethods(registry: Registry): readonly Method[] {
  if (!registry.modules.some(({ name }) => name === 'identity')) return []
  return [
    defineRead({
      name: 'identity_statusCredential',
      about:
        'A whole status list as an unsigned W3C BitstringStatusListCredential; identity_statusList has the bits that are proven.',
      params: struct({ issuer: address, listId: u64 }),
      result: { type: 'object', description: 'BitstringStatusListCredential' },
      cost: 4,
      run: ({ node }, key) => renderStatusCredential(node, key),
      keyOf: (_call, key) => statusLists.keyOf(key),
    }),
  ]
}
