// Owns: what each public method answers, and that each documented error code is produced. Not here: transports (server.test.ts).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fromHex, utf8ToBytes } from '../core/base/bytes.ts'
import { asHash32 } from '../core/base/ids.ts'
import { blockIdOf, HeaderSchema } from '../core/chain/block.ts'
import { CertificateSchema, checkCertificate } from '../core/chain/certificate.ts'
import { ReceiptSchema, receiptHash } from '../core/chain/receipt.ts'
import { assembleTransaction, decodeTransaction, TxBodySchema } from '../core/chain/transaction.ts'
import { decode } from '../core/codec/schema.ts'
import { formatDid } from '../core/crypto/address.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { verifySignature } from '../core/crypto/keys.ts'
import { verifyMerkle } from '../core/crypto/merkle.ts'
import { textContextOf } from '../core/execution/init-genesis.ts'
import { verifyTreeProof } from '../core/state/tree-proof.ts'
import { ALICE, BOB, createFakeNode, DEMO_KEY, hashOf, wireOf } from '../test/helpers/fake-node.ts'
import type { FakeNode } from '../test/helpers/fake-node.ts'
import { callHttp } from '../test/helpers/rpc-client.ts'
import type { Reply } from '../test/helpers/rpc-client.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'

let node: FakeNode
let port: number
let stop: () => Promise<void>
const setUp = async (fake: FakeNode = createFakeNode()): Promise<void> => {
  ;({ node, port, stop } = await startRpc({ fake }))
}
beforeAll(() => setUp())
beforeEach(async () => {
  await stop()
  await setUp()
})
afterAll(() => stop())

const call = (method: string, params?: unknown): Promise<Reply> => callHttp(port, method, params)
// biome-ignore lint/suspicious/noExplicitAny: results of every shape.
const result = async (method: string, params?: unknown): Promise<any> => {
  const reply = await call(method, params)
  if (reply.error !== undefined) throw new Error(`${method}: ${JSON.stringify(reply.error)}`)
  return reply.result
}
// biome-ignore lint/suspicious/noExplicitAny: errors of every shape.
const error = async (method: string, params?: unknown): Promise<any> => (await call(method, params)).error

const { formatAddress } = textContextOf('devnet')
const alice = formatAddress(ALICE)
const bob = formatAddress(BOB)

/** A note that is final. */
async function finalNote(amount: bigint) {
  const tx = node.sign({ amount })
  await node.submitTransaction(tx.bytes)
  node.commitBlock()
  return tx
}

