// Owns: running the injected standstills and comparing the named cause with the injected one; the table of results.
// Not here: the cases (cases.ts), the diagnosis (node/diagnosis).
import { diagnose } from '../../node/diagnosis/diagnose.ts'
import { lookAround } from '../../node/diagnosis/look.ts'
import type { Diagnosis } from '../../rpc/node-api.ts'
import { STALL_CASES, startCase } from './cases.ts'
import type { StallCase } from './stall-case.ts'
import { createStallStage } from './stall-stage.ts'

/** What was injected, what the asked node said, and whether it was right in cause, names and state. */
export type StallResult = {
  readonly stall: StallCase
  readonly expected: readonly string[]
  readonly diagnosis: Diagnosis
  readonly isRight: boolean
}

const WARM_UP_MS = 6_000
const ASK_AFTER_MS = 25_000

/** Runs one case. */
export async function runStall(stall: StallCase, seed = 1): Promise<StallResult> {
  const stage = createStallStage(stall.n ?? 4, seed)
  startCase(stage, stall)
  await stage.run(WARM_UP_MS)
  await stall.inject(stage)
  await stage.run(stall.askAfterMs ?? ASK_AFTER_MS)
  const diagnosis = diagnose(lookAround(stage.nodeOf(stall.asked ?? 0)))
  const expected = stall.names.map((index) => `v${index + 1}`).sort()
  const named = [...diagnosis.validators].sort()
  const isRight =
    diagnosis.cause === stall.cause &&
    (stall.state ?? diagnosis.state) === diagnosis.state &&
    named.join(' ') === expected.join(' ')
  return { stall, expected, diagnosis, isRight }
}

/** Runs every case and tells each result; true when all were right. */
export async function runStalls(tell: (result: StallResult) => void, seed = 1): Promise<boolean> {
  let isRight = true
  for (const stall of STALL_CASES) {
    const result = await runStall(stall, seed)
    tell(result)
    isRight = isRight && result.isRight
  }
  return isRight
}

/** One line of the table. */
export function formatStall({ stall, expected, diagnosis, isRight }: StallResult): string {
  const told = `${diagnosis.cause} [${diagnosis.validators.join(' ')}] ${diagnosis.state}`
  const wanted = isRight ? '' : `, injected ${stall.cause} [${expected.join(' ')}] ${stall.state ?? ''}`
  return `${isRight ? 'right' : 'WRONG'}  ${stall.name.padEnd(50)}  ${told}${wanted}\n       ${diagnosis.sentence}`
}

/** The command: prints the table or one document; exit code 0 when every cause was named, else 1. */
export async function showStalls(isJson: boolean, print: (text: string) => void): Promise<number> {
  const results: StallResult[] = []
  const isRight = await runStalls((result) => {
    results.push(result)
    if (!isJson) print(formatStall(result))
  })
  const right = results.filter((result) => result.isRight).length
  if (!isJson) print(`${right} of ${results.length} standstills named`)
  else {
    const rows = results.map(({ stall, expected, diagnosis, isRight: ok }) => {
      return {
        name: stall.name,
        injected: { cause: stall.cause, validators: expected, state: stall.state },
        diagnosis,
        right: ok,
      }
    })
    print(JSON.stringify({ right, of: results.length, stalls: rows }))
  }
  return isRight ? 0 : 1
}
