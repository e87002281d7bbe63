// Owns: the method `seoul` for the `did-resolver` package, each record proven where trust is given.
// Not here: how a document is built (modules/identity/did-document.ts).
import type { DIDResolutionResult, DIDResolver, ParsedDID } from 'did-resolver'
import { CodecError, isFailure } from '../../core/base/errors.ts'
import type { Header } from '../../core/chain/block.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import type { Json } from '../../core/codec/schema.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import type { ReadView } from '../../core/state/view.ts'
import { resolve as resolveQuery } from '../../modules/identity/queries.ts'
import type { ChainRef } from '../chain.ts'
import { readChain } from '../chain.ts'
import type { Client } from '../client.ts'
import type { Read } from '../methods.ts'
import type { Trust } from '../trust.ts'
import { readProven } from './proven-state.ts'
import type { StateSource } from './proven-state.ts'

/** A node to ask. With `trust` its answer is built from proven records; without, it is believed. */
export type ResolverOptions = {
  readonly client: Client
  readonly chain?: ChainRef
  readonly trust?: Trust
  readonly maxAgeMs?: number
}

const FAILED = { didDocument: null, didDocumentMetadata: {} } as const

/** Resolvers by method name, for `new Resolver(getResolver(...))`: `?versionId=` and `?versionTime=` are heeded. */
export function getResolver(options: ResolverOptions): { readonly seoul: DIDResolver } {
  const { client } = options
  let chain = options.chain
  const resolve = async (did: string, parsed: ParsedDID): Promise<DIDResolutionResult> => {
    const params = paramsOf(did, parsed)
    if (params === null) return { ...FAILED, didResolutionMetadata: { error: 'invalidDidUrl' } }
    if (options.trust === undefined) {
      const { value } = await client.call<Read<Json>>('identity_resolve', params)
      return value as unknown as DIDResolutionResult
    }
    chain ??= await readChain(client)
    const { maxAgeMs } = options
    const source = { client, chain, trust: options.trust, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) }
    return (await resolveProven(source, params)) as unknown as DIDResolutionResult
  }
  return { seoul: resolve }
}

type Params = { readonly did: string; readonly versionId?: number; readonly versionTime?: string }

function paramsOf(did: string, { query }: ParsedDID): Params | null {
  const options = new URLSearchParams(query ?? '')
  const versionId = options.get('versionId')
  const versionTime = options.get('versionTime')
  if (versionId !== null && !/^[1-9]\d{0,8}$/.test(versionId)) return null
  return {
    did,
    ...(versionId === null ? {} : { versionId: Number(versionId) }),
    ...(versionTime === null ? {} : { versionTime }),
  }
}

/** The resolution result of `identity_resolve`, run here over proven records; `didResolutionMetadata.height` names the state. */
export async function resolveProven(source: StateSource, params: Params): Promise<Json> {
  const text = textContextOf(source.chain.network)
  let parsed: ReturnType<typeof resolveQuery.params.fromJson>
  try {
    parsed = resolveQuery.params.fromJson(params, text, '$')
  } catch (thrown) {
    if (!(thrown instanceof CodecError)) throw thrown
    return { ...FAILED, didResolutionMetadata: { error: 'invalidDidUrl', message: thrown.message } }
  }
  const key = resolveQuery.keyOf?.(parsed)
  const run = (view: ReadView, header: Header) =>
    resolveQuery.run(view, parsed, {
      chainId: source.chain.chainId,
      genesisHash: source.chain.genesisHash,
      height: header.height,
      time: header.time,
      params: CITY_PARAMS,
    })
  const { value, header } = await readProven(source, run, key === undefined ? {} : { keys: [key] })
  if (isFailure(value)) return { ...FAILED, didResolutionMetadata: { error: 'internalError', message: value.text } }
  const result = resolveQuery.result.toJson(value, text) as { readonly didResolutionMetadata: { readonly [name: string]: Json } }
  return { ...result, didResolutionMetadata: { ...result.didResolutionMetadata, proven: true, height: header.height } }
}
