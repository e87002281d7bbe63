// Owns: tx_build, tx_assemble, tx_decode, tx_simulate: transactions before they are sent. Not here: sending (tx.ts).
import { fromHex } from '../../core/base/bytes.ts'
import { CodecError, isFailure } from '../../core/base/errors.ts'
import { LIMITS } from '../../core/base/limits.ts'
import { assembleTransaction, SponsorSchema, TX_VERSION, TxBodySchema } from '../../core/chain/transaction.ts'
import type { TxBody } from '../../core/chain/transaction.ts'
import { list, option, struct } from '../../core/codec/compound.ts'
import { address, bytes, code, fixedBytes, text, u8, u53, u64 } from '../../core/codec/fields.ts'
import { decode, encode } from '../../core/codec/schema.ts'
import type { Infer, JsonSchema } from '../../core/codec/schema.ts'
import type { TransactionDefinition } from '../../core/execution/module.ts'
import { buildFailureError, buildParamsError, refuseCall, RpcError } from '../errors.ts'
import { defineMethod, defineRead, READ_ERRORS } from '../method.ts'
import type { Call, Method } from '../method.ts'
import { findNearest } from '../nearest.ts'
import { anyJson } from '../params.ts'
import { readTransaction, renderBody, renderBytes, renderHash, renderReceipt, renderTransaction } from '../render.ts'
import type { Forms, JsonObject } from '../render.ts'
import { formatSigningText } from '../signing-text.ts'

/** Name that accounts give their first key. */
const FIRST_KEY_ID = 'k1'

const BODY_BYTES = bytes(LIMITS.txBytesMax)
const SIGNATURES = list(fixedBytes(64), LIMITS.txSignaturesMax)

const BuildParams = struct({
  type: text(64),
  sender: address,
  payload: anyJson,
  keyId: option(code(16)),
  lane: option(u8),
  nonce: option(u64),
  validUntil: option(u53),
  sponsor: option(SponsorSchema),
})

/** Runs a codec step over parameters; what does not fit is the caller's fault. */
function asParams<T>(step: () => T): T {
  try {
    return step()
  } catch (thrown) {
    if (thrown instanceof CodecError) throw new RpcError(buildParamsError(thrown))
    throw thrown
  }
}

function findDefinition(call: Call, name: string): TransactionDefinition {
  const { transactionByName } = call.forms.registry
  const definition = transactionByName.get(name)
  if (definition !== undefined) return definition
  const nearest = findNearest(name, transactionByName.keys())
  const hint = nearest === null ? '' : ` did you mean ${nearest}?`
  return refuseCall('INVALID_PARAMS', `There is no transaction type ${name};${hint}`, { field: 'type', nearest })
}

/** Half of what the chain allows: the other half is for signing, sending and nodes that are a little behind. */
function defaultValidUntil({ node }: Call): number {
  return node.head().header.height + Math.max(1, Math.floor(node.params().validUntilAheadMax / 2))
}

function buildBody(call: Call, params: Infer<typeof BuildParams>): TxBody {
  const definition = findDefinition(call, params.type)
  const payload = asParams(() => definition.payload.fromJson(params.payload, call.forms.text, '$.payload'))
  const { sender, sponsor } = params
  const keyId = params.keyId ?? FIRST_KEY_ID
  const lane = params.lane ?? 0
  const body = asParams(() => ({
    version: TX_VERSION,
    chainTag: fromHex(call.node.genesisHash.slice(0, 16)),
    type: definition.type,
    sender,
    keyId,
    lane,
    nonce: params.nonce ?? call.node.pendingNonce(sender, lane),
    validUntil: params.validUntil ?? defaultValidUntil(call),
    payload: encode(definition.payload, payload),
    sponsor,
  }))
  const { id: txId } = asParams(() => assembleTransaction(body, []))
  const refused = definition.checkStateless({ payload, sender, keyId, sponsor: sponsor === null ? null : sponsor.account, txId })
  if (refused !== null) throw new RpcError(buildFailureError(refused))
  return body
}

/** What a caller brings is shown to that caller whole. */
const ownForms = ({ forms }: Call): Forms => ({ ...forms, show: () => true })

// A trial run reads what its sender may read: whoever tries a room with restricted records signs as that sender.
function guardTrial({ forms, session, node }: Call, { type, sender }: TxBody): void {
  if (!forms.registry.restrictions.hasRoom(type >> 8) || session.reader === sender) return
  const detail = {
    sender: forms.text.formatAddress(sender),
    room: node.registry.modules.find(({ number }) => number === type >> 8)?.name ?? '',
  }
  refuseCall(session.reader === null ? 'READ_RESTRICTED' : 'READ_NOT_PERMITTED', 'Sign this trial run as its sender.', detail)
}

