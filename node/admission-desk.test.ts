// Owns: tests of the way into the mempool and of how transactions are said to have ended.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { failure, isFailure } from '../core/base/errors.ts'
import { assembleTransaction } from '../core/chain/transaction.ts'
import type { Transaction } from '../core/chain/transaction.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import type { TransactionDefinition } from '../core/execution/module.ts'
import type { Registry } from '../core/execution/registry.ts'
import { createAdmissionDesk } from './admission-desk.ts'
import type { ChainNode } from './chain-node.ts'
import { buildCandidate } from './executor.ts'
import { MempoolError } from './mempool/errors.ts'
import { createVerdictMemory } from './verdict-memory.ts'

async function createRig() {
  const made = createVirtualNodes(1)
  await made.start(0)
  const node: ChainNode = must(made.nodes[0]?.running, 'a node')
  const { citizens } = made.world
  const transfer = (nonce: bigint, extra: { amount?: bigint; validUntil?: number; from?: number } = {}): Transaction =>
    made.world.signTransfer(must(citizens[extra.from ?? 0], 'a citizen'), {
      to: must(citizens[1], 'a citizen').address,
      amount: extra.amount ?? 1n,
      lane: 0,
      nonce,
      validUntil: extra.validUntil ?? 100,
    })
  const admit = (tx: Transaction): string => {
    const outcome = node.desk.admit(tx.bytes)
    return isFailure(outcome) ? outcome.code : 'taken'
  }
  return { made, node, transfer, admit }
}

describe('admission', () => {
  it('takes the next nonce and later ones, and each transaction once', async () => {
    const { node, transfer, admit } = await createRig()
    expect(admit(transfer(0n))).toBe('taken')
    expect(admit(transfer(2n))).toBe('taken')
    expect(admit(transfer(0n))).toBe('MEMPOOL_DUPLICATE')
    expect(admit(transfer(0n, { amount: 9n }))).toBe('MEMPOOL_NONCE_TAKEN')
    expect(node.desk.nextNonce(must(transfer(0n).body.sender, 'a sender'), 0)).toBe(0n)
    expect(node.mempool.count()).toBe(2)
  })

  it('knows what is final as a duplicate, and what lies below as too low', async () => {
    const { made, node, transfer, admit } = await createRig()
    admit(transfer(0n))
    await made.until('final', () => node.chain.placeOf(transfer(0n).id) !== null)
    expect(admit(transfer(0n))).toBe('MEMPOOL_DUPLICATE')
    expect(admit(transfer(0n, { amount: 2n }))).toBe('NONCE_TOO_LOW')
    expect(node.desk.endingOf(transfer(0n, { amount: 2n }).id)).toMatchObject({
      kind: 'rejected',
      failure: { code: 'NONCE_TOO_LOW' },
    })
  })

  it('refuses garbage, an expired one, and one too far ahead', async () => {
    const { node, transfer, admit } = await createRig()
    expect(node.desk.admit(new Uint8Array([1, 2]))).toMatchObject({ code: 'MALFORMED', class: 'malformed' })
    expect(admit(transfer(0n, { validUntil: 0 }))).toBe('EXPIRED')
    expect(admit(transfer(0n, { validUntil: 100_000 }))).toBe('VALID_UNTIL_TOO_FAR')
    expect(node.mempool.count()).toBe(0)
  })
})

describe('an ending', () => {
  it('is not written by whoever puts a wrong signature on another’s transaction', async () => {
    const { node, transfer, admit } = await createRig()
    const real = transfer(0n)
    const forged = assembleTransaction(real.body, [new Uint8Array(64).fill(3)])
    expect(forged.id).toBe(real.id)
    expect(admit(forged)).toBe('BAD_SIGNATURE')
    expect(node.desk.endingOf(real.id)).toBeNull()
    expect(admit(real)).toBe('taken')
  })

  it('is taken back when the transaction is admitted after all', async () => {
    const { made, node, transfer, admit } = await createRig()
    const early = transfer(0n, { validUntil: 601 })
    expect(admit(transfer(0n, { validUntil: 602 }))).toBe('VALID_UNTIL_TOO_FAR')
    expect(node.desk.endingOf(transfer(0n, { validUntil: 602 }).id)).not.toBeNull()
    await made.until('a block', () => node.head().height >= 2)
    expect(admit(transfer(0n, { validUntil: 602 }))).toBe('taken')
    expect(node.desk.endingOf(transfer(0n, { validUntil: 602 }).id)).toBeNull()
    expect(admit(early)).toBe('MEMPOOL_NONCE_TAKEN')
  })

  it('is remembered for a bounded number of transactions', async () => {
    const { node } = await createRig()
    for (let i = 0; i < 20_001; i++) node.desk.noteEnding(`${i}` as never, { kind: 'expired', height: 1 })
    expect(node.desk.endingOf('0' as never)).toBeNull()
    expect(node.desk.endingOf('1' as never)).toEqual({ kind: 'expired', height: 1 })
    expect(node.desk.endingOf('20000' as never)).toEqual({ kind: 'expired', height: 1 })
  })

  it('comes to every transaction: expired ones and those that another one made stale', async () => {
    const { made, node, transfer, admit } = await createRig()
    await made.until('block 1', () => node.head().height >= 1)
    const soon = transfer(5n, { from: 2, validUntil: node.head().height + 1 })
    expect(admit(soon)).toBe('taken')
    await made.until('its time to pass', () => node.head().height >= soon.body.validUntil)
    expect(node.mempool.has(soon.id)).toBe(false)
    expect(node.desk.endingOf(soon.id)).toMatchObject({ kind: 'expired' })
  })
})

