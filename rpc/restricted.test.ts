// Owns: that restricted records go to those alone who may read them, over a real socket, and that each read is in the log.
// Not here: the rooms' own rules (modules).
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toHex } from '../core/base/bytes.ts'
import type { Address } from '../core/base/ids.ts'
import { canonicalJson, readBytes } from '../core/chain/read-request.ts'
import { encode } from '../core/codec/schema.ts'
import { TxBodySchema } from '../core/chain/transaction.ts'
import type { Transaction } from '../core/chain/transaction.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'
import { ALICE, BOB, createFakeNode, DEMO_KEY, hashOf, wireOf } from '../test/helpers/fake-node.ts'
import type { FakeNode } from '../test/helpers/fake-node.ts'
import { createNeedles, findNeedles } from '../test/helpers/needles.ts'
import { openWs, sendRaw } from '../test/helpers/rpc-client.ts'
import type { Reply } from '../test/helpers/rpc-client.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'
import { agree, INSPECTOR, openCase, vaultRoom } from '../test/helpers/vault-room.ts'
import { READ_WINDOW_MS } from './read-desk.ts'

/** A number that turns up nowhere by chance, in any form. */
const WAGE = 0x7a5b3c1d2e4f60n
const NEEDLES = [
  ...createNeedles('wage', WAGE.toString()),
  ...createNeedles('wage', Buffer.from(WAGE.toString(16).padStart(16, '0'), 'hex')),
]
const { formatAddress } = textContextOf('devnet')

let node: FakeNode
let port: number
let stop: () => Promise<void>
let agreed: Transaction
beforeEach(async () => {
  const fake = createFakeNode({ rooms: [vaultRoom] })
  ;({ node, port, stop } = await startRpc({ fake }))
  agreed = await final(node.signAny(agree, { id: 'c1', worker: BOB, wage: WAGE }))
})
afterEach(() => stop())

async function final(tx: Transaction): Promise<Transaction> {
  await node.submitTransaction(tx.bytes)
  node.commitBlock()
  expect(node.txStatus(tx.id).status).toBe('final')
  return tx
}

type Auth = { account: string; keyId: string; time: number; nonce: string; signature: string }
let nonces = 0
/** The member `auth` for a call; `more` changes what is signed. */
function sign(account: Address, method: string, params: unknown, more: Partial<Parameters<typeof readBytes>[0]> = {}): Auth {
  const nonce = new Uint8Array(16)
  nonce[15] = ++nonces
  const { chainId, genesisHash } = node
  const request = { chainId, genesisHash, account, keyId: 'k1', time: node.nowMs(), nonce, method, params, ...more }
  const signature = `0x${toHex(DEMO_KEY.sign(readBytes(request)))}`
  return {
    account: formatAddress(account),
    keyId: request.keyId,
    time: request.time,
    nonce: `0x${toHex(request.nonce)}`,
    signature,
  }
}

async function post(method: string, params: unknown, auth?: unknown): Promise<Reply> {
  const { text } = await sendRaw({ port }, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, auth }))
  return JSON.parse(text) as Reply
}
const as = (account: Address, method: string, params: unknown = {}): Promise<Reply> =>
  post(method, params, sign(account, method, params))
