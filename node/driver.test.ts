// Owns: tests of the loop: order of effects, what a fatal error ends, bounds, and crashes at every change of the disk.
import { describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { toHex } from '../core/base/bytes.ts'
import { NodeError } from '../core/base/errors.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import { decodeConsensusMessage } from '../consensus/message.ts'
import type { Effect } from '../consensus/effect.ts'
import { createConsensusState } from '../consensus/state.ts'
import { createVirtualNodes, journalPlace, WAL_DIR } from '../test/helpers/virtual-nodes.ts'
import type { VirtualNode, VirtualNodes } from '../test/helpers/virtual-nodes.ts'
import { createToyVotes } from '../test/helpers/toy-votes.ts'
import { QUEUE_MAX, createDriver, describeFatal } from './driver.ts'
import { readJournal } from './storage/journal.ts'
import type { CrashMode } from './storage/memory-disk.ts'
import { readWal } from './storage/wal.ts'
import { blockIdOf } from '../core/chain/block.ts'
import { WAL_TYPES, decodeWalRecord } from './wal-records.ts'

type OwnMessage = {
  readonly kind: 'proposal' | 'prevote' | 'precommit'
  readonly height: number
  readonly round: number
  readonly blockId: string | null
  readonly signBytes: string
}

// The proposals and votes of its own in a frame that a node is about to send.
function ownMessages(made: VirtualNodes, node: VirtualNode, frame: Uint8Array): readonly OwnMessage[] {
  const { address } = must(made.world.validators[node.index], 'a validator')
  const { chainId } = made.world.genesis
  const message = decodeConsensusMessage(frame)
  const contents =
    message.kind === 'proposal'
      ? [{ kind: 'proposal' as const, author: message.proposal.proposer, content: message.proposal }]
      : message.kind === 'vote' || message.kind === 'votes'
        ? (message.kind === 'vote' ? [message.vote] : message.votes).map((vote) => ({
            kind: vote.type,
            author: vote.validator,
            content: vote,
          }))
        : []
  return contents
    .filter(({ author }) => author === address)
    .map(({ kind, content }) => ({
      kind,
      height: content.height,
      round: content.round,
      blockId: content.blockId,
      signBytes: toHex(consensusSigningBytes(chainId, kind, content)),
    }))
}

// What a machine would find after a power cut at this very moment that loses everything unsynced.
function durable(made: VirtualNodes, node: VirtualNode) {
  const disk = node.disk.crash('lose')
  const { state } = readJournal(journalPlace(made.world, node, disk))
  const height = (node.running?.head().height ?? 0) + 1
  const { records } = readWal({ dir: WAL_DIR, chainTag: made.world.chainTag, height, disk })
  const bodies = records.filter(({ type }) => type === WAL_TYPES.block).map(decodeWalRecord)
  const ids = bodies.flatMap((entry) => ('header' in entry ? [String(blockIdOf(entry.header))] : []))
  return { state, bodies: ids }
}

// The oracle of every run: one content per (height, round, step) and key, over all lives; durable before it leaves.
function watch(made: VirtualNodes) {
  const signed = new Map<string, string>()
  const seen = { votes: 0, silentAfterFatal: true }
  made.hooks.beforeSend = (node, channel, frame) => {
    if (channel !== 'consensus') return
    for (const own of ownMessages(made, node, frame)) {
      seen.votes++
      if (node.errors.length > 0) seen.silentAfterFatal = false
      const place = `${node.index} ${own.height} ${own.round} ${own.kind}`
      const before = signed.get(place)
      if (before !== undefined && before !== own.signBytes) throw new Error(`two contents signed at ${place}`)
      signed.set(place, own.signBytes)
      const { state, bodies } = durable(made, node)
      const stored = [state.last, state.proposal, state.prevote, state.precommit].map((entry) =>
        entry === null ? '' : toHex(entry.signBytes),
      )
      const isOld = state.last !== null && own.height < state.last.height
      if (!stored.includes(own.signBytes) && !isOld && before === undefined)
        throw new Error(`left before its journal entry: ${place}`)
      const isFresh = before === undefined && own.height === (node.running?.head().height ?? 0) + 1
      if (isFresh && own.blockId !== null && !bodies.includes(own.blockId)) throw new Error(`body not durable before ${place}`)
    }
  }
  return seen
}

function submit(made: VirtualNodes, index: number, nonce: bigint): void {
  const { citizens } = made.world
  const tx = made.world.signTransfer(must(citizens[0], 'a citizen'), {
    to: must(citizens[1], 'a citizen').address,
    amount: 1n,
    lane: 0,
    nonce,
    validUntil: 500,
  })
  const node = must(made.nodes[index]?.running, 'a running node')
  node.desk.admit(tx.bytes)
  node.publishTransaction(tx.id, tx.bytes)
}

const heightOf = (node: VirtualNode): number => node.running?.head().height ?? 0

describe('what leaves a node', () => {
  it('was flushed to the log and journalled before, body included, over many blocks of four validators', async () => {
    const made = createVirtualNodes(4)
    const seen = watch(made)
    for (const node of made.nodes) await made.start(node.index)
    for (let i = 0; i < 3; i++) {
      submit(made, i, BigInt(i))
      await made.until(`block ${i + 2}`, () => made.nodes.every((node) => heightOf(node) >= i + 2))
    }
    expect(made.nodes.flatMap((node) => node.errors)).toEqual([])
    expect(seen.votes).toBeGreaterThanOrEqual(4 * 2 * 4)
    expect(new Set(made.nodes.map((node) => node.running?.chain.headerAt(3)?.stateRoot)).size).toBe(1)
    expect(made.nodes.flatMap((node) => node.penalties)).toEqual([])
  })
})

class PowerCut extends Error {}

// Lets the node of this index crash at its `at`th change of disk or sent frame, then again and again with each restart.
async function crashAt(
  n: number,
  victim: number,
  at: number,
  mode: CrashMode,
): Promise<{ crashed: boolean; made: VirtualNodes }> {
  const made = createVirtualNodes(n)
  const seen = watch(made)
  const oracle = made.hooks.beforeSend
  let left = at
  let isBack = false
  const count = (node: VirtualNode): void => {
    if (node.index !== victim || isBack) return
    if (left < 0) throw new PowerCut('no power')
    if (left-- > 0) return
    node.alive = false
    node.handlers = null
    throw new PowerCut('power cut')
  }
  made.hooks.beforeChange = count
  made.hooks.beforeSend = (node, channel, frame) => {
    oracle(node, channel, frame)
    if (channel === 'consensus') count(node)
  }
  let crashed = false
  for (const node of made.nodes) {
    await made.start(node.index).catch((error: unknown) => {
      if (!String(error).includes('power')) throw error
    })
  }
  for (let spent = 0; spent < 4_000 && !crashed; spent += 20) {
    await made.time.advance(20)
    crashed = left < 0
  }
  expect(seen.silentAfterFatal).toBe(true)
  if (!crashed) return { crashed, made }
  isBack = true
  made.crash(victim, mode)
  must(made.nodes[victim], 'the victim').errors.length = 0
  await made.start(victim)
  await made.until('the chain goes on', () => made.nodes.every((node) => heightOf(node) >= 3))
  expect(made.nodes.flatMap((node) => node.errors)).toEqual([])
  return { crashed, made }
}

describe('a crash at every change of the disk and every frame sent', () => {
  const modes: readonly (readonly [string, CrashMode])[] = [
    ['everything unsynced is lost', 'lose'],
    ['everything written is kept', 'keep'],
    ['the last write is torn', { cutBytes: 7 }],
  ]
  it.each(modes)('leads to no second signature, and a single validator goes on: %s', async (_, mode) => {
    let boundaries = 0
    for (let at = mode === 'lose' ? 0 : 1; at < 60; at += mode === 'lose' ? 1 : 2) {
      const { crashed } = await crashAt(1, 0, at, mode)
      if (!crashed) break
      boundaries++
    }
    expect(boundaries).toBeGreaterThan(10)
  })

  it('leads to no second signature with four validators, and all go on', async () => {
    for (let at = 3; at < 60; at += 4) {
      const { made } = await crashAt(4, at % 4, at, at % 8 === 3 ? 'lose' : { cutBytes: 100 })
      expect(made.nodes.flatMap((node) => node.penalties)).toEqual([])
    }
  })
})

describe('a node restored from a backup, sign state included', () => {
  it.each([0, 1, 2, 3])('signs nothing a second time: it first hears where the others stand (validator %i)', async (victim) => {
    const made = createVirtualNodes(4)
    watch(made)
    for (const node of made.nodes) await made.start(node.index)
    await made.until('block 1', () => made.nodes.every((node) => heightOf(node) >= 1))
    const node = must(made.nodes[victim], 'the victim')
    const backup = { disk: node.disk.crash('keep'), records: [...node.records] }
    for (let i = 0; i < 4; i++) {
      submit(made, (victim + 1) % 4, BigInt(i))
      await made.until(`block ${i + 2}`, () => made.nodes.every((other) => heightOf(other) >= i + 2))
    }
    made.crash(victim, 'keep')
    node.disk = backup.disk
    node.records.clear()
    for (const [key, value] of backup.records) node.records.set(key, value)
    await made.start(victim)
    expect(heightOf(node)).toBeLessThan(4)
    await made.until('it is back, or has noticed', () => heightOf(node) >= 5)
    expect([node.faults, node.errors]).toEqual([[], []])
    submit(made, (victim + 1) % 4, 4n)
    await made.until('the others go on', () => made.nodes.every((other) => other === node || heightOf(other) >= 6))
  })
})

describe('a disk that is full or read-only', () => {
  it.each([
    ['WAL_IO', (kind: string, path: string) => path.startsWith(WAL_DIR) && kind === 'write'],
    ['WAL_IO', (kind: string, path: string) => path.startsWith(WAL_DIR) && kind === 'sync'],
    ['JOURNAL_IO', (_kind: string, path: string) => path.includes('sign-state')],
    ['STORE_IO', (kind: string) => kind === 'batch'],
  ])('ends the node with %s, and no vote leaves after it', async (code, isHit) => {
    const made = createVirtualNodes(4)
    const seen = watch(made)
    for (const node of made.nodes) await made.start(node.index)
    await made.until('block 1', () => made.nodes.every((node) => heightOf(node) >= 1))
    made.hooks.beforeChange = (node, kind, path) => {
      if (node.index === 2 && isHit(kind, path))
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }
    submit(made, 0, 0n)
    await made.until('the node ended', () => must(made.nodes[2], 'a node').errors.length > 0)
    const [error] = must(made.nodes[2], 'a node').errors
    expect(error).toBeInstanceOf(NodeError)
    expect(describeFatal(error).code).toBe(code)
    expect(describeFatal(error).text).toContain('no space left')
    const height = heightOf(must(made.nodes[2], 'a node'))
    submit(made, 1, 1n)
    await made.until('the others go on', () => heightOf(must(made.nodes[0], 'a node')) >= 3)
    expect(seen.silentAfterFatal).toBe(true)
    expect(heightOf(must(made.nodes[2], 'a node'))).toBe(height)
    expect(must(made.nodes[2], 'a node').errors).toHaveLength(1)
  })
})

describe('the loop', () => {
  const toy = createToyVotes()

  function createLoop(perform: (effect: Effect) => void | Promise<void> = () => undefined) {
    const state = createConsensusState()
    const log: string[] = []
    const fatal: unknown[] = []
    let dropped = 0
    const driver = createDriver({
      state,
      logRecord: (type) => void log.push(`log ${type}`),
      perform(effect) {
        log.push(effect.kind)
        return perform(effect)
      },
      onFatal: (error) => fatal.push(error),
      onDropped: () => void dropped++,
    })
    return { state, log, fatal, driver, dropped: () => dropped }
  }
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('logs an input before its effects and performs effects in order, one input at a time', async () => {
    const loop = createLoop(async () => await settle())
    loop.driver.enqueue(toy.startHeight)
    loop.driver.enqueue({ kind: 'wake', height: 1 })
    loop.driver.runTask(() => void loop.log.push('task'))
    for (let i = 0; i < 10; i++) await settle()
    expect(loop.log).toEqual([`log ${WAL_TYPES.wake}`, 'roundEntered', 'startTimer', 'task'])
  })

  it('performs nothing more of the same input once it was stopped in the middle of its effects', async () => {
    const loop = createLoop((effect) => {
      if (effect.kind === 'roundEntered') void loop.driver.stop()
    })
    loop.driver.enqueue(toy.startHeight)
    loop.driver.enqueue({ kind: 'wake', height: 1 })
    await settle()
    expect(loop.log).toEqual([`log ${WAL_TYPES.wake}`, 'roundEntered'])
  })

  it('tells of the first error once and runs nothing after it', async () => {
    const loop = createLoop(() => {
      throw new NodeError('WAL_IO', 'full')
    })
    loop.driver.enqueue(toy.startHeight)
    loop.driver.enqueue({ kind: 'wake', height: 1 })
    loop.driver.runTask(() => void loop.log.push('task'))
    await settle()
    expect(loop.fatal.map((error) => describeFatal(error))).toEqual([{ code: 'WAL_IO', text: 'full' }])
    loop.driver.runTask(() => void loop.log.push('late task'))
    await settle()
    expect(loop.log).toEqual([`log ${WAL_TYPES.wake}`, 'roundEntered'])
  })

  it('drops messages of peers while the queue is full, and never an input of its own', async () => {
    const loop = createLoop()
    loop.driver.enqueue(toy.startHeight)
    for (let i = 0; i < QUEUE_MAX + 10; i++) loop.driver.offer({ kind: 'vote', vote: toy.vote(1, { round: 0 }) })
    expect(loop.dropped()).toBe(11)
    expect(loop.driver.queueLength()).toBe(QUEUE_MAX)
    loop.driver.enqueue({ kind: 'vote', vote: toy.vote(0, { round: 0 }) })
    expect(loop.driver.queueLength()).toBe(QUEUE_MAX + 1)
    await settle()
    expect(loop.driver.queueLength()).toBe(0)
  })

  it('logs a vote once, however often a peer repeats it, and none for another height', async () => {
    const loop = createLoop()
    loop.driver.enqueue(toy.startHeight)
    for (let i = 0; i < 50; i++) loop.driver.offer({ kind: 'vote', vote: toy.vote(1, { round: 0 }) })
    for (let i = 0; i < 50; i++) loop.driver.offer({ kind: 'vote', vote: toy.vote(1, { round: 0, height: 7 }) })
    await settle()
    expect(loop.log.filter((line) => line.startsWith('log'))).toEqual([`log ${WAL_TYPES.vote}`])
  })
})
