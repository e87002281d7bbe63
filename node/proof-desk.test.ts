// Owns: tests of costly checks on other threads: order, bounds, ends, and that only speed depends on them.
import { afterEach, describe, expect, it } from 'vitest'
import { must } from '../core/base/assert.ts'
import { NodeError } from '../core/base/errors.ts'
import type { CheckedTransaction } from '../core/execution/check.ts'
import { cast } from '../modules/vote/cast.ts'
import { polls } from '../modules/vote/store.ts'
import { authorise } from '../sdk/vote/voter.ts'
import { openSecret, POLL, seal, voter } from '../test/vote-bench.ts'
import { createProofDesk } from './proof-desk.ts'
import type { ProofDesk, StartProofThread } from './proof-desk.ts'
import { startProofThread } from './proof-thread.ts'
import type { ProofAnswer, ProofTask } from './proof-worker.ts'
import { createVerdictMemory } from './verdict-memory.ts'

/** A transaction whose statement is its number. */
const numbered = (number: number | null): CheckedTransaction =>
  ({
    definition: {
      type: 0x0704,
      costly: { statementOf: () => (number === null ? null : new Uint8Array([number, number >>> 8])), judge: () => null },
    },
    payload: null,
  }) as unknown as CheckedTransaction

function createRig(threadsMax = 1) {
  const memory = createVerdictMemory()
  const posted: ProofTask[] = []
  const seats: { onAnswer: (answer: ProofAnswer) => void; onEnd: () => void }[] = []
  let stops = 0
  const startThread: StartProofThread = (on) => {
    seats.push(on)
    return { post: (task) => posted.push(task), stop: () => void stops++ }
  }
  const desk = createProofDesk({ memory, state: { get: () => null }, startThread, threadsMax })
  const done: string[] = []
  const judge = (line: 'block' | 'waiting', ...numbers: (number | null)[]): void => {
    void desk.judge(line, numbers.map(numbered))?.then(() => done.push(`${line} ${numbers.join()}`))
  }
  const answer = async (verdict: string | null = null, isMade = true): Promise<void> => {
    const task = must(posted.shift(), 'a task')
    must(seats.at(-1), 'a seat').onAnswer({ id: task.id, isMade, verdict })
    await new Promise((resolve) => setImmediate(resolve))
  }
  const numbers = (): (number | undefined)[] => posted.map(({ statement }) => statement[0])
  return { memory, desk, seats, done, judge, answer, numbers, stops: () => stops }
}

