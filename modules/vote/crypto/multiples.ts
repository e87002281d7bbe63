// Owns: multiples of points for checking proofs: tables of fixed points, several multiples of one point at once, sums of them
// encoded together. For public scalars only. Not here: secrets (group.ts), what is proved (checks.ts).
import { addTo, copyPoint, createEdwards, createScratch, createSummand, double, toSummand } from './edwards.ts'
import type { Edwards, Scratch, Summand } from './edwards.ts'
import { decodePoint, encodeDoubled } from './encoding.ts'
import { must } from '../../../core/base/assert.ts'
import { negate } from './field.ts'
import { BASE, ORDER } from './group.ts'

/** Bits of one digit of a scalar where no table is kept, and where one is. */
const WIDTH = 4
const TABLE_WIDTH = 6

/** Multiples 1..2^(w-1) of 2^(wi) P for each digit i. */
export type Table = { readonly width: number; readonly rows: readonly (readonly Summand[])[] }

/** A multiple of a point: by its table, or by the point itself. */
export type Term = { readonly scalar: bigint; readonly of: Table | Edwards }

/** Signed digits of a scalar below the order, least first: each from -2^(w-1) to 2^(w-1), of which the last carries on. */
function digitsOf(scalar: bigint, width: number): Int32Array {
  const count = Math.ceil(254 / width) + 1
  const digits = new Int32Array(count)
  const [base, mask] = [1 << width, (1n << BigInt(width)) - 1n]
  let rest = scalar
  let carried = 0
  for (let i = 0; i < count; i++) {
    const digit = Number(rest & mask) + carried
    rest >>= BigInt(width)
    carried = digit > base / 2 ? 1 : 0
    digits[i] = carried === 1 ? digit - base : digit
  }
  return digits
}

/** The table of a point that many proofs name. */
export function tableOf(point: Edwards, width: number = TABLE_WIDTH): Table {
  const scratch = createScratch()
  const step = createEdwards()
  copyPoint(step, point)
  const rows = Array.from({ length: Math.ceil(254 / width) + 1 }, () => {
    const row = [createSummand()]
    toSummand(row[0] as Summand, step)
    const multiple = createEdwards()
    copyPoint(multiple, step)
    for (let m = 2; m <= 1 << (width - 1); m++) {
      addTo(multiple, row[0] as Summand, false, scratch)
      const next = createSummand()
      toSummand(next, multiple)
      row.push(next)
    }
    double(multiple, true, scratch)
    copyPoint(step, multiple)
    return row
  })
  return { width, rows }
}

function once<T>(build: () => T): () => T {
  let built: T | null = null
  return () => {
    built ??= build()
    return built
  }
}

/** The table of G, worked out where it is first asked for. */
export const baseTable: () => Table = once(() => tableOf(must(decodePoint(BASE.toBytes()), 'G is a point')))

/** sum = sum + scalar P, by the table of P. */
function addByTable(sum: Edwards, { width, rows }: Table, scalar: bigint, scratch: Scratch): void {
  for (const [i, digit] of digitsOf(scalar, width).entries()) {
    if (digit !== 0) addTo(sum, rows[i]?.[Math.abs(digit) - 1] as Summand, digit < 0, scratch)
  }
}

type Buckets = { readonly digits: Int32Array; readonly points: readonly Edwards[]; readonly isUsed: boolean[] }

const createBuckets = (scalar: bigint): Buckets => ({
  digits: digitsOf(scalar, WIDTH),
  points: Array.from({ length: 1 << (WIDTH - 1) }, createEdwards),
  isUsed: [],
})

function drop({ points, isUsed }: Buckets, digit: number, { point, summand }: Power, scratch: Scratch): void {
  const at = Math.abs(digit) - 1
  const bucket = points[at] as Edwards
  if (isUsed[at] === true) {
    addTo(bucket, summand, digit < 0, scratch)
    return
  }
  isUsed[at] = true
  copyPoint(bucket, point)
  if (digit > 0) return
  negate(bucket.x, bucket.x)
  negate(bucket.t, bucket.t)
}

type Power = { readonly point: Edwards; readonly summand: Summand }

// Sum of m times bucket m: by running sums from the last bucket down, each added to the total.
function addBuckets(sum: Edwards, { points, isUsed }: Buckets, scratch: Scratch): void {
  const running = createEdwards()
  const summand = createSummand()
  let hasRunning = false
  for (let at = points.length - 1; at >= 0; at--) {
    if (isUsed[at] === true) {
      toSummand(summand, points[at] as Edwards)
      addTo(running, summand, false, scratch)
      hasRunning = true
    }
    if (!hasRunning) continue
    toSummand(summand, running)
    addTo(sum, summand, false, scratch)
  }
}

/** Several multiples of one point, each added to its sum: the doublings are done once for all of them. */
function addMultiples(point: Edwards, parts: readonly { readonly sum: Edwards; readonly scalar: bigint }[]): void {
  const scratch = createScratch()
  const buckets = parts.map(({ scalar }) => createBuckets(scalar))
  const power = { point: createEdwards(), summand: createSummand() }
  copyPoint(power.point, point)
  const last = Math.max(...buckets.map(({ digits }) => digits.findLastIndex((digit) => digit !== 0)))
  for (let i = 0; i <= last; i++) {
    toSummand(power.summand, power.point)
    for (const bucket of buckets) {
      const digit = bucket.digits[i] as number
      if (digit !== 0) drop(bucket, digit, power, scratch)
    }
    for (let bit = WIDTH; bit > 0; bit--) double(power.point, bit === 1, scratch)
  }
  for (const [i, bucket] of buckets.entries()) addBuckets((parts[i] as { sum: Edwards }).sum, bucket, scratch)
}

/** Each sum of terms. Multiples of one and the same point object are worked out together. */
export function sumsOf(sums: readonly (readonly Term[])[]): readonly Edwards[] {
  const scratch = createScratch()
  const totals = sums.map(createEdwards)
  const byPoint = new Map<Edwards, { sum: Edwards; scalar: bigint }[]>()
  for (const [i, terms] of sums.entries()) {
    const sum = totals[i] as Edwards
    for (const { scalar, of } of terms) {
      if ('rows' in of) addByTable(sum, of, scalar, scratch)
      else byPoint.set(of, [...(byPoint.get(of) ?? []), { sum, scalar }])
    }
  }
  for (const [point, parts] of byPoint) addMultiples(point, parts)
  return totals
}

const HALF = (ORDER + 1n) / 2n

/** The canonical bytes of each sum of terms, all encoded together. Scalars are in 0..L-1. */
export function encodeSums(sums: readonly (readonly Term[])[]): readonly Uint8Array[] {
  const halved = sums.map((terms) => terms.map(({ scalar, of }) => ({ scalar: (scalar * HALF) % ORDER, of })))
  return encodeDoubled(sumsOf(halved))
}

/** The sum of points as a new one. */
export function addPoints(points: readonly Edwards[]): Edwards {
  const [sum, summand, scratch] = [createEdwards(), createSummand(), createScratch()]
  for (const point of points) {
    toSummand(summand, point)
    addTo(sum, summand, false, scratch)
  }
  return sum
}
