// Owns: bad transactions and bad requests over the real listener of a real process, each with its typed error; the node is well
// afterwards. Not here: bad frames between nodes (node/network), random requests (rpc/fuzz.test.ts).
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { encode } from '../../core/codec/schema.ts'
import { TransferPayload } from '../../modules/payment/schema.ts'
import type { TxBody } from '../../core/chain/transaction.ts'
import { assembleTransaction, TX_VERSION, txSigningBytes } from '../../core/chain/transaction.ts'
import { signMessage } from '../../core/crypto/keys.ts'
import { KEY_PURPOSES } from '../../core/execution/module.ts'
import { transfer as transferType } from '../../modules/payment/transfer.ts'
import { readChain } from '../../sdk/chain.ts'
import type { ChainRef } from '../../sdk/chain.ts'
import { RpcError } from '../../sdk/errors.ts'
import { createDid, transfer } from '../../sdk/rooms.ts'
import { createSender } from '../../sdk/sender.ts'
import { buildTransaction, signTransaction } from '../../sdk/transaction.ts'
import { createWallet } from '../../sdk/wallet.ts'
import { submitAndWait } from '../../sdk/wait.ts'
import { DEV_KEY_ID } from '../../cli/devnet/accounts.ts'
import { createDevnet } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { callHttp, sendRaw } from '../helpers/rpc-client.ts'
import type { Reply } from '../helpers/rpc-client.ts'

let devnet: Devnet
let chain: ChainRef
let port: number

/** A citizen may send a handful of transactions: its credits refill within hours. */
const POOR = { bytes: 65_536, operations: 6, stateBytes: 16_384, refillMs: 3_600_000 }

beforeAll(async () => {
  devnet = await createDevnet({
    count: 1,
    accountCount: 8,
    editGenesis: (document) => {
      document.rooms.governance.params.creditClasses[0] = POOR
    },
  })
  await devnet.start()
  chain = await readChain(devnet.client('v1'))
  port = devnet.node('v1').ports.rpc
})

afterAll(() => devnet?.destroy())

type Sender = { readonly address: TxBody['sender']; readonly seed: Uint8Array }

function account(index: number): Sender & { readonly id: string } {
  const found = devnet.accounts[index]
  if (found === undefined) throw new Error(`no account ${index}`)
  return found
}

/** A right transfer of one won from an account, with changes to its body, signed by its key. */
function build(from: Sender, changes: Partial<TxBody> = {}): Uint8Array {
  const body: TxBody = {
    version: TX_VERSION,
    chainTag: fromHex(devnet.genesisHash.slice(0, 16)),
    type: transferType.type,
    sender: from.address,
    keyId: DEV_KEY_ID,
    lane: 0,
    nonce: 0n,
    validUntil: 400,
    payload: encode(TransferPayload, { to: devnet.named('merchant-1').address, amount: 1n, memoCommit: null }),
    sponsor: null,
    ...changes,
  }
  return assembleTransaction(body, [signMessage(from.seed, txSigningBytes(body))]).bytes
}

const submit = (bytes: Uint8Array): Promise<Reply> => callHttp(port, 'tx_submit', { tx: `0x${toHex(bytes)}` })

async function refusalOf(bytes: Uint8Array): Promise<readonly [number | undefined, string | undefined]> {
  const { error } = await submit(bytes)
  return [error?.code, error?.data?.code]
}

