// Owns: bad links between the nodes of a devnet, by the filter that is built into a node. Not here: real packets (namespaces.ts).
import { delayNetwork, healNetwork, loseNetwork, splitNetwork } from '../../cli/devnet/faults.ts'
import { livePid } from '../../cli/devnet/processes.ts'
import type { Devnet } from '../helpers/devnet.ts'

/** How links are made bad. Nodes that are down are left alone; `restore` tells a node that came back what stands. */
export type Links = {
  readonly kind: 'filter' | 'namespaces'
  readonly split: (groups: readonly (readonly string[])[]) => Promise<void>
  readonly delay: (names: readonly string[], by: string) => Promise<void>
  readonly loss: (names: readonly string[], percent: number) => Promise<void>
  readonly heal: () => Promise<void>
  readonly restore: (name: string) => Promise<void>
  /** Sentences about what this machine could not do as real packets. */
  readonly notes: readonly string[]
}

/** The filter inside the nodes: messages instead of packets, on any machine. */
export function createFilterLinks(devnet: Devnet): Links {
  const { dir, layout } = devnet
  const notes: string[] = []
  const alive = (names: readonly string[]): readonly string[] => names.filter((name) => livePid(dir, name) !== null)
  let standing: (() => Promise<unknown>)[] = []
  const apply = async (action: () => Promise<unknown>): Promise<void> => {
    standing.push(action)
    await action()
  }
  return {
    kind: 'filter',
    notes,
    split: (groups) =>
      apply(() => {
        const live = groups.map(alive).filter((group) => group.length > 0)
        return live.length < 2 ? Promise.resolve([]) : splitNetwork(dir, layout, [live.map((group) => group.join(',')).join('|')])
      }),
    delay: (names, by) => apply(() => delayNetwork(dir, layout, alive(names), by)),
    loss: (names, percent) => apply(() => loseNetwork(dir, layout, alive(names), `${percent}%`)),
    async heal() {
      standing = []
      await healNetwork(dir, layout)
    },
    // A fault lives in the process; one that comes back has none.
    async restore() {
      for (const action of standing) await action()
    },
  }
}
