// Owns: that an office, trustees, voters and an outsider can walk a whole poll by the command line, and what refusals exit with.
// Not here: the story of a district (district-budget in examples.test.ts), the rules (modules/vote).
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardFolder } from '../helpers/guard.ts'
import { naru } from '../helpers/naru.ts'
import { runInside } from '../helpers/run-inside.ts'

const home = mkdtempSync(join(tmpdir(), 'naru-e2e-vote-'))
const dir = join(home, 'devnet')
const release = guardFolder(home)
const at = (name: string): string => join(home, name)
const POLL = 'park-2027'
const QUESTION = 'Shall the park by the river get benches?'

beforeAll(async () => {
  const up = await naru(['devnet', 'up', '-n', '1', '--dir', dir, '--detach', '--wait', 'ready', '--json'])
  expect(up.code, up.stderr).toBe(0)
})

afterAll(async () => {
  await naru(['devnet', 'down', '--dir', dir])
  await release()
})

// biome-ignore lint/suspicious/noExplicitAny: documents of every shape.
async function run(words: readonly string[], code = 0): Promise<any> {
  const done = await runInside([...words, '--dir', dir, '--json'], { NARU_PASSPHRASE: 'long enough for a test' })
  expect(done.code, `${words.join(' ')}: ${done.stdout}${done.stderr}`).toBe(code)
  return JSON.parse(done.stdout)
}

const vote = (words: string, more: readonly string[] = [], code = 0) => run(['vote', ...words.split(' '), ...more], code)
const as = (name: string): readonly string[] => ['--from', name]

// Clocks forward; the next transaction brings a block of that time.
async function pass(step: string): Promise<void> {
  await run(['devnet', 'time', step])
  await run(['pay', 'transfer', '--from', 'citizen-1', '--to', 'citizen-2', '--amount', '1'])
}

const TIMES = ['--roll-until', '+1h', '--key-until', '+2h', '--opens', '+3h', '--closes', '+27h']

async function declare(): Promise<void> {
  const asked = ['--question', QUESTION, '--option', 'yes', 'no', 'blank', '--revote', '--quorum', '33.3', ...TIMES]
  const trustees = ['--trustees', 'trustee-1,trustee-2,trustee-3', '--threshold', '2']
  expect(await vote(`create ${POLL}`, [...asked, ...trustees, ...as('citizen-1')], 5)).toMatchObject({
    error: { code: 'GOVERNANCE_NOT_AUTHORIZED' },
  })
  expect(await vote(`create ${POLL}`, [...asked, ...as('election-1')], 2)).toMatchObject({ error: { code: 'USAGE' } })
  const made = await vote(`create ${POLL}`, [...asked, ...trustees, ...as('election-1'), '--out', at('poll.json')])
  const paper = JSON.parse(readFileSync(at('poll.json'), 'utf8'))
  expect(paper).toMatchObject({
    question: QUESTION,
    eh: made.eh,
    manifest: { quorumPpm: 333_000, threshold: 2, allowRevote: true },
  })
  expect(await vote(`create ${POLL}`, [...asked, ...trustees, ...as('election-1')], 5)).toMatchObject({
    error: { code: 'VOTE_POLL_EXISTS' },
  })
  expect(await vote(`show ${POLL}`, ['--question', QUESTION])).toMatchObject({ phase: 'DRAFT', isBinding: false, counted: 0 })
  expect(await vote(`show ${POLL}`, ['--question', 'another'], 12)).toMatchObject({ error: { code: 'QUESTION_DIFFERS' } })
}

