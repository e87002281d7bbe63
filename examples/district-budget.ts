// Owns: the story of a participatory budget: a sealed poll in a district, told and checked figure by figure, recounted by an
// outsider. Not here: the acts (poll-acts.ts). Run it by `./naru devnet demo district-budget`, or alone: it then makes a devnet
// of its own. `--residents` says how many (default 500).
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readBundle } from '../sdk/index.ts'
import type { Json, Sender } from '../sdk/index.ts'
import { openDevnet, runNaru, tryNaru } from './devnet-access.ts'
import type { Devnet } from './devnet-access.ts'
import * as acts from './poll-acts.ts'
import type { Booth, Poll, Resident } from './poll-acts.ts'
import { check, refused, WrongTurn } from './story.ts'
import type { Tell } from './story.ts'

const QUESTION = 'Which of these shall the district of Mapo build in 2027? Choose one or two.'
const OPTIONS = ['a lit path to school', 'benches in the park', 'a lane for bicycles', 'none of these'] as const
const MAX_CHOSEN = 2
/** Phones that vote at the same moment. */
const LANES = 16

type Story = {
  readonly devnet: Devnet
  readonly residents: number
  readonly tell: Tell
  readonly progress: (text: string) => void
}

// Nobody is asked for a reason: who stays at home, and what the others choose, follows from their numbers.
const staysHome = ({ rollIndex }: Resident): boolean => rollIndex % 5 === 4
const choiceOf = ({ rollIndex }: Resident): readonly number[] => {
  if (rollIndex % 11 === 0) return [3]
  return rollIndex % 3 === 0 ? [0, 2] : [rollIndex % 2]
}

async function prepare(story: Story): Promise<{ poll: Poll; people: readonly Resident[]; trustees: readonly acts.Trustee[] }> {
  const { devnet, tell, progress } = story
  const questionHash = `0x${createHash('sha256').update(QUESTION).digest('hex')}`
  const poll = await acts.declare(devnet, { questionHash, options: OPTIONS, maxSel: MAX_CHOSEN })
  tell(`The election office declares ${poll.pollId}: sealed ballots, three of five trustees open the count, half must vote.`, {
    event: 'declared',
    pollId: poll.pollId,
  })
  const residents = await acts.register(poll, story.residents, (done) =>
    progress(`${done} of ${story.residents} keys on the roll`),
  )
  tell(`  ${residents.length} residents make a key on their phone; the registrar puts the keys, and no name, on the roll.`, {
    event: 'registered',
    residents: residents.length,
  })
  const trustees = await acts.deal(poll)
  await deliverLetters(story, poll, trustees)
  await acts.passHours(devnet, 2, (await poll.reader.now()).poll.manifest.keyCloseAt)
  await acts.act(devnet, 'citizen-1', 'vote.key.finish', { pollId: poll.pollId })
  const { phase, poll: ready } = await poll.reader.now()
  check('phase and removed trustees once the key is made', ['READY', []], [phase, ready.removed])
  await refused('a ballot before the poll is open', 'VOTE_NOT_OPEN', async () => {
    const payload = acts.vote(await acts.enterBooth(poll), residents[0] as Resident, [0])
    await acts.act(devnet, 'relay-1', 'vote.cast', payload)
  })
  return { poll, people: residents, trustees }
}

async function deliverLetters({ tell }: Story, poll: Poll, trustees: readonly acts.Trustee[]): Promise<void> {
  const [, second, , fourth] = trustees as [acts.Trustee, acts.Trustee, acts.Trustee, acts.Trustee, acts.Trustee]
  for (const from of trustees) {
    for (const to of trustees) {
      const isLost = from === second && to === fourth
      if (from === to || isLost) continue
      check(`the letter of trustee ${from.number} to ${to.number} fits`, true, await acts.deliver(poll, from, to))
    }
  }
  await acts.complain(poll, second, fourth)
  tell(
    '  The trustees deal their shares in encrypted letters. One is lost: trustee 4 complains, trustee 2 shows it on the chain.',
    {
      event: 'dealt',
    },
  )
}

async function castAll(story: Story, booth: Booth, voters: readonly Resident[]): Promise<number> {
  const lanes = acts.openRelay(story.devnet, LANES)
  const queue = [...voters]
  let done = 0
  const begun = performance.now()
  const step = Math.max(1, Math.round(voters.length / 10))
  const run = async (relay: Sender): Promise<void> => {
    for (let resident = queue.shift(); resident !== undefined; resident = queue.shift()) {
      const payload = acts.vote(booth, resident, choiceOf(resident))
      await relay.send({ type: 'vote.cast', payload }, { timeoutMs: 120_000 })
      resident.seq += 1
      if (++done % step === 0) story.progress(`${done} of ${voters.length} ballots are final`)
    }
  }
  await Promise.all(lanes.map(run))
  return (performance.now() - begun) / 1_000
}

