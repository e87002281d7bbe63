// Owns: tests of receipts that prove themselves: from genesis and checkpoint, over changes of the set, and with any byte changed.
// Not here: the light client that fetches (light-client.test.ts), the file form of other proofs (proof-file.test.ts).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { must } from '../core/base/assert.ts'
import { createFakeNode, fakeMember } from '../test/helpers/fake-node.ts'
import type { FakeNode } from '../test/helpers/fake-node.ts'
import { startRpc } from '../test/helpers/rpc-listeners.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import type { Checkpoint } from './epochs.ts'
import { formatProof, parseProof } from './proof-file.ts'
import { fetchReceipt, verifyReceiptBundle } from './receipt-bundle.ts'
import type { Beginning, ReceiptBundle } from './receipt-bundle.ts'
import type { Trust } from './trust.ts'

const BLOCKS = 8
const SIGNERS = 2
const fake: FakeNode = createFakeNode({ members: membersFrom(1) })
let client: Client
let stop: () => Promise<void>
let fromGenesis: ReceiptBundle
let fromCheckpoint: ReceiptBundle
const trust: Trust = { chainId: fake.chainId, genesisHash: fake.genesisHash, set: must(fake.validators(1), 'the first set') }
let checkpoint: Checkpoint

function membersFrom(first: number) {
  return Array.from({ length: SIGNERS }, (_, i) => fakeMember(`v${first + i}`))
}

function txIdAt(height: number): string {
  return must(fake.receiptsAt(height)?.[0], 'a receipt').txId
}

beforeAll(async () => {
  const rpc = await startRpc({ fake })
  client = createClient({ url: `http://127.0.0.1:${rpc.port}` })
  stop = rpc.stop
  for (let height = 1; height <= BLOCKS; height++) {
    await fake.submitTransaction(fake.sign({ amount: BigInt(height + 20), memo: 'wage' }).bytes)
    // The sets change with blocks 2 and 5.
    if (height === 2 || height === 5) fake.changeValidators(membersFrom(height))
    fake.commitBlock()
  }
  checkpoint = { ...fake, height: 5, blockId: must(fake.headerAt(5), 'a header').blockId }
  fromGenesis = await fetchReceipt(client, fake, txIdAt(7), trust)
  fromCheckpoint = await fetchReceipt(client, fake, txIdAt(7), checkpoint)
})
afterAll(async () => {
  client.close()
  await stop()
})

function reasonOf(from: Beginning, proof: ReceiptBundle): string {
  const verdict = verifyReceiptBundle({ from, proof })
  return verdict.ok ? 'valid' : verdict.reason
}