describe('costly checks', () => {
  it('are made elsewhere once the envelope is in order, judged once from admission to block, and missed by nobody', async () => {
    const { node, transfer } = await createRig()
    const asked: number[] = []
    let judged = 0
    const memory = createVerdictMemory(10, () => judged++)
    const registry = withCostlyTransfer(node.options.registry)
    const { genesis, clock } = node.options
    const desk = createAdmissionDesk({
      ...{ registry, genesis, state: node.state, head: node.head, clock, mempool: node.mempool, recall: memory.recall },
      checkSignature: node.executor.checkSignature,
      judge: (txs) => {
        asked.push(txs.length)
        return Promise.resolve()
      },
      isFinal: () => false,
      onAdmitted: () => undefined,
    })
    const forged = withSignature(transfer(0n), new Uint8Array(64).fill(1))
    expect(desk.admitLater(forged.bytes)).toMatchObject({ code: 'BAD_SIGNATURE' })
    expect(asked).toEqual([])
    const later = desk.admitLater(transfer(0n).bytes)
    expect([asked, node.mempool.count()]).toEqual([[1], 0])
    const taken = await later
    expect([isFailure(taken), node.mempool.count(), judged]).toEqual([false, 1, 1])
    const candidate = buildCandidate(
      { ...node.executor, registry, recall: memory.recall },
      {
        ...{ proposer: must(node.signer(), 'a signer').authority, lastCommit: null, time: node.head().header.time + 1 },
        ...{ bytesMax: 100_000, txsMax: 10, candidates: node.mempool.selectTransactions() },
        ...{ isTimeUp: () => false, onBarred: () => undefined },
      },
    )
    node.tree.discard(candidate.staged)
    expect([candidate.txs.length, judged]).toEqual([1, 1])
    expect(desk.admitLater(transfer(0n).bytes)).toMatchObject({ code: 'MEMPOOL_DUPLICATE' })
    expect(await desk.admitLater(transfer(1n, { amount: 7n }).bytes)).toMatchObject({
      tx: { id: transfer(1n, { amount: 7n }).id },
    })
  })
})

describe('costly checks that wait', () => {
  it('are bounded by sender as the mempool is, and make room as they end', async () => {
    const { node, transfer } = await createRig()
    const { genesis, clock } = node.options
    const waiting: (() => void)[] = []
    const desk = createAdmissionDesk({
      ...{ registry: withCostlyTransfer(node.options.registry), genesis, clock, state: node.state, head: node.head },
      ...{ mempool: node.mempool, checkSignature: node.executor.checkSignature, isFinal: () => false },
      judge: () => new Promise((done) => waiting.push(done)),
      onAdmitted: () => undefined,
    })
    const classMax = 512
    const taken = Array.from({ length: classMax }, (_, nonce) => desk.admitLater(transfer(BigInt(nonce)).bytes))
    expect(desk.admitLater(transfer(BigInt(classMax)).bytes)).toMatchObject({ code: 'MEMPOOL_ACCOUNT_FULL' })
    const other = desk.admitLater(transfer(0n, { from: 2 }).bytes)
    expect([waiting.length, node.mempool.count()]).toEqual([classMax + 1, 0])
    waiting[0]?.()
    expect(await taken[0]).toMatchObject({ tx: { id: transfer(0n).id } })
    expect(node.mempool.count()).toBe(1)
    taken.push(desk.admitLater(transfer(BigInt(classMax)).bytes))
    for (const done of waiting.slice(1)) done()
    await Promise.all([...taken, other])
    // The mempool has the same bound: the last one comes again later.
    expect(node.mempool.count()).toBe(classMax + 1)
  })
})