function describeBody(call: Call, body: TxBody): JsonObject {
  const unsigned = assembleTransaction(body, [])
  const signers = [{ role: 'sender', account: body.sender, keyId: body.keyId }]
  if (body.sponsor !== null) signers.push({ role: 'sponsor', ...body.sponsor })
  return {
    hash: renderHash(unsigned.id),
    body: renderBytes(encode(TxBodySchema, body)),
    signBytes: renderBytes(unsigned.signBytes),
    signers: signers.map((signer) => ({ ...signer, account: call.forms.text.formatAddress(signer.account) })),
    text: formatSigningText(body, { forms: ownForms(call), chainId: call.node.chainId }),
  }
}

function decodeBody(bytes: Uint8Array): TxBody {
  try {
    const body = decode(TxBodySchema, bytes, LIMITS.txBytesMax)
    if (body.version === TX_VERSION) return body
    return refuseCall('MALFORMED', `body: version ${body.version}, this node knows ${TX_VERSION}`, { field: 'body' })
  } catch (thrown) {
    if (thrown instanceof CodecError) return refuseCall('MALFORMED', `body: ${thrown.message}`, { field: 'body' })
    throw thrown
  }
}

const TxOrBody = struct({ tx: option(BODY_BYTES), body: option(BODY_BYTES) })

function refuseChoice(): never {
  return refuseCall('INVALID_PARAMS', 'Give either tx (signed bytes) or body (bytes of tx_build).', { field: 'tx' })
}

function bodyOf({ tx, body }: Infer<typeof TxOrBody>): TxBody {
  if (tx !== null && body === null) return readTransaction(tx).body
  return body !== null && tx === null ? decodeBody(body) : refuseChoice()
}

const BUILT: JsonSchema = {
  type: 'object',
  properties: {
    hash: { type: 'string' },
    body: { type: 'string' },
    signBytes: { type: 'string' },
    signers: {
      type: 'array',
      items: { type: 'object', description: 'role, account, keyId: whose signatures tx_assemble takes, in order' },
    },
    text: { type: 'string', description: 'every field in plain words, made from the bytes' },
    tx: { type: 'object', description: 'the body, decoded' },
  },
}

/** tx_build, tx_assemble, tx_decode, tx_simulate. */
export const txBuildMethods: readonly Method[] = [
  defineMethod({
    name: 'tx_build',
    about:
      'Unsigned bytes of a transaction, what to sign, and a text that names every field. Key k1, nonce and expiry have defaults.',
    params: BuildParams,
    result: BUILT,
    errors: ['MALFORMED'],
    cost: 3,
    run: (call, params) => {
      const body = buildBody(call, params)
      return { ...describeBody(call, body), tx: renderBody(body, ownForms(call)) }
    },
  }),
  defineMethod({
    name: 'tx_assemble',
    about: 'The bytes to submit: a body of tx_build with its signatures, sender first. Nothing is checked against the chain.',
    params: struct({ body: BODY_BYTES, signatures: SIGNATURES }),
    result: { type: 'object', properties: { hash: { type: 'string' }, tx: { type: 'string' } } },
    errors: ['MALFORMED'],
    run: (_call, { body, signatures }) => {
      const tx = readTransaction(assembleTransaction(decodeBody(body), signatures).bytes)
      return { hash: renderHash(tx.id), tx: renderBytes(tx.bytes) }
    },
  }),
  defineMethod({
    name: 'tx_decode',
    about: 'What transaction bytes say, signed or not, with the text that names every field.',
    params: TxOrBody,
    result: BUILT,
    errors: ['MALFORMED'],
    cost: 2,
    run: (call, params) => {
      const body = bodyOf(params)
      const forms = ownForms(call)
      const tx = params.tx === null ? renderBody(body, forms) : renderTransaction(readTransaction(params.tx), forms)
      return { ...describeBody(call, body), tx }
    },
  }),
  defineRead({
    name: 'tx_simulate',
    about: 'What a transaction would do on the head state. Signatures are not checked and nothing is kept.',
    params: TxOrBody,
    result: { type: 'object', description: 'receipt: code, events' },
    errors: ['MALFORMED', ...READ_ERRORS],
    cost: 10,
    run: (call, params) => {
      const body = bodyOf(params)
      guardTrial(call, body)
      const result = call.node.simulate(body)
      return isFailure(result) ? result : { receipt: renderReceipt(result.receipt, call.forms) }
    },
  }),
]
