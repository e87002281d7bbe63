// Owns: what a light client costs: bytes of a receipt and microseconds per header and per change of the set.
// Not here: what makes them valid (sdk/epochs.ts), rates of a single signature (verify.ts).
import { BLOCK_VERSION, blockIdOf, evidenceHash, HeaderSchema } from '../core/chain/block.ts'
import type { Header } from '../core/chain/block.ts'
import { buildCertificate, CertificateSchema } from '../core/chain/certificate.ts'
import type { Certificate } from '../core/chain/certificate.ts'
import { SetChangeSchema } from '../core/chain/set-change.ts'
import { buildValidatorSet } from '../core/chain/validator-set.ts'
import { consensusSigningBytes } from '../core/chain/vote.ts'
import { encode } from '../core/codec/schema.ts'
import { asAddress, ZERO_HASH } from '../core/base/ids.ts'
import { createSigner } from '../core/crypto/keys.ts'
import { beginAtGenesis, checkHeader, followChange } from '../sdk/epochs.ts'
import { microsecondsPerCall } from './measure.ts'
import { printReport } from './report.ts'
import type { BenchRow } from './report.ts'

const CHAIN_ID = 'naru-bench-1'
const SETS = [4, 30] as const

function membersOf(count: number, shift: number) {
  return Array.from({ length: count }, (_, i) => {
    const signer = createSigner(new Uint8Array(32).fill(i + 1 + shift))
    const authority = asAddress((i + 1 + shift).toString(16).padStart(40, '0'))
    const name = `validator-${i + shift}`
    const peerId = `12D3KooW${'x'.repeat(44)}`
    return {
      signer,
      validator: { authority, publicKey: signer.publicKey, name, peerId, addresses: ['/dns4/v1.example/tcp/26656'] },
    }
  })
}

function headerOf(
  height: number,
  validatorsHash: Header['validatorsHash'],
  nextValidatorsHash: Header['validatorsHash'],
): Header {
  return {
    version: BLOCK_VERSION,
    chainId: CHAIN_ID,
    height,
    time: 1_795_424_400_000 + height,
    parentId: ZERO_HASH,
    lastCommitHash: ZERO_HASH,
    txRoot: ZERO_HASH,
    receiptsRoot: ZERO_HASH,
    stateRoot: ZERO_HASH,
    validatorsHash,
    nextValidatorsHash,
    paramsHash: ZERO_HASH,
    evidenceHash: evidenceHash([]),
    recoveryHash: null,
    proposer: asAddress('01'.padStart(40, '0')),
    txCount: 1_000,
    bodyBytes: 300_000,
  }
}

/** Rows of one size of set; a quorum signs, as in the certificate of a block that waited for nobody. */
function runSet(count: number, ms: number): readonly BenchRow[] {
  const members = membersOf(count, 0)
  const set = buildValidatorSet(members.map(({ validator }) => validator))
  const next = buildValidatorSet(membersOf(count, 1).map(({ validator }) => validator))
  const certify = (header: Header): Certificate => {
    const content = { height: header.height, round: 0, blockId: blockIdOf(header), validRound: -1 }
    const message = consensusSigningBytes(CHAIN_ID, 'precommit', content)
    const votes = members.slice(0, set.quorum).map(({ signer, validator }) => {
      return { type: 'precommit' as const, validator: validator.authority, signature: signer.sign(message), ...content }
    })
    return buildCertificate(set, votes)
  }
  const header = headerOf(1_000, set.hash, set.hash)
  const commit = certify(header)
  const changing = headerOf(2_000, set.hash, next.hash)
  const change = { header: changing, certificate: certify(changing), validators: next.validators, recovery: null }
  const chain = beginAtGenesis({ chainId: CHAIN_ID, genesisHash: ZERO_HASH, set }, 0)
  const row = (name: string, unit: string, value: number): BenchRow => ({
    name: `light, ${count} validators: ${name}`,
    unit,
    value,
  })
  return [
    row('header', 'B', encode(HeaderSchema, header).length),
    row('certificate of a quorum', 'B', encode(CertificateSchema, commit).length),
    row('change of the set', 'B', encode(SetChangeSchema, change).length),
    row(
      'verify a header',
      'us',
      microsecondsPerCall(ms, () => checkHeader(chain, header, commit)),
    ),
    row(
      'follow a change',
      'us',
      microsecondsPerCall(ms, () => followChange(chain, change)),
    ),
  ]
}

/** Measures each for `ms` milliseconds. */
export function runLightBench(ms = 750): readonly BenchRow[] {
  return SETS.flatMap((count) => runSet(count, ms))
}

if (import.meta.main) printReport(runLightBench())