async function fillRoll(): Promise<void> {
  const entries: string[] = []
  for (const name of ['ada', 'ben', 'cho']) {
    await vote(`key ${at(`${name}.age`)}`)
    await vote(`register ${POLL} ${at(`${name}.age`)}`, ['--out', at(`${name}.json`)])
    entries.push(at(`${name}.json`))
  }
  expect(statSync(at('ada.age')).mode & 0o777).toBe(0o600)
  expect(readFileSync(at('ada.age'), 'latin1')).toMatch(/^age-encryption\.org\//)
  expect(await vote(`key ${at('ada.age')}`, [], 2)).toMatchObject({ error: { code: 'USAGE' } })
  const again = await vote(`register ${POLL} ${at('ada.age')}`)
  expect(again.key).toBe(JSON.parse(readFileSync(at('ada.json'), 'utf8')).key)
  const add = (mapping: string, by: string, code = 0) =>
    vote(`roll add ${POLL}`, [...entries, '--mapping', at(mapping), ...as(by)], code)
  expect(await add('refused.json', 'citizen-1', 5)).toMatchObject({ error: { code: 'GOVERNANCE_NOT_AUTHORIZED' } })
  expect(await add('list-1.json', 'registrar-1')).toMatchObject({ added: 3, rollCount: 3 })
  expect(statSync(at('list-1.json')).mode & 0o777).toBe(0o600)
  expect(await add('list-1.json', 'registrar-1', 2)).toMatchObject({ error: { code: 'USAGE' } })
  expect(await add('list-2.json', 'registrar-1', 5)).toMatchObject({ error: { code: 'VOTE_ROLL_DUPLICATE' } })
  expect(await vote(`roll close ${POLL}`, as('election-1'))).toMatchObject({ phase: 'KEYGEN', rollCount: 3 })
}

const letter = (from: number, to: number): string => at(`letters/${POLL}-from-${from}-to-${to}.age`)

async function makeKey(): Promise<void> {
  const recipients: string[] = []
  for (const i of [1, 2, 3]) recipients.push(`${i}=${(await vote(`trustee key ${at(`t${i}.age`)}`)).recipient}`)
  const deal = (i: number, to: readonly string[]) =>
    vote(`trustee deal ${POLL} ${at(`t${i}.age`)}`, [...as(`trustee-${i}`), '--out', at('letters'), '--to', ...to])
  for (const i of [1, 2]) expect((await deal(i, recipients)).letters).toHaveLength(2)
  // Trustee 3 writes to trustee 2 alone, and trustee 1 gets what was written to trustee 2.
  await deal(3, recipients.slice(1, 2))
  expect(await vote(`trustee receive ${POLL} ${at('t1.age')} ${letter(3, 2)}`, [], 12)).toMatchObject({
    error: { code: 'LETTER_INVALID' },
  })
  expect(await vote(`trustee receive ${POLL} ${at('t1.age')} ${letter(2, 1)}`)).toMatchObject({
    has: [1, 2],
    missing: [3],
    wrong: [],
  })
  expect(await vote(`trustee receive ${POLL} ${at('t2.age')} ${letter(1, 2)} ${letter(3, 2)}`)).toMatchObject({ missing: [] })
  await vote(`trustee complain ${POLL} 3`, as('trustee-1'))
  expect(await vote(`trustee complain ${POLL} 3`, as('trustee-1'), 5)).toMatchObject({ error: { code: 'VOTE_TRUSTEE_DUP' } })
  expect((await vote(`show ${POLL}`)).trustees[2]).toEqual({ trustee: 3, part: 'accused by 1', share: false })
  expect(await vote(`trustee answer ${POLL} ${at('t3.age')}`, as('trustee-3'))).toMatchObject({ answered: [1] })
  expect(await vote(`trustee finish ${POLL}`, as('citizen-1'), 5)).toMatchObject({ error: { code: 'VOTE_KEYGEN_PENDING' } })
  await pass('+2h')
  expect(await vote(`trustee finish ${POLL}`, as('citizen-1'))).toMatchObject({ phase: 'READY', removed: [] })
}

async function voteAll(): Promise<void> {
  const cast = (name: string, choice: string, code = 0) =>
    vote(`cast ${POLL} ${at(`${name}.age`)}`, ['--choose', choice, ...as('relay-1')], code)
  expect(await cast('ada', 'yes', 5)).toMatchObject({ error: { code: 'VOTE_NOT_OPEN' } })
  await pass('+1h')
  expect(await cast('ada', 'maybe', 2)).toMatchObject({ error: { code: 'USAGE' } })
  const first = await cast('ada', 'yes')
  expect(first).toMatchObject({ rollIndex: 0, seq: 1 })
  expect(await vote(`track ${POLL} ${first.tracker}`)).toMatchObject({ counted: true, rollIndex: 0 })
  const second = await cast('ada', 'no')
  expect(second).toMatchObject({ rollIndex: 0, seq: 2 })
  expect(await vote(`track ${POLL} ${first.tracker}`, [], 12)).toMatchObject({ error: { code: 'NOT_COUNTED' } })
  expect(await vote(`track ${POLL} ${at('ada.age')}`)).toMatchObject({ trace: 'COUNTED', seq: 2 })
  const audited = await vote(`prepare ${POLL} ${at('ben.age')}`, ['--choose', 'blank'])
  await vote(`audit ${POLL} ${at('ben.age')}`, ['--out', at('opened.json')])
  expect(await vote(`check ${POLL} ${at('opened.json')} ${audited.tracker}`)).toMatchObject({ chosen: [2], answers: ['blank'] })
  expect(await vote(`check ${POLL} ${at('opened.json')} ${first.tracker}`, [], 12)).toMatchObject({
    error: { code: 'AUDIT_FAILED' },
  })
  expect(await vote(`cast ${POLL} ${at('ben.age')}`, as('relay-1'), 2)).toMatchObject({ error: { code: 'USAGE' } })
  const prepared = await vote(`prepare ${POLL} ${at('ben.age')}`, ['--choose', '2'])
  expect(await vote(`status ${POLL} ${at('ben.age')}`)).toMatchObject({ rollIndex: 1, seq: 0, isPrepared: true })
  expect(await vote(`cast ${POLL} ${at('ben.age')}`, as('relay-1'))).toMatchObject({ seq: 1, tracker: prepared.tracker })
  await cast('cho', 'yes')
  expect(await vote(`strike ${POLL} 2`, as('survey-1'), 5)).toMatchObject({ error: { code: 'GOVERNANCE_NOT_AUTHORIZED' } })
  await vote(`strike ${POLL} 2`, as('election-2'))
  expect(await cast('cho', 'yes', 5)).toMatchObject({ error: { code: 'VOTE_STRUCK' } })
  expect(await vote(`status ${POLL} ${at('cho.age')}`)).toMatchObject({ rollIndex: 2, struck: true, seq: 0 })
}

async function countAll(): Promise<void> {
  expect(await vote(`tally ${POLL}`, as('citizen-1'), 5)).toMatchObject({ error: { code: 'VOTE_POLL_STATE' } })
  await pass('+24h')
  expect(await vote(`tally ${POLL}`, as('citizen-1'))).toMatchObject({ phase: 'TALLYING', counted: 2, given: [] })
  for (const i of [1, 2]) await vote(`trustee open ${POLL} ${at(`t${i}.age`)}`, as(`trustee-${i}`))
  expect(await vote(`tally ${POLL}`, as('citizen-1'))).toMatchObject({ phase: 'TALLIED', counts: [0, 1, 1] })
  expect(await vote(`certify ${POLL}`, as('election-1'))).toMatchObject({ phase: 'TALLIED', isDone: false })
  expect(await vote(`certify ${POLL}`, as('election-1'), 5)).toMatchObject({ error: { code: 'VOTE_APPROVAL_DUP' } })
  expect(await vote(`certify ${POLL}`, as('election-2'))).toMatchObject({ phase: 'CERTIFIED', isDone: true })
}

async function recount(): Promise<void> {
  expect(await vote(`verify ${POLL}`)).toMatchObject({ voters: 3, ballots: 2, counts: [0, 1, 1], findings: [] })
  await vote(`bundle ${POLL}`, ['--out', at('bundle.json')])
  const bundle = JSON.parse(readFileSync(at('bundle.json'), 'utf8'))
  bundle.pages[0].rows[2].struck = false
  bundle.pages[0].rows[1].cast.seq = 2
  writeFileSync(at('forged.json'), JSON.stringify(bundle))
  const { error } = await run(['vote', 'verify', '--file', at('forged.json')], 12)
  expect(error.detail.findings.map(({ where }: { where: string }) => where)).toContain('ballot 1')
}

test('a sealed poll from its declaration to the recount', async () => {
  await declare()
  await fillRoll()
  await makeKey()
  await voteAll()
  await countAll()
  await recount()
})

test('a small roll hides who voted, and its ballots are found by trackers alone', async () => {
  const asked = ['--question', 'Shall the head of the house stay?', '--option', 'yes', 'no', '--mode', 'SECRET_ANON', ...TIMES]
  await vote('create house', [...asked, '--sensitive', '--trustees', 'trustee-1', ...as('election-1')])
  const names = ['ada', 'ben', 'cho', 'dan', 'eve']
  for (const name of ['dan', 'eve']) await vote(`key ${at(`${name}.age`)}`)
  for (const name of names) await vote(`register house ${at(`${name}.age`)}`, ['--out', at(`house-${name}.json`)])
  const entries = names.map((name) => at(`house-${name}.json`))
  await vote('roll add house', [...entries, '--mapping', at('house-list.json'), ...as('registrar-1')])
  await vote('roll close house', as('election-1'))
  await vote(`trustee deal house ${at('t1.age')}`, as('trustee-1'))
  await pass('+2h')
  await vote('trustee finish house', as('citizen-1'))
  await pass('+1h')
  const { tracker, rollIndex } = await vote(`cast house ${at('cho.age')}`, ['--choose', 'no', ...as('relay-1')])
  expect(rollIndex).toBe(null)
  expect(await vote(`track house ${tracker}`)).toMatchObject({ counted: true, rollIndex: null })
  expect(await vote(`track house ${at('cho.age')}`)).toMatchObject({ trace: 'COUNTED' })
  expect(await vote(`status house ${at('cho.age')}`)).toMatchObject({ rollIndex: 2, seq: 1 })
  await pass('+24h')
  await vote('tally house', as('citizen-1'))
  await vote(`trustee open house ${at('t1.age')}`, as('trustee-1'))
  expect(await vote('tally house', as('citizen-1'))).toMatchObject({ counts: [0, 1] })
  expect(await vote('verify house')).toMatchObject({ ballots: 1, counts: [0, 1], findings: [] })
})

test('a survey with public answers is voided by two officers, and all polls are listed', async () => {
  const asked = ['--question', 'How was the festival?', '--option', 'good', 'bad', '--mode', 'OPEN', '--kind', 'SURVEY']
  const times = ['--roll-until', '+1h', '--opens', '+1h', '--closes', '+2h']
  expect(await vote('create festival', [...asked, '--sensitive', ...times, ...as('survey-1')], 5)).toMatchObject({
    error: { code: 'VOTE_MODE_FORBIDDEN' },
  })
  await vote('create festival', [...asked, ...times, ...as('survey-1')])
  expect(await vote('void festival', as('survey-1'), 2)).toMatchObject({ error: { code: 'USAGE' } })
  expect(await vote('void festival --reason RAIN', as('survey-1'))).toMatchObject({ isDone: false })
  expect(await vote('void festival --reason RAIN', as('election-1'))).toMatchObject({ phase: 'VOID', isDone: true })
  const { polls } = await vote('list')
  expect(polls.map(({ pollId, phase }: { pollId: string; phase: string }) => [pollId, phase])).toEqual([
    [POLL, 'CERTIFIED'],
    ['house', 'TALLIED'],
    ['festival', 'VOID'],
  ])
  expect(await vote('show nowhere', [], 5)).toMatchObject({ error: { code: 'VOTE_POLL_UNKNOWN' } })
  expect(existsSync(at('nothing.age'))).toBe(false)
  expect(await vote(`status ${POLL} ${at('nothing.age')}`, [], 2)).toMatchObject({ error: { code: 'USAGE' } })
})
