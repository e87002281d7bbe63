// Owns: `naru receipt`: a receipt that proves itself, saved while the node is there and checked years later without any.
// Not here: what makes it valid (sdk/receipt-bundle.ts), proofs of other things (proof.ts).
import { writeFileSync } from 'node:fs'
import { renderReceipt, renderTransaction } from '../../rpc/render.ts'
import { textContextOf } from '../../core/execution/init-genesis.ts'
import type { NetworkName } from '../../core/crypto/address.ts'
import { REGISTRY } from '../../modules/registry.ts'
import {
  chainOfGenesis,
  createLightClient,
  beginAtGenesis,
  fetchCheckpoint,
  fetchReceipt,
  formatCheckpoint,
  formatProof,
  parseCheckpoint,
  readChain,
  trustFromGenesis,
  verifyReceiptBundle,
} from '../../sdk/index.ts'
import type { Beginning, Checkpoint, ProvenTransaction, ReceiptBundle, Trust, TrustedChain } from '../../sdk/index.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { refuseUsage } from '../errors.ts'
import { openClient, readGenesis, readProofFile, refusedProof } from '../proof-parts.ts'
import { READ_OPTIONS, readerOf } from '../signed-read.ts'
import { TARGET_OPTIONS } from '../target.ts'

const TRUST_OPTIONS: readonly OptionSpec[] = [
  ['--genesis <file>', 'The genesis document that you trust (default: the devnet’s)'],
  ['--checkpoint <line>', 'The checkpoint that you trust in its place: checkpoint:<network>:<chain>:<height>:0x..:0x..'],
]

type Belief = { readonly from: Beginning; readonly network: NetworkName; readonly timeMs: number }

function readBelief(call: CommandCall): Belief {
  const line = call.options['checkpoint'] as string | undefined
  if (line === undefined) {
    const genesis = readGenesis(call)
    const { network } = chainOfGenesis(genesis)
    return { from: trustFromGenesis(genesis), network, timeMs: (genesis as { time: number }).time }
  }
  if (call.options['genesis'] !== undefined) return refuseUsage('name what you trust once: --genesis or --checkpoint, not both')
  try {
    const from = parseCheckpoint(line)
    return { from, network: from.network, timeMs: 0 }
  } catch (error) {
    return refuseUsage(error instanceof Error ? error.message : String(error))
  }
}

function isCheckpoint(from: Beginning): from is Checkpoint {
  return 'blockId' in from
}

type Shown = readonly [object, string]

/** The receipt for people: who sent what, when, what it did; all of it proven. */
function describe({ tx, receipt, header, index }: ProvenTransaction, network: NetworkName): Shown {
  // Whoever holds a receipt holds all of it.
  const forms = { registry: REGISTRY, text: textContextOf(network), show: () => true }
  const { height, time, chainId } = header
  const sent = renderTransaction(tx, forms)
  const did = renderReceipt(receipt, forms)
  const at = new Date(time).toISOString()
  const events = receipt.code === 0 ? (did['events'] as readonly { name: string }[]) : []
  const lines = [
    `chain    ${chainId}`,
    `block    height ${height}, place ${index}, ${at}`,
    `sender   ${String(sent['sender'])}`,
    `sent     ${String(sent['type'])} ${JSON.stringify(sent['payload'])}`,
    `outcome  ${receipt.code === 0 ? 'succeeded' : `failed: ${String(did['error'])}`}`,
    ...events.map(({ name, ...fields }) => `event    ${name} ${JSON.stringify(fields)}`),
  ]
  return [{ chainId, height, index, time, tx: sent, receipt: did }, lines.join('\n')]
}

function judge(proof: ReceiptBundle, from: Beginning, shown: string): ProvenTransaction {
  const verdict = verifyReceiptBundle({ from, proof })
  if (!verdict.ok) throw refusedProof(shown, verdict.reason)
  return verdict
}