describe('the desk of costly checks', () => {
  it('starts no thread and waits for nothing where nothing is costly, known or asked', async () => {
    const { desk, seats, memory, judge, answer, done } = createRig()
    expect(desk.judge('waiting', [])).toBe(null)
    expect(desk.judge('waiting', [numbered(null)])).toBe(null)
    expect(seats).toHaveLength(0)
    judge('waiting', 1)
    await answer('bad')
    expect(done).toEqual(['waiting 1'])
    expect(memory.recall(0x0704, new Uint8Array([1, 0]), () => 'made anew')).toBe('bad')
    expect(desk.judge('block', [numbered(1)])).toBe(null)
  })

  it('lets no block wait for a thread to start, which starts for what comes later', async () => {
    const { desk, seats, judge, answer } = createRig()
    expect([desk.judge('block', [numbered(1)]), seats.length]).toEqual([null, 1])
    expect([desk.judge('block', [numbered(1)]), seats.length]).toEqual([null, 1])
    judge('waiting', 2)
    await answer()
    expect(desk.judge('block', [numbered(1)])).not.toBe(null)
  })

  it('judges a statement once, however many wait for it, and in the line of a block that needs it', async () => {
    const { judge, answer, numbers, done, desk } = createRig()
    judge('waiting', 1)
    await answer()
    judge('waiting', 2, 3, 4, 5)
    judge('waiting', 5)
    judge('block', 5, 2)
    expect([desk.count(), numbers()]).toEqual([4, [2, 3]])
    await answer()
    await answer()
    expect(numbers()).toEqual([5, 4])
    await answer()
    expect(done).toEqual(['waiting 1', 'waiting 5', 'block 5,2'])
    await answer()
    expect([done.at(-1), desk.count()]).toEqual(['waiting 2,3,4,5', 0])
  })

  it('judges a proposed block before what waits, and tells when all of it is judged', async () => {
    const { judge, answer, numbers, done } = createRig()
    judge('waiting', 9)
    await answer()
    done.length = 0
    judge('waiting', 1, 2, 3, 4)
    judge('block', 5, 6)
    expect(numbers()).toEqual([1, 2])
    await answer()
    await answer()
    expect(numbers()).toEqual([5, 6])
    await answer()
    expect(done).toEqual([])
    await answer()
    expect(done).toEqual(['block 5,6'])
    await answer()
    await answer()
    expect(done).toEqual(['block 5,6', 'waiting 1,2,3,4'])
  })

  it('keeps no verdict that a thread could not make, and goes on', async () => {
    const { memory, judge, answer, done } = createRig()
    judge('waiting', 1)
    await answer(null, false)
    expect([done, memory.has(memory.keyOf(0x0704, new Uint8Array([1, 0])))]).toEqual([['waiting 1'], false])
  })

  it('does without threads once they have ended by themselves too often', async () => {
    const { desk, judge, seats, done } = createRig()
    for (let end = 1; end <= 4; end++) {
      judge('waiting', end)
      must(seats.at(-1), 'a seat').onEnd()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(done).toEqual(['waiting 1', 'waiting 2', 'waiting 3', 'waiting 4'])
    expect([desk.judge('waiting', [numbered(9)]), desk.count(), seats.length]).toEqual([null, 0, 4])
  })

  it('does without threads where the machine has none left', async () => {
    const startThread: StartProofThread = () => {
      throw new Error('ERR_WORKER_INIT_FAILED')
    }
    const createBare = () =>
      createProofDesk({ memory: createVerdictMemory(), state: { get: () => null }, startThread, threadsMax: 2 })
    const desk = createBare()
    for (let wave = 0; wave < 2; wave++) await desk.judge('waiting', [1, 2, 3].map(numbered))
    expect([desk.count(), desk.judge('waiting', [numbered(4)])]).toEqual([0, null])
    expect(createBare().judge('block', [numbered(1)])).toBe(null)
  })

  it('is bounded, and ends with the node', () => {
    const { desk, judge, stops } = createRig(2)
    for (let i = 0; i < 10_000; i++) judge('waiting', i)
    expect(desk.count()).toBe(10_000)
    expect(desk.judge('waiting', [numbered(10_000)])).toBe(null)
    desk.stop()
    expect(stops()).toBe(2)
    judge('block', 253)
    expect(desk.judge('block', [numbered(253)])).toBe(null)
    const without = createRig(0).desk
    expect(without.judge('block', [numbered(1)])).toBe(null)
  })

  it('lets a fault of the disk through, and leaves a room’s own to where it is caught', () => {
    const { desk } = createRig()
    const failing = (error: Error) =>
      ({
        definition: {
          type: 1,
          costly: {
            statementOf: () => {
              throw error
            },
            judge: () => null,
          },
        },
      }) as unknown as CheckedTransaction
    expect(desk.judge('waiting', [failing(new Error('a bug'))])).toBe(null)
    expect(() => desk.judge('waiting', [failing(new NodeError('DISK', 'unread'))])).toThrow('unread')
  })
})

describe('a thread of Node', () => {
  let desk: ProofDesk | null = null
  afterEach(() => desk?.stop())

  it('gives the verdicts on real ballots that the room gives itself', async () => {
    const city = openSecret(2)
    const { eh } = polls.mustGet(city.view, POLL)
    const payloadOf = (rollIndex: number, secret: bigint) =>
      authorise({ pollId: POLL, eh, rollIndex, seq: 1, secret }, seal(city, rollIndex, [0]))
    const [good, forged] = [payloadOf(0, voter(0)), payloadOf(1, voter(0))]
    const memory = createVerdictMemory()
    desk = createProofDesk({ memory, state: city.view, startThread: startProofThread, threadsMax: 1 })
    const txs = [good, forged].map((payload) => ({ definition: cast, payload }) as unknown as CheckedTransaction)
    await desk.judge('waiting', txs)
    expect(memory.count()).toBe(2)
    const costly = must(cast.costly, 'casting is costly')
    const verdicts = [good, forged].map((payload) => {
      const statement = must(costly.statementOf(city.view, payload), 'a statement')
      return [memory.recall(cast.type, statement, () => 'not remembered'), costly.judge(statement)]
    })
    expect(verdicts).toEqual([
      [null, null],
      ['auth', 'auth'],
    ])
  }, 30_000)
})