describe('chain methods', () => {
  it('give the head with its context', async () => {
    node.commitBlock()
    const { header, blockId } = node.head()
    const context = { height: 1, hash: `0x${blockId}`, time: header.time }
    expect(await result('chain_head')).toMatchObject({
      context,
      value: { ...context, stateRoot: `0x${header.stateRoot}`, txCount: 0 },
    })
  })

  it('give the id of the chain and the tag of its transactions', async () => {
    expect(await result('chain_id')).toEqual({
      chainId: 'fake-1',
      network: 'devnet',
      genesisHash: `0x${node.genesisHash}`,
      chainTag: `0x${node.genesisHash.slice(0, 16)}`,
    })
  })

  it('give a header by height, by hash, by each word for the head, or not named at all', async () => {
    for (let i = 0; i < 3; i++) node.commitBlock()
    const second = (await result('chain_getHeader', { height: 2 })).value
    expect(second.height).toBe(2)
    expect((await result('chain_getHeader', { hash: second.hash })).value).toEqual(second)
    for (const word of ['final', 'latest', 'safe', 'finalized']) {
      expect((await result('chain_getHeader', [word])).value.height).toBe(3)
    }
    expect((await result('chain_getHeader')).value.height).toBe(3)
    expect((await error('chain_getHeader', { height: 'pending' })).data).toMatchObject({
      code: 'INVALID_PARAMS',
      field: 'height',
    })
    expect((await error('chain_getHeader', { height: 1, hash: second.hash })).code).toBe(-32602)
  })

  it('tell unknown, future and pruned blocks apart', async () => {
    for (let i = 0; i < 5; i++) node.commitBlock()
    node.prune(3)
    expect(await error('chain_getHeader', { height: 9 })).toMatchObject({
      code: 1103,
      data: { have: 5, want: 9, retryable: true },
    })
    expect(await error('chain_getBlock', { height: 2 })).toMatchObject({ code: 1102, data: { code: 'PRUNED', oldest: 3 } })
    expect(await error('chain_getHeader', { hash: `0x${'9'.repeat(64)}` })).toMatchObject({
      code: 1101,
      data: { code: 'NOT_FOUND' },
    })
    expect(await error('chain_getHeader', { hash: '9'.repeat(64) })).toMatchObject({ code: -32602 })
  })

  it('give a block with decoded transactions and receipts, or with ids alone', async () => {
    const tx = await finalNote(5n)
    const { value } = await result('chain_getBlock', { height: 1 })
    expect(value.header.height).toBe(1)
    expect(value.txs).toHaveLength(1)
    expect(value.txs[0]).toMatchObject({
      hash: hashOf(tx),
      type: 'demo.note',
      sender: alice,
      payload: { to: bob, amount: '5', memo: '' },
    })
    expect(value.receipts[0]).toMatchObject({ code: 0, events: [{ name: 'demo.noted', amount: '5' }] })
    expect((await result('chain_getBlock', { height: 1, full: false })).value.txs).toEqual([hashOf(tx)])
  })

  it('list headers downwards in pages that meet without gap', async () => {
    for (let i = 0; i < 7; i++) node.commitBlock()
    const heights: number[] = []
    let before: number | undefined
    do {
      const { value } = await result('chain_listBlocks', { limit: 3, ...(before === undefined ? {} : { before }) })
      heights.push(...value.items.map((item: { height: number }) => item.height))
      before = value.nextBefore
    } while (before !== undefined)
    expect(heights).toEqual([7, 6, 5, 4, 3, 2, 1])
    expect((await error('chain_listBlocks', { limit: 201 })).data).toMatchObject({ field: 'limit', expected: 200, got: 201 })
    expect((await error('chain_listBlocks', { limit: 0 })).code).toBe(-32602)
  })

  it('give certificates, validators, parameters and genesis', async () => {
    node.commitBlock()
    const { value } = await result('chain_getCommit', { height: 1 })
    expect(value).toMatchObject({ type: 'precommit', height: 1, blockId: `0x${node.head().blockId}`, validRound: -1 })
    const set = (await result('chain_getValidators')).value
    expect(set).toMatchObject({ quorum: 1, hash: `0x${node.head().header.validatorsHash}` })
    expect(set.validators[0]).toMatchObject({
      name: 'v1',
      authority: formatAddress(ALICE.replaceAll('a1', 'c0') as typeof ALICE),
    })
    expect((await result('chain_getParams')).value.blockIntervalMs).toBe(1_000)
    expect(await result('chain_getGenesis')).toEqual({
      genesisHash: `0x${node.genesisHash}`,
      genesis: { chainId: 'fake-1', network: 'devnet', rooms: {} },
    })
    expect((await error('chain_getValidators', { height: 99 })).code).toBe(1103)
    expect((await error('chain_getCommit', { height: 0 })).code).toBe(1102)
  })
})

