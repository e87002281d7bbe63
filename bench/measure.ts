// Owns: how a piece of work is timed, and what is known of the machine it ran on. Not here: any particular work.
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { createSigner, verifySignature } from '../core/crypto/keys.ts'
import type { Machine } from './report.ts'

/** Says on stderr where a run is; stdout belongs to the report. */
export type Say = (text: string) => void

/** Milliseconds that a call took, and what it gave. */
export function elapsed<T>(run: () => T): { readonly ms: number; readonly result: T } {
  const start = performance.now()
  const result = run()
  return { ms: performance.now() - start, result }
}

/** Microseconds per call: the best of five equal parts of `ms` milliseconds, after a warm-up, since noise only ever adds. */
export function microsecondsPerCall(ms: number, run: (index: number) => unknown): number {
  let index = 0
  const runFor = (budgetMs: number): number => {
    const start = performance.now()
    let calls = 0
    let spent = 0
    while (spent < budgetMs) {
      for (let i = 0; i < 64; i++) run(index++)
      calls += 64
      spent = performance.now() - start
    }
    return (spent * 1_000) / calls
  }
  runFor(ms / 5)
  return Math.min(...Array.from({ length: 5 }, () => runFor(ms / 5)))
}

/** The value below which `share` of the sorted values lie; 0 for none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Signatures of a transfer's size that one thread verifies per second, by the strict rule with the native library. */
export function measureVerifyRate(ms: number): number {
  const signer = createSigner(new Uint8Array(32).fill(7))
  const claims = Array.from({ length: 64 }, (_, i) => {
    const message = new Uint8Array(120).fill(i)
    return { publicKey: signer.publicKey, message, signature: signer.sign(message) }
  })
  return 1e6 / microsecondsPerCall(ms, (i) => verifySignature(claims[i % 64] as (typeof claims)[number]))
}

/** The machine as the operating system names it, with its verify rate of this moment. */
export function readMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release().split('-')[0] ?? ''}`,
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    verifyPerSecond: measureVerifyRate(1_500),
  }
}