async function runShow(call: CommandCall): Promise<void> {
  const hash = call.args[0] ?? ''
  const { from, network } = readBelief(call)
  const client = openClient(call)
  const chain = await readChain(client)
  const proof = await fetchReceipt(client, chain, hash, from, await readerOf(call, chain))
  const [document, text] = describe(judge(proof, from, hash), network)
  const file = call.options['out'] as string | undefined
  if (file === undefined) {
    call.out.result({ valid: true, ...document }, `${text}\nproven; save it with --out <file>`)
    return
  }
  const bytes = formatProof({ kind: 'receipt', ...proof })
  writeFileSync(file, bytes)
  const saved = `saved    ${file}, ${bytes.length} bytes, ${proof.changes.length} changes of validators`
  call.out.result({ valid: true, file, bytes: bytes.length, changes: proof.changes.length, ...document }, `${text}\n${saved}`)
}

async function runVerify(call: CommandCall): Promise<void> {
  const file = call.args[0] ?? ''
  const proof = readProofFile(file)
  if (proof.kind !== 'receipt') throw refusedProof(file, `it is a proof of a ${proof.kind}; check it with naru proof verify`)
  const { from, network, timeMs } = readBelief(call)
  const found = judge(proof, from, file)
  const [document, text] = describe(found, network)
  if (call.options['offline'] === true) {
    call.out.result({ valid: true, offline: true, ...document }, `${text}\nvalid: proven with no network`)
    return
  }
  await compareWithNode(call, { found, from, network, timeMs })
  call.out.result({ valid: true, offline: false, ...document }, `${text}\nvalid: proven, and the node has the same block there`)
}

/** Asks a node for the same height through a light client; another final block there is a fork, which it refuses. */
async function compareWithNode(
  call: CommandCall,
  { found, from, network, timeMs }: Belief & { found: ProvenTransaction },
): Promise<void> {
  const client = openClient(call)
  const trusted: TrustedChain = isCheckpoint(from) ? await fetchCheckpoint(client, from) : beginAtGenesis(from, timeMs)
  const chain = { ...pick(from), network, registry: REGISTRY }
  // Whoever keeps a receipt for years trusts its beginning; how old that is has no part in it.
  const light = createLightClient({ client, chain, trusted, trustingPeriodMs: Number.POSITIVE_INFINITY })
  await light.update()
  const { header } = await light.transaction(found.tx.id)
  if (header.stateRoot !== found.header.stateRoot || header.height !== found.header.height)
    throw refusedProof(call.args[0] ?? '', `the node has another final block at height ${header.height}`)
}

function pick({ chainId, genesisHash }: Trust | Checkpoint) {
  return { chainId, genesisHash }
}

async function runCheckpoint(call: CommandCall): Promise<void> {
  const { from, network, timeMs } = readBelief(call)
  const client = openClient(call)
  const trusted = isCheckpoint(from) ? await fetchCheckpoint(client, from) : beginAtGenesis(from, timeMs)
  const light = createLightClient({ client, chain: { ...pick(from), network, registry: REGISTRY }, trusted })
  const { header } = await light.update()
  const checkpoint = light.checkpoint()
  const line = checkpoint === null ? '' : formatCheckpoint(checkpoint)
  call.out.result({ checkpoint: line, height: header.height, time: header.time }, line)
}

/** Commands of `naru receipt`. */
export const receiptCommands: readonly CommandSpec[] = [
  {
    path: 'show <hash>',
    about: 'A final transaction and what it did, proven; --out saves it as a file that proves itself',
    options: [['--out <file>', 'Where the receipt is saved'], ...TRUST_OPTIONS, ...READ_OPTIONS, ...TARGET_OPTIONS],
    run: runShow,
  },
  {
    path: 'verify <file>',
    about: 'Check a saved receipt; exit code 12 when it is refused',
    options: [['--offline', 'Ask no node; without it a node must also show the same block'], ...TRUST_OPTIONS, ...TARGET_OPTIONS],
    run: runVerify,
  },
  {
    path: 'checkpoint',
    about: 'The newest block as one line to keep or publish, verified from what you trust',
    options: [...TRUST_OPTIONS, ...TARGET_OPTIONS],
    run: runCheckpoint,
  },
]
