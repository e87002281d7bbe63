// Owns: what always holds over polls (domain.md 10, invariants 14 and 15). Not here: what brings a change about.
import { equalBytes, toHex } from '../../core/base/bytes.ts'
import { ZERO_HASH } from '../../core/base/ids.ts'
import { decodeTrusted, encode } from '../../core/codec/schema.ts'
import { sha256 } from '../../core/crypto/hash.ts'
import type { Store } from '../../core/state/store.ts'
import { countBallot, emptyTally } from './count.ts'
import { extendRoll } from './roll.ts'
import { ManifestSchema, TallySchema } from './schema.ts'
import type { Cast, Poll } from './schema.ts'
import { anonCasts, casts, polls, shares, tallies, voters } from './store.ts'

type Scan = (prefix: string) => Iterable<readonly [string, Uint8Array]>

/** One sentence per breach. */
export function checkVoteInvariants(scan: Scan): readonly string[] {
  const tallyOf = new Map(records(scan, tallies))
  return [...records(scan, polls)].flatMap(([pollId, poll]) => [
    ...checkRoll(scan, pollId, poll),
    ...checkCount(scan, pollId, poll, tallyOf.get(pollId)),
  ])
}

function* checkRoll(scan: Scan, pollId: string, poll: Poll): Iterable<string> {
  if (sha256(encode(ManifestSchema, poll.manifest)) !== poll.eh) yield `poll ${pollId}: the manifest changed`
  let root = ZERO_HASH
  let count = 0
  for (const [, { key }] of records(scan, voters, pollId)) {
    root = extendRoll(root, key)
    count += 1
  }
  if (count !== poll.rollCount || root !== poll.rollRoot) yield `poll ${pollId}: the roll is not what its root says`
}

// Invariant 14: one counted ballot for a voter at most, none of a struck one, and the tally is their sum. Of 15: no result of a
// sealed poll without the threshold's shares.
function* checkCount(
  scan: Scan,
  pollId: string,
  poll: Poll,
  tally: Parameters<typeof countBallot>[0] | undefined,
): Iterable<string> {
  const { manifest, result, state } = poll
  const roll = new Map(records(scan, voters, pollId))
  const ballots = new Map<string, Cast>(records(scan, casts, pollId))
  const cast = [...ballots.keys()]
  if (cast.some((index) => roll.get(index)?.struck === true)) yield `poll ${pollId}: a struck voter's ballot is counted`
  if (cast.some((index) => !roll.has(index))) yield `poll ${pollId}: a ballot of nobody on the roll is counted`
  if (ballots.size > poll.rollCount) yield `poll ${pollId}: more ballots than voters`
  const anon = [...records(scan, anonCasts, pollId)].map(([, record]) => record)
  if (new Set(anon.map(({ image }) => toHex(image))).size < anon.length) yield `poll ${pollId}: a key image is counted twice`
  if (manifest.mode === 'SECRET_ANON' ? ballots.size > 0 : anon.length > 0) yield `poll ${pollId}: a ballot of another mode`
  if (anon.length > poll.rollCount) yield `poll ${pollId}: more key images than voters`
  const counted = [...ballots.values(), ...anon]
  const sum = counted.reduce((before, { ballot }) => countBallot(before, ballot, 1), emptyTally(manifest))
  if (tally === undefined || !equalBytes(encode(TallySchema, sum), encode(TallySchema, tally)))
    yield `poll ${pollId}: the tally is not the sum of the counted ballots`
  const isCounted = state === 'TALLIED' || state === 'CERTIFIED'
  if (isCounted !== (result !== null) && state !== 'VOID') yield `poll ${pollId}: ${state} with a result out of place`
  const given = [...records(scan, shares, pollId)].length
  if (result !== null && manifest.mode !== 'OPEN' && given < manifest.threshold)
    yield `poll ${pollId}: a result that fewer trustees than the threshold opened`
  if (result !== null && result.turnout !== sum.counted) yield `poll ${pollId}: the turnout is not the counted ballots`
}

function* records<K, V>(scan: Scan, store: Store<K, V>, pollId?: string): Iterable<readonly [string, V]> {
  const prefix = pollId === undefined ? `${store.prefix}/` : `${store.prefix}/${pollId}/`
  for (const [key, bytes] of scan(prefix)) yield [key.slice(prefix.length), decodeTrusted(store.schema, bytes)]
}