describe('reads', () => {
  it('refuse an older head than atLeast and answer from one that is new enough', async () => {
    node.commitBlock()
    expect(await error('chain_head', { atLeast: 2 })).toEqual({
      code: 1103,
      message: 'This node is at 1, you asked for at least 2.',
      data: { have: 1, want: 2, retryAfterMs: 400, code: 'NODE_BEHIND', retryable: true, docs: '/errors#1103' },
    })
    expect((await result('chain_head', { atLeast: 1 })).context.height).toBe(1)
    expect((await error('demo_countNotes', { atLeast: '1' })).data.field).toBe('atLeast')
  })

  it('take common parameters by position after their own', async () => {
    await finalNote(5n)
    expect((await result('demo_getNote', [bob, true, 1])).proof.spec).toBe('naru-smt-1')
  })

  it('refuse a proof where no one record proves the answer, or no certificate exists yet', async () => {
    expect(await error('state_get', { key: 'demo/note/x', prove: true })).toMatchObject({ code: 1105 })
    expect(await error('state_getProof', { key: 'demo/note/x' })).toMatchObject({ code: 1105 })
    node.commitBlock()
    expect(await error('demo_countNotes', { prove: true })).toMatchObject({ code: 1105, data: { code: 'PROOF_UNAVAILABLE' } })
    expect((await error('chain_head', { prove: true })).data.field).toBe('prove')
  })

  it('give a failure of a room its own code and text', async () => {
    expect(await error('demo_getNote', { account: bob })).toMatchObject({
      code: 10_000 + 0x0903,
      message: 'The account has no note.',
      data: { code: 'DEMO_NO_NOTE', class: 'failed', retryable: false, docs: `/errors#${10_000 + 0x0903}` },
    })
  })

  it('take an account by its DID too, and refuse one of another network', async () => {
    await finalNote(5n)
    expect((await result('demo_getNote', { account: formatDid(BOB, 3) })).value).toEqual({ amount: '5' })
    const cityText = textContextOf('city').formatAddress(BOB)
    expect((await error('demo_getNote', { account: cityText })).data).toMatchObject({ code: 'INVALID_PARAMS', field: 'account' })
    expect((await error('demo_getNote', {})).data.field).toBe('account')
  })

  it('fail for a missing, a wrong and an unknown parameter by name', async () => {
    expect((await error('state_get', { key: 5 })).data).toMatchObject({ field: 'key', got: '5' })
    expect((await error('state_get', { kee: 'x' })).data).toMatchObject({ field: 'kee', nearest: 'key' })
    expect((await error('chain_id', { verbose: true })).message).toBe('There is no parameter verbose; known are: none')
  })
})

/** Checks a proof as a client would that knows the chain id and the validators. */
// biome-ignore lint/suspicious/noExplicitAny: proofs as JSON.
function isStateProved(proof: any, key: string, value: Uint8Array | null): boolean {
  const bytes = (text: string) => fromHex(text.slice(2))
  const header = decode(HeaderSchema, bytes(proof.header), 10_000)
  const certificate = decode(CertificateSchema, bytes(proof.commit), 100_000)
  const set = node.validators()
  if (set === null || certificate.blockId !== blockIdOf(header)) return false
  if (checkCertificate({ chainId: 'fake-1', set, certificate, checkSignature: verifySignature }) !== null) return false
  const valueHash = value === null ? null : fromHex(sha256(value))
  const path = bytes(value === null ? proof.nonExistence : proof.existence)
  return verifyTreeProof({ rootHash: header.stateRoot, key: fromHex(sha256(utf8ToBytes(key))), valueHash, proof: path })
}

describe('proofs', () => {
  it('of a present record hold down to the validators’ signatures, and of no other value', async () => {
    await finalNote(5n)
    const { value, proof } = await result('demo_getNote', { account: bob, prove: true })
    expect(value).toEqual({ amount: '5' })
    const record = fromHex(proof.value.slice(2))
    expect(proof.key).toBe(`demo/note/${BOB}`)
    expect(isStateProved(proof, proof.key, record)).toBe(true)
    expect(isStateProved(proof, proof.key, new Uint8Array([...record, 0]))).toBe(false)
    expect(isStateProved(proof, 'demo/note/other', record)).toBe(false)
  })

  it('of an absent record hold too', async () => {
    await finalNote(5n)
    const { value } = await result('state_getProof', { key: 'demo/note/none' })
    expect(value.value).toBe(null)
    expect(isStateProved(value, 'demo/note/none', null)).toBe(true)
    const read = await result('state_get', { key: 'demo/note/none', prove: true })
    expect([read.value, isStateProved(read.proof, 'demo/note/none', null)]).toEqual([
      { key: 'demo/note/none', value: null },
      true,
    ])
  })

  it('come with the failure of a room that is proved by an absent record', async () => {
    await finalNote(5n)
    const { data } = await error('demo_getNote', { account: alice, prove: true })
    expect(data.code).toBe('DEMO_NO_NOTE')
    expect(data.context.height).toBe(1)
    expect(isStateProved(data.proof, `demo/note/${ALICE}`, null)).toBe(true)
  })

  it('of a transaction and its receipt hold down to the header', async () => {
    for (const amount of [1n, 2n, 3n]) await node.submitTransaction(node.sign({ amount }).bytes)
    const tx = node.sign({ amount: 4n })
    await node.submitTransaction(tx.bytes)
    node.commitBlock()
    const proof = await result('tx_getProof', { hash: hashOf(tx) })
    const header = decode(HeaderSchema, fromHex(proof.header.slice(2)), 10_000)
    const listProof = (part: { index: number; count: number; siblings: string[] }) => ({
      ...part,
      siblings: part.siblings.map((sibling) => asHash32(sibling.slice(2))),
    })
    const wire = fromHex(proof.bytes.slice(2))
    expect(decodeTransaction(wire).id).toBe(tx.id)
    expect(proof.tx).toMatchObject({ index: 3, count: 4, leaf: `0x${sha256(wire)}` })
    expect(verifyMerkle({ root: header.txRoot, leaf: sha256(wire), proof: listProof(proof.tx) })).toBe(true)
    const receipt = decode(ReceiptSchema, fromHex(proof.receiptBytes.slice(2)), 100_000)
    expect(receipt).toMatchObject({ txId: tx.id, code: 0 })
    expect(verifyMerkle({ root: header.receiptsRoot, leaf: receiptHash(receipt), proof: listProof(proof.receipt) })).toBe(true)
    expect(verifyMerkle({ root: header.txRoot, leaf: receiptHash(receipt), proof: listProof(proof.tx) })).toBe(false)
  })
})

