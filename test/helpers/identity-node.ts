// Owns: the answers of a node over a chain in memory, for clients that verify: proofs, heads, status lists, submissions.
// Not here: the chain (tiny-chain.ts), HTTP.
import { must } from '../../core/base/assert.ts'
import { isFailure } from '../../core/base/errors.ts'
import { decodeTransaction } from '../../core/chain/transaction.ts'
import { fromHex } from '../../core/base/bytes.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import type { QueryDefinition } from '../../core/execution/module.ts'
import { nextNonce, readAccount } from '../../core/state/accounts.ts'
import { createClient } from '../../sdk/client.ts'
import type { Client } from '../../sdk/client.ts'
import type { RpcRequest } from '../../sdk/transport.ts'
import type { TinyChain } from './tiny-chain.ts'

type Params = Readonly<Record<string, unknown>>

/** A client of the chain, with a hook that may change any answer on its way. Each submission makes a block. */
export function openTinyClient(
  tiny: TinyChain,
  twist: (method: string, answer: unknown) => unknown = (_method, answer) => answer,
): Client {
  let block = tiny.commitBlock([])
  const text = textContextOf('devnet')
  const hex = (bytes: Uint8Array): string => tiny.hex(bytes)
  const context = () => ({ height: block.header.height, hash: '0x', time: block.header.time })
  const queries = tiny.chain.registry.modules.flatMap((room) => room.queries) as readonly QueryDefinition[]
  const prove = (key: string) => {
    const { value, proof, header, commit } = tiny.proveState(block, key)
    const path = { [value === null ? 'nonExistence' : 'existence']: hex(proof) }
    return {
      spec: 'naru-smt-1',
      key,
      value: value === null ? null : hex(value),
      ...path,
      header: hex(header),
      commit: hex(commit),
    }
  }
  const submit = (bytes: string) => {
    const tx = decodeTransaction(fromHex(bytes.slice(2)))
    block = tiny.commitBlock([tx])
    const receipt = must(block.receipts[0], 'a receipt')
    const { height } = block.header
    return { hash: `0x${tx.id}`, status: 'final', height, index: 0, receipt: { code: receipt.code, events: [] } }
  }
  let last: ReturnType<typeof submit> | null = null
  const answer = (method: string, params: Params): unknown => {
    if (method === 'state_getProof') return { context: context(), value: prove(String(params['key'])) }
    if (method === 'chain_head') return { context: context(), value: { height: block.header.height } }
    if (method === 'chain_getParams') return { context: context(), value: { validUntilAheadMax: 600 } }
    if (method === 'account_getNonce') {
      const account = must(text.parseAddress(String(params['account'])), 'an account')
      return { context: context(), value: { next: nextNonce(readAccount(tiny.state, account), 0).toString() } }
    }
    if (method === 'tx_submit') {
      last = submit(String(params['tx']))
      return last
    }
    if (method === 'tx_wait') return last
    const query = must(
      queries.find(({ name }) => name === method),
      `method ${method}`,
    )
    const result = query.run(tiny.state, query.params.fromJson(params, text, '$'), {
      chainId: tiny.chain.chainId,
      genesisHash: tiny.chain.genesisHash,
      height: block.header.height,
      time: block.header.time,
      params: tiny.chain.registry.readChainParams(tiny.state),
    })
    if (isFailure(result)) throw new Error(result.code)
    return { context: context(), value: query.result.toJson(result, text) }
  }
  const reply = ({ id, method, params }: RpcRequest) => ({
    jsonrpc: '2.0',
    id,
    result: twist(method, answer(method, params as Params)),
  })
  const request = async (payload: RpcRequest | readonly RpcRequest[]): Promise<unknown> =>
    Array.isArray(payload) ? payload.map(reply) : reply(payload as RpcRequest)
  return createClient({ transport: { request, close: () => undefined } })
}
