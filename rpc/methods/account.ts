// Owns: account_* methods: the envelope's record of an account, its nonces, its transactions, its two texts.
// Not here: keys and money (rooms).
import { option, struct } from '../../core/codec/compound.ts'
import { address, text, u8, u32 } from '../../core/codec/fields.ts'
import type { JsonSchema } from '../../core/codec/schema.ts'
import { formatDid, NETWORKS } from '../../core/crypto/address.ts'
import type { Address } from '../../core/base/ids.ts'
import { accounts, creditsLeft, nextNonce, readAccount } from '../../core/state/accounts.ts'
import { formatPageCursor, hashFilter, parsePageCursor } from '../cursors.ts'
import { refuseCall } from '../errors.ts'
import { defineRead } from '../method.ts'
import type { Call, Method } from '../method.ts'
import { parsePageLimit } from '../page.ts'
import { renderHash } from '../render.ts'
import type { JsonObject } from '../render.ts'

const HISTORY: JsonSchema = {
  type: 'object',
  properties: {
    items: { type: 'array', items: { type: 'object', description: 'hash, height, index' } },
    nextCursor: { type: 'string' },
  },
  required: ['items'],
}

function renderAccount({ node, forms }: Call, account: Address): JsonObject {
  const { netId } = NETWORKS[node.network]
  return { account: forms.text.formatAddress(account), did: formatDid(account, netId) }
}

/** account_get, account_getNonce, account_getHistory, account_resolve. */
export const accountMethods: readonly Method[] = [
  defineRead({
    name: 'account_get',
    about: 'An account’s two texts, its nonce lanes and the credits it has left. An account that never sent anything has none.',
    params: struct({ account: address }),
    result: {
      type: 'object',
      description: 'account, did, lanes (lane, nextNonce), creditClass, creditsLeft (bytes, operations, stateBytes)',
    },
    run: (call, { account }) => {
      const { node } = call
      const record = readAccount(node.state(), account)
      const lanes = record.lanes.map((entry) => ({ lane: entry.lane, nextNonce: entry.nextNonce.toString() }))
      const left = creditsLeft(record, node.params().creditClasses, node.head().header.time)
      return { ...renderAccount(call, account), lanes, creditClass: record.creditClass, creditsLeft: { ...left } }
    },
    keyOf: (_call, { account }) => accounts.keyOf(account),
  }),
  defineRead({
    name: 'account_getNonce',
    about: 'The nonce that the lane takes next: with what waits in the mempool (next) and without it (final).',
    params: struct({ account: address, lane: option(u8) }),
    result: {
      type: 'object',
      properties: { lane: u8.jsonSchema, next: { type: 'string' }, final: { type: 'string' } },
      required: ['lane', 'next', 'final'],
    },
    run: ({ node }, { account, lane }) => {
      const final = nextNonce(readAccount(node.state(), account), lane ?? 0)
      return { lane: lane ?? 0, next: node.pendingNonce(account, lane ?? 0).toString(), final: final.toString() }
    },
    keyOf: (_call, { account }) => accounts.keyOf(account),
  }),
  defineRead({
    name: 'account_getHistory',
    about: 'An account’s final transactions, newest first, in pages.',
    params: struct({ account: address, limit: option(u32), cursor: option(text(256)) }),
    result: HISTORY,
    errors: ['CURSOR_INVALID'],
    cost: 5,
    run: async ({ node, limits }, { account, limit, cursor }) => {
      const count = parsePageLimit(limits, limit)
      const filter = hashFilter(['account_getHistory', account])
      const before = cursor === null ? null : parsePageCursor(cursor, filter, 2).join('.')
      if (before !== null && !/^[0-9a-f]{1,16}\.[0-9a-f]{1,16}$/.test(before)) return refuseCall('CURSOR_INVALID')
      const found = await node.accountHistory(account, { before, limit: count + 1 })
      const page = found.slice(0, count)
      const items = page.map(({ txId, height, index }) => ({ hash: renderHash(txId), height, index }))
      const last = page.at(-1)
      return found.length > count && last !== undefined
        ? { items, nextCursor: formatPageCursor(filter, last.cursor.split('.')) }
        : { items }
    },
  }),
  defineRead({
    name: 'account_resolve',
    about: 'Both texts of an account given by either of them.',
    params: struct({ text: text(128) }),
    result: {
      type: 'object',
      properties: { account: { type: 'string' }, did: { type: 'string' } },
      required: ['account', 'did'],
    },
    errors: ['NOT_FOUND'],
    run: (call, params) => {
      const account = call.forms.text.parseAddress(params.text)
      if (account !== null) return renderAccount(call, account)
      return refuseCall('NOT_FOUND', 'The text is no account of this network: neither bech32m nor did:seoul.', { field: 'text' })
    },
  }),
]
