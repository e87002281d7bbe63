// Owns: state_* methods: single records by key, and their proofs. Not here: what a record means (rooms).
import { struct } from '../../core/codec/compound.ts'
import { text } from '../../core/codec/fields.ts'
import { defineRead, guardKey, READ_ERRORS } from '../method.ts'
import type { Call, Method } from '../method.ts'
import { refuseCall } from '../errors.ts'
import { renderBytes, renderStateProof } from '../render.ts'
import type { JsonObject } from '../render.ts'

const KEY_CHARS_MAX = 256
const PARAMS = struct({ key: text(KEY_CHARS_MAX) })

function readRecord({ node }: Call, key: string): JsonObject {
  const bytes = node.state().get(key)
  return { key, value: bytes === null ? null : renderBytes(bytes) }
}

/** state_get, state_getProof. */
export const stateMethods: readonly Method[] = [
  defineRead({
    name: 'state_get',
    about: 'The encoded record under a key of the state, or null.',
    params: PARAMS,
    result: { type: 'object', description: 'key, value (0x bytes or null)' },
    errors: READ_ERRORS,
    guard: (call, { key }) => guardKey(call, key),
    run: (call, { key }) => readRecord(call, key),
    keyOf: (_call, { key }) => key,
  }),
  defineRead({
    name: 'state_getProof',
    about: 'Proof that a key of the state holds its record, or nothing, down to the header and its certificate.',
    params: PARAMS,
    result: { type: 'object', description: 'spec, key, value, existence or nonExistence, header, commit' },
    errors: ['PROOF_UNAVAILABLE', ...READ_ERRORS],
    cost: 3,
    guard: (call, { key }) => guardKey(call, key),
    run: ({ node }, { key }) => {
      if (node.head().commit === null) return refuseCall('PROOF_UNAVAILABLE', 'The head has no commit certificate yet.')
      return renderStateProof(node.proveState(key))
    },
  }),
]
