// Owns: the heap of a node after a full collection, written to the file after `?` every quarter of a minute: loaded before the node with
// --import, with --expose-gc. Not here: what the heap of a soak means (load.ts).
import { renameSync, writeFileSync } from 'node:fs'

const PERIOD_MS = 15_000
const file = decodeURIComponent(new URL(import.meta.url).search.slice(1))

setInterval(() => {
  globalThis.gc?.()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  writeFileSync(`${file}.new`, JSON.stringify({ at: Date.now(), heapUsed, external, arrayBuffers }))
  renameSync(`${file}.new`, file)
}, PERIOD_MS).unref()
