// Owns: points of the group on the field of numbers: adding, doubling, comparing. For public values only.
// Not here: their bytes (encoding.ts), multiples (multiples.ts), secrets and the reference (group.ts).
import {
  add,
  copy,
  createFe,
  CURVE_D,
  feOf,
  isSame,
  multiply,
  negate,
  PRIME,
  square,
  subtract,
  subtractReduced,
} from './field.ts'
import type { Fe } from './field.ts'

/** A point in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z. Written to in place by who created it, then only read. */
export type Edwards = { readonly x: Fe; readonly y: Fe; readonly z: Fe; readonly t: Fe }
/** A point as a summand: Y + X, Y - X, 2Z, 2dT. */
export type Summand = { readonly plus: Fe; readonly minus: Fe; readonly z2: Fe; readonly t2d: Fe }

const FE_2D = feOf((2n * CURVE_D) % PRIME)

/** The identity, to be written to. */
export function createEdwards(): Edwards {
  const point = { x: createFe(), y: createFe(), z: createFe(), t: createFe() }
  point.y[0] = 1
  point.z[0] = 1
  return point
}

/** A summand to be written to. */
export function createSummand(): Summand {
  return { plus: createFe(), minus: createFe(), z2: createFe(), t2d: createFe() }
}

/** to = from. */
export function copyPoint(to: Edwards, from: Edwards): void {
  copy(to.x, from.x)
  copy(to.y, from.y)
  copy(to.z, from.z)
  copy(to.t, from.t)
}

/** to = the summand of a point. */
export function toSummand(to: Summand, { x, y, z, t }: Edwards): void {
  add(to.plus, y, x)
  subtract(to.minus, y, x)
  add(to.z2, z, z)
  multiply(to.t2d, t, FE_2D)
}

/** Room for what adding and doubling work out on the way. */
export type Scratch = { readonly a: Fe; readonly b: Fe; readonly c: Fe; readonly d: Fe; readonly e: Fe }

/** Scratch room. */
export function createScratch(): Scratch {
  return { a: createFe(), b: createFe(), c: createFe(), d: createFe(), e: createFe() }
}

/** p = p + s, or p - s: complete, whatever the two are. */
export function addTo(p: Edwards, s: Summand, isMinus: boolean, { a, b, c, d, e }: Scratch): void {
  subtract(e, p.y, p.x)
  multiply(a, e, isMinus ? s.plus : s.minus)
  add(e, p.y, p.x)
  multiply(b, e, isMinus ? s.minus : s.plus)
  multiply(c, p.t, s.t2d)
  multiply(d, p.z, s.z2)
  subtract(e, b, a)
  add(b, b, a)
  if (isMinus) negate(c, c)
  subtract(a, d, c)
  add(d, d, c)
  multiply(p.x, e, a)
  multiply(p.y, d, b)
  multiply(p.t, e, b)
  multiply(p.z, a, d)
}

/** p = 2p; T is left out where another doubling follows, which does not read it. */
export function double(p: Edwards, needsT: boolean, { a, b, c, d, e }: Scratch): void {
  square(a, p.x)
  square(b, p.y)
  square(c, p.z)
  add(c, c, c)
  add(d, p.x, p.y)
  square(e, d)
  subtract(e, e, a)
  subtract(e, e, b)
  subtract(d, b, a)
  add(b, a, b)
  negate(b, b)
  subtractReduced(a, d, c)
  multiply(p.x, e, a)
  multiply(p.y, d, b)
  multiply(p.z, a, d)
  if (needsT) multiply(p.t, e, b)
}

/** Whether two points are the same of the group. */
export function isSamePoint(p: Edwards, q: Edwards): boolean {
  const [a, b] = [createFe(), createFe()]
  multiply(a, p.x, q.y)
  multiply(b, p.y, q.x)
  if (isSame(a, b)) return true
  multiply(a, p.y, q.y)
  multiply(b, p.x, q.x)
  return isSame(a, b)
}
