// Owns: `naru snapshot`: make, check, restore and list snapshots.
// Not here: their format (node/snapshot), folders (node/maintenance).
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { asHash32 } from '../../core/base/ids.ts'
import type { BlockId } from '../../core/base/ids.ts'
import type { Manifest } from '../../node/snapshot/manifest.ts'
import { PLACE_OPTIONS, createProgressNote, findPlace, formatBytes } from '../chain-place.ts'
import type { CommandCall, CommandSpec, OptionSpec } from '../command.ts'
import { CliError, EXIT, refuseUsage } from '../errors.ts'
import { formatTable } from '../output.ts'
import { findRunning, runUpkeep } from '../running-node.ts'

const TRUST: OptionSpec = [
  '--trust <block>',
  'Block id (0x…) that is believed where the validators are no longer those of the genesis',
]

/** The block that the operator vouches for, or null. Throws a usage error for anything but a block id. */
export function trustedBlock(call: CommandCall): BlockId | null {
  const text = call.options['trust'] as string | undefined
  if (text === undefined) return null
  return /^0x[0-9a-f]{64}$/.test(text)
    ? asHash32(text.slice(2))
    : refuseUsage(`--trust is 0x and 64 hex digits, not ${JSON.stringify(text)}`)
}

async function load() {
  const [folder, { REGISTRY }] = await Promise.all([
    import('../../node/maintenance/snapshot-folder.ts'),
    import('../../modules/registry.ts'),
  ])
  return { ...folder, registry: REGISTRY }
}

function renderManifest(dir: string, { chainId, height, blockId, stateRoot, records, bytes, chunks }: Manifest) {
  return { dir, chainId, height, blockId: `0x${blockId}`, stateRoot: `0x${stateRoot}`, records, bytes, chunks: chunks.length }
}

function tell(call: CommandCall, what: string, dir: string, manifest: Manifest, begunMs: number): void {
  const tookMs = Math.round(performance.now() - begunMs)
  const document = { ...renderManifest(dir, manifest), tookMs }
  const size = `${manifest.records} records, ${formatBytes(manifest.bytes)} in ${manifest.chunks.length} chunks`
  call.out.result(document, `${what} ${dir}: height ${manifest.height}, block 0x${manifest.blockId}, ${size}, ${tookMs} ms`)
}

async function runCreate(call: CommandCall): Promise<void> {
  const begunMs = performance.now()
  const [{ createSnapshot, readManifest, registry }, { openStopped, assertChain }] = await Promise.all([
    load(),
    import('../../node/maintenance/stopped-store.ts'),
  ])
  const place = await findPlace(call)
  const { dataDir, genesis } = place
  const out = resolve(call.args[0] ?? refuseUsage('name the folder to make'))
  const address = await findRunning(place)
  if (address !== null) return createOfRunning(call, { address, out, begunMs, read: readManifest })
  const { store, chain, close } = await openStopped(dataDir)
  const note = createProgressNote(call)
  try {
    assertChain(chain, genesis.hash)
    const manifest = await createSnapshot({ store, registry, genesis }, out, (done) => note(() => `${done} chunks written`))
    tell(call, 'made', out, manifest, begunMs)
  } finally {
    await close()
  }
}

type OfRunning = { address: string; out: string; begunMs: number; read: (dir: string) => Manifest }

async function createOfRunning(call: CommandCall, { address, out, begunMs, read }: OfRunning): Promise<void> {
  if (existsSync(out)) throw new CliError(EXIT.usage, 'SNAPSHOT_EXISTS', `${out} is already there: choose another name`)
  const { work } = await runUpkeep(call, address, {
    ...{ method: 'admin_snapshot', params: { out }, kind: 'snapshotWork' },
    say: ({ chunks }) => `${chunks} chunks written`,
  })
  tell(call, 'made', work.out, read(work.out), begunMs)
}

async function runVerify(call: CommandCall): Promise<void> {
  const begunMs = performance.now()
  const { verifySnapshot, buildTrust, registry } = await load()
  const dir = resolve(call.args[0] ?? '')
  const { genesis } = await findPlace(call.options['data'] === undefined ? withGenesis(call, dir) : call)
  const note = createProgressNote(call)
  const trust = buildTrust({ registry, genesis }, trustedBlock(call))
  tell(
    call,
    'sound:',
    dir,
    verifySnapshot(dir, trust, (done, of) => note(() => `${done} of ${of} chunks proven`)),
    begunMs,
  )
}

// A snapshot is checked against a genesis alone; only where none is named does the configuration say which.
function withGenesis(call: CommandCall, dir: string): CommandCall {
  return call.options['genesis'] === undefined ? call : { ...call, options: { ...call.options, data: dir } }
}

async function runRestore(call: CommandCall): Promise<void> {
  const begunMs = performance.now()
  const [{ buildTrust, registry }, { restoreSnapshot }] = await Promise.all([
    load(),
    import('../../node/maintenance/snapshot-restore.ts'),
  ])
  const { dataDir, genesis } = await findPlace(call)
  const snapshot = resolve(call.args[0] ?? '')
  const note = createProgressNote(call)
  const trust = buildTrust({ registry, genesis }, trustedBlock(call))
  const manifest = await restoreSnapshot({
    snapshot,
    dataDir,
    trust,
    onProgress: (done, of) => note(() => `${done} of ${of} chunks restored`),
  })
  tell(call, `restored into ${dataDir} from`, snapshot, manifest, begunMs)
}

async function runList(call: CommandCall): Promise<void> {
  const { readManifest } = await load()
  const dir = resolve(call.args[0] ?? '.')
  const found = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(dir, entry.name, 'manifest.json')))
    .map(({ name }) => ({ name, ...describe(() => readManifest(join(dir, name)), join(dir, name)) }))
  const rows = found.map(({ name, snapshot, error }) =>
    snapshot === null
      ? [name, error ?? '']
      : [name, `height ${snapshot.height}`, snapshot.chainId, `${snapshot.records} records`, formatBytes(snapshot.bytes)],
  )
  call.out.result({ dir, snapshots: found }, found.length === 0 ? `no snapshots in ${dir}` : formatTable(rows))
}

function describe(read: () => Manifest, dir: string) {
  try {
    return { snapshot: renderManifest(dir, read()), error: null }
  } catch (error) {
    return { snapshot: null, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Commands of `naru snapshot`. */
export const snapshotCommands: readonly CommandSpec[] = [
  {
    path: 'create <out>',
    about: 'Make a snapshot of a node’s head in a new folder; the node may run',
    options: PLACE_OPTIONS,
    run: runCreate,
  },
  {
    path: 'verify <dir>',
    about: 'Check certificate and every chunk of a snapshot',
    options: [...PLACE_OPTIONS, TRUST],
    run: runVerify,
  },
  {
    path: 'restore <dir>',
    about: 'Fill an empty data directory from a snapshot, which is proven on the way; the sign state is not touched',
    options: [...PLACE_OPTIONS, TRUST],
    run: runRestore,
  },
  { path: 'ls [dir]', about: 'The snapshots in a folder', run: runList },
]