describe('a transaction that is', () => {
  test('malformed is refused as MALFORMED, whatever is wrong with its bytes', async () => {
    const good = build(account(0))
    const cut = good.subarray(0, good.length - 1)
    const longer = Uint8Array.from([...good, 0])
    // The same content, its body's length in a longer form than needed.
    expect([good[0], good[1]]).toEqual([0x92, 0xc4])
    const loose = Uint8Array.from([0x92, 0xc5, 0, ...good.subarray(2)])
    const noise = Uint8Array.from({ length: 300 }, (_, i) => (i * 73 + 11) & 0xff)
    const deep = new Uint8Array(400).fill(0x91)
    const huge = Uint8Array.from([0x92, 0xc6, 0xff, 0xff, 0xff, 0xff, 1])
    for (const bytes of [new Uint8Array(0), cut, longer, loose, noise, deep, huge]) {
      expect([toHex(bytes).slice(0, 20), ...(await refusalOf(bytes))]).toEqual([toHex(bytes).slice(0, 20), 1000, 'MALFORMED'])
    }
    expect(await refusalOf(build(account(0), { version: 2 }))).toEqual([1000, 'MALFORMED'])
  })

  test('larger than 65,536 bytes is refused', async () => {
    expect(await refusalOf(new Uint8Array(65_536).fill(1))).toEqual([1000, 'MALFORMED'])
    for (const size of [65_537, 500_000]) {
      const { error } = await submit(new Uint8Array(size).fill(1))
      expect(error).toMatchObject({ code: -32602, data: { code: 'INVALID_PARAMS', field: 'tx' } })
      expect(error?.message.length).toBeLessThan(400)
    }
  })

  test('not hex is a bad parameter', async () => {
    for (const tx of ['0xzz', 'abcd', '0xabc', 7, null, {}]) {
      const { error } = await callHttp(port, 'tx_submit', { tx })
      expect([tx, error?.code, error?.data?.code]).toEqual([tx, -32602, 'INVALID_PARAMS'])
    }
  })

  test('sent again gives the same answer and moves money once', async () => {
    const bytes = build(account(1))
    const first = await submit(bytes)
    const second = await submit(bytes)
    expect(second.result.hash).toBe(first.result.hash)
    const client = devnet.client('v1')
    const final = await client.call('tx_wait', { hash: first.result.hash, timeoutMs: 10_000 })
    expect(final).toMatchObject({ status: 'final', receipt: { code: 0 } })
    const third = await submit(bytes)
    expect(third.result).toMatchObject({ hash: first.result.hash, status: 'final' })
    const { value } = await client.call<{ value: { balance: string } }>('payment_getBalance', { account: account(1).id })
    expect(value.balance).toBe('999999999')
  })

  test('of another chain is refused as WRONG_CHAIN', async () => {
    expect(await refusalOf(build(account(0), { chainTag: fromHex('0102030405060708') }))).toEqual([1008, 'WRONG_CHAIN'])
  })

  test('expired, or valid for too long, is refused', async () => {
    expect(await refusalOf(build(account(0), { validUntil: 0 }))).toEqual([1004, 'EXPIRED'])
    expect(await refusalOf(build(account(0), { validUntil: 100_000 }))).toEqual([10_009, 'VALID_UNTIL_TOO_FAR'])
  })

  test('of a used nonce is refused, one behind a gap waits for the gap to close', async () => {
    expect(await refusalOf(build(account(1), { nonce: 0n, validUntil: 399 }))).toEqual([1002, 'NONCE_TOO_LOW'])
    const ahead = await submit(build(account(2), { nonce: 1n }))
    expect(ahead.result.status).toBe('pending')
    expect(await refusalOf(build(account(2), { nonce: 1n, validUntil: 399 }))).toEqual([10_242, 'MEMPOOL_NONCE_TAKEN'])
    expect(await refusalOf(build(account(2), { nonce: 100_000n }))).toEqual([10_241, 'MEMPOOL_ACCOUNT_FULL'])
    const { result } = await submit(build(account(2)))
    const client = devnet.client('v1')
    expect(await client.call('tx_wait', { hash: result.hash, timeoutMs: 10_000 })).toMatchObject({ status: 'final' })
    expect(await client.call('tx_wait', { hash: ahead.result.hash, timeoutMs: 10_000 })).toMatchObject({ status: 'final' })
  })

  test('of a wrong signature or signer is refused', async () => {
    const flipped = build(account(3))
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    expect(await refusalOf(flipped)).toEqual([1001, 'BAD_SIGNATURE'])
    expect(await refusalOf(build({ address: account(3).address, seed: account(4).seed }))).toEqual([1001, 'BAD_SIGNATURE'])
    expect(await refusalOf(build(account(3), { keyId: 'k9' }))).toEqual([10_010, 'UNKNOWN_KEY'])
    const nobody = { address: 'ab'.repeat(20) as TxBody['sender'], seed: account(3).seed }
    expect(await refusalOf(build(nobody))).toEqual([10_010, 'UNKNOWN_KEY'])
  })

  test('signed by a key of another purpose is refused', async () => {
    const client = devnet.client('v1')
    const seeds = { phone: new Uint8Array(32).fill(5), papers: new Uint8Array(32).fill(6) }
    const keys = [
      { keyId: 'phone', seed: seeds.phone },
      { keyId: 'papers', seed: seeds.papers, purposes: KEY_PURPOSES.assertion },
    ]
    const { account: newcomer, action } = createDid(chain, { keys })
    const office = createWallet({ seed: devnet.named('office-1').seed, keyId: DEV_KEY_ID, network: chain.network })
    const wallet = createWallet({ seed: seeds.phone, account: newcomer, keyId: 'phone', network: chain.network })
    const sponsor = { account: office.account, keyId: office.keyId }
    const envelope = { chain, sender: newcomer, keyId: 'phone', nonce: 0n, validUntil: 300, sponsor }
    const created = await submitAndWait(client, signTransaction(buildTransaction({ ...envelope, ...action }), wallet, office))
    expect(created).toMatchObject({ status: 'final', receipt: { code: 0 } })
    const asPapers = { address: newcomer, seed: seeds.papers }
    expect(await refusalOf(build(asPapers, { keyId: 'papers', nonce: 1n }))).toEqual([10_011, 'WRONG_KEY_PURPOSE'])
  })

  test('of an unknown type or with another type’s payload is refused', async () => {
    expect(await refusalOf(build(account(5), { type: 0x7fff }))).toEqual([1000, 'UNKNOWN_TYPE'])
    expect(await refusalOf(build(account(5), { payload: Uint8Array.of(0x93, 1, 2, 3) }))).toEqual([1000, 'BAD_PAYLOAD'])
  })

  test('more than the account has is refused: won and credits', async () => {
    const to = devnet.named('merchant-1').address
    const payload = encode(TransferPayload, { to, amount: 1_000_000_001n, memoCommit: null })
    expect(await refusalOf(build(account(5), { payload }))).toEqual([1005, 'PAYMENT_INSUFFICIENT'])

    const client = devnet.client('v1')
    const citizen = createWallet({ seed: devnet.named('citizen-1').seed, keyId: DEV_KEY_ID, network: chain.network })
    const sender = createSender({ client, chain, wallet: citizen })
    let sent = 0
    let refused: RpcError | null = null
    while (refused === null && sent < 20) {
      try {
        await sender.send(transfer(chain, { to: devnet.named('merchant-1').id, amount: 1n }))
        sent++
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        refused = error
      }
    }
    expect(refused).toMatchObject({ code: 10_012, data: { code: 'CREDIT_EXHAUSTED', retryable: true } })
    expect(sent).toBe(POOR.operations)
  })
})