/** What a stream of server-sent events says up to a word. */
const readStream = (path: string, word: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (!text.includes(word)) return
        outgoing.destroy()
        resolve(text)
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
const codeOf = ({ error }: Reply): unknown => (error === undefined ? 'ok' : error.data.code)
const logOf = async (account: Address): Promise<readonly Record<string, unknown>[]> =>
  (await as(account, 'identity_getAccessLog')).result.items

describe('a restricted query', () => {
  it('refuses who did not sign with READ_RESTRICTED, which names the record and the fix', async () => {
    const reply = await post('vault_getWage', { id: 'c1' })
    expect(codeOf(reply)).toBe('READ_RESTRICTED')
    expect(reply.error).toMatchObject({ code: 1501, data: { record: 'vault.wage' } })
    expect(reply.error?.message).toContain('sign the request')
  })

  it('answers both parties, with a proof where it is asked for', async () => {
    expect((await as(ALICE, 'vault_getWage', { id: 'c1' })).result.value).toEqual({ wage: WAGE.toString() })
    const proven = (await as(BOB, 'vault_getWage', { id: 'c1', prove: true })).result
    expect(proven.proof.key).toBe('vault/wage/c1')
  })

  it('refuses a stranger who signs with READ_NOT_PERMITTED, and an inspector until there is a case', async () => {
    const stranger = 'dd'.repeat(20) as Address
    expect(codeOf(await as(stranger, 'vault_getWage', { id: 'c1' }))).toBe('READ_NOT_PERMITTED')
    expect(codeOf(await as(INSPECTOR, 'vault_getWage', { id: 'c1' }))).toBe('READ_NOT_PERMITTED')
    await final(node.signAny(openCase, { id: 'c1' }, INSPECTOR))
    expect((await as(INSPECTOR, 'vault_getWage', { id: 'c1' })).result.value).toEqual({ wage: WAGE.toString() })
    expect(codeOf(await as(stranger, 'vault_getWage', { id: 'c1' }))).toBe('READ_NOT_PERMITTED')
  })

  it('tells a stranger the same of a contract that does not exist', async () => {
    expect(codeOf(await post('vault_getWage', { id: 'c9' }))).toBe('READ_RESTRICTED')
    expect(codeOf(await as(BOB, 'vault_getWage', { id: 'c9' }))).toBe('READ_NOT_PERMITTED')
  })
})

describe('a signature', () => {
  const params = { id: 'c1' }
  const method = 'vault_getWage'

  it('serves once: the same request again is READ_REPLAYED', async () => {
    const auth = sign(BOB, method, params)
    expect(codeOf(await post(method, params, auth))).toBe('ok')
    expect((await post(method, params, auth)).error).toMatchObject({ code: 1504, data: { code: 'READ_REPLAYED' } })
  })

  it.each([
    ['another method', { method: 'vault_getDeal' }],
    ['other parameters', { params: { id: 'c2' } }],
    ['another chain id', { chainId: 'other' }],
    ['another genesis', { genesisHash: 'ab'.repeat(32) as never }],
    ['another account', { account: ALICE }],
    ['another nonce', { nonce: new Uint8Array(16).fill(9) }],
    ['another time', { time: 1_795_000_000_001 }],
  ])('for %s is READ_SIGNATURE_INVALID', async (_name, more) => {
    const { signature } = sign(BOB, method, params, more)
    const reply = await post(method, params, { ...sign(BOB, method, params), signature })
    expect(reply.error).toMatchObject({ code: 1502, data: { code: 'READ_SIGNATURE_INVALID' } })
  })

  it('of an unknown key, or by a key that is not the account’s, is READ_SIGNATURE_INVALID', async () => {
    expect(codeOf(await post(method, params, sign(BOB, method, params, { keyId: 'k2' })))).toBe('READ_SIGNATURE_INVALID')
    const auth = sign(BOB, method, params)
    const { chainId, genesisHash } = node
    const nonce = new Uint8Array(16).fill(3)
    const request = { chainId, genesisHash, account: BOB, keyId: 'k1', time: auth.time, nonce, method, params }
    const foreign = `0x${toHex(createSigner(new Uint8Array(32).fill(8)).sign(readBytes(request)))}`
    const claimed = { ...auth, nonce: `0x${toHex(nonce)}`, signature: foreign }
    expect(codeOf(await post(method, params, claimed))).toBe('READ_SIGNATURE_INVALID')
  })

  it('is READ_EXPIRED outside the window, or from before the node opened, and says what time it is', async () => {
    node.moveClock(10 * READ_WINDOW_MS)
    const now = node.nowMs()
    for (const time of [now - READ_WINDOW_MS - 1, now + READ_WINDOW_MS + 1, now - 11 * READ_WINDOW_MS]) {
      const reply = await post(method, params, sign(BOB, method, params, { time }))
      expect(reply.error).toMatchObject({ code: 1503, data: { code: 'READ_EXPIRED', now, windowMs: READ_WINDOW_MS } })
    }
    for (const time of [now - READ_WINDOW_MS, now + READ_WINDOW_MS])
      expect(codeOf(await post(method, params, sign(BOB, method, params, { time })))).toBe('ok')
  })

  it('is refused by name where it is no signature at all', async () => {
    for (const auth of [null, 7, {}, { ...sign(BOB, method, params), time: 'now' }, { ...sign(BOB, method, params), more: 1 }])
      expect((await post(method, params, auth)).error?.code).toBe(-32602)
  })

  it('of any nonsense is refused in words, and the node goes on', async () => {
    const good = sign(BOB, method, params)
    const nonsense = [
      0,
      -1,
      1e300,
      '',
      '0x',
      'ä'.repeat(300),
      [],
      [[]],
      {},
      { a: {} },
      true,
      null,
      `0x${'f'.repeat(128)}`,
      2 ** 53,
    ]
    const broken = Object.keys(good).flatMap((name) => nonsense.map((value) => ({ ...good, [name]: value })))
    const missing = Object.keys(good).map((name) => Object.fromEntries(Object.entries(good).filter(([other]) => other !== name)))
    for (const auth of [...nonsense, ...broken, ...missing]) {
      const { error } = await post(method, params, auth)
      expect([-32602, 1502, 1503]).toContain(error?.code)
    }
    expect(codeOf(await post(method, params, good))).toBe('ok')
  })

  it('does not depend on the order of the parameters', async () => {
    const auth = sign(BOB, method, { prove: false, id: 'c1' })
    expect(codeOf(await post(method, { id: 'c1', prove: false }, auth))).toBe('ok')
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}')
  })

  it('works over a WebSocket and in a batch', async () => {
    const ws = await openWs(port)
    ws.send(JSON.stringify({ jsonrpc: '2.0', id: 5, method, params, auth: sign(BOB, method, params) }))
    const [reply] = await ws.waitFor(1, (message) => message.id === 5)
    expect(reply.result.value).toEqual({ wage: WAGE.toString() })
    await ws.close()
    const batch = [
      { jsonrpc: '2.0', id: 1, method, params, auth: sign(BOB, method, params) },
      { jsonrpc: '2.0', id: 2, method, params },
    ]
    const { text } = await sendRaw({ port }, JSON.stringify(batch))
    expect((JSON.parse(text) as Reply[]).map(codeOf)).toEqual(['ok', 'READ_RESTRICTED'])
  })
})

