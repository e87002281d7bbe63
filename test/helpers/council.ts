// Owns: a bench whose validators sign blocks, for tests of the validator set: who is absent, candidates with proofs, decisions.
// Not here: real certificates and consensus (virtual-nodes.ts, cluster.ts).
import { must } from '../../core/base/assert.ts'
import { asHash32 } from '../../core/base/ids.ts'
import type { Address, Hash32, Height, TxId } from '../../core/base/ids.ts'
import { u32ToBytes } from '../../core/base/bytes.ts'
import type { ChainParams } from '../../core/chain/params.ts'
import { CITY_PARAMS } from '../../core/chain/params.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { BlockFacts } from '../../core/execution/module.ts'
import { approve } from '../../modules/governance/approve.ts'
import { readValidatorsAt } from '../../modules/governance/epochs.ts'
import { readCouncil } from '../../modules/governance/keeper.ts'
import { propose } from '../../modules/governance/propose.ts'
import { ready, readyClaimBytes } from '../../modules/governance/ready.ts'
import type { Action } from '../../modules/governance/schema.ts'
import { readSeatNonce, seatClaimBytes } from '../../modules/governance/seats.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { accountOf, createRoomBench, genesisDocument, signerOf, textOf } from '../room-bench.ts'
import type { BenchEvent, Outcome, RoomBench } from '../room-bench.ts'
import { toHex } from '../../core/base/bytes.ts'

/** The bench and what a council does on it. */
export type Council = RoomBench & {
  /** The next blocks; each carries the certificate of its parent, signed by all validators but the absent. */
  readonly blocks: (count: number, absent?: readonly string[]) => readonly BenchEvent[]
  readonly height: () => Height
  /** Names of the validators that sign a height; those of the next block by default. */
  readonly names: (height?: Height) => readonly string[]
  readonly addOf: (name: string, key?: string) => Action
  readonly rotationOf: (name: string, key: string) => Action
  /** The candidate's proof of readiness for a height, the newest by default. */
  readonly showReady: (name: string, over?: { height?: Height; blockId?: Hash32; key?: string }) => Outcome
  /** Lays the action and approves it by as many members as decide; the outcome of the last step. */
  readonly decide: (action: Action) => Outcome
  readonly lay: (sender: string, action: Action) => Outcome
  readonly agree: (sender: string, proposalId: TxId) => Outcome
}

/** Id of the block of a height on the bench. */
export function benchBlockId(height: Height): Hash32 {
  return asHash32(sha256(u32ToBytes(1_000_000 + height)))
}

/** Genesis of `n` validators v1, v2, ... with these parameters. */
export function councilGenesis(n: number, params: Partial<ChainParams> = {}): Record<string, unknown> {
  const document = genesisDocument()
  const { governance } = document['rooms'] as { governance: Record<string, unknown> }
  governance['params'] = { ...CITY_PARAMS, ...params }
  governance['validators'] = Array.from({ length: n }, (_, index) => `v${index + 1}`).map((name) => ({
    authority: textOf(name),
    publicKey: `0x${toHex(signerOf(`consensus-${name}`).publicKey)}`,
    name,
    peerId: `peer-${name}`,
    addresses: [],
  }))
  return document
}

/** Creates the bench. */
export function createCouncil(n = 4, params: Partial<ChainParams> = {}): Council {
  const bench = createRoomBench(REGISTRY, councilGenesis(n, params))
  const nameOf = new Map<Address, string>(Array.from({ length: 40 }, (_, i) => [accountOf(`v${i + 1}`), `v${i + 1}`]))
  const genesisHash = asHash32(bench.genesisHash)
  const height = (): Height => bench.block().height

  const factsOf = (absent: readonly string[]): BlockFacts => {
    const set = must(readValidatorsAt(bench.view, height()), 'a set signs every block')
    const bitmap = new Uint8Array(Math.ceil(set.length / 8))
    set.forEach(({ name }, i) => {
      if (!absent.includes(name)) bitmap[i >> 3] = (bitmap[i >> 3] ?? 0) | (0x80 >> (i & 7))
    })
    const parentId = benchBlockId(height())
    const certificate = {
      type: 'precommit',
      height: height(),
      round: 0,
      blockId: parentId,
      validRound: -1,
      signatures: [],
    } as const
    return { parentId, lastCommit: { ...certificate, bitmap } }
  }
  const claim = (name: string, key: string) => {
    const authority = accountOf(name)
    const { publicKey, sign } = signerOf(key)
    const nonce = readSeatNonce(bench.view, authority)
    return { authority, publicKey, possession: sign(seatClaimBytes({ genesisHash, authority, publicKey, nonce })) }
  }
  const lay = (sender: string, action: Action): Outcome => bench.run(propose, { sender: accountOf(sender), payload: { action } })
  const agree = (sender: string, proposalId: TxId): Outcome =>
    bench.run(approve, { sender: accountOf(sender), payload: { proposalId } })
  return {
    ...bench,
    height,
    lay,
    agree,
    blocks(count, absent = []) {
      const events: BenchEvent[] = []
      for (let i = 0; i < count; i++) events.push(...bench.advance(1_000, factsOf(absent)))
      return events
    },
    names: (at = height() + 1) => (readValidatorsAt(bench.view, at) ?? []).map(({ name }) => name).sort(),
    addOf: (name, key = `consensus-${name}`) => ({
      kind: 'validatorAdd',
      ...claim(name, key),
      name,
      peerId: `peer-${name}`,
      addresses: [`/dns4/${name}/tcp/30300`],
    }),
    rotationOf: (name, key) => ({ kind: 'validatorRotate', ...claim(name, key) }),
    showReady(name, { height: at = height() - 2, blockId = benchBlockId(at), key = `consensus-${name}` } = {}) {
      const authority = accountOf(name)
      const { publicKey, sign } = signerOf(key)
      const signature = sign(readyClaimBytes({ genesisHash, authority, height: at, blockId }))
      return bench.run(ready, { sender: authority, payload: { publicKey, height: at, blockId, signature } })
    },
    decide(action) {
      const { threshold, members } = readCouncil(bench.view, 'validators')
      const voters = members.slice(0, threshold).map((member) => must(nameOf.get(member), 'a member of the bench'))
      const laid = lay(must(voters[0], 'a voter'), action)
      return voters.slice(1).reduce((last, voter) => (last.failure === null ? agree(voter, laid.txId) : last), laid)
    },
  }
}
