// Owns: the running devnet of a fault network: nodes, load, witness, links, disks, clocks, and who is meant to be up.
// Not here: what is done to it (actions.ts), what must hold (expectations.ts).
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, toHex } from '../../core/base/bytes.ts'
import { nodeAddresses, nodePaths, validatorAccount } from '../../cli/devnet/layout.ts'
import { livePid } from '../../cli/devnet/processes.ts'
import { parseDuration } from '../../cli/duration.ts'
import { readJournal } from '../../node/storage/journal.ts'
import type { SignState } from '../../node/storage/sign-state.ts'
import { readChain } from '../../sdk/chain.ts'
import { createDevnet, waitForHeight } from '../helpers/devnet.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { canMount, limitFileSize, mountSmallDisk } from '../helpers/small-disk.ts'
import type { SmallDisk } from '../helpers/small-disk.ts'
import { startTransferLoad } from '../helpers/transfer-load.ts'
import type { TransferLoad } from '../helpers/transfer-load.ts'
import { watchVotes } from '../helpers/vote-witness.ts'
import type { VoteWitness } from '../helpers/vote-witness.ts'
import { createFilterLinks } from './links.ts'
import type { Links } from './links.ts'
import { buildNamespaces, createNamespaceLinks, namespaceHosts, namespaceWords } from './namespaces.ts'
import type { NetworkPlan } from './plan.ts'

/** How a process of a node ended; null where a signal ended it. */
export type Exit = { readonly name: string; readonly code: number | null }

/** Everything that a step acts on. */
export type Stage = {
  readonly plan: NetworkPlan
  readonly devnet: Devnet
  /** Every node, those that a step added too. */
  readonly names: string[]
  readonly load: TransferLoad
  readonly witness: VoteWitness
  readonly links: Links
  readonly exits: Exit[]
  /** Nodes whose data a step removed. */
  readonly repaired: string[]
  /** Nodes that are meant to run now; the rest was stopped by a step, or stops by itself as expected. */
  readonly up: Set<string>
  readonly setSkew: (name: string, skewMs: number) => void
  readonly disk: (name: string) => { readonly fill: (bytesLeft: number) => void; readonly empty: () => void }
  /** The highest head that any node ever told. */
  readonly height: () => Promise<number>
  readonly signState: (name: string) => SignState
  readonly close: () => Promise<void>
}

const START_MS = 180_000
const CLOCK = join(import.meta.dirname, 'skewed-clock.ts')

/** Makes the network and waits until every node serves a block. */
export async function openStage(plan: NetworkPlan, options: { namespaces: boolean; dir: string | undefined }): Promise<Stage> {
  const names = Array.from({ length: plan.nodes }, (_, i) => `v${i + 1}`)
  const exits: Exit[] = []
  if (options.namespaces) buildNamespaces(plan.nodes)
  const skewFile = (name: string): string => join(nodePaths(devnet.dir, name).home, 'skew')
  const devnet: Devnet = await createDevnet({
    count: plan.nodes,
    accountCount: plan.load.accounts,
    blockIntervalMs: parseDuration(plan.blockTime),
    ...(options.namespaces ? { hosts: namespaceHosts(plan.nodes) } : {}),
    ...(options.dir === undefined ? {} : { dir: options.dir }),
    manner: (name) => ({
      ...(options.namespaces ? { wrap: namespaceWords(name) } : {}),
      execArgv: ['--import', `file://${CLOCK}?${encodeURIComponent(skewFile(name))}`],
      onExit: (code) => exits.push({ name, code }),
    }),
  })
  const setSkew = (name: string, skewMs: number): void => writeFileSync(skewFile(name), `${skewMs}`)
  for (const [name, skew] of Object.entries(plan.skews)) setSkew(name, parseSkew(skew))
  const disks = mountDisks(devnet, plan)
  let top = -1
  try {
    devnet.spawn()
    // A node whose clock is far off rightly says that it is not ready: it makes blocks all the same.
    await devnet.start(...names.filter((name) => plan.skews[name] === undefined))
    await waitForHeight(devnet, names, 1, START_MS)
    const urls = names.map((name) => nodeAddresses(devnet.dir, devnet.node(name)).rpc)
    const load = startTransferLoad({ urls, chain: await readChain(devnet.client('v1')), accounts: devnet.accounts })
    const links = options.namespaces ? createNamespaceLinks(devnet) : createFilterLinks(devnet)
    return {
      ...{ plan, devnet, names, load, links, exits, setSkew },
      witness: watchVotes(devnet),
      repaired: [],
      up: new Set(names),
      disk: (name) => disks.get(name) ?? limitedDisk(devnet, name),
      async height() {
        top = Math.max(top, ...(await Promise.all(names.map((name) => devnet.height(name)))))
        return top
      },
      signState: (name) => readSignState(devnet, name),
      close: () => closeDevnet(devnet, disks),
    }
  } catch (error) {
    await closeDevnet(devnet, disks)
    throw error
  }
}

async function closeDevnet(devnet: Devnet, disks: ReadonlyMap<string, SmallDisk>): Promise<void> {
  await devnet.stop()
  for (const disk of disks.values()) disk.unmount()
  await devnet.destroy()
}

/** Milliseconds of `+2s` or `-500ms`. */
export function parseSkew(text: string): number {
  const ms = parseDuration(text.slice(1))
  return text.startsWith('-') ? -ms : ms
}

function mountDisks(devnet: Devnet, plan: NetworkPlan): ReadonlyMap<string, SmallDisk> {
  const disks = new Map<string, SmallDisk>()
  if (!canMount()) return disks
  for (const [name, megabytes] of Object.entries(plan.smallDisks))
    disks.set(name, mountSmallDisk(nodePaths(devnet.dir, name).data, megabytes))
  return disks
}

// Where mounting is not permitted, no file of the process may grow any more; the limit is gone with the process.
function limitedDisk(devnet: Devnet, name: string) {
  return {
    fill: (bytesLeft: number) => limitFileSize(livePid(devnet.dir, name) ?? 0, bytesLeft),
    empty: () => undefined,
  }
}

function readSignState(devnet: Devnet, name: string): SignState {
  const publicKeyHex = toHex(validatorAccount(devnet.layout, name).publicKey)
  const chainTag = fromHex(devnet.genesisHash.slice(0, 16))
  return readJournal({ path: nodePaths(devnet.dir, name).journal, chainTag, publicKeyHex }).state
}

/** The log of the running height of a node: the highest of its folder. Throws where there is none. */
export function newestWal(
  devnet: Devnet,
  name: string,
): { readonly path: string; readonly height: number; readonly dir: string } {
  const dir = join(nodePaths(devnet.dir, name).data, 'wal')
  const heights = existsSync(dir) ? readdirSync(dir).flatMap((file) => /^(\d{16})\.wal$/.exec(file)?.[1] ?? []) : []
  const newest = heights.sort().at(-1)
  if (newest === undefined) throw new Error(`${name} has no write-ahead log in ${dir}`)
  return { path: join(dir, `${newest}.wal`), height: Number(newest), dir }
}