describe('the log of reads', () => {
  it('lists each read for both subjects: who, as what, which record, by which method, in which case', async () => {
    await as(ALICE, 'vault_getWage', { id: 'c1' })
    await final(node.signAny(openCase, { id: 'c1' }, INSPECTOR))
    await as(INSPECTOR, 'state_get', { key: 'vault/wage/c1' })
    await as('dd'.repeat(20) as Address, 'vault_getWage', { id: 'c1' })
    const entry = { record: 'vault.wage', ref: 'c1', at: node.nowMs() }
    const expected = [
      { ...entry, reader: formatAddress(INSPECTOR), role: 'INSPECTOR', caseId: 'case-c1', method: 'state_get', height: 2 },
      { ...entry, reader: formatAddress(ALICE), role: 'EMPLOYER', caseId: null, method: 'vault_getWage', height: 1 },
    ]
    expect(await logOf(BOB)).toEqual(expected)
    expect(await logOf(ALICE)).toEqual(expected)
    expect(await logOf(INSPECTOR)).toEqual([])
  })

  it('keeps a case from a subject who may not know of it yet, who reads on as before', async () => {
    await final(node.signAny(agree, { id: 'quiet', worker: BOB, wage: WAGE }))
    await final(node.signAny(openCase, { id: 'quiet' }, INSPECTOR))
    expect(codeOf(await as(INSPECTOR, 'vault_getWage', { id: 'quiet' }))).toBe('ok')
    await as(ALICE, 'vault_getWage', { id: 'quiet' })
    expect((await logOf(BOB)).map(({ role }) => role)).toEqual(['EMPLOYER', 'INSPECTOR'])
    expect((await logOf(ALICE)).map(({ role }) => role)).toEqual(['EMPLOYER'])
  })

  it('is shown to its subject alone, in pages', async () => {
    expect(codeOf(await post('identity_getAccessLog', {}))).toBe('READ_RESTRICTED')
    for (let count = 0; count < 5; count++) await as(ALICE, 'vault_getWage', { id: 'c1' })
    const first = (await as(BOB, 'identity_getAccessLog', { limit: 3 })).result
    expect(first.items).toHaveLength(3)
    const rest = (await as(BOB, 'identity_getAccessLog', { limit: 3, cursor: first.nextCursor })).result
    expect([rest.items.length, rest.nextCursor]).toEqual([2, undefined])
    expect(codeOf(await as(ALICE, 'identity_getAccessLog', { cursor: first.nextCursor }))).toBe('CURSOR_INVALID')
  })

  it('comes first: where it cannot be written, nothing is shown', async () => {
    node.breakLog(true)
    const reply = await as(BOB, 'vault_getWage', { id: 'c1' })
    expect(reply.error).toMatchObject({ code: 1506, data: { code: 'READ_LOG_FAILED', retryable: true } })
    expect(JSON.stringify(reply)).not.toContain(WAGE.toString())
    node.breakLog(false)
    expect(codeOf(await as(BOB, 'vault_getWage', { id: 'c1' }))).toBe('ok')
    expect(await logOf(BOB)).toHaveLength(1)
  })

  it('has one entry of a block that shows a contract twice, and none of what is public', async () => {
    await as(BOB, 'chain_getBlock', { height: 1 })
    await as(BOB, 'vault_getDeal', { id: 'c1' })
    expect((await logOf(BOB)).map(({ method }) => method)).toEqual(['chain_getBlock'])
  })
})

