// Owns: words that may not stand where they stand: impurity, unfinished work, machine paths. Not here: sizes (budgets.ts).

import { isPure } from './floors.ts'
import { blankOpaque, isTest, isTypeScript, lineAt } from './source.ts'
import type { Tree, Violation } from './source.ts'

type Ban = readonly [pattern: RegExp, message: string]

const GLOBALS = 'process|console|Buffer|Intl|performance|globalThis|setTimeout|setInterval|setImmediate|queueMicrotask|fetch'

const IMPURE: readonly Ban[] = [
  [/\b(async|await)\b(?!\s*[:?])/g, 'the pure floors never wait'],
  [/\bPromise\b/g, 'the pure floors never wait'],
  [/\bDate\b(?!\s*[:?])/g, 'time comes in as an input'],
  [/\bMath\s*\.\s*random\b/g, 'randomness comes in as an input'],
  [new RegExp(`(?<![.\\w$])(${GLOBALS})\\b(?=\\s*[.([])`, 'g'), 'the pure floors know no machine'],
  [/\.\s*(localeCompare|toLocale\w+)\b/g, 'locales differ between machines'],
  [/(?<![\w.])\d[\d_]*\.\d|(?<![\w.$])\d[\d_]*e-?\d/g, 'integers only'],
  [/\b(parseFloat|Math\s*\.\s*(sqrt|pow|exp|log\w*|sin|cos|tan|cbrt|hypot|fround))\b/g, 'integers only'],
]

const MUTABLE: readonly Ban[] = [
  [/^(export\s+)?(let|var)\b/gm, 'no mutable state in a module of the pure floors'],
  [
    /^(export\s+)?const\s[^=\n]*=\s*(new (Map|Set|WeakMap|WeakSet)(<[^()\n]*>)?\(\s*\)|\[\s*\]|\{\s*\})\s*;?$/gm,
    'an empty collection at the top of a module is mutable state',
  ],
]

/** Checks the words that would make a pure floor depend on a clock, a machine, chance or history. */
export function checkPurity(tree: Tree): Violation[] {
  const violations: Violation[] = []
  for (const [file, text] of tree) {
    if (!isTypeScript(file) || !isPure(file)) continue
    const code = blankOpaque(text)
    for (const [rule, bans] of [
      ['impure', IMPURE],
      ['mutable-module', MUTABLE],
    ] as const) {
      for (const [pattern, message] of bans) {
        for (const match of code.matchAll(pattern)) {
          violations.push({ file, line: lineAt(code, match.index + 1), rule, message: `${match[0].trim()}: ${message}` })
        }
      }
    }
  }
  return violations
}

const ANYWHERE: readonly (readonly [rule: string, pattern: RegExp, message: string])[] = [
  ['unfinished', /\b(T[O]DO|F[I]XME)\b/g, 'open an issue instead'],
  ['registry-host', /\bregistry\.[a-z0-9-]+\.(?:org|com|net|io|dev|cn)\b(?!\()/g, 'no package registry is named here'],
]
const DOWNLOAD_ADDRESS = /"resolved":\s*"https?:[^"]*/g
const MACHINE_PATH = /(?<![\w.\-~}])\/(?:work|tmp|root)\/[\w.-]+/g
const NARROWED_TEST = /\b(?:it|test|describe|suite)\s*\.\s*(only|skip|skipIf|todo|fails)\b/g

function findAll(file: string, text: string, rule: string, pattern: RegExp, message: string): Violation[] {
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    line: lineAt(text, match.index + 1),
    rule,
    message: `${match[0].trim()}: ${message}`,
  }))
}

/** Checks words no file may hold, and tests that run less than they say. */
export function checkWords(tree: Tree): Violation[] {
  const violations: Violation[] = []
  for (const [file, text] of tree) {
    for (const [rule, pattern, message] of ANYWHERE) violations.push(...findAll(file, text, rule, pattern, message))
    if (file === 'package-lock.json') {
      const message = 'the lockfile holds no download addresses'
      violations.push(...findAll(file, text, 'registry-host', DOWNLOAD_ADDRESS, message))
    }
    if (!isTest(file)) {
      violations.push(...findAll(file, text, 'machine-path', MACHINE_PATH, 'a path of one machine'))
    }
    if (isTypeScript(file) && isTest(file)) {
      const message = 'every test runs, always'
      violations.push(...findAll(file, blankOpaque(text), 'narrowed-test', NARROWED_TEST, message))
    }
  }
  return violations
}