describe('a request that is', () => {
  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}) => sendRaw({ port, headers }, body)
  const errorOf = async (body: string | Uint8Array): Promise<readonly [number, number | undefined]> => {
    const { status, text } = await post(body)
    return [status, (JSON.parse(text) as Reply).error?.code]
  }

  test('no JSON, or nested too deep, is a parse error', async () => {
    for (const body of ['', '{', '{"jsonrpc":"2.0"', 'null,', '\ufeff{}', '{"a":1}}'])
      expect([body, ...(await errorOf(body))]).toEqual([body, 200, -32700])
    expect(await errorOf(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d))).toEqual([200, -32700])
    expect(await errorOf('['.repeat(65) + ']'.repeat(65))).toEqual([200, -32700])
    expect(await errorOf('['.repeat(500_000))).toEqual([200, -32700])
    expect(
      await errorOf(`{"jsonrpc":"2.0","id":1,"method":"chain_id","params":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`),
    ).toEqual([200, -32700])
  })

  test('no JSON-RPC is an invalid request', async () => {
    for (const body of [
      '{}',
      '[]',
      '1',
      '"x"',
      'null',
      '{"jsonrpc":"1.0","id":1,"method":"chain_id"}',
      '{"jsonrpc":"2.0","id":{},"method":"chain_id"}',
    ]) {
      expect([body, ...(await errorOf(body))]).toEqual([body, 200, -32600])
    }
    expect(await errorOf('{"jsonrpc":"2.0","id":1,"method":"chain_idd"}')).toEqual([200, -32601])
    expect(await errorOf('{"jsonrpc":"2.0","id":1,"method":"__proto__"}')).toEqual([200, -32601])
    expect(await errorOf('{"jsonrpc":"2.0","id":1,"method":"chain_head","params":{"nope":1}}')).toEqual([200, -32602])
    expect(await errorOf('{"jsonrpc":"2.0","id":1,"method":"admin_shutdown"}')).toEqual([200, -32601])
  })

  test('ten megabytes long is refused before it is read, many times over', async () => {
    const body = new Uint8Array(10_000_000).fill(0x20)
    // To a client that waits for the word to go on, and to those that send it all regardless.
    expect(await statusOfUpload(body.length)).toBe(413)
    const answers = await Promise.all(Array.from({ length: 8 }, () => statusOfUpload(body.length, body)))
    expect(answers).toEqual(Array.from({ length: 8 }, () => 413))
  })

  test('a batch is bounded, and each of its calls is answered for itself', async () => {
    const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'chain_id' })
    const tooMany = await post(JSON.stringify(Array.from({ length: 101 }, (_, i) => call(i))))
    expect((JSON.parse(tooMany.text) as Reply).error).toMatchObject({ code: 1202, data: { code: 'TOO_LARGE' } })
    const mixed = JSON.parse(
      (await post(JSON.stringify([call(1), 1, { jsonrpc: '2.0', id: 2, method: 'no' }, [], call(3)]))).text,
    ) as Reply[]
    expect(mixed.map(({ error }) => error?.code ?? 0)).toEqual([0, -32600, -32601, -32600, 0])
    const bad = Array.from({ length: 100 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tx_submit', params: { tx: '0x00' } }))
    const refused = JSON.parse((await post(JSON.stringify(bad))).text) as Reply[]
    expect(refused.map(({ error }) => error?.code)).toEqual(Array.from({ length: 100 }, () => 1000))
  })

  test('not for this listener is refused by HTTP', async () => {
    expect((await sendRaw({ port, method: 'GET' })).status).toBe(405)
    expect((await sendRaw({ port, path: '/nowhere' }, '{}')).status).toBe(404)
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post('{}', { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await post('{}', { origin: 'https://evil.example' })).status).toBe(403)
    // The operator's page shows figures and takes no calls.
    expect(
      (await sendRaw({ port: devnet.node('v1').ports.metrics }, '{"jsonrpc":"2.0","id":1,"method":"admin_shutdown"}')).status,
    ).toBe(404)
    expect(await answerToBytes('\x16\x03\x01\x02\x00garbage\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await answerToBytes(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    )
  })
})

