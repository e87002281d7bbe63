// Owns: `naru proof`: saving a proof of a balance, a record or a transaction, and checking one with no network at all.
// Not here: what makes a proof valid (sdk/verify.ts), its file form (sdk/proof-file.ts).
import { writeFileSync } from 'node:fs'
import {
  decodeBalance,
  fetchStateProof,
  fetchTransactionProof,
  formatProof,
  parseAccount,
  readChain,
  STATE_KEYS,
  verifyReceiptBundle,
  verifyStateProof,
  verifyTransactionProof,
} from '../../sdk/index.ts'
import type { Proof, Trust } from '../../sdk/index.ts'
import type { CommandCall, CommandSpec } from '../command.ts'
import { openClient, readProofFile, readTrust, refusedProof } from '../proof-parts.ts'
import { READ_OPTIONS, readerOf } from '../signed-read.ts'
import { dirOf, resolveAccount, TARGET_OPTIONS } from '../target.ts'

const OUT_OPTION = ['--out <file>', 'Where the proof is written (default: stdout)'] as const

function writeProof(call: CommandCall, proof: Proof, about: string): void {
  const text = formatProof(proof)
  const file = call.options['out'] as string | undefined
  if (file === undefined) {
    call.out.result(JSON.parse(text), text.trimEnd())
    return
  }
  writeFileSync(file, text)
  call.out.result({ file, kind: proof.kind }, `${about} written to ${file}; check it with naru proof verify ${file}`)
}

async function runBalance(call: CommandCall): Promise<void> {
  const client = openClient(call)
  const account = resolveAccount(dirOf(call), call.args[0] ?? '')
  const chain = await readChain(client)
  const proof = await fetchStateProof(client, chain, STATE_KEYS.balance(parseAccount(chain, account)))
  writeProof(call, { kind: 'state', ...proof }, `proof of ${call.args[0]}’s balance`)
}

async function runRecord(call: CommandCall): Promise<void> {
  const client = openClient(call)
  const chain = await readChain(client)
  const proof = await fetchStateProof(client, chain, call.args[0] ?? '', await readerOf(call, chain))
  writeProof(call, { kind: 'state', ...proof }, `proof of ${call.args[0]}`)
}

async function runTransaction(call: CommandCall): Promise<void> {
  const client = openClient(call)
  const chain = await readChain(client)
  const proof = await fetchTransactionProof(client, chain, call.args[0] ?? '', await readerOf(call, chain))
  writeProof(call, { kind: 'transaction', ...proof }, `proof of transaction ${call.args[0]}`)
}

function describeTransaction(
  proof: Proof & { kind: 'transaction' | 'receipt' },
  file: string,
  trust: Trust,
): readonly [object, string] {
  const verdict =
    proof.kind === 'receipt' ? verifyReceiptBundle({ from: trust, proof }) : verifyTransactionProof({ trust, proof })
  if (!verdict.ok) throw refusedProof(file, verdict.reason)
  const { receipt, header } = verdict
  const outcome = receipt.code === 0 ? 'succeeded' : `failed with code ${receipt.code}`
  const document = { valid: true, kind: proof.kind, height: header.height, code: receipt.code }
  return [document, `valid: final at height ${header.height}, ${outcome}`]
}

const BALANCE_PREFIX = STATE_KEYS.balance('' as Parameters<typeof STATE_KEYS.balance>[0])

function describeState(proof: Proof & { kind: 'state' }, file: string, trust: Trust): readonly [object, string] {
  const verdict = verifyStateProof({ trust, proof })
  if (!verdict.ok) throw refusedProof(file, verdict.reason)
  const { height, time } = verdict.header
  const { key, value } = proof
  const balance = key.startsWith(BALANCE_PREFIX) ? decodeBalance(value).toString() : null
  const held = value === null ? 'holds nothing' : balance === null ? `holds ${value.length} bytes` : `holds ${balance} won`
  const document = { valid: true, kind: proof.kind, key, present: value !== null, balance, height, time }
  return [document, `valid: at height ${height} (${new Date(time).toISOString()}) ${key} ${held}`]
}

function runVerify(call: CommandCall): void {
  const file = call.args[0] ?? ''
  const proof = readProofFile(file)
  const trust = readTrust(call)
  const shown = proof.kind === 'state' ? describeState(proof, file, trust) : describeTransaction(proof, file, trust)
  call.out.result(...shown)
}

/** Commands of `naru proof`. */
export const proofCommands: readonly CommandSpec[] = [
  {
    path: 'balance <account>',
    about: 'Proof of what an account holds',
    options: [OUT_OPTION, ...TARGET_OPTIONS],
    run: runBalance,
  },
  {
    path: 'record <key>',
    about: 'Proof of any state record, or of its absence',
    options: [OUT_OPTION, ...READ_OPTIONS, ...TARGET_OPTIONS],
    run: runRecord,
  },
  {
    path: 'tx <hash>',
    about: 'Proof of a final transaction and its receipt',
    options: [OUT_OPTION, ...READ_OPTIONS, ...TARGET_OPTIONS],
    run: runTransaction,
  },
  {
    path: 'verify <file>',
    about: 'Check a proof against a genesis document, without any network; exit code 12 when it is refused',
    options: [['--genesis <file>', 'The genesis document that you trust (default: the devnet’s)'], ...TARGET_OPTIONS.slice(1)],
    run: runVerify,
  },
]
