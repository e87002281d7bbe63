// Owns: arithmetic modulo p = 2^255 - 19 on numbers, several times as fast as on bigint: an element is the sum of twelve limbs,
// limb i a multiple of 2^ceil(21.25 i). Every value is an integer that a number holds exactly (below 2^53 limb units),
// so every engine gives the same (ADR 0033). Not in constant time: for public values only. Not here: points (edwards.ts).
import { numberOf, scalarBytes } from './group.ts'

/** An element of the field. Reduced: each limb at most half as wide as its place; a product takes sums of a few reduced ones. */
export type Fe = [number, number, number, number, number, number, number, number, number, number, number, number]

/** The prime 2^255 - 19. */
export const PRIME: bigint = 2n ** 255n - 19n
/** d of the curve -x² + y² = 1 + d x² y². */
export const CURVE_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

function powerOfTwo(exponent: number): number {
  let value = 1
  for (let i = 0; i < exponent; i++) value *= 2
  return value
}

const PLACES: readonly number[] = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255]
/** 2^255 is 19. */
const WRAP = 19 / powerOfTwo(255)
const C0 = 3 * powerOfTwo(73)
const C1 = 3 * powerOfTwo(94)
const C2 = 3 * powerOfTwo(115)
const C3 = 3 * powerOfTwo(136)
const C4 = 3 * powerOfTwo(158)
const C5 = 3 * powerOfTwo(179)
const C6 = 3 * powerOfTwo(200)
const C7 = 3 * powerOfTwo(221)
const C8 = 3 * powerOfTwo(243)
const C9 = 3 * powerOfTwo(264)
const Ca = 3 * powerOfTwo(285)
const Cb = 3 * powerOfTwo(306)

// Too large for a small integer of the engine: a list that begins with such numbers is kept as plain doubles, whatever it holds.
const W = 2 ** 40

/** Zero. */
export function createFe(): Fe {
  const h: Fe = [W, W, W, W, W, W, W, W, W, W, W, W]
  for (let i = 0; i < 12; i++) h[i] = 0
  return h
}

/** The element of a number in 0..2^255-1. */
export function feOf(value: bigint): Fe {
  const h = createFe()
  for (let i = 0; i < 12; i++) {
    const [from, to] = [PLACES[i] as number, PLACES[i + 1] as number]
    h[i] = Number((value >> BigInt(from)) & ((1n << BigInt(to - from)) - 1n)) * powerOfTwo(from)
  }
  carry(h)
  return h
}

/** The number in 0..p-1 that an element stands for. */
export function numberIn(f: Fe): bigint {
  let sum = 0n
  for (let i = 0; i < 12; i++) sum += BigInt(f[i] as number)
  const rest = sum % PRIME
  return rest < 0n ? rest + PRIME : rest
}

/** The 32 bytes of an element, least significant first. */
export function feBytes(f: Fe): Uint8Array {
  return scalarBytes(numberIn(f))
}

/** The element of canonical bytes whose number is even, as encodings of points are; null for others. */
export function readEven(bytes: Uint8Array): Fe | null {
  const value = numberOf(bytes)
  return bytes.length === 32 && value < PRIME && (value & 1n) === 0n ? feOf(value) : null
}

/** Whether the number of an element is odd: "negative" in RFC 9496. */
export function isOdd(f: Fe): boolean {
  return (numberIn(f) & 1n) === 1n
}

/** Whether two elements are the same number. */
export function isSame(f: Fe, g: Fe): boolean {
  const difference = createFe()
  subtract(difference, f, g)
  return numberIn(difference) === 0n
}

/** h = f. */
export function copy(h: Fe, f: Fe): void {
  for (let i = 0; i < 12; i++) h[i] = f[i] as number
}

/** h = f + g, not reduced. */
export function add(h: Fe, f: Fe, g: Fe): void {
  for (let i = 0; i < 12; i++) h[i] = (f[i] as number) + (g[i] as number)
}

/** h = f - g, not reduced. */
export function subtract(h: Fe, f: Fe, g: Fe): void {
  for (let i = 0; i < 12; i++) h[i] = (f[i] as number) - (g[i] as number)
}

/** h = f - g, reduced. */
export function subtractReduced(h: Fe, f: Fe, g: Fe): void {
  subtract(h, f, g)
  carry(h)
}

