// Owns: tests of pausing the key: by the operator, by a twin, over restarts, and on running nodes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { SIGN_STEPS, consensusSigningBytes } from '../core/chain/vote.ts'
import type { UnsignedVote } from '../core/chain/vote.ts'
import { decodeConsensusMessage, encodeConsensusMessage } from '../consensus/message.ts'
import { createVirtualNodes } from '../test/helpers/virtual-nodes.ts'
import type { VirtualNodes } from '../test/helpers/virtual-nodes.ts'
import { SIGNING_MEMORY_FILE, createSigningMemory, readSigningMemory } from './signing-memory.ts'
import { createSigningSwitch } from './signing-switch.ts'
import type { SigningMemoryStore } from './signing-switch.ts'

function createSwitch(store: SigningMemoryStore | null = null) {
  const told: (string | null)[] = []
  const gate = createSigningSwitch({ nowMs: () => 1_000, store, onChange: (pause) => void told.push(pause?.reason ?? null) })
  return { gate, told }
}

describe('the switch', () => {
  it('stops and resumes by the operator', () => {
    const { gate, told } = createSwitch()
    expect(gate.maySign(1)).toBe(true)
    gate.stop('operator', 'new disk')
    expect([gate.maySign(1), gate.pause()]).toEqual([false, { reason: 'operator', text: 'new disk', sinceMs: 1_000, height: 0 }])
    expect(gate.resume()).toMatchObject({ text: 'new disk' })
    expect([gate.maySign(1), gate.resume(), told]).toEqual([true, null, ['operator', null]])
  })

  it('after a twin goes on only above what the twin signed', () => {
    const { gate, told } = createSwitch()
    gate.stop('operator', 'suspicion')
    gate.stop('twin', 'prevote at height 7 round 0', 7)
    gate.stop('twin', 'precommit at height 9 round 0', 9)
    gate.stop('operator', 'later')
    expect(gate.pause()).toMatchObject({ reason: 'twin', text: 'prevote at height 7 round 0', height: 9 })
    gate.resume()
    expect([gate.maySign(9), gate.maySign(10), gate.closedUpTo(), told]).toEqual([false, true, 9, ['operator', 'twin', null]])
  })
})

describe('the memory', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'naru-pause-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('keeps a pause over a restart, and its end too', () => {
    const store = createSigningMemory(folder, () => undefined)
    createSwitch(store).gate.stop('twin', 'prevote at height 7 round 0', 7)
    const again = createSwitch(createSigningMemory(folder, () => undefined))
    expect([again.gate.maySign(8), again.told]).toEqual([false, ['twin']])
    again.gate.resume()
    const third = createSwitch(createSigningMemory(folder, () => undefined))
    expect([third.gate.maySign(7), third.gate.maySign(8), third.told]).toEqual([false, true, []])
    expect(JSON.parse(readFileSync(join(folder, SIGNING_MEMORY_FILE), 'utf8'))).toEqual({
      version: 1,
      pause: null,
      closedUpTo: 7,
    })
  })

  it('that cannot be read pauses', () => {
    expect(readSigningMemory(folder)).toBeNull()
    writeFileSync(join(folder, SIGNING_MEMORY_FILE), '{"version":2}')
    expect(createSwitch(createSigningMemory(folder, () => undefined)).gate.maySign(1)).toBe(false)
  })

  it('that cannot be written still pauses this process, and is told', () => {
    const failures: string[] = []
    const { gate } = createSwitch(createSigningMemory(join(folder, 'gone'), (reason) => void failures.push(reason)))
    gate.stop('operator', 'x')
    expect([gate.maySign(1), failures.length]).toEqual([false, 1])
  })
})

async function startAll(): Promise<VirtualNodes> {
  const made = createVirtualNodes(4)
  for (const node of made.nodes) await made.start(node.index)
  await made.until('block 1', () => made.nodes.every((node) => (node.running?.head().height ?? 0) >= 1))
  return made
}

function watchVotes(made: VirtualNodes, index: number): () => number {
  const { address } = must(made.world.validators[index], 'a validator')
  let sent = 0
  made.hooks.beforeSend = (node, channel, frame) => {
    if (node.index !== index || channel !== 'consensus') return
    const message = decodeConsensusMessage(frame)
    if (message.kind === 'vote' && message.vote.validator === address) sent++
    if (message.kind === 'proposal' && message.proposal.proposer === address) sent++
  }
  return () => sent
}

describe('a node that sees its own key at work elsewhere', () => {
  it('signs nothing from then on, follows the chain, and signs again when the operator says so', async () => {
    const made = await startAll()
    const victim = must(made.nodes[0]?.running, 'a node')
    const account = must(made.world.validators[0], 'a validator')
    const { height } = victim.consensus
    const content: UnsignedVote = { type: 'prevote', height, round: 3, blockId: null, validRound: -1, validator: account.address }
    const { chainId } = made.world.genesis
    const signature = account.signer.sign(consensusSigningBytes(chainId, 'prevote', content))
    expect(SIGN_STEPS.prevote).toBe(2)
    const frame = encodeConsensusMessage({ kind: 'vote', vote: { ...content, signature } })
    made.nodes[0]?.handlers?.onFrame('peer-2', 'consensus', frame)
    expect(victim.signing.pause()).toMatchObject({ reason: 'twin', height })
    expect(await victim.options.metrics.text()).toMatch(/naru_signing_paused 1\n[\s\S]*naru_twin_seen 1\n/)
    const sent = watchVotes(made, 0)
    await made.until('three more blocks', () => victim.head().height >= height + 2)
    expect([sent(), made.nodes[0]?.errors]).toEqual([0, []])
    victim.signing.resume()
    await made.until('it votes again', () => sent() > 0)
    // The foreign vote is known now: showing it once more changes nothing.
    made.nodes[0]?.handlers?.onFrame('peer-2', 'consensus', frame)
    expect(victim.signing.pause()).toBeNull()
    expect(await victim.options.metrics.text()).toContain('naru_signing_paused 0\n')
  })

  it('finds a second process with the key by the votes of both', async () => {
    const made = await startAll()
    const owner = must(made.nodes[0], 'a node')
    // The second process: the same key and an older sign state, and its messages come by way of a peer.
    const { address, signer } = must(made.world.validators[0], 'a validator')
    const running = must(owner.running, 'a node')
    await made.until('two more blocks', () => running.head().height >= 3)
    const { height } = running.consensus
    for (const round of [0, 1]) {
      const content: UnsignedVote = { type: 'precommit', height, round, blockId: null, validRound: -1, validator: address }
      const signature = signer.sign(consensusSigningBytes(made.world.genesis.chainId, 'precommit', content))
      owner.handlers?.onFrame('peer-3', 'consensus', encodeConsensusMessage({ kind: 'vote', vote: { ...content, signature } }))
    }
    expect(running.signing.pause()).toMatchObject({ reason: 'twin' })
    expect(made.nodes.every(({ errors }) => errors.length === 0)).toBe(true)
  })
})