async function voting(story: Story, poll: Poll, residents: readonly Resident[]): Promise<readonly number[]> {
  const { devnet, tell } = story
  await acts.passHours(devnet, 1, (await poll.reader.now()).poll.manifest.openAt)
  const booth = await acts.enterBooth(poll)
  const voters = residents.filter((resident) => !staysHome(resident))
  const seconds = await castAll(story, booth, voters)
  check('ballots counted', voters.length, (await poll.reader.tally()).counted)
  const perSecond = Math.round((voters.length / seconds) * 10) / 10
  tell(
    `The poll is open. ${voters.length} phones seal a ballot each, a relay carries them: ${perSecond} final ballots a second.`,
    {
      event: 'voted',
      ...{ ballots: voters.length, seconds: Math.round(seconds * 10) / 10, perSecond },
    },
  )
  await misuse(story, booth, residents)
  return countsOf(voters, residents)
}

// What the count must be: everybody as they chose, resident 1 as in the second ballot, resident 2 not at all (paper).
function countsOf(voters: readonly Resident[], residents: readonly Resident[]): readonly number[] {
  const [, second, third] = residents
  const counted = voters.filter((resident) => resident !== third)
  const choices = counted.map((resident) => (resident === second ? [3] : choiceOf(resident)))
  return OPTIONS.map((_, option) => choices.filter((chosen) => chosen.includes(option)).length)
}

async function misuse({ devnet, tell }: Story, booth: Booth, residents: readonly Resident[]): Promise<void> {
  const { poll } = booth
  const [first, second, third, fourth] = residents as [Resident, Resident, Resident, Resident]
  const cast = (payload: Json) => acts.act(devnet, 'relay-1', 'vote.cast', payload)
  const old = acts.vote(booth, second, [0], 1)
  await cast(acts.vote(booth, second, [3]))
  await refused('an old ballot brought back', 'VOTE_ALREADY_CAST', () => cast(old))
  tell('  Resident 1 votes again, watched by nobody this time: the second ballot takes the first one’s place.', {
    event: 'revoted',
  })
  const seen = readBundle(await poll.reader.bundle()).rows[first.rollIndex]?.cast
  if (seen === undefined || seen === null) throw new WrongTurn('resident 0 has no ballot')
  await refused('a copied ballot', 'VOTE_BALLOT_COPY', () => cast(acts.copyBallot(poll, seen.ballot, fourth)))
  tell('  Resident 3 copies the sealed ballot of resident 0 to vote alike without knowing how. Refused: VOTE_BALLOT_COPY.', {
    event: 'copied',
    code: 'VOTE_BALLOT_COPY',
  })
  await acts.act(devnet, 'election-2', 'vote.strike', { pollId: poll.pollId, rollIndex: third.rollIndex })
  await refused('a phone after the paper', 'VOTE_STRUCK', () => cast(acts.vote(booth, third, [0])))
  tell('  Resident 2 also votes on paper: the office strikes the electronic ballot, and the phone can cast no other.', {
    event: 'struck',
    rollIndex: third.rollIndex,
  })
}

async function count(story: Story, poll: Poll, trustees: readonly acts.Trustee[], expected: readonly number[]): Promise<void> {
  const { devnet, tell } = story
  const { pollId } = poll
  await acts.passHours(devnet, 24, (await poll.reader.now()).poll.manifest.closeAt)
  const begun = performance.now()
  await acts.act(devnet, 'citizen-1', 'vote.tally.start', { pollId })
  const present = trustees.filter(({ number }) => [1, 3, 4].includes(number))
  await acts.giveShare(poll, present[0] as acts.Trustee)
  await refused('counts with one share', 'VOTE_SHARES_MISSING', () =>
    acts.act(devnet, 'citizen-1', 'vote.tally.finish', { pollId, counts: [...expected] }),
  )
  for (const trustee of present.slice(1)) await acts.giveShare(poll, trustee)
  const counts = await acts.stateCounts(poll)
  check('the counts', expected, counts)
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  await acts.act(devnet, 'election-1', 'vote.certify', { pollId })
  await refused('one officer twice', 'VOTE_APPROVAL_DUP', () => acts.act(devnet, 'election-1', 'vote.certify', { pollId }))
  await acts.act(devnet, 'election-2', 'vote.certify', { pollId })
  const { phase, poll: certified } = await poll.reader.now()
  check('phase and quorum', ['CERTIFIED', true], [phase, certified.result?.isQuorate])
  const told = OPTIONS.map((option, i) => `${option} ${counts[i]}`).join(', ')
  tell(`Closed. Trustees 1, 3 and 4 open the sums, trustee 5 is ill, and that is enough: ${told}. Two officers certify.`, {
    event: 'certified',
    ...{ counts, turnout: certified.result?.turnout, seconds },
  })
}

