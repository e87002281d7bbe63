// Owns: what a node gives to verifiers that do not trust it, and what it does with two final blocks of one height: record, alarm.
// Not here: verifying (sdk/fork.ts), JSON (rpc/methods/light.ts).
import type { Height } from '../core/base/ids.ts'
import { struct } from '../core/codec/compound.ts'
import { decodeTrusted, encode } from '../core/codec/schema.ts'
import { HeaderSchema } from '../core/chain/block.ts'
import { CertificateSchema } from '../core/chain/certificate.ts'
import { SetChangeSchema } from '../core/chain/set-change.ts'
import type { SetChange } from '../core/chain/set-change.ts'
import type { ValidatorSet } from '../core/chain/validator-set.ts'
import { duplicateVoteOf, encodeEvidence } from '../core/chain/evidence.ts'
import { votesInside } from '../consensus/vote-keeper.ts'
import type { NodeApi } from '../rpc/node-api.ts'
import { checkFork, culpritsOf } from '../sdk/fork.ts'
import type { ForkEvidence } from '../sdk/fork.ts'
import type { ChainNode } from './chain-node.ts'
import { KEYS } from './storage/keys.ts'

const FinalHeaderSchema = struct({ header: HeaderSchema, commit: CertificateSchema })
const ForkSchema = struct({ first: FinalHeaderSchema, second: FinalHeaderSchema })

/** What of a chain node is needed here. */
export type LightParts = Pick<ChainNode, 'head' | 'offerEvidence'> & {
  readonly sets: Pick<ChainNode['sets'], 'at'>
  readonly options: Pick<ChainNode['options'], 'store' | 'genesis' | 'onEvidence'> & {
    readonly log: Pick<ChainNode['options']['log'], 'error'>
    readonly metrics: Pick<ChainNode['options']['metrics'], 'evidence'>
  }
}

/** The part of the API that light clients use. */
export function createLightApi(node: LightParts): Pick<NodeApi, 'setChangesBetween' | 'reportFork'> {
  const { store, genesis } = node.options
  return {
    setChangesBetween: (from, to, limit) => readChanges(node, { from, to, limit }),
    async reportFork({ first, second }) {
      const evidence: ForkEvidence = { height: first.header.height, first, second }
      const set = evidence.height > node.head().height + 1 ? null : node.sets.at(evidence.height)
      if (set === null) return 'the validators of its height are not known here'
      const trust = { chainId: genesis.chainId, genesisHash: genesis.hash, set }
      const fault = checkFork(trust, evidence)
      if (fault !== null) return fault
      const key = KEYS.fork(evidence.height)
      // One record and one alarm per height: whoever reports it again changes nothing.
      if (store.get(key) !== null) return null
      await store.writeBatch([{ key, value: encode(ForkSchema, { first, second }) }])
      alarm(node, evidence, culpritsOf(trust, evidence).proven.length, set)
      return null
    },
  }
}

async function readChanges(node: LightParts, page: { from: Height; to: Height; limit: number }): Promise<readonly SetChange[]> {
  const last = Math.min(page.to, node.head().height)
  if (page.from > last) return []
  const found: SetChange[] = []
  const range = { gte: KEYS.setChange(page.from), lt: KEYS.setChange(last + 1), limit: page.limit }
  for await (const [, value] of node.options.store.range(range)) found.push(decodeTrusted(SetChangeSchema, value))
  return found
}

function alarm(node: LightParts, { height, first, second }: ForkEvidence, proven: number, set: ValidatorSet): void {
  const { log, metrics, onEvidence } = node.options
  const both = [first, second].map(({ commit }) => votesInside(set, commit))
  const names: string[] = []
  for (const vote of both[0] ?? []) {
    const other = both[1]?.find(({ validator }) => validator === vote.validator)
    const misbehaviour = other === undefined ? null : duplicateVoteOf(vote, other)
    if (misbehaviour === null) continue
    const name = set.validators.find(({ authority }) => authority === vote.validator)?.name ?? 'unknown'
    names.push(name)
    metrics.evidence.inc({ validator: name })
    onEvidence?.(misbehaviour)
    // What goes into the next block names the culprits for ever, whatever becomes of this node.
    node.offerEvidence(encodeEvidence(misbehaviour))
  }
  log.error('Two blocks of one height are final: more than a third of the validators broke the rules', {
    height,
    rounds: [first.commit.round, second.commit.round],
    proven,
    validators: names,
  })
}
