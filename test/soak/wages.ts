// Owns: `npm run soak:wages -- --cases N [--seed S]`: the wage engine against its second implementation over N random contracts and
// months, with progress; exit code 1 at the first disagreement. Not here: either implementation, the cases (test/wage-*.ts).
import { parseArgs } from 'node:util'
import { judgeWageCase } from '../wage-judge.ts'

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
})
const [cases, first] = [Number(values.cases), Number(values.seed)]
const started = performance.now()
const met = new Map<string, number>()
let [done, engineMs] = [0, 0]
for (let seed = first; seed < first + cases; seed++) {
  const { engine, oracle, codes, engineMs: ms } = judgeWageCase(seed)
  if (engine !== oracle) {
    console.error(`seed ${seed}\n  engine ${engine}\n  oracle ${oracle}`)
    process.exitCode = 1
    break
  }
  done += 1
  engineMs += ms
  for (const code of codes) met.set(code, (met.get(code) ?? 0) + 1)
  if (done % 10_000 === 0) console.error(`${done} of ${cases} agree, ${Math.round((performance.now() - started) / 1_000)} s`)
}
const seconds = Math.round((performance.now() - started) / 100) / 10
const engineSeconds = Math.round(engineMs / 100) / 10
console.log(
  JSON.stringify({ cases: done, firstSeed: first, seconds, engineSeconds, casesWith: Object.fromEntries([...met].sort()) }),
)
