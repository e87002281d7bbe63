// Owns: what a method is: name, parameters, result, and how raw parameters become a call. Not here: the methods (methods/).
import { CodecError, isFailure } from '../core/base/errors.ts'
import type { Failure } from '../core/base/errors.ts'
import { option } from '../core/codec/compound.ts'
import type { StructSchema } from '../core/codec/compound.ts'
import { bool, u53 } from '../core/codec/fields.ts'
import type { Json, JsonSchema, Schema } from '../core/codec/schema.ts'
import { buildFailureError, buildParamsError, refuseCall, RpcError } from './errors.ts'
import type { RpcErrorName } from './errors.ts'
import type { RpcLimits } from './limits.ts'
import { findNearest } from './nearest.ts'
import type { NodeApi } from './node-api.ts'
import type { ReadSession } from './read-desk.ts'
import { refuseBehind, renderContext, renderStateProof } from './render.ts'
import type { Forms } from './render.ts'
import type { StreamClient } from './subscriptions.ts'

/** Everything a method may ask of its surroundings. */
export type Call = {
  readonly node: NodeApi
  readonly forms: Forms
  readonly limits: RpcLimits
  readonly methods: MethodTable
  /** Who asks, and what of the rooms' restricted records the answer may show. */
  readonly session: ReadSession
  /** The caller's streams; null where answers cannot be followed by notifications. */
  readonly streams: StreamClient | null
  /** Runs something once the reply has been written. */
  readonly afterReply: (perform: () => void) => void
}

/** One parameter as the reference pages and OpenRPC tell it. */
export type ParamDescription = { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }

/** A method ready to be called. */
export type Method = {
  readonly name: string
  readonly about: string
  readonly params: readonly ParamDescription[]
  readonly result: JsonSchema
  readonly errors: readonly RpcErrorName[]
  /** Price against costPerSecond; a plain read of the head is 1. */
  readonly cost: number
  /** Waits for a transaction and so has its own deadline. */
  readonly waits: boolean
  readonly invoke: (call: Call, raw: RawParams) => Json | Promise<Json>
}

/** Every method of a listener by name. */
export type MethodTable = ReadonlyMap<string, Method>

/** Parameters as they came: by name, by position, or left out. */
export type RawParams = { readonly [name: string]: unknown } | readonly unknown[] | undefined

type Common<P> = {
  readonly name: string
  readonly about: string
  readonly params: StructSchema<P>
  readonly result: JsonSchema
  readonly errors?: readonly RpcErrorName[]
  readonly cost?: number
}

/** A declared method; a failure that `run` returns becomes the error of the reply. */
export type MethodDeclaration<P> = Common<P> & {
  readonly waits?: boolean
  readonly run: (call: Call, params: P) => Json | Failure | Promise<Json | Failure>
}

/** A declared read of the chain: `run` gives the value, the context and the proof come by themselves. */
export type ReadDeclaration<P> = Common<P> & {
  readonly run: (call: Call, params: P) => Json | Failure | Promise<Json | Failure>
  /** Refuses a caller who may not have the answer, before anything is read. Throws RpcError. */
  readonly guard?: (call: Call, params: P) => void
  /** State key that proves the answer, or null where no single record does; left out where `prove` makes no sense. */
  readonly keyOf?: (call: Call, params: P) => string | null
}

// biome-ignore lint/suspicious/noExplicitAny: fields of different types stand in one record.
type Fields = { readonly [name: string]: Schema<any> }

function describeParams(fields: Fields): ParamDescription[] {
  return Object.entries(fields).map(([name, schema]) => ({ name, required: schema.optional !== true, schema: schema.jsonSchema }))
}

/** Parameters by name, unknown ones and too many refused. */
function nameParams(raw: RawParams, names: readonly string[]): Record<string, unknown> {
  if (raw === undefined) return {}
  if (Array.isArray(raw)) {
    if (raw.length > names.length) {
      refuseCall('INVALID_PARAMS', `${raw.length} parameters, at most ${names.length} are known.`, { known: names })
    }
    return Object.fromEntries(raw.map((value, i) => [names[i] as string, value]))
  }
  for (const name of Object.keys(raw)) {
    if (!names.includes(name)) refuseUnknown(name, names)
  }
  return raw as Record<string, unknown>
}

function refuseUnknown(name: string, names: readonly string[]): never {
  const nearest = findNearest(name, names)
  const shown = name.slice(0, 64)
  const hint = nearest === null ? `known are: ${names.join(', ') || 'none'}` : `did you mean ${nearest}?`
  return refuseCall('INVALID_PARAMS', `There is no parameter ${shown}; ${hint}`, { field: shown, nearest, known: names })
}

function parseWith<P>(schema: StructSchema<P>, raw: unknown, call: Call): P {
  try {
    return schema.fromJson(raw, call.forms.text, '$')
  } catch (thrown) {
    if (thrown instanceof CodecError) throw new RpcError(buildParamsError(thrown))
    throw thrown
  }
}

