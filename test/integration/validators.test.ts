// Owns: real nodes in virtual time while their set changes: a seat added, removed, given another key, a late node, crashes.
// Not here: which changes may be decided (modules/governance), processes (test/e2e).
import { describe, expect, it } from 'vitest'
import { toHex } from '../../core/base/bytes.ts'
import { must } from '../../core/base/assert.ts'
import { duplicateVoteOf, encodeEvidence } from '../../core/chain/evidence.ts'
import { proposerOf } from '../../core/chain/validator-set.ts'
import { createSigner } from '../../core/crypto/keys.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { auditStore } from '../../node/maintenance/audit.ts'
import { buildGenesisStart } from '../../node/maintenance/audit-start.ts'
import type { AuditStart } from '../../node/maintenance/audit-start.ts'
import { createMapStore } from '../helpers/virtual-nodes.ts'
import { createGovernedNodes } from '../helpers/governed-nodes.ts'
import type { GovernedNodes } from '../helpers/governed-nodes.ts'
import { signedVote, someBlock } from '../helpers/offences.ts'

async function startAll(n: number, candidates = 0): Promise<GovernedNodes> {
  const made = createGovernedNodes(n, candidates)
  for (const { index } of made.nodes) await made.start(index)
  await made.reach(3)
  return made
}

function rootsAt(made: GovernedNodes, height: number): ReadonlySet<string | undefined> {
  return new Set(made.nodes.flatMap(({ running }) => running?.chain.headerAt(height)?.stateRoot ?? []))
}

function assertSound(made: GovernedNodes): void {
  expect(made.nodes.flatMap(({ errors }) => errors)).toEqual([])
  expect(made.nodes.flatMap(({ penalties }) => penalties)).toEqual([])
}

const remove = (made: GovernedNodes, index: number) =>
  ({ kind: 'validatorRemove', authority: made.authorityOf(index).address }) as const

describe('four validators and a candidate', () => {
  it('take it in without a restart: it signs from the activation height on, and not before', async () => {
    const made = await startAll(4, 1)
    expect(made.at(4).signer()).toBe(null)
    expect((await made.showReady(4)).code).toBe(0)
    const from = await made.decide(made.addOf(4))
    await made.reach(from + 6)
    expect(made.at(4).signer()?.authority).toBe(made.authorityOf(4).address)
    const signed = Array.from({ length: 16 }, (_, i) => from - 10 + i).filter((of) => made.signersOf(0, of).includes('v5'))
    expect(signed[0]).toBe(from)
    expect(signed).toHaveLength(6)
    // The newcomer proposes when it is its turn.
    await made.reach(from + 12)
    const proposers = Array.from({ length: 10 }, (_, i) => made.at(0).chain.headerAt(from + 1 + i)?.proposer)
    expect(proposers).toContain(made.authorityOf(4).address)
    expect(rootsAt(made, from + 6).size).toBe(1)
    expect(made.nodes.flatMap(({ index }) => made.faultsOf(index))).toEqual([])
    assertSound(made)
  })

  it('let it go again, while it would be the next to propose', async () => {
    const made = await startAll(4, 1)
    await made.showReady(4)
    await made.reach(await made.decide(made.addOf(4)))
    await made.reach(made.height() + 12)
    const from = await made.decide(remove(made, 4))
    await made.reach(from + 5)
    expect(made.at(4).signer()).toBe(null)
    expect(made.at(0).head().set.validators).toHaveLength(4)
    // It goes on as an observer, at the same head and root.
    expect(rootsAt(made, from + 5).size).toBe(1)
    expect(made.signersOf(0, from + 2)).not.toContain('v5')
    expect(made.nodes.flatMap(({ index }) => made.faultsOf(index))).toEqual([])
    assertSound(made)
  })

  it('lose whoever proposes at the very height, and go on at once', async () => {
    const made = await startAll(4, 1)
    await made.showReady(4)
    await made.reach(await made.decide(made.addOf(4)))
    await made.reach(made.height() + 8)
    const before = made.at(0).head()
    // Whoever is asked for by the old rotation at the activation height is the one to go.
    const at = before.height + 5 * 2 + 10
    const gone = proposerOf(before.set, { height: at, round: 0 })
    const index = made.nodes.findIndex(({ index: i }) => made.authorityOf(i).address === gone.authority)
    const from = await made.decide(remove(made, index))
    await made.reach(from + 8)
    expect(
      made
        .at(0)
        .head()
        .set.validators.map(({ name }) => name),
    ).not.toContain(gone.name)
    expect(made.at(index).signer()).toBe(null)
    const rounds = Array.from({ length: 8 }, (_, i) => made.at(0).chain.certificateAt(from + i)?.round)
    expect(rounds).toEqual(rounds.map(() => 0))
    expect(made.faultsOf(0)).toEqual([])
    assertSound(made)
  })
})

