// Owns: what ballots cost one thread: checking by options and by size of a ring, beside the reference that it is tested against;
// and a poll of 10,000 ballots from sealing to recount. Not here: a network under ballots (votes.ts), the checks (modules/vote).
import { must } from '../core/base/assert.ts'
import { fromHex } from '../core/base/bytes.ts'
import { asAddress, ZERO_HASH } from '../core/base/ids.ts'
import type { Hash32 } from '../core/base/ids.ts'
import { encode } from '../core/codec/schema.ts'
import { sha256 } from '../core/crypto/hash.ts'
import type { Ballot } from '../modules/vote/ballot-schema.ts'
import { countBallot, emptyTally, resultOf } from '../modules/vote/count.ts'
import { verifyBit, verifySum } from '../modules/vote/crypto/ballot.ts'
import { pollKey, verificationKey } from '../modules/vote/crypto/feldman.ts'
import { readPoint, readScalar } from '../modules/vote/crypto/group.ts'
import type { Point } from '../modules/vote/crypto/group.ts'
import { verifyRing } from '../modules/vote/crypto/ring.ts'
import { verifyCast } from '../modules/vote/crypto/schnorr.ts'
import { AnonStatementSchema, CastStatementSchema, judgeAnon, judgeCast } from '../modules/vote/judge.ts'
import { castStatement, contextOf, readProof, readSum, ringMessage } from '../modules/vote/proofs.ts'
import { extendRoll } from '../modules/vote/roll.ts'
import { ManifestSchema } from '../modules/vote/schema.ts'
import type { Manifest } from '../modules/vote/schema.ts'
import { authoriseAnon, imageOf } from '../sdk/vote/anon.ts'
import type { Bundle } from '../sdk/vote/bundle.ts'
import { openCounts } from '../sdk/vote/opening.ts'
import { sealBallot } from '../sdk/vote/seal.ts'
import { createPolynomial, dealingOf, openingOf, secretOf, shareOf } from '../sdk/vote/trustee.ts'
import { recount } from '../sdk/vote/verify.ts'
import { authorise, createElectionKey } from '../sdk/vote/voter.ts'
import { elapsed } from './measure.ts'
import type { Say } from './measure.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

const TRUSTEES = 5
const THRESHOLD = 3
const RINGS = [4, 16, 64] as const
type Sealed = Extract<Ballot, { kind: 'secret' }>

/** A poll with its trustees, in memory. */
function openPoll(options: number, mode: Manifest['mode'] = 'SECRET') {
  const trustees = Array.from({ length: TRUSTEES }, (_, i) => asAddress((i + 1).toString(16).padStart(40, '0')))
  const manifest: Manifest = {
    ...{ chainId: 'naru-bench-1', pollId: 'BENCH', mode, kind: 'POLICY_POLL', sensitive: true, questionHash: ZERO_HASH },
    ...{ options: Array.from({ length: options }, (_, i) => `option ${i}`), minSel: 1, maxSel: 1, policyId: null },
    ...{ rollSource: 'BENCH', rollCloseAt: 1, keyCloseAt: 2, openAt: 3, closeAt: 4, trustees, threshold: THRESHOLD },
    ...{ quorumPpm: 0, allowRevote: true, geofenceCommit: null, rewardProgramme: null },
  }
  const eh: Hash32 = sha256(encode(ManifestSchema, manifest))
  const polynomials = trustees.map(() => createPolynomial(THRESHOLD))
  const dealings = polynomials.map((polynomial, i) => ({ trustee: i + 1, dealing: dealingOf(eh, i + 1, polynomial) }))
  const parts = dealings.map(({ dealing }) => dealing.commitments.map((bytes) => must(readPoint(bytes), 'a commitment')))
  const key = pollKey(parts).toBytes()
  const secrets = polynomials.map((_, i) => secretOf(polynomials.map((polynomial) => shareOf(polynomial, i + 1))))
  const seats = secrets.map((_, i) => ({ trustee: i + 1, key: verificationKey(parts, i + 1).toBytes() }))
  return { manifest, eh, key, dealings, secrets, seats }
}

type Poll = ReturnType<typeof openPoll>

/** Runs for at least so many ms after a warm-up; the best of five parts, as calls per second. */
function ratePerSecond(ms: number, run: () => unknown): number {
  const runFor = (budgetMs: number): number => {
    let calls = 0
    let spent = 0
    for (const start = performance.now(); spent < budgetMs || calls < 3; spent = performance.now() - start) {
      run()
      calls++
    }
    return (calls * 1_000) / spent
  }
  runFor(ms / 2)
  return Math.max(...Array.from({ length: 5 }, () => runFor(ms / 5)))
}