function unwrap(result: Json | Failure): Json {
  if (isFailure(result)) throw new RpcError(buildFailureError(result))
  return result
}

/** A read's failure is an answer too: where a proof was asked for, it says that the record is absent. */
function unwrapRead(result: Json | Failure, from: { readonly context: Json; readonly proof?: Json }): Json {
  if (!isFailure(result)) return result
  const error = buildFailureError(result)
  throw new RpcError({ ...error, data: { ...from, ...error.data } })
}

function describe<P>(declaration: Common<P>): Omit<Method, 'invoke' | 'params' | 'waits'> {
  const { name, about, result, errors = [], cost = 1 } = declaration
  return { name, about, result, errors, cost }
}

/** A method of its declaration. */
export function defineMethod<P>(declaration: MethodDeclaration<P>): Method {
  const { params, run, waits = false } = declaration
  const names = Object.keys(params.fields)
  return {
    ...describe(declaration),
    params: describeParams(params.fields),
    waits,
    invoke: (call, raw) => {
      const result = run(call, parseWith(params, nameParams(raw, names), call))
      return result instanceof Promise ? result.then(unwrap) : unwrap(result)
    },
  }
}

const CONTEXT_SCHEMA: JsonSchema = {
  type: 'object',
  properties: { height: { type: 'integer' }, hash: { type: 'string' }, time: { type: 'integer' } },
  required: ['height', 'hash', 'time'],
}

const PROOF_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'present where prove is true: record, path to the state root, header and commit certificate',
}

function readResult(value: JsonSchema, isProvable: boolean): JsonSchema {
  const properties = { context: CONTEXT_SCHEMA, value, ...(isProvable ? { proof: PROOF_SCHEMA } : {}) }
  return { type: 'object', properties, required: ['context', 'value'] }
}

const AT_LEAST = option(u53)
const PROVE = option(bool)

function parseCommon<T>(schema: Schema<T>, raw: unknown, name: string, call: Call): T {
  try {
    return schema.fromJson(raw, call.forms.text, `$.${name}`)
  } catch (thrown) {
    if (thrown instanceof CodecError) throw new RpcError(buildParamsError(thrown))
    throw thrown
  }
}

/** Answers `{context, value, proof?}`; `atLeast` refuses an older head, `prove` (where there is a key) adds the proof. */
export function defineRead<P>(declaration: ReadDeclaration<P>): Method {
  const { params, run, keyOf } = declaration
  const common: Fields = keyOf === undefined ? { atLeast: AT_LEAST } : { prove: PROVE, atLeast: AT_LEAST }
  const names = [...Object.keys(params.fields), ...Object.keys(common)]
  const errors: readonly RpcErrorName[] = [
    ...(declaration.errors ?? []),
    'NODE_BEHIND',
    ...(keyOf ? ['PROOF_UNAVAILABLE' as const] : []),
  ]
  return {
    ...describe({ ...declaration, errors, result: readResult(declaration.result, keyOf !== undefined) }),
    params: [...describeParams(params.fields), ...describeParams(common)],
    waits: false,
    invoke: (call, raw) => {
      const { prove, atLeast, ...rest } = nameParams(raw, names)
      const want = parseCommon(AT_LEAST, atLeast, 'atLeast', call)
      const have = call.node.head().header.height
      if (want !== null && have < want) refuseBehind(have, want)
      const parsed = parseWith(params, rest, call)
      declaration.guard?.(call, parsed)
      const context = renderContext(call.node)
      const isProved = keyOf !== undefined && parseCommon(PROVE, prove, 'prove', call) === true
      // The proof is taken before anything waits: head, value and proof are of one block.
      const proof = isProved ? proveKey(call, keyOf(call, parsed)) : {}
      const value = run(call, parsed)
      const wrap = (result: Json | Failure): Json => ({ context, value: unwrapRead(result, { context, ...proof }), ...proof })
      return value instanceof Promise ? value.then(wrap) : wrap(value)
    },
  }
}

/** Refusals of every method that may meet restricted records. */
export const READ_ERRORS: readonly RpcErrorName[] = ['READ_RESTRICTED', 'READ_NOT_PERMITTED']

/** Throws RpcError where a key of state is restricted and the caller may not read it. */
export function guardKey({ session, forms }: Call, key: string): void {
  const found = forms.registry.restrictions.ofKey(key)
  if (found !== null) session.require(found.restriction, found.ref)
}

function proveKey(call: Call, key: string | null): { readonly proof: Json } {
  if (key === null)
    return refuseCall('PROOF_UNAVAILABLE', 'This answer comes from more than one record; prove them by state_getProof.')
  guardKey(call, key)
  if (call.node.head().commit === null) {
    return refuseCall('PROOF_UNAVAILABLE', 'The head has no commit certificate yet.', { retryAfterMs: 1_000 })
  }
  return { proof: renderStateProof(call.node.proveState(key)) }
}
