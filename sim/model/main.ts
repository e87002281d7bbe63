// Owns: the model check as a program: asks every question, prints states, time and verdict.
// Not here: the questions (properties.ts).
import { parseArgs } from 'node:util'
import { FULL, listQuestions, QUICK } from './properties.ts'
import type { Answer } from './properties.ts'

const USAGE = 'usage: node sim/model/main.ts [--quick] [--rounds 5] [--values 2] [--trace] [--json]'

const EXIT_VIOLATION = 1
const EXIT_USAGE = 2
/** Bits of a state's polkas: one per round and value. */
const BITS_MAX = 30

const print = (text: string): void => void process.stdout.write(`${text}\n`)

function rowOf(
  { property, validators, faulty, rounds, values, rule, states, transitions, verdict, passed }: Answer,
  ms: number,
): string {
  const size = `${validators} validators, ${faulty} faulty, rounds 0-${rounds - 1}, ${values} values`
  const effort = `${states} states, ${transitions} transitions, ${(ms / 1_000).toFixed(2)} s`
  return `${passed ? 'ok  ' : 'FAIL'} ${property}: ${verdict}  [${rule}; ${size}; ${effort}]`
}

function run(args: readonly string[]): number {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      values: { type: 'string' },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const base = flags.quick ? QUICK : FULL
  const bounds = { ...base, rounds: Number(flags.rounds ?? base.rounds), values: Number(flags.values ?? base.values) }
  const isWhole = [bounds.rounds, bounds.values].every((count) => Number.isInteger(count) && count >= 2)
  if (!isWhole || bounds.rounds * bounds.values > BITS_MAX) {
    process.stderr.write(`${USAGE}\nrounds and values are at least 2, their product at most ${BITS_MAX}\n`)
    return EXIT_USAGE
  }
  const answers: (Answer & { readonly ms: number })[] = []
  for (const { question, ask } of listQuestions(bounds)) {
    const begunMs = performance.now()
    const answer = ask()
    const ms = performance.now() - begunMs
    answers.push({ ...answer, ms: Math.round(ms) })
    if (flags.json) continue
    print(`${rowOf(answer, ms)}\n     ${question}`)
    if (flags.trace || !answer.passed) for (const step of answer.trace) print(`       ${step}`)
  }
  const failed = answers.filter(({ passed }) => !passed).length
  if (flags.json) print(JSON.stringify({ bounds, answers, failed }))
  else print(`${answers.length - failed} of ${answers.length} answers are as they must be`)
  return failed === 0 ? 0 : EXIT_VIOLATION
}

try {
  process.exitCode = run(process.argv.slice(2))
} catch (error) {
  // A flag that is not known.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`)
  process.exitCode = EXIT_USAGE
}