describe('a receipt that proves itself', () => {
  test('leads from the genesis, or from a checkpoint, to the validators of its block', async () => {
    expect(fromGenesis.changes).toHaveLength(2)
    expect(fromCheckpoint.changes).toHaveLength(0)
    for (const [from, proof] of [
      [trust, fromGenesis],
      [checkpoint, fromCheckpoint],
    ] as const) {
      const verdict = verifyReceiptBundle({ from, proof })
      expect(verdict).toMatchObject({ ok: true, header: { height: 7 }, receipt: { code: 0 }, tx: { id: txIdAt(7) } })
    }
    // A block that itself changes the set is signed by the set before.
    expect(reasonOf(trust, await fetchReceipt(client, fake, txIdAt(5), trust))).toBe('valid')
    expect(reasonOf(checkpoint, await fetchReceipt(client, fake, txIdAt(5), checkpoint))).toBe('valid')
    expect(reasonOf(trust, await fetchReceipt(client, fake, txIdAt(1), trust))).toBe('valid')
  })

  test('is refused with another beginning, with changes left out, doubled, swapped or beyond its block', async () => {
    expect(reasonOf(checkpoint, fromGenesis)).toMatch(/begins at the genesis/)
    expect(reasonOf(trust, fromCheckpoint)).toMatch(/begins at a checkpoint/)
    const [first, second] = fromGenesis.changes as [Uint8Array, Uint8Array]
    const withChanges = (...changes: Uint8Array[]) => reasonOf(trust, { ...fromGenesis, changes })
    expect(withChanges()).toMatch(/other validators/)
    expect(withChanges(first)).toMatch(/other validators/)
    expect(withChanges(second)).toMatch(/other validators/)
    expect(withChanges(first, first, second)).toMatch(/lies below/)
    expect(withChanges(second, first)).toMatch(/other validators/)
    const early = await fetchReceipt(client, fake, txIdAt(4), trust)
    expect(reasonOf(trust, { ...early, changes: [first, second] })).toMatch(/says nothing about height 4/)
    expect(reasonOf(checkpoint, await fetchReceipt(client, fake, txIdAt(4), checkpoint))).toMatch(/below 5, where trust begins/)
    const elsewhere = { ...checkpoint, blockId: must(fake.headerAt(6), 'a header').blockId }
    expect(reasonOf(elsewhere, fromCheckpoint)).toMatch(/not the one of checkpoint/)
    const stranger = { ...trust, set: must(createFakeNode({ members: membersFrom(40) }).validators(1), 'a set') }
    expect(reasonOf(stranger, fromGenesis)).toMatch(/other validators/)
  })

  test('is refused with any one bit pattern of any byte of any part changed', () => {
    let tried = 0
    const judge = (
      from: Beginning,
      proof: ReceiptBundle,
      bytes: Uint8Array,
      change: (changed: Uint8Array) => Partial<ReceiptBundle>,
    ) => {
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice()
        changed[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        if (verifyReceiptBundle({ from, proof: { ...proof, ...change(changed) } }).ok) throw new Error(`byte ${at} may change`)
        tried += 1
      }
    }
    for (const field of ['tx', 'receipt', 'header', 'commit'] as const)
      judge(trust, fromGenesis, fromGenesis[field], (changed) => ({ [field]: changed }))
    fromGenesis.changes.forEach((bytes, i) => {
      judge(trust, fromGenesis, bytes, (changed) => ({ changes: fromGenesis.changes.with(i, changed) }))
    })
    const anchor = must(fromCheckpoint.anchor, 'an anchor')
    for (const field of ['header', 'commit', 'validators', 'nextValidators'] as const) {
      const bytes = must(anchor[field], 'the checkpoint changes the set')
      judge(checkpoint, fromCheckpoint, bytes, (changed) => ({ anchor: { ...anchor, [field]: changed } }))
    }
    expect(tried).toBeGreaterThan(2_000)
  })
})

describe('its file', () => {
  test('comes back the same and verifies with no node', () => {
    for (const [from, proof] of [
      [trust, fromGenesis],
      [checkpoint, fromCheckpoint],
    ] as const) {
      const text = formatProof({ kind: 'receipt', ...proof })
      const kept = parseProof(text)
      expect(formatProof(kept)).toBe(text)
      expect(kept.kind === 'receipt' && verifyReceiptBundle({ from, proof: kept }).ok).toBe(true)
    }
  })

  test('is refused with any one byte of it changed', () => {
    // Every byte of the one, every fifth of the other, which differs in its anchor only.
    for (const [proof, step] of [
      [fromGenesis, 1],
      [fromCheckpoint, 5],
    ] as const) {
      const text = formatProof({ kind: 'receipt', ...proof })
      for (let at = 0; at < text.length; at += step) {
        const changed = String.fromCharCode(text.charCodeAt(at) ^ (1 << (at % 7)))
        expect(() => parseProof(text.slice(0, at) + changed + text.slice(at + 1)), `byte ${at}`).toThrow()
      }
    }
  })

  test('of another anchor or list of changes is refused with the reason', () => {
    const file = JSON.parse(formatProof({ kind: 'receipt', ...fromCheckpoint })) as Record<string, unknown>
    const refusal = (change: object) => () => parseProof(`${JSON.stringify({ ...file, ...change }, null, 2)}\n`)
    expect(refusal({ anchor: {} })).toThrow(/anchor: expected null, or header, commit/)
    expect(refusal({ anchor: 'none' })).toThrow(/anchor/)
    expect(refusal({ changes: {} })).toThrow('changes: expected a list')
    expect(refusal({ changes: ['0xAB'] })).toThrow(/changes\[0\]/)
    expect(refusal({ anchor: null })).toThrow(/^digest/)
  })
})
