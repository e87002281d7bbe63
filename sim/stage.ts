// Owns: everything that a fault may touch, and power on after a while. Not here: the faults (faults.ts, disk-faults.ts).
import type { Coverage } from './coverage.ts'
import type { Machine } from './machine.ts'
import { startMachine } from './machine-start.ts'
import type { VirtualNetwork } from './network.ts'
import type { Random } from './prng.ts'
import type { Timeline } from './timeline.ts'
import type { Watch } from './watch.ts'

/** Everything that a fault may touch. */
export type Stage = {
  readonly machines: readonly Machine[]
  readonly network: VirtualNetwork
  readonly timeline: Timeline
  readonly watch: Watch
  readonly coverage: Coverage
  readonly random: Random
  isIdle: boolean
}

/** Power on again after a while. */
export function startLater(stage: Stage, machine: Machine, delayMs: number): void {
  stage.timeline.after(delayMs, () => void startMachine(machine))
}
