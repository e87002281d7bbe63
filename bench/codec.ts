// Owns: what encoding, decoding and hashing one transfer cost. Not here: signatures (verify.ts), blocks (execute-block.ts).
import { fromHex, toHex } from '../core/base/bytes.ts'
import { LIMITS } from '../core/base/limits.ts'
import { TxBodySchema, decodeTransaction } from '../core/chain/transaction.ts'
import { decode, decodeTrusted, encode } from '../core/codec/schema.ts'
import { sha256 } from '../core/crypto/hash.ts'
import { WalletSchema } from '../modules/payment/schema.ts'
import { openWallet } from '../modules/payment/wallet.ts'
import { microsecondsPerCall } from './measure.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'
import { buildPayers, signTransfers } from './transfers.ts'

const SAMPLES = 256

/** Measures each step for `ms` milliseconds over 256 different transfers. */
export function runCodecBench(ms = 500): readonly BenchRow[] {
  const accounts = buildPayers(new Uint8Array(32).fill(1), SAMPLES)
  const payers = { genesisHash: '5a'.repeat(32), accounts, nonces: accounts.map(() => 0n) }
  const txs = signTransfers(payers, { first: 0, count: SAMPLES, validUntil: 500 })
  const bodies = txs.map((tx) => encode(TxBodySchema, tx.body))
  const wires = txs.map((tx) => tx.bytes)
  const texts = wires.map(toHex)
  const wallets = accounts.map((_, i) => ({ ...openWallet('004'), balance: BigInt(i) * 1_000_003n, exempt: true }))
  const records = wallets.map((wallet) => encode(WalletSchema, wallet))
  const each =
    <T>(list: readonly T[], run: (item: T) => unknown) =>
    (index: number): unknown =>
      run(list[index % SAMPLES] as T)
  const row = (name: string, run: (index: number) => unknown, note?: string): BenchRow => ({
    name: `codec: ${name}`,
    unit: 'us',
    value: microsecondsPerCall(ms, run),
    ...(note === undefined ? {} : { note }),
  })
  const bodyNote = `${bodies[0]?.length} bytes`
  return [
    row(
      'encode the body of a transfer',
      each(txs, (tx) => encode(TxBodySchema, tx.body)),
      bodyNote,
    ),
    row(
      'decode it, trusted',
      each(bodies, (body) => decodeTrusted(TxBodySchema, body)),
    ),
    row(
      'decode it, strictly',
      each(bodies, (body) => decode(TxBodySchema, body, LIMITS.txBytesMax)),
      'scan, check, re-encode, compare',
    ),
    row(
      'a whole transaction from bytes, strictly',
      each(wires, decodeTransaction),
      `${wires[0]?.length} bytes, with id and hashes`,
    ),
    row('the bytes of a transaction from hex', each(texts, fromHex)),
    row('hash a transaction', each(wires, sha256)),
    row(
      'encode a wallet record',
      each(wallets, (wallet) => encode(WalletSchema, wallet)),
      `${records[0]?.length} bytes`,
    ),
    row(
      'decode a wallet record, trusted',
      each(records, (record) => decodeTrusted(WalletSchema, record)),
    ),
  ]
}

if (import.meta.main) printReport(runCodecBench())
