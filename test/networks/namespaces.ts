// Owns: one network namespace per node, joined by bridges, so that links fail as real packets do; all of it lives in a namespace of
// the run's own and is gone with it. Not here: the filter inside the nodes (links.ts).
import { spawn, spawnSync } from 'node:child_process'
import type { NodeHosts } from '../../cli/devnet/layout.ts'
import { parseDelay } from '../../cli/duration.ts'
import type { Devnet } from '../helpers/devnet.ts'
import { createFilterLinks } from './links.ts'
import type { Links } from './links.ts'

/** Addresses exist inside the run's own namespaces only. */
const P2P = '10.77.0'
const OPERATOR = '10.78.0'
const SELF = `${OPERATOR}.254`
const PORT = 'p2p0'
/** Groups that a network may be split into. */
const GROUPS_MAX = 8

/** Words before a program that give it a network of its own, and mounts that nobody else sees; null where that is not allowed. */
function privateNetworkWords(): readonly string[] | null {
  const tries = [
    ['unshare', '--net', '--mount', '--propagation', 'private'],
    ['unshare', '--user', '--map-root-user', '--net', '--mount', '--propagation', 'private'],
  ]
  return tries.find((words) => tryRun([...words, '/bin/sh', '-c', PROBE])) ?? null
}

const PREPARE = 'mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip link set lo up'
const PROBE = `${PREPARE} && ip netns add probe && ip link add probe-a type veth peer name probe-b netns probe && ip link add probe-c type bridge`

/** Word that tells a program that it runs in its private network. */
export const INSIDE = '--inside'

/** Runs this very program again in a network of its own and gives its exit code; null where the machine does not allow one. */
export async function runInPrivateNetwork(): Promise<number | null> {
  const privateWords = privateNetworkWords()
  if (privateWords === null) return null
  const inner = [process.execPath, ...process.execArgv, ...process.argv.slice(1), INSIDE]
  const [program = '', ...rest] = [...privateWords, '/bin/sh', '-c', `${PREPARE} && exec "$@"`, 'run', ...inner]
  const child = spawn(program, rest, { stdio: 'inherit' })
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name))
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done(code ?? 130))
  })
}

function tryRun(words: readonly string[]): boolean {
  const [program = '', ...rest] = words
  return spawnSync(program, rest, { stdio: 'ignore' }).status === 0
}

function ip(program: 'ip' | 'tc', line: string): void {
  const { status, stderr, error } = spawnSync(program, line.split(' '), { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${line}: ${error?.message ?? stderr.trim()}`)
}

/** Addresses of the nodes, in order. */
export function namespaceHosts(count: number): readonly NodeHosts[] {
  return Array.from({ length: count }, (_, i) => ({ p2p: `${P2P}.${i + 1}`, operator: `${OPERATOR}.${i + 1}` }))
}

/** Words before a node's program that run it in its namespace, in the same process. */
export function namespaceWords(name: string): readonly string[] {
  return ['nsenter', `--net=/run/netns/${name}`, '--']
}

/** Makes the namespaces; to be called once, inside a private network. */
export function buildNamespaces(count: number): void {
  for (let group = 0; group < GROUPS_MAX; group++) {
    ip('ip', `link add group${group} type bridge`)
    ip('ip', `link set group${group} up`)
  }
  ip('ip', 'link add operator type bridge')
  ip('ip', `addr add ${SELF}/24 dev operator`)
  ip('ip', 'link set operator up')
  for (let i = 1; i <= count; i++) {
    const name = `v${i}`
    ip('ip', `netns add ${name}`)
    ip('ip', `-n ${name} link set lo up`)
    for (const [port, side, bridge, net] of [
      [PORT, `p${i}`, 'group0', P2P],
      ['operator0', `o${i}`, 'operator', OPERATOR],
    ]) {
      ip('ip', `link add ${side} type veth peer name ${port} netns ${name}`)
      ip('ip', `link set ${side} master ${bridge}`)
      ip('ip', `link set ${side} up`)
      ip('ip', `-n ${name} addr add ${net}.${i}/24 dev ${port}`)
      ip('ip', `-n ${name} link set ${port} up`)
    }
    ip('tc', `-n ${name} qdisc add dev ${PORT} clsact`)
  }
}

/** Takes away what `buildNamespaces` made, so that the next network of the run begins anew. */
export function removeNamespaces(count: number): void {
  for (let i = 1; i <= count; i++) tryRun(['ip', 'netns', 'del', `v${i}`])
  for (let group = 0; group < GROUPS_MAX; group++) tryRun(['ip', 'link', 'del', `group${group}`])
  tryRun(['ip', 'link', 'del', 'operator'])
}

// Loads the kernel's random number and drops the packet when it is below the share: classic BPF, for kernels without netem.
function lossProgram(percent: number): string {
  const bound = Math.min(2 ** 32 - 1, Math.floor((percent / 100) * 2 ** 32))
  const [loadRandom, jumpAtLeast, giveBack] = [32, 53, 6]
  const [randomAt, drop, goOn] = [0xfffff000 + 56, 2, 2 ** 32 - 1]
  return `4,${loadRandom} 0 0 ${randomAt},${jumpAtLeast} 1 0 ${bound},${giveBack} 0 0 ${drop},${giveBack} 0 0 ${goOn}`
}

function setLoss(name: string, percent: number): void {
  for (const way of ['egress', 'ingress']) {
    const { status, stderr } = spawnSync(
      'tc',
      [...`-n ${name} filter add dev ${PORT} ${way} bpf da bytecode`.split(' '), lossProgram(percent)],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`loss of ${percent}% at ${name}: ${stderr.trim()}`)
  }
}

/** Links of nodes that live in their namespaces. */
export function createNamespaceLinks(devnet: Devnet): Links {
  const names = devnet.layout.nodes.map(({ name }) => name)
  const filter = createFilterLinks(devnet)
  const notes: string[] = []
  const portOf = (name: string): string => `p${name.slice(1)}`
  return {
    kind: 'namespaces',
    notes,
    async split(groups) {
      groups.forEach((group, index) => {
        for (const name of group) ip('ip', `link set ${portOf(name)} master group${index}`)
      })
    },
    async delay(slow, by) {
      const { delayMs, jitterMs } = parseDelay(by)
      const words = (name: string) => `tc -n ${name} qdisc add dev ${PORT} root netem delay ${delayMs}ms ${jitterMs}ms`.split(' ')
      if (slow.every((name) => tryRun(words(name)))) return
      if (notes.length === 0) notes.push('this kernel has no netem: delays are made by the filter inside the nodes')
      await filter.delay(slow, by)
    },
    async loss(lossy, percent) {
      for (const name of lossy) setLoss(name, percent)
    },
    async heal() {
      for (const name of names) {
        ip('ip', `link set ${portOf(name)} master group0`)
        tryRun(['tc', '-n', name, 'qdisc', 'del', 'dev', PORT, 'root'])
        for (const way of ['egress', 'ingress']) tryRun(['tc', '-n', name, 'filter', 'del', 'dev', PORT, way])
      }
      await filter.heal()
    },
    restore: filter.restore,
  }
}
