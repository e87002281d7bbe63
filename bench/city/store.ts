// Owns: the prepared store of a city: made once per size and kept for later runs, copied for each node of a run.
// Not here: what stands in it (document.ts), processes (../network.ts).
import { hash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../core/base/assert.ts'
import { initGenesis, parseGenesis } from '../../core/execution/init-genesis.ts'
import type { Genesis } from '../../core/execution/init-genesis.ts'
import { buildAccount, buildAccounts, deriveSeed } from '../../cli/devnet/accounts.ts'
import { buildGenesis } from '../../cli/devnet/genesis.ts'
import { REGISTRY } from '../../modules/registry.ts'
import { identityRecords } from '../../node/storage/chain-store.ts'
import { STATE_PREFIX, STORE_FORMAT } from '../../node/storage/keys.ts'
import { openStore } from '../../node/storage/level.ts'
import type { Store, StoreChange } from '../../node/storage/level.ts'
import type { Say } from '../measure.ts'
import { addOffices, buildCityState } from './document.ts'
import { CITY_SEED } from './people.ts'
import type { CitySize } from './people.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const CACHE = join(ROOT, 'node_modules', '.cache', 'bench-city')
const ROOMS = ['governance', 'identity', 'payment', 'points'].map((room) => `modules/${room}`)
/** Folders and files whose code decides what the records look like. */
const DECIDING = ['core/base', 'core/codec', 'core/crypto', 'core/state', ...ROOMS, 'cli/devnet'] as const
const DECIDING_FILES = ['document.ts', 'people.ts', 'store.ts'].map((name) => join('bench', 'city', name))
/** Records in one synced batch. */
const BATCH = 50_000
/** Records that are prepared; those of other rooms each run writes from its own document, which names its validators. */
const PREPARED = ['payment/', 'points/', 'identity/', 'account/'] as const
/** Of these the prepared ones stay: a document knows only a few of their accounts. */
const PREPARED_ALONE = ['payment/', 'points/'] as const
const isOf = (prefixes: readonly string[], key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix))

/** A prepared store and what it holds. */
export type PreparedStore = { readonly dir: string; readonly records: number; readonly seconds: number; readonly isKept: boolean }

/** The store of a city of this size: the kept one where the code that made it is still the same, else a new one. */
export async function prepareStore(size: CitySize, say: Say): Promise<PreparedStore> {
  const dir = join(CACHE, `${size.accounts}-${stampOf(size)}`)
  const told = join(dir, 'city.json')
  if (existsSync(told)) return { ...JSON.parse(readFileSync(told, 'utf8')), dir, seconds: 0, isKept: true }
  const begun = performance.now()
  removeOthers(size)
  const draft = `${dir}.draft`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  const changes = buildCityState(buildPlainGenesis(), size, say)
  const kept = changes.filter(({ key }) => isOf(PREPARED, key))
  const store = await openStore({ dir: join(draft, 'store'), writeBufferBytes: 64 * 1024 * 1024 })
  for (let at = 0; at < kept.length; at += BATCH) {
    await store.writeBatch(kept.slice(at, at + BATCH).map(({ key, value }) => ({ key: STATE_PREFIX + key, value })))
    if (at % (BATCH * 10) === 0) say(`${at} of ${kept.length} records on disk`)
  }
  await store.close()
  writeFileSync(join(draft, 'city.json'), JSON.stringify({ records: kept.length }))
  renameSync(draft, dir)
  const seconds = (performance.now() - begun) / 1_000
  say(`${kept.length} records in ${seconds.toFixed(0)} s`)
  return { dir, records: kept.length, seconds, isKept: false }
}

/** Puts the city into a node's empty data folder, with what this run's genesis document says of councils and validators. */
export async function installStore(prepared: PreparedStore, into: { genesis: Genesis; storeDir: string }): Promise<void> {
  copyTables(join(prepared.dir, 'store'), into.storeDir)
  const store = await openStore({ dir: into.storeDir })
  await writeRun(store, into.genesis)
  await store.close()
}

/** A copy of a closed store: tables never change, so they are linked where the file system can. */
export function copyTables(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name === 'LOCK') continue
    const [source, target] = [join(from, name), join(to, name)]
    if (!name.endsWith('.ldb') || !tryLink(source, target)) copyFileSync(source, target)
  }
}

function tryLink(source: string, target: string): boolean {
  try {
    linkSync(source, target)
    return true
  } catch {
    return false
  }
}

async function writeRun(store: Store, genesis: Genesis): Promise<void> {
  const own = initGenesis(REGISTRY, genesis).filter(({ key }) => !isOf(PREPARED_ALONE, key))
  assert(own.length > 0, 'a document has councils and identities')
  const changes: StoreChange[] = own.map(({ key, value }) => ({ key: STATE_PREFIX + key, value }))
  await store.writeBatch([...changes, ...identityRecords(genesis.hash, STORE_FORMAT)])
}

// The document of a devnet of four whose places nobody reads: validators are the run's.
function buildPlainGenesis(): Genesis {
  const validators = [1, 2, 3, 4].map((i) => ({
    ...{ name: `v${i}`, account: buildAccount(`v${i}`, deriveSeed(CITY_SEED, `validator/v${i}`)) },
    ...{ peerId: `peer-${i}`, p2pAddress: `/ip4/127.0.0.1/tcp/${i}` },
  }))
  const parts = { timeMs: Date.now() - 1_000, blockIntervalMs: 200, accounts: buildAccounts(CITY_SEED), validators }
  const document = JSON.parse(JSON.stringify(buildGenesis(parts)))
  addOffices(document)
  return parseGenesis(REGISTRY, document)
}

function stampOf(size: CitySize): string {
  const parts = DECIDING.flatMap((folder) => {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    return files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).map((name) => join(folder, name))
  })
  const texts = [...parts, ...DECIDING_FILES].sort().map((name) => `${name}\n${readFileSync(join(ROOT, name), 'utf8')}`)
  return hash('sha256', [JSON.stringify(size), STORE_FORMAT, ...texts].join('\n'), 'hex').slice(0, 16)
}

function removeOthers({ accounts }: CitySize): void {
  if (!existsSync(CACHE)) return
  for (const name of readdirSync(CACHE)) {
    if (name.startsWith(`${accounts}-`)) rmSync(join(CACHE, name), { recursive: true, force: true })
  }
}
