// Owns: tests of the recovery file on real nodes in virtual time: two of four validators lost for good, the city's keys put two
// others in their place, and the same chain goes on. Not here: processes and files (test/e2e), the records (core/chain).
import { beforeAll, describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { asHash32 } from '../core/base/ids.ts'
import { recoveryHashOf, recoverySigningBytes } from '../core/chain/recovery.ts'
import type { Recovery, RecoveryContent } from '../core/chain/recovery.ts'
import { decodeConsensusMessage } from '../consensus/message.ts'
import { REGISTRY } from '../modules/registry.ts'
import { auditStore } from './maintenance/audit.ts'
import { buildGenesisStart } from './maintenance/audit-start.ts'
import { KEYS } from './storage/keys.ts'
import { ROOTS, createMapStore, createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import type { VirtualNode, VirtualNodes } from '../test/helpers/virtual-nodes.ts'

type Account = NonNullable<VirtualNode['account']>

const heightOf = (node: VirtualNode): number => node.running?.head().height ?? 0
const nodeAt = (made: VirtualNodes, index: number): VirtualNode => must(made.nodes[index], 'a node')

function sign(content: RecoveryContent, by: readonly Account[] = ROOTS.slice(0, 2)): Recovery {
  const message = recoverySigningBytes(content)
  return { content, signatures: by.map(({ publicKey, signer }) => ({ publicKey, signature: signer.sign(message) })) }
}

/** Two survivors at one height, all four stopped; the newcomers have keys of their own. */
async function loseTwo(lastSent = (): boolean => false): Promise<VirtualNodes> {
  const made = createVirtualNodes(4)
  for (let i = 0; i < 4; i++) await made.start(i)
  await made.until('block 3 everywhere', () => made.nodes.every((node) => heightOf(node) >= 3))
  if (lastSent()) throw new Error('sent too early')
  for (const i of [2, 3]) made.crash(i, 'lose')
  await made.time.advance(3_000)
  const top = Math.max(heightOf(nodeAt(made, 0)), heightOf(nodeAt(made, 1)))
  await made.until('the survivors at one height', () => [0, 1].every((i) => heightOf(nodeAt(made, i)) === top))
  for (const i of [0, 1]) made.crash(i, 'lose')
  for (const i of [2, 3]) made.replace(i, must(made.world.citizens[i], 'a newcomer'))
  return made
}

function contentFor(
  made: VirtualNodes,
  head: { height: number; blockId: string },
  over: Partial<RecoveryContent> = {},
): RecoveryContent {
  const { chainId, hash } = made.world.genesis
  const validators = made.nodes.map(({ account, index }) => {
    const { address: authority, publicKey, name } = must(account, 'an account')
    return { authority, publicKey, name, peerId: made.world.peerIdOf(index), addresses: [] }
  })
  const { height, blockId } = head
  return { chainId, genesisHash: hash, height, blockId: asHash32(blockId), firstRound: 100, validators, ...over }
}

async function headOf(made: VirtualNodes, index: number): Promise<{ height: number; blockId: string }> {
  await made.start(index)
  const { height, blockId } = must(nodeAt(made, index).running, 'running').head()
  made.crash(index, 'lose')
  return { height, blockId }
}

describe('two of four validators lost for good', () => {
  let made: VirtualNodes
  let head: { height: number; blockId: string }
  let recovery: Recovery
  beforeAll(async () => {
    made = await loseTwo()
    head = await headOf(made, 0)
    recovery = sign(contentFor(made, head))
  })

  it('the survivors alone stand still, also when they start again', async () => {
    for (const i of [0, 1]) await made.start(i)
    await made.time.advance(30_000)
    expect([0, 1].map((i) => heightOf(nodeAt(made, i)))).toEqual([head.height, head.height])
    for (const i of [0, 1]) made.crash(i, 'lose')
  })

  it.each<[string, (content: RecoveryContent) => Recovery]>([
    ['RECOVERY_WRONG_CHAIN', (content) => sign({ ...content, chainId: 'naru-elsewhere' })],
    ['RECOVERY_WRONG_CHAIN', (content) => sign({ ...content, genesisHash: asHash32('ab'.repeat(32)) })],
    ['RECOVERY_WRONG_BLOCK', (content) => sign({ ...content, blockId: asHash32('ab'.repeat(32)) })],
    ['RECOVERY_WRONG_HEIGHT', (content) => sign({ ...content, height: content.height - 1 })],
    ['RECOVERY_TOO_FEW_SIGNATURES', (content) => sign(content, ROOTS.slice(0, 1))],
    ['RECOVERY_UNKNOWN_KEY', (content) => sign(content, [...ROOTS.slice(0, 1), must(made.world.citizens[0], 'a citizen')])],
    ['RECOVERY_DUPLICATE_SIGNER', (content) => sign(content, [...ROOTS.slice(0, 1), ...ROOTS.slice(0, 1)])],
    ['RECOVERY_BAD_SIGNATURE', (content) => ({ ...sign(content), content: { ...content, firstRound: 101 } })],
    ['RECOVERY_SET_TOO_SMALL', (content) => sign({ ...content, validators: content.validators.slice(0, 3) })],
    [
      'RECOVERY_SET_INVALID',
      (content) => sign({ ...content, validators: [...content.validators, ...content.validators.slice(0, 1)] }),
    ],
    ['RECOVERY_JOURNAL_AHEAD', (content) => sign({ ...content, firstRound: 0 })],
  ])('%s is refused at the start, and nothing is kept', async (code, forge) => {
    await expect(made.start(0, [forge(recovery.content)])).rejects.toMatchObject({ code })
    expect([...nodeAt(made, 0).records.keys()].filter((key) => key.startsWith('m/recover'))).toEqual([])
  })

  it('with the file the chain goes on from the next height, under the new set, and header H+1 says so', async () => {
    for (let i = 0; i < 4; i++) await made.start(i, [recovery])
    await made.until('ten more blocks', () => made.nodes.every((node) => heightOf(node) >= head.height + 10), 120_000)
    const chains = made.nodes.map((node) => must(node.running, 'running').chain)
    const headers = chains.map((chain) => must(chain.headerAt(head.height + 1), 'a header'))
    expect(new Set(headers.map(({ stateRoot }) => stateRoot)).size).toBe(1)
    for (const { recoveryHash, parentId, validatorsHash } of headers) {
      expect(recoveryHash).toBe(recoveryHashOf(recovery.content))
      expect(parentId).toBe(head.blockId)
      expect(validatorsHash).toBe(must(nodeAt(made, 0).running, 'running').head().set.hash)
    }
    expect(chains.map((chain) => chain.headerAt(head.height + 2)?.recoveryHash)).toEqual([null, null, null, null])
    expect(must(chains[0]?.certificateAt(head.height + 1), 'a certificate').round).toBeGreaterThanOrEqual(100)
    expect(made.nodes.flatMap(({ errors, penalties, faults }) => [...errors, ...penalties, ...faults])).toEqual([])
  })

  it('a node that starts again needs no file; one that has it in its configuration takes it as carried out', async () => {
    made.crash(0, 'lose')
    made.crash(1, 'lose')
    await made.start(0)
    await made.start(1, [recovery])
    const height = heightOf(nodeAt(made, 2))
    await made.until('five more blocks', () => made.nodes.every((node) => heightOf(node) >= height + 5), 120_000)
  })

  it('an audit executes the whole history across it, and names a record that is not what the root keys signed', async () => {
    made.crash(1, 'lose')
    const { records } = nodeAt(made, 1)
    const parts = { store: createMapStore(records), registry: REGISTRY, genesis: made.world.genesis }
    const audit = () =>
      auditStore({ ...parts, start: async () => buildGenesisStart(parts), invariantsEvery: 0, onProgress: () => undefined })
    const sound = await audit()
    expect(sound).toMatchObject({ from: 1, oldest: 1 })
    const key = KEYS.setChange(head.height)
    const record = must(records.get(key), 'a change of validators')
    const altered = record.slice()
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
    records.set(key, altered)
    expect(await audit()).toMatchObject({ key, what: expect.stringContaining('has no valid signature of') })
    records.set(key, record)
    await made.start(1)
  })

  it('another recovery of the same height comes too late', async () => {
    made.crash(0, 'lose')
    const other = sign({ ...recovery.content, firstRound: 500 })
    await expect(made.start(0, [other])).rejects.toMatchObject({ code: 'RECOVERY_WRONG_HEIGHT' })
    await made.start(0)
  })
})

describe('survivors that were locked when the others died', () => {
  it('go on all the same, sign nothing twice, and nobody counts what was said before', async () => {
    const made = createVirtualNodes(4)
    for (let i = 0; i < 4; i++) await made.start(i)
    await made.until('block 2 everywhere', () => made.nodes.every((node) => heightOf(node) >= 2))
    // From now on no precommit arrives anywhere: all lock, none decides; then two machines burn.
    const precommits = new Map<string, string>()
    const isPrecommit = (frame: Uint8Array): boolean => {
      const message = decodeConsensusMessage(frame)
      if (message.kind === 'vote') noteVote(precommits, message.vote)
      return (
        (message.kind === 'vote' && message.vote.type === 'precommit') || message.kind === 'commit' || message.kind === 'votes'
      )
    }
    made.hooks.beforeSend = (_node, channel, frame) => {
      if (channel === 'consensus' && isPrecommit(frame)) throw new Error('lost on the way')
    }
    await made.until('a survivor locked', () => [0, 1].some((i) => (nodeAt(made, i).running?.consensus.lockedRound ?? -1) >= 0))
    const locked = [0, 1].map((i) => nodeAt(made, i).running?.consensus.lockedRound ?? -1)
    for (let i = 0; i < 4; i++) made.crash(i, 'keep')
    for (const node of made.nodes) node.errors.splice(0)
    made.hooks.beforeSend = (_node, channel, frame) => void (channel === 'consensus' && isPrecommit(frame))
    expect(locked.some((round) => round >= 0)).toBe(true)
    for (const i of [2, 3]) made.replace(i, must(made.world.citizens[i], 'a newcomer'))
    const head = await headOf(made, 0)
    const recovery = sign(contentFor(made, head))
    for (let i = 0; i < 4; i++) await made.start(i, [recovery])
    await made.until('five more blocks', () => made.nodes.every((node) => heightOf(node) >= head.height + 5), 120_000)
    expect(made.nodes.flatMap(({ errors, penalties }) => [...errors, ...penalties])).toEqual([])
    expect([...precommits.values()].filter((word) => word.includes(' and '))).toEqual([])
  })
})

function noteVote(
  seen: Map<string, string>,
  vote: { validator: string; height: number; round: number; type: string; blockId: string | null },
): void {
  const place = `${vote.validator} ${vote.height} ${vote.round} ${vote.type}`
  const word = String(vote.blockId)
  const before = seen.get(place)
  seen.set(place, before === undefined || before === word ? word : `${before} and ${word}`)
}
