// Owns: canonical bytes of points by RFC 9496, and of many doubled points at once. For public values only.
// Not here: arithmetic of points (edwards.ts).
import { createEdwards } from './edwards.ts'
import type { Edwards } from './edwards.ts'
import {
  add,
  copy,
  createFe,
  CURVE_D,
  feBytes,
  feOf,
  isOdd,
  multiply,
  negate,
  PRIME,
  readEven,
  square,
  subtract,
  subtractReduced,
  numberIn,
} from './field.ts'
import type { Fe } from './field.ts'

const ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n
const SQRT_M1 = feOf(ROOT_OF_MINUS_ONE)
const INVSQRT_A_MINUS_D = feOf(54469307008909316920995813868745141605393597292927456921205312896311721017578n)
const FE_D = feOf(CURVE_D)
const ONE = feOf(1n)

function squareTimes(h: Fe, f: Fe, times: number): void {
  square(h, f)
  for (let i = 1; i < times; i++) square(h, h)
}

// f^(2^250 - 1) and f^11: what roots and inverses share.
function longPower(f: Fe): { readonly long: Fe; readonly eleventh: Fe } {
  const [a, b, eleventh, d, e, long] = [createFe(), createFe(), createFe(), createFe(), createFe(), createFe()]
  square(a, f)
  squareTimes(b, a, 2)
  multiply(b, f, b)
  multiply(eleventh, a, b)
  square(a, eleventh)
  multiply(b, b, a)
  squareTimes(a, b, 5)
  multiply(b, a, b)
  squareTimes(a, b, 10)
  multiply(a, a, b)
  squareTimes(d, a, 20)
  multiply(a, d, a)
  squareTimes(a, a, 10)
  multiply(b, a, b)
  squareTimes(a, b, 50)
  multiply(a, a, b)
  squareTimes(e, a, 100)
  multiply(a, e, a)
  squareTimes(a, a, 50)
  multiply(long, a, b)
  return { long, eleventh }
}

// 1/f; 0 for 0.
function invertFe(f: Fe): Fe {
  const { long, eleventh } = longPower(f)
  const h = createFe()
  squareTimes(h, long, 5)
  multiply(h, h, eleventh)
  return h
}

// 1/sqrt(v), the even one, and whether v is a square (RFC 9496, 4.2 with u = 1).
function invertRoot(v: Fe): { readonly root: Fe; readonly isSquare: boolean } {
  const [cube, root, check] = [createFe(), createFe(), createFe()]
  square(cube, v)
  multiply(cube, cube, v)
  square(root, cube)
  multiply(root, root, v)
  const { long } = longPower(root)
  const seventh = createFe()
  copy(seventh, root)
  squareTimes(root, long, 2)
  multiply(root, root, seventh)
  multiply(root, root, cube)
  square(check, root)
  multiply(check, check, v)
  const value = numberIn(check)
  const minusOne = PRIME - 1n
  const minusRoot = PRIME - ROOT_OF_MINUS_ONE
  if (value === minusOne || value === minusRoot) multiply(root, root, SQRT_M1)
  if (isOdd(root)) negate(root, root)
  return { root, isSquare: value === 1n || value === minusOne }
}

/** The point of its canonical 32 bytes, the identity included; null for anything else. */
export function decodePoint(bytes: Uint8Array): Edwards | null {
  const s = readEven(bytes)
  if (s === null) return null
  const [ss, u1, u2, u2s, v, denY] = [createFe(), createFe(), createFe(), createFe(), createFe(), createFe()]
  square(ss, s)
  subtract(u1, ONE, ss)
  add(u2, ONE, ss)
  square(u2s, u2)
  square(v, u1)
  multiply(v, v, FE_D)
  add(v, v, u2s)
  negate(v, v)
  const product = createFe()
  multiply(product, v, u2s)
  const { root, isSquare } = invertRoot(product)
  const point = createEdwards()
  const { x, y, t } = point
  multiply(x, root, u2)
  multiply(denY, root, x)
  multiply(denY, denY, v)
  multiply(x, s, x)
  add(x, x, x)
  multiply(x, x, ONE)
  if (isOdd(x)) negate(x, x)
  multiply(y, u1, denY)
  multiply(t, x, y)
  return !isSquare || isOdd(t) || numberIn(y) === 0n ? null : point
}

