// Owns: tests of the SDK against the real listener over a node in memory: calls, senders, streams, proofs. Not here: real networks (test/).
import { afterEach, describe, expect, test } from 'vitest'
import { startRpc } from '../test/helpers/rpc-listeners.ts'
import { ALICE, BOB, hashOf } from '../test/helpers/fake-node.ts'
import type { FakeNode } from '../test/helpers/fake-node.ts'
import { NodeError } from '../core/base/errors.ts'
import { formatAccount, readChain } from './chain.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import { RpcError } from './errors.ts'
import { fetchStateProof, fetchTransactionProof } from './fetch-proof.ts'
import { createSender } from './sender.ts'
import type { Sender } from './sender.ts'
import type { Stream, StreamItem } from './stream.ts'
import { trustFromValidators } from './trust.ts'
import { requireFinal, submitAndWait, submitTransaction, waitForEnd, waitForFinal } from './wait.ts'
import { verifyStateProof, verifyTransactionProof } from './verify.ts'
import { createWallet } from './wallet.ts'
import { webSocketTransport } from './web-socket.ts'

const SEED = new Uint8Array(32).fill(7)
const open: (() => unknown)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function startNode(options: Parameters<typeof startRpc>[0] = {}) {
  const rpc = await startRpc(options)
  open.push(() => rpc.stop())
  return rpc
}

function connect(port: number, kind: 'http' | 'ws' = 'http'): Client {
  const client =
    kind === 'http'
      ? createClient({ url: `http://127.0.0.1:${port}` })
      : createClient({ transport: webSocketTransport({ url: `ws://127.0.0.1:${port}/ws`, retryMsMin: 10, retryMsMax: 40 }) })
  open.push(() => client.close())
  return client
}

async function createAlice(node: FakeNode, client: Client): Promise<Sender> {
  // The rooms of the node in memory are its own, not the city's.
  const chain = await readChain(client, node.registry)
  const wallet = createWallet({ seed: SEED, account: ALICE, keyId: 'k1', network: 'devnet' })
  return createSender({ client, chain, wallet })
}

const bob = formatAccount({ network: 'devnet' }, BOB)
const note = (amount: number) => ({ type: 'demo.note', payload: { to: bob, amount: String(amount), memo: '' } })

