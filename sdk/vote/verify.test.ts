// Recounting: a true bundle verifies, and each part that is tampered with is named.
import { describe, expect, it } from 'vitest'
import { ZERO_HASH } from '../../core/base/ids.ts'
import type { Json } from '../../core/codec/schema.ts'
import { tallyFinish, tallyStart } from '../../modules/vote/finish.ts'
import { getBundle } from '../../modules/vote/queries.ts'
import { extendRoll } from '../../modules/vote/roll.ts'
import { strike } from '../../modules/vote/strike.ts'
import { MINUTE, POLL, castOpen, castSecret, election, giveShare, open, openSecret, stranger } from '../../test/vote-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import { readBundle } from './bundle.ts'
import { recount } from './verify.ts'

const poll = { pollId: POLL }

function pagesOf(city: RoomBench): readonly Json[] {
  const pages: Json[] = []
  for (let cursor: number | null = 0; cursor !== null; ) {
    const page = city.ask(getBundle, { ...poll, cursor }) as { next: number | null }
    pages.push(page)
    cursor = page.next
  }
  return pages
}

const bundleOf = (pages: readonly Json[]) => readBundle({ format: 'naru-poll-bundle/v1', network: 'devnet', pages })

function finish(city: RoomBench, counts: readonly number[], trustees: readonly number[]): RoomBench {
  city.advance(10 * MINUTE)
  city.run(tallyStart, { sender: stranger, payload: poll })
  for (const trustee of trustees) giveShare(city, trustee)
  expect(city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts } }).failure).toBe(null)
  return city
}

const secret = openSecret(5)
for (const [voter, choice] of [
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 1],
] as const)
  castSecret(secret, voter, [choice])
castSecret(secret, 1, [1], { seq: 2 })
secret.run(strike, { sender: election, payload: { ...poll, rollIndex: 3 } })
const [page] = pagesOf(finish(secret, [1, 2], [1, 3, 5])) as [Json]

/** The page with the value at a path replaced: a hex text by one with another last digit, all else by `to`. */
function tamper(path: string, to?: Json): Json {
  const copy = structuredClone(page) as Record<string, Json>
  const keys = path.split('.')
  const last = keys.pop() as string
  const holder = keys.reduce((at, key) => at[key] as Record<string, Json>, copy)
  const before = holder[last]
  if (before === undefined) throw new Error(`${path} is nothing`)
  holder[last] = to !== undefined ? to : `${String(before).slice(0, -1)}${String(before).endsWith('1') ? '0' : '1'}`
  return copy
}

const wrongIn = (changed: Json): readonly string[] => recount(bundleOf([changed])).findings.map(({ where }) => where)

describe('recounting', () => {
  it('verifies a secret poll with a re-vote, a struck voter and two absent trustees, and tells how far it is', () => {
    const seen: string[] = []
    const { findings, ballots, counts } = recount(bundleOf([page]), (done, total) => seen.push(`${done}/${total}`))
    expect(findings).toEqual([])
    expect([ballots, counts]).toEqual([3, [1, 2]])
    expect(seen).toEqual(['1/5', '2/5', '3/5', '4/5', '5/5'])
  })

  it('verifies an open survey of several pages', () => {
    const city = open(101)
    castOpen(city, 100, [1])
    const pages = pagesOf(finish(city, [0, 1, 0], []))
    expect(pages).toHaveLength(2)
    expect(recount(bundleOf(pages))).toEqual({ findings: [], ballots: 1, counts: [0, 1, 0] })
    expect(recount(bundleOf(pages.slice(0, 1))).findings.map(({ where }) => where)).toEqual(['roll', 'tally', 'result', 'result'])
    expect(() => bundleOf([...pages.slice(0, 1), page])).toThrow('changed between two pages')
    expect(() => bundleOf([])).toThrow('naru-poll-bundle/v1')
  })

  it('finds a key that stands on the roll twice, and a trustee that is counted twice in the key', () => {
    const bundle = bundleOf([page])
    const [first, second] = bundle.rows
    if (first === undefined || second === undefined || bundle.key === null) throw new Error('a roll and a key')
    const rows = bundle.rows.map((row) => (row.rollIndex === 4 ? { ...row, key: first.key } : row))
    const rollRoot = rows.reduce((root, { key }) => extendRoll(root, key), ZERO_HASH)
    const twice = recount({ ...bundle, rows, poll: { ...bundle.poll, rollRoot } })
    expect(twice.findings).toEqual([{ where: 'roll', what: 'has a key twice' }])
    const alone = bundle.key.trustees.slice(0, 1)
    const key = { ...bundle.key, trustees: [...alone, ...alone, ...alone] }
    expect(recount({ ...bundle, key }).findings).toContainEqual({ where: 'key', what: 'has a trustee twice' })
  })

  it.each([
    ['poll.manifest.questionHash', 'manifest'],
    ['poll.rollRoot', 'roll'],
    ['rows.4.key', 'roll'],
    ['dealings.1.dealing.proof.z', 'trustee 2'],
    ['rows.0.cast.auth.c', 'ballot 0'],
    ['rows.0.cast.auth.z', 'ballot 0'],
    ['rows.1.cast.ballot.options.0.a', 'ballot 1'],
    ['rows.1.cast.ballot.options.1.z1', 'ballot 1'],
    ['rows.2.cast.ballot.sum.c', 'ballot 2'],
    ['tally.sums.0.b', 'tally'],
    ['shares.1.share.options.1.d', 'share of trustee 3'],
    ['shares.0.share.options.0.proof.c', 'share of trustee 1'],
  ])('names what is wrong where %s is tampered with', (path, where) => {
    expect(wrongIn(tamper(path))).toContain(where)
  })

  it.each([
    ['poll.result.counts', [2, 1], 'result'],
    ['poll.result.turnout', 4, 'result'],
    ['poll.result.isQuorate', false, 'result'],
    ['rows.0.struck', true, 'ballot 0'],
    ['rows.0.cast.seq', 2, 'ballot 0'],
    ['rows.2.cast', null, 'tally'],
    ['shares', [], 'result'],
    ['key.trustees', [], 'key'],
  ] as const)('names what is wrong where %s is %j', (path, to, where) => {
    expect(wrongIn(tamper(path, to as Json))).toContain(where)
  })
})