/** The canonical bytes of a point. */
export function encodePoint({ x, y, z, t }: Edwards): Uint8Array {
  const [u1, u2, work, den1, den2, zInv] = [createFe(), createFe(), createFe(), createFe(), createFe(), createFe()]
  add(u1, z, y)
  subtract(u2, z, y)
  multiply(u1, u1, u2)
  multiply(u2, x, y)
  square(work, u2)
  multiply(work, work, u1)
  const { root } = invertRoot(work)
  multiply(den1, root, u1)
  multiply(den2, root, u2)
  multiply(zInv, den1, den2)
  multiply(zInv, zInv, t)
  multiply(work, t, zInv)
  const isRotated = isOdd(work)
  const [left, up] = [createFe(), createFe()]
  if (isRotated) {
    multiply(left, y, SQRT_M1)
    multiply(up, x, SQRT_M1)
    multiply(den2, den1, INVSQRT_A_MINUS_D)
  } else {
    copy(left, x)
    copy(up, y)
  }
  multiply(work, left, zInv)
  if (isOdd(work)) negate(up, up)
  subtract(work, z, up)
  multiply(work, work, den2)
  if (isOdd(work)) negate(work, work)
  return feBytes(work)
}

// The doubled point is X = EH, Y = FG, Z = FH, T = EG with E = 2XY, F = ZZ + dTT, G = YY + XX, H = ZZ - dTT; its encoding takes
// no root, since what would stand under it is a square that is known (curve25519-dalek, double_and_compress_batch).
function halfOf({ x, y, z, t }: Edwards) {
  const [e, f, g, h, eg, fh, dt] = [createFe(), createFe(), createFe(), createFe(), createFe(), createFe(), createFe()]
  multiply(e, x, y)
  add(e, e, e)
  square(h, z)
  square(dt, t)
  multiply(dt, dt, FE_D)
  add(f, h, dt)
  subtract(h, h, dt)
  square(g, y)
  square(eg, x)
  add(g, g, eg)
  multiply(eg, e, g)
  multiply(fh, f, h)
  return { e, f, g, h, eg, fh }
}

/** The canonical bytes of twice each point: one inversion for all, where each by itself would take a root. */
export function encodeDoubled(points: readonly Edwards[]): readonly Uint8Array[] {
  const halves = points.map(halfOf)
  const products = halves.map(({ eg, fh }) => {
    const product = createFe()
    multiply(product, eg, fh)
    return product
  })
  return invertAll(products).map((inverse, i) => encodeHalf(halves[i] as ReturnType<typeof halfOf>, inverse))
}

// Montgomery's trick; what is zero stays zero.
function invertAll(values: readonly Fe[]): readonly Fe[] {
  const isZero = values.map((value) => numberIn(value) === 0n)
  const before: Fe[] = []
  const running = feOf(1n)
  for (const [i, value] of values.entries()) {
    const kept = createFe()
    copy(kept, running)
    before.push(kept)
    if (isZero[i] !== true) multiply(running, running, value)
  }
  const rest = invertFe(running)
  const inverses = values.map(createFe)
  for (let i = values.length - 1; i >= 0; i--) {
    if (isZero[i] === true) continue
    multiply(inverses[i] as Fe, rest, before[i] as Fe)
    multiply(rest, rest, values[i] as Fe)
  }
  return inverses
}

function encodeHalf({ e, f, g, h, eg, fh }: ReturnType<typeof halfOf>, inverse: Fe): Uint8Array {
  const [zInv, tInv, work, magic] = [createFe(), createFe(), createFe(), createFe()]
  multiply(zInv, eg, inverse)
  multiply(tInv, fh, inverse)
  multiply(work, eg, zInv)
  const isRotated = isOdd(work)
  const [left, down, right] = [createFe(), createFe(), createFe()]
  copy(left, isRotated ? g : e)
  if (isRotated) negate(down, e)
  else copy(down, g)
  if (isRotated) multiply(right, f, SQRT_M1)
  else copy(right, h)
  copy(magic, isRotated ? SQRT_M1 : INVSQRT_A_MINUS_D)
  multiply(work, right, left)
  multiply(work, work, zInv)
  if (isOdd(work)) negate(down, down)
  multiply(tInv, down, tInv)
  multiply(magic, magic, tInv)
  subtractReduced(work, right, down)
  multiply(work, work, magic)
  if (isOdd(work)) negate(work, work)
  return feBytes(work)
}