async function recount({ devnet, tell, progress }: Story, poll: Poll, expected: readonly number[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'naru-recount-'))
  const { pollId } = poll
  try {
    const node = devnet.nodes().find(({ name }) => name === 'v3')?.rpc ?? ''
    const begun = performance.now()
    const live = await runNaru(['vote', 'verify', pollId, '--rpc', node], progress)
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    check('the outsider’s counts', expected, live['counts'])
    tell(`An outsider recounts from what v3 shows, every proof: the same, ${live['ballots']} ballots in ${seconds} s.`, {
      event: 'recounted',
      ...{ counts: live['counts'], ballots: live['ballots'], seconds },
    })
    const file = join(folder, 'poll.json')
    await runNaru(['vote', 'bundle', pollId, '--rpc', node, '--out', file])
    const fromFile = await runNaru(['vote', 'verify', '--file', file], progress)
    check('the counts of the file', expected, fromFile['counts'])
    const { ballot, forged } = tamper(file, join(folder, 'forged.json'))
    const { code, stdout } = await tryNaru(['vote', 'verify', '--file', forged])
    const { error } = JSON.parse(stdout) as { error: { code: string; detail: { findings: { where: string }[] } } }
    check('the verdict on a forged file', [12, 'RECOUNT_FAILED'], [code, error.code])
    check(
      'what is named',
      true,
      error.detail.findings.some(({ where }) => where === `ballot ${ballot}`),
    )
    tell(
      `  From a file without any node: the same. With one digit of a ballot changed: exit code 12, “ballot ${ballot}” is named.`,
      {
        event: 'tampered',
        named: `ballot ${ballot}`,
      },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Row = { rollIndex: number; cast: { ballot: { options: { z0: string }[] } } | null }

// Another last digit of one response in the last counted ballot.
function tamper(file: string, forged: string): { readonly ballot: number; readonly forged: string } {
  const bundle = JSON.parse(readFileSync(file, 'utf8')) as { pages: { rows: Row[] }[] }
  const row = bundle.pages.flatMap(({ rows }) => rows).findLast(({ cast }) => cast !== null)
  const option = row?.cast?.ballot.options[0]
  if (row === undefined || option === undefined) throw new WrongTurn('the bundle has no ballot')
  const { z0 } = option
  option.z0 = `${z0.slice(0, -3)}${z0.at(-3) === '1' ? '0' : '1'}${z0.slice(-2)}`
  writeFileSync(forged, JSON.stringify(bundle))
  return { ballot: row.rollIndex, forged }
}

async function tellStory(dir: string, residents: number, asJson: boolean): Promise<void> {
  const devnet = await openDevnet(dir)
  const story: Story = {
    devnet,
    residents,
    tell: (text, facts) => {
      if (!asJson) console.log(text)
      else if (facts !== undefined) console.log(JSON.stringify(facts))
    },
    progress: (text) => {
      if (!asJson) console.log(`    ${text}`)
    },
  }
  const begun = performance.now()
  try {
    const { poll, people, trustees } = await prepare(story)
    const expected = await voting(story, poll, people)
    await count(story, poll, trustees, expected)
    await recount(story, poll, expected)
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    story.tell(`A budget that everybody can recount, every turn as it must be, in ${seconds} s.`, { event: 'done', seconds })
  } finally {
    devnet.close()
  }
}

const { values } = parseArgs({
  options: { dir: { type: 'string' }, json: { type: 'boolean', default: false }, residents: { type: 'string', default: '500' } },
})
const own = values.dir === undefined ? mkdtempSync(join(tmpdir(), 'naru-district-budget-')) : null
const dir = values.dir ?? join(own ?? '', 'devnet')
try {
  const residents = Number(values.residents)
  if (!Number.isInteger(residents) || residents < 10 || residents > 5_000) throw new WrongTurn('--residents is 10 to 5000')
  if (own !== null) await runNaru(['devnet', 'up', '-n', '4', '--dir', dir, '--detach', '--wait', 'ready'])
  await tellStory(dir, residents, values.json)
} catch (error) {
  process.exitCode = 1
  console.error(error instanceof WrongTurn ? `naru: wrong turn: ${error.message}` : error)
} finally {
  if (own !== null) {
    await runNaru(['devnet', 'down', '--dir', dir])
    rmSync(own, { recursive: true, force: true })
  }
}