describe('a transaction with a restricted field', () => {
  it('shows its hash, sender and public fields to everybody, the rest to those who may read', async () => {
    const { result } = await post('tx_get', { hash: hashOf(agreed) })
    expect(result.tx).toMatchObject({
      hash: hashOf(agreed),
      sender: formatAddress(ALICE),
      payload: { id: 'c1', worker: formatAddress(BOB), restricted: ['wage'] },
    })
    expect([result.bytes, result.tx.payload.wage]).toEqual([null, undefined])
    expect(result.receipt.events).toEqual([{ name: 'vault.agreed', id: 'c1', worker: formatAddress(BOB), restricted: ['wage'] }])
    const seen = (await as(BOB, 'tx_get', { hash: hashOf(agreed) })).result
    expect(seen.tx.payload.wage).toBe(WAGE.toString())
    expect(seen.bytes).toBe(wireOf(agreed))
    expect(seen.receipt.events[0].wage).toBe(WAGE.toString())
  })

  it('is proved to those alone who may read all of it', async () => {
    expect(codeOf(await post('tx_getProof', { hash: hashOf(agreed) }))).toBe('READ_RESTRICTED')
    expect(codeOf(await as(INSPECTOR, 'tx_getProof', { hash: hashOf(agreed) }))).toBe('READ_NOT_PERMITTED')
    expect((await as(BOB, 'tx_getProof', { hash: hashOf(agreed) })).result.bytes).toBe(wireOf(agreed))
  })

  it('is shown to its sender, even where it failed and the sender is no party', async () => {
    await node.submitTransaction(node.signAny(agree, { id: 'c2', worker: ALICE, wage: 9n }, BOB).bytes)
    const low = await final(node.signAny(agree, { id: 'c2', worker: ALICE, wage: 1n }, INSPECTOR))
    expect((await post('tx_get', { hash: hashOf(low) })).result.receipt.error).toBe('VAULT_TOO_LOW')
    expect((await post('tx_get', { hash: hashOf(low) })).result.tx.payload.wage).toBe(undefined)
    expect((await as(INSPECTOR, 'tx_get', { hash: hashOf(low) })).result.tx.payload.wage).toBe('1')
  })

  it('shows its sender no other’s of the same block and contract', async () => {
    const stranger = 'dd'.repeat(20) as Address
    await node.submitTransaction(node.signAny(agree, { id: 'c2', worker: ALICE, wage: 9n }, BOB).bytes)
    // Refused, and in the block all the same: its sender names a contract of others.
    await node.submitTransaction(node.signAny(agree, { id: 'c2', worker: ALICE, wage: 1n }, stranger).bytes)
    await final(node.signAny(agree, { id: 'c2', worker: BOB, wage: WAGE }))
    const seen = JSON.stringify(await as(stranger, 'chain_getBlock', { height: node.head().header.height }))
    expect(seen).toContain('VAULT_TOO_LOW')
    expect(seen).toContain('"wage":"1"')
    expect(findNeedles(Buffer.from(seen), NEEDLES)).toEqual([])
  })

  it('is tried out by its sender alone', async () => {
    const { body } = node.signAny(agree, { id: 'c1', worker: BOB, wage: 1n })
    const params = { body: `0x${toHex(encode(TxBodySchema, body))}` }
    expect(codeOf(await post('tx_simulate', params))).toBe('READ_RESTRICTED')
    expect(codeOf(await as(BOB, 'tx_simulate', params))).toBe('READ_NOT_PERMITTED')
    expect((await as(ALICE, 'tx_simulate', params)).result.value.receipt.error).toBe('VAULT_TOO_LOW')
  })
})