describe('sending a transaction', () => {
  it('answers pending, then final, for the same bytes as often as they come', async () => {
    const tx = node.sign({ amount: 5n })
    const pending = { hash: hashOf(tx), status: 'pending', validUntil: 100 }
    expect(await result('tx_submit', { tx: wireOf(tx) })).toEqual(pending)
    expect(await result('tx_submit', { tx: wireOf(tx) })).toEqual(pending)
    expect(await result('mempool_list')).toEqual({ count: 1, items: [hashOf(tx)] })
    node.commitBlock()
    const final = await result('tx_submit', { tx: wireOf(tx) })
    expect(final).toMatchObject({ hash: hashOf(tx), status: 'final', height: 1, index: 0, receipt: { code: 0 } })
    expect(await result('tx_getStatus', { hash: hashOf(tx) })).toEqual(final)
    expect(await result('tx_wait', { hash: hashOf(tx) })).toEqual(final)
    expect(await result('tx_submitAndWait', { tx: wireOf(tx) })).toEqual(final)
  })

  it('waits for the block', async () => {
    const tx = node.sign({ amount: 5n })
    const waiting = result('tx_submitAndWait', { tx: wireOf(tx), timeoutMs: 5_000 })
    while (node.mempool().count === 0) await new Promise((resolve) => setImmediate(resolve))
    node.commitBlock()
    expect(await waiting).toMatchObject({
      status: 'final',
      height: 1,
      receipt: { events: [{ name: 'demo.noted', from: alice, to: bob, amount: '5' }] },
    })
  })

  it('answers the present state at the end of timeoutMs, which has a bound', async () => {
    const tx = node.sign({ amount: 5n })
    expect(await result('tx_submitAndWait', { tx: wireOf(tx), timeoutMs: 1 })).toMatchObject({ status: 'pending' })
    expect(await result('tx_wait', { hash: `0x${'1'.repeat(64)}`, timeoutMs: 1 })).toEqual({
      hash: `0x${'1'.repeat(64)}`,
      status: 'unknown',
    })
    expect((await error('tx_wait', { hash: hashOf(tx), timeoutMs: 60_001 })).data).toMatchObject({
      field: 'timeoutMs',
      expected: 60_000,
    })
  })

  it('tells expiry', async () => {
    const tx = node.sign({ amount: 5n, validUntil: 1 })
    node.commitBlock()
    const late = node.sign({ amount: 5n, validUntil: 1 })
    expect(await error('tx_submit', { tx: wireOf(late) })).toMatchObject({
      code: 1004,
      data: { code: 'EXPIRED', validUntil: 1, height: 2, retryable: false },
    })
    expect((await result('tx_getStatus', { hash: hashOf(tx) })).status).toBe('rejected')
  })

  it('refuses with the code of each reason', async () => {
    const wrong = node.sign({ amount: 5n })
    const signature = new Uint8Array(wrong.signatures[0] as Uint8Array)
    signature[40] = (signature[40] as number) ^ 1
    const forged = assembleTransaction(wrong.body, [signature])
    const alien = assembleTransaction({ ...wrong.body, chainTag: new Uint8Array(8) }, wrong.signatures)
    const strange = assembleTransaction({ ...wrong.body, type: 0x0fff }, wrong.signatures)
    const codeOf = async (tx: string) => {
      const { code, data } = await error('tx_submit', { tx })
      return [code, data.code]
    }
    expect(await codeOf(wireOf(forged))).toEqual([1001, 'BAD_SIGNATURE'])
    expect(await codeOf(wireOf(alien))).toEqual([1008, 'WRONG_CHAIN'])
    expect(await codeOf(wireOf(strange))).toEqual([1000, 'UNKNOWN_TYPE'])
    expect(await codeOf('0x00')).toEqual([1000, 'MALFORMED'])
    expect(await codeOf(wireOf(node.sign({ amount: 0n })))).toEqual([10_000 + 0x0901, 'DEMO_EMPTY'])
    expect(await codeOf('00')).toEqual([-32602, 'INVALID_PARAMS'])
    await finalNote(1n)
    expect(await codeOf(wireOf(node.sign({ amount: 2n, nonce: 0n })))).toEqual([1002, 'NONCE_TOO_LOW'])
  })

  it('tells a full mempool, which is worth trying again', async () => {
    await stop()
    await setUp(createFakeNode({ mempoolMax: 0 }))
    expect(await error('tx_submit', { tx: wireOf(node.sign({ amount: 1n })) })).toMatchObject({
      code: 1007,
      data: { code: 'MEMPOOL_FULL', retryable: true },
    })
  })

  it('tells a failed receipt by its stable text', async () => {
    // Admitted while the amount was lucky for the check: the block decides.
    const tx = await finalNote(5n)
    const { receipt } = await result('tx_getReceipt', { hash: hashOf(tx) })
    expect(receipt).toEqual({ code: 0, events: [{ name: 'demo.noted', from: alice, to: bob, amount: '5', memo: '' }] })
    const simulated = node.sign({ amount: 13n })
    expect((await result('tx_simulate', { tx: wireOf(simulated) })).value.receipt).toEqual({
      code: 0x0902,
      error: 'DEMO_UNLUCKY',
      message: 'The amount 13 is refused.',
      events: [],
    })
  })

  it('gives a final transaction back, decoded and as bytes', async () => {
    const tx = await finalNote(5n)
    const found = await result('tx_get', { hash: hashOf(tx) })
    expect(found).toMatchObject({
      hash: hashOf(tx),
      height: 1,
      index: 0,
      bytes: wireOf(tx),
      tx: { type: 'demo.note', nonce: '0', signatures: [expect.stringMatching(/^0x[0-9a-f]{128}$/)] },
    })
    for (const method of ['tx_get', 'tx_getReceipt', 'tx_getProof']) {
      expect(await error(method, { hash: `0x${'1'.repeat(64)}` })).toMatchObject({ code: 1101, data: { status: 'unknown' } })
    }
  })
})

