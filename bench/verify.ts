// Owns: Ed25519 rates of one thread: the yardstick of every report. Not here: which signatures are valid (core/crypto).
import { verifyByOpenssl } from '../core/crypto/ed25519-openssl.node.ts'
import { isCanonicalKeyAndSignature, verifyReference } from '../core/crypto/ed25519-rule.ts'
import { createSigner, verifySignature } from '../core/crypto/keys.ts'
import { NATIVE_PARTS } from '../core/crypto/native.node.ts'
import { measureVerifyRate, microsecondsPerCall } from './measure.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

const SAMPLES = 64
const MESSAGE_BYTES = 120

/** Measures each for `ms` milliseconds over 64 different messages of a transfer's size. */
export function runVerifyBench(ms = 1_000): readonly BenchRow[] {
  const signer = createSigner(new Uint8Array(32).fill(7))
  const { publicKey } = signer
  const messages = Array.from({ length: SAMPLES }, (_, i) => new Uint8Array(MESSAGE_BYTES).fill(i))
  const signatures = messages.map((message) => signer.sign(message))
  const rate = (run: (message: Uint8Array, signature: Uint8Array) => unknown, budgetMs: number): number =>
    1e6 / microsecondsPerCall(budgetMs, (i) => run(messages[i % SAMPLES] as Uint8Array, signatures[i % SAMPLES] as Uint8Array))
  const row = (name: string, value: number, note?: string): BenchRow => ({
    name: `verify: ${name}`,
    unit: '1/s',
    value,
    ...(note === undefined ? {} : { note }),
  })
  return [
    row('the strict rule, native', measureVerifyRate(ms), `pre-check and ${NATIVE_PARTS.ed25519}`),
    row(
      'node:crypto',
      rate((message, signature) => verifyByOpenssl(publicKey, message, signature), ms),
    ),
    row(
      'the reference in plain JavaScript',
      rate((message, signature) => verifyReference(publicKey, message, signature), ms),
    ),
    row(
      'the pre-check alone',
      rate((_, signature) => isCanonicalKeyAndSignature(publicKey, signature), ms),
    ),
    row(
      'a wrong signature refused',
      rate((message, signature) => verifySignature({ publicKey, message: message.subarray(1), signature }), ms),
    ),
    row(
      'sign, native',
      rate((message) => signer.sign(message), ms),
    ),
  ]
}

if (import.meta.main) printReport(runVerifyBench())
