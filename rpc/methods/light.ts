// Owns: light_* methods: what a verifier needs that believes signatures only, and where it reports two blocks of one height.
// Not here: verifying (sdk), how changes are kept and forks recorded (node).
import type { Height } from '../../core/base/ids.ts'
import { HeaderSchema } from '../../core/chain/block.ts'
import { CertificateSchema } from '../../core/chain/certificate.ts'
import { SetChangeSchema } from '../../core/chain/set-change.ts'
import { ValidatorListSchema } from '../../core/chain/validator-set.ts'
import { option, struct } from '../../core/codec/compound.ts'
import { bytes, hash32, u53 } from '../../core/codec/fields.ts'
import { decode, encode } from '../../core/codec/schema.ts'
import type { Json, JsonSchema } from '../../core/codec/schema.ts'
import { refuseCall } from '../errors.ts'
import { defineMethod } from '../method.ts'
import type { Call, Method } from '../method.ts'
import type { FinalHeader } from '../node-api.ts'
import { refuseHeight, renderBytes, renderHash } from '../render.ts'

/** Changes in one answer at most; the next call goes on behind the last. */
const CHANGES_MAX = 32
const PART_BYTES_MAX = 65_536

const PART = bytes(PART_BYTES_MAX)
const FINAL_HEADER = struct({ header: PART, commit: PART })
const BYTES: JsonSchema = { type: 'string', description: '0x hex of canonical bytes' }
const FINAL_HEADER_RESULT: JsonSchema = {
  type: 'object',
  properties: { header: BYTES, commit: BYTES },
  required: ['header', 'commit'],
}

function renderFinal({ header, commit }: FinalHeader): { header: string; commit: string } {
  return { header: renderBytes(encode(HeaderSchema, header)), commit: renderBytes(encode(CertificateSchema, commit)) }
}

function finalAt(call: Call, height: Height): FinalHeader {
  const head = call.node.head()
  const { header } = head.header.height === height ? head : (call.node.headerAt(height) ?? refuseHeight(call.node, height))
  const commit = head.header.height === height ? head.commit : call.node.certificateAt(height)
  return commit === null
    ? refuseCall('PROOF_UNAVAILABLE', 'The genesis has no certificate; the first block does.', { height })
    : { header, commit }
}

async function bootstrapOf(call: Call, height: Height): Promise<Json> {
  const { header, commit } = finalAt(call, height)
  const set = call.node.validators(height)
  const changes = await call.node.setChangesBetween(height, height, 1)
  const isWhole = header.nextValidatorsHash === header.validatorsHash || changes.length === 1
  if (set === null || set.hash !== header.validatorsHash || !isWhole)
    return refuseCall('PROOF_UNAVAILABLE', 'This node does not know the validators of that height.', { height })
  const next = changes[0]
  return {
    height,
    ...renderFinal({ header, commit }),
    validators: renderBytes(encode(ValidatorListSchema, set.validators)),
    nextValidators: next === undefined ? null : renderBytes(encode(ValidatorListSchema, next.validators)),
  }
}

const followMethods: readonly Method[] = [
  defineMethod({
    name: 'light_getBootstrap',
    about: 'What turns a checkpoint, the hash of a block, into trust: its header, certificate, and the validators behind it.',
    params: struct({ checkpoint: hash32 }),
    result: {
      type: 'object',
      properties: { ...(FINAL_HEADER_RESULT['properties'] as object), height: u53.jsonSchema, validators: BYTES },
      description: 'nextValidators: those of the next block where the header names others, else null',
    },
    errors: ['NOT_FOUND', 'PRUNED', 'PROOF_UNAVAILABLE'],
    cost: 3,
    run: (call, { checkpoint }) => {
      const height = call.node.heightOf(checkpoint)
      const hash = renderHash(checkpoint)
      return height === null ? refuseCall('NOT_FOUND', 'No final block has this hash.', { hash }) : bootstrapOf(call, height)
    },
  }),
  defineMethod({
    name: 'light_getUpdates',
    about: `The changes of the validators that blocks from..to name, with header, certificate and set; ${CHANGES_MAX} at most.`,
    params: struct({ from: u53, to: option(u53) }),
    result: {
      type: 'object',
      properties: { changes: { type: 'array', items: BYTES }, head: FINAL_HEADER_RESULT, more: { type: 'boolean' } },
      description: 'head is the newest block; more: call again from behind the last change',
    },
    errors: ['PROOF_UNAVAILABLE'],
    cost: 5,
    run: async (call, { from, to }) => {
      const head = finalAt(call, call.node.head().header.height)
      const found = await call.node.setChangesBetween(from, to ?? head.header.height, CHANGES_MAX + 1)
      const changes = found.slice(0, CHANGES_MAX).map((change) => renderBytes(encode(SetChangeSchema, change)))
      return { changes, head: renderFinal(head), more: found.length > CHANGES_MAX }
    },
  }),
  defineMethod({
    name: 'light_getHeader',
    about: 'Header and certificate of a height in canonical bytes.',
    params: struct({ height: u53 }),
    result: FINAL_HEADER_RESULT,
    errors: ['NOT_FOUND', 'PRUNED', 'PROOF_UNAVAILABLE'],
    run: (call, { height }) => renderFinal(finalAt(call, height)),
  }),
]

const reportMethods: readonly Method[] = [
  defineMethod({
    name: 'light_reportFork',
    about: 'Two different final blocks of one height: verified, kept, and told to the operator as the gravest of alarms.',
    params: struct({ first: FINAL_HEADER, second: FINAL_HEADER }),
    result: { type: 'object', properties: { height: u53.jsonSchema }, required: ['height'] },
    errors: ['INVALID_PARAMS'],
    cost: 20,
    run: async (call, { first, second }) => {
      const read = ({ header, commit }: { header: Uint8Array; commit: Uint8Array }): FinalHeader => ({
        header: decode(HeaderSchema, header, PART_BYTES_MAX),
        commit: decode(CertificateSchema, commit, PART_BYTES_MAX),
      })
      const evidence = { first: read(first), second: read(second) }
      const refused = await call.node.reportFork(evidence)
      if (refused !== null) return refuseCall('INVALID_PARAMS', `This is no evidence of a fork: ${refused}.`, { field: 'second' })
      return { height: evidence.first.header.height }
    },
  }),
]

/** light_getBootstrap, light_getUpdates, light_getHeader, light_reportFork. */
export const lightMethods: readonly Method[] = [...followMethods, ...reportMethods]
