// Owns: the verdicts of this Node's own node:crypto, for any Node from 16 on: hence plain JavaScript, in one file.
// Not here: the cases and the pre-check, which arrive as JSON on standard input or in the file named first.
import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex')

function judge({ publicKey, message, signature }) {
  try {
    const der = Buffer.concat([SPKI_HEADER, Buffer.from(publicKey, 'hex')])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return verify(null, Buffer.from(message, 'hex'), key, Buffer.from(signature, 'hex'))
  } catch {
    return false
  }
}

const cases = JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8'))
const alone = cases.map(judge)
const differing = cases.filter((one, i) => (one.precheck && alone[i]) !== one.expected)
const sets = {}
for (const [i, { set }] of cases.entries()) {
  sets[set] = (sets[set] ?? 0) + (alone[i] ? 1 : 0)
}
const result = { node: process.version, openssl: process.versions.openssl, cases: cases.length, acceptedAlone: sets }
console.log(JSON.stringify({ ...result, differing: differing.map(({ set, name }) => `${set} ${name}`) }))
process.exitCode = differing.length === 0 ? 0 : 1