describe('building a transaction', () => {
  const note = { type: 'demo.note', sender: alice, payload: { to: bob, amount: '5', memo: 'lunch' } }

  it('gives bytes that can be signed and sent', async () => {
    const built = await result('tx_build', note)
    const signature = `0x${Buffer.from(DEMO_KEY.sign(fromHex(built.signBytes.slice(2)))).toString('hex')}`
    const assembled = await result('tx_assemble', { body: built.body, signatures: [signature] })
    expect(assembled.hash).toBe(built.hash)
    expect(await result('tx_submit', { tx: assembled.tx })).toMatchObject({ hash: built.hash, status: 'pending' })
    node.commitBlock()
    expect((await result('demo_getNote', { account: bob })).value.amount).toBe('5')
  })

  it('names every field in plain words', async () => {
    const { text } = await result('tx_build', { ...note, lane: 2, nonce: '7', validUntil: 44 })
    expect(text.split('\n')).toEqual([
      'demo.note',
      'Leaves a note with an amount.',
      `  chain: fake-1 (tag 0x${node.genesisHash.slice(0, 16)})`,
      `  sender: ${alice}, key k1`,
      '  order: lane 2, number 7',
      '  valid until block: 44',
      '  sponsor: (none)',
      'Content:',
      `  to: ${bob}`,
      '  amount: 5',
      '  memo: lunch',
    ])
  })

  it('fills in nonce and expiry and names who signs', async () => {
    await node.submitTransaction(node.sign({ amount: 1n }).bytes)
    const { tx, signers, body } = await result('tx_build', { ...note, sponsor: { account: bob, keyId: 'k2' } })
    expect(tx).toMatchObject({ nonce: '1', lane: 0, validUntil: 300, type: 'demo.note', sponsor: { account: bob, keyId: 'k2' } })
    expect(signers).toEqual([
      { role: 'sender', account: alice, keyId: 'k1' },
      { role: 'sponsor', account: bob, keyId: 'k2' },
    ])
    expect(decode(TxBodySchema, fromHex(body.slice(2)), 1_000).nonce).toBe(1n)
  })

  it('refuses what cannot become a transaction, by field', async () => {
    expect((await error('tx_build', { ...note, type: 'demo.notes' })).data).toMatchObject({ field: 'type', nearest: 'demo.note' })
    expect((await error('tx_build', { ...note, payload: { to: bob, amount: 5, memo: '' } })).data).toMatchObject({
      field: 'payload.amount',
    })
    expect((await error('tx_build', { ...note, payload: { to: bob, amount: '5', memo: '', extra: 1 } })).data.field).toBe(
      'payload.extra',
    )
    expect((await error('tx_build', { ...note, payload: { to: bob, amount: '0', memo: '' } })).data.code).toBe('DEMO_EMPTY')
    expect((await error('tx_assemble', { body: '0x00', signatures: [] })).code).toBe(1000)
    const { body } = await result('tx_build', note)
    expect((await error('tx_assemble', { body, signatures: [] })).message).toContain('0 signatures, expected 1')
  })

  it('is read back by tx_decode, signed or not', async () => {
    const built = await result('tx_build', note)
    const { tx, ...rest } = await result('tx_decode', { body: built.body })
    expect({ ...rest, tx }).toEqual(built)
    const signed = node.sign({ amount: 5n, memo: 'lunch' })
    const decoded = await result('tx_decode', { tx: wireOf(signed) })
    expect(decoded).toMatchObject({ hash: hashOf(signed), tx: { payload: { memo: 'lunch' }, signatures: [expect.any(String)] } })
    expect((await error('tx_decode', {})).code).toBe(-32602)
    expect((await error('tx_decode', { tx: wireOf(signed), body: built.body })).code).toBe(-32602)
    expect((await error('tx_decode', { body: '0x9a' })).code).toBe(1000)
  })

  it('shows the bytes of a payload that does not fit its type, and a type that is unknown', async () => {
    const { body } = node.sign({ amount: 5n })
    const broken = assembleTransaction({ ...body, payload: new Uint8Array([1]) }, [new Uint8Array(64)])
    expect((await result('tx_decode', { tx: wireOf(broken) })).tx.payload).toBe('0x01')
    const strange = assembleTransaction({ ...body, type: 0x0fff }, [new Uint8Array(64)])
    const { tx, text } = await result('tx_decode', { tx: wireOf(strange) })
    expect(tx).toMatchObject({ type: 'unknown', typeNumber: 0x0fff })
    expect(text).toContain('do not sign it')
  })

  it('is tried on the head state without leaving a trace', async () => {
    const { body } = await result('tx_build', note)
    const simulated = await result('tx_simulate', { body })
    expect(simulated.value.receipt).toMatchObject({ code: 0, events: [{ name: 'demo.noted', memo: 'lunch' }] })
    expect(await error('demo_getNote', { account: bob })).toMatchObject({ data: { code: 'DEMO_NO_NOTE' } })
    const { body: early } = await result('tx_build', { ...note, nonce: '9' })
    expect(await error('tx_simulate', { body: early })).toMatchObject({
      code: 1003,
      data: { code: 'NONCE_GAP', retryable: true },
    })
  })
})

