// Owns: recounting a poll from chain data alone: roll, key, ballots, sums, shares, counts. Not here: fetching it (bundle.ts).
import { fromHex, toHex, u32ToBytes } from '../../core/base/bytes.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { encode } from '../../core/codec/schema.ts'
import { hashFields, sha256 } from '../../core/crypto/hash.ts'
import type { Ballot } from '../../modules/vote/ballot-schema.ts'
import { countBallot, emptyTally, resultOf } from '../../modules/vote/count.ts'
import { pollKey, verificationKey } from '../../modules/vote/crypto/feldman.ts'
import type { Point } from '../../modules/vote/crypto/group.ts'
import { AnonStatementSchema, CastStatementSchema, judgeAnon, judgeCast } from '../../modules/vote/judge.ts'
import { hasShape } from '../../modules/vote/place.ts'
import { DealingSchema, ShareSchema } from '../../modules/vote/key-schema.ts'
import { extendRoll } from '../../modules/vote/roll.ts'
import { ManifestSchema, ResultSchema, TallySchema } from '../../modules/vote/schema.ts'
import type { Tally } from '../../modules/vote/schema.ts'
import { badShare, wrongCount } from '../../modules/vote/share.ts'
import { isPartOfKey, readCommitments } from '../../modules/vote/trustee.ts'
import type { Bundle } from './bundle.ts'

/** Something that does not verify: where, and what is wrong. */
export type Finding = { readonly where: string; readonly what: string }

/** What a recount found; `findings` empty means that everything verifies. `counts` is null where nothing is stated yet. */
export type Recount = {
  readonly findings: readonly Finding[]
  readonly ballots: number
  readonly counts: readonly number[] | null
}

/** Called as ballots are checked, for showing how far a long recount is. */
export type Progress = (done: number, total: number) => void

const finding = (where: string, what: string): Finding => ({ where, what })
const isSame = (a: Uint8Array, b: Uint8Array): boolean => toHex(a) === toHex(b)

/** Verdicts on ballots by the hash of all that each depends on, out of an earlier recount or of other threads. */
export type Verdicts = Map<string, string | null>

/** Recomputes everything that a bundle claims; what is in `verdicts` is not checked again, what is not is put there. */
export function recount(bundle: Bundle, progress: Progress = () => undefined, verdicts: Verdicts = new Map()): Recount {
  const { poll, tally } = bundle
  const findings = [...checkManifest(bundle), ...checkRoll(bundle), ...checkKey(bundle, verdicts)]
  const total = bundle.rows.length + bundle.anon.length
  let sum = emptyTally(poll.manifest)
  const take = (where: string, ballot: Ballot, what: string | null): void => {
    if (what === null) sum = countBallot(sum, ballot, 1)
    else findings.push(finding(where, what))
  }
  for (const [done, row] of bundle.rows.entries()) {
    if (row.cast !== null) take(`ballot ${row.rollIndex}`, row.cast.ballot, checkBallot(bundle, row, verdicts))
    progress(done + 1, total)
  }
  const seen = new Set<string>()
  for (const [done, given] of bundle.anon.entries()) {
    const image = toHex(given.image)
    take(`ballot ${image}`, given.ballot, seen.has(image) ? 'is the second of its key image' : checkAnon(bundle, given, verdicts))
    seen.add(image)
    progress(bundle.rows.length + done + 1, total)
  }
  if (!isSame(encode(TallySchema, sum), encode(TallySchema, tally)))
    findings.push(finding('tally', 'is not the sum of the ballots that verify'))
  findings.push(...checkOpening(bundle, sum, verdicts))
  return { findings, ballots: sum.counted, counts: poll.result?.counts ?? null }
}

function checkManifest({ poll }: Bundle): readonly Finding[] {
  return sha256(encode(ManifestSchema, poll.manifest)) === poll.eh ? [] : [finding('manifest', 'does not hash to eh')]
}

function checkRoll({ poll, rows }: Bundle): readonly Finding[] {
  const isOrdered = rows.every((row, i) => row.rollIndex === i)
  const root = rows.reduce((before, { key }) => extendRoll(before, key), ZERO_HASH)
  if (!isOrdered || rows.length !== poll.rollCount) return [finding('roll', `has ${rows.length} voters, not ${poll.rollCount}`)]
  if (root !== poll.rollRoot) return [finding('roll', 'does not chain to rollRoot')]
  // Dishonest validators could have let one key vote under two numbers.
  return new Set(rows.map(({ key }) => toHex(key))).size === rows.length ? [] : [finding('roll', 'has a key twice')]
}

