// Owns: a life of a city: acts by their weights into blocks, days that pass, every invariant and the books after every block.
// Not here: the acts (acts.ts, points-acts.ts), many lives and their report (../money.ts).
import { DAY_MS, HOUR_MS } from '../../../core/base/civil-time.ts'
import { createDice } from '../../../bench/city/dice.ts'
import { bankActs, shopActs } from './acts.ts'
import { openMoneyCity } from './city.ts'
import { pointsActs } from './points-acts.ts'
import { openShadow } from './shadow.ts'
import { createTools } from './tools.ts'
import type { Act, Acts } from './tools.ts'

/** How often each transaction type succeeded and with which codes it was refused, and how often each event was told. */
export type Tally = {
  readonly types: Map<string, { ok: number; refused: number }>
  readonly codes: Map<string, number>
  readonly events: Map<string, number>
}

/** A life that goes on block by block. */
export type MoneyLife = {
  /** One block of so many transactions; sentences for everything that is broken after it. */
  readonly block: (txs: number) => readonly string[]
  readonly records: () => number
  readonly time: () => number
}

/** Opens a life by its seed; it counts into the tally. */
export function openMoneyLife(seed: number, tally: Tally): MoneyLife {
  const city = openMoneyCity()
  const shadow = openShadow(city)
  const dice = createDice(seed)
  const heard: string[] = []
  let done = 0
  const tools = createTools({
    ...{ city, shadow, dice },
    tell: (type, { code, events }, breaches) => {
      done += 1
      const row = tally.types.get(type) ?? { ok: 0, refused: 0 }
      tally.types.set(type, row)
      if (code === null) row.ok += 1
      else {
        row.refused += 1
        count(tally.codes, code)
      }
      for (const { name } of events) count(tally.events, name)
      heard.push(...breaches)
    },
  })
  const draw = chooseBy(dice, [bankActs(tools), shopActs(tools), pointsActs(tools)])
  return {
    block(txs) {
      const due = city.nextBlock(stepOf(dice))
      for (const { name } of due) count(tally.events, name)
      heard.push(...shadow.hear(city.view, due))
      for (const until = done + txs; done < until; ) draw()()
      return [...heard.splice(0), ...city.broken(), ...shadow.compare(city.view)]
    },
    records: () => city.view.size(),
    time: () => city.block().time,
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

// Mostly minutes; now and then hours or days, so that notices end, points expire and windows close within one life.
function stepOf(dice: (below: number) => number): number {
  const kind = dice(100)
  if (kind < 10) return DAY_MS * (1 + dice(24)) + dice(DAY_MS)
  return kind < 25 ? dice(12 * HOUR_MS) : 1_000 + dice(600_000)
}

function chooseBy(dice: (below: number) => number, all: readonly Acts[]): () => Act {
  const entries = all.flatMap((acts) => Object.values(acts))
  const total = entries.reduce((sum, [weight]) => sum + weight, 0)
  return () => {
    let left = dice(total)
    for (const [weight, act] of entries) {
      if (left < weight) return act
      left -= weight
    }
    return () => null
  }
}