describe('a validator', () => {
  it('signs by its new key from the activation height on, with a journal of its own', async () => {
    const made = createGovernedNodes(4, 0)
    const fresh = createSigner(new Uint8Array(32).fill(9))
    must(made.nodes[2], 'a node').nextKey = fresh
    for (const { index } of made.nodes) await made.start(index)
    await made.reach(3)
    const from = await made.decide(made.rotationOf(2, fresh))
    await made.reach(from + 5)
    const keyAt = (height: number): string => {
      const set = made.at(0).options.registry.readSetAt(made.at(0).state, height)
      return toHex(must(set?.validators.find(({ name }) => name === 'v3')?.publicKey, 'the seat'))
    }
    expect(keyAt(from)).toBe(toHex(fresh.publicKey))
    expect(keyAt(from - 1)).not.toBe(keyAt(from))
    expect(made.signersOf(0, from)).toContain('v3')
    expect(made.faultsOf(3)).toEqual([])
    assertSound(made)
  })

  it('goes on signing by its new key when somebody shows what its old key signed', async () => {
    const made = createGovernedNodes(4, 0)
    const fresh = createSigner(new Uint8Array(32).fill(9))
    must(made.nodes[2], 'a node').nextKey = fresh
    for (const { index } of made.nodes) await made.start(index)
    await made.reach(3)
    const from = await made.decide(made.rotationOf(2, fresh))
    await made.reach(from + 2)
    const { address: authority, signer: key } = must(made.world.validators[2], 'a validator')
    const by = { chainId: made.world.genesis.chainId, authority, key }
    const pair = duplicateVoteOf(signedVote(by, { height: 2 }), signedVote(by, { height: 2, blockId: someBlock('2') }))
    expect(made.at(0).offerEvidence(encodeEvidence(must(pair, 'a pair')))).toMatchObject({ isNew: true })
    await made.reach(made.height() + 4)
    expect(made.at(2).signing.pause()).toBe(null)
    expect(made.signersOf(0, made.height() - 1)).toContain('v3')
    assertSound(made)
  })

  it('that crashes around the activation height comes back with the right set', async () => {
    for (const offset of [-2, -1, 0, 1]) {
      const made = await startAll(4, 1)
      await made.showReady(4)
      const from = await made.decide(made.addOf(4))
      await made.until('the crash height', () => made.at(1).head().height >= from + offset)
      made.crash(1, 'lose')
      await made.time.advance(700)
      await made.start(1)
      await made.reach(from + 4)
      expect(made.signersOf(0, from + 2).length).toBeGreaterThanOrEqual(4)
      expect(made.faultsOf(1)).toEqual([])
      assertSound(made)
    }
  })

  it('that was away for three changes catches up through all of them', async () => {
    const made = createGovernedNodes(5, 1)
    for (const index of [0, 1, 2, 3, 5]) await made.start(index)
    await made.reach(3)
    await made.showReady(5)
    await made.reach(await made.decide(made.addOf(5)))
    await made.reach(made.height() + 8)
    await made.reach(
      await made.decide({ kind: 'validatorMove', authority: made.authorityOf(0).address, peerId: 'peer-1', addresses: [] }),
    )
    const from = await made.decide(remove(made, 4))
    await made.reach(from + 3)
    await made.start(4)
    await made.reach(made.height() + 2)
    expect(made.faultsOf(4)).toEqual([])
    expect(made.at(4).signer()).toBe(null)
    expect(rootsAt(made, from + 3).size).toBe(1)
    assertSound(made)
    // An audit executes every block again and judges each certificate by the set of its height.
    const parts = {
      store: createMapStore(must(made.nodes[4], 'a node').records),
      registry: REGISTRY,
      genesis: made.world.genesis,
    }
    const start = (): Promise<AuditStart> => Promise.resolve(buildGenesisStart(parts))
    const report = await auditStore({ ...parts, start, invariantsEvery: 20, onProgress: () => undefined })
    expect(report).toMatchObject({ from: 1, top: made.at(4).head().height })
  })

  it('that is away does not keep the others from making blocks until a waiting change is due', async () => {
    const made = await startAll(4)
    const { heartbeatMs } = made.at(0).head().params
    const before = made.time.clock.nowMs()
    const from = await made.decide({
      kind: 'validatorMove',
      authority: made.authorityOf(0).address,
      peerId: 'peer-1',
      addresses: ['/ip4/127.0.0.1/tcp/9'],
    })
    await made.reach(from)
    expect(made.time.clock.nowMs() - before).toBeLessThan(8 * heartbeatMs)
  })
})