async function take(stream: Stream, count: number): Promise<StreamItem[]> {
  const items: StreamItem[] = []
  if (count === 0) return items
  for await (const item of stream) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

describe('over HTTP and WebSocket alike', () => {
  for (const kind of ['http', 'ws'] as const) {
    test(`the chain is read, and errors arrive with code and data (${kind})`, async () => {
      const { node, port } = await startNode()
      const client = connect(port, kind)
      const chain = await readChain(client, node.registry)
      expect(chain).toEqual({ chainId: 'fake-1', network: 'devnet', genesisHash: node.genesisHash, registry: node.registry })
      node.commitBlock()
      expect((await client.call('chain_head')).context.height).toBe(1)
      await expect(client.call('chain_head', { atLeast: 9 })).rejects.toMatchObject({
        code: 1103,
        data: { code: 'NODE_BEHIND', have: 1 },
      })
      const results = await client.batch([{ method: 'chain_id' }, { method: 'no_such' }, { method: 'node_time' }])
      expect(results[0]).toMatchObject({ chainId: 'fake-1' })
      expect(results[1]).toBeInstanceOf(RpcError)
      expect(results[2]).toHaveProperty('now')
      const many = Array.from({ length: 101 }, () => ({ method: 'chain_id' }))
      await expect(client.batch(many)).rejects.toMatchObject({ data: { code: 'TOO_LARGE' } })
    })

    test(`a transaction is submitted, waited for and proven (${kind})`, async () => {
      const { node, port } = await startNode()
      const client = connect(port, kind)
      const tx = node.sign({ amount: 5n })
      expect(await submitTransaction(client, tx)).toBe(hashOf(tx))
      expect(await submitTransaction(client, tx)).toBe(hashOf(tx))
      const waiting = submitAndWait(client, tx)
      node.commitBlock()
      expect(await waiting).toMatchObject({ hash: hashOf(tx), status: 'final', height: 1, index: 0 })
      expect(await waitForFinal(client, hashOf(tx))).toMatchObject({ receipt: { code: 0 } })

      const chain = await readChain(client, node.registry)
      const { validators } = node.validators() as NonNullable<ReturnType<FakeNode['validators']>>
      const trust = trustFromValidators({ ...chain, validators })
      const proof = await fetchTransactionProof(client, chain, hashOf(tx))
      expect(verifyTransactionProof({ trust, proof })).toMatchObject({ ok: true, tx: { id: tx.id }, index: 0 })
      const present = await fetchStateProof(client, chain, `demo/note/${BOB}`)
      expect(verifyStateProof({ trust, proof: present })).toMatchObject({ ok: true, value: node.state().get(`demo/note/${BOB}`) })
      const absent = await fetchStateProof(client, chain, `demo/note/${ALICE}`)
      expect(verifyStateProof({ trust, proof: absent })).toMatchObject({ ok: true, value: null })
    })
  }
})

describe('the end of a transaction', () => {
  test('is told as it is: pending, failed, refused, expired', async () => {
    const { node, port } = await startNode()
    const client = connect(port)
    const tx = node.sign({ amount: 5n, validUntil: 1 })
    expect(await submitAndWait(client, tx, { timeoutMs: 30 })).toMatchObject({ status: 'pending', validUntil: 1 })
    await expect(waitForFinal(client, hashOf(tx), { timeoutMs: 20 })).rejects.toMatchObject({
      name: 'TransactionError',
      code: 'PENDING',
    })
    await expect(submitTransaction(client, node.sign({ amount: 13n }))).rejects.toMatchObject({ data: { code: 'DEMO_UNLUCKY' } })
    node.commitBlock()
    const late = node.sign({ amount: 6n, validUntil: 2 })
    node.commitBlock()
    await expect(submitAndWait(client, late)).rejects.toMatchObject({ code: 1004 })
    expect(await waitForEnd(client, hashOf(tx))).toMatchObject({ status: 'final' })
  })

  test('that is no success is an error with its reason', () => {
    const hash = `0x${'ab'.repeat(32)}`
    const receipt = { code: 0x0303, error: 'PAYMENT_INSUFFICIENT', message: 'Not enough.', events: [] }
    const status = { hash, status: 'final', height: 3, index: 0, receipt } as const
    expect(() => requireFinal(status)).toThrow(expect.objectContaining({ code: 'PAYMENT_INSUFFICIENT', txId: hash }))
    expect(() => requireFinal({ hash, status: 'expired', height: 9 })).toThrow(expect.objectContaining({ code: 'EXPIRED' }))
    const error = { code: 1002, message: 'used', data: { code: 'NONCE_TOO_LOW' } }
    expect(() => requireFinal({ hash, status: 'rejected', error })).toThrow(expect.objectContaining({ code: 'NONCE_TOO_LOW' }))
    expect(() => requireFinal({ hash, status: 'unknown' })).toThrow(expect.objectContaining({ code: 'PENDING' }))
    expect(requireFinal({ ...status, receipt: { code: 0, events: [] } })).toMatchObject({ height: 3 })
  })
})

describe('a sender', () => {
  test('gives nonces in the order of the calls, many in flight at once', async () => {
    const { node, port } = await startNode()
    const sender = await createAlice(node, connect(port))
    const submitted = await Promise.all(Array.from({ length: 40 }, (_, i) => sender.submit(note(i + 20))))
    expect(submitted.map(({ nonce }) => nonce)).toEqual(Array.from({ length: 40 }, (_, i) => BigInt(i)))
    node.commitBlock()
    const amounts = node.eventsBetween(1, 1).length
    expect(amounts).toBe(40)
    const sending = sender.send(note(7))
    while (node.mempool().count === 0) await new Promise((resolve) => setImmediate(resolve))
    node.commitBlock()
    expect(await sending).toMatchObject({ status: 'final', height: 2 })
  })

  test('sends a batch in one request and tells each outcome', async () => {
    const { node, port } = await startNode()
    const sender = await createAlice(node, connect(port))
    const outcomes = await sender.submitBatch([note(20), note(21), note(13)])
    expect(outcomes.slice(0, 2)).toMatchObject([{ nonce: 0n }, { nonce: 1n }])
    expect(outcomes[2]).toMatchObject({ name: 'RpcError', data: { code: 'DEMO_UNLUCKY' } })
    expect(await sender.submitBatch([])).toEqual([])
  })

  test('goes on at the right nonce after a refusal and after a payload that does not build', async () => {
    const { node, port } = await startNode()
    const sender = await createAlice(node, connect(port))
    expect((await sender.submit(note(1))).nonce).toBe(0n)
    await expect(sender.submit(note(13))).rejects.toMatchObject({ data: { code: 'DEMO_UNLUCKY' } })
    await expect(sender.submit(note(0))).rejects.toMatchObject({ code: 'DEMO_EMPTY' })
    expect((await sender.submit(note(2))).nonce).toBe(1n)
    expect((await sender.sign(note(3))).body.nonce).toBe(2n)
  })

  test('sends the same bytes again when it cannot know whether they arrived', async () => {
    const { node, port } = await startNode()
    const inner = connect(port)
    const seen: string[] = []
    const client: Client = {
      ...inner,
      call: (async (method: string, params?: object) => {
        const result = await inner.call(method, params)
        if (method !== 'tx_submit') return result
        seen.push((params as { tx: string }).tx)
        if (seen.length === 1) throw new NodeError('RPC_TIMEOUT', 'lost')
        return result
      }) as Client['call'],
    }
    const sender = await createAlice(node, client)
    expect((await sender.submit(note(5))).nonce).toBe(0n)
    expect(seen).toHaveLength(2)
    expect(seen[1]).toBe(seen[0])
    expect(node.mempool().count).toBe(1)
  })
})

describe('a stream', () => {
  const amountOf = ({ item }: StreamItem): unknown => (item as { event: { amount: string } }).event.amount
  const commit = (node: FakeNode, amounts: readonly number[]): void => {
    for (const amount of amounts) void node.submitTransaction(node.sign({ amount: BigInt(amount) }).bytes)
    node.commitBlock()
  }

  test('gives every event once and in order, from a cursor on', async () => {
    const { node, port } = await startNode()
    commit(node, [20, 21])
    commit(node, [])
    commit(node, [22])
    const client = connect(port, 'ws')
    const items = await take(client.subscribe('events', {}, { from: 'c1.0.0' }), 3)
    expect(items.map(amountOf)).toEqual(['20', '21', '22'])
    expect(items.map(({ height }) => height)).toEqual([1, 1, 3])
    expect(items[1]?.cursor).toBe('c1.1.1')
    const rest = await take(client.subscribe('events', { names: ['demo.*'] }, { from: items[1]?.cursor as string }), 1)
    expect(rest.map(amountOf)).toEqual(['22'])
  })

  test('begins at the head where no cursor is given', async () => {
    const { node, port } = await startNode()
    commit(node, [20])
    const client = connect(port, 'ws')
    const stream = client.subscribe('heads')
    while (stream.cursor() === null) await new Promise((resolve) => setImmediate(resolve))
    commit(node, [])
    expect(await take(stream, 1)).toMatchObject([{ height: 2 }])
  })

  test('survives restarts of the node without loss or repetition', async () => {
    let rpc = await startRpc()
    const { node, port } = rpc
    const client = connect(port, 'ws')
    const stream = client.subscribe('events', {}, { from: 'c1.0.0' })
    const got: unknown[] = []
    const sent: string[] = []
    const reading = (async () => {
      for await (const item of stream) {
        got.push(amountOf(item))
        if (got.length === 60) break
      }
    })()
    for (let round = 0; round < 6; round++) {
      for (let block = 0; block < 5; block++) {
        const amounts = [100 + sent.length, 101 + sent.length]
        sent.push(...amounts.map(String))
        commit(node, amounts)
        await new Promise((resolve) => setTimeout(resolve, 3))
      }
      await rpc.stop()
      rpc = await startRpc({ fake: node, listen: { host: '127.0.0.1', port } })
    }
    open.push(() => rpc.stop())
    await reading
    expect(got).toEqual(sent)
    expect(stream.cursor()).toBe('c1.30.1')
  })

  test('that cannot go on throws the node’s reason', async () => {
    const { node, port } = await startNode()
    for (let i = 0; i < 5; i++) commit(node, [])
    node.prune(4)
    const client = connect(port, 'ws')
    await expect(take(client.subscribe('heads', {}, { from: 'c1.1.0' }), 1)).rejects.toMatchObject({ data: { code: 'PRUNED' } })
    await expect(take(client.subscribe('events', { names: ['no.such'] }), 1)).rejects.toMatchObject({ code: -32602 })
  })

  test('ends when it is closed, and with an error when its client is', async () => {
    const { port } = await startNode()
    const client = connect(port, 'ws')
    const closed = client.subscribe('heads')
    const reading = take(closed, 1)
    closed.close()
    expect(await reading).toEqual([])
    const open1 = take(client.subscribe('heads'), 1)
    client.close()
    await expect(open1).rejects.toMatchObject({ code: 'RPC_CLOSED' })
    expect(() => client.subscribe('heads')).toThrow(expect.objectContaining({ code: 'RPC_CLOSED' }))
    await expect(client.call('chain_id')).rejects.toMatchObject({ code: 'RPC_CLOSED' })
  })

  test('does not disturb the calls of its connection, which fail when it is lost and work again after', async () => {
    let rpc = await startRpc()
    const { node, port } = rpc
    const client = connect(port, 'ws')
    const stream = client.subscribe('heads', {}, { from: 'c1.0.0' })
    expect(await client.call('chain_id')).toMatchObject({ chainId: 'fake-1' })
    const pending = client.call('tx_wait', { hash: hashOf(node.sign({ amount: 1n })), timeoutMs: 20_000 })
    const lost = expect(pending).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    await client.call('chain_id')
    await rpc.stop()
    await lost
    rpc = await startRpc({ fake: node, listen: { host: '127.0.0.1', port } })
    open.push(() => rpc.stop())
    node.commitBlock()
    expect(await take(stream, 1)).toMatchObject([{ height: 1 }])
    const call = () => client.call('chain_id').catch(() => null)
    let answer = await call()
    while (answer === null) answer = await call()
    expect(answer).toMatchObject({ chainId: 'fake-1' })
  })
})
