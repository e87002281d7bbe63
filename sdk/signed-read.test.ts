// Owns: that a call with `as` is signed so that a node believes it, and goes by the node's clock. Not here: who may read (rpc).
import { afterEach, beforeEach, expect, test } from 'vitest'
import { textContextOf } from '../core/execution/init-genesis.ts'
import { ALICE, BOB, createFakeNode } from '../test/helpers/fake-node.ts'
import type { FakeNode } from '../test/helpers/fake-node.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'
import { agree, vaultRoom } from '../test/helpers/vault-room.ts'
import { readChain } from './chain.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import type { Reader } from './signed-read.ts'
import type { RpcRequest, Transport } from './transport.ts'
import { createWallet } from './wallet.ts'

const WAGE = 10_320n
let node: FakeNode
let client: Client
let reader: Reader
let stop: () => Promise<void>
beforeEach(async () => {
  const fake = createFakeNode({ rooms: [vaultRoom] })
  const started = await startRpc({ fake })
  ;({ node, stop } = started)
  await node.submitTransaction(node.signAny(agree, { id: 'c1', worker: BOB, wage: WAGE }).bytes)
  node.commitBlock()
  client = createClient({ url: `http://127.0.0.1:${started.port}` })
  const wallet = createWallet({ seed: new Uint8Array(32).fill(7), account: BOB, keyId: 'k1', network: 'devnet' })
  reader = { wallet, chain: await readChain(client) }
})
afterEach(async () => {
  client.close()
  await stop()
})

test('a party reads by `as`, though the clocks are years apart, and finds the read in the log', async () => {
  const answer = await client.call<{ value: { wage: string } }>('vault_getWage', { id: 'c1', prove: undefined }, { as: reader })
  expect(answer.value).toEqual({ wage: '10320' })
  await client.call('vault_getWage', { id: 'c1' }, { as: reader })
  const { items } = await client.call<{ items: { reader: string; role: string }[] }>('identity_getAccessLog', {}, { as: reader })
  const entry = expect.objectContaining({ reader: reader.wallet.address, role: 'WORKER', record: 'vault.wage', ref: 'c1' })
  expect(items).toEqual([entry, entry])
})

test('nobody else does', async () => {
  await expect(client.call('vault_getWage', { id: 'c1' })).rejects.toMatchObject({ data: { code: 'READ_RESTRICTED' } })
  const wallet = createWallet({ seed: new Uint8Array(32).fill(8), account: ALICE, keyId: 'k1', network: 'devnet' })
  const forged = { ...reader, wallet }
  const refused = client.call('vault_getWage', { id: 'c1' }, { as: forged })
  await expect(refused).rejects.toMatchObject({ data: { code: 'READ_SIGNATURE_INVALID' } })
  expect(textContextOf('devnet').formatAddress(ALICE)).toBe(wallet.address)
})

test('a node of the city whose clock is far from ours gets no signature for another day', async () => {
  const seen: RpcRequest[] = []
  const dayMs = 86_400_000
  const transport: Transport = {
    request: async (request) => {
      seen.push(request as RpcRequest)
      const data = { code: 'READ_EXPIRED', now: Date.now() + dayMs }
      return { jsonrpc: '2.0', id: (request as RpcRequest).id, error: { code: 1503, message: 'expired', data } }
    },
    close: () => undefined,
  }
  const far = createClient({ transport })
  const wallet = createWallet({ seed: new Uint8Array(32).fill(7), account: BOB, keyId: 'k1', network: 'city' })
  for (let count = 0; count < 2; count++) {
    const asked = far.call('vault_getWage', { id: 'c1' }, { as: { ...reader, wallet } })
    await expect(asked).rejects.toMatchObject({ data: { code: 'READ_EXPIRED' } })
  }
  expect(seen.length).toBe(2)
  for (const { auth } of seen) expect(Math.abs((auth?.time ?? 0) - Date.now())).toBeLessThan(dayMs / 2)
})
