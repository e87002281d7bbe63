// Owns: a wall clock that is wrong by as many ms as a file says, for one process: loaded before it with --import, the file named after
// `?`. Not here: what a node does about it.
import { readFileSync } from 'node:fs'
import { setInterval } from 'node:timers'

const file = decodeURIComponent(new URL(import.meta.url).search.slice(1))
const trueNow = Date.now
let skewMs = 0

function read(): void {
  try {
    const found = Number(readFileSync(file, 'utf8'))
    if (Number.isSafeInteger(found)) skewMs = found
  } catch {
    skewMs = 0
  }
}

read()
setInterval(read, 100).unref()
Date.now = () => trueNow() + skewMs
