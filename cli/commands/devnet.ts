// Owns: the table of `naru devnet` verbs. Not here: how each works (cli/devnet).
import { resolve } from 'node:path'
import type { CommandCall, CommandSpec } from '../command.ts'
import { addObserver, readLayout } from '../devnet/layout.ts'
import type { Layout, NodePlace } from '../devnet/layout.ts'
import { findNode } from '../devnet/names.ts'
import { killNode, signalNode, spawnNode, stopNodes, waitUntilReady } from '../devnet/processes.ts'
import { bringClock, moveDevnetTime, parseForward, skewNode } from '../devnet/time.ts'
import { runUp, writeDocument } from '../devnet/up.ts'
import { formatRows, readRows, watchRows } from '../devnet/view.ts'
import { formatDuration, parseDuration } from '../duration.ts'
import { DIR_OPTION, dirOf } from '../target.ts'

const TIMEOUT = ['--timeout <duration>', 'How long to wait until ready', '20s'] as const

function open(call: CommandCall): { readonly dir: string; readonly layout: Layout } {
  const dir = resolve(dirOf(call))
  return { dir, layout: readLayout(dir) }
}

function namedNode(call: CommandCall, layout: Layout): NodePlace {
  return findNode(layout, call.args[0] ?? '')
}

async function runDown(call: CommandCall): Promise<void> {
  const { dir, layout } = open(call)
  const killed = await stopNodes(dir, layout.nodes)
  writeDocument(dir, layout)
  const stopped = layout.nodes.map(({ name }) => name)
  call.out.result(
    { stopped, killed },
    `stopped ${stopped.join(', ')}${killed.length === 0 ? '' : `; had to kill ${killed.join(', ')}`}`,
  )
}

async function runStatus(call: CommandCall): Promise<void> {
  const { dir, layout } = open(call)
  const rows = await readRows(dir, layout)
  const reasons = rows.flatMap((row) => row.reasons.map((reason) => `${row.name}: ${reason}`))
  call.out.result({ chainId: layout.chainId, dir, nodes: rows }, [formatRows(rows), ...reasons].join('\n'))
}

async function runWatch(call: CommandCall): Promise<void> {
  const { dir } = open(call)
  const until = new Promise<void>((settle) => process.once('SIGINT', () => settle()))
  await watchRows({ dir, layout: () => readLayout(dir), out: call.out, until })
}

async function runLogs(call: CommandCall): Promise<void> {
  const { dir, layout } = open(call)
  const { showLogs } = await import('../devnet/logs.ts')
  const nodes = call.args.length === 0 ? layout.nodes : [namedNode(call, layout)]
  await showLogs({ dir, nodes, follow: call.options['follow'] === true, out: call.out })
}

async function runKill(call: CommandCall): Promise<void> {
  const { dir, layout } = open(call)
  const { name } = namedNode(call, layout)
  const pid = await killNode(dir, findNode(layout, name))
  writeDocument(dir, layout)
  call.out.result({ node: name, pid, signal: 'SIGKILL' }, `killed ${name} (pid ${pid})`)
}

async function runRestart(call: CommandCall): Promise<void> {
  const { dir, layout } = open(call)
  const node = namedNode(call, layout)
  await stopNodes(dir, [node])
  const startedAt = performance.now()
  const pid = spawnNode(dir, node, false)
  writeDocument(dir, layout)
  await waitUntilReady({ dir, nodes: [node], timeoutMs: parseDuration(call.options['timeout'] as string) })
  const tookMs = Math.round(performance.now() - startedAt)
  call.out.result({ node: node.name, pid, readyAfterMs: tookMs }, `${node.name} is ready again after ${tookMs} ms (pid ${pid})`)
}

function runSignal(name: 'SIGSTOP' | 'SIGCONT', word: string) {
  return (call: CommandCall): void => {
    const { dir, layout } = open(call)
    const node = namedNode(call, layout)
    const pid = signalNode(dir, node, name)
    call.out.result({ node: node.name, pid, signal: name }, `${node.name} ${word} (pid ${pid})`)
  }
}

async function runAdd(call: CommandCall): Promise<void> {
  if (call.options['observer'] !== true)
    call.out.note('adding an observer: the validators decide who joins them, see naru validator join --help')
  const { dir, layout } = open(call)
  const added = await addObserver(dir, layout)
  bringClock(dir, added.layout, added.node)
  const pid = spawnNode(dir, added.node, false)
  const document = writeDocument(dir, added.layout)
  await waitUntilReady({ dir, nodes: [added.node], timeoutMs: parseDuration(call.options['timeout'] as string) })
  const node = document.nodes.find(({ name }) => name === added.node.name)
  call.out.result({ ...node, pid }, `${added.node.name} is ready (pid ${pid}, ${node?.rpc ?? ''})`)
}

function runNet(verb: 'split' | 'delay' | 'loss' | 'heal') {
  return async (call: CommandCall): Promise<void> => {
    const { dir, layout } = open(call)
    const { delayNetwork, healNetwork, loseNetwork, splitNetwork } = await import('../devnet/faults.ts')
    const links =
      verb === 'split'
        ? await splitNetwork(dir, layout, call.args)
        : verb === 'heal'
          ? await healNetwork(dir, layout)
          : await (verb === 'delay' ? delayNetwork : loseNetwork)(dir, layout, call.args.slice(0, -1), call.args.at(-1) ?? '')
    call.out.result({ links }, `${verb}: ${links.length} ends of links changed`)
  }
}

