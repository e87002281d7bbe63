// Owns: identity_getAccessLog: who read the caller's restricted records at this node. Not here: writing it (dispatch.ts, node).
import { option, struct } from '../../core/codec/compound.ts'
import { text, u32 } from '../../core/codec/fields.ts'
import type { JsonSchema } from '../../core/codec/schema.ts'
import { formatPageCursor, hashFilter, parsePageCursor } from '../cursors.ts'
import { refuseCall } from '../errors.ts'
import { defineMethod } from '../method.ts'
import type { Call, Method } from '../method.ts'
import type { AccessEntry } from '../node-api.ts'
import { parsePageLimit } from '../page.ts'
import type { JsonObject } from '../render.ts'

const RESULT: JsonSchema = {
  type: 'object',
  properties: {
    items: { type: 'array', items: { type: 'object', description: 'at, height, reader, role, caseId, record, ref, method' } },
    nextCursor: { type: 'string', description: 'absent at the end' },
  },
  required: ['items'],
}

function renderEntry({ forms }: Call, entry: AccessEntry): JsonObject {
  const { at, height, reader, role, caseId, record, ref, method } = entry
  return { at, height, reader: forms.text.formatAddress(reader), role, caseId, record, ref, method }
}

/** identity_getAccessLog. */
export const accessLogMethods: readonly Method[] = [
  defineMethod({
    name: 'identity_getAccessLog',
    about:
      'Who read restricted records about the account that signs this request, at this node, newest first. ' +
      'Other nodes keep their own log; whoever operates a node holds the bytes.',
    params: struct({ limit: option(u32), cursor: option(text(256)) }),
    result: RESULT,
    errors: ['READ_RESTRICTED', 'CURSOR_INVALID'],
    cost: 5,
    run: async (call, { limit, cursor }) => {
      const { session, node, limits } = call
      const { reader } = session
      if (reader === null) return refuseCall('READ_RESTRICTED', 'Sign the request: a log is shown to its subject alone.')
      const count = parsePageLimit(limits, limit)
      const filter = hashFilter(['identity_getAccessLog', reader])
      const before = cursor === null ? null : (parsePageCursor(cursor, filter, 1)[0] ?? null)
      if (before !== null && !/^[0-9a-f]{32}$/.test(before)) return refuseCall('CURSOR_INVALID')
      const found = await node.accessLog.read(reader, { before, limit: count + 1 })
      const page = found.slice(0, count)
      const items = page.map((entry) => renderEntry(call, entry))
      const last = page.at(-1)
      return found.length > count && last !== undefined
        ? { items, nextCursor: formatPageCursor(filter, [last.cursor]) }
        : { items }
    },
  }),
]