describe('places of costly checks that wait', () => {
  async function createWaiting(units: number) {
    const { node, transfer } = await createRig()
    const { genesis, clock } = node.options
    const waiting: (() => void)[] = []
    const desk = createAdmissionDesk({
      ...{ registry: withCostlyTransfer(node.options.registry, units), genesis, clock, state: node.state, head: node.head },
      ...{ mempool: node.mempool, checkSignature: node.executor.checkSignature, isFinal: () => false },
      judge: () => new Promise((done) => waiting.push(done)),
      onAdmitted: () => undefined,
    })
    return { desk, transfer, waiting }
  }

  it('are one for a transaction, however often somebody sends it', async () => {
    const { desk, transfer, waiting } = await createWaiting(0)
    const first = desk.admitLater(transfer(0n).bytes)
    const copies = Array.from({ length: 600 }, () => desk.admitLater(transfer(0n).bytes))
    const next = desk.admitLater(transfer(1n).bytes)
    expect(waiting).toHaveLength(2)
    for (const done of waiting) done()
    expect(isFailure(await first) || isFailure(await next)).toBe(false)
    const duplicate = { code: 'MEMPOOL_DUPLICATE', detail: { txId: `0x${transfer(0n).id}` } }
    for (const copy of copies) expect(await copy).toMatchObject(duplicate)
  })

  it('are none for what is refused whatever its proofs are: by the room, by its nonce, by the mempool', async () => {
    const { desk, transfer, waiting } = await createWaiting(0)
    const beyond = desk.admitLater(transfer(0n, { amount: 10n ** 12n }).bytes)
    expect(beyond).toMatchObject({ failure: true, class: 'failed' })
    const taken = desk.admitLater(transfer(1n).bytes)
    waiting[0]?.()
    await taken
    expect(desk.admitLater(transfer(1n, { amount: 2n }).bytes)).toMatchObject({ code: 'MEMPOOL_NONCE_TAKEN' })
    expect(desk.admitLater(transfer(512n).bytes)).toMatchObject({ code: 'MEMPOOL_ACCOUNT_FULL' })
    expect(waiting).toHaveLength(1)
  })

  it('are bounded by what they cost as well: full batches of a roll are no queue of minutes', async () => {
    const { desk, transfer, waiting } = await createWaiting(512)
    const taken = Array.from({ length: 8 }, (_, nonce) => desk.admitLater(transfer(BigInt(nonce)).bytes))
    expect(desk.admitLater(transfer(8n).bytes)).toMatchObject({ code: 'MEMPOOL_ACCOUNT_FULL' })
    for (const from of [2, 3, 4])
      for (let nonce = 0n; nonce < 8n; nonce++) taken.push(desk.admitLater(transfer(nonce, { from }).bytes))
    expect([waiting.length, taken.length]).toEqual([32, 32])
    expect(desk.admitLater(transfer(0n, { from: 5 }).bytes)).toMatchObject({ code: 'MEMPOOL_FULL' })
    for (const done of waiting) done()
    await Promise.all(taken)
    expect(desk.admitLater(transfer(8n).bytes)).toBeInstanceOf(Promise)
  })
})

// Transfers whose payload is judged: seven won are refused when their turn comes.
function withCostlyTransfer(registry: Registry, units = 0): Registry {
  const definition = must(registry.transactionByName.get('payment.transfer'), 'transfers') as TransactionDefinition<{
    amount: bigint
  }>
  const judge = (statement: Uint8Array): string | null => (statement[0] === 7 ? 'seven' : null)
  const costly: TransactionDefinition = {
    ...(definition as TransactionDefinition),
    operations: () => units,
    costly: { statementOf: (_view, payload) => new Uint8Array([Number((payload as { amount: bigint }).amount)]), judge },
    checkStateful: (view, call) =>
      (call.judge ?? judge)(new Uint8Array([Number((call.payload as { amount: bigint }).amount)])) === null
        ? definition.checkStateful(view, call as never)
        : failure(MempoolError.FULL),
  }
  return { ...registry, transactionByType: new Map([...registry.transactionByType, [definition.type, costly]]) }
}

function withSignature(tx: Transaction, signature: Uint8Array): Transaction {
  return assembleTransaction(tx.body, [signature])
}
