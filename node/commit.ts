// Owns: commitBlock, the one door for every change of chain state (house.md). Not here: how the block was decided or fetched.
import type { Address } from '../core/base/ids.ts'
import { must } from '../core/base/assert.ts'
import { decodeTrusted } from '../core/codec/schema.ts'
import { address } from '../core/codec/fields.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import type { Receipt } from '../core/chain/receipt.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import type { Registry } from '../core/execution/registry.ts'
import type { StateTree } from '../core/state/tree.ts'
import type { ChainHead } from './chain-head.ts'
import type { Candidate } from './executor.ts'
import type { ReadView } from '../core/state/view.ts'
import type { ChainStore, CommitRecord } from './storage/chain-store.ts'
import type { SetHistory } from './storage/set-history.ts'
import type { StateStore } from './storage/state-store.ts'

/** Everything that moves with a block: the store, the cache over its state, the tree and the head. */
export type CommitParts = {
  readonly registry: Registry
  readonly chain: ChainStore
  readonly state: StateStore
  readonly tree: StateTree
  readonly head: () => ChainHead
  readonly setHead: (head: ChainHead) => void
  /** Told of a change of validators; a store without readers of old sets needs none. */
  readonly sets?: SetHistory
}

/**
 * Writes a decided block: one atomic synced batch, and only when it is durable the tree, the cache and the head move.
 * Throws STORE_IO: then nothing changed and the node must stop.
 */
export async function commitBlock(parts: CommitParts, candidate: Candidate, certificate: Certificate): Promise<void> {
  const { registry, chain, state, tree } = parts
  const { block, blockId, changes } = candidate
  await chain.writeCommit(buildCommitRecord({ registry, state, candidate, certificate }))
  tree.commit(candidate.staged)
  state.onCommitted(changes)
  const { nextSet, recovered } = candidate
  const { set } = parts.head()
  if (recovered !== null) parts.sets?.note(recovered.header.height, set)
  if (nextSet.hash !== block.header.validatorsHash) parts.sets?.note(block.header.height, nextSet)
  parts.setHead({
    height: block.header.height,
    blockId,
    header: block.header,
    certificate,
    signedBy: parts.head().set,
    set: nextSet,
    params: candidate.nextParams,
  })
}

/** What a decided block writes on the given state, which is the one before it. */
export function buildCommitRecord(from: {
  registry: Registry
  state: ReadView
  candidate: Omit<Candidate, 'staged' | 'nextSet' | 'nextParams'> & { readonly nextSet: ValidatorSet | null }
  certificate: Certificate
}): CommitRecord {
  const { registry, state, candidate, certificate } = from
  const { block, encoded, blockId, txs, receipts, changes } = candidate
  return {
    block,
    encoded,
    blockId,
    certificate,
    receipts,
    recovered: candidate.recovered,
    txIds: txs.map((checked) => checked.tx.id),
    changes,
    before: changes.map(({ key }) => ({ key, value: state.get(key) })),
    nextSet: candidate.nextSet,
    concerned: txs.map((checked, index) => concernedBy(registry, checked, must(receipts[index], 'a receipt per transaction'))),
  }
}

/** Accounts that a transaction concerns: sender, sponsor, and every account that its events name; each once. */
export function concernedBy(registry: Registry, checked: CheckedTransaction, receipt: Receipt): readonly Address[] {
  const { sender, sponsor } = checked.tx.body
  const found = new Set<Address>([sender])
  if (sponsor !== null) found.add(sponsor.account)
  for (const event of receipt.events) {
    const definition = registry.eventByType.get(event.type)
    if (definition === undefined) continue
    const payload = decodeTrusted(definition.payload, event.payload) as Record<string, unknown>
    for (const [name, schema] of Object.entries(definition.payload.fields)) {
      if (schema === address) found.add(payload[name] as Address)
    }
  }
  return [...found]
}