/** h = -f. */
export function negate(h: Fe, f: Fe): void {
  for (let i = 0; i < 12; i++) h[i] = -(f[i] as number)
}

/** h = f g. Where one factor is a sum of three reduced elements, the other is a sum of two at most. */
export function multiply(h: Fe, f: Fe, g: Fe): void {
  const f0 = f[0]
  const f1 = f[1]
  const f2 = f[2]
  const f3 = f[3]
  const f4 = f[4]
  const f5 = f[5]
  const f6 = f[6]
  const f7 = f[7]
  const f8 = f[8]
  const f9 = f[9]
  const fa = f[10]
  const fb = f[11]
  const g0 = g[0]
  const g1 = g[1]
  const g2 = g[2]
  const g3 = g[3]
  const g4 = g[4]
  const g5 = g[5]
  const g6 = g[6]
  const g7 = g[7]
  const g8 = g[8]
  const g9 = g[9]
  const ga = g[10]
  const gb = g[11]
  const w1 = g1 * WRAP
  const w2 = g2 * WRAP
  const w3 = g3 * WRAP
  const w4 = g4 * WRAP
  const w5 = g5 * WRAP
  const w6 = g6 * WRAP
  const w7 = g7 * WRAP
  const w8 = g8 * WRAP
  const w9 = g9 * WRAP
  const wa = ga * WRAP
  const wb = gb * WRAP
  h[0] = f0 * g0 + f1 * wb + f2 * wa + f3 * w9 + f4 * w8 + f5 * w7 + f6 * w6 + f7 * w5 + f8 * w4 + f9 * w3 + fa * w2 + fb * w1
  h[1] = f0 * g1 + f1 * g0 + f2 * wb + f3 * wa + f4 * w9 + f5 * w8 + f6 * w7 + f7 * w6 + f8 * w5 + f9 * w4 + fa * w3 + fb * w2
  h[2] = f0 * g2 + f1 * g1 + f2 * g0 + f3 * wb + f4 * wa + f5 * w9 + f6 * w8 + f7 * w7 + f8 * w6 + f9 * w5 + fa * w4 + fb * w3
  h[3] = f0 * g3 + f1 * g2 + f2 * g1 + f3 * g0 + f4 * wb + f5 * wa + f6 * w9 + f7 * w8 + f8 * w7 + f9 * w6 + fa * w5 + fb * w4
  h[4] = f0 * g4 + f1 * g3 + f2 * g2 + f3 * g1 + f4 * g0 + f5 * wb + f6 * wa + f7 * w9 + f8 * w8 + f9 * w7 + fa * w6 + fb * w5
  h[5] = f0 * g5 + f1 * g4 + f2 * g3 + f3 * g2 + f4 * g1 + f5 * g0 + f6 * wb + f7 * wa + f8 * w9 + f9 * w8 + fa * w7 + fb * w6
  h[6] = f0 * g6 + f1 * g5 + f2 * g4 + f3 * g3 + f4 * g2 + f5 * g1 + f6 * g0 + f7 * wb + f8 * wa + f9 * w9 + fa * w8 + fb * w7
  h[7] = f0 * g7 + f1 * g6 + f2 * g5 + f3 * g4 + f4 * g3 + f5 * g2 + f6 * g1 + f7 * g0 + f8 * wb + f9 * wa + fa * w9 + fb * w8
  h[8] = f0 * g8 + f1 * g7 + f2 * g6 + f3 * g5 + f4 * g4 + f5 * g3 + f6 * g2 + f7 * g1 + f8 * g0 + f9 * wb + fa * wa + fb * w9
  h[9] = f0 * g9 + f1 * g8 + f2 * g7 + f3 * g6 + f4 * g5 + f5 * g4 + f6 * g3 + f7 * g2 + f8 * g1 + f9 * g0 + fa * wb + fb * wa
  h[10] = f0 * ga + f1 * g9 + f2 * g8 + f3 * g7 + f4 * g6 + f5 * g5 + f6 * g4 + f7 * g3 + f8 * g2 + f9 * g1 + fa * g0 + fb * wb
  h[11] = f0 * gb + f1 * ga + f2 * g9 + f3 * g8 + f4 * g7 + f5 * g6 + f6 * g5 + f7 * g4 + f8 * g3 + f9 * g2 + fa * g1 + fb * g0
  carry(h)
}