function castIn({ manifest, eh, key }: Poll, rollIndex: number, secret: bigint, option: number) {
  const ballot = sealBallot({ manifest, eh, key, rollIndex, seq: 1 }, [option])
  return authorise({ pollId: manifest.pollId, eh, rollIndex, seq: 1, secret }, ballot)
}

const valid = <T>(value: T | null): T => must(value, 'a ballot of the benchmark is valid')

/** The reference: the same proofs by the functions beside the provers. */
function isValidByReference(poll: Poll, voterKey: Point, given: ReturnType<typeof castIn>): boolean {
  const { rollIndex, seq, auth } = given
  const ballot = given.ballot as Sealed
  const place = { eh: poll.eh, rollIndex, seq }
  const context = { eh: fromHex(poll.eh), ctx: contextOf(place), key: valid(readPoint(poll.key)) }
  const ciphers = ballot.options.map((option) => valid(readSum(option)))
  const areBits = ballot.options.every(({ c0, c1, z0, z1 }, option) => {
    const [a, b, c, d] = [c0, c1, z0, z1].map((bytes) => valid(readScalar(bytes))) as [bigint, bigint, bigint, bigint]
    return verifyBit({ ...context, option, cipher: valid(ciphers[option] ?? null) }, { c0: a, c1: b, z0: c, z1: d })
  })
  const isSum = verifySum(context, { ciphers, selections: 1 }, valid(readProof(ballot.sum)))
  return areBits && isSum && verifyCast(castStatement(place, ballot), voterKey, valid(readProof(auth)))
}

function checkRows(options: number, ms: number): readonly BenchRow[] {
  const poll = openPoll(options)
  const { secret, key: voterKey } = createElectionKey()
  const given = castIn(poll, 0, secret, 0)
  const { rollIndex, seq, ballot, auth } = given
  const statement = { eh: poll.eh, pollKey: poll.key, selections: 1, voterKey, rollIndex, seq, ballot, auth }
  const bytes = encode(CastStatementSchema, statement)
  const point = valid(readPoint(voterKey))
  must(judgeCast(bytes) === null && isValidByReference(poll, point, given) ? true : null, 'both find the ballot valid')
  const fast = ratePerSecond(ms, () => judgeCast(bytes))
  const slow = ratePerSecond(ms, () => isValidByReference(poll, point, given))
  const name = (text: string): string => `ballots, ${options} options: ${text}`
  return [
    { name: name('checked by one core'), unit: '1/s', value: fast, note: `${(fast / slow).toFixed(1)} times the reference` },
    { name: name('checked by the reference'), unit: '1/s', value: slow, note: '@noble/curves, as before ADR 0033' },
    { name: name('sealed by one core'), unit: '1/s', value: ratePerSecond(ms, () => castIn(poll, 0, secret, 0)) },
  ]
}

function ringRows(size: number, ms: number): readonly BenchRow[] {
  const poll = openPoll(2, 'SECRET_ANON')
  const secrets = Array.from({ length: size }, () => createElectionKey())
  const keys = secrets.map(({ key }) => key)
  const { secret } = valid(secrets[0] ?? null)
  const { manifest, eh, key } = poll
  const image = imageOf(eh, secret)
  const ballot = sealBallot({ manifest, eh, key, image, seq: 1 }, [0])
  const { ring } = authoriseAnon({ pollId: manifest.pollId, eh, keys, seq: 1, secret }, ballot)
  const bytes = encode(AnonStatementSchema, { eh, pollKey: key, selections: 1, keys, image, seq: 1, ballot, ring })
  const statement = {
    eh: fromHex(eh),
    keys: keys.map((one) => valid(readPoint(one))),
    message: ringMessage({ image, seq: 1 }, ballot),
  }
  const responses = ring.responses.map((response) => valid(readScalar(response)))
  const signed = { image: valid(readPoint(image)), c0: valid(readScalar(ring.c0)), responses }
  must(judgeAnon(bytes) === null && verifyRing(statement, signed) ? true : null, 'both find the ring valid')
  const fast = ratePerSecond(ms, () => judgeAnon(bytes))
  const note = 'two options, all proofs'
  return [
    { name: `ballots, ring of ${size}: checked by one core`, unit: '1/s', value: fast, note },
    {
      name: `ballots, ring of ${size}: ring alone by the reference`,
      unit: '1/s',
      value: ratePerSecond(ms, () => verifyRing(statement, signed)),
      note: '@noble/curves',
    },
  ]
}