// Y and each V_j out of the commitments of the trustees that are left, and each trustee's proof.
function checkKey({ poll, key, dealings }: Bundle, verdicts: Verdicts): readonly Finding[] {
  if (poll.manifest.mode === 'OPEN' || key === null) return []
  const parts: (readonly Point[])[] = []
  for (const { trustee } of key.trustees) {
    const dealing = dealings.find((dealt) => dealt.trustee === trustee)?.dealing
    const points = dealing === undefined ? null : readCommitments(dealing.commitments)
    const { eh, manifest } = poll
    const isPart = (): boolean => dealing !== undefined && isPartOfKey({ eh, trustee, threshold: manifest.threshold }, dealing)
    const said = dealing === undefined ? [] : [fromHex(eh), encode(DealingSchema, dealing)]
    const verdict = judgeOnce(verdicts, [`dealing ${trustee} ${manifest.threshold}`, ...said], () => (isPart() ? null : 'bad'))
    if (points === null || verdict !== null) return [finding(`trustee ${trustee}`, 'its part of the key does not verify')]
    parts.push(points)
  }
  if (new Set(key.trustees.map(({ trustee }) => trustee)).size < parts.length) return [finding('key', 'has a trustee twice')]
  if (parts.length < poll.manifest.threshold) return [finding('key', 'fewer trustees than the threshold')]
  const wrong = key.trustees.filter(({ trustee, key: held }) => !isSame(verificationKey(parts, trustee).toBytes(), held))
  const isKey = isSame(pollKey(parts).toBytes(), key.key)
  return [
    ...(isKey ? [] : [finding('key', 'is not the sum of the trustees’ parts')]),
    ...wrong.map(({ trustee }) => finding(`trustee ${trustee}`, 'its verification key does not follow from the commitments')),
  ]
}

function checkBallot({ poll, key }: Bundle, row: Bundle['rows'][number], verdicts: Verdicts): string | null {
  const { rollIndex, cast, struck } = row
  if (cast === null) return null
  const { seq, ballot, auth } = cast
  if (struck) return 'is counted though its voter is struck'
  if (!hasShape(poll.manifest, ballot)) return 'is no ballot of this poll'
  if (poll.manifest.mode === 'SECRET_ANON') return 'stands under a number in a poll that hides who took part'
  if (ballot.kind === 'secret' && key === null) return 'is sealed, and the poll has no key'
  const { eh, manifest } = poll
  const place = { eh, rollIndex, seq, pollKey: ballot.kind === 'open' ? null : (key?.key ?? null), selections: manifest.maxSel }
  const statement = encode(CastStatementSchema, { ...place, voterKey: row.key, ballot, auth })
  return explain(judgeOnce(verdicts, ['cast', statement], () => judgeCast(statement)))
}

const asText = (option: number | null): string | null => (option === null ? null : String(option))

// What a verdict depends on, whole: its kind and everything that is looked at.
function judgeOnce(verdicts: Verdicts, of: readonly [string, ...Uint8Array[]], judge: () => string | null): string | null {
  const [kind, ...parts] = of
  const id = hashFields(`naru/vote-verdict/v1/${kind}`, ...parts)
  const known = verdicts.get(id)
  if (known !== undefined) return known
  const verdict = judge()
  verdicts.set(id, verdict)
  return verdict
}

const explain = (proof: string | null): string | null =>
  proof === null ? null : proof === 'auth' ? 'is not authorised by its voter’s key' : `its proof of ${proof} does not verify`

function checkAnon({ poll, key, rows }: Bundle, given: Bundle['anon'][number], verdicts: Verdicts): string | null {
  const { image, seq, ballot, ring } = given
  const { eh, manifest } = poll
  if (manifest.mode !== 'SECRET_ANON' || !hasShape(manifest, ballot)) return 'is no ballot of this poll'
  if (key === null) return 'is sealed, and the poll has no key'
  const place = { eh, pollKey: key.key, selections: manifest.maxSel, keys: rows.map((row) => row.key) }
  const statement = encode(AnonStatementSchema, { ...place, image, seq, ballot, ring })
  return explain(judgeOnce(verdicts, ['anon', statement], () => judgeAnon(statement)))
}

// What the trustees opened, against the sums that this recount made itself.
function checkOpening({ poll, key, shares }: Bundle, sum: Tally, verdicts: Verdicts): readonly Finding[] {
  const { result, manifest, eh } = poll
  const sums = encode(TallySchema, sum)
  const bad = shares.flatMap(({ trustee, share }) => {
    const seat = key?.trustees.find((held) => held.trustee === trustee)
    if (seat === undefined) return [{ trustee, option: 'any' }]
    const said = [fromHex(eh), seat.key, sums, encode(ShareSchema, share)]
    const option = judgeOnce(verdicts, [`share ${trustee}`, ...said], () =>
      asText(badShare({ eh, trustee, key: seat.key }, sum.sums, share)),
    )
    return option === null ? [] : [{ trustee, option }]
  })
  const found = bad.map(({ trustee, option }) => finding(`share of trustee ${trustee}`, `does not verify for option ${option}`))
  if (result === null) return found
  const expected = resultOf(poll, result.counts, sum.counted)
  if (!isSame(encode(ResultSchema, result), encode(ResultSchema, expected)))
    found.push(finding('result', `turnout ${sum.counted} or the quorum is stated wrongly`))
  const good = shares.filter(({ trustee }) => !bad.some((given) => given.trustee === trustee)).slice(0, manifest.threshold)
  if (manifest.mode !== 'OPEN' && good.length < manifest.threshold)
    return [...found, finding('result', 'fewer shares that verify than the threshold')]
  const opened = good.flatMap(({ trustee, share }) => [u32ToBytes(trustee), encode(ShareSchema, share)])
  const wrong =
    manifest.mode === 'OPEN'
      ? manifest.options.findIndex((_, option) => sum.counts[option] !== result.counts[option])
      : Number(
          judgeOnce(verdicts, ['opening', sums, encode(ResultSchema, result), ...opened], () =>
            asText(wrongCount(sum.sums, good, result.counts)),
          ) ?? -1,
        )
  if (wrong !== -1) found.push(finding('result', `the count of option ${wrong} is not what the ballots hold`))
  return found
}