describe('account methods', () => {
  it('give both texts of an account from either', async () => {
    const both = { account: bob, did: formatDid(BOB, 3) }
    expect((await result('account_resolve', { text: bob })).value).toEqual(both)
    expect((await result('account_resolve', [both.did])).value).toEqual(both)
    expect(await error('account_resolve', ['nobody'])).toMatchObject({ code: 1101 })
  })

  it('give nonces with and without what waits, with proof', async () => {
    await finalNote(1n)
    await node.submitTransaction(node.sign({ amount: 2n }).bytes)
    const { value, proof } = await result('account_getNonce', { account: alice, prove: true })
    expect(value).toEqual({ lane: 0, next: '2', final: '1' })
    expect(isStateProved(proof, proof.key, fromHex(proof.value.slice(2)))).toBe(true)
    expect((await result('account_getNonce', { account: alice, lane: 3 })).value).toEqual({ lane: 3, next: '0', final: '0' })
  })

  it('give the envelope’s record, also of an account that never sent anything', async () => {
    await finalNote(1n)
    expect((await result('account_get', { account: alice })).value).toMatchObject({
      account: alice,
      lanes: [{ lane: 0, nextNonce: '1' }],
    })
    const fresh = (await result('account_get', { account: bob })).value
    expect(fresh).toMatchObject({ account: bob, did: formatDid(BOB, 3), lanes: [], creditClass: 0 })
    expect(fresh.creditsLeft.operations).toBeGreaterThan(0)
  })

  it('give history in pages that end and equal the whole', async () => {
    const hashes: string[] = []
    for (let i = 1n; i <= 7n; i++) hashes.unshift(hashOf(await finalNote(i)))
    const heard: string[] = []
    let cursor: string | undefined
    do {
      const { value } = await result('account_getHistory', {
        account: alice,
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      })
      heard.push(...value.items.map((item: { hash: string }) => item.hash))
      cursor = value.nextCursor
      await finalNote(99n)
    } while (cursor !== undefined)
    expect(heard).toEqual(hashes)
  })

  it('refuse a cursor of another account, of another method and of nobody', async () => {
    for (let i = 1n; i <= 3n; i++) await finalNote(i)
    const { nextCursor } = (await result('account_getHistory', { account: alice, limit: 1 })).value
    const [version, hash] = nextCursor.split('.')
    for (const cursor of [nextCursor, 'p1.x.1.1', '', `${version}.${hash}.x.1`]) {
      const account = cursor === nextCursor ? bob : alice
      expect(await error('account_getHistory', { account, cursor })).toMatchObject({
        code: 1104,
        data: { code: 'CURSOR_INVALID' },
      })
    }
  })
})

