// Owns: what the model check asks, within which bounds, and what the answer must be. Not here: printing it (main.ts).
import { explore } from './explore.ts'
import type { Violation } from './explore.ts'
import type { Setting } from './state.ts'
import { exploreInterleaved } from './interleaved.ts'
import { checkLiveness } from './liveness.ts'
import type { Knowledge } from './liveness.ts'
import { MUTANTS, PLAIN, STRICT } from './rules.ts'
import type { LockRule } from './rules.ts'
import { canonicalKey } from './symmetry.ts'

/** One question and its answer. `verdict` is the finding in a word, `passed` whether it is the one that must come. */
export type Answer = {
  readonly property: string
  readonly question: string
  readonly rule: string
  readonly validators: number
  readonly faulty: number
  readonly rounds: number
  readonly values: number
  readonly states: number
  readonly transitions: number
  readonly verdict: string
  readonly passed: boolean
  readonly trace: readonly string[]
}

/** How far to look; rounds are 0 to `rounds - 1`. */
export type Bounds = {
  readonly rounds: number
  readonly values: number
  readonly interleavedRounds: number
  /** Rounds for seven validators and for three values, 0 to leave them out. */
  readonly widerRounds: number
}

/** What runs with the tests. */
export const QUICK: Bounds = { rounds: 4, values: 2, interleavedRounds: 2, widerRounds: 2 }
/** What the documented figures are of: rounds 0 to 4. */
export const FULL: Bounds = { rounds: 5, values: 2, interleavedRounds: 3, widerRounds: 3 }

type Question = { readonly property: string; readonly question: string; readonly ask: () => Answer }

/** Every question in order; each is asked when its `ask` is called. */
export function listQuestions(bounds: Bounds): readonly Question[] {
  const { rounds, values, widerRounds } = bounds
  const reach = { rounds, values }
  const wider = { rounds: widerRounds, values }
  return [
    search('agreement', 'one faulty: no two values are decided', one(STRICT, reach), 'fork', false),
    search('soundness', 'one faulty: no honest key in an amnesia pair', one(STRICT, reach), 'framed', false),
    search(
      'soundness',
      'two faulty: no honest key in an amnesia pair, forks or not',
      cast(2, 0, 2, STRICT, reach),
      'framed',
      false,
    ),
    search('soundness', 'three faulty: no honest key in an amnesia pair', cast(1, 0, 3, STRICT, reach), 'framed', false),
    search('accountability', 'two faulty: no fork that names fewer than two', cast(2, 1, 1, STRICT, reach), 'fork', false),
    search('sight', 'two faulty, both may be named: a fork is found', cast(2, 0, 2, STRICT, reach), 'fork', true),
    search('sight', 'the rule of the paper: an honest key is framed', one(PLAIN, reach), 'framed', true),
    search('agreement', 'the rule of the paper, one faulty: no two values are decided', one(PLAIN, reach), 'fork', false),
    search('sight', 'polkas counted without their valid round: a fork names too few', cast(2, 1, 1, MIXED, reach), 'fork', true),
    ...MUTANTS.map((rule) => search('mutant', 'one faulty: two values are decided', one(rule, reach), 'fork', true)),
    liveness('liveness', 'from every state a correct proposer’s round decides', one(STRICT, reach), 'delivered'),
    liveness('sight', 'without the polkas of others a hidden lock stops some round', one(STRICT, reach), 'own lock only'),
    interleaved('one faulty: every order of single votes ends in the same results', one(STRICT, { rounds: 2, values })),
    interleaved('two faulty: the same', cast(2, 0, 2, STRICT, { rounds: bounds.interleavedRounds, values })),
    search('agreement', 'three values: no two are decided', one(STRICT, { rounds: widerRounds + 1, values: 3 }), 'fork', false),
    search(
      'accountability',
      'three values: no fork names fewer than two',
      cast(2, 1, 1, STRICT, { ...wider, values: 3 }),
      'fork',
      false,
    ),
    search('agreement', 'seven validators, two faulty: no two values are decided', cast(5, 0, 2, STRICT, wider), 'fork', false),
    search('accountability', 'seven, three faulty: no fork names fewer than three', cast(4, 1, 2, STRICT, wider), 'fork', false),
    search('accountability', 'seven, four faulty: no fork names fewer than three', cast(3, 2, 2, STRICT, wider), 'fork', false),
  ]
}

const MIXED: LockRule = { ...STRICT, name: 'valid rounds added up', countsByValidRound: false }

type Reach = { readonly rounds: number; readonly values: number }

function cast(honest: number, quiet: number, loud: number, rule: LockRule, reach: Reach): Setting {
  return { rule, honest, quiet, loud, ...reach }
}

function one(rule: LockRule, reach: Reach): Setting {
  return cast(3, 0, 1, rule, reach)
}

function about(property: string, question: string, setting: Setting) {
  const { honest, quiet, loud, rounds, values, rule } = setting
  const faulty = quiet + loud
  return { property, question, rule: rule.name, validators: honest + faulty, faulty, rounds, values, trace: [] }
}

function search(property: string, question: string, setting: Setting, kind: Violation['kind'], mustFind: boolean): Question {
  const ask = (): Answer => {
    const { states, transitions, violation } = explore(setting, [kind])
    const verdict = violation === null ? 'holds' : kind === 'fork' ? 'fork found' : 'framing found'
    const passed = (violation !== null) === mustFind
    return { ...about(property, question, setting), states, transitions, verdict, passed, trace: violation?.trace ?? [] }
  }
  return { property, question, ask }
}

function liveness(property: string, question: string, setting: Setting, knowledge: Knowledge): Question {
  const ask = (): Answer => {
    const { states, transitions, places } = explore(setting, [])
    const reached = places.flat().map(({ state }) => state)
    const { asked, stuck } = checkLiveness(setting, reached, knowledge)
    const verdict = stuck === 0 ? `all ${asked} decide` : `${stuck} of ${asked} can stop`
    return { ...about(property, question, setting), states, transitions, verdict, passed: stuck > 0 === (property === 'sight') }
  }
  return { property, question, ask }
}

function interleaved(question: string, setting: Setting): Question {
  const ask = (): Answer => {
    const { transitions, places } = explore(setting, [])
    const reduced = new Set((places.at(-1) ?? []).map(({ state }) => canonicalKey(setting, state, 0)))
    const { states, results } = exploreInterleaved(setting)
    const passed = reduced.size === results.size && [...reduced].every((key) => results.has(key))
    const verdict = passed ? `the same ${results.size} results` : `${results.size} results, reduced ${reduced.size}`
    return { ...about('reductions', question, setting), states, transitions, verdict, passed }
  }
  return { property: 'reductions', question, ask }
}
