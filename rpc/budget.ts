// Owns: what each remote address may still spend: a bucket that fills with time. Not here: prices (each method's cost).
import type { RpcLimits } from './limits.ts'

/** Takes a cost from a remote's bucket: null when it was there, else the ms after which it will be. */
export type Spend = (remote: string, cost: number) => number | null

/** Addresses remembered; beyond them full buckets are forgotten first. */
const REMOTES_MAX = 10_000

type Bucket = { left: number; atMs: number }

function forgetFull(buckets: Map<string, Bucket>, fullAfterMs: number, nowMs: number): void {
  for (const [remote, { atMs }] of buckets) if (nowMs - atMs >= fullAfterMs) buckets.delete(remote)
  const oldest = buckets.keys().next().value
  if (buckets.size >= REMOTES_MAX && oldest !== undefined) buckets.delete(oldest)
}

/** Buckets by the listener's limits; costPerSecond 0 lets everything pass. */
export function createBudget(limits: Pick<RpcLimits, 'costPerSecond' | 'costBurst'>, nowMs: () => number): Spend {
  const rate = limits.costPerSecond
  const burst = limits.costBurst === 0 ? rate : limits.costBurst
  const buckets = new Map<string, Bucket>()
  if (rate === 0) return () => null
  return (remote, cost) => {
    const now = nowMs()
    if (buckets.size >= REMOTES_MAX && !buckets.has(remote)) forgetFull(buckets, (burst / rate) * 1_000, now)
    const bucket = buckets.get(remote) ?? { left: burst, atMs: now }
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.atMs) / 1_000) * rate)
    bucket.atMs = now
    buckets.set(remote, bucket)
    // A call dearer than the whole bucket passes when the bucket is full.
    const price = Math.min(cost, burst)
    if (bucket.left < price) return Math.ceil(((price - bucket.left) / rate) * 1_000)
    bucket.left -= price
    return null
  }
}