describe('events_query', () => {
  it('gives pages that end and equal the whole while blocks arrive', async () => {
    for (let i = 1; i <= 9; i++) {
      for (let n = 0; n < i % 3; n++) await node.submitTransaction(node.sign({ amount: BigInt(100 + i) }).bytes)
      node.commitBlock()
    }
    const whole = (await result('events_query', { limit: 200 })).value
    expect(whole.items).toHaveLength(9)
    expect(whole.nextCursor).toBe(undefined)
    const heard: unknown[] = []
    let cursor: string | undefined
    do {
      const { value } = await result('events_query', { limit: 2, ...(cursor === undefined ? {} : { cursor }) })
      heard.push(...value.items)
      cursor = value.nextCursor
      await finalNote(999n)
    } while (cursor !== undefined)
    expect(heard).toEqual(whole.items)
  })

  it('looks through no more blocks than the bound and still comes to the end', async () => {
    await stop()
    node = createFakeNode()
    for (let i = 0; i < 10; i++) node.commitBlock()
    await finalNote(5n)
    ;({ port, stop } = await startRpc({ fake: node, limits: { scanBlocksMax: 4 } }))
    const first = (await result('events_query')).value
    expect(first.items).toEqual([])
    const second = (await result('events_query', { cursor: first.nextCursor })).value
    const third = (await result('events_query', { cursor: second.nextCursor })).value
    expect([third.items.length, third.nextCursor]).toEqual([1, undefined])
  })

  it('looks at no more events than the bound, whatever it finds, and still comes to the end', async () => {
    await stop()
    node = createFakeNode()
    for (let nonce = 0n; nonce < 9n; nonce++) await node.submitTransaction(node.sign({ amount: nonce + 1n, nonce }).bytes)
    node.commitBlock()
    await finalNote(20n)
    ;({ port, stop } = await startRpc({ fake: node, limits: { scanEventsMax: 4 } }))
    const sizes: number[] = []
    let cursor: string | undefined
    do {
      const { value } = await result('events_query', cursor === undefined ? {} : { cursor })
      sizes.push(value.items.length)
      cursor = value.nextCursor
    } while (cursor !== undefined)
    expect(sizes).toEqual([4, 4, 2])
    const nobody = formatAddress(ALICE.replaceAll('a1', 'ca') as typeof ALICE)
    const { items, nextCursor } = (await result('events_query', { account: nobody })).value
    expect([items, typeof nextCursor]).toEqual([[], 'string'])
  })

  it('filters by name, account and heights', async () => {
    await finalNote(1n)
    await finalNote(2n)
    await finalNote(3n)
    const amounts = async (params: object) =>
      (await result('events_query', params)).value.items.map((item: { event: { amount: string } }) => item.event.amount)
    expect(await amounts({ from: 2 })).toEqual(['2', '3'])
    expect(await amounts({ from: 1, to: 2 })).toEqual(['1', '2'])
    expect(await amounts({ names: ['demo.*'], account: bob })).toEqual(['1', '2', '3'])
    expect(await amounts({ account: formatAddress(ALICE.replaceAll('a1', 'ca') as typeof ALICE) })).toEqual([])
    expect((await error('events_query', { names: ['demo.note'] })).data).toMatchObject({ field: 'names', nearest: 'demo.noted' })
    expect((await error('events_query', { to: 9 })).code).toBe(1103)
    const { nextCursor } = (await result('events_query', { limit: 1 })).value
    expect((await error('events_query', { limit: 1, from: 2, cursor: nextCursor })).code).toBe(1104)
    node.prune(2)
    expect((await error('events_query', { from: 1 })).code).toBe(1102)
    expect(await amounts({})).toEqual(['2', '3'])
  })
})