async function runTime(call: CommandCall): Promise<void> {
  const { dir, layout } = open(call)
  const [step] = call.args
  const { node: name, behind } = call.options
  if (typeof name === 'string') {
    const node = findNode(layout, name)
    const skewMs = step === undefined ? 0 : parseForward(step) * (behind === true ? -1 : 1)
    await skewNode(dir, layout, node, skewMs)
    call.out.result({ node: name, skewMs }, `the clock of ${name} is ${skewMs} ms off the devnet's`)
    return
  }
  const { clockOffsetMs = 0 } = step === undefined ? layout : await moveDevnetTime(dir, layout, parseForward(step))
  const time = new Date(Date.now() + clockOffsetMs).toISOString()
  call.out.result({ clockOffsetMs, time }, `it is ${time} on this devnet, ${formatDuration(clockOffsetMs)} ahead of real time`)
}

async function runDemoCommand(call: CommandCall): Promise<void> {
  const { dir, layout } = open(call)
  const { runDemo } = await import('../devnet/demo.ts')
  await runDemo({ dir, layout, out: call.out, story: call.args[0] ?? 'mapo' })
}

async function runNetworks(call: CommandCall): Promise<void> {
  const { runFaultNetworks } = await import('../devnet/fault-networks.ts')
  const { all, ci, links, keep } = call.options
  const flags = [...(all === true ? ['--all'] : []), ...(ci === true ? ['--ci'] : []), '--links', String(links)]
  const dir = typeof keep === 'string' ? ['--dir', resolve(keep)] : []
  await runFaultNetworks([...call.args.map((file) => resolve(file)), ...flags, ...dir], call.out)
}

/** Commands of `naru devnet`. */
export const devnetCommands: readonly CommandSpec[] = [
  {
    path: 'up',
    about: 'Start validators, or continue the devnet that is there',
    options: [
      ['-n, --nodes <count>', 'Validators of a new devnet', '4'],
      ['--block-time <duration>', 'Time between blocks of a new devnet', '200ms'],
      DIR_OPTION,
      ['--detach', 'Return and leave the nodes running'],
      ['--wait <state>', 'With --detach: return when every node is ready'],
      TIMEOUT,
      ['--fresh', 'Stop and wipe a devnet that is there'],
    ],
    run: runUp,
  },
  { path: 'down', about: 'Stop all nodes; the chain stays', options: [DIR_OPTION], run: runDown },
  { path: 'status', about: 'Each node with height, round, peers and state root', options: [DIR_OPTION], run: runStatus },
  { path: 'watch', about: 'The same as a live table, or one line per change', options: [DIR_OPTION], run: runWatch },
  {
    path: 'logs [node]',
    about: 'The last log lines of all nodes or one',
    options: [DIR_OPTION, ['-f, --follow', 'Go on with what comes']],
    run: runLogs,
  },
  { path: 'kill <node>', about: 'End a node by SIGKILL', options: [DIR_OPTION], run: runKill },
  {
    path: 'restart <node>',
    about: 'Stop a node if it runs, start it, wait until it is ready',
    options: [DIR_OPTION, TIMEOUT],
    run: runRestart,
  },
  { path: 'pause <node>', about: 'Freeze a node by SIGSTOP', options: [DIR_OPTION], run: runSignal('SIGSTOP', 'is paused') },
  { path: 'resume <node>', about: 'Let a frozen node go on', options: [DIR_OPTION], run: runSignal('SIGCONT', 'goes on') },
  {
    path: 'add',
    about: 'Add an observer to a running devnet',
    options: [['--observer', 'A node that follows without a vote; the default'], DIR_OPTION, TIMEOUT],
    run: runAdd,
  },
  {
    path: 'net split <groups...>',
    about: "Cut the links between groups: v1,v2 '|' v3,v4",
    options: [DIR_OPTION],
    run: runNet('split'),
  },
  { path: 'net delay <nodes...>', about: 'Slow the links of nodes: v1 300ms±50', options: [DIR_OPTION], run: runNet('delay') },
  {
    path: 'net loss <nodes...>',
    about: 'Lose a share of all messages of nodes: v1 20%',
    options: [DIR_OPTION],
    run: runNet('loss'),
  },
  { path: 'net heal', about: 'Make every link whole again', options: [DIR_OPTION], run: runNet('heal') },
  {
    path: 'run [files...]',
    about: 'Run fault networks from files: real processes, load, faults, expectations',
    options: [
      ['--all', 'Every network that comes with the source'],
      ['--ci', 'The short selection of every test run'],
      ['--links <kind>', 'filter, namespaces, or any: real packets where this machine allows', 'any'],
      ['--keep <dir>', 'Keep the folder of one network there'],
    ],
    run: runNetworks,
  },
  {
    path: 'time [step]',
    about: 'The time of a devnet; +30d moves every clock forward, blocks follow',
    options: [
      DIR_OPTION,
      ['--node <node>', 'Set one clock apart from the others by the step; without a step, back to theirs'],
      ['--behind', 'With --node: behind the others, not ahead'],
    ],
    run: runTime,
  },
  {
    path: 'demo [story]',
    about:
      'A story, told and checked: mapo (money, a lost validator, proofs), no-documents (an allowance, a dispute, a lost ' +
      'phone), district-budget (a sealed poll of 500 residents, some minutes)',
    options: [DIR_OPTION],
    run: runDemoCommand,
  },
]
