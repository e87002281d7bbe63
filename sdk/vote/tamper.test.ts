// Every byte of a small poll's ballots, proofs, key, shares and counts is changed, one at a time: the recount names what is wrong.
import { describe, expect, it } from 'vitest'
import { CodecError } from '../../core/base/errors.ts'
import type { Json } from '../../core/codec/schema.ts'
import { tallyFinish, tallyStart } from '../../modules/vote/finish.ts'
import { getBundle } from '../../modules/vote/queries.ts'
import { accountOf } from '../../test/room-bench.ts'
import type { RoomBench } from '../../test/room-bench.ts'
import {
  castAnon,
  castSecret,
  codeOf,
  giveShare,
  MINUTE,
  openSecret,
  POLL,
  stranger,
  trusteeSecret,
} from '../../test/vote-bench.ts'
import { readBundle } from './bundle.ts'
import { recount } from './verify.ts'
import type { Verdicts } from './verify.ts'

type Leaf = { readonly path: string; readonly value: Exclude<Json, object> }
const poll = { pollId: POLL }
const ONE = { trustees: [accountOf('v1')], threshold: 1 }

function* leavesOf(json: Json, path: string): Iterable<Leaf> {
  if (json === null || typeof json !== 'object') yield { path, value: json }
  else for (const [name, child] of Object.entries(json)) yield* leavesOf(child as Json, path === '' ? name : `${path}.${name}`)
}

/** Every other value of a leaf that differs in one byte, or by one. */
function* changesOf(value: Leaf['value']): Iterable<Json> {
  if (typeof value === 'boolean') yield !value
  else if (typeof value === 'number') yield value + 1
  else if (typeof value === 'string' && /^0x([0-9a-f]{2})+$/.test(value)) {
    for (let at = 2; at < value.length; at += 2) {
      const byte = Number.parseInt(value.slice(at, at + 2), 16) ^ (1 << ((at / 2) % 8))
      yield `${value.slice(0, at)}${byte.toString(16).padStart(2, '0')}${value.slice(at + 2)}`
    }
  } else if (typeof value === 'string') yield `${value}x`
}

function changed(page: Json, path: string, to: Json): Json {
  const copy = structuredClone(page) as Record<string, Json>
  const names = path.split('.')
  const last = names.pop() as string
  const holder = names.reduce((at, name) => at[name] as Record<string, Json>, copy)
  holder[last] = to
  return copy
}

function finished(city: RoomBench, counts: readonly number[]): Json {
  city.advance(10 * MINUTE)
  city.run(tallyStart, { sender: stranger, payload: poll })
  expect(codeOf(giveShare(city, 1, trusteeSecret(1, [1], 1)))).toBe(null)
  expect(codeOf(city.run(tallyFinish, { sender: stranger, payload: { ...poll, counts } }))).toBe(null)
  return city.ask(getBundle, { ...poll, cursor: null })
}

const read = (page: Json) => readBundle({ format: 'naru-poll-bundle/v1', network: 'devnet', pages: [page] })

/** Paths of changes that the recount does not name where it should, and how many were tried. */
function unnamed(page: Json, named: (path: string) => RegExp | null) {
  const known: Verdicts = new Map()
  expect(recount(read(page), undefined, known).findings).toEqual([])
  const missed: string[] = []
  let tried = 0
  for (const { path, value } of leavesOf(page, '')) {
    const expected = named(path)
    if (expected === null) continue
    for (const to of changesOf(value)) {
      tried += 1
      const found = namesIn(changed(page, path, to), known)
      if (!found.some((where) => expected.test(where))) missed.push(`${path} = ${String(to)}: ${found.join(', ')}`)
    }
  }
  return { missed, tried }
}

// What cannot even be read names its place as well.
function namesIn(page: Json, known: Verdicts): readonly string[] {
  try {
    return recount(read(page), undefined, known).findings.map(({ where }) => where)
  } catch (error) {
    if (error instanceof CodecError) return [error.message]
    throw error
  }
}

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^rows\.(\d)\.(cast|struck)/, '^ballot $1$|rows\\[$1\\]'],
  [/^rows\.\d\.(key|rollIndex)/, '^roll$'],
  [/^tally\./, '^tally$|tally'],
  [/^key\./, '^key$|^trustee \\d$|key'],
  [/^dealings\./, '^trustee \\d$|dealings'],
  [/^shares\.(\d)\./, '^share of trustee|shares'],
  [/^poll\.result\./, '^result$'],
  [/^poll\.(manifest\.|eh$)/, '^manifest$|manifest'],
  [/^poll\.roll(Root|Count)$/, '^roll$'],
]

function nameOf(path: string): RegExp | null {
  const found = NAMES.find(([pattern]) => pattern.test(path))
  return found === undefined ? null : new RegExp(found[1].replace(/\$1/g, found[0].exec(path)?.[1] ?? ''))
}

describe('tampering', () => {
  it('with any byte of a ballot, proof, part of the key, share, sum or count is named', () => {
    const city = openSecret(2, ONE, [1])
    for (const [index, choice] of [0, 1].entries()) expect(codeOf(castSecret(city, index, [choice]))).toBe(null)
    const { missed, tried } = unnamed(finished(city, [1, 1]), nameOf)
    expect(missed).toEqual([])
    expect(tried).toBeGreaterThan(1_500)
  }, 120_000)

  it('with any byte of a ring signature, key image or sequence is named', () => {
    const city = openSecret(5, { ...ONE, mode: 'SECRET_ANON' }, [1])
    expect(codeOf(castAnon(city, 3, [1]))).toBe(null)
    const page = finished(city, [0, 1])
    const { missed, tried } = unnamed(page, (path) =>
      /^anon\.0\.(image|seq|ring)/.test(path) ? /^ballot [0-9a-f]{64}$|anon/ : null,
    )
    expect(missed).toEqual([])
    expect(tried).toBe(32 + 1 + 32 + 5 * 32)
    const twice = changed(page, 'anon', [(page as { anon: Json[] }).anon[0] as Json, (page as { anon: Json[] }).anon[0] as Json])
    expect(namesIn(twice, new Map())).toEqual(expect.arrayContaining([expect.stringMatching(/^ballot /)]))
  }, 60_000)
})