describe('methods about the node', () => {
  it('tell version, health, sync, time and mempool', async () => {
    await node.submitTransaction(node.sign({ amount: 1n }).bytes)
    expect(await result('node_info')).toMatchObject({
      version: '0.0.0-fake',
      chainId: 'fake-1',
      height: 0,
      peers: 0,
      rooms: ['demo'],
    })
    expect(await result('node_health')).toMatchObject({ ready: true, reasons: [], missingVotes: [] })
    expect(await result('node_sync')).toEqual({ syncing: false, height: 0, bestPeerHeight: 0, oldestHeight: 1 })
    expect(await result('node_time')).toEqual({ now: node.nowMs(), blockTime: node.head().header.time })
    expect(await result('mempool_status')).toMatchObject({ count: 1, countMax: 10_000 })
    expect(await result('rpc_version')).toEqual({ node: '0.0.0-fake', api: 1, jsonrpc: '2.0' })
    expect((await result('rpc_limits')).limits).toMatchObject({ batchMax: 100, bodyBytesMax: 1_048_576 })
  })

  it('describe themselves by OpenRPC: every method, its parameters and its errors', async () => {
    const document = await result('rpc.discover')
    const names = document.methods.map(({ name }: { name: string }) => name)
    expect(document.openrpc).toBe('1.3.2')
    expect(names).toEqual(await result('rpc_methods'))
    expect(names).toContain('demo_getNote')
    const getNote = document.methods.find(({ name }: { name: string }) => name === 'demo_getNote')
    expect(getNote.paramStructure).toBe('either')
    expect(getNote.params.map((param: { name: string; required: boolean }) => [param.name, param.required])).toEqual([
      ['account', true],
      ['prove', false],
      ['atLeast', false],
    ])
    expect(getNote.errors.map(({ data }: { data: { code: string } }) => data.code)).toContain('NODE_BEHIND')
    expect(getNote.result.schema.properties.value.properties.amount.type).toBe('string')
    for (const method of document.methods) {
      expect(method.summary).toMatch(/[.]$/)
      expect(method.result.schema).toBeTypeOf('object')
    }
  })

  it('call every method without parameters and always get one well-formed answer', async () => {
    node.commitBlock()
    for (const name of (await result('rpc_methods')) as string[]) {
      const reply = await call(name)
      expect([reply.jsonrpc, reply.id]).toEqual(['2.0', 1])
      // The log of reads wants a signature before anything else.
      const expected = name === 'identity_getAccessLog' ? [1501] : [-32602, -32601]
      if (reply.error !== undefined) expect(expected).toContain(reply.error.code)
    }
  })
})
