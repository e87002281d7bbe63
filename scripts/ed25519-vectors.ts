// Owns: the public Ed25519 test sets in one form, each case with the verdict that the rule of decisions 5 gives it.
// Not here: who judges them (scripts/ed25519-verdicts.ts, test/ed25519-agreement.test.ts).
import { readFileSync } from 'node:fs'
import { fromHex, utf8ToBytes } from '../core/base/bytes.ts'

/** One signature to judge; `expected` comes from what the set says of the case, never from our own code. */
export type SignatureCase = {
  readonly set: string
  readonly name: string
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly expected: boolean
}

type Rfc8032 = { name: string; seed: string; publicKey: string; message: string; signature: string }
type Speccheck = { message: string; pub_key: string; signature: string }
type Wycheproof = {
  testGroups: { publicKey: { pk: string }; tests: { tcId: number; msg: string; sig: string; result: string }[] }[]
}
type Cctv = { flags: string[]; keys: string[]; cases: [key: number, signature: string, message: string, flags: number][] }

function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../test/vectors/ed25519/${name}.json`, import.meta.url), 'utf8')) as T
}

/** The vectors of RFC 8032 7.1 with their seeds. */
export function readRfc8032(): readonly Rfc8032[] {
  return readVectors<Rfc8032[]>('rfc8032')
}

function readRfc8032Cases(): SignatureCase[] {
  return readRfc8032().map(({ name, publicKey, message, signature }) => ({
    set: 'RFC 8032',
    name,
    publicKey: fromHex(publicKey),
    message: fromHex(message),
    signature: fromHex(signature),
    expected: true,
  }))
}

/** Of the twelve only case 3 passes the strict cofactorless rule: the column "LibSodium" of the set's own results. */
function readSpeccheckCases(): SignatureCase[] {
  return readVectors<Speccheck[]>('speccheck').map(({ pub_key, message, signature }, number) => ({
    set: 'speccheck',
    name: `case ${number}`,
    publicKey: fromHex(pub_key),
    message: fromHex(message),
    signature: fromHex(signature),
    expected: number === 3,
  }))
}

function readWycheproofCases(): SignatureCase[] {
  return readVectors<Wycheproof>('wycheproof-ed25519').testGroups.flatMap(({ publicKey, tests }) =>
    tests.map(({ tcId, msg, sig, result }) => ({
      set: 'Wycheproof',
      name: `tcId ${tcId}`,
      publicKey: fromHex(publicKey.pk),
      message: fromHex(msg),
      signature: fromHex(sig),
      expected: result === 'valid',
    })),
  )
}

/** Mixed-order points may stand when they cancel out; every other flag of the set names something that the rule refuses. */
const CCTV_HARMLESS: readonly string[] = ['low_order_component_A', 'low_order_component_R']

function readCctvCases(): SignatureCase[] {
  const { flags, keys, cases } = readVectors<Cctv>('cctv')
  return cases.map(([key, signature, message, mask], number) => ({
    set: 'CCTV',
    name: `number ${number}`,
    publicKey: fromHex(keys[key] ?? ''),
    message: utf8ToBytes(message),
    signature: fromHex(signature),
    expected: flags.every((flag, bit) => (mask & (1 << bit)) === 0 || CCTV_HARMLESS.includes(flag)),
  }))
}

/** Every case of every set, in the order of the table. */
export function readSignatureCases(): SignatureCase[] {
  return [...readRfc8032Cases(), ...readSpeccheckCases(), ...readWycheproofCases(), ...readCctvCases()]
}
