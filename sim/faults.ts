// Owns: what each fault of a plan does to machines and network, and the healing of everything. Not here: which faults (mix.ts).
import type { Coverage } from './coverage.ts'
import { startMachine } from './machine.ts'
import type { Machine } from './machine.ts'
import type { VirtualNetwork } from './network.ts'
import type { Plan } from './plan.ts'
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

/** Plans every fault. */
export function planFaults(_stage: Stage, _plan: Plan): void {}

/** Ends every fault. */
export function healAll(stage: Stage): void {
  stage.network.heal()
  for (const machine of stage.machines) void startMachine(machine)
}
