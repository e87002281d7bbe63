// Owns: `node test/soak/points.ts --steps N [--seed S] [--life L]`: random lives of points in cities of `life` steps, with every
// invariant of every room after every step. Not here: what a life does (test/points-workload.ts).
import { parseArgs } from 'node:util'
import { createPointsLife } from '../points-workload.ts'

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    life: { type: 'string', default: '150' },
  },
})
const [steps, life, firstSeed] = [Number(values.steps), Number(values.life), Number(values.seed)]
const done = new Map<string, { ok: number; refused: number }>()
const codes = new Map<string, number>()
let count = 0
for (let seed = firstSeed; count < steps && process.exitCode === undefined; seed++) {
  const { city, step } = createPointsLife(seed)
  for (let at = 0; at < life && count < steps; at++, count++) {
    const { kind, outcome } = step()
    const name = kind.replace(/\d$/, '')
    const row = done.get(name) ?? { ok: 0, refused: 0 }
    const code = outcome?.failure?.code
    if (code === undefined) row.ok += 1
    else {
      row.refused += 1
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    done.set(name, row)
    const broken = city.broken()
    if (broken.length === 0) continue
    console.error(`seed ${seed}, step ${at} (${kind}): ${broken.join('; ')}`)
    process.exitCode = 1
    break
  }
}
console.log(
  JSON.stringify({ steps: count, seed: firstSeed, life, acts: Object.fromEntries(done), refusals: Object.fromEntries(codes) }),
)
