// Owns: test/vectors/{ballot,transaction,block,vote,genesis,receipt}.json, written from the code. `--check` writes nothing and
// fails when a file is not what the code gives. A change of these files is a change of the protocol: read the diff, explain it.
// Not here: what is in them (scripts/vectors/build.ts).
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildVectors } from './vectors/build.ts'

const FOLDER = join(import.meta.dirname, '../test/vectors')

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const isCheck = process.argv.includes('--check')
const stale: string[] = []
for (const [name, vectors] of Object.entries(buildVectors())) {
  const path = join(FOLDER, name)
  const text = `${JSON.stringify(vectors, null, 1)}\n`
  if (readOrEmpty(path) === text) continue
  stale.push(name)
  if (!isCheck) writeFileSync(path, text)
}
if (isCheck && stale.length > 0) {
  console.error(
    `${stale.join(', ')} in test/vectors differ from what the code gives: run node scripts/gen-vectors.ts, read the diff`,
  )
  process.exitCode = 1
} else {
  console.log(isCheck ? 'vectors are current' : `${stale.length} vector files written`)
}