/** h = f f, in fewer steps than a product; f is a sum of two reduced elements at most. */
export function square(h: Fe, f: Fe): void {
  const f0 = f[0]
  const f1 = f[1]
  const f2 = f[2]
  const f3 = f[3]
  const f4 = f[4]
  const f5 = f[5]
  const f6 = f[6]
  const f7 = f[7]
  const f8 = f[8]
  const f9 = f[9]
  const fa = f[10]
  const fb = f[11]
  const d0 = f0 + f0
  const d1 = f1 + f1
  const d2 = f2 + f2
  const d3 = f3 + f3
  const d4 = f4 + f4
  const d5 = f5 + f5
  const d6 = f6 + f6
  const d7 = f7 + f7
  const d8 = f8 + f8
  const d9 = f9 + f9
  const da = fa + fa
  const w6 = f6 * WRAP
  const w7 = f7 * WRAP
  const w8 = f8 * WRAP
  const w9 = f9 * WRAP
  const wa = fa * WRAP
  const wb = fb * WRAP
  h[0] = f0 * f0 + d1 * wb + d2 * wa + d3 * w9 + d4 * w8 + d5 * w7 + f6 * w6
  h[1] = d0 * f1 + d2 * wb + d3 * wa + d4 * w9 + d5 * w8 + d6 * w7
  h[2] = d0 * f2 + f1 * f1 + d3 * wb + d4 * wa + d5 * w9 + d6 * w8 + f7 * w7
  h[3] = d0 * f3 + d1 * f2 + d4 * wb + d5 * wa + d6 * w9 + d7 * w8
  h[4] = d0 * f4 + d1 * f3 + f2 * f2 + d5 * wb + d6 * wa + d7 * w9 + f8 * w8
  h[5] = d0 * f5 + d1 * f4 + d2 * f3 + d6 * wb + d7 * wa + d8 * w9
  h[6] = d0 * f6 + d1 * f5 + d2 * f4 + f3 * f3 + d7 * wb + d8 * wa + f9 * w9
  h[7] = d0 * f7 + d1 * f6 + d2 * f5 + d3 * f4 + d8 * wb + d9 * wa
  h[8] = d0 * f8 + d1 * f7 + d2 * f6 + d3 * f5 + f4 * f4 + d9 * wb + fa * wa
  h[9] = d0 * f9 + d1 * f8 + d2 * f7 + d3 * f6 + d4 * f5 + da * wb
  h[10] = d0 * fa + d1 * f9 + d2 * f8 + d3 * f7 + d4 * f6 + f5 * f5 + fb * wb
  h[11] = d0 * fb + d1 * fa + d2 * f9 + d3 * f8 + d4 * f7 + d5 * f6
  carry(h)
}

// Adding and taking away CARRY rounds to what the next limb holds; two chains at once, half around the circle from each other.
function carry(h: Fe): void {
  const c0 = h[0] + C0 - C0
  const c6 = h[6] + C6 - C6
  const s1 = h[1] + c0
  const c1 = s1 + C1 - C1
  const s7 = h[7] + c6
  const c7 = s7 + C7 - C7
  const s2 = h[2] + c1
  const c2 = s2 + C2 - C2
  const s8 = h[8] + c7
  const c8 = s8 + C8 - C8
  const s3 = h[3] + c2
  const c3 = s3 + C3 - C3
  const s9 = h[9] + c8
  const c9 = s9 + C9 - C9
  const s4 = h[4] + c3
  const c4 = s4 + C4 - C4
  const sa = h[10] + c9
  const ca = sa + Ca - Ca
  const s5 = h[5] + c4
  const c5 = s5 + C5 - C5
  const sb = h[11] + ca
  const cb = sb + Cb - Cb
  const s6 = h[6] - c6 + c5
  const s0 = h[0] - c0 + cb * WRAP
  const e6 = s6 + C6 - C6
  const e0 = s0 + C0 - C0
  h[0] = s0 - e0
  h[1] = s1 - c1 + e0
  h[2] = s2 - c2
  h[3] = s3 - c3
  h[4] = s4 - c4
  h[5] = s5 - c5
  h[6] = s6 - e6
  h[7] = s7 - c7 + e6
  h[8] = s8 - c8
  h[9] = s9 - c9
  h[10] = sa - ca
  h[11] = sb - cb
}