const PROGRESS_EVERY_MS = 5_000

/** Says how far a long piece of work is, every five seconds. */
function progressOf(say: Say, what: string): (done: number, total: number) => void {
  const begun = performance.now()
  let saidAt = begun
  return (done, total) => {
    const now = performance.now()
    if (now - saidAt < PROGRESS_EVERY_MS && done < total) return
    saidAt = now
    say(`${what}: ${done} of ${total}, ${((now - begun) / 1_000).toFixed(0)} s`)
  }
}

/** A whole poll of so many ballots of two options, in memory as an exported bundle is. */
function pollRows(count: number, say: Say): readonly BenchRow[] {
  const poll = openPoll(2)
  const { manifest, eh, key, dealings, secrets, seats } = poll
  const sealing = progressOf(say, 'sealed')
  const made = elapsed(() =>
    Array.from({ length: count }, (_, rollIndex) => {
      const voter = createElectionKey()
      const { seq, ballot, auth } = castIn(poll, rollIndex, voter.secret, rollIndex % 3 === 0 ? 0 : 1)
      sealing(rollIndex + 1, count)
      return { rollIndex, key: voter.key, struck: false, cast: { seq, ballot, auth } }
    }),
  )
  const rows = made.result
  const summed = elapsed(() => rows.reduce((sum, { cast }) => countBallot(sum, cast.ballot, 1), emptyTally(manifest)))
  const tally = summed.result
  const shared = elapsed(() =>
    secrets.slice(0, THRESHOLD).map((secret, i) => ({ trustee: i + 1, share: openingOf({ eh, trustee: i + 1, secret }, tally) })),
  )
  const opened = elapsed(() => openCounts(tally, shared.result, THRESHOLD))
  const rollRoot = rows.reduce((root, voter) => extendRoll(root, voter.key), ZERO_HASH)
  const state = {
    manifest,
    eh,
    office: asAddress('0'.repeat(40)),
    state: 'TALLIED',
    rollCount: count,
    rollRoot,
    removed: [],
  } as const
  const record = { ...state, approval: null, result: null, reasonCode: null, changedAt: 5 }
  const result = resultOf(record, opened.result, count)
  const parts = { tally, key: { key, trustees: seats }, dealings, shares: shared.result, rows, anon: [] }
  const bundle: Bundle = { poll: { ...record, result }, ...parts }
  const verified = elapsed(() => recount(bundle, progressOf(say, 'recounted')))
  must(verified.result.findings.length === 0 && verified.result.ballots === count ? true : null, 'the poll verifies')
  const name = (text: string): string => `ballots, poll of ${count}: ${text}`
  const expected = Math.ceil(count / 3)
  must(opened.result[0] === expected ? true : null, `option 0 has ${expected} votes`)
  return [
    { name: name('adding them up'), unit: 's', value: summed.ms / 1_000, note: 'done ballot by ballot while the poll is open' },
    { name: name('opening: three trustees’ shares and the counts'), unit: 's', value: (shared.ms + opened.ms) / 1_000 },
    {
      name: name('the whole recount'),
      unit: 's',
      value: verified.ms / 1_000,
      note: `one thread, ${opened.result.join(' to ')} votes`,
    },
    { name: name('sealing them'), unit: 's', value: made.ms / 1_000, note: 'one thread in place of so many phones' },
  ]
}

/** Everything; a full run takes about five minutes, most of it for sealing. */
export function runBallotBench(options: { quick?: boolean; say?: Say } = {}): readonly BenchRow[] {
  const { quick = false, say = () => undefined } = options
  const ms = quick ? 300 : 3_000
  const rows: BenchRow[] = []
  for (const count of [2, 5]) {
    say(`${count} options`)
    rows.push(...checkRows(count, ms))
  }
  for (const size of RINGS) {
    say(`ring of ${size}`)
    rows.push(...ringRows(size, ms))
  }
  rows.push(...pollRows(quick ? 100 : 10_000, say))
  return rows
}

if (import.meta.main) {
  const quick = process.argv.includes('--quick')
  printReport(runBallotBench({ quick, say: (text) => void process.stderr.write(`ballots: ${text}\n`) }))
}