/** Status of an upload announced with this length, or null where the connection ended without one. */
async function statusOfUpload(length: number, body = new Uint8Array(0)): Promise<number | null> {
  const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
  const status = /^HTTP\/1\.1 (\d+)/.exec(await answerToBytes(head, body))
  return status === null ? null : Number(status[1])
}

/** Everything that the listener says to these bytes until it closes. */
function answerToBytes(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('data', (part) => {
      text += part.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) =>
      ['EPIPE', 'ECONNRESET'].includes(error.code ?? '') ? undefined : reject(error),
    )
    socket.on('close', () => resolve(text))
    for (const part of parts) socket.write(part)
  })
}

test('after all of it the node is well: ready, nothing waiting, the next payment final', async () => {
  const { ports } = devnet.node('v1')
  expect((await sendRaw({ port: ports.metrics, path: '/readyz', method: 'GET' })).status).toBe(200)
  expect(await devnet.metric('v1', 'naru_mempool_txs')).toBe(0)
  expect(await devnet.metric('v1', 'naru_rpc_queue_depth')).toBe(0)
  expect(devnet.logOf('v1')).not.toMatch(/"level":"error"/)
  const wallet = createWallet({ seed: account(7).seed, keyId: DEV_KEY_ID, network: chain.network })
  const sender = createSender({ client: devnet.client('v1'), chain, wallet })
  const paid = await sender.send(transfer(chain, { to: devnet.named('merchant-1').id, amount: 1n }))
  expect(paid.status).toBe('final')
})