describe('no method', () => {
  // Every method of the listener, with parameters that lead to the number wherever a method takes any.
  const leads = (): Record<string, unknown> => {
    const hash = hashOf(agreed)
    const body = `0x${toHex(encode(TxBodySchema, node.signAny(agree, { id: 'c1', worker: BOB, wage: 1n }).body))}`
    return {
      chain_getBlock: { height: 1 },
      chain_getHeader: { height: 1 },
      chain_getCommit: { height: 1 },
      chain_getRecovery: { height: 1 },
      chain_getValidators: { height: 1 },
      light_getBootstrap: { checkpoint: `0x${node.head().blockId}` },
      light_getUpdates: { from: 1 },
      light_getHeader: { height: 1 },
      account_get: { account: formatAddress(ALICE) },
      account_getNonce: { account: formatAddress(ALICE) },
      account_getHistory: { account: formatAddress(ALICE) },
      account_resolve: { text: formatAddress(ALICE) },
      state_get: { key: 'vault/wage/c1' },
      state_getProof: { key: 'vault/wage/c1' },
      tx_get: { hash },
      tx_getReceipt: { hash },
      tx_getStatus: { hash },
      tx_getProof: { hash },
      tx_wait: { hash, timeoutMs: 10 },
      tx_submit: { tx: wireOf(agreed) },
      tx_submitAndWait: { tx: wireOf(agreed), timeoutMs: 10 },
      tx_simulate: { body },
      tx_build: { type: 'demo.note', sender: formatAddress(ALICE), payload: { to: formatAddress(BOB), amount: '1', memo: '' } },
      tx_decode: { body },
      events_query: { names: ['vault.*'] },
      vault_getWage: { id: 'c1', prove: true },
      vault_getDeal: { id: 'c1', prove: true },
      demo_getNote: { account: formatAddress(BOB), prove: true },
    }
  }

  it('tells a stranger the number, in any form, signed or not', async () => {
    const names = (await post('rpc_methods', {})).result as string[]
    const params = leads()
    const stranger = 'dd'.repeat(20) as Address
    const leaky: string[] = []
    for (const name of names) {
      const asked = params[name] ?? {}
      for (const auth of [undefined, sign(stranger, name, asked)]) {
        const { text } = await sendRaw({ port }, JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params: asked, auth }))
        if (findNeedles(Buffer.from(text), NEEDLES).length > 0) leaky.push(name)
      }
    }
    expect(leaky).toEqual([])
    // The same search does find the number where it is: it is not the search that is blind.
    const seen = await as(BOB, 'chain_getBlock', { height: 1 })
    expect(findNeedles(Buffer.from(JSON.stringify(seen)), NEEDLES)).toEqual(['wage'])
    const proof = await as(BOB, 'state_getProof', { key: 'vault/wage/c1' })
    expect(findNeedles(Buffer.from(JSON.stringify(proof)), NEEDLES)).toEqual(['wage'])
  })

  it('streams the number, over a WebSocket or as server-sent events, nor tells it beside a refusal', async () => {
    const ws = await openWs(port)
    await ws.call('sub_subscribe', { topic: 'events', from: 'c1.0.0' })
    await ws.call('sub_subscribe', { topic: 'account', filter: { account: formatAddress(BOB) }, from: 'c1.0.0' })
    await ws.waitFor(2, (message) => message.method === 'sub_event')
    expect(JSON.stringify(ws.messages)).toContain('vault.agreed')
    expect(findNeedles(Buffer.from(JSON.stringify(ws.messages)), NEEDLES)).toEqual([])
    await ws.close()
    const streamed = await readStream(`/events?topic=events&cursor=c1.0.0`, 'vault.agreed')
    expect(findNeedles(Buffer.from(streamed), NEEDLES)).toEqual([])
    const low = node.signAny(agree, { id: 'c1', worker: BOB, wage: 1n })
    await post('tx_submit', { tx: wireOf(low) })
    const told = await post('tx_getStatus', { hash: hashOf(low) })
    expect(findNeedles(Buffer.from(JSON.stringify(told)), NEEDLES)).toEqual([])
  })
})
