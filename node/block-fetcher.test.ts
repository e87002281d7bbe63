// Owns: tests of fetching bodies: whom it asks, what it does with silence and lies, and that nobody who waits is forgotten.
import { describe, expect, it } from 'vitest'
import { NodeError } from '../core/base/errors.ts'
import { BlockSchema, blockIdOf } from '../core/chain/block.ts'
import { decode, encode } from '../core/codec/schema.ts'
import { LIMITS } from '../core/base/limits.ts'
import { createToyVotes } from '../test/helpers/toy-votes.ts'
import { createVirtualTime, viewOf } from '../test/helpers/virtual-nodes.ts'
import { BodyAnswerSchema, BodyRequestSchema, createBlockFetcher } from './block-fetcher.ts'
import type { Bodies } from './bodies.ts'

const toy = createToyVotes()
const block = toy.block([new Uint8Array([1])])
const blockId = blockIdOf(block.header)
const encoded = encode(BodyAnswerSchema, [encode(BlockSchema, block)])

type Behaviour = (request: { blockId: string; indexes: readonly number[] }) => Uint8Array | 'silent' | 'closed'

function createRig(peers: Readonly<Record<string, Behaviour>>, offerMissing: Bodies['offerMissing'] = () => true) {
  const time = createVirtualTime(0)
  const asked: string[] = []
  const penalties: string[] = []
  const offered: unknown[] = []
  const fetcher = createBlockFetcher({
    clock: time.clock,
    network: {
      peers: () => Object.keys(peers).map(viewOf),
      penalise: (peer, reason) => penalties.push(`${peer}: ${reason}`),
      request: (peer, _protocol, raw, timeoutMs) => {
        asked.push(peer)
        const behaviour = peers[peer] as Behaviour
        const answer = behaviour(decode(BodyRequestSchema, raw, LIMITS.syncResponseBytesMax))
        if (answer instanceof Uint8Array) return Promise.resolve(answer)
        const fault = new NodeError(answer === 'silent' ? 'PEER_TIMEOUT' : 'PEER_CLOSED', answer)
        return new Promise((_, reject) => void time.clock.startTimer(answer === 'silent' ? timeoutMs : 1, () => reject(fault)))
      },
    },
    bodies: { offerBlock: (whole: unknown) => offered.push(whole), offerMissing } as unknown as Bodies,
  })
  return { time, asked, penalties, offered, fetcher }
}

const honest: Behaviour = () => encoded
const silent: Behaviour = () => 'silent'
const closed: Behaviour = () => 'closed'

describe('fetching a block', () => {
  it('asks a holder first and tells whoever waits, once', async () => {
    const rig = createRig({ a: closed, b: honest, c: closed })
    rig.fetcher.noteHolder(blockId, 'b')
    let done = 0
    rig.fetcher.fetchWhole(blockId, () => void done++)
    await rig.time.advance(1)
    expect([rig.asked, done, rig.offered]).toEqual([['b'], 1, [block]])
    await rig.time.advance(60_000)
    expect([rig.asked.length, done, rig.penalties]).toEqual([1, 1, []])
  })

  it('does not wait for a silent holder: the next peer is asked within a fraction of a round', async () => {
    const rig = createRig({ a: silent, b: silent, c: honest })
    rig.fetcher.noteHolder(blockId, 'b')
    let done = 0
    rig.fetcher.fetchWhole(blockId, () => void done++)
    await rig.time.advance(700)
    expect([rig.asked, done, rig.penalties]).toEqual([['b', 'a', 'c'], 1, []])
  })

  it('keeps everyone who asked for the same block and calls each', async () => {
    const rig = createRig({ a: honest })
    const done: string[] = []
    rig.fetcher.fetchMissing(blockId, [0], () => done.push('validate'))
    rig.fetcher.fetchWhole(blockId, () => done.push('decide'))
    await rig.time.advance(1)
    expect(done).toEqual(['validate', 'decide'])
    expect(rig.asked).toEqual(['a'])
  })

  it('takes the whole block when the missing transactions do not fit', async () => {
    const requests: number[] = []
    const answer = ({ indexes }: { indexes: readonly number[] }) => {
      requests.push(indexes.length)
      return encoded
    }
    const rig = createRig({ a: answer }, () => false)
    let done = 0
    rig.fetcher.fetchMissing(blockId, [0], () => void done++)
    await rig.time.advance(1)
    expect([requests, done, rig.offered]).toEqual([[1, 0], 1, [block]])
  })

  it('goes on for as long as it takes, with three questions under way at most, and ends with the height', async () => {
    let most = 0
    let open = 0
    const rig = createRig({
      a: () => {
        most = Math.max(most, ++open)
        rig.time.clock.startTimer(2_000, () => void open--)
        return 'silent'
      },
    })
    rig.fetcher.fetchWhole(blockId, () => undefined)
    await rig.time.advance(60_000)
    expect(rig.asked.length).toBeGreaterThan(20)
    expect(most).toBeLessThanOrEqual(3)
    rig.fetcher.clear()
    await rig.time.advance(3_000)
    const before = rig.asked.length
    await rig.time.advance(60_000)
    expect(rig.asked.length).toBe(before)
  })

  it('waits for a peer to come when there is none', async () => {
    const peers: Record<string, Behaviour> = {}
    const rig = createRig(peers)
    let done = 0
    rig.fetcher.fetchWhole(blockId, () => void done++)
    await rig.time.advance(5_000)
    peers['late'] = honest
    await rig.time.advance(1_500)
    expect(done).toBe(1)
  })

  it('penalises another block, a tampered body and garbage, and neither refusal nor silence', async () => {
    const other = toy.block([new Uint8Array([2])])
    const tampered = { ...block, txs: [new Uint8Array([9])] }
    const rig = createRig({
      a: () => encode(BodyAnswerSchema, [encode(BlockSchema, other)]),
      b: () => encode(BodyAnswerSchema, [encode(BlockSchema, tampered)]),
      c: () => new Uint8Array([255, 255]),
      d: closed,
      e: silent,
      f: honest,
    })
    let done = 0
    rig.fetcher.fetchWhole(blockId, () => void done++)
    await rig.time.advance(5_000)
    expect(done).toBe(1)
    expect(rig.penalties).toEqual([
      'a: another block than the one asked for',
      'b: another block than the one asked for',
      'c: a body that is not in canonical form',
    ])
  })
})
