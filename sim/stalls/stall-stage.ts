// Owns: a small simulated network in which one thing is broken on purpose and one honest node is asked why.
// Not here: what is broken (cases.ts), the table of results (stall-run.ts).
import { must } from '../../core/base/assert.ts'
import { NodeError } from '../../core/base/errors.ts'
import type { ConsensusMessage } from '../../consensus/message.ts'
import type { ChainNode } from '../../node/chain-node.ts'
import type { Network, NetworkHandlers, PeerId, RequestProtocol } from '../../node/ports.ts'
import { createAudit } from '../audit.ts'
import { createForger } from '../forge.ts'
import type { Forger } from '../forge.ts'
import { readFrame } from '../frames.ts'
import { createMachine } from '../machine.ts'
import type { Machine } from '../machine.ts'
import { startMachine } from '../machine-start.ts'
import { createVirtualNetwork } from '../network.ts'
import type { VirtualNetwork } from '../network.ts'
import type { Observer } from '../observer.ts'
import { createRandom } from '../prng.ts'
import type { Random } from '../prng.ts'
import { createTimeline, settle } from '../timeline.ts'
import type { Timeline } from '../timeline.ts'
import { submitTransfer } from '../workload.ts'
import { createWorld } from '../world.ts'
import type { World } from '../world.ts'

/** What a machine does to its own traffic; everything null is an honest one. */
export type Tamper = {
  /** The frames that leave in place of one, for one peer; an empty list swallows it. */
  out: ((message: ConsensusMessage, frame: Uint8Array, to: PeerId) => readonly Uint8Array[]) | null
  /** Requests of these protocols fail. */
  refused: readonly RequestProtocol[]
  /** Every request takes so much longer. */
  slowMs: number
}

/** The network with its levers. */
export type StallStage = {
  readonly world: World
  readonly machines: readonly Machine[]
  readonly tampers: readonly Tamper[]
  readonly ports: readonly (Network | null)[]
  readonly network: VirtualNetwork
  readonly timeline: Timeline
  readonly random: Random
  readonly forgerOf: (index: number) => Forger
  readonly nodeOf: (index: number) => ChainNode
  /** Runs everything that is due within the next `ms`. */
  readonly run: (ms: number) => Promise<void>
  /** Transfers come while this is true. */
  load: boolean
}

const nothing = (): undefined => undefined
const OBSERVER: Observer = {
  onSigned: nothing,
  onSend: nothing,
  onCommit: nothing,
  onEvidence: nothing,
  onPenalty: nothing,
  onStarted: nothing,
  onStartFailed: (index, error) => {
    throw new Error(`machine ${index} did not start`, { cause: error })
  },
  onFatal: nothing,
  onThrow: (index, error) => {
    throw new Error(`machine ${index} threw`, { cause: error })
  },
  onJournal: nothing,
  onRehearsed: nothing,
  onLog: nothing,
}

const LOAD_EVERY_MS = 500

/** Builds the network; no machine is on. The same seed gives the same run. */
export function createStallStage(n: number, seed: number): StallStage {
  const world = createWorld(n, 'stub')
  const timeline = createTimeline()
  const audit = createAudit(0, null)
  const network = createVirtualNetwork({ n, timeline, random: createRandom(seed, 'net'), audit })
  const tampers = Array.from({ length: n }, (): Tamper => ({ out: null, refused: [], slowMs: 0 }))
  const ports: (Network | null)[] = Array.from({ length: n }, () => null)
  const machines = Array.from({ length: n }, (_, index) => {
    const twist = (port: Network): Network => {
      ports[index] = port
      return tamperWith(port, must(tampers[index], 'a tamper'), timeline)
    }
    const random = createRandom(seed, `disk ${index}`)
    return createMachine({
      index,
      identity: index,
      world,
      timeline,
      network,
      audit,
      observer: OBSERVER,
      twist,
      rehearse: null,
      random,
    })
  })
  const stage: StallStage = {
    world,
    machines,
    tampers,
    ports,
    network,
    timeline,
    random: createRandom(seed, 'stall'),
    forgerOf: (index) => createForger(world.genesis.chainId, must(world.validators[index], 'a validator')),
    nodeOf: (index) => must(machines[index]?.node ?? null, `machine ${index} runs`),
    async run(ms) {
      const endMs = timeline.nowMs() + ms
      await settle()
      while (timeline.step(endMs)) await settle()
      timeline.after(endMs - timeline.nowMs(), nothing)
      timeline.step(endMs)
    },
    load: true,
  }
  planLoad(stage)
  return stage
}

function planLoad(stage: StallStage): void {
  const { timeline, random, machines, world } = stage
  // A transfer with a gap or a bad signature would be a second reason to wait.
  const good: Random = { ...random, chance: () => false }
  const tick = (): void => {
    timeline.after(1 + random.below(2 * LOAD_EVERY_MS), tick)
    const { node, ailments } = random.pick(machines)
    if (stage.load && node !== null && ailments.pausedUntilMs <= timeline.nowMs()) submitTransfer(world, node, good)
  }
  tick()
}

/** Power on of the given machines, or of all. */
export function startMachines(stage: StallStage, which: readonly number[] = stage.machines.map(({ index }) => index)): void {
  for (const index of which)
    stage.timeline.after(stage.random.below(200), () => void startMachine(must(stage.machines[index], 'a machine')))
}

function tamperWith(port: Network, tamper: Tamper, timeline: Timeline): Network {
  const sendTo = (peer: PeerId, frame: Uint8Array): boolean => {
    const message = tamper.out === null ? null : readFrame(frame)
    if (tamper.out === null || message === null) return port.send(peer, 'consensus', frame)
    return tamper.out(message, frame, peer).map((out) => port.send(peer, 'consensus', out)).length > 0
  }
  return {
    ...port,
    start: (handlers: NetworkHandlers) => port.start(handlers),
    send: (peer, channel, frame) => (channel === 'consensus' ? sendTo(peer, frame) : port.send(peer, channel, frame)),
    broadcast(channel, frame) {
      if (channel !== 'consensus') return port.broadcast(channel, frame)
      for (const { peer } of port.peers()) sendTo(peer, frame)
    },
    request(peer, protocol, request, timeoutMs) {
      if (tamper.refused.includes(protocol))
        return Promise.reject(new NodeError('PEER_CLOSED', `${protocol} is refused on purpose`))
      if (tamper.slowMs === 0) return port.request(peer, protocol, request, timeoutMs)
      const later = Promise.withResolvers<Uint8Array>()
      timeline.after(tamper.slowMs, () => later.resolve(port.request(peer, protocol, request, timeoutMs)))
      return later.promise
    },
  }
}
