// Owns: replay twice: what a machine's disk gives on a start, and on the start after that, with no network and no time.
// Not here: the real start (machine.ts).
import type { ConsensusState } from '../consensus/state.ts'
import type { ChainNode } from '../node/chain-node.ts'
import { createAudit } from './audit.ts'
import { startMachine } from './machine-start.ts'
import type { Machine } from './machine.ts'
import { createVirtualNetwork } from './network.ts'
import type { Observer } from './observer.ts'
import { createRandom } from './prng.ts'
import { createTimeline } from './timeline.ts'

const QUIET_TURNS = 60

const nothing = (): void => undefined

/** Starts copies of the machine twice in a row; null when both know the same, else one sentence. */
export async function rehearseRestart(machine: Machine): Promise<string | null> {
  const first = await startCopy(machine)
  // A damaged log is set aside by the first start, so the second one knows less: on purpose.
  if (first === null || !first.isWhole) return null
  const second = await startCopy(first.machine)
  if (second === null) return 'the start after the first one failed'
  const [before, after] = [memoryOf(first.node), memoryOf(second.node)]
  return before === after ? null : `after one replay ${before}, after two ${after}`
}

type Started = { readonly machine: Machine; readonly node: ChainNode; readonly isWhole: boolean }

async function startCopy(machine: Machine): Promise<Started | null> {
  const timeline = createTimeline()
  const audit = createAudit(0, null)
  const random = createRandom(0, 'rehearsal')
  const { world, index, identity } = machine.parts
  const network = createVirtualNetwork({ n: index + 1, timeline, random, audit })
  const started: ChainNode[] = []
  let isWhole = true
  const observer: Observer = {
    onSigned: nothing,
    onJournal: nothing,
    onSend: nothing,
    onCommit: nothing,
    onEvidence: nothing,
    onPenalty: nothing,
    onStarted: (_, node) => void started.push(node),
    onStartFailed: nothing,
    onFatal: nothing,
    onThrow: nothing,
    onRehearsed: nothing,
    onLog: (_, level) => {
      if (level === 'error') isWhole = false
    },
  }
  const copy: Machine = {
    index,
    parts: { world, index, identity, timeline, network, random, audit, observer, twist: null, rehearse: null },
    ailments: { ...machine.ailments, batchMs: 0, pausedUntilMs: 0, diskError: null },
    disk: machine.disk.crash('keep'),
    records: new Map(machine.records),
    node: null,
    life: null,
    nextKey: machine.nextKey,
    lives: 0,
  }
  await startMachine(copy)
  const node = started[0]
  if (node === undefined) return null
  for (let quiet = 0; quiet < QUIET_TURNS; quiet = node.queueLength() === 0 ? quiet + 1 : 0) await null
  return { machine: copy, node, isWhole }
}

// What safety hangs on, as text.
function memoryOf(node: ChainNode): string {
  const { height, lockedRound, lockedId, validRound, own }: ConsensusState = node.consensus
  const words = [own.proposal, own.prevote, own.precommit].map((word) =>
    word === null ? '-' : `${word.round}:${word.blockId?.slice(0, 8) ?? 'nil'}`,
  )
  return `height ${height} lock ${lockedRound} ${lockedId?.slice(0, 8) ?? '-'} valid ${validRound} signed ${words.join(' ')}`
}
