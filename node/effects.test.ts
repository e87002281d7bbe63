// Owns: tests of effects that no driver shows: what of a proposed block is checked elsewhere first.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import type { Input } from '../consensus/input.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import { createEffects } from './effects.ts'
import type { EffectParts } from './effects.ts'
import { buildCandidate } from './executor.ts'

const made = createVirtualNodes(4)
await made.start(0)
const node = must(made.nodes[0]?.running, 'a node')
const { blockUnitsMax } = node.head().params

function costing(nonce: bigint, units: number): CheckedTransaction {
  const [from, to] = [0, 1].map((index) => must(made.world.citizens[index], 'a citizen'))
  const signed = made.world.signTransfer(must(from, 'a sender'), {
    ...{ to: must(to, 'a receiver').address, amount: 1n, lane: 0, nonce, validUntil: 100 },
  })
  const checked = node.desk.checkBytes(signed.bytes)
  if ('failure' in checked) throw new Error(checked.code)
  return { ...checked, operations: units + 1 }
}

// What a node does with a proposed block of these transactions: how many it has judged elsewhere, and its verdict.
function validate(txs: readonly CheckedTransaction[], built = txs) {
  const judged: number[] = []
  const inputs: Input[] = []
  const { block, blockId, staged } = buildCandidate(node.executor, {
    ...{ proposer: must(node.signer(), 'a signer').authority, lastCommit: null, time: node.head().header.time + 10 },
    ...{ bytesMax: 1_000_000, txsMax: 100, candidates: built, isTimeUp: () => false, onBarred: () => undefined },
  })
  node.tree.discard(staged)
  const parts = {
    executor: node.executor,
    bodies: { candidate: () => null, setCandidate: () => undefined, assemble: () => ({ kind: 'complete', block, txs }) },
    wal: { append: () => undefined },
    clock: node.options.clock,
    enqueue: (input: Input) => inputs.push(input),
    judge(asked: readonly CheckedTransaction[]) {
      judged.push(asked.length)
      return null
    },
    onExecuted: () => undefined,
    onInvalid: () => undefined,
    log: node.options.log,
  }
  const effects = createEffects(parts as unknown as EffectParts)
  void effects.perform({ kind: 'validateBlock', height: node.head().height + 1, blockId } as never)
  return { judged, valid: inputs.map((input) => 'valid' in input && input.valid) }
}

describe('a proposed block', () => {
  it('above the bound of units is refused without a check of its proofs', () => {
    const free = [costing(0n, 0), costing(1n, 0)]
    expect(validate([costing(0n, blockUnitsMax), costing(1n, 1)], free)).toEqual({ judged: [], valid: [false] })
  })

  it('within it has its proofs checked elsewhere before it is executed', () => {
    expect(validate([costing(0n, blockUnitsMax - 1), costing(1n, 1)])).toEqual({ judged: [2], valid: [true] })
  })
})
