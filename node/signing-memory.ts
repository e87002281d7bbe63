// Owns: the file that keeps a pause of signing beyond the end of the process. Not here: the pause itself (signing-switch.ts).
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { nodeFileSystem } from './storage/file-system.ts'
import type { SigningMemory, SigningMemoryStore } from './signing-switch.ts'

const MemorySchema = z.strictObject({
  version: z.literal(1),
  pause: z
    .strictObject({ reason: z.enum(['operator', 'twin']), text: z.string(), sinceMs: z.int(), height: z.int().min(0) })
    .nullable(),
  closedUpTo: z.int().min(0),
})

/** The file's name in a data directory. */
export const SIGNING_MEMORY_FILE = 'signing-pause.json'

/** What the file of a data directory says, null where there is none. One that cannot be read pauses: sure is sure. */
export function readSigningMemory(dataDir: string): SigningMemory | null {
  const path = join(dataDir, SIGNING_MEMORY_FILE)
  if (!existsSync(path)) return null
  try {
    const { pause, closedUpTo } = MemorySchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    return { pause, closedUpTo }
  } catch {
    const text = `${path} cannot be read, so it is not known whether signing was paused`
    return { pause: { reason: 'operator', text, sinceMs: 0, height: 0 }, closedUpTo: 0 }
  }
}

/** The file of a data directory; a write that fails is told and changes nothing in memory. */
export function createSigningMemory(dataDir: string, onFailed: (reason: string) => void): SigningMemoryStore {
  const path = join(dataDir, SIGNING_MEMORY_FILE)
  return {
    read: () => readSigningMemory(dataDir),
    write(memory) {
      try {
        const fd = openSync(`${path}.new`, 'w', 0o600)
        try {
          writeSync(fd, `${JSON.stringify({ version: 1, ...memory }, null, 2)}\n`)
          fsyncSync(fd)
        } finally {
          closeSync(fd)
        }
        renameSync(`${path}.new`, path)
        // The name is durable only with its directory: a pause must outlive a loss of power.
        nodeFileSystem.syncDirectorySync(dataDir)
      } catch (error) {
        onFailed(error instanceof Error ? error.message : String(error))
      }
    },
  }
}
