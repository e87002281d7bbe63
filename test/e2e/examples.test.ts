// Owns: that the examples run as their page says, with every figure right. Not here: the stories (examples/).
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardFolder } from '../helpers/guard.ts'
import { naru, ROOT, runProgram } from '../helpers/naru.ts'

const home = mkdtempSync(join(tmpdir(), 'naru-e2e-mapo-'))
const dir = join(home, 'devnet')
const release = guardFolder(home)

beforeAll(async () => {
  const up = await naru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready', '--json'])
  expect(up.code, up.stderr).toBe(0)
})

afterAll(async () => {
  await naru(['devnet', 'down', '--dir', dir])
  await release()
})

test('the day in Mapo runs by naru devnet demo, and again on the same chain', async () => {
  const first = await naru(['devnet', 'demo', '--dir', dir, '--json'])
  expect(first.code, first.stderr).toBe(0)
  const facts = first.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const of = (event: string) => facts.filter((fact) => fact['event'] === event)
  expect(of('minted')).toHaveLength(5)
  expect(of('paid')).toHaveLength(8)
  expect(of('returned')).toMatchObject([{ node: 'v4' }])
  expect(of('observer')).toMatchObject([{ node: 'o1' }])
  expect(of('proven').map(({ name, won }) => [name, won])).toEqual([
    ...['citizen-1', 'citizen-2', 'citizen-3', 'citizen-4', 'citizen-5'].map((name) => [name, '501000']),
    ['merchant-1', '150000'],
  ])
  expect(of('refused')).toMatchObject([{ flips: expect.any(Number) }])
  expect(Number(of('refused')[0]?.['flips'])).toBeGreaterThan(500)
  expect(of('done')).toHaveLength(1)

  const again = await naru(['devnet', 'demo', '--dir', dir])
  expect(again.code, again.stderr).toBe(0)
  expect(again.stdout).toMatch(/citizen-1 holds 502,000 won, proven at block \d+/)
  expect(again.stdout).toMatch(/merchant-1 holds 200,000 won, proven at block \d+/)
  expect(again.stdout).toMatch(/A day in Mapo, every figure right, in [\d.]+ s\.\n$/)
})

test('an allowance without documents is granted, refused, reviewed, and a lost phone is recovered from', async () => {
  const told = await naru(['devnet', 'demo', 'no-documents', '--dir', dir, '--json'])
  expect(told.code, told.stderr).toBe(0)
  const facts = told.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(facts.map(({ event }) => event)).toEqual([
    ...['accepted', 'refused', 'reviewed', 'destroyed', 'signedIn', 'suspended', 'recovered', 'done'],
  ])
  expect(facts[0]).toMatchObject({
    outcome: 'PASS',
    shown: ['age_ge_19', 'age_ge_35', 'income_le_150', 'resident_seoul', 'unemployed'],
  })
  expect(facts[1]).toMatchObject({ outcome: 'FAIL', reasons: ['REVOKED'] })
})

test('a district votes on its budget in secret: re-vote, copy, paper, an absent trustee, a recount that names a forgery', async () => {
  const words = [join(ROOT, 'examples/district-budget.ts'), '--dir', dir, '--residents', '12', '--json']
  const told = await runProgram(process.execPath, words, { timeoutMs: 120_000 })
  expect(told.code, told.stderr).toBe(0)
  const facts = told.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(facts.map(({ event }) => event)).toEqual([
    ...['declared', 'registered', 'dealt', 'voted', 'revoted', 'copied', 'struck', 'certified', 'recounted', 'tampered', 'done'],
  ])
  const of = (event: string) => facts.find((fact) => fact['event'] === event)
  // Residents 4 and 9 stay at home. 0 and 11 want none; 3 and 6 light and bicycles; 5, 7, 10 and 8 light or benches by their
  // numbers; 1 changes to none; 2 votes on paper.
  expect(of('voted')).toMatchObject({ ballots: 10 })
  expect(of('certified')).toMatchObject({ counts: [4, 2, 2, 3], turnout: 9 })
  expect(of('recounted')).toMatchObject({ counts: [4, 2, 2, 3], ballots: 9 })
  expect(of('tampered')).toMatchObject({ named: 'ballot 11' })
})

test('the loop of a point: a tax paid on time, a coffee, the treasury, a refund, every figure right', async () => {
  const told = await runProgram(process.execPath, [join(ROOT, 'examples/points-loop.ts'), '--dir', dir])
  expect(told.code, told.stderr).toBe(0)
  expect(told.stdout.trim().split('\n')).toEqual([
    'the tax bureau grants points for a tax paid on time: points +1000',
    'the citizen pays a coffee: points -1000, citizen -3500, shop +3500',
    'the treasury pays the café: shop +1000, reserve -1000',
    'the café refunds: points +1000, citizen +3500, shop -3500',
    expect.stringMatching(/^every point is back in its lot: \[\{/),
  ])
})

test('a month at a café is hired, worked, disputed, insured and paid; the next one is claimed with interest', async () => {
  const told = await naru(['devnet', 'demo', 'cafe-month', '--dir', dir, '--json'])
  expect(told.code, told.stderr).toBe(0)
  const facts = told.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(facts.map(({ event }) => event)).toEqual([
    'hired',
    'worked',
    'resolved',
    'paid',
    'overdue',
    'ordered',
    'settled',
    'done',
  ])
  expect(facts[1]).toMatchObject({ flags: expect.arrayContaining(['BREAK_MISSING', 'NIGHT']) })
})

test('a story that is not there is refused with the names of those that are', async () => {
  const none = await naru(['devnet', 'demo', 'no-such', '--dir', dir, '--json'])
  expect(none.code).toBe(2)
  expect(none.stdout).toContain('mapo, cafe-month, no-documents, district-budget')
})

test('the day in Mapo without a devnet ends with code 1 and names what is missing', async () => {
  const nowhere = await runProgram(process.execPath, [join(ROOT, 'examples/day-in-mapo.ts'), '--dir', join(home, 'nowhere')])
  expect(nowhere.code).toBe(1)
  expect(nowhere.stderr).toMatch(/accounts\.json|devnet\.json|genesis\.json/)
})
