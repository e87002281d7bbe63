// Owns: every state that one height can reach under a lock rule within a number of rounds, and the first violation on the way.
// Not here: the rule (rules.ts), what is asked (properties.ts), the same walk without the reductions (interleaved.ts).
//
// Why so few states are all states. Four reductions, each keeping every behaviour that matters:
// 1. Votes are never taken back and whatever an honest validator does is allowed by votes that exist, never by votes that
//    lack; it may give up a step or a round at any time (timeouts and skips are free, which is more than the machine allows).
//    So a state is the set of votes sent, and delivery needs no queues: whoever acts may have seen any part of it.
// 2. A vote of round r depends on votes of rounds up to r only: a prevote on polkas of earlier rounds, a precommit on
//    prevotes of its round. Every run can therefore be put in the order prevotes 0, precommits 0, prevotes 1 and so on,
//    without changing a vote.
// 3. A faulty validator that may be named ("loud") has sent every vote there is: more votes never forbid anything. One that
//    must not be named ("quiet") keeps its own record of what it signed, sends anything that makes no pair with it, and obeys
//    no lock. Proposals are free as well: anybody may be shown any value with any valid round, as if all proposers were faulty.
// 4. Honest validators are alike, quiet ones are alike, and values are alike: states that differ by renaming are one state.
import { afterPrecommit, freshMemory, isAmnesia } from './rules.ts'
import type { Memory, Word } from './rules.ts'
import { actionsTo, quorumOf } from './state.ts'
import type { Action, Place, Setting, State } from './state.ts'
import { canonicalKey } from './symmetry.ts'

/** Two decisions, or an honest key in an amnesia pair. */
export type Violation = { readonly kind: 'fork' | 'framed'; readonly trace: readonly string[] }

/** What an exploration saw; it ends at the first violation. `places` are the states at the start of each round and at the end. */
export type Explored = {
  readonly states: number
  readonly transitions: number
  readonly violation: Violation | null
  readonly places: readonly (readonly Place[])[]
}

/** Walks all rounds breadth first. `watch` names the violations that end the walk. */
export function explore(setting: Setting, watch: readonly Violation['kind'][]): Explored {
  const memories = new Array<Memory>(setting.honest + setting.quiet).fill(freshMemory(setting.values))
  let frontier: Place[] = [{ state: { memories, polkas: 0, decided: 0 }, round: 0, from: null, by: null }]
  const walk: Walk = { setting, watch, states: 1, transitions: 0, violation: null }
  const places: Place[][] = [frontier]
  for (let round = 0; round < setting.rounds && walk.violation === null; round++) {
    const middle = new Map<string, Prevoted>()
    for (const place of frontier) prevoteAll(walk, place, middle)
    const next = new Map<string, Place>()
    for (const prevoted of middle.values()) precommitAll(walk, prevoted, next)
    walk.states += middle.size + next.size
    frontier = [...next.values()]
    places.push(frontier)
  }
  const { states, transitions, violation } = walk
  return { states, transitions, violation, places }
}

type Walk = {
  readonly setting: Setting
  readonly watch: readonly string[]
  states: number
  transitions: number
  violation: Violation | null
}

/** Half of a round: all prevotes are sent. `fresh` are the values with a polka of this round. */
type Prevoted = {
  readonly place: Place
  readonly state: State
  readonly fresh: number
  readonly nilPolka: boolean
  readonly words: Action['words']
}

function violate(walk: Walk, kind: Violation['kind'], from: Place, last: string): void {
  if (walk.violation !== null || !walk.watch.includes(kind)) return
  walk.violation = { kind, trace: [...actionsTo(from).map(actionText), last] }
}

/** Every word that a validator of this memory may prevote in a round; nil is always allowed and stands first. */
export function prevotesOf(
  setting: Setting,
  at: { memory: Memory; isHonest: boolean; round: number; polkas: number },
): (Word | null)[] {
  const { rule, values } = setting
  const { memory, isHonest, round, polkas } = at
  const words: (Word | null)[] = [null]
  for (let value = 0; value < values; value++) {
    for (let validRound = -1; validRound < round; validRound++) {
      const word = { value, validRound }
      const isShown = validRound === -1 || !rule.needsPolka || (polkas & (1 << (validRound * values + value))) !== 0
      if (isHonest ? isShown && rule.mayPrevote(memory, word) : !isAmnesia(memory, word)) words.push(word)
    }
  }
  return words
}

function prevoteAll(walk: Walk, place: Place, into: Map<string, Prevoted>): void {
  const { setting } = walk
  const { state, round } = place
  const { memories, polkas } = state
  const options = memories.map((memory, i) => prevotesOf(setting, { memory, isHonest: i < setting.honest, round, polkas }))
  memories.forEach((memory, i) => {
    const framing = i < setting.honest ? options[i]?.find((word) => word !== null && isAmnesia(memory, word)) : undefined
    if (framing !== undefined) violate(walk, 'framed', place, `round ${round}: honest ${i} prevotes ${wordText(framing)}`)
  })
  const seen = new Set<number>()
  const chosen: (Word | null)[] = []
  const choose = (i: number): void => {
    if (i < options.length) {
      for (const word of options[i] ?? []) {
        chosen[i] = word
        choose(i + 1)
      }
      return
    }
    walk.transitions += 1
    const { fresh, nilPolka } = polkasOf(setting, chosen)
    const outcome = fresh * 2 + (nilPolka ? 1 : 0)
    if (seen.has(outcome)) return
    seen.add(outcome)
    const after = { ...state, polkas: polkas | (fresh << (round * setting.values)) }
    const key = `${canonicalKey(setting, after, fresh)} ${nilPolka && setting.rule.unlocksOnNil}`
    if (!into.has(key)) into.set(key, { place, state: after, fresh, nilPolka, words: chosen.slice() })
  }
  choose(0)
}

/** Values that have a polka by these votes with those of the loud, and whether nil has one. */
function polkasOf(setting: Setting, chosen: readonly (Word | null)[]): { fresh: number; nilPolka: boolean } {
  const { loud, values, rule } = setting
  const quorum = quorumOf(setting)
  const isSame = (a: Word, b: Word) => a.value === b.value && (!rule.countsByValidRound || a.validRound === b.validRound)
  let fresh = loud >= quorum ? (1 << values) - 1 : 0
  let nils = loud
  for (const word of chosen) {
    if (word === null) nils += 1
    else if (loud + chosen.filter((other) => other !== null && isSame(word, other)).length >= quorum) fresh |= 1 << word.value
  }
  return { fresh, nilPolka: nils >= quorum }
}

/** Every memory that a precommit of this round may leave, with its value; -1 is nil or silence. */
function precommitsOf(walk: Walk, { place, fresh, nilPolka }: Prevoted, i: number): (readonly [number, Memory])[] {
  const { setting } = walk
  const { rule, values, honest } = setting
  const memory = place.state.memories[i] as Memory
  const unlocked = { ...memory, lockedRound: -1, lockedValue: -1 }
  const found: (readonly [number, Memory])[] = [[-1, memory]]
  const isHonest = i < honest
  if (isHonest && memory.lockedRound !== -1 && (rule.forgetsOnRestart || (rule.unlocksOnNil && nilPolka)))
    found.push([-1, unlocked])
  for (let value = 0; value < values; value++) {
    if (isHonest && (fresh & (1 << value)) === 0) continue
    const after = afterPrecommit(memory, place.round, value)
    found.push([value, after])
    if (isHonest && rule.forgetsOnRestart) found.push([value, { ...after, lockedRound: -1, lockedValue: -1 }])
  }
  return found
}

function precommitAll(walk: Walk, prevoted: Prevoted, into: Map<string, Place>): void {
  const { setting } = walk
  const { place, state, words } = prevoted
  const quorum = quorumOf(setting)
  const options = state.memories.map((_, i) => precommitsOf(walk, prevoted, i))
  const counts = new Array<number>(setting.values).fill(setting.loud)
  const memories: Memory[] = []
  const values: number[] = []
  const choose = (i: number): void => {
    if (i < options.length) {
      for (const [value, memory] of options[i] ?? []) {
        memories[i] = memory
        values[i] = value
        if (value !== -1) counts[value] = (counts[value] as number) + 1
        choose(i + 1)
        if (value !== -1) counts[value] = (counts[value] as number) - 1
      }
      return
    }
    walk.transitions += 1
    let { decided } = state
    for (const [value, count] of counts.entries()) if (count >= quorum) decided |= 1 << value
    const after = { memories: memories.slice(), polkas: state.polkas, decided }
    const by = { words, values: values.slice() }
    if ((decided & (decided - 1)) !== 0) violate(walk, 'fork', place, actionText(by, place.round))
    const key = canonicalKey(setting, after, 0)
    if (!into.has(key)) into.set(key, { state: after, round: place.round + 1, from: place, by })
  }
  choose(0)
}

function actionText({ words, values }: Action, round: number): string {
  return `round ${round}: prevotes ${words.map(wordText).join(', ')}; precommits ${values.map(valueText).join(', ')}`
}

function valueText(value: number): string {
  return value === -1 ? 'nil' : String.fromCharCode(97 + value)
}

function wordText(word: Word | null): string {
  return word === null ? 'nil' : `${valueText(word.value)}(vr ${word.validRound})`
}
